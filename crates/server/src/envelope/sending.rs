//! What a sender does with their own envelopes. Those of others are [`Refusal::NotFound`].

use super::{Envelopes, Refusal, read_size};
use crate::ciphertext::{Octets, receive};
use crate::storage::{
    Announced, BlobName, EnvelopeRow, IncomingBlob, NewEnvelope, StorageError, StoredState, Writer, stored_size,
};
use envelock_wire::limits::MAX_EXPIRY_SECONDS;
use envelock_wire::{
    ChangeEnvelope, CreateEnvelope, EnvelopeId, EnvelopeList, EnvelopeRecord, EnvelopeState, ExpirySeconds, Hint,
    ListEnvelopes, MaxOpenings, Note, Timestamp,
};
use rand::RngCore;

impl Envelopes {
    /// Announces an envelope under a fresh random name. It waits for its ciphertext for an hour.
    pub async fn create(&self, writer: &Writer, new: &CreateEnvelope) -> Result<EnvelopeRecord, Refusal> {
        if new.size > self.envelope_bytes {
            return Err(Refusal::TooLarge { allowed: self.envelope_bytes });
        }
        if new.size == 0 {
            return Err(Refusal::SizeMismatch { announced: 0 });
        }
        let now = self.now();
        let mut id = [0; 16];
        rand::rngs::OsRng.fill_bytes(&mut id);
        let row = NewEnvelope {
            id: &id,
            account: writer.account(),
            profile: new.profile.into(),
            salt: new.salt.as_octets(),
            link_secret: new.link_secret,
            token_hash: new.token_hash.as_octets(),
            hint: new.hint.as_ref().map(Hint::as_str),
            note: new.note.as_ref().map(Note::as_str),
            size: stored_size(new.size),
            created: now,
            expires: now + i64::from(new.expires_in_seconds.unwrap_or(ExpirySeconds::DEFAULT)),
            max_openings: new.max_openings.map(u32::from),
        };
        match self.database.add_envelope(writer, &row, self.room).await? {
            Announced::Stored => self.record(writer.account(), &EnvelopeId::from_octets(id)).await,
            Announced::TooMany => {
                Err(Refusal::TooManyEnvelopes { allowed: u32::try_from(self.room.envelopes).unwrap_or(u32::MAX) })
            }
            Announced::Full => Err(Refusal::StorageFull),
        }
    }

    /// Takes the ciphertext of an announced envelope, which must have the announced size, and seals it. When this
    /// returns, file and row are on the disk.
    pub async fn seal(&self, writer: &Writer, id: &EnvelopeId, length: u64, octets: Octets) -> Result<(), Refusal> {
        let row = self.row(writer.account(), id).await?;
        match self.state(&row) {
            EnvelopeState::Uploading => {}
            EnvelopeState::Sealed | EnvelopeState::Locked => return Err(Refusal::AlreadySealed),
            _ => return Err(Refusal::Ended),
        }
        let announced = read_size(row.size);
        if length != announced {
            return Err(Refusal::SizeMismatch { announced });
        }
        let incoming = receive(&self.blobs, octets, announced).await?;
        let (this, writer, id) = (self.clone(), *writer, *id);
        // To its end even if the caller goes away: a commit that is under way cannot be taken back, and its file must stay.
        tokio::spawn(async move { this.keep_sealed(&writer, &id, incoming).await })
            .await
            .map_err(std::io::Error::from)?
    }

    async fn keep_sealed(&self, writer: &Writer, id: &EnvelopeId, incoming: IncomingBlob) -> Result<(), Refusal> {
        let blob = incoming.store().await?;
        let sealed = self.database.seal_envelope(writer, id.as_octets(), blob.name(), self.now()).await;
        blob.settle(&sealed, |sealed| *sealed).await;
        if !sealed? {
            // Another upload was faster, or the envelope ended meanwhile; ours is removed.
            return Err(Refusal::AlreadySealed);
        }
        Ok(())
    }

    /// A page of the sender's envelopes, newest first. [`Refusal::NotFound`] if the one it shall follow is not there.
    pub async fn list(&self, account: i64, page: &ListEnvelopes) -> Result<EnvelopeList, Refusal> {
        let limit = u32::from(page.limit.unwrap_or_default());
        let previous = match &page.before {
            Some(id) => Some(self.row(account, id).await?),
            None => None,
        };
        let before = previous.as_ref().map(|row| (row.created, &row.id));
        // One more than asked for tells whether there is another page.
        let mut rows = self.database.envelopes_of(account, before, limit + 1).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|row| EnvelopeId::from_octets(row.id));
        let envelopes = rows.into_iter().map(|row| self.to_record(row)).collect::<Result<_, _>>()?;
        Ok(EnvelopeList { envelopes, next })
    }

    /// One of the sender's envelopes.
    pub async fn record(&self, account: i64, id: &EnvelopeId) -> Result<EnvelopeRecord, Refusal> {
        let row = self.row(account, id).await?;
        self.to_record(row)
    }

    /// Changes its end, unlocks it, or both.
    pub async fn change(
        &self,
        writer: &Writer,
        id: &EnvelopeId,
        change: &ChangeEnvelope,
    ) -> Result<EnvelopeRecord, Refusal> {
        let now = self.now();
        // Tells apart what is not there and what has ended.
        self.row(writer.account(), id).await?;
        if let Some(seconds) = change.expires_in_seconds {
            let expires = now + i64::from(seconds);
            let longest = i64::from(MAX_EXPIRY_SECONDS);
            if !self.database.set_expiry(writer, id.as_octets(), expires, longest, now).await? {
                return Err(Refusal::Ended);
            }
        }
        if change.unlock == Some(true) && !self.database.unlock_envelope(writer, id.as_octets(), now).await? {
            return Err(Refusal::Ended);
        }
        self.record(writer.account(), id).await
    }

    /// Takes it back: the bytes are removed and nobody can open it or reply any more. Replies already received stay.
    pub async fn withdraw(&self, account: i64, id: &EnvelopeId) -> Result<(), Refusal> {
        let file = self.withdraw_row(account, id.as_octets()).await?.ok_or(Refusal::NotFound)?;
        if let Some(file) = file {
            self.blobs.remove(file).await;
        }
        Ok(())
    }

    /// Withdraws all of them that can be opened or replied to. Returns how many. One at a time, so that nobody waits for all.
    pub async fn withdraw_all(&self, account: i64) -> Result<u64, Refusal> {
        let mut withdrawn = 0;
        for id in self.database.envelopes_going_on(account, self.now()).await? {
            if let Some(file) = self.withdraw_row(account, &id).await? {
                withdrawn += 1;
                if let Some(file) = file {
                    self.blobs.remove(file).await;
                }
            }
        }
        Ok(withdrawn)
    }

    /// The file that is to be removed with it.
    async fn withdraw_row(&self, account: i64, id: &[u8; 16]) -> Result<Option<Option<BlobName>>, StorageError> {
        let now = self.now();
        self.database.ending(|| self.database.withdraw_envelope(account, id, now)).await
    }

    pub(super) async fn row(&self, account: i64, id: &EnvelopeId) -> Result<EnvelopeRow, Refusal> {
        self.database.envelope_of(account, id.as_octets()).await?.ok_or(Refusal::NotFound)
    }

    fn state(&self, row: &EnvelopeRow) -> EnvelopeState {
        let over = row.expires <= self.now();
        match row.state {
            // The purge will come to the same conclusion.
            StoredState::Uploading | StoredState::Sealed if over => EnvelopeState::Expired,
            StoredState::Uploading => EnvelopeState::Uploading,
            StoredState::Sealed | StoredState::Opened if row.tries_left == 0 && !over => EnvelopeState::Locked,
            StoredState::Sealed => EnvelopeState::Sealed,
            StoredState::Opened => EnvelopeState::Opened,
            StoredState::Expired => EnvelopeState::Expired,
            StoredState::Withdrawn => EnvelopeState::Withdrawn,
        }
    }

    fn to_record(&self, row: EnvelopeRow) -> Result<EnvelopeRecord, Refusal> {
        let corrupt = |_| Refusal::Storage(StorageError::Corrupt("envelope"));
        Ok(EnvelopeRecord {
            id: EnvelopeId::from_octets(row.id),
            state: self.state(&row),
            created: Timestamp::from_unix(row.created),
            expires: Timestamp::from_unix(row.expires),
            size: read_size(row.size),
            // Text that an earlier version took and this one would not is left out.
            hint: row.hint.and_then(|hint| Hint::try_from(hint).ok()),
            link_secret: row.link_secret,
            max_openings: row.max_openings.map(MaxOpenings::try_from).transpose().map_err(corrupt)?,
            openings: row.openings,
            tries_left: row.tries_left,
            replies: row.replies,
            note: row.note.and_then(|note| Note::try_from(note).ok()),
            opened_at: row.opened_at.map(Timestamp::from_unix),
            lapsed_leases: row.lapsed_leases,
            lapsed_lease_at: row.lapsed_lease_at.map(Timestamp::from_unix),
        })
    }
}
