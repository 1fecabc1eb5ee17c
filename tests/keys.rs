//! Keys through the core's public API: import and export, generation, locking, and what a certificate is worth when.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "keys/addresses.rs"]
mod addresses;
#[path = "keys/certified.rs"]
mod certified;
#[path = "keys/copies.rs"]
mod copies;
#[path = "keys/discovery.rs"]
mod discovery;
#[path = "keys/edit_bench.rs"]
mod edit_bench;
#[path = "keys/edit_certifications.rs"]
mod edit_certifications;
#[path = "keys/edit_expiration.rs"]
mod edit_expiration;
#[path = "keys/edit_revocations.rs"]
mod edit_revocations;
#[path = "keys/edit_subkeys.rs"]
mod edit_subkeys;
#[path = "keys/edit_user_ids.rs"]
mod edit_user_ids;
#[path = "keys/forge.rs"]
mod forge;
#[path = "keys/generation.rs"]
mod generation;
#[path = "keys/import.rs"]
mod import;
#[path = "keys/joined.rs"]
mod joined;
#[path = "keys/locking.rs"]
mod locking;
#[path = "keys/looked_at.rs"]
mod looked_at;
#[path = "keys/room.rs"]
mod room;
#[path = "keys/semantics.rs"]
mod semantics;
