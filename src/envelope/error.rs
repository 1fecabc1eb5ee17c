//! Why an envelope was not opened.

use crate::message::{DecryptError, Place};

/// Why an envelope was not opened. Nothing of its content is returned with any of these.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// It could not be decrypted, or is not well formed.
    #[error(transparent)]
    Decrypt(#[from] DecryptError),
    /// Its parameters or its salt are not the profile's: somebody may want a cheap guess at the password.
    #[error("the envelope does not follow its profile: {what}")]
    ProfileMismatch {
        /// Which parameter differs.
        what: &'static str,
    },
    /// It was decrypted, but what is inside is no envelope's content.
    #[error("the envelope's content is malformed: {what}")]
    BadContent {
        /// The rule that is broken.
        what: &'static str,
    },
}

impl OpenError {
    /// Every code of this error's own variants; `Decrypt` passes on the codes of [`DecryptError`].
    pub const CODES: &'static [&'static str] = &["profile-mismatch", "bad-content"];

    /// Stable kebab-case name for other languages.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Decrypt(source) => source.code(),
            Self::ProfileMismatch { .. } => "profile-mismatch",
            Self::BadContent { .. } => "bad-content",
        }
    }

    /// Where the envelope is malformed, if it is and in one place.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Decrypt(source) => source.place(),
            _ => None,
        }
    }
}

impl From<envelock_seipd::Error> for OpenError {
    fn from(error: envelock_seipd::Error) -> Self {
        match error {
            envelock_seipd::Error::ProfileMismatch(what) => Self::ProfileMismatch { what },
            other => Self::Decrypt(other.into()),
        }
    }
}

impl From<envelock_mime::ParseError> for OpenError {
    fn from(error: envelock_mime::ParseError) -> Self {
        match error {
            envelock_mime::ParseError::Malformed(what) | envelock_mime::ParseError::TooLarge(what) => {
                Self::BadContent { what }
            }
            _ => Self::BadContent { what: "unreadable MIME" },
        }
    }
}
