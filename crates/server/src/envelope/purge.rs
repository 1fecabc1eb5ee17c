//! What time ends, ended: run by the server on its own, whether or not anybody calls.

use super::{Envelopes, Refusal};
use crate::storage::{Ended, StorageError};
use tokio::time::{Instant, sleep};

/// Seconds an announced envelope waits for its ciphertext.
const UPLOAD_WINDOW: i64 = 3600;

/// Seconds an envelope stays in its sender's list after its last opening, its withdrawal or its end by time: 90 days.
/// One that was opened stays at least while it takes replies, and every reply for as long as this.
const RECORD_RETENTION: i64 = 90 * 24 * 3600;

/// What a purge removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    /// Envelopes that reached their end and had ciphertext.
    pub expired: u64,
    /// Announced envelopes whose ciphertext never came.
    pub abandoned: u64,
    /// Leases that were over.
    pub leases: u64,
    /// Files of replies to envelopes that ended long ago.
    pub replies: u64,
}

/// The writer's time is shared with requests: of what has piled up, half of it goes to them.
struct Pace(Instant);

impl Pace {
    fn new() -> Self {
        Self(Instant::now())
    }

    /// As long as it is since the last rest.
    async fn rest(&mut self) {
        sleep(self.0.elapsed()).await;
        self.0 = Instant::now();
    }
}

impl Envelopes {
    /// Ends and forgets what is over by now. Does the same if run twice.
    pub async fn purge(&self) -> Result<Purged, StorageError> {
        let now = self.now();
        let mut purged = Purged::default();
        let mut pace = Pace::new();
        loop {
            let ended = self.database.expire_envelopes(now).await?;
            purged.expired += ended.rows;
            self.remove_files(&ended).await;
            if !ended.more {
                break;
            }
            pace.rest().await;
        }
        while self.database.end_replying(now).await?.more {
            pace.rest().await;
        }
        loop {
            let ended = self.database.remove_ended(now - RECORD_RETENTION, now).await?;
            purged.replies += ended.files.len() as u64;
            self.remove_files(&ended).await;
            if !ended.more {
                break;
            }
            pace.rest().await;
        }
        loop {
            let abandoned = self.database.remove_abandoned(now - UPLOAD_WINDOW, now).await?;
            purged.abandoned += abandoned.rows;
            if !abandoned.more {
                break;
            }
            pace.rest().await;
        }
        // One envelope at a time, so that nobody waits for all of them.
        for id in self.database.envelopes_with_lapsed_leases(now).await? {
            purged.leases += self.database.count_lapsed_leases(&id, now).await?;
            pace.rest().await;
        }
        loop {
            let removed = self.database.remove_confirmed_leases(now).await?;
            purged.leases += removed.rows;
            if !removed.more {
                break;
            }
            pace.rest().await;
        }
        Ok(purged)
    }

    async fn remove_files(&self, ended: &Ended) {
        self.blobs.remove_all(&ended.files).await;
    }

    /// Removes files that a crash left without a row. Returns how many.
    pub async fn purge_orphans(&self) -> Result<u64, Refusal> {
        Ok(self.blobs.remove_orphans(&self.database, self.orphan_age).await?)
    }

    /// Seconds until the next envelope ends; `None` if there is none.
    pub async fn next_expiry(&self) -> Result<Option<i64>, Refusal> {
        Ok(self.database.next_expiry().await?.map(|expires| expires - self.now()))
    }
}
