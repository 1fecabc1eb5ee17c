//! Envelopes: their life, and what faults, kills and races do to it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod bad_input;
mod bucket;
mod bucket_answers;
mod bucket_faults;
mod crash;
mod disk;
mod kills;
mod leases;
mod life_cycle;
mod lost_answers;
mod migration;
mod processes;
mod purge;
mod races;
mod replies;
#[path = "../testbed/mod.rs"]
mod testbed;
mod unknown;
