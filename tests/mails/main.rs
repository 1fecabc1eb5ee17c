//! Mails as callers use them: round trips, foreign structures, attacks, Autocrypt.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod autocrypt;
mod cast;
mod foreign;
mod hostile;
mod protected;
mod round_trip;
