//! Mail on its way out: taken from its writer, signed, kept until it has arrived or never will, and never sent in clear.
//!
//! Rooms: `message` (what is taken), `sending` (when something is tried), `way` (where a message goes, and how the other server proves
//! who it is), `conversation` (one server), `policies` (MTA-STS), `reports` (TLSRPT). Not here: SMTP, DANE, DKIM
//! (`envelock_mail`), HTTP (`api`), SQL (`storage`).

mod conversation;
mod message;
mod policies;
mod reports;
mod sending;
mod way;

pub(crate) use reports::report_until;
pub(crate) use sending::send_until;

use crate::clock::Clock;
use crate::lookup::Network;
use crate::settings::{OutgoingSettings, Settings};
use crate::storage::{Database, NewOutgoing, OutgoingRecipientRow, OutgoingRow, StorageError, Writer, signing_keys};
use envelock_mail::sign::SigningKeys;
use envelock_wire::{
    MailAddress, OutgoingId, OutgoingList, OutgoingMessage, OutgoingRecipient, OutgoingState, Timestamp, Transport,
};
use message::BadMessage;
use rand::RngCore;
use std::sync::Arc;
use tokio::sync::Notify;
use way::Way;

/// Messages of one account that wait to be sent. Each may have 25 MiB.
const MOST_WAITING: i64 = 50;

/// Seconds for which it is remembered what became of a message: 30 days.
const MEMORY: i64 = 30 * 24 * 3600;

/// Why a message is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutgoingRefusal {
    /// This server sends nothing, or nothing for the domain of the account's address.
    #[error("no mail is sent for this address")]
    NotSentFor,
    /// It is not what can be sent.
    #[error(transparent)]
    Message(#[from] BadMessage),
    /// As many of the account's are waiting as may.
    #[error("too many messages are waiting")]
    TooManyWaiting,
    /// There is none of the account's by this name.
    #[error("no such message")]
    NotFound,
    /// Rows.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// All mail on its way out.
pub(crate) struct Outgoing {
    database: Database,
    clock: Arc<dyn Clock>,
    settings: OutgoingSettings,
    keys: Arc<SigningKeys>,
    way: Way,
    /// Something new is there.
    news: Notify,
}

impl Outgoing {
    /// Over this database, as the operator wants it; `None` if they want no mail sent.
    pub(crate) fn open(
        database: Database,
        clock: Arc<dyn Clock>,
        network: Arc<dyn Network>,
        settings: &Settings,
    ) -> Result<Option<Self>, NoOutgoing> {
        let Some(chosen) = settings.outgoing.clone() else { return Ok(None) };
        let keys = Arc::new(signing_keys(&settings.data_dir)?);
        let way = Way::open(&database, Arc::clone(&clock), network, settings, &chosen)?;
        Ok(Some(Self { database, clock, settings: chosen, keys, way, news: Notify::new() }))
    }

    /// Takes a message of this writer. When this returns it is on the disk.
    pub(crate) async fn take(
        &self,
        writer: &Writer,
        recipients: &[MailAddress],
        message: Vec<u8>,
    ) -> Result<OutgoingId, OutgoingRefusal> {
        let address = self.database.address_of(writer.account()).await?.ok_or(OutgoingRefusal::NotSentFor)?;
        let domain = self.domain_of(&address).ok_or(OutgoingRefusal::NotSentFor)?;
        let (keys, author) = (Arc::clone(&self.keys), address.clone());
        // Hashing takes its time.
        let signed = tokio::task::spawn_blocking(move || message::signed(&message, &author, &domain, &keys));
        let message = signed.await.map_err(|fault| StorageError::from(std::io::Error::other(fault)))??;
        let mut id = [0; 16];
        rand::rngs::OsRng.fill_bytes(&mut id);
        let recipients: Vec<(String, String)> = recipients
            .iter()
            .map(|recipient| {
                (format!("{}@{}", recipient.local_part(), recipient.domain()), recipient.domain().to_owned())
            })
            .collect();
        let new = NewOutgoing { id, created: self.now(), sender: address, message, recipients };
        if !self.database.add_outgoing(writer, new, MOST_WAITING).await? {
            return Err(OutgoingRefusal::TooManyWaiting);
        }
        self.news.notify_one();
        Ok(OutgoingId::from_octets(id))
    }

    /// The account's latest messages.
    pub(crate) async fn list(&self, account: i64) -> Result<OutgoingList, OutgoingRefusal> {
        let rows = self.database.outgoing(account).await?;
        Ok(OutgoingList { messages: rows.into_iter().map(shown).collect::<Result<_, _>>()? })
    }

    /// What was not sent yet is not sent.
    pub(crate) async fn withdraw(&self, writer: &Writer, id: &OutgoingId) -> Result<(), OutgoingRefusal> {
        match self.database.withdraw_outgoing(writer, id.as_octets(), self.now()).await? {
            true => Ok(()),
            false => Err(OutgoingRefusal::NotFound),
        }
    }

    /// How mail to this address would be protected on its way.
    pub(crate) async fn protection(&self, address: &MailAddress) -> Transport {
        self.way.protection(address.domain()).await
    }

    /// Forgets what is over for long.
    pub(crate) async fn purge(&self) -> Result<(), StorageError> {
        while self.database.forget_outgoing(self.now() - MEMORY).await? {}
        Ok(())
    }

    /// The domain of an address, as A-labels, if mail is sent for it.
    fn domain_of(&self, address: &str) -> Option<String> {
        let domain = idna::domain_to_ascii(address.rsplit_once('@')?.1).ok()?;
        self.settings.domains.iter().any(|own| own.as_str() == domain).then_some(domain)
    }

    fn now(&self) -> i64 {
        self.clock.now().as_unix()
    }
}

/// Why no mail can be sent, though it is wanted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoOutgoing {
    /// The keys it is signed with.
    #[error(transparent)]
    Keys(#[from] StorageError),
    /// There is nobody to ask for names.
    #[error(transparent)]
    Dns(#[from] envelock_mail::dns::NoDns),
    /// Other servers want to be told a name.
    #[error("to send mail the server needs a --public-name that is no address")]
    NoName,
    /// There is nobody to vouch for other servers.
    #[error("this machine knows no certificate authorities (install ca-certificates)")]
    NoAuthorities,
}

fn shown(row: OutgoingRow) -> Result<OutgoingMessage, StorageError> {
    Ok(OutgoingMessage {
        id: OutgoingId::from_octets(row.id),
        created: Timestamp::from_unix(row.created),
        size: row.size.try_into().map_err(|_| StorageError::Corrupt("size"))?,
        recipients: row.recipients.into_iter().map(recipient).collect::<Result<_, _>>()?,
    })
}

fn recipient(row: OutgoingRecipientRow) -> Result<OutgoingRecipient, StorageError> {
    let state = match row.state.as_str() {
        "queued" if row.tries == 0 => OutgoingState::Queued,
        "queued" => OutgoingState::Delayed,
        "sent" => OutgoingState::Sent,
        "failed" => OutgoingState::Failed,
        "withdrawn" => OutgoingState::Withdrawn,
        _ => return Err(StorageError::Corrupt("state")),
    };
    let reason = row.reason.map(|reason| reason.parse().map_err(|_| StorageError::Corrupt("reason"))).transpose()?;
    Ok(OutgoingRecipient {
        address: row.address,
        state,
        changed: Timestamp::from_unix(row.changed),
        next: (state == OutgoingState::Delayed).then(|| Timestamp::from_unix(row.due)),
        reason,
        reply: row.reply,
    })
}
