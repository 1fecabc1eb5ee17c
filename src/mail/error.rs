//! What can go wrong with a mail as a whole. What goes wrong with one part stands at that part.

use crate::{
    error::KeyError,
    message::{DecryptError, EncryptError, Place, SignError},
};

/// Why a mail was not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ComposeError {
    /// An address is none that every mail program takes: `local@domain`, the local part in ASCII, without quotes or comments. A domain
    /// in another script is written as A-labels.
    #[error("a mail address in {field} cannot be written: what stands before the @ is not plain ASCII")]
    BadAddress {
        /// The header field.
        field: &'static str,
    },
    /// A header field has a value it cannot hold.
    #[error("the header field {field} cannot be written")]
    BadHeader {
        /// The header field.
        field: &'static str,
    },
    /// An Autocrypt header or gossip that every reader would ignore.
    #[error("Autocrypt: {reason}")]
    BadAutocrypt {
        /// Why.
        reason: &'static str,
    },
    /// Signing failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// Encrypting, or signing while encrypting, failed.
    #[error(transparent)]
    Encrypt(#[from] EncryptError),
    /// A secret key that is to be sent could not be unlocked.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl ComposeError {
    /// Every code of this error's own variants; the others pass on those of their source.
    pub const CODES: &'static [&'static str] = &["bad-address", "bad-header", "bad-autocrypt"];

    /// Stable kebab-case name for other languages.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadAddress { .. } => "bad-address",
            Self::BadHeader { .. } => "bad-header",
            Self::BadAutocrypt { .. } => "bad-autocrypt",
            Self::Sign(source) => source.code(),
            Self::Encrypt(source) => source.code(),
            Self::Key(source) => source.code(),
        }
    }
}

/// Why a mail could not be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MailError {
    /// Not a mail, or not what was asked for.
    #[error("not a well-formed mail: {what}")]
    Malformed {
        /// The rule that is broken.
        what: &'static str,
    },
    /// More octets, parts, layers or encrypted parts than the limits allow.
    #[error("the mail is larger than allowed: {what}")]
    TooLarge {
        /// What was counted.
        what: &'static str,
    },
    /// A Setup Message that does not open.
    #[error(transparent)]
    Decrypt(#[from] DecryptError),
    /// The secret key in a Setup Message is not sound.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The caller's progress function asked to stop.
    #[error("cancelled")]
    Cancelled,
}

impl MailError {
    /// Every code of this error's own variants; the others pass on those of their source.
    pub const CODES: &'static [&'static str] = &["malformed", "too-large", "cancelled"];

    /// Stable kebab-case name for other languages.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "malformed",
            Self::TooLarge { .. } => "too-large",
            Self::Decrypt(source) => source.code(),
            Self::Key(source) => source.code(),
            Self::Cancelled => "cancelled",
        }
    }

    /// Where a message or key in the mail is malformed, if it is and in one place.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Decrypt(source) => source.place(),
            Self::Key(source) => source.place(),
            _ => None,
        }
    }
}

impl From<envelock_mime::ParseError> for MailError {
    fn from(error: envelock_mime::ParseError) -> Self {
        match error {
            envelock_mime::ParseError::TooLarge(what) => Self::TooLarge { what },
            envelock_mime::ParseError::Malformed(what) => Self::Malformed { what },
            _ => Self::Malformed { what: "its MIME structure" },
        }
    }
}

impl From<envelock_seipd::Error> for ComposeError {
    fn from(error: envelock_seipd::Error) -> Self {
        Self::Encrypt(error.into())
    }
}

impl From<envelock_seipd::Error> for MailError {
    fn from(error: envelock_seipd::Error) -> Self {
        match error {
            envelock_seipd::Error::Cancelled => Self::Cancelled,
            other => Self::Decrypt(other.into()),
        }
    }
}
