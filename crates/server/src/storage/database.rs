//! Opening the database and bringing it up to date.

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{SqlSafeStr, Sqlite, Transaction};
use std::borrow::Cow;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

/// Storage failed; the caller can do nothing about it but try again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// The database refused.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The database is newer than this program, or a migration failed.
    #[error("the database could not be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The file system refused.
    #[error("the data directory failed: {0}")]
    File(#[from] std::io::Error),
    /// A row holds what this program never writes.
    #[error("the database holds an invalid {0}")]
    Corrupt(&'static str),
}

/// Connections to the one database file.
///
/// SQLite has one writer at a time; one connection of its own queues writes in order instead of letting them collide.
#[derive(Debug, Clone)]
pub struct Database {
    pub(super) readers: SqlitePool,
    pub(super) writer: SqlitePool,
}

const READERS: u32 = 4;
const BUSY: Duration = Duration::from_secs(10);

impl Database {
    /// Opens `envelock.sqlite` in this directory, making and migrating it as needed.
    pub async fn open(data_dir: &Path) -> Result<Self, StorageError> {
        let file = data_dir.join("envelock.sqlite");
        // Made here for its owner only, whatever the directory allows; SQLite gives its log the same mode.
        OpenOptions::new().append(true).create(true).mode(0o600).open(&file)?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .journal_mode(SqliteJournalMode::Wal)
            // With NORMAL a power cut may lose commits that were acknowledged.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY)
            .foreign_keys(true)
            // What is deleted is overwritten.
            .pragma("secure_delete", "ON");
        let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        migrations().run(&writer).await?;
        let readers = SqlitePoolOptions::new().max_connections(READERS).connect_with(options).await?;
        Ok(Self { readers, writer })
    }

    /// A transaction that holds the write lock from its start.
    pub(super) async fn write(&self) -> Result<Transaction<'static, Sqlite>, StorageError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Waits for running statements and closes the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

fn migrations() -> Migrator {
    let sources = [
        (1, "accounts and envelopes", include_str!("../../migrations/0001_accounts_and_envelopes.sql")),
        (2, "ends and room", include_str!("../../migrations/0002_ends_and_room.sql")),
        (3, "keyrings", include_str!("../../migrations/0003_keyrings.sql")),
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
