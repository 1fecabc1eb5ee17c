//! How often something may be tried, and how many may be under way at a time: by account, session, program, envelope and network.
//!
//! Not here: where it is counted (`request`, `api`), connections (`connection`), how often an envelope's password may be wrong
//! (`envelope`).

mod login_limits;
mod peer;
mod rate;
mod uploads;
mod writes;

pub(crate) use login_limits::LoginLimits;
pub(crate) use peer::Peer;
pub(crate) use rate::{RateLimit, SharedCounts};
pub(crate) use uploads::Uploads;
pub(crate) use writes::WriteLimits;
