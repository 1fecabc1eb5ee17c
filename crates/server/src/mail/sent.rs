//! Copies of what somebody sent, as their devices encrypted it to them. No device stores anything in clear by mistake: what does not begin
//! as an encrypted message is refused.

use super::Mailboxes;
use super::sealing::{OVERHEAD, SESSION_KEY};
use crate::ciphertext::{Octets, receive};
use crate::envelope::Refusal;
use crate::storage::{IncomingBlob, NewSentMail, SentMailWrite, StorageError, Writer, stored_size};
use bytes::Bytes;
use envelock_wire::MailId;
use futures_util::{StreamExt, stream};

/// Why a copy was not kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SentRefusal {
    /// It does not begin as an encrypted message.
    #[error("not encrypted")]
    Clear,
    /// The account's mail takes all the room it may.
    #[error("the mailbox is full")]
    Full,
    /// As with everything that is stored.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl From<StorageError> for SentRefusal {
    fn from(cause: StorageError) -> Self {
        Refusal::from(cause).into()
    }
}

/// A copy on its way in.
pub(crate) struct SentMail {
    /// Octets of what comes, as announced.
    pub(crate) length: u64,
    /// How many of them are the summary, which comes first.
    pub(crate) summary_length: usize,
    /// What comes.
    pub(crate) octets: Octets,
}

impl Mailboxes {
    /// Keeps a copy under this name, unless there is a message of that name; whether it is a new one. When this returns, file and row are on
    /// the disk.
    pub(crate) async fn keep_sent(&self, writer: &Writer, id: &MailId, sent: SentMail) -> Result<bool, SentRefusal> {
        let SentMail { length: announced, summary_length, octets } = sent;
        let allowed = self.message_bytes.saturating_add(OVERHEAD);
        let length = announced.checked_sub(summary_length as u64).filter(|length| *length > 0);
        let length = length.ok_or(Refusal::SizeMismatch { announced })?;
        if length > allowed {
            return Err(Refusal::TooLarge { allowed }.into());
        }
        let size = stored_size(length);
        match self.database.may_keep_sent_mail(writer.account(), (id.as_octets(), size), self.room).await? {
            SentMailWrite::Full => return Err(SentRefusal::Full),
            SentMailWrite::Kept | SentMailWrite::AlreadyThere => {}
        }
        let (summary, message) = split(octets, summary_length, announced).await?;
        let incoming = receive(&self.blobs, message, length).await.map_err(Refusal::from)?;
        let (this, writer, id) = (self.clone(), *writer, *id);
        // To its end even if the caller goes away: a commit that is under way cannot be taken back, and its file must stay.
        let kept = tokio::spawn(async move { this.put_sent(&writer, &id, &summary, incoming).await });
        kept.await.map_err(|error| StorageError::from(std::io::Error::from(error)))?
    }

    async fn put_sent(
        &self,
        writer: &Writer,
        id: &MailId,
        summary: &[u8],
        incoming: IncomingBlob,
    ) -> Result<bool, SentRefusal> {
        let size = stored_size(incoming.written());
        let blob = incoming.store().await?;
        let new = NewSentMail { id: id.as_octets(), now: self.now(), size, file: blob.name(), summary };
        let kept = self.database.keep_sent_mail(writer, &new, self.room).await;
        blob.settle(&kept, |kept| *kept == SentMailWrite::Kept).await;
        match kept? {
            SentMailWrite::Kept => Ok(true),
            SentMailWrite::AlreadyThere => Ok(false),
            SentMailWrite::Full => Err(SentRefusal::Full),
        }
    }
}

/// The summary, and what follows it, once it is known how both begin.
async fn split(mut octets: Octets, summary: usize, announced: u64) -> Result<(Vec<u8>, Octets), SentRefusal> {
    let mut beginning = Vec::new();
    while beginning.len() <= summary {
        let Some(chunk) = octets.next().await else { return Err(Refusal::SizeMismatch { announced }.into()) };
        beginning.extend_from_slice(&chunk.map_err(Refusal::from)?);
    }
    let message = beginning.split_off(summary);
    if !is_encrypted(&beginning) || !is_encrypted(&message) {
        return Err(SentRefusal::Clear);
    }
    Ok((beginning, Box::pin(stream::iter([Ok(Bytes::from(message))]).chain(octets))))
}

/// Whether this begins with a session key that is encrypted to a key, in the packet format of today or of before (RFC 9580 §4.2, §5.1).
/// No text does: in UTF-8 nothing begins so, and no header field.
fn is_encrypted(beginning: &[u8]) -> bool {
    matches!(beginning.first(), Some(&SESSION_KEY | 0x84..=0x87))
}
