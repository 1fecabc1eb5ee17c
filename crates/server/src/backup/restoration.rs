//! A backup put into a place that is new.

use super::{BackupError, CIPHERTEXT, Copied, DATABASE, ROWS, copy_files, make_directory, tally};
use crate::data_directory::{RESTORING, hold, open_any_storage};
use crate::login_secret::KeptSecret;
use crate::settings::Settings;
use crate::storage::{
    Blobs, Database, DatabaseLocation, EarlierVersion, StorageError, copy_signing_keys, hash_of, kept_login_secret,
    noted_login_secret, place_login_secret,
};
use envelock_login::ServerSecret;
use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// Puts a backup into a data directory and a database that are new, and ends. With `as_is` nothing is locked or left out: for a server that
/// moved, whose old place took nothing more after the backup.
///
/// # Errors
/// See [`BackupError`]; then no server starts in the new place, unless nothing was done there.
pub async fn restore(settings: &Settings, from: &Path, as_is: bool) -> Result<Copied, BackupError> {
    let kept = from.join(ROWS).join(DATABASE);
    if !kept.is_file() {
        return Err(BackupError::NoBackup(from.to_owned()));
    }
    let work = settings.data_dir.join(RESTORING);
    if work.exists() {
        return Err(StorageError::UnfinishedRestore.into());
    }
    // A new place is marked before anything else is made there: what is interrupted must not look like a server without accounts. Where one
    // ran before there may be accounts, so that is looked at first.
    let is_new = !Blobs::were_opened(&settings.data_dir);
    let (mut is_marked, mut is_begun) = (is_new, false);
    if is_new {
        DirBuilder::new().recursive(true).mode(0o700).create(&settings.data_dir)?;
        make_directory(&work)?;
        File::open(&settings.data_dir)?.sync_all()?;
    }
    let restored = async {
        // A server over an empty place would not see what is put under it, and keep its own login-secret.
        let _held = hold(settings)?;
        let (database, blobs) = open_any_storage(settings, EarlierVersion::IsBroughtUpToDate).await?;
        let restored = async {
            if !database.is_empty().await? || !blobs.are_none().await? {
                return Err(BackupError::NotEmpty);
            }
            if !is_marked {
                make_directory(&work)?;
                is_marked = true;
            }
            // An older version's rows are brought up to date in a copy: the backup stays as it is.
            std::fs::copy(kept, work.join(DATABASE))?;
            restore_into(&database, &blobs, &work, settings, from, as_is, &mut is_begun).await
        }
        .await;
        database.close().await;
        restored
    }
    .await;
    match restored {
        // Half of a backup is not to be served, nor is a place that was made for one: the mark stays. What was there before, and nothing was
        // put into, is what it was.
        Err(cause) if (is_new || is_begun) && !matches!(cause, BackupError::NotEmpty | BackupError::Directory(_)) => {
            Err(BackupError::Half(Box::new(cause)))
        }
        restored => {
            let removed = if is_marked { std::fs::remove_dir_all(&work) } else { Ok(()) };
            // What failed first is what is told.
            restored.and_then(|restored| Ok(removed.map(|()| restored)?))
        }
    }
}

async fn restore_into(
    database: &Database,
    blobs: &Blobs,
    work: &Path,
    settings: &Settings,
    from: &Path,
    as_is: bool,
    is_begun: &mut bool,
) -> Result<Copied, BackupError> {
    let rows = Database::open(work, &DatabaseLocation::DataDirectory).await?;
    let restored = async {
        let (locked, tokens) = match as_is {
            true => (0, 0),
            false => (rows.lock_envelopes().await?, rows.remove_all_app_tokens().await?),
        };
        let secret = login_secret_to_take(&rows, from, database, &settings.data_dir).await?;
        *is_begun = true;
        if let Some((secret, is_own)) = secret {
            place_login_secret(&settings.data_dir, &secret)?;
            database.set_login_secret(is_own.then_some(&secret)).await?;
        }
        copy_signing_keys(from, &settings.data_dir)?;
        // Files first, rows second, as ever.
        let files = from.join(CIPHERTEXT);
        copy_files(&rows, &files, async |name, file| blobs.copy_in(name, file).await).await?;
        rows.copy_rows(database).await?;
        Ok(Copied { locked, tokens, ..tally(&rows, &files, |_| Ok(())).await? })
    }
    .await;
    rows.close().await;
    restored
}

/// The secret of a backup goes where its rows go, and is known there if it was known before (`true`). Backups of versions that had
/// passwords have none, and need none. One that is there goes if it is that of the database, which is empty: nothing was made with
/// it. Another one may be the only copy of what some database needs.
async fn login_secret_to_take(
    rows: &Database,
    from: &Path,
    database: &Database,
    data_dir: &Path,
) -> Result<Option<(ServerSecret, bool)>, BackupError> {
    let noted = noted_login_secret(&from.join(ROWS))?;
    let (secret, is_own) = match KeptSecret::known_by(noted, rows, from).await? {
        KeptSecret::None => return Ok(None),
        KeptSecret::Own(secret) => (secret, true),
        KeptSecret::Unproven(secret) => (secret, false),
    };
    if let Some(there) = kept_login_secret(data_dir)? {
        let there = hash_of(&there)?;
        if there != hash_of(&secret)? && database.known_login_secret().await? != Some(there) {
            return Err(BackupError::NotEmpty);
        }
    }
    Ok(Some((secret, is_own)))
}
