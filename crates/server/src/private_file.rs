//! Small files of the data directory that are for their owner only, and there as a whole or not at all.

use rand::RngCore;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// What happens to a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Earlier {
    /// It stays, and the new one is not made.
    Stays,
    /// It goes.
    Goes,
}

/// Removes its file when dropped, unless it was kept.
#[derive(Debug)]
pub(crate) struct Unkept(Option<PathBuf>);

impl Unkept {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(Some(path))
    }

    pub(crate) fn keep(&mut self) {
        self.0 = None;
    }
}

impl Drop for Unkept {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            // If this fails the purge finds the file.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// All of it, if it is there.
pub(crate) fn read(path: &Path) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        octets => Ok(Some(Zeroizing::new(octets?))),
    }
}

/// Whether others than its owner may read or write it.
pub(crate) fn is_open_to_others(path: &Path) -> io::Result<bool> {
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

/// Puts these octets on the disk, and in this place in one step. Others may do the same at the same time.
pub(crate) fn place(path: &Path, octets: &[u8], earlier: Earlier) -> io::Result<()> {
    // Nobody else's, whatever machine or container they run in.
    let partial = path.with_extension(format!("{:016x}.part", rand::rngs::OsRng.next_u64()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial)?;
    let mut unkept = Unkept::new(partial.clone());
    file.write_all(octets)?;
    file.sync_all()?;
    match earlier {
        // A link does not take the place of a file, as a renaming would.
        Earlier::Stays => match std::fs::hard_link(&partial, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        },
        Earlier::Goes => {
            std::fs::rename(&partial, path)?;
            unkept.keep();
        }
    }
    drop(unkept);
    match path.parent() {
        Some(directory) => File::open(directory)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn a_file_is_its_owners_and_alone_in_its_place() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        assert!(read(&path).unwrap().is_none());
        for (earlier, octets, expected) in [
            (Earlier::Stays, b"first", b"first"),
            (Earlier::Stays, b"other", b"first"),
            (Earlier::Goes, b"third", b"third"),
        ] {
            place(&path, octets, earlier).unwrap();
            assert_eq!(read(&path).unwrap().unwrap().as_slice(), expected);
            assert!(!is_open_to_others(&path).unwrap());
            let files: Vec<_> = std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap()).collect();
            assert_eq!(files.len(), 1, "no partial one is left");
            assert!(files.iter().all(|file| file.metadata().unwrap().permissions().mode() & 0o777 == 0o600));
        }
        for (mode, is_open) in [(0o644, true), (0o640, true), (0o602, true), (0o400, false)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(is_open_to_others(&path).unwrap(), is_open, "{mode:o}");
        }
        // It cannot be put where a directory is; nothing is left of it.
        std::fs::create_dir(directory.path().join("taken")).unwrap();
        assert!(place(&directory.path().join("taken"), b"x", Earlier::Goes).is_err());
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 2);
    }
}
