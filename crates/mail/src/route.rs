//! How a message gets to a domain without ever travelling in clear.
//!
//! * which servers, and how each proves that it is the one → [`route()`], which asks [`Zones`]
//! * the policy a domain publishes for its mail servers (MTA-STS) → [`StsPolicy`], and which one it is → [`sts_id`]
//! * whether a server is the one that DNSSEC vouches for (DANE) → [`DaneVerifier`]
//!
//! Not here: fetching and keeping policies, connections. DNS is [`crate::dns::ValidatedDns`].

mod choice;
mod dane;
mod mta_sts;
mod verification;

pub use choice::{Exchange, Found, Hop, Location, NoAnswer, NoRoute, Zones, route};
pub use dane::{DaneVerifier, Tlsa, UnusableTlsa};
pub use mta_sts::{InvalidStsPolicy, StsMode, StsPolicy, sts_id};
pub use verification::Verification;
