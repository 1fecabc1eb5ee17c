//! Ciphertext on its way in and out: streamed, measured, never held in memory as a whole.

use crate::storage::{BlobName, Blobs, StorageError, StoredBlob};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use std::io;
use std::pin::Pin;
use tokio::fs::File;

/// A body as it arrives.
pub type Octets = Pin<Box<dyn Stream<Item = Result<Bytes, Interrupted>> + Send>>;

/// Why a body did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Interrupted {
    /// It came too slowly.
    #[error("too slow")]
    TooSlow,
    /// It broke off.
    #[error("broken off")]
    Broken,
}

/// Why a body is not on the disk; nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotReceived {
    #[error("too large")]
    TooLarge { allowed: u64 },
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<io::Error> for NotReceived {
    fn from(error: io::Error) -> Self {
        NotReceived::Storage(error.into())
    }
}

/// A complete file of ciphertext, open for reading.
#[derive(Debug)]
pub struct Ciphertext {
    /// The file.
    pub file: File,
    /// Its length in octets.
    pub size: u64,
}

impl Ciphertext {
    pub(crate) async fn open(blobs: &Blobs, name: BlobName) -> io::Result<Self> {
        let file = blobs.read(name).await?;
        let size = file.metadata().await?.len();
        Ok(Self { file, size })
    }
}

/// Writes a body of at most `limit` octets to the disk. Returns it with its length; whatever goes wrong, and if the
/// caller goes away, nothing is left.
pub(crate) async fn receive(blobs: &Blobs, mut octets: Octets, limit: u64) -> Result<(StoredBlob, u64), NotReceived> {
    let mut incoming = blobs.receive().await?;
    while let Some(chunk) = octets.next().await {
        let chunk = chunk?;
        if incoming.written() + chunk.len() as u64 > limit {
            return Err(NotReceived::TooLarge { allowed: limit });
        }
        incoming.write(&chunk).await?;
    }
    let written = incoming.written();
    Ok((incoming.store().await?, written))
}
