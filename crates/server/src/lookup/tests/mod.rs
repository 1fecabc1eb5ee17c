//! Lookups over real sockets and real TLS, each trick a stranger may try as a test of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod finding;
mod refusing;
mod routing;
mod world;
