//! The keyring of an account: one file in which its devices meet. They seal it under a code that this server never gets;
//! here it is ciphertext with a revision.
//!
//! Not here: HTTP (`api`, `request::precondition`), SQL and files (`storage`), what is in the file.

use crate::ciphertext::{Ciphertext, Octets, receive};
use crate::clock::Clock;
use crate::envelope::Refusal;
use crate::revision::{KeyringRefusal, Seen, Written};
use crate::settings::Settings;
use crate::storage::{Blobs, Database, IncomingBlob, KeyringRefused, KeyringWrite, NewKeyring, Writer, stored_size};
use envelock_wire::Revision;
use rand::RngCore;
use std::sync::Arc;

impl From<KeyringRefused> for KeyringRefusal {
    fn from(refused: KeyringRefused) -> Self {
        match refused {
            KeyringRefused::Changed => KeyringRefusal::Changed,
            KeyringRefused::Full => Refusal::StorageFull.into(),
        }
    }
}

/// The keyrings of all accounts.
#[derive(Clone)]
pub struct Keyrings {
    database: Database,
    blobs: Blobs,
    clock: Arc<dyn Clock>,
    keyring_bytes: u64,
    account_octets: i64,
}

impl Keyrings {
    /// Over this database and these directories.
    pub(crate) fn new(database: Database, blobs: Blobs, clock: Arc<dyn Clock>, settings: &Settings) -> Self {
        Self {
            database,
            blobs,
            clock,
            keyring_bytes: settings.keyring_bytes,
            account_octets: stored_size(settings.account_bytes),
        }
    }

    /// The keyring of this account and its version.
    pub async fn read(&self, account: i64) -> Result<(Revision, Ciphertext), KeyringRefusal> {
        let mut missing = None;
        while let Some(row) = self.database.keyring(account).await? {
            match Ciphertext::open(&self.blobs, row.file).await {
                Ok(ciphertext) => return Ok((Revision::from_octets(row.version), ciphertext)),
                // Written anew between row and file. A row that names a missing file twice is a fault of ours.
                Err(error) if error.is_missing() && missing != Some(row.version) => {
                    missing = Some(row.version);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refusal::NotFound.into())
    }

    /// Stores this keyring in place of the one its writer has seen. When this returns, file and row are on the disk.
    ///
    /// `length` is what the caller announced. What cannot be stored is refused before it is read, as far
    /// as that is known by then.
    pub async fn write(
        &self,
        writer: &Writer,
        seen: Seen,
        length: u64,
        octets: Octets,
    ) -> Result<Written, KeyringRefusal> {
        if length > self.keyring_bytes {
            return Err(Refusal::TooLarge { allowed: self.keyring_bytes }.into());
        }
        let (expected, size) = (seen.version(), stored_size(length));
        let put = self.database.may_put_keyring(writer.account(), expected, size, self.account_octets).await?;
        if let Some(refused) = put {
            return Err(refused.into());
        }
        let incoming = receive(&self.blobs, octets, length).await.map_err(Refusal::from)?;
        let (this, writer) = (self.clone(), *writer);
        // To its end even if the caller goes away: a commit that is under way cannot be taken back, and its file must stay.
        let put = tokio::spawn(async move { this.put(&writer, seen, incoming).await });
        put.await.map_err(std::io::Error::from)?
    }

    async fn put(&self, writer: &Writer, seen: Seen, incoming: IncomingBlob) -> Result<Written, KeyringRefusal> {
        let size = incoming.written();
        let blob = incoming.store().await?;
        let mut version = [0; 16];
        rand::rngs::OsRng.fill_bytes(&mut version);
        let new = NewKeyring { version: &version, size: stored_size(size), file: blob.name() };
        let put = self.database.put_keyring(writer, seen.version(), &new, self.account_octets, self.now()).await;
        blob.settle(&put, |put| matches!(put, KeyringWrite::Stored { .. })).await;
        match put? {
            KeyringWrite::Stored { replaced } => {
                if let Some(file) = replaced {
                    self.blobs.remove(file).await;
                }
                Ok(Written { version: Revision::from_octets(version), created: replaced.is_none() })
            }
            KeyringWrite::Refused(refused) => Err(refused.into()),
        }
    }

    /// Removes the keyring; with `seen` only this version of it. That there is none is no fault, unless one was seen.
    pub async fn remove(&self, writer: &Writer, seen: Option<Revision>) -> Result<(), KeyringRefusal> {
        let (seen, now) = (seen.as_ref().map(Revision::as_octets), self.now());
        let removed = self.database.ending(|| self.database.remove_keyring(writer, seen, now)).await?;
        match removed {
            Some(file) => self.blobs.remove(file).await,
            None if seen.is_some() => return Err(KeyringRefusal::Changed),
            None => {}
        }
        Ok(())
    }

    fn now(&self) -> i64 {
        self.clock.now().as_unix()
    }
}
