//! Delivers mail: the client's half of SMTP, without sockets.
//!
//! * a message and who it is for → [`Delivery`], a state machine: octets in, what is to be done out
//! * octets of a message → [`Content`], if they can travel as they are
//!
//! Without TLS nothing is told but our name: no sender, no recipient, no octet of a message. Not here: sockets, which server to ask and
//! whether its certificate is good ([`crate::route`]), when to try again.

mod content;
mod delivery;
mod reply;

pub use content::{BareLineEnd, Content};
pub use delivery::{Delivery, Event, Failure, Job, Login, Outcome};
pub use reply::Reply;
