//! The data directory: whether it could be made and written, that it is apart from the web root, that one server has it, and
//! opening what its settings name.
//!
//! Not here: what lies in it (`storage`).

use crate::settings::Settings;
use crate::storage::{Blobs, Database, DatabaseLocation, EarlierVersion, StorageError};
use crate::web::WebRoot;
use rand::RngCore;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Empty; whoever runs over a database in the directory has it locked.
const LOCK: &str = "lock";
/// There as long as a backup is put back: nothing else is done over the directory then.
pub(crate) const RESTORING: &str = "restoring";

/// Why a server cannot run over this directory.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// The web root could not be opened.
    #[error("the web root {path} cannot be opened: {cause}")]
    WebRoot {
        /// As it was given.
        path: PathBuf,
        /// What the file system said.
        cause: io::Error,
    },
    /// One of the two directories is inside the other, so that ciphertext might be served as a file.
    #[error("the data directory must not be inside the web root, nor the web root inside the data directory")]
    DataUnderWebRoot,
    /// The data directory could not be made, or nothing can be written there.
    #[error("the data directory {path} cannot be made or written: {cause}")]
    DataDirectory {
        /// As it was given.
        path: PathBuf,
        /// What the file system said.
        cause: io::Error,
    },
    /// Another server is running over the same file, or a backup is being put there. Several servers share a PostgreSQL database.
    #[error(
        "another server is running over the data directory {0}, or a restore into it, and its database is a file there: stop it first"
    )]
    InUse(PathBuf),
}

/// Whether it could be written, or made where it is not there yet. Leaves nothing.
pub(crate) fn can_be_written(data_dir: &Path) -> Result<(), DirectoryError> {
    let tried = std::path::absolute(data_dir).and_then(|path| {
        let there = path.ancestors().find(|path| path.symlink_metadata().is_ok()).unwrap_or(&path);
        // No question about rights answers for every file system: this does.
        let trial = there.join(format!(".envelock-{:016x}", rand::rngs::OsRng.next_u64()));
        make(&trial)?;
        std::fs::remove_dir(trial)
    });
    tried.map_err(|cause| DirectoryError::DataDirectory { path: data_dir.to_owned(), cause })
}

/// Has it for one server, or for a restore, until what is returned is dropped or the process ends, in whatever way. Several servers may share one whose
/// database is elsewhere. What is done beside a server (`user`, `backup`) asks nobody.
pub(crate) fn hold(settings: &Settings) -> Result<Option<File>, DirectoryError> {
    let DatabaseLocation::DataDirectory = settings.database else { return Ok(None) };
    let path = &settings.data_dir;
    let opened =
        DirBuilder::new().recursive(true).mode(0o700).create(path).and_then(|()| {
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path.join(LOCK))
        });
    let lock = opened.map_err(|cause| DirectoryError::DataDirectory { path: path.clone(), cause })?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Err(DirectoryError::InUse(path.clone())),
        Err(TryLockError::Error(error)) => {
            tracing::warn!(%error, "the file system of the data directory has no locks: make sure that one server runs over it");
            Ok(None)
        }
    }
}

/// The web root, if there is one, apart from the data directory, also where that is still to be made.
pub(crate) fn open_web_root(settings: &Settings) -> Result<Option<WebRoot>, DirectoryError> {
    let Some(path) = &settings.web_root else { return Ok(None) };
    let root = WebRoot::open(path).map_err(|cause| DirectoryError::WebRoot { path: path.clone(), cause })?;
    let not_found = |cause| DirectoryError::DataDirectory { path: settings.data_dir.clone(), cause };
    let data = std::path::absolute(&settings.data_dir).map_err(not_found)?;
    for (above, directory) in data.ancestors().enumerate() {
        match directory.canonicalize() {
            Ok(there) if there.starts_with(root.path()) || (above == 0 && root.path().starts_with(&there)) => {
                return Err(DirectoryError::DataUnderWebRoot);
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(not_found(error)),
            Ok(_) => break,
        }
    }
    Ok(Some(root))
}

/// Rows and ciphertext, where the settings say, if they belong together.
pub(crate) async fn open_storage(
    settings: &Settings,
    earlier: EarlierVersion,
) -> Result<(Database, Blobs), StorageError> {
    if settings.data_dir.join(RESTORING).exists() {
        return Err(StorageError::UnfinishedRestore);
    }
    open_any_storage(settings, earlier).await
}

/// The same, also of a place that a backup is being put into.
pub(crate) async fn open_any_storage(
    settings: &Settings,
    earlier: EarlierVersion,
) -> Result<(Database, Blobs), StorageError> {
    let blobs = Blobs::open(&settings.data_dir, settings.bucket.as_ref())?;
    let database = Database::open_if(&settings.data_dir, &settings.database, earlier).await?;
    if let Err(refused) = database.belongs_to(&blobs).await {
        database.close().await;
        return Err(refused);
    }
    Ok((database, blobs))
}

fn make(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn one_has_it_until_it_is_given_back() {
        let data = tempfile::tempdir().unwrap();
        let mut settings = Settings::new(data.path().join("made"));
        let held = hold(&settings).unwrap();
        assert!(held.is_some());
        assert!(matches!(hold(&settings), Err(DirectoryError::InUse(_))));
        drop(held);
        assert!(hold(&settings).unwrap().is_some());
        settings.database = DatabaseLocation::Postgres("postgres://envelock@localhost/x".parse().unwrap());
        assert!(hold(&settings).unwrap().is_none(), "several may");
    }

    #[test]
    fn a_trial_says_whether_it_could_be_written_and_leaves_nothing() {
        let data = tempfile::tempdir().unwrap();
        for good in [data.path().to_owned(), data.path().join("not/made/yet")] {
            can_be_written(&good).unwrap();
        }
        assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 0);
        std::fs::write(data.path().join("file"), "").unwrap();
        for bad in [data.path().join("file"), data.path().join("file/below"), "/proc/not-here".into()] {
            assert!(matches!(can_be_written(&bad), Err(DirectoryError::DataDirectory { .. })), "{}", bad.display());
        }
    }
}
