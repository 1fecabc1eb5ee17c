//! What storage failed at: the cause goes to the log, and to the caller what they can do about it.

use super::Problem;
use crate::storage::{Lapse, StorageError};
use envelock_wire::ErrorCode;
use std::time::Duration;

/// How soon it is worth to try a disk again that could not be written.
const DISK: Duration = Duration::from_secs(59);

impl From<StorageError> for Problem {
    fn from(cause: StorageError) -> Self {
        let unsure = "The server's disk or database failed, and it is not known whether this was done: look before you try again, and tell whoever runs the server.";
        match cause {
            StorageError::Bucket(_) => {
                tracing::error!(%cause, "a request failed");
                let message =
                    "The server cannot reach where it stores envelopes. Nothing was changed; try again later.";
                Self { retry_after: Some(DISK), ..Self::new(ErrorCode::Unavailable, message) }
            }
            StorageError::Unwritable(_) => {
                tracing::error!(%cause, "a request failed");
                let full = "The server's disk is full or cannot be written. Nothing was stored; try again later, and tell whoever runs the server.";
                let message = if cause.leaves_unsure() { unsure } else { full };
                Self { retry_after: Some(DISK), ..Self::new(ErrorCode::Unavailable, message) }
            }
            StorageError::UnprovenLoginSecret => {
                tracing::error!(%cause, "a request failed");
                let message =
                    "This server takes no new passwords and apps yet. Try again later, and tell whoever runs it.";
                Self::new(ErrorCode::Unavailable, message)
            }
            StorageError::ReplacedLoginSecret | StorageError::OtherLoginSecret => {
                tracing::error!(%cause, "a request failed");
                let message = "Nobody can log in at this server until it is restarted. Try again later, and tell whoever runs it.";
                Self::new(ErrorCode::Unavailable, message)
            }
            StorageError::Lapsed(Lapse::Session) => Self::login_required(),
            StorageError::Lapsed(Lapse::Confirmation) => Self::confirmation_required(),
            StorageError::Lapsed(Lapse::Program) => Self::invalid_token(),
            StorageError::Busy(_) => {
                tracing::warn!(%cause, "a request failed");
                Self::busy("The server has too much to do. Nothing was changed; try again in a few seconds.")
            }
            cause if cause.leaves_unsure() => Self { message: unsure.into(), ..Self::internal(&cause) },
            cause => Self::internal(&cause),
        }
    }
}
