//! What the holder of a link says and sees.

use crate::octets::{LeaseId, Salt, Token};
use crate::text::Hint;
use crate::timestamp::Timestamp;
use crate::validity::Profile;
use serde::{Deserialize, Serialize};

/// Who sent an envelope, as the server knows it: a claim until the signature is checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Sender {
    /// Mail address of the account.
    pub address: String,
    /// Display name of the account.
    pub name: String,
}

/// Answer of `GET /api/v1/d/{id}`: all that a link holder learns before the password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// Version of the fixed parameters.
    pub profile: Profile,
    /// The Argon2 salt.
    pub salt: Salt,
    /// Whether the link must carry a secret.
    pub link_secret: bool,
    /// Who sent it, as the server knows it.
    pub sender: Sender,
    /// When it was sealed.
    pub created: Timestamp,
    /// When it ends by itself.
    pub expires: Timestamp,
    /// Octets of ciphertext.
    pub size: u64,
    /// Password hint, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Hint>,
    /// Wrong tokens left; 0 is locked.
    pub tries_left: u32,
    /// Openings left, leased ones not counted as used; `null` is without limit.
    pub openings_left: Option<u32>,
}

/// Body of `POST /api/v1/d/{id}/open`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenEnvelope {
    /// Derived from password and link secret.
    pub token: Token,
    /// A lease already held, to download again under the same opening.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<LeaseId>,
}

/// Body of `POST /api/v1/d/{id}/confirm`: the ciphertext arrived and opened.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfirmOpening {
    /// Derived from password and link secret.
    pub token: Token,
    /// The lease that came with the ciphertext.
    pub lease: LeaseId,
}

/// Answer of a confirmed opening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OpeningConfirmed {
    /// Openings left; 0 means the ciphertext is gone, `null` is without limit.
    pub openings_left: Option<u32>,
}
