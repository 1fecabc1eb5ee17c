//! Ciphertext on its way into its place, and there until its row is committed.

use super::{BlobName, Place};
use crate::private_file::Unkept;
use crate::storage::failure::StorageError;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

/// A file that is being received; gone when dropped.
#[derive(Debug)]
pub(crate) struct IncomingBlob {
    file: File,
    path: PathBuf,
    name: BlobName,
    place: Place,
    partial: Unkept,
    written: u64,
}

impl IncomingBlob {
    pub(super) async fn begin(folder: &Path, place: Place) -> io::Result<Self> {
        let name = BlobName::random();
        let path = folder.join(format!("{name}.part"));
        // The file is made even if the caller goes away meanwhile; then it goes with what is returned.
        let made = tokio::task::spawn_blocking({
            let path = path.clone();
            move || {
                let file = std::fs::File::options().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
                Ok::<_, io::Error>((file, Unkept::new(path)))
            }
        });
        let (file, partial) = made.await??;
        Ok(Self { file: file.into(), path, name, place, partial, written: 0 })
    }

    /// Appends.
    pub(crate) async fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        self.file.write_all(octets).await?;
        self.written += octets.len() as u64;
        Ok(())
    }

    /// All octets so far, in memory; what is written afterwards follows them.
    pub(crate) async fn read_back(&mut self) -> io::Result<Vec<u8>> {
        self.file.flush().await?;
        self.file.rewind().await?;
        let mut octets = Vec::with_capacity(usize::try_from(self.written).unwrap_or_default());
        self.file.read_to_end(&mut octets).await?;
        Ok(octets)
    }

    /// Octets so far.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// Puts the whole of it in its place, where it survives a power cut.
    pub(crate) async fn store(mut self) -> Result<StoredBlob, StorageError> {
        self.file.flush().await?;
        // From here on: what fails in the middle may have left it there all the same.
        let stored = StoredBlob { name: self.name, unkept: Some(self.place.clone()) };
        match &self.place {
            Place::Disk(disk) => {
                disk.take(self.name, &self.file, &self.path).await?;
                self.partial.keep();
            }
            Place::Bucket(bucket) => {
                self.file.rewind().await?;
                bucket.put(self.name, &mut self.file, self.written).await?;
                bucket.is_still_ours().await?;
            }
        }
        Ok(stored)
    }
}

/// A complete blob whose row is not written yet; gone when dropped before [`StoredBlob::settle`].
#[derive(Debug)]
pub(crate) struct StoredBlob {
    name: BlobName,
    unkept: Option<Place>,
}

impl StoredBlob {
    /// Its name, for the row.
    pub(crate) fn name(&self) -> BlobName {
        self.name
    }

    /// Stays if its row is committed, as `names_it` says of what the database answered, and if the database failed: when
    /// the answer to a commit is lost, a row may name it, and if none does the purge removes it. Else it is removed.
    pub(crate) async fn settle<T>(mut self, stored: &Result<T, StorageError>, names_it: impl FnOnce(&T) -> bool) {
        let stays = match stored {
            Ok(stored) => names_it(stored),
            Err(error) => error.leaves_unsure(),
        };
        if let Some(place) = self.unkept.take()
            && !stays
        {
            place.remove(self.name).await;
        }
    }
}

impl Drop for StoredBlob {
    fn drop(&mut self) {
        if let Some(place) = self.unkept.take() {
            place.start_to_remove(self.name);
        }
    }
}
