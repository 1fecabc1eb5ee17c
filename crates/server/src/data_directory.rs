//! The data directory before anything is in it: whether it could be made and written, that it is apart from the web root,
//! and that one server has it.
//!
//! Not here: what lies in it (`storage`).

use crate::app::StartError;
use crate::settings::Settings;
use crate::storage::{DatabaseLocation, StorageError};
use crate::web::WebRoot;
use rand::RngCore;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Empty; whoever runs over a database in the directory has it locked.
const LOCK: &str = "lock";

/// Whether it could be written, or made where it is not there yet. Leaves nothing.
pub(crate) fn can_be_written(data_dir: &Path) -> Result<(), StartError> {
    let tried = std::path::absolute(data_dir).and_then(|path| {
        let there = path.ancestors().find(|path| path.symlink_metadata().is_ok()).unwrap_or(&path);
        // No question about rights answers for every file system: this does.
        let trial = there.join(format!(".envelock-{:016x}", rand::rngs::OsRng.next_u64()));
        make(&trial)?;
        std::fs::remove_dir(trial)
    });
    tried.map_err(|cause| StartError::DataDirectory { path: data_dir.to_owned(), cause })
}

/// Has it for one server, until what is returned is dropped or the process ends, in whatever way. Several servers may share one whose
/// database is elsewhere. What is done beside a server (`user`, `backup`) asks nobody.
pub(crate) fn hold(settings: &Settings) -> Result<Option<File>, StartError> {
    let DatabaseLocation::DataDirectory = settings.database else { return Ok(None) };
    let path = &settings.data_dir;
    let opened =
        DirBuilder::new().recursive(true).mode(0o700).create(path).and_then(|()| {
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path.join(LOCK))
        });
    let lock = opened.map_err(|cause| StartError::DataDirectory { path: path.clone(), cause })?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Err(StartError::InUse(path.clone())),
        Err(TryLockError::Error(error)) => {
            tracing::warn!(%error, "the file system of the data directory has no locks: make sure that one server runs over it");
            Ok(None)
        }
    }
}

/// The web root, if there is one, apart from the data directory, also where that is still to be made.
pub(crate) fn open_web_root(settings: &Settings) -> Result<Option<WebRoot>, StartError> {
    let Some(path) = &settings.web_root else { return Ok(None) };
    let root = WebRoot::open(path).map_err(|cause| StartError::WebRoot { path: path.clone(), cause })?;
    let data = std::path::absolute(&settings.data_dir).map_err(StorageError::from)?;
    for (above, directory) in data.ancestors().enumerate() {
        match directory.canonicalize() {
            Ok(there) if there.starts_with(root.path()) || (above == 0 && root.path().starts_with(&there)) => {
                return Err(StartError::DataUnderWebRoot);
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(StorageError::from(error).into()),
            Ok(_) => break,
        }
    }
    Ok(Some(root))
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
        assert!(matches!(hold(&settings), Err(StartError::InUse(_))));
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
            assert!(matches!(can_be_written(&bad), Err(StartError::DataDirectory { .. })), "{}", bad.display());
        }
    }
}
