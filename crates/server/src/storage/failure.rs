//! How storage fails, and what of it an operator can mend while the server runs.

use super::writers::Lapse;
use std::error::Error;
use std::io::{self, ErrorKind};

/// Storage failed; the caller can do nothing about it but try again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// The database refused.
    #[error("the database failed: {0}")]
    Database(sqlx::Error),
    /// The database is newer than this program, or a migration failed.
    #[error("the database could not be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The database is one of an earlier version, or new, and only a start of the server changes that.
    #[error(
        "the database is of an earlier version, or new: start the server once, which brings it up to date (make a backup with the earlier version before)"
    )]
    EarlierVersion,
    /// The file system refused.
    #[error("the data directory failed: {0}")]
    File(io::Error),
    /// The bucket does not answer, or refuses. It is asked anew with every request.
    #[error("the bucket failed: {0}")]
    Bucket(#[from] BucketFailure),
    /// The bucket answers, and this object is not in it, or it is not there itself.
    #[error("the bucket has no object {0} (was it emptied, or does a lifecycle rule remove what lies there?)")]
    NoObject(String),
    /// The disk of the data directory or of the database takes nothing more. It is tried anew with every request.
    #[error("the disk is full or read-only (make room or mount it for writing, the server needs no restart): {0}")]
    Unwritable(Box<dyn Error + Send + Sync>),
    /// Others are in the way in the database, and stay so for longer than anybody waits; or two waited for each other, and this
    /// one was given up; or what was asked takes the database longer than that. Nothing was changed.
    #[error("the database is busy: {0}")]
    Busy(sqlx::Error),
    /// Nobody answers where the database should be. Nothing was changed.
    #[error("the database cannot be reached: {0}")]
    Unreachable(sqlx::Error),
    /// For as long as anybody waits there was none: others have them all, or the database cannot be reached, which is tried until then. Nothing
    /// was changed.
    #[error("no connection to the database could be had: it is busy, or cannot be reached")]
    NoConnection,
    /// Nothing failed: who was to write may not any more. It is found out in the transaction that writes, and nowhere before.
    #[error("whoever writes may not any more")]
    Lapsed(Lapse),
    /// Files that no row names are removed; those of another database are not.
    #[error(
        "the data directory or bucket belongs to another database: give the server the database it had (--database-url-file), or an empty directory or bucket; `backup` and `restore` move from one to the other"
    )]
    OtherDatabase,
    /// A new one would fit no password there is.
    #[error(
        "the file login-secret is missing, without which no password fits: copy it from another machine of this server, or put it back from a backup of the data directory; if it is lost, `envelock-server user renew-secret` closes all accounts until each is given a password"
    )]
    NoLoginSecret,
    /// No password there is would fit.
    #[error(
        "the file login-secret is not the one that this database's passwords were made with, so that none would fit: copy the right one from another machine of this server, or put it back from a backup of the data directory; if this is the right one, and the database took another for its own, `envelock-server user trust-secret`; if it is lost, `envelock-server user renew-secret` closes all accounts until each is given a password"
    )]
    OtherLoginSecret,
    /// Records that are made with what this process has would fit nothing after its next start.
    #[error(
        "the file login-secret was made anew or replaced while this process ran, which has the old one: restart the server; until then nobody logs in here and no password is set"
    )]
    ReplacedLoginSecret,
    /// A record that was made with it may fit no other there is, and what it seals for an app would prove it.
    #[error(
        "nothing proves yet that the file login-secret is the one that this database's passwords were made with, so no password is set, and no app: the first login that succeeds proves it, or say that it is: `envelock-server user trust-secret`"
    )]
    UnprovenLoginSecret,
    /// Half of a backup is here, and it would look like a server without accounts.
    #[error(
        "a restore into this data directory was not finished: empty the directory (and the database, and the bucket or prefix, if they were new) and restore once more; the backup is as it was"
    )]
    UnfinishedRestore,
    /// A row or a small file holds what this program never writes.
    #[error("the data holds an invalid {0}")]
    Corrupt(&'static str),
}

/// What the bucket did, in words without keys.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BucketFailure(pub(super) String);

impl StorageError {
    /// Whether a file or an object is not there.
    pub(crate) fn is_missing(&self) -> bool {
        match self {
            Self::File(error) => error.kind() == ErrorKind::NotFound,
            Self::NoObject(_) => true,
            _ => false,
        }
    }

    /// Whether what was to be stored may have been: the answer was lost, or the disk failed in the middle of it.
    pub(crate) fn leaves_unsure(&self) -> bool {
        match self {
            Self::Database(_) => true,
            Self::Unwritable(cause) => {
                cause.downcast_ref::<sqlx::Error>().is_some_and(|cause| sqlite_code(cause) == Some(SQLITE_IOERR))
            }
            _ => false,
        }
    }
}

impl From<io::Error> for StorageError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::ReadOnlyFilesystem => {
                Self::Unwritable(error.into())
            }
            _ => Self::File(error),
        }
    }
}

/// A machine that refuses or is not there, or a socket that is not, or not for this user.
const NO_ANSWER: [ErrorKind; 6] = [
    ErrorKind::ConnectionRefused,
    ErrorKind::HostUnreachable,
    ErrorKind::NetworkUnreachable,
    ErrorKind::AddrNotAvailable,
    ErrorKind::NotFound,
    ErrorKind::PermissionDenied,
];

const SQLITE_BUSY: u32 = 5;
const SQLITE_READONLY: u32 = 8;
const SQLITE_IOERR: u32 = 10;
const SQLITE_FULL: u32 = 13;
const SQLITE_CANTOPEN: u32 = 14;

/// PostgreSQL's `disk_full`, `io_error` and `read_only_sql_transaction`.
const POSTGRES: [&str; 3] = ["53100", "58030", "25006"];

/// PostgreSQL's `lock_not_available`, `deadlock_detected`, `serialization_failure`, and `query_canceled`, which is what it says of a
/// statement that takes too long.
const POSTGRES_BUSY: [&str; 4] = ["55P03", "40P01", "40001", "57014"];

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut => return Self::NoConnection,
            // So fails connecting, and nothing that was connected.
            sqlx::Error::Io(cause) if NO_ANSWER.contains(&cause.kind()) => return Self::Unreachable(error),
            _ => {}
        }
        let of_postgres = error.as_database_error().and_then(|error| error.code());
        let is_one_of = |codes: &[&str]| of_postgres.as_ref().is_some_and(|code| codes.contains(&&**code));
        let (is_busy, is_unwritable) = match sqlite_code(&error) {
            Some(code) => {
                (code == SQLITE_BUSY, [SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN].contains(&code))
            }
            None => (is_one_of(&POSTGRES_BUSY), is_one_of(&POSTGRES)),
        };
        match (is_busy, is_unwritable) {
            (true, _) => Self::Busy(error),
            (_, true) => Self::Unwritable(error.into()),
            _ => Self::Database(error),
        }
    }
}

/// SQLite's code without what it adds to it. PostgreSQL's codes have five characters, SQLite's fewer digits.
fn sqlite_code(error: &sqlx::Error) -> Option<u32> {
    let code = error.as_database_error()?.code()?;
    if code.len() == 5 { None } else { code.parse::<u32>().ok().map(|code| code & 0xff) }
}
