//! Ciphertext on disk: `incoming/` while it arrives, `blobs/` when it is complete.
//!
//! Names are random and say nothing about the envelope. A file that is being received removes itself when the
//! upload is dropped; a complete one does so until its row is committed.

use super::database::Database;
use super::failure::StorageError;
use rand::RngCore;
use std::collections::HashMap;
use std::fmt;
use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

/// Random name of a file of ciphertext.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct BlobName(pub(super) [u8; 16]);

impl BlobName {
    fn random() -> Self {
        let mut octets = [0; 16];
        rand::rngs::OsRng.fill_bytes(&mut octets);
        Self(octets)
    }

    fn parse(text: &str) -> Option<Self> {
        if text.len() != 32 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        u128::from_str_radix(text, 16).ok().map(|number| Self(number.to_be_bytes()))
    }
}

impl fmt::Display for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlobName(…)")
    }
}

impl TryFrom<Vec<u8>> for BlobName {
    type Error = StorageError;

    fn try_from(octets: Vec<u8>) -> Result<Self, StorageError> {
        octets.try_into().map(Self).map_err(|_| StorageError::Corrupt("file name"))
    }
}

/// The two directories of ciphertext.
#[derive(Debug, Clone)]
pub struct Blobs {
    stored: PathBuf,
    incoming: PathBuf,
}

impl Blobs {
    /// Makes the directories, readable by the owner only.
    pub fn open(data_dir: &Path) -> io::Result<Self> {
        let blobs = Self { stored: data_dir.join("blobs"), incoming: data_dir.join("incoming") };
        for directory in [data_dir, &blobs.stored, &blobs.incoming] {
            DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        }
        std::fs::File::open(data_dir)?.sync_all()?;
        Ok(blobs)
    }

    /// Whether there is no complete file.
    pub(crate) fn are_none(&self) -> io::Result<bool> {
        Ok(std::fs::read_dir(&self.stored)?.next().is_none())
    }

    /// Where a complete file is.
    pub(crate) fn path(&self, name: BlobName) -> PathBuf {
        self.stored.join(name.to_string())
    }

    /// All complete files, with their sizes in octets.
    pub(crate) fn sizes(&self) -> io::Result<HashMap<BlobName, u64>> {
        let mut sizes = HashMap::new();
        for entry in std::fs::read_dir(&self.stored)? {
            let entry = entry?;
            let name = entry.file_name().to_str().and_then(BlobName::parse);
            // One may go away while we look.
            if let (Some(name), Ok(metadata)) = (name, entry.metadata()) {
                sizes.insert(name, metadata.len());
            }
        }
        Ok(sizes)
    }

    /// Starts to receive a file.
    pub async fn receive(&self) -> io::Result<IncomingBlob> {
        let name = BlobName::random();
        let path = self.incoming.join(format!("{name}.part"));
        // The file is made even if the caller goes away meanwhile; then it goes with what is returned.
        let made = tokio::task::spawn_blocking(move || {
            let file = std::fs::File::options().write(true).create_new(true).mode(0o600).open(&path)?;
            Ok::<_, io::Error>((file, Unkept::new(path)))
        });
        let (file, partial) = made.await??;
        Ok(IncomingBlob { file: file.into(), name, stored: self.stored.clone(), partial, written: 0 })
    }

    /// Opens a complete file. It stays readable to the end even if it is removed meanwhile.
    pub async fn read(&self, name: BlobName) -> io::Result<File> {
        File::open(self.path(name)).await
    }

    /// Removes a file at once, in one step without a point where a caller could be dropped. A failure leaves it to
    /// the purge.
    pub fn remove(&self, name: BlobName) {
        if let Err(error) = std::fs::remove_file(self.path(name))
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "a file of ciphertext could not be removed; the purge will try again");
        }
    }

    /// Removes files older than `age` that no row names: left by a crash between file and row. Ages are measured by
    /// the machine's clock, as the file system stamps them. Returns how many.
    pub async fn remove_orphans(&self, database: &Database, age: Duration) -> Result<u64, StorageError> {
        let mut removed = 0;
        for path in old_files(&self.incoming, age).await? {
            removed += u64::from(remove_if_there(&path).await?);
        }
        for path in old_files(&self.stored, age).await? {
            let name = path.file_name().and_then(|name| name.to_str()).and_then(BlobName::parse);
            if let Some(name) = name
                && !database.names_file(name).await?
            {
                removed += u64::from(remove_if_there(&path).await?);
            }
        }
        Ok(removed)
    }
}

/// Another server over the same directory may have been faster. Returns whether it was there.
async fn remove_if_there(path: &Path) -> io::Result<bool> {
    match tokio::fs::remove_file(path).await {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        removed => removed.map(|()| true),
    }
}

async fn old_files(directory: &Path, age: Duration) -> io::Result<Vec<PathBuf>> {
    let mut old = Vec::new();
    let mut entries = tokio::fs::read_dir(directory).await?;
    while let Some(entry) = entries.next_entry().await? {
        // A file may go away while we look.
        let Ok(metadata) = entry.metadata().await else { continue };
        let since = metadata
            .modified()
            .and_then(|modified| SystemTime::now().duration_since(modified).map_err(io::Error::other));
        if metadata.is_file() && since.is_ok_and(|since| since >= age) {
            old.push(entry.path());
        }
    }
    Ok(old)
}

/// Removes its file when dropped, unless it was kept.
#[derive(Debug)]
pub(super) struct Unkept(Option<PathBuf>);

impl Unkept {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(Some(path))
    }

    pub(super) fn keep(&mut self) {
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

/// A file that is being received; gone when dropped.
#[derive(Debug)]
pub struct IncomingBlob {
    file: File,
    name: BlobName,
    stored: PathBuf,
    partial: Unkept,
    written: u64,
}

impl IncomingBlob {
    /// Appends.
    pub async fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        self.file.write_all(octets).await?;
        self.written += octets.len() as u64;
        Ok(())
    }

    /// Octets so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Puts the file on the disk and in its place: sync, rename, sync of the directory.
    pub async fn store(mut self) -> io::Result<StoredBlob> {
        self.file.flush().await?;
        self.file.set_permissions(Permissions::from_mode(0o600)).await?;
        self.file.sync_all().await?;
        let path = self.stored.join(self.name.to_string());
        if let Some(partial) = &self.partial.0 {
            std::fs::rename(partial, &path)?;
        }
        self.partial.keep();
        let unkept = Unkept::new(path);
        File::open(&self.stored).await?.sync_all().await?;
        Ok(StoredBlob { name: self.name, unkept })
    }
}

/// A complete file whose row is not written yet; gone when dropped before [`StoredBlob::keep`].
#[derive(Debug)]
pub struct StoredBlob {
    name: BlobName,
    unkept: Unkept,
}

impl StoredBlob {
    /// Its name, for the row.
    pub fn name(&self) -> BlobName {
        self.name
    }

    /// The file stays if the database failed: when the answer to a commit is lost, a row may name it. If none does, the
    /// purge removes it.
    pub fn keep_if_unsure<T>(&mut self, stored: &Result<T, StorageError>) {
        if stored.as_ref().is_err_and(StorageError::leaves_unsure) {
            self.unkept.keep();
        }
    }

    /// The row is committed: the file stays.
    pub fn keep(mut self) {
        self.unkept.keep();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    /// It ended the whole search.
    #[tokio::test]
    async fn a_file_that_another_server_removed_is_no_fault() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lost");
        std::fs::write(&path, "left by a crash").unwrap();
        assert!(remove_if_there(&path).await.unwrap());
        assert!(!remove_if_there(&path).await.unwrap());
    }
}
