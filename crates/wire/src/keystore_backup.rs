//! The code of an account's keystore, sealed by its clients under what the account's password gives them.

use crate::octets::Revision;
use crate::validity::InvalidValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// Most octets of a sealed code: a client's format has 55.
const SEALED_BYTES: usize = 512;

/// 1 to 512 octets of ciphertext, in base64url without padding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(value_type = String, min_length = 2, max_length = 683, pattern = "^[A-Za-z0-9_-]{2,683}$")
)]
#[serde(try_from = "String", into = "String")]
pub struct SealedCode(Vec<u8>);

impl SealedCode {
    /// From the octets themselves.
    pub fn from_octets(octets: Vec<u8>) -> Self {
        Self(octets)
    }

    /// The octets themselves.
    pub fn as_octets(&self) -> &[u8] {
        &self.0
    }
}

impl TryFrom<String> for SealedCode {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        let invalid =
            InvalidValue::TooLong { what: "a sealed code", allowed: SEALED_BYTES, unit: "octets of base64url" };
        // Checked first, so that a huge text costs nothing.
        if text.is_empty() || text.len() > (SEALED_BYTES * 8).div_ceil(6) {
            return Err(invalid);
        }
        URL_SAFE_NO_PAD.decode(text).map(Self).map_err(|_| invalid)
    }
}

impl From<SealedCode> for String {
    fn from(code: SealedCode) -> String {
        URL_SAFE_NO_PAD.encode(code.0)
    }
}

/// Answer of `GET` and body of `PUT /api/v1/account/keystore-backup`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeystoreBackup {
    /// The code, sealed.
    pub sealed: SealedCode,
}

/// Answer of `GET /api/v1/account/keystore-backup/version`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct KeystoreBackupVersion {
    /// Of the code that is stored, the `ETag` without its quotes; `null` if none is.
    pub version: Option<Revision>,
}

/// The same code under the next password, in a [`ChangePassword`](crate::ChangePassword).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResealedBackup {
    /// The code, sealed anew.
    pub sealed: SealedCode,
    /// The version it was made from: the `ETag` without its quotes.
    pub replaces: Revision,
}
