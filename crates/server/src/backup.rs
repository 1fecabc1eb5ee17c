//! A copy of everything, made beside a running server; put back into a new place, SQLite's or PostgreSQL's, a disk or a bucket; and
//! a look whether rows and files belong together.
//!
//! A backup is a directory: `rows/envelock.sqlite`, whatever database the server has, `ciphertext/` with the files, whether they are
//! in a bucket or not, and `login-secret`, without which no password fits; `rows/login-secret-hash` is what the rows know it by; `dkim-keys.pem`, if mail is signed. Rows
//! are those of one moment, but for those of whoever had a file that was gone when it was to be copied: it ended meanwhile, or was replaced (a
//! new revision, mail that was encrypted). All of theirs are copied once more, as they belong together, and the files with them.
//!
//! What was handed out when it was made can be confirmed in its new place, as long as its lease holds, and is counted when that lapses.
//! What was withdrawn, opened or locked after a backup was made is not known in it. So whatever could be opened is locked when it
//! is put back, until its sender unlocks it, and app tokens, of which some may have been revoked, are not put back: nothing comes
//! back to life by itself.

mod found;
mod restoration;

pub use found::{Found, examine};
pub use restoration::restore;

use crate::data_directory::{DirectoryError, open_storage};
use crate::login_secret::KeptSecret;
use crate::settings::Settings;
use crate::storage::{
    BlobName, Blobs, Database, DatabaseLocation, EarlierVersion, StorageError, copy_signing_keys,
    note_known_login_secret, place_login_secret,
};
use std::collections::{HashMap, HashSet};
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

const ROWS: &str = "rows";
const CIPHERTEXT: &str = "ciphertext";
const DATABASE: &str = "envelock.sqlite";

/// Rounds for what is replaced over and over: each copies the rows of somebody and the files right after, so that few need a second. What is
/// gone after all of them is told as missing.
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
    /// What was put back is not whole, and is marked so.
    #[error("the restore was not finished: {0}\n{unfinished}", unfinished = StorageError::UnfinishedRestore)]
    Half(Box<BackupError>),
    /// A server runs over the directory, or another restore.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
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
        let mut gone = copy_files(&copy, &files, &copy_out).await?;
        let mut lost = HashSet::new();
        for _ in 0..TIMES {
            for name in std::mem::take(&mut gone) {
                for newer in database.renew_owner(&copy, name).await? {
                    let file = files.join(newer.to_string());
                    if newer == name {
                        // Its row names it still.
                        lost.insert(name);
                    } else if !lost.contains(&newer) && !file.exists() && !copy_out(newer, &file).await? {
                        gone.push(newer);
                    }
                }
            }
            if gone.is_empty() {
                break;
            }
        }
        // Files whose rows became others meanwhile.
        tally(&copy, &files, |unnamed| std::fs::remove_file(unnamed)).await
    }
    .await;
    copy.close().await;
    copied
}

/// Copies every file that a row names from or into the backup's folder `files`, and has each on the disk. Gives those that are not there.
async fn copy_files(
    rows: &Database,
    files: &Path,
    copy: impl AsyncFn(BlobName, &Path) -> Result<bool, StorageError>,
) -> Result<Vec<BlobName>, BackupError> {
    let mut named = Vec::new();
    rows.named_files(|name, _| named.push(name)).await?;
    let mut gone = Vec::new();
    for name in named {
        if !copy(name, &files.join(name.to_string())).await? {
            gone.push(name);
        }
    }
    Ok(gone)
}

/// Counts what is in the backup's folder `files`; what no row names is handed over.
async fn tally(
    rows: &Database,
    files: &Path,
    unnamed: impl Fn(&Path) -> io::Result<()>,
) -> Result<Copied, BackupError> {
    let mut named = HashMap::new();
    rows.named_files(|name, size| {
        named.insert(name.to_string(), size);
    })
    .await?;
    let mut copied = Copied::default();
    for entry in std::fs::read_dir(files)? {
        let entry = entry?;
        match entry.file_name().to_str().and_then(|name| named.remove(name)) {
            Some(size) => {
                copied.files += 1;
                copied.damaged += u64::from(entry.metadata()?.len() != size);
            }
            None => unnamed(&entry.path())?,
        }
    }
    copied.missing = named.len() as u64;
    Ok(copied)
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

    /// The keyring is sealed under the code that lies beside it.
    #[tokio::test]
    async fn what_is_replaced_comes_with_what_belongs_to_it() {
        let bed =
            Bed::with("INSERT INTO keyrings (account, version, size, file) VALUES (1, x'01', 6, zeroblob(16))").await;
        let code = "INSERT INTO keystore_backups (account, version, sealed) VALUES (1, x'01', x'01')";
        sqlx::query(code).execute(&bed.server).await.unwrap();
        let copied = bed.copy(async |name, file| {
            if name != BlobName::try_from(vec![0; 16]).unwrap() {
                std::fs::write(file, "sealed")?;
                return Ok(true);
            }
            for change in [
                "UPDATE accounts SET name = 'B'",
                "UPDATE keystore_backups SET sealed = x'02'",
                "UPDATE keyrings SET version = x'02', file = x'02020202020202020202020202020202'",
            ] {
                sqlx::query(change).execute(&bed.server).await.unwrap();
            }
            Ok(false)
        });
        assert_eq!(copied.await, Copied { files: 1, ..Copied::default() });
        let kept: String =
            bed.kept("SELECT name || hex(k.version) || hex(sealed) FROM accounts, keyrings k, keystore_backups").await;
        assert_eq!(kept, "B0202");
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
