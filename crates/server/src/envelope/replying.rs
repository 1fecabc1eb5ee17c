//! Replies: posted by the holder of a link with the token, read by the sender.

use super::opening::repliable;
use super::{Envelopes, Refusal, read_size};
use crate::ciphertext::{Ciphertext, Octets, receive};
use crate::storage::{AddedReply, IncomingBlob, stored_size};
use envelock_wire::limits::REPLIES;
use envelock_wire::{EnvelopeId, ReplyAccepted, ReplySummary, Timestamp, Token};

impl Envelopes {
    /// Stores a reply. Works until the original end, also after the last opening, not after withdrawal.
    ///
    /// `length` is what the caller announced; more than the limit is refused before it is read.
    pub async fn reply(
        &self,
        id: &EnvelopeId,
        token: &Token,
        length: u64,
        octets: Octets,
    ) -> Result<ReplyAccepted, Refusal> {
        let now = self.now();
        let row = self.try_token(id, token, |row| repliable(row, now), false).await?;
        if row.replies >= REPLIES {
            return Err(Refusal::ReplyLimit);
        }
        if length > self.reply_bytes {
            return Err(Refusal::TooLarge { allowed: self.reply_bytes });
        }
        let incoming = receive(&self.blobs, octets, length).await?;
        let (this, id) = (self.clone(), *id);
        // To its end even if the caller goes away: a commit that is under way cannot be taken back, and its file must stay.
        tokio::spawn(async move { this.keep_reply(&id, incoming).await }).await.map_err(std::io::Error::from)?
    }

    async fn keep_reply(&self, id: &EnvelopeId, incoming: IncomingBlob) -> Result<ReplyAccepted, Refusal> {
        let (size, room) = (stored_size(incoming.written()), self.room.octets);
        let blob = incoming.store().await?;
        // Ended or filled up while the body came: refused, and `blob` goes.
        let added = self.database.add_reply(id.as_octets(), size, blob.name(), REPLIES, room, self.now()).await;
        blob.settle(&added, |added| matches!(added, AddedReply::Stored { .. })).await;
        match added? {
            AddedReply::Stored { number } => Ok(ReplyAccepted { number }),
            AddedReply::Nothing => Err(Refusal::Gone),
            AddedReply::TooMany => Err(Refusal::ReplyLimit),
            AddedReply::Full => Err(Refusal::SenderFull),
        }
    }

    /// The replies to one of the sender's envelopes, oldest first.
    pub async fn replies(&self, account: i64, id: &EnvelopeId) -> Result<Vec<ReplySummary>, Refusal> {
        self.row(account, id).await?;
        let rows = self.database.replies(id.as_octets()).await?;
        Ok(rows
            .into_iter()
            .map(|row| ReplySummary {
                number: row.number,
                created: Timestamp::from_unix(row.created),
                size: read_size(row.size),
            })
            .collect())
    }

    /// The ciphertext of one reply to one of the sender's envelopes.
    pub async fn read_reply(&self, account: i64, id: &EnvelopeId, number: u32) -> Result<Ciphertext, Refusal> {
        self.row(account, id).await?;
        let rows = self.database.replies(id.as_octets()).await?;
        let row = rows.into_iter().find(|row| row.number == number).ok_or(Refusal::NotFound)?;
        Ok(Ciphertext::open(&self.blobs, row.file).await?)
    }
}
