//! A copy of everything, made beside a running server; put back into a new place, SQLite's or PostgreSQL's, a disk or a bucket; and
//! a look whether rows and files belong together.
//!
//! A backup is a directory: `rows/envelock.sqlite`, whatever database the server has, `ciphertext/` with the files, whether they are
//! in a bucket or not, and `login-secret`, without which no password fits; `rows/login-secret-hash` is what the rows know it by; `dkim-keys.pem`, if mail is signed. Rows
//! are those of one moment; what ends while files are copied may be missing, as it is gone by then. What was replaced meanwhile (mail that
//! was encrypted, a new revision) has another file in newer rows, so these are copied again.
//!
//! What was handed out when it was made can be confirmed in its new place, as long as its lease holds, and is counted when that lapses.
//! What was withdrawn, opened or locked after a backup was made is not known in it. So whatever could be opened is locked when it
//! is put back, until its sender unlocks it, and app tokens, of which some may have been revoked, are not put back: nothing comes
//! back to life by itself.

use crate::data_directory::{RESTORING, open_storage};
use crate::login_secret::KeptSecret;
use crate::settings::Settings;
use crate::storage::{
    BlobName, Blobs, Database, DatabaseLocation, EarlierVersion, StorageError, copy_signing_keys, hash_of,
    kept_login_secret, note_known_login_secret, noted_login_secret, place_login_secret,
};
use std::collections::{HashMap, HashSet};
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

const ROWS: &str = "rows";
const CIPHERTEXT: &str = "ciphertext";
const DATABASE: &str = "envelock.sqlite";

/// Times that rows are copied at most: each time fewer files are left to copy, and less is replaced meanwhile.
const ROUNDS: u32 = 4;

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
    /// Files that rows name and that are not there: gone while they were copied, or lost before.
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

/// Rows of one moment and their files: of a later one if some of them were gone by then.
async fn copy_rows_and_files(
    database: &Database,
    secret: &KeptSecret,
    to: &Path,
    copy_out: impl AsyncFn(BlobName, &Path) -> Result<bool, StorageError>,
) -> Result<Copied, BackupError> {
    let (rows, files) = (to.join(ROWS), to.join(CIPHERTEXT));
    make_directory(&files)?;
    let mut round = 1;
    loop {
        make_directory(&rows)?;
        let copy = Database::open(&rows, &DatabaseLocation::DataDirectory).await?;
        let copied: Result<Copied, BackupError> = async {
            database.copy_rows(&copy).await?;
            match secret {
                KeptSecret::Own(secret) => note_known_login_secret(&rows, secret)?,
                // Somebody has started the server, and chosen a password, since.
                KeptSecret::None if copy.has_login_records().await? => return Err(StorageError::NoLoginSecret.into()),
                KeptSecret::Unproven(_) | KeptSecret::None => {}
            }
            let copied = copy_files(&copy, &files, async |name, file| Ok(file.exists() || copy_out(name, file).await?));
            let copied = copied.await?;
            remove_unnamed(&copy, &files).await?;
            Ok(copied)
        }
        .await;
        copy.close().await;
        // What failed first is what is told.
        let copied = copied?;
        if copied.missing == 0 || round == ROUNDS {
            return Ok(copied);
        }
        round += 1;
        std::fs::remove_dir_all(&rows)?;
    }
}

/// Files that only earlier rows named were removed, or replaced, by somebody who may have meant it.
async fn remove_unnamed(rows: &Database, files: &Path) -> Result<(), BackupError> {
    let mut named = HashSet::new();
    rows.named_files(|name, _| named.extend([files.join(name.to_string())])).await?;
    for entry in std::fs::read_dir(files)? {
        let file = entry?.path();
        if !named.contains(&file) {
            std::fs::remove_file(file)?;
        }
    }
    Ok(())
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
            let copied = copy_files(&rows, &files, async |name, file| blobs.copy_in(name, file).await).await?;
            rows.copy_rows(database).await?;
            Ok(Copied { locked, tokens, ..copied })
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

/// What does not fit together; nothing of it is changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Files that rows name and that are there with the right size.
    pub whole: u64,
    /// Files that rows name and that are not there.
    pub missing: Vec<String>,
    /// Files of another size than their row says.
    pub damaged: Vec<String>,
    /// Files that no row names: on their way, or left by a crash. The server removes them an hour later.
    pub orphans: u64,
    /// What is in the folder of the files and no server has put there, and none removes: no fault.
    pub strays: Vec<String>,
    /// What the database says is wrong with its own file.
    pub database: Vec<String>,
    /// Whether there are passwords, but no `login-secret` with which they could be checked.
    pub lost_secret: bool,
    /// Whether there is one, but of another database.
    pub other_secret: bool,
    /// Whether nothing proves yet that it is this database's: no fault.
    pub unproven_secret: bool,
}

impl Found {
    /// Whether everything is as it should be.
    pub fn is_well(&self) -> bool {
        let has_secret = !self.lost_secret && !self.other_secret;
        self.missing.is_empty() && self.damaged.is_empty() && self.database.is_empty() && has_secret
    }
}

/// Looks whether database and files are whole and belong together.
///
/// # Errors
/// See [`StorageError`].
pub async fn examine(settings: &Settings) -> Result<Found, StorageError> {
    let (database, blobs) = open_storage(settings, EarlierVersion::IsLeftAlone).await?;
    let found = examine_all(&database, &blobs, &settings.data_dir).await;
    database.close().await;
    found
}

async fn examine_all(database: &Database, blobs: &Blobs, data_dir: &Path) -> Result<Found, StorageError> {
    let mut found = Found { database: database.damage().await?, ..Found::default() };
    match KeptSecret::of(database, data_dir).await {
        Ok(kept) => found.unproven_secret = matches!(kept, KeptSecret::Unproven(_)),
        Err(StorageError::NoLoginSecret | StorageError::Corrupt(_)) => found.lost_secret = true,
        Err(StorageError::OtherLoginSecret) => found.other_secret = true,
        Err(cause) => return Err(cause),
    }
    // Files first: one that is stored after this has its row later still.
    let mut files: HashMap<BlobName, u64> = blobs.sizes().await?;
    let mut absent = Vec::new();
    database
        .named_files(|name, size| match files.remove(&name) {
            Some(there) if there == size => found.whole += 1,
            Some(_) => found.damaged.push(name.to_string()),
            None => absent.push((name, size)),
        })
        .await?;
    for (name, size) in absent {
        match blobs.size(name).await? {
            Some(there) if there == size => found.whole += 1,
            Some(_) => found.damaged.push(name.to_string()),
            // It may have ended by now.
            None if !database.names_file(name).await? => {}
            None => found.missing.push(name.to_string()),
        }
    }
    found.orphans = files.len() as u64;
    found.strays = blobs.strays()?;
    Ok(found)
}

/// Copies every file that a row names from or into the backup's folder `files`, and has each on the disk.
async fn copy_files(
    rows: &Database,
    files: &Path,
    copy: impl AsyncFn(BlobName, &Path) -> Result<bool, StorageError>,
) -> Result<Copied, BackupError> {
    let mut named = Vec::new();
    rows.named_files(|name, size| named.push((name, size))).await?;
    let mut copied = Copied::default();
    for (name, size) in named {
        let file = files.join(name.to_string());
        if copy(name, &file).await? {
            copied.files += 1;
            copied.damaged += u64::from(std::fs::metadata(&file)?.len() != size);
        } else {
            copied.missing += 1;
        }
    }
    Ok(copied)
}

fn make_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use std::cell::Cell;

    /// Mail that was encrypted while files were copied was missing in the backup.
    #[tokio::test]
    async fn what_is_replaced_while_files_are_copied_is_in_the_backup() {
        let (data, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let database = Database::open(data.path(), &DatabaseLocation::DataDirectory).await.unwrap();
        let (clear, sealed) = (BlobName::try_from(vec![1; 16]).unwrap(), BlobName::try_from(vec![2; 16]).unwrap());
        let server = sqlx::AnyPool::connect(&format!("sqlite:{}", data.path().join(DATABASE).display())).await.unwrap();
        for row in [
            "INSERT INTO accounts (id, address, name, created, address_key) VALUES (1, 'a@b.example', 'A', 0, 'a@b.example')",
            "INSERT INTO mailbox (account, id, received, size, file, summary, arrival)
             VALUES (1, zeroblob(16), 0, 6, x'01010101010101010101010101010101', x'', '')",
        ] {
            sqlx::query(row).execute(&server).await.unwrap();
        }
        let asked = Cell::new(0);
        let copied = copy_rows_and_files(&database, &KeptSecret::None, to.path(), async |name, file| {
            asked.set(asked.get() + 1);
            if name == clear {
                let replaced = sqlx::query("UPDATE mailbox SET file = x'02020202020202020202020202020202'");
                replaced.execute(&server).await.unwrap();
                return Ok(false);
            }
            std::fs::write(file, "sealed")?;
            Ok(true)
        });
        assert_eq!(copied.await.unwrap(), Copied { files: 1, ..Copied::default() });
        assert_eq!(asked.get(), 2);
        let kept: Vec<_> =
            std::fs::read_dir(to.path().join(CIPHERTEXT)).unwrap().map(|it| it.unwrap().file_name()).collect();
        assert_eq!(kept, [sealed.to_string().as_str()]);
    }
}
