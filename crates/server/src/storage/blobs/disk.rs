//! Complete ciphertext as files of the data directory.

use super::{BlobName, BlobOctets};
use crate::private_file::{self, Earlier};
use crate::storage::failure::StorageError;
use std::collections::HashMap;
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tokio::fs::File;
use tokio_util::io::ReaderStream;

/// Pieces in which a file is read.
const CHUNK: usize = 64 * 1024;

/// Name of the file that holds which database the data directory belongs to, in hexadecimal digits.
const OWNER: &str = "instance";

#[derive(Debug, Clone)]
pub(super) struct Disk {
    folder: PathBuf,
    owner: PathBuf,
}

impl Disk {
    pub(super) fn below(data_dir: &Path) -> Self {
        Self { folder: data_dir.join("blobs"), owner: data_dir.join(OWNER) }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    fn path(&self, name: BlobName) -> PathBuf {
        self.folder.join(name.to_string())
    }

    pub(super) fn owner(&self) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(private_file::read(&self.owner)?.map(|octets| octets.to_vec()))
    }

    pub(super) fn set_owner(&self, owner: &str) -> Result<(), StorageError> {
        Ok(private_file::place(&self.owner, owner.as_bytes(), Earlier::Goes)?)
    }

    pub(super) fn is_empty(&self) -> Result<bool, StorageError> {
        Ok(std::fs::read_dir(&self.folder)?.next().is_none())
    }

    pub(super) fn sizes(&self) -> Result<HashMap<BlobName, u64>, StorageError> {
        let mut sizes = HashMap::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name().to_str().and_then(BlobName::parse);
            // One may go away while we look.
            if let (Some(name), Ok(metadata)) = (name, entry.metadata()) {
                sizes.insert(name, metadata.len());
            }
        }
        Ok(sizes)
    }

    /// Names of what is there and was not put there by a server.
    pub(super) fn strays(&self) -> Result<Vec<String>, StorageError> {
        let mut strays = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            if name.to_str().and_then(BlobName::parse).is_none() || !entry.file_type()?.is_file() {
                strays.push(name.to_string_lossy().escape_debug().to_string());
            }
        }
        strays.sort_unstable();
        Ok(strays)
    }

    pub(super) fn size(&self, name: BlobName) -> Result<Option<u64>, StorageError> {
        // Whatever keeps it from being looked at keeps it from being read.
        Ok(std::fs::metadata(self.path(name)).ok().map(|metadata| metadata.len()))
    }

    /// Puts a file that was received on the disk and in its place: sync, rename, sync of the directory.
    pub(super) async fn take(&self, name: BlobName, file: &File, partial: &Path) -> Result<(), StorageError> {
        file.set_permissions(Permissions::from_mode(0o600)).await?;
        file.sync_all().await?;
        std::fs::rename(partial, self.path(name))?;
        Ok(File::open(&self.folder).await?.sync_all().await?)
    }

    pub(super) async fn read(&self, name: BlobName) -> Result<(u64, BlobOctets), StorageError> {
        let file = File::open(self.path(name)).await?;
        let size = file.metadata().await?.len();
        Ok((size, Box::pin(ReaderStream::with_capacity(file, CHUNK))))
    }

    pub(super) fn remove(&self, name: BlobName) {
        if let Err(error) = std::fs::remove_file(self.path(name))
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "a file of ciphertext could not be removed; the purge will try again");
        }
    }

    pub(super) async fn remove_if_there(&self, name: BlobName) -> io::Result<bool> {
        remove_if_there(&self.path(name)).await
    }

    pub(super) async fn older_than(&self, age: Duration) -> io::Result<Vec<BlobName>> {
        let old = old_files(&self.folder, age).await?;
        Ok(old.iter().filter_map(|path| BlobName::parse(path.file_name()?.to_str()?)).collect())
    }

    pub(super) async fn copy_out(&self, name: BlobName, to: &Path) -> Result<bool, StorageError> {
        copy(self.path(name), to.to_owned()).await
    }

    pub(super) async fn copy_in(&self, name: BlobName, from: &Path) -> Result<bool, StorageError> {
        copy(from.to_owned(), self.path(name)).await
    }
}

async fn copy(from: PathBuf, to: PathBuf) -> Result<bool, StorageError> {
    let copied = tokio::task::spawn_blocking(move || {
        std::fs::copy(from, &to)?;
        std::fs::File::open(&to)?.sync_all()
    });
    match copied.await.map_err(io::Error::from)? {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Another server over the same directory may have been faster. Returns whether it was there.
pub(super) async fn remove_if_there(path: &Path) -> io::Result<bool> {
    match tokio::fs::remove_file(path).await {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        removed => removed.map(|()| true),
    }
}

pub(super) async fn old_files(directory: &Path, age: Duration) -> io::Result<Vec<PathBuf>> {
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
