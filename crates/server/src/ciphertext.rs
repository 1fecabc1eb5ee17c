//! Ciphertext on its way in and out: streamed, measured, never held in memory as a whole.

use crate::storage::{BlobName, BlobOctets, Blobs, IncomingBlob, StorageError};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use std::fmt;
use std::io;
use std::pin::Pin;

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

/// Why a body was not received; nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotReceived {
    #[error("size mismatch")]
    SizeMismatch { announced: u64 },
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

/// Complete ciphertext, open for reading.
pub struct Ciphertext {
    /// Its octets.
    pub(crate) octets: BlobOctets,
    /// Its length in octets.
    pub size: u64,
}

impl fmt::Debug for Ciphertext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ciphertext").field("size", &self.size).finish_non_exhaustive()
    }
}

impl Ciphertext {
    pub(crate) async fn open(blobs: &Blobs, name: BlobName) -> Result<Self, StorageError> {
        let (size, octets) = blobs.read(name).await?;
        Ok(Self { octets, size })
    }
}

/// Receives a body of exactly the `announced` octets, and not of none, to be stored; whatever goes wrong, and if the caller goes
/// away, nothing is left.
pub(crate) async fn receive(blobs: &Blobs, mut octets: Octets, announced: u64) -> Result<IncomingBlob, NotReceived> {
    if announced == 0 {
        return Err(NotReceived::SizeMismatch { announced });
    }
    let mut incoming = blobs.receive().await?;
    while let Some(chunk) = octets.next().await {
        let chunk = chunk?;
        if incoming.written() + chunk.len() as u64 > announced {
            return Err(NotReceived::SizeMismatch { announced });
        }
        incoming.write(&chunk).await?;
    }
    if incoming.written() != announced {
        return Err(NotReceived::SizeMismatch { announced });
    }
    Ok(incoming)
}
