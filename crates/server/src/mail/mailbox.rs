//! A mailbox as its owner uses it.

use super::arrival::Arrival;
use super::sealing::{NotSealed, Sealer};
use crate::ciphertext::Ciphertext;
use crate::clock::Clock;
use crate::envelope::Refusal;
use crate::metrics::Metrics;
use crate::settings::{AddressDomain, MailSettings, Settings};
use crate::storage::{Blobs, Database, MailRemoval, MailRow, StorageError, Writer, stored_size};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use envelock_mail::trace::{authentication_results, received, return_path};
use envelock_mail::validation::{Alarm, Evidence, Grade, grade};
use envelock_wire::{
    CertificateOctets, ListMail, MailFolder, MailId, MailList, MailRecord, MailboxCertificateState, Timestamp, Verdict,
};
use futures_util::StreamExt;
use std::io;
use std::sync::Arc;
use time::OffsetDateTime;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use url::Host;

/// Memory that messages may take at a time, but for one that is larger: those that are read as a whole to be kept or validated.
const MEMORY: u64 = 128 << 20;

/// Unit in which it is given out, in octets.
const PAGE: u64 = 64 << 10;

/// Seconds for which a message that comes once more is known: as long as clients try (RFC 5321 §4.5.4.1).
const TWINS_KNOWN: i64 = 5 * 24 * 3600;

/// Why mail is not encrypted to a certificate.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CertificateRefusal {
    /// This server has no program that would.
    #[error("envelock-seal is not installed")]
    NoSealer,
    /// It cannot be.
    #[error(transparent)]
    NotSealed(#[from] NotSealed),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// The mailboxes of all accounts.
#[derive(Clone)]
pub struct Mailboxes {
    pub(super) database: Database,
    pub(super) blobs: Blobs,
    clock: Arc<dyn Clock>,
    pub(super) metrics: Metrics,
    pub(super) domains: Arc<[AddressDomain]>,
    /// What this server calls itself to others.
    pub(super) hostname: Arc<str>,
    /// Most octets of a message.
    pub(super) message_bytes: u64,
    /// Octets that the mail of one account may take.
    pub(super) room: i64,
    /// Somebody waits for this who validates what arrived.
    pub(super) arrived: Arc<Notify>,
    /// Somebody waits for this who encrypts what nothing is to be asked about any more.
    pub(super) ready: Arc<Notify>,
    /// What encrypts; none if this server has no such program.
    sealer: Option<Sealer>,
    memory: Arc<Semaphore>,
    pages: u32,
}

impl Mailboxes {
    /// Over this database and these directories.
    pub(crate) fn new(
        database: Database,
        blobs: Blobs,
        clock: Arc<dyn Clock>,
        metrics: Metrics,
        settings: &Settings,
    ) -> Self {
        let MailSettings { domains, message_bytes, mailbox_bytes, seal_program, .. } = &settings.mail;
        let pages = pages(MEMORY.max(message_bytes.saturating_mul(2)));
        Self {
            database,
            blobs,
            clock,
            metrics,
            domains: domains.clone().into(),
            hostname: hostname(settings).into(),
            message_bytes: *message_bytes,
            room: stored_size(*mailbox_bytes),
            arrived: Arc::default(),
            ready: Arc::default(),
            sealer: seal_program.clone().map(Sealer::new),
            memory: Arc::new(Semaphore::new(usize::try_from(pages).unwrap_or(Semaphore::MAX_PERMITS))),
            pages,
        }
    }

    /// A page of what this account got, or of copies of what it sent, the latest first. [`Refusal::NotFound`] if the message it shall follow is not there.
    pub async fn list(&self, account: i64, page: &ListMail) -> Result<MailList, Refusal> {
        let limit = u32::from(page.limit.unwrap_or_default());
        let previous = match &page.before {
            Some(id) => Some(self.row(account, id).await?),
            None => None,
        };
        let before = previous.as_ref().map(|row| (row.received, &row.id));
        // One more than asked for tells whether there is another page.
        let mut rows = self.database.mail_of(account, page.folder == MailFolder::Sent, before, limit + 1).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|row| MailId::from_octets(row.id));
        Ok(MailList { messages: rows.iter().map(record).collect::<Result<_, _>>()?, next })
    }

    /// A message as it arrived, under what this server says about it: where failures are told, what was found out, who brought it.
    pub async fn read(&self, account: i64, id: &MailId) -> Result<Ciphertext, Refusal> {
        let mut row = self.row(account, id).await?;
        let message = loop {
            match Ciphertext::open(&self.blobs, row.file).await {
                // It was deleted meanwhile, or encrypted. A row that names a missing file is a fault of ours.
                Err(error) if error.is_missing() => {
                    let before = std::mem::replace(&mut row, self.row(account, id).await?);
                    if row.file == before.file {
                        return Err(error.into());
                    }
                }
                opened => break opened?,
            }
        };
        if row.sealed {
            return Ok(message);
        }
        let top = Bytes::from(top(&row)?);
        let size = message.size + top.len() as u64;
        let octets = futures_util::stream::iter([Ok(top)]).chain(message.octets);
        Ok(Ciphertext { octets: Box::pin(octets), size })
    }

    /// Notes that its owner has seen a message.
    pub async fn see(&self, writer: &Writer, id: &MailId) -> Result<(), Refusal> {
        match self.database.mail_seen(writer, id.as_octets(), self.now()).await? {
            true => Ok(()),
            false => Err(Refusal::NotFound),
        }
    }

    /// Deletes a message. It makes room, so it finds some where the disk has none.
    pub async fn remove(&self, writer: &Writer, id: &MailId) -> Result<(), Refusal> {
        let (id, now) = (id.as_octets(), self.now());
        match self.database.ending(|| self.database.remove_mail(writer, id, now)).await? {
            MailRemoval::NotThere => return Err(Refusal::NotFound),
            MailRemoval::Removed => {}
            MailRemoval::RemovedWith(file) => self.blobs.remove(file).await,
        }
        Ok(())
    }

    /// To what this account's mail is encrypted. [`Refusal::NotFound`] if it is not.
    pub(crate) async fn certificate(&self, account: i64) -> Result<MailboxCertificateState, Refusal> {
        let row = self.database.mailbox_certificate(account).await?.ok_or(Refusal::NotFound)?;
        let certificate = CertificateOctets::from_octets(row.certificate);
        Ok(MailboxCertificateState { certificate, usable: !row.refused && self.sealer.is_some() })
    }

    /// Has mail encrypted to this certificate from now on, and what lies there in clear.
    pub(crate) async fn set_certificate(
        &self,
        writer: &Writer,
        certificate: &CertificateOctets,
    ) -> Result<(), CertificateRefusal> {
        let sealer = self.sealer.as_ref().ok_or(CertificateRefusal::NoSealer)?;
        sealer.check(certificate.as_octets()).await?;
        self.database.put_mailbox_certificate(writer, certificate.as_octets(), self.now()).await?;
        self.ready.notify_one();
        Ok(())
    }

    /// Leaves what arrives from now on as it came. What was encrypted stays so.
    pub(crate) async fn remove_certificate(&self, writer: &Writer) -> Result<(), StorageError> {
        let now = self.now();
        self.database.ending(|| self.database.remove_mailbox_certificate(writer, now)).await
    }

    /// What encrypts, if this server has it.
    pub(crate) fn sealer(&self) -> Option<Sealer> {
        self.sealer.clone()
    }

    /// Forgets what arrived too long ago to come once more.
    pub(crate) async fn purge(&self) -> Result<(), StorageError> {
        while self.database.forget_mail_twins(self.now() - TWINS_KNOWN).await? {}
        Ok(())
    }

    pub(super) fn now(&self) -> i64 {
        self.clock.now().as_unix()
    }

    /// Memory for a message of this size, given back when dropped.
    pub(super) async fn memory(&self, size: u64) -> io::Result<OwnedSemaphorePermit> {
        let wanted = pages(size).min(self.pages);
        Arc::clone(&self.memory).acquire_many_owned(wanted).await.map_err(io::Error::other)
    }

    async fn row(&self, account: i64, id: &MailId) -> Result<MailRow, Refusal> {
        self.database.mail(account, id.as_octets()).await?.ok_or(Refusal::NotFound)
    }
}

fn pages(octets: u64) -> u32 {
    u32::try_from(octets.div_ceil(PAGE).max(1)).unwrap_or(u32::MAX)
}

/// The name others know, an address as a literal (RFC 5321 §4.1.3).
fn hostname(settings: &Settings) -> String {
    match settings.public_name.as_ref().map(|name| name.host()) {
        Some(Host::Domain(name)) => name.clone(),
        Some(Host::Ipv4(address)) => format!("[{address}]"),
        Some(Host::Ipv6(address)) => format!("[IPv6:{address}]"),
        None => "localhost".to_owned(),
    }
}

fn evidence(row: &MailRow) -> Result<Option<Evidence>, StorageError> {
    let evidence = row.evidence.as_deref().map(serde_json::from_str).transpose();
    evidence.map_err(|_| StorageError::Corrupt("evidence"))
}

pub(super) fn top(row: &MailRow) -> Result<String, StorageError> {
    let arrival: Arrival = serde_json::from_str(&row.arrival).map_err(|_| StorageError::Corrupt("arrival"))?;
    let found = evidence(row)?.map(|evidence| authentication_results(&evidence, &arrival.hostname));
    let id = MailId::from_octets(row.id).to_string();
    let trace = received(&arrival.client, &arrival.hostname, &id, &date(row.received));
    Ok([return_path(&arrival.sender), found.unwrap_or_default(), trace].concat())
}

fn record(row: &MailRow) -> Result<MailRecord, StorageError> {
    Ok(MailRecord {
        id: MailId::from_octets(row.id),
        received_at: Timestamp::from_unix(row.received),
        size: row.size.try_into().map_err(|_| StorageError::Corrupt("size"))?,
        seen: row.seen,
        sealed: row.sealed,
        summary: URL_SAFE_NO_PAD.encode(&row.summary),
        verdict: if row.sent { None } else { Some(verdict(row)?) },
    })
}

/// What was found out is what is stored; how loud that is follows from it.
fn verdict(row: &MailRow) -> Result<Verdict, StorageError> {
    let Some(evidence) = evidence(row)? else {
        return Ok(Verdict {
            alarm: envelock_wire::Alarm::Grey,
            reasons: vec!["not-checked-yet".to_owned()],
            evidence: None,
        });
    };
    let Grade { alarm, reasons } = grade(&evidence);
    let unwritable = |_| StorageError::Corrupt("evidence");
    let reasons = reasons.iter().map(|reason| match serde_json::to_value(reason) {
        Ok(serde_json::Value::String(code)) => Ok(code),
        _ => Err(StorageError::Corrupt("evidence")),
    });
    Ok(Verdict {
        alarm: match alarm {
            Alarm::None => envelock_wire::Alarm::None,
            Alarm::Grey => envelock_wire::Alarm::Grey,
            Alarm::Amber => envelock_wire::Alarm::Amber,
            Alarm::Red => envelock_wire::Alarm::Red,
        },
        reasons: reasons.collect::<Result<_, _>>()?,
        evidence: Some(serde_json::to_value(&evidence).map_err(unwritable)?),
    })
}

/// A date as header fields have it (RFC 5322 §3.3), in UTC.
fn date(unix: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp(unix).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let weekday = time.weekday().to_string();
    let month = time.month().to_string();
    let (year, day) = (time.year(), time.day());
    let (hour, minute, second) = time.to_hms();
    let short = |name: &str| name.get(..3).unwrap_or_default().to_owned();
    format!("{}, {day} {} {year:04} {hour:02}:{minute:02}:{second:02} +0000", short(&weekday), short(&month))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_date_is_written_as_in_mail() {
        assert_eq!(super::date(1_800_000_000), "Fri, 15 Jan 2027 08:00:00 +0000");
        assert_eq!(super::date(0), "Thu, 1 Jan 1970 00:00:00 +0000");
    }
}
