//! What a server says about itself.

use crate::registration::Registration;
use serde::{Deserialize, Serialize};

/// Answer of `GET /api/v1/server`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServerInfo {
    /// Name of the program.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Whether it was started with a demo account.
    pub demo: bool,
    /// Whether it looks certificates up for those who are logged in.
    pub lookup: bool,
    /// Who may make an account.
    pub registration: Registration,
    /// The domains of which an address has to be that somebody registers with; none: of any, by invitation.
    pub registration_domains: Vec<String>,
    /// The domains whose mail it takes, for accounts with such an address, other scripts as A-labels; none: it takes no mail.
    pub mail_domains: Vec<String>,
    /// Whether it can encrypt that mail to owners who give a certificate.
    pub seals_mail: bool,
    /// What it accepts.
    pub limits: Limits,
}

/// What a server accepts, so that a client can say no before it seals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Largest ciphertext of an envelope, in octets.
    pub envelope_bytes: u64,
    /// Largest ciphertext of a reply, in octets.
    pub reply_bytes: u64,
    /// Largest keyring that the devices of an account exchange, in octets.
    pub keyring_bytes: u64,
    /// Largest ciphertext of a draft, in octets.
    pub draft_bytes: u64,
    /// Drafts of one account.
    pub drafts: u32,
    /// Longest hint, in characters.
    pub hint_chars: u32,
    /// Longest note, in octets.
    pub note_bytes: u32,
    /// Replies per envelope.
    pub replies: u32,
    /// Shortest life time.
    pub min_expiry_seconds: u32,
    /// Longest life time.
    pub max_expiry_seconds: u32,
    /// Life time if none is given.
    pub default_expiry_seconds: u32,
    /// Largest countable number of openings.
    pub max_openings: u32,
}
