//! What a certificate or component is worth at a moment.

use std::fmt;

use pgp::{packet::RevocationCode, types::Timestamp};

use crate::error::KeyError;

/// Why its owner revoked a key (RFC 9580 §5.2.3.31).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RevocationReason {
    /// No reason given: treated as the worst one.
    Unspecified,
    /// Another key took its place.
    Superseded,
    /// Others may know the secret part.
    Compromised,
    /// No longer used.
    Retired,
    /// A user ID is no longer right.
    UserIdInvalid,
    /// A reason this program does not know: treated as the worst one.
    Other(u8),
}

impl RevocationReason {
    /// Hard reasons void every signature of the key, whenever made; soft ones only end its use.
    pub fn is_hard(self) -> bool {
        !matches!(self, Self::Superseded | Self::Retired | Self::UserIdInvalid)
    }

    /// The stable, machine-readable name of this reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unspecified => "no-reason",
            Self::Superseded => "superseded",
            Self::Compromised => "compromised",
            Self::Retired => "retired",
            Self::UserIdInvalid => "user-id-invalid",
            Self::Other(_) => "other",
        }
    }

    /// The reason with this [`code`](Self::code), if a key may be revoked with it: `no-reason`, `superseded`, `compromised` or
    /// `retired`.
    pub fn from_code(code: &str) -> Result<Self, KeyError> {
        [Self::Unspecified, Self::Superseded, Self::Compromised, Self::Retired]
            .into_iter()
            .find(|reason| reason.code() == code)
            .ok_or(KeyError::BadOptions { reason: "no such reason for a revocation" })
    }

    pub(crate) fn from_wire(code: Option<RevocationCode>) -> Self {
        match code {
            None | Some(RevocationCode::NoReason) => Self::Unspecified,
            Some(RevocationCode::KeySuperseded) => Self::Superseded,
            Some(RevocationCode::KeyCompromised) => Self::Compromised,
            Some(RevocationCode::KeyRetired) => Self::Retired,
            Some(RevocationCode::CertUserIdInvalid) => Self::UserIdInvalid,
            Some(other) => Self::Other(other.into()),
        }
    }

    /// The octet on the wire.
    pub(crate) fn to_wire(self) -> RevocationCode {
        match self {
            Self::Unspecified => RevocationCode::NoReason,
            Self::Superseded => RevocationCode::KeySuperseded,
            Self::Compromised => RevocationCode::KeyCompromised,
            Self::Retired => RevocationCode::KeyRetired,
            Self::UserIdInvalid => RevocationCode::CertUserIdInvalid,
            Self::Other(code) => RevocationCode::from(code),
        }
    }
}

/// What a certificate or component key is worth at the reference time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// Bound, alive, and by accepted algorithms.
    Valid,
    /// Its validity had ended.
    Expired {
        /// The last moment it was valid, exclusive.
        at: Timestamp,
    },
    /// Its owner revoked it.
    Revoked {
        /// Hard revocations void all signatures, whenever made.
        hard: bool,
        /// When the revocation was made.
        at: Timestamp,
        /// The owner's reason.
        reason: RevocationReason,
    },
    /// No acceptable signature holds it at that time, or its algorithm is not accepted.
    Invalid {
        /// What is missing, in English, for logs and advanced users.
        reason: &'static str,
    },
}

impl Status {
    /// Whether the status is [`Status::Valid`].
    pub fn is_valid(&self) -> bool {
        matches!(self, Self::Valid)
    }

    /// What is missing, if it is [`Status::Invalid`]; for logs and advanced users.
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Invalid { reason } => Some(reason),
            _ => None,
        }
    }

    /// `valid`, `expired`, `revoked` or `invalid`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expired { .. } => "expired",
            Self::Revoked { .. } => "revoked",
            Self::Invalid { .. } => "invalid",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { reason } => write!(f, "invalid: {reason}"),
            other => f.write_str(other.code()),
        }
    }
}
