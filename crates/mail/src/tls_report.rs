//! Reports on TLS between mail servers (TLSRPT, RFC 8460): what domains are told of how sessions with their servers fared.
//!
//! * where a domain wants to be told → [`report_addresses`]
//! * sessions of a day → [`Report`], a message
//! * a message from somebody else → [`read_report`]
//!
//! Not here: counting, keeping and sending.

mod address;
mod read;
mod report;

pub use address::report_addresses;
pub use mail_auth::report::tlsrpt::{FailureDetails, Policy, PolicyType, TlsReport};
pub use read::{LARGEST_REPORT, UnreadableReport, read_report};
pub use report::{PolicyKind, Report, Sessions, TlsFault};
