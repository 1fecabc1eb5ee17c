//! A copy of everything, made beside a running server; put back into a new place, SQLite's or PostgreSQL's, a disk or a bucket; and
//! a look whether rows and files belong together.
//!
//! A backup is a directory: `rows/envelock.sqlite`, whatever database the server has, `ciphertext/` with the files, whether they are
//! in a bucket or not, and `login-secret`, without which no password fits; `rows/login-secret-hash` is what the rows know it by; `dkim-keys.pem`, if mail is signed. Rows
//! are those of one moment, but for those whose file was gone when it was to be copied: what ended meanwhile, or was replaced (a new
//! revision, mail that was encrypted). Each of these is copied once more, and its file with it.
//!
//! What was handed out when it was made can be confirmed in its new place, as long as its lease holds, and is counted when that lapses.
//! What was withdrawn, opened or locked after a backup was made is not known in it. So whatever could be opened is locked when it
//! is put back, until its sender unlocks it, and app tokens, of which some may have been revoked, are not put back: nothing comes
//! back to life by itself.

mod found;

pub use found::{Found, examine};

use crate::data_directory::{RESTORING, open_storage};
use crate::login_secret::KeptSecret;
use crate::settings::Settings;
use crate::storage::{
    BlobName, Blobs, Database, DatabaseLocation, EarlierVersion, StorageError, copy_signing_keys, hash_of,
    kept_login_secret, note_known_login_secret, noted_login_secret, place_login_secret,
};
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

const ROWS: &str = "rows";
const CIPHERTEXT: &str = "ciphertext";
const DATABASE: &str = "envelock.sqlite";

/// Times that a row is copied at most: between it and its file there is hardly time to replace it.
const TIMES: u32 = 1000;

/// Why there is no backup, or nothing was put back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// Nothing is written over.
    #[error("{0} is there already: name a directory that is not")]
    Exists(PathBuf),
    /// Another backup to the same place is under way, or was ended before it was whole.
    #[error("{0} is there already: another backup to this place is running, or one was interrupted; then remove it")]
    Unfinished(PathBuf),
    /// Not what a backup looks like.
    #[error("{0} is no backup: it has no rows/envelock.sqlite")]
    NoBackup(PathBuf),
    /// A backup is put back into a new place only.
    #[error(
        "there are accounts or files already, or a login-secret of another database: name a data directory (and a database, and a bucket or prefix) that are new"
    )]
    NotEmpty,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The backup's own directory failed.
    #[error("the backup failed: {0}")]
    File(#[from] io::Error),
}

/// What was copied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Copied {
    /// Files of ciphertext.
    pub files: u64,
    /// Files that rows name and that are not there.
    pub missing: u64,
    /// Files that are not as long as their rows say.
    pub damaged: u64,
    /// Envelopes that were locked.
    pub locked: u64,
    /// App tokens that were left out.
    pub tokens: u64,
}

/// Copies everything into a new directory, while the server may be running.
///
/// # Errors
/// See [`BackupError`]; then there is no such directory.
pub async fn backup(settings: &Settings, to: &Path) -> Result<Copied, BackupError> {
    if to.exists() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let (database, blobs) = open_storage(settings, EarlierVersion::IsLeftAlone).await?;
    let secret = match KeptSecret::of(&database, &settings.data_dir).await {
        Ok(secret) => secret,
        Err(refused) => {
            database.close().await;
            return Err(refused.into());
        }
    };
    let mut partial = to.as_os_str().to_owned();
    partial.push(".part");
    let partial = PathBuf::from(partial);
    let copied = match make_directory(&partial) {
        Ok(()) => {
            let copied = copy_out(&database, &blobs, &secret, settings, &partial).await;
            if copied.is_err() {
                let _ = std::fs::remove_dir_all(&partial);
            }
            copied
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(BackupError::Unfinished(partial.clone())),
        Err(error) => Err(error.into()),
    };
    database.close().await;
    let copied = copied?;
    std::fs::rename(&partial, to)?;
    if let Some(parent) = to.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        std::fs::File::open(parent)?.sync_all()?;
    }
    Ok(copied)
}

async fn copy_out(
    database: &Database,
    blobs: &Blobs,
    secret: &KeptSecret,
    settings: &Settings,
    to: &Path,
) -> Result<Copied, BackupError> {
    let copied = copy_rows_and_files(database, secret, to, async |name, to| blobs.copy_out(name, to).await).await?;
    if let KeptSecret::Own(secret) | KeptSecret::Unproven(secret) = secret {
        place_login_secret(to, secret)?;
    }
    copy_signing_keys(&settings.data_dir, to)?;
    for directory in [&to.join(ROWS), &to.join(CIPHERTEXT), to] {
        std::fs::File::open(directory)?.sync_all()?;
    }
    Ok(copied)
}

/// Rows of one moment and their files; where one was gone by then, what its row has become since.
async fn copy_rows_and_files(
    database: &Database,
    secret: &KeptSecret,
    to: &Path,
    copy_out: impl AsyncFn(BlobName, &Path) -> Result<bool, StorageError>,
) -> Result<Copied, BackupError> {
    let (rows, files) = (to.join(ROWS), to.join(CIPHERTEXT));
    make_directory(&files)?;
    make_directory(&rows)?;
    let copy = Database::open(&rows, &DatabaseLocation::DataDirectory).await?;
    let copied = async {
        database.copy_rows(&copy).await?;
        match secret {
            KeptSecret::Own(secret) => note_known_login_secret(&rows, secret)?,
            // Somebody has started the server, and chosen a password, since.
            KeptSecret::None if copy.has_login_records().await? => return Err(StorageError::NoLoginSecret.into()),
            KeptSecret::Unproven(_) | KeptSecret::None => {}
        }
        let (mut copied, mut gone) = copy_files(&copy, &files, &copy_out).await?;
        for _ in 0..TIMES {
            let mut newer = Vec::new();
            for (name, _) in std::mem::take(&mut gone) {
                // The row of a file that is lost names it still.
                let (lost, others): (Vec<_>, Vec<_>) =
                    database.renew_rows(&copy, name).await?.into_iter().partition(|(now, _)| *now == name);
                copied.missing += lost.len() as u64;
                newer.extend(others);
            }
            for (name, size) in newer {
                if !copied.copy(name, size, &files, &copy_out).await? {
                    gone.push((name, size));
                }
            }
            if gone.is_empty() {
                break;
            }
        }
        copied.missing += gone.len() as u64;
        Ok::<_, BackupError>(copied)
    }
    .await;
    copy.close().await;
    copied
}

/// Puts a backup into a data directory and a database that are new, and ends. With `as_is` nothing is locked or left out: for a server that
/// moved, whose old place took nothing more after the backup.
///
/// # Errors
/// See [`BackupError`]; then there are no accounts in the new place.
pub async fn restore(settings: &Settings, from: &Path, as_is: bool) -> Result<Copied, BackupError> {
    let kept = from.join(ROWS).join(DATABASE);
    if !kept.is_file() {
        return Err(BackupError::NoBackup(from.to_owned()));
    }
    let (database, blobs) = open_storage(settings, EarlierVersion::IsBroughtUpToDate).await?;
    let restored = restore_into(&database, &blobs, settings, from, &kept, as_is).await;
    database.close().await;
    restored
}

async fn restore_into(
    database: &Database,
    blobs: &Blobs,
    settings: &Settings,
    from: &Path,
    kept: &Path,
    as_is: bool,
) -> Result<Copied, BackupError> {
    if !database.is_empty().await? || !blobs.are_none().await? {
        return Err(BackupError::NotEmpty);
    }
    // An older version's rows are brought up to date in a copy: the backup stays as it is.
    let work = settings.data_dir.join(RESTORING);
    make_directory(&work)?;
    let restored = async {
        std::fs::copy(kept, work.join(DATABASE))?;
        let rows = Database::open(&work, &DatabaseLocation::DataDirectory).await?;
        let restored = async {
            let (locked, tokens) = match as_is {
                true => (0, 0),
                false => (rows.lock_envelopes().await?, rows.remove_all_app_tokens().await?),
            };
            take_login_secret(&rows, from, database, &settings.data_dir).await?;
            copy_signing_keys(from, &settings.data_dir)?;
            // Files first, rows second, as ever.
            let files = from.join(CIPHERTEXT);
            let (copied, gone) = copy_files(&rows, &files, async |name, file| blobs.copy_in(name, file).await).await?;
            rows.copy_rows(database).await?;
            Ok(Copied { locked, tokens, missing: gone.len() as u64, ..copied })
        }
        .await;
        rows.close().await;
        restored
    }
    .await;
    let removed = std::fs::remove_dir_all(&work);
    // What failed first is what is told.
    restored.and_then(|restored| Ok(removed.map(|()| restored)?))
}

/// The secret of a backup goes where its rows go, and is known there if it was known before. Backups of versions that had
/// passwords have none, and need none. One that is there goes if it is that of the database, which is empty: nothing was made with
/// it. Another one may be the only copy of what some database needs.
async fn take_login_secret(
    rows: &Database,
    from: &Path,
    database: &Database,
    data_dir: &Path,
) -> Result<(), BackupError> {
    let noted = noted_login_secret(&from.join(ROWS))?;
    let (secret, is_own) = match KeptSecret::known_by(noted, rows, from).await? {
        KeptSecret::None => return Ok(()),
        KeptSecret::Own(secret) => (secret, true),
        KeptSecret::Unproven(secret) => (secret, false),
    };
    if let Some(there) = kept_login_secret(data_dir)? {
        let there = hash_of(&there)?;
        if there != hash_of(&secret)? && database.known_login_secret().await? != Some(there) {
            return Err(BackupError::NotEmpty);
        }
    }
    place_login_secret(data_dir, &secret)?;
    Ok(database.set_login_secret(is_own.then_some(&secret)).await?)
}

/// Copies every file that a row names from or into the backup's folder `files`, and has each on the disk. Those that are not there come
/// back.
async fn copy_files(
    rows: &Database,
    files: &Path,
    copy: impl AsyncFn(BlobName, &Path) -> Result<bool, StorageError>,
) -> Result<(Copied, Vec<(BlobName, u64)>), BackupError> {
    let mut named = Vec::new();
    rows.named_files(|name, size| named.push((name, size))).await?;
    let (mut copied, mut gone) = (Copied::default(), Vec::new());
    for (name, size) in named {
        if !copied.copy(name, size, files, &copy).await? {
            gone.push((name, size));
        }
    }
    Ok((copied, gone))
}

impl Copied {
    /// One more, if it is there.
    async fn copy(
        &mut self,
        name: BlobName,
        size: u64,
        files: &Path,
        copy: impl AsyncFn(BlobName, &Path) -> Result<bool, StorageError>,
    ) -> Result<bool, BackupError> {
        let file = files.join(name.to_string());
        let is_there = copy(name, &file).await?;
        if is_there {
            self.files += 1;
            self.damaged += u64::from(std::fs::metadata(&file)?.len() != size);
        }
        Ok(is_there)
    }
}

fn make_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use sqlx::AnyPool;
    use std::cell::Cell;
    use tempfile::TempDir;

    const ACCOUNT: &str = "INSERT INTO accounts (id, address, name, created, address_key) VALUES (1, 'a@b.example', 'A', 0, 'a@b.example')";

    struct Bed {
        data: TempDir,
        to: TempDir,
        database: Database,
        server: AnyPool,
    }

    impl Bed {
        async fn with(row: &'static str) -> Bed {
            let (data, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let database = Database::open(data.path(), &DatabaseLocation::DataDirectory).await.unwrap();
            let server = AnyPool::connect(&format!("sqlite:{}", data.path().join(DATABASE).display())).await.unwrap();
            for row in [ACCOUNT, row] {
                sqlx::query(row).execute(&server).await.unwrap();
            }
            Bed { data, to, database, server }
        }

        async fn copy(&self, copy_out: impl AsyncFn(BlobName, &Path) -> Result<bool, StorageError>) -> Copied {
            assert!(self.data.path().exists());
            copy_rows_and_files(&self.database, &KeptSecret::None, self.to.path(), copy_out).await.unwrap()
        }

        /// What the copy has in a column.
        async fn kept<T: for<'r> sqlx::Decode<'r, sqlx::Any> + sqlx::Type<sqlx::Any> + Send + Unpin>(
            &self,
            select: &'static str,
        ) -> T {
            let rows = self.to.path().join(ROWS).join(DATABASE);
            let rows = AnyPool::connect(&format!("sqlite:{}", rows.display())).await.unwrap();
            sqlx::query_scalar(select).fetch_one(&rows).await.unwrap()
        }
    }

    /// Drafts that were written, and mail that was encrypted, while a backup was made were missing in it.
    #[tokio::test]
    async fn what_is_replaced_over_and_over_meanwhile_is_in_the_backup() {
        let bed = Bed::with(
            "INSERT INTO drafts (account, id, version, changed, size, file)
             VALUES (1, zeroblob(16), zeroblob(16), 0, 6, zeroblob(16))",
        )
        .await;
        let asked = Cell::new(0);
        let copied = bed.copy(async |name, file| {
            assert_eq!(name, BlobName::try_from(vec![asked.get(); 16]).unwrap());
            if asked.get() == 20 {
                std::fs::write(file, "sealed")?;
                return Ok(true);
            }
            asked.set(asked.get() + 1);
            let replaced = sqlx::query("UPDATE drafts SET file = $1").bind(vec![asked.get(); 16]);
            replaced.execute(&bed.server).await.unwrap();
            Ok(false)
        });
        assert_eq!(copied.await, Copied { files: 1, ..Copied::default() });
        assert_eq!(bed.kept::<Vec<u8>>("SELECT file FROM drafts").await, [20; 16]);
    }

    #[tokio::test]
    async fn what_ends_meanwhile_is_as_it_ended_and_what_is_lost_is_told() {
        let bed = Bed::with(
            "INSERT INTO envelopes (id, account, profile, salt, link_secret, token_hash, size, created, expires, state, openings,
                                    tries_left, file)
             VALUES (zeroblob(16), 1, 1, zeroblob(16), 0, zeroblob(32), 6, 0, 9, 'sealed', 0, 10, zeroblob(16))",
        )
        .await;
        let reply = "INSERT INTO replies (envelope, number, created, size, file) VALUES (zeroblob(16), 1, 0, 6, $1)";
        sqlx::query(reply).bind(vec![1; 16]).execute(&bed.server).await.unwrap();
        let copied = bed.copy(async |name, _| {
            if name == BlobName::try_from(vec![0; 16]).unwrap() {
                let ended = "UPDATE envelopes SET state = 'withdrawn', ended = 5, file = NULL";
                sqlx::query(ended).execute(&bed.server).await.unwrap();
            }
            Ok(false)
        });
        assert_eq!(copied.await, Copied { missing: 1, ..Copied::default() });
        assert_eq!(bed.kept::<String>("SELECT state FROM envelopes").await, "withdrawn");
        assert_eq!(bed.kept::<i64>("SELECT count(*) FROM replies").await, 1);
    }
}
