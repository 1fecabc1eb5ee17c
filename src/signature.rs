//! What signatures are over, and who computes them: Rust, or an engine that does it better (RFC 9580 §5.2.4).
//!
//! Not here: what signatures say (`message`, `secret_key`) and when they count (`certificate`); data that passes by (`message`).

pub(crate) mod digest;
pub(crate) mod platform;
