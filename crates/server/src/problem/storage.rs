//! What storage failed at: the cause goes to the log, and to the caller what they can do about it.

use super::Problem;
use crate::storage::{Lapse, StorageError};
use envelock_wire::ErrorCode;
use std::time::Duration;

/// How soon it is worth to try a disk again that could not be written.
const DISK: Duration = Duration::from_secs(59);

impl From<StorageError> for Problem {
    fn from(cause: StorageError) -> Self {
        match cause {
            StorageError::Bucket(_) => {
                tracing::error!(%cause, "a request failed");
                let message =
                    "The server cannot reach where it stores envelopes. Nothing was changed; try again later.";
                Self { retry_after: Some(DISK), ..Self::new(ErrorCode::Unavailable, message) }
            }
            StorageError::Unwritable(_) if cause.leaves_unsure() => {
                Self { retry_after: Some(DISK), ..Self::unsure(&cause) }
            }
            StorageError::Unwritable(_) => {
                tracing::error!(%cause, "a request failed");
                let message = "The server's disk is full or cannot be written. Nothing was stored; try again later, and tell whoever runs the server.";
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
            StorageError::NoConnection => {
                tracing::warn!(%cause, "a request failed");
                Self::busy(
                    "The server has too much to do, or cannot reach its database. Nothing was changed; try again in a few seconds.",
                )
            }
            StorageError::Unreachable(_) => {
                tracing::error!(%cause, "a request failed");
                Self::busy("The server cannot reach its database. Nothing was changed; try again in a few seconds.")
            }
            cause if cause.leaves_unsure() => Self::unsure(&cause),
            cause => Self::internal(&cause),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use axum::response::IntoResponse;
    use sqlx::error::DatabaseError;
    use std::borrow::Cow;
    use std::error::Error;
    use std::fmt;
    use std::io::ErrorKind;

    /// What a database says, which no test can have one of them say at will.
    #[derive(Debug)]
    struct Said(&'static str);

    impl fmt::Display for Said {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Said {}

    impl DatabaseError for Said {
        fn message(&self) -> &str {
            self.0
        }

        fn code(&self) -> Option<Cow<'_, str>> {
            Some(self.0.into())
        }

        fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
            self
        }

        fn kind(&self) -> sqlx::error::ErrorKind {
            sqlx::error::ErrorKind::Other
        }
    }

    fn answer(error: sqlx::Error) -> (u16, bool) {
        let response = Problem::from(StorageError::from(error)).into_response();
        (response.status().as_u16(), response.headers().contains_key("retry-after"))
    }

    /// Whoever came when there was much to do was told of a fault of the server, and not to come again.
    #[test]
    fn a_database_that_is_busy_or_away_is_worth_asking_again() {
        assert_eq!(answer(sqlx::Error::PoolTimedOut), (503, true));
        // The last one is SQLITE_BUSY_SNAPSHOT.
        for code in ["55P03", "40P01", "40001", "57014", "5", "517"] {
            assert_eq!(answer(sqlx::Error::Database(Box::new(Said(code)))), (503, true), "{code}");
        }
        for kind in [ErrorKind::ConnectionRefused, ErrorKind::NotFound] {
            assert_eq!(answer(sqlx::Error::Io(kind.into())), (503, true), "{kind}");
        }
        for code in ["23505", "42P01", "1"] {
            assert_eq!(answer(sqlx::Error::Database(Box::new(Said(code)))), (500, false), "{code}");
        }
    }

    /// Whoever was told that nothing was changed found out by the second try that it was.
    #[tokio::test]
    async fn what_may_have_been_done_is_not_told_as_nothing() {
        for (cause, is_unsure) in [
            (sqlx::Error::Io(ErrorKind::ConnectionReset.into()), true),
            // SQLITE_IOERR_FSYNC and SQLITE_FULL.
            (sqlx::Error::Database(Box::new(Said("1034"))), true),
            (sqlx::Error::Database(Box::new(Said("13"))), false),
            (sqlx::Error::PoolTimedOut, false),
            (sqlx::Error::Io(ErrorKind::ConnectionRefused.into()), false),
        ] {
            let response = Problem::from(StorageError::from(cause)).into_response();
            let body = axum::body::to_bytes(response.into_body(), 1000).await.unwrap();
            let said = String::from_utf8_lossy(&body);
            assert_eq!(
                (said.contains("outcome-unknown"), said.contains("is not known"), said.contains("Nothing was")),
                (is_unsure, is_unsure, !is_unsure),
                "{said}"
            );
        }
    }
}
