//! Messages and envelopes as callers use them: round trips, signatures, hostile input, and blobs that must open for ever.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod apart;
mod cast;
mod elsewhere;
mod envelope;
mod generated_elsewhere;
mod hostile;
mod moments;
mod parsed_for_use;
mod passed_on;
mod pinned;
mod round_trip;
mod session_keys;
mod signatures;
mod signed_elsewhere;
mod slices;
mod statements;
mod stream;
mod thief;
