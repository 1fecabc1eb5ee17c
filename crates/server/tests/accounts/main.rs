//! Accounts: logging in and what that is a right to, what is kept of an account, the operator's commands, and the server's network.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod backup;
mod confirmation;
mod csrf;
mod drafts;
mod factors;
mod factors_kept;
mod headers;
mod history;
mod keyring;
mod keystore_backup;
mod lapsed;
mod login;
mod login_secret;
mod network;
mod openapi;
mod options;
mod passkeys;
mod password;
mod pending;
mod registration;
mod requests;
mod restore;
mod secret_renewed;
mod session;
mod sessions;
#[path = "../../../mail/tests/signed_zone/mod.rs"]
mod signed_zone;
mod status;
#[path = "../testbed/mod.rs"]
mod testbed;
mod tokens;
mod tokens_kept;
mod users;
mod write_limits;
