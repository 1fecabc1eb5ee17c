//! Opening the database and bringing it up to date.

use super::failure::StorageError;
use super::group_commit::Waiting;
use super::location::DatabaseLocation;
use super::reserve::Reserve;
use sqlx::any::{AnyPoolOptions, AnyRow};
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{Any, AnyConnection, AnyPool, Connection, Row, SqlSafeStr, Transaction};
use std::borrow::Cow;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;
use zeroize::Zeroizing;

/// Connections to the one database: SQLite's file, or PostgreSQL.
///
/// Both run the same statements. SQLite has one writer at a time; one connection of its own queues writes in order
/// instead of letting them collide, and a transaction holds the file from its start. PostgreSQL has many: there a
/// transaction that decides by what it reads holds the rows first, the account's before the envelope's.
#[derive(Debug, Clone)]
pub struct Database {
    pub(super) readers: AnyPool,
    pub(super) writer: AnyPool,
    pub(super) dialect: Dialect,
    pub(super) reserve: Reserve,
    pub(super) waiting: Waiting,
}

/// What becomes of a database that an earlier version of this program left, or that is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EarlierVersion {
    /// It is made one of today.
    IsBroughtUpToDate,
    /// It is refused, and stays as it is.
    IsLeftAlone,
}

/// A transaction that may write.
pub(super) type Writing = Transaction<'static, Any>;

/// Where the two differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

const READERS: u32 = 4;

/// Connections of one process to PostgreSQL, which allows 100 in all unless told otherwise.
const POSTGRES_CONNECTIONS: u32 = 16;

/// Longest wait for a connection of the pool: of SQLite's, whose one writer others may hold, and of a server that starts beside its database …
const TURN: Duration = Duration::from_secs(10);

/// … and for one to PostgreSQL of a server that runs. It is tried again and again until then, so that a restart of the database is a wait;
/// while it is away everybody waits that long before they are told.
const POSTGRES_TURN: Duration = Duration::from_secs(5);

/// Each connection to SQLite: what waits, waits ten seconds at most; with `NORMAL` a power cut could lose commits that
/// were acknowledged; what is deleted is overwritten.
const SQLITE: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
                      PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON";

/// Each connection to PostgreSQL: an acknowledged commit is on its disk whatever the database's own setting …
const POSTGRES_DURABLE: &str = "SET synchronous_commit = on";

/// … and nothing waits for ever.
const POSTGRES: &str = "SET lock_timeout = '10s'; SET statement_timeout = '30s';
                        SET idle_in_transaction_session_timeout = '60s'; SET synchronous_commit = on";

impl Database {
    /// Opens the database, making and migrating it as needed; SQLite's is `envelock.sqlite` in this directory.
    pub async fn open(data_dir: &Path, location: &DatabaseLocation) -> Result<Self, StorageError> {
        Self::open_if(data_dir, location, EarlierVersion::IsBroughtUpToDate).await
    }

    /// The same; whether one that is not of today is changed or refused is for the caller to say.
    pub(crate) async fn open_if(
        data_dir: &Path,
        location: &DatabaseLocation,
        earlier: EarlierVersion,
    ) -> Result<Self, StorageError> {
        sqlx::any::install_default_drivers();
        let makes = earlier == EarlierVersion::IsBroughtUpToDate;
        let (dialect, url) = match location {
            DatabaseLocation::DataDirectory => {
                let file = data_dir.join("envelock.sqlite");
                // Made here for its owner only, whatever the directory allows; SQLite gives its log the same mode.
                let access = match OpenOptions::new().append(true).create(makes).mode(0o600).open(&file) {
                    Err(error) if error.kind() == ErrorKind::NotFound => return Err(StorageError::EarlierVersion),
                    // Whoever only looks, or copies it, can.
                    Err(error) if !makes && error.kind() == ErrorKind::ReadOnlyFilesystem => read_only(&file),
                    opened => opened.map(|_| "mode=rw")?,
                };
                (Dialect::Sqlite, Zeroizing::new(sqlite_url(&file, access)?))
            }
            DatabaseLocation::Postgres(url) => (Dialect::Postgres, Zeroizing::new(url.text().to_owned())),
        };
        // A migration, and the wait for that of another process, takes as long as it takes.
        let (migrating, set_up) = match dialect {
            Dialect::Sqlite => (SQLITE, SQLITE),
            Dialect::Postgres => (POSTGRES_DURABLE, POSTGRES),
        };
        let connect = async |connections: u32, turn: Duration, set_up: &'static str| {
            AnyPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(turn)
                // What SQLite ended by itself, for want of room, sqlx goes on to take for a transaction: nothing could begin.
                .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
                .after_connect(move |connection, _| {
                    Box::pin(async move { sqlx::raw_sql(set_up).execute(connection).await.map(drop) })
                })
                .connect(&url)
                .await
        };
        let migrator = match connect(1, TURN, migrating).await {
            // Nobody else uses this one: it was tried, and failed, for all that time.
            Err(sqlx::Error::PoolTimedOut) => return Err(why_not(&url).await),
            connected => connected?,
        };
        let done = match earlier {
            EarlierVersion::IsBroughtUpToDate => migrations(dialect).run(&migrator).await.map_err(StorageError::from),
            EarlierVersion::IsLeftAlone => must_be_of_today(&migrator, dialect).await,
        };
        migrator.close().await;
        done?;
        let (writer, readers) = match dialect {
            Dialect::Sqlite => (connect(1, TURN, set_up).await?, connect(READERS, TURN, set_up).await?),
            Dialect::Postgres => {
                let pool = connect(POSTGRES_CONNECTIONS, POSTGRES_TURN, set_up).await?;
                (pool.clone(), pool)
            }
        };
        Ok(Self { readers, writer, dialect, reserve: Reserve::of(data_dir, location), waiting: Waiting::default() })
    }

    /// Whether it answers.
    pub(crate) async fn answers(&self) -> Result<(), StorageError> {
        sqlx::query("SELECT 1 FROM instance").fetch_optional(&self.readers).await?;
        Ok(())
    }

    /// A transaction that may write. On SQLite it holds the write lock from its start.
    pub(super) async fn write(&self) -> Result<Writing, StorageError> {
        let begin = match self.dialect {
            Dialect::Sqlite => "BEGIN IMMEDIATE",
            Dialect::Postgres => "BEGIN ISOLATION LEVEL READ COMMITTED",
        };
        Ok(self.writer.begin_with(begin).await?)
    }

    /// Nobody else changes what this account keeps until the transaction ends.
    pub(super) async fn hold_account(&self, transaction: &mut Writing, account: i64) -> Result<(), StorageError> {
        if self.dialect == Dialect::Postgres {
            sqlx::query("SELECT 1 FROM accounts WHERE id = $1 FOR UPDATE")
                .bind(account)
                .fetch_optional(&mut **transaction)
                .await?;
        }
        Ok(())
    }

    /// Nobody else changes this envelope, or leases it, until the transaction ends.
    pub(super) async fn hold_envelope(&self, transaction: &mut Writing, id: &[u8; 16]) -> Result<(), StorageError> {
        if self.dialect == Dialect::Postgres {
            sqlx::query("SELECT 1 FROM envelopes WHERE id = $1 FOR UPDATE")
                .bind(id.as_slice())
                .fetch_optional(&mut **transaction)
                .await?;
        }
        Ok(())
    }

    /// Waits for running statements and closes the connections.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Why no connection could be made, which is tried once more for that.
async fn why_not(url: &str) -> StorageError {
    match tokio::time::timeout(TURN, AnyConnection::connect(url)).await {
        Ok(Err(cause)) => cause.into(),
        Ok(Ok(_)) => StorageError::NoConnection,
        Err(_) => StorageError::Unreachable(sqlx::Error::Io(ErrorKind::TimedOut.into())),
    }
}

/// A column of counts, which this program keeps between 0 and `u32::MAX`.
pub(super) fn count(row: &AnyRow, column: &'static str) -> Result<u32, StorageError> {
    row.try_get::<i64, _>(column)?.try_into().map_err(|_| StorageError::Corrupt(column))
}

/// A column of octets of one length.
pub(super) fn octets<const N: usize>(row: &AnyRow, column: &'static str) -> Result<[u8; N], StorageError> {
    row.try_get::<Vec<u8>, _>(column)?.try_into().map_err(|_| StorageError::Corrupt(column))
}

/// The path may have any octet but those that a URL gives a meaning to.
fn sqlite_url(file: &Path, access: &str) -> Result<String, StorageError> {
    let path = file.to_str().ok_or_else(|| std::io::Error::other("the path of the data directory is not UTF-8"))?;
    Ok(format!("sqlite:{}?{access}", percent_encoding::utf8_percent_encode(path, percent_encoding::NON_ALPHANUMERIC)))
}

/// Of a disk that takes no writes. The latest is in the log, if there is one; where there is none SQLite must not want to make one.
fn read_only(file: &Path) -> &'static str {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    if Path::new(&log).exists() { "mode=ro" } else { "mode=ro&immutable=1" }
}

/// Nothing is left for a migration to do.
async fn must_be_of_today(pool: &AnyPool, dialect: Dialect) -> Result<(), StorageError> {
    let table = match dialect {
        Dialect::Sqlite => "SELECT count(*) FROM sqlite_master WHERE name = '_sqlx_migrations'",
        Dialect::Postgres => "SELECT count(*) FROM pg_class WHERE oid = to_regclass('_sqlx_migrations')",
    };
    if sqlx::query(table).fetch_one(pool).await?.try_get::<i64, _>(0)? == 0 {
        return Err(StorageError::EarlierVersion);
    }
    let rows = sqlx::query("SELECT version FROM _sqlx_migrations ORDER BY version").fetch_all(pool).await?;
    let done: Vec<i64> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    let known: Vec<i64> = migrations(dialect).iter().map(|migration| migration.version).collect();
    if let Some(later) = done.iter().find(|version| !known.contains(version)) {
        return Err(MigrateError::VersionMissing(*later).into());
    }
    if known.iter().all(|version| done.contains(version)) { Ok(()) } else { Err(StorageError::EarlierVersion) }
}

/// The same versions on both; what an older version of this program left exists only in SQLite.
fn migrations(dialect: Dialect) -> Migrator {
    macro_rules! migration {
        ($name:literal) => {
            match dialect {
                Dialect::Sqlite => include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
                Dialect::Postgres => include_str!(concat!("../../migrations/postgres/", $name, ".sql")),
            }
        };
    }
    let sources = [
        (1, "accounts and envelopes", migration!("0001_accounts_and_envelopes")),
        (2, "ends and room", migration!("0002_ends_and_room")),
        (3, "keyrings", migration!("0003_keyrings")),
        (4, "both databases", migration!("0004_both_databases")),
        (5, "attempts", migration!("0005_attempts")),
        (6, "devices", migration!("0006_devices")),
        (7, "logins", migration!("0007_logins")),
        (8, "login days", migration!("0008_login_days")),
        (9, "factors", migration!("0009_factors")),
        (10, "invitations", migration!("0010_invitations")),
        (11, "keystore backups", migration!("0011_keystore_backups")),
        (12, "app tokens", migration!("0012_app_tokens")),
        (13, "drafts", migration!("0013_drafts")),
        (14, "sessions and logins", migration!("0014_sessions_and_logins")),
        (16, "unfinished logins", migration!("0016_unfinished_logins")),
        (17, "lapsed leases", migration!("0017_lapsed_leases")),
        (19, "mailbox", migration!("0019_mailbox")),
        (20, "outgoing", migration!("0020_outgoing")),
        (21, "mailbox certificates", migration!("0021_mailbox_certificates")),
        (22, "opened is not locked", migration!("0022_opened_is_not_locked")),
        (23, "tls sessions", migration!("0023_tls_sessions")),
        (24, "sent mail", migration!("0024_sent_mail")),
        (25, "cleared mail", migration!("0025_cleared_mail")),
    ];
    Migrator::with_migrations(
        sources
            .into_iter()
            .map(|(version, description, sql)| {
                Migration::new(version, Cow::Borrowed(description), MigrationType::Simple, sql.into_sql_str(), false)
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use std::path::Path;

    /// One had a file and was made nowhere.
    #[test]
    fn every_migration_that_has_a_file_is_made() {
        for (dialect, folder) in [(Dialect::Sqlite, "sqlite"), (Dialect::Postgres, "postgres")] {
            let made: Vec<String> = migrations(dialect)
                .iter()
                .map(|one| format!("{:04}_{}.sql", one.version, one.description.replace(' ', "_")))
                .collect();
            let files =
                std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder)).unwrap();
            let mut files: Vec<String> =
                files.map(|file| file.unwrap().file_name().to_str().unwrap().to_owned()).collect();
            files.sort();
            assert_eq!(made, files);
        }
    }

    /// It was called busy.
    #[tokio::test]
    async fn a_database_that_refuses_connections_cannot_be_reached() {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        for url in
            [format!("postgres://envelock@127.0.0.1:{port}/x"), "postgres://envelock@%2Fnot%2Fthere/x".to_owned()]
        {
            let refused = Database::open(Path::new("/"), &DatabaseLocation::Postgres(url.parse().unwrap())).await;
            let said = refused.unwrap_err().to_string();
            assert!(said.starts_with("the database cannot be reached: "), "{said}");
        }
    }
}
