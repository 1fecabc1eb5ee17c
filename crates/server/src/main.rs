//! The Envelock server.
fn main() {}
