//! Room on the disk that is kept for what makes room. SQLite writes before it frees anything: on a disk that is full to its last
//! octet nothing would ever end. So a file of some MiB lies in the data directory, and is given up piece by piece where an end
//! cannot be written for want of room ([`Database::ending`]): what expires, what is taken back or deleted, and sessions and tokens,
//! so that a thief's can be ended.
//!
//! Not with PostgreSQL, which has its own disk: what ends there is removed from a full one here all the same.

use super::database::Database;
use super::failure::StorageError;
use super::location::DatabaseLocation;
use rand::RngCore;
use std::fs::OpenOptions;
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

const FILE: &str = "reserve";

/// What is given up at a time: more than a transaction of the purge writes.
const PIECE: u64 = 1024 * 1024;
const PIECES: u64 = 4;

/// The reserve of a data directory. Cheap to clone, all clones are one.
#[derive(Debug, Clone)]
pub(crate) struct Reserve(Option<Arc<Mutex<PathBuf>>>);

impl Reserve {
    /// That of this data directory, if its database is there too. Nothing is made yet.
    pub(crate) fn of(data_dir: &Path, database: &DatabaseLocation) -> Self {
        let is_here = matches!(database, DatabaseLocation::DataDirectory);
        Self(is_here.then(|| Arc::new(Mutex::new(data_dir.join(FILE)))))
    }

    /// Gives a piece of it up. Whether there was one.
    fn give_up(&self) -> bool {
        let given_up = self.with(|path| {
            let file = OpenOptions::new().write(true).open(path)?;
            let length = file.metadata()?.len();
            if length == 0 {
                return Ok(false);
            }
            file.set_len(length.saturating_sub(PIECE))?;
            file.sync_all()?;
            Ok(true)
        });
        if let Ok(true) = given_up {
            tracing::warn!("the disk is full: some of the file `reserve` is given up for what makes room");
        }
        given_up.unwrap_or(false)
    }

    /// Makes it whole, where there is more room than it needs.
    pub(crate) fn fill(&self) -> io::Result<()> {
        self.with(|path| {
            let mut file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
            let length = file.metadata()?.len();
            let whole = PIECE * PIECES;
            let room = rustix::fs::fstatvfs(&file)?;
            if length >= whole || room.f_bavail.saturating_mul(room.f_frsize) < 2 * whole {
                return Ok(true);
            }
            file.seek(SeekFrom::Start(length))?;
            // Nothing that a file system could make smaller.
            let mut octets = vec![0; 64 * 1024];
            rand::rngs::OsRng.fill_bytes(&mut octets);
            let mut missing = whole - length;
            while missing > 0 {
                let now = missing.min(octets.len() as u64);
                octets.rotate_left(1);
                file.write_all(octets.get(..now as usize).unwrap_or(&octets))?;
                missing -= now;
            }
            file.sync_all()?;
            Ok(true)
        })
        .map(drop)
    }

    /// One at a time; nothing where there is none.
    fn with(&self, change: impl FnOnce(&Path) -> io::Result<bool>) -> io::Result<bool> {
        match &self.0 {
            Some(path) => change(&path.lock().unwrap_or_else(PoisonError::into_inner)),
            None => Ok(false),
        }
    }
}

impl Database {
    /// Does what ends something. Where the disk has no room for that, some of the reserve is given up, and it is done again.
    pub(crate) async fn ending<T, F>(&self, end: impl Fn() -> F) -> Result<T, StorageError>
    where
        F: Future<Output = Result<T, StorageError>>,
    {
        loop {
            match end().await {
                Err(StorageError::Unwritable(_)) if self.reserve.give_up() => {}
                ended => return ended,
            }
        }
    }

    /// What is given up for that.
    pub(crate) fn reserve(&self) -> &Reserve {
        &self.reserve
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn it_is_given_up_in_pieces_and_made_whole_again() {
        let data = tempfile::tempdir().unwrap();
        let path = data.path().join(FILE);
        let length = || std::fs::metadata(&path).unwrap().len();
        let reserve = Reserve::of(data.path(), &DatabaseLocation::DataDirectory);
        assert!(!reserve.give_up(), "there is none");
        reserve.fill().unwrap();
        assert_eq!(length(), 4 * PIECE);
        assert!(reserve.give_up() && length() == 3 * PIECE);
        reserve.fill().unwrap();
        assert_eq!(length(), 4 * PIECE);
        assert_eq!((0..6).filter(|_| reserve.give_up()).count(), 4);
        let elsewhere =
            Reserve::of(data.path(), &DatabaseLocation::Postgres("postgres://envelock@localhost/x".parse().unwrap()));
        elsewhere.fill().unwrap();
        assert!(!elsewhere.give_up() && length() == 0, "it is not this disk's");
    }
}
