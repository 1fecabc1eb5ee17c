//! How a message gets to a domain without ever travelling in clear.
//!
//! * the policy a domain publishes for its mail servers (MTA-STS) → [`StsPolicy`]
//! * whether a server is the one that DNSSEC vouches for (DANE) → [`DaneVerifier`]
//!
//! Not here: asking DNS, fetching policies, connections.

mod dane;
mod mta_sts;

pub use dane::{DaneVerifier, Tlsa, UnusableTlsa};
pub use mta_sts::{InvalidStsPolicy, StsMode, StsPolicy};
