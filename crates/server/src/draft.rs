//! Drafts: what somebody is writing, encrypted by their devices to themselves. Here each is ciphertext with a name and a revision.
//!
//! The name is random, chosen by the device that begins a draft; under the name of one that was deleted nothing is stored again, so
//! that a device that does not know it yet learns it instead of bringing the draft back.
//!
//! Not here: HTTP (`api`, `request::precondition`), SQL and files (`storage`), what is in a draft.

use crate::ciphertext::{Ciphertext, Octets, receive};
use crate::clock::Clock;
use crate::envelope::Refusal;
use crate::revision::{Seen, Written};
use crate::settings::Settings;
use crate::storage::{
    Blobs, Database, DraftRefused, DraftRemoval, DraftRoom, DraftRow, DraftWrite, IncomingBlob, NewDraft, StorageError,
    Writer, stored_size,
};
use envelock_wire::{DraftId, DraftList, DraftRecord, Revision, Timestamp};
use rand::RngCore;
use std::sync::Arc;

/// Seconds for which it is remembered that a draft was deleted: 90 days.
const MEMORY: i64 = 90 * 24 * 3600;

/// Why an operation on a draft was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DraftRefusal {
    /// It is not what the caller expected: another device was faster.
    #[error("changed")]
    Changed {
        /// The version that is stored, if there is one.
        present: Option<Revision>,
    },
    /// The account has as many as the server keeps.
    #[error("too many drafts")]
    TooMany {
        /// How many that is.
        allowed: u32,
    },
    /// As with everything that is stored.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl From<StorageError> for DraftRefusal {
    fn from(cause: StorageError) -> Self {
        Refusal::from(cause).into()
    }
}

impl From<std::io::Error> for DraftRefusal {
    fn from(error: std::io::Error) -> Self {
        StorageError::from(error).into()
    }
}

/// The drafts of all accounts.
#[derive(Clone)]
pub struct Drafts {
    database: Database,
    blobs: Blobs,
    clock: Arc<dyn Clock>,
    draft_bytes: u64,
    allowed: u32,
    room: DraftRoom,
}

impl Drafts {
    /// Over this database and these directories.
    pub(crate) fn new(database: Database, blobs: Blobs, clock: Arc<dyn Clock>, settings: &Settings) -> Self {
        let allowed = settings.account_drafts.get();
        let room = DraftRoom { drafts: allowed.into(), octets: stored_size(settings.account_bytes) };
        Self { database, blobs, clock, draft_bytes: settings.draft_bytes, allowed, room }
    }

    /// Those of this account, the one written last first.
    pub async fn list(&self, account: i64) -> Result<DraftList, DraftRefusal> {
        let rows = self.database.drafts(account).await?;
        Ok(DraftList { drafts: rows.iter().map(record).collect::<Result<_, _>>()? })
    }

    /// One draft and its version.
    pub async fn read(&self, account: i64, id: &DraftId) -> Result<(Revision, Ciphertext), DraftRefusal> {
        let mut missing = None;
        while let Some(row) = self.database.draft(account, id.as_octets()).await? {
            let Some(file) = row.file else { break };
            match Ciphertext::open(&self.blobs, file).await {
                Ok(ciphertext) => return Ok((Revision::from_octets(row.version), ciphertext)),
                // Written anew between row and file. A row that names a missing file twice is a fault of ours.
                Err(error) if error.is_missing() && missing != Some(row.version) => missing = Some(row.version),
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refusal::NotFound.into())
    }

    /// Stores this draft in place of what its writer has seen. When this returns, file and row are on the disk.
    ///
    /// `length` is what the caller announced. What cannot be stored is refused before it is read, as far as that is known by then.
    pub async fn write(
        &self,
        writer: &Writer,
        id: &DraftId,
        seen: Seen,
        length: u64,
        octets: Octets,
    ) -> Result<Written, DraftRefusal> {
        if length > self.draft_bytes {
            return Err(Refusal::TooLarge { allowed: self.draft_bytes }.into());
        }
        let (expected, size) = (seen.version(), stored_size(length));
        let put = self.database.may_put_draft(writer.account(), expected, id.as_octets(), size, self.room).await?;
        if let Some(refused) = put {
            return Err(self.refusal(&refused));
        }
        let incoming = receive(&self.blobs, octets, length).await.map_err(Refusal::from)?;
        let (this, writer, id) = (self.clone(), *writer, *id);
        // To its end even if the caller goes away: a commit that is under way cannot be taken back, and its file must stay.
        tokio::spawn(async move { this.put(&writer, &id, seen, incoming).await }).await.map_err(std::io::Error::from)?
    }

    async fn put(
        &self,
        writer: &Writer,
        id: &DraftId,
        seen: Seen,
        incoming: IncomingBlob,
    ) -> Result<Written, DraftRefusal> {
        let size = stored_size(incoming.written());
        let blob = incoming.store().await?;
        let mut version = [0; 16];
        rand::rngs::OsRng.fill_bytes(&mut version);
        let now = self.now();
        let new = NewDraft { id: id.as_octets(), version: &version, changed: now, size, file: blob.name() };
        let put = self.database.put_draft(writer, seen.version(), &new, self.room).await;
        blob.settle(&put, |put| matches!(put, DraftWrite::Stored { .. })).await;
        match put? {
            DraftWrite::Stored { replaced } => {
                if let Some(file) = replaced {
                    self.blobs.remove(file).await;
                }
                Ok(Written { version: Revision::from_octets(version), created: replaced.is_none() })
            }
            DraftWrite::Refused(refused) => Err(self.refusal(&refused)),
        }
    }

    fn refusal(&self, refused: &DraftRefused) -> DraftRefusal {
        match refused {
            DraftRefused::Changed { present } => changed(*present),
            DraftRefused::TooMany => DraftRefusal::TooMany { allowed: self.allowed },
            DraftRefused::Full => Refusal::StorageFull.into(),
        }
    }

    /// Deletes this version of a draft.
    pub async fn remove(&self, writer: &Writer, id: &DraftId, seen: &Revision) -> Result<(), DraftRefusal> {
        let (id, seen, now) = (id.as_octets(), seen.as_octets(), self.now());
        match self.database.ending(|| self.database.remove_draft(writer, id, seen, now)).await? {
            DraftRemoval::Removed(file) => {
                self.blobs.remove(file).await;
                Ok(())
            }
            DraftRemoval::Changed { present } => Err(changed(present)),
        }
    }

    fn now(&self) -> i64 {
        self.clock.now().as_unix()
    }

    /// Forgets what was deleted long ago.
    pub(crate) async fn purge(&self) -> Result<(), StorageError> {
        while self.database.forget_deleted_drafts(self.now() - MEMORY).await? {}
        Ok(())
    }
}

fn changed(present: Option<[u8; 16]>) -> DraftRefusal {
    DraftRefusal::Changed { present: present.map(Revision::from_octets) }
}

fn record(row: &DraftRow) -> Result<DraftRecord, StorageError> {
    Ok(DraftRecord {
        id: DraftId::from_octets(row.id),
        revision: Revision::from_octets(row.version),
        size: row.size.try_into().map_err(|_| StorageError::Corrupt("size"))?,
        changed: Timestamp::from_unix(row.changed),
    })
}
