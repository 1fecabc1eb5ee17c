//! Revisions of what a device writes only over the one it has read, so that of two that write at once one has to read again: nothing
//! that one of them added is lost. A revision is random and belongs to one write, also across removal: an old one never fits again.
//!
//! Not here: what has them (`keyring`, `keystore_backup`, `draft`), which one a request is about (`request::precondition`).

use crate::envelope::Refusal;
use crate::storage::StorageError;
use axum::http::header;
use envelock_wire::Revision;

/// What a writer has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Nothing: this is the first.
    Nothing,
    /// This revision.
    Revision(Revision),
}

impl Seen {
    pub(crate) fn version(&self) -> Option<&[u8; 16]> {
        match self {
            Seen::Nothing => None,
            Seen::Revision(revision) => Some(revision.as_octets()),
        }
    }
}

/// What a write did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Of what is stored now.
    pub version: Revision,
    /// Whether there was none before.
    pub created: bool,
}

/// Why an operation on a keyring, or on a keystore's code, was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringRefusal {
    /// It is not what the caller expected: another device was faster.
    #[error("changed")]
    Changed,
    /// As with everything that is stored.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl From<StorageError> for KeyringRefusal {
    fn from(cause: StorageError) -> Self {
        Refusal::from(cause).into()
    }
}

impl From<std::io::Error> for KeyringRefusal {
    fn from(error: std::io::Error) -> Self {
        StorageError::from(error).into()
    }
}

/// A strong entity tag (RFC 9110 §8.8.3).
pub(crate) fn etag(version: Revision) -> [(header::HeaderName, String); 1] {
    [(header::ETAG, format!("\"{version}\""))]
}
