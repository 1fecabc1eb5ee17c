//! Keys through the core's public API: import and export, generation, locking, and what a certificate is worth when.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "keys/forge.rs"]
mod forge;
#[path = "keys/generation.rs"]
mod generation;
#[path = "keys/import.rs"]
mod import;
#[path = "keys/locking.rs"]
mod locking;
#[path = "keys/semantics.rs"]
mod semantics;
