//! What a message is worth: SPF, DKIM and DMARC, and how loudly to warn.
//!
//! * a message that arrived → [`check()`]
//! * what was found out, as it is stored and shown → [`Evidence`]
//! * how loudly to warn of it → [`grade()`]
//! * who it says that it is from → [`author()`]
//! * whether its domain could be taken for one of ours → [`looks_like_ours()`]
//!
//! Apart from OpenPGP: this is what the server says about domains, which says nothing about persons.

mod check;
mod evidence;
mod grade;
mod header;
mod likeness;
mod spf;

pub use check::check;
pub use evidence::{CheckResult, Dkim, Dmarc, DmarcPolicy, Evidence, Oddity, Spf, SpfIdentity, Weakness};
pub use grade::{Alarm, Grade, Reason, grade};
pub use header::author;
pub use likeness::looks_like_ours;
