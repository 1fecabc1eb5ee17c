//! Ciphertext on its way in and out: streamed, measured, never held in memory as a whole.

use super::{Envelopes, Refusal};
use crate::storage::{BlobName, StoredBlob};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
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

/// A complete file of ciphertext, open for reading.
#[derive(Debug)]
pub struct Ciphertext {
    /// The file.
    pub file: File,
    /// Its length in octets.
    pub size: u64,
}

impl Envelopes {
    /// Writes a body of at most `limit` octets to the disk. Returns it with its length; whatever goes wrong, and if the
    /// caller goes away, nothing is left.
    pub(super) async fn receive(&self, mut octets: Octets, limit: u64) -> Result<(StoredBlob, u64), Refusal> {
        let mut incoming = self.blobs.receive().await?;
        while let Some(chunk) = octets.next().await {
            let chunk = chunk?;
            if incoming.written() + chunk.len() as u64 > limit {
                return Err(Refusal::TooLarge { allowed: limit });
            }
            incoming.write(&chunk).await?;
        }
        let written = incoming.written();
        Ok((incoming.store().await?, written))
    }

    pub(super) async fn ciphertext(&self, name: BlobName) -> Result<Ciphertext, std::io::Error> {
        let file = self.blobs.read(name).await?;
        let size = file.metadata().await?.len();
        Ok(Ciphertext { file, size })
    }
}
