//! Mail: what comes in, what goes out, and what is kept of both.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod arrival;
mod bucket;
mod kept;
mod kills;
mod limits;
mod lmtp;
mod outgoing;
mod policy;
mod sealing;
mod sent;
#[path = "../../../mail/tests/signed_zone/mod.rs"]
mod signed_zone;
mod smtp_server;
#[path = "../testbed/mod.rs"]
mod testbed;
mod tls_reports;
mod validation;
mod webhook;
mod world;
#[path = "../../../mail/tests/testbed/mod.rs"]
mod zone;
