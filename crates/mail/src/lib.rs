//! Mail in and out, as the server sends and receives it.
//!
//! * a client brings mail → [`receive`]
//! * a message to a server → [`deliver`]
//! * how a message gets to a domain → [`route`]
//! * its signature, and what a domain publishes → [`sign`]
//! * how TLS with other servers fared, as they are told → [`tls_report`]
//! * what the server writes on top of a message → [`trace`]
//! * what a message is worth → [`validation`]
//! * what a list shows of a message → [`summary`]
//!
//! Not here: HTTP, SQL, files, OpenPGP.
#![forbid(unsafe_code)]

mod canonical;
pub mod deliver;
pub mod dns;
pub mod receive;
pub mod route;
pub mod sign;
pub mod summary;
pub mod tls_report;
pub mod trace;
pub mod validation;
