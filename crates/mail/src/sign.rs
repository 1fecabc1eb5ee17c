//! Signs outgoing messages (DKIM, RFC 6376) with Ed25519 (RFC 8463), and with RSA beside it for those who know no other.
//!
//! * new keys, as they are kept → [`generate()`]
//! * keys that were kept → [`SigningKeys`]
//! * what a domain has to publish, so that its mail is believed and others send to it under TLS → [`Publication`]
//!
//! Not here: files, which domain a writer may sign for.

mod keys;
mod publication;

pub use keys::{KeyFailure, SigningKeys, Unsignable, generate};
pub use publication::{Publication, Record};
