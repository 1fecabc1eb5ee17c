//! A message on its way into mailboxes: octets to a file as they come, then, when it is whole, one row for each recipient. What is
//! acknowledged is on the disk by then.
//!
//! Between the commit and the client's reading of 250 there is always a moment in which either may go away. A client that heard nothing
//! has to bring the message again (RFC 5321 §6.1), and so has one that heard 250 for some recipients only; SMTP itself can promise no more
//! than at least once (RFC 1047). So what comes twice is known again, in each mailbox for itself: the same octets from the same sender,
//! if they have a name in them ([`has_name`]), within the days that clients try. It is answered with 250, as it is there. Mail
//! servers try again what lies in their queue, the same octets; without a name two messages may well be alike (of a program that says
//! once more that the disk is full), and both are kept: one that comes twice is better than one that is lost; unless whoever brings it has a
//! name for it, as webhooks have. What was deleted meanwhile is known as well.

use super::Mailboxes;
use crate::storage::{IncomingBlob, MailAdded, NewMail, StorageError, stored_size};
use envelock_mail::receive::{Client, Envelope, Stored};
use envelock_mail::summary::{has_name, summary};
use envelock_mail::trace::without_forged;
use rand::RngCore;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::io;

/// Who brought a message, as it is stored with it.
#[derive(Serialize, Deserialize)]
pub(super) struct Arrival {
    /// Who brought it; the recipients are not among what is stored, as some of them may be unknown to the others.
    pub(super) client: Client,
    /// Where failures are told.
    pub(super) sender: String,
    /// What this server called itself then.
    pub(super) hostname: String,
}

/// A message that is being received.
pub(super) struct Incoming {
    blob: IncomingBlob,
    content: Sha256,
    /// What whoever brings it calls it, the same when it comes once more.
    name: Option<String>,
    is_broken: bool,
}

impl Incoming {
    pub(super) async fn begin(mailboxes: &Mailboxes) -> io::Result<Self> {
        Ok(Self { blob: mailboxes.blobs.receive().await?, content: Sha256::new(), name: None, is_broken: false })
    }

    /// Brought under this name.
    pub(super) fn named(self, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..self }
    }

    /// Takes a piece. What fails is told at the end.
    pub(super) async fn take(&mut self, octets: &[u8]) {
        if self.is_broken {
            return;
        }
        self.content.update(octets);
        if let Err(error) = self.blob.write(octets).await {
            tracing::warn!(%error, "a message could not be written to the disk");
            self.is_broken = true;
        }
    }
}

impl Mailboxes {
    /// Puts a whole message into the mailboxes of its recipients; what became of it for each, in their order.
    pub(super) async fn keep(&self, incoming: Incoming, envelope: Envelope) -> Vec<Stored> {
        let recipients = envelope.recipients.len();
        let this = self.clone();
        // To its end even if the client goes away: a commit that is under way cannot be taken back, and its file must stay.
        let kept = tokio::spawn(async move { this.keep_for_all(incoming, &envelope).await });
        let kept = kept.await.map_err(|error| StorageError::from(io::Error::from(error))).flatten();
        let stored = kept.unwrap_or_else(|cause| {
            tracing::error!(%cause, "a message could not be kept");
            vec![Stored::Later; recipients]
        });
        for one in &stored {
            self.metrics.mail_offered(match one {
                Stored::Kept => "kept",
                Stored::Later => "later",
                Stored::Full => "full",
                Stored::Refused => "refused",
            });
        }
        stored
    }

    async fn keep_for_all(&self, incoming: Incoming, envelope: &Envelope) -> Result<Vec<Stored>, StorageError> {
        if incoming.is_broken {
            return Ok(vec![Stored::Later; envelope.recipients.len()]);
        }
        let mut owners = Vec::with_capacity(envelope.recipients.len());
        for address in &envelope.recipients {
            owners.push(self.owner(address).await?.flatten().map(|owner| owner.account));
        }
        let mut accounts: Vec<i64> = owners.iter().flatten().copied().collect();
        accounts.sort_unstable();
        accounts.dedup();
        let added = self.add(&accounts, incoming, envelope).await?;
        if added.contains(&MailAdded::Kept) {
            self.arrived.notify_one();
        }
        let of_account = |account: &i64| {
            let place = accounts.binary_search(account).ok()?;
            added.get(place)
        };
        Ok(owners
            .iter()
            .map(|owner| match owner.as_ref().and_then(of_account) {
                Some(MailAdded::Kept | MailAdded::Twin) => Stored::Kept,
                Some(MailAdded::Full) => Stored::Full,
                // It was there when it was asked for: the client hears at its next attempt that it is not.
                None => Stored::Later,
            })
            .collect())
    }

    async fn add(
        &self,
        accounts: &[i64],
        mut incoming: Incoming,
        envelope: &Envelope,
    ) -> Result<Vec<MailAdded>, StorageError> {
        let _memory = self.memory(incoming.blob.written()).await?;
        let octets = incoming.blob.read_back().await?;
        let of_message =
            Sha256::new().chain_update(&envelope.sender).chain_update([0]).chain_update(incoming.content.finalize());
        let digest: Option<[u8; 32]> = match (has_name(&octets), &incoming.name) {
            (true, _) => Some(of_message.finalize().into()),
            (false, Some(name)) => Some(of_message.chain_update(name).finalize().into()),
            (false, None) => None,
        };
        let summary = summary(&octets);
        let blob = match without_forged(&octets, &self.hostname) {
            Cow::Borrowed(_) => incoming.blob,
            Cow::Owned(kept) => {
                let mut blob = self.blobs.receive().await?;
                blob.write(&kept).await?;
                blob
            }
        };
        drop(octets);
        let arrival = Arrival {
            client: envelope.client.clone(),
            sender: envelope.sender.clone(),
            hostname: self.hostname.to_string(),
        };
        let arrival = serde_json::to_string(&arrival).map_err(io::Error::from)?;
        let mut id = [0; 16];
        rand::rngs::OsRng.fill_bytes(&mut id);
        let size = stored_size(blob.written());
        let blob = blob.store().await?;
        let new =
            NewMail { id, received: self.now(), size, file: blob.name(), summary, arrival, digest, room: self.room };
        let added = self.database.add_mail(accounts.to_vec(), new).await;
        blob.settle(&added, |added| added.contains(&MailAdded::Kept)).await;
        added
    }
}
