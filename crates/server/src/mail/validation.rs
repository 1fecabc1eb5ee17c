//! What SPF, DKIM and DMARC say of mail that was taken, asked as soon as it is there. What DNS does not answer is asked again, in longer
//! and longer intervals, for three days: until then, and for ever if nothing comes of it, the alarm is grey.

use super::Mailboxes;
use super::arrival::Arrival;
use crate::settings::AddressDomain;
use crate::storage::{StorageError, UncheckedMail};
use envelock_mail::dns::Dns;
use envelock_mail::receive::Envelope;
use envelock_mail::validation::{Alarm, Evidence, Oddity, check, grade, looks_like_ours};
use futures_util::TryStreamExt;
use futures_util::future::join_all;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Messages that are asked about at a time: most answers are there at once, and who waits for a slow one keeps nobody waiting.
const AT_A_TIME: usize = 32;

/// Longest time for all questions about one message.
const PATIENCE: Duration = Duration::from_secs(60);

/// Seconds between the first two attempts; each further one waits four times as long, up to six hours.
const FIRST_INTERVAL: i64 = 60;
const LONGEST_INTERVAL: i64 = 6 * 3600;

/// Seconds after which nobody asks any more.
const GIVEN_UP: i64 = 3 * 24 * 3600;

/// Validates whatever arrives, and what got no answer when its time has come; looks at least every `interval`.
pub(crate) async fn validate_always(mailboxes: Mailboxes, dns: Dns, interval: Duration) {
    let (dns, mut running) = (Arc::new(dns), JoinSet::new());
    loop {
        if let Err(cause) = begin_what_is_due(&mailboxes, &dns, &mut running).await {
            tracing::error!(%cause, "mail could not be validated");
        }
        tokio::select! {
            // Whatever arrived since is told of at once: a permit is kept.
            () = mailboxes.arrived.notified(), if running.len() < AT_A_TIME => {}
            Some(_) = running.join_next() => {}
            () = sleep(interval) => {}
        }
    }
}

/// Takes on as many messages as there is room for.
async fn begin_what_is_due(
    mailboxes: &Mailboxes,
    dns: &Arc<Dns>,
    running: &mut JoinSet<()>,
) -> Result<(), StorageError> {
    let free = u32::try_from(AT_A_TIME.saturating_sub(running.len())).unwrap_or_default();
    let due = mailboxes.database.unchecked_mail(mailboxes.now(), free).await?;
    // At once, as they share a commit.
    let begun = join_all(due.into_iter().map(|mail| async {
        let next = next_attempt(&mail, mailboxes.now());
        Ok::<_, StorageError>(mailboxes.database.begin_mail_check(&mail, next).await?.then_some((mail, next)))
    }));
    let mut failed = Ok(());
    for begun in begun.await {
        let (mail, next) = match begun {
            Ok(Some(begun)) => begun,
            Ok(None) => continue,
            Err(cause) => {
                failed = Err(cause);
                continue;
            }
        };
        let (mailboxes, dns) = (mailboxes.clone(), Arc::clone(dns));
        running.spawn(async move {
            if let Err(cause) = validate(&mailboxes, &mail, next.is_none(), &dns).await {
                tracing::error!(%cause, "a message could not be validated");
            }
        });
    }
    failed
}

async fn validate(mailboxes: &Mailboxes, mail: &UncheckedMail, is_last: bool, dns: &Dns) -> Result<(), StorageError> {
    let arrival: Arrival = serde_json::from_str(&mail.arrival).map_err(|_| StorageError::Corrupt("arrival"))?;
    let size = u64::try_from(mail.size).unwrap_or_default();
    let _memory = mailboxes.memory(size).await?;
    let (_, octets) = match mailboxes.blobs.read(mail.file).await {
        // It was deleted a moment ago.
        Err(error) if error.is_missing() => return Ok(()),
        read => read?,
    };
    let message = octets.try_fold(Vec::new(), |mut all: Vec<u8>, piece| async move {
        all.extend_from_slice(&piece);
        Ok(all)
    });
    let message = message.await?;
    let envelope = Envelope { client: arrival.client, sender: arrival.sender, recipients: Vec::new(), size };
    match timeout(PATIENCE, check(&message, &envelope, dns)).await {
        Ok(mut evidence) => {
            let ours = mailboxes.domains.iter().map(AddressDomain::as_str);
            if evidence.author_domain.as_ref().is_some_and(|domain| looks_like_ours(domain, ours)) {
                evidence.oddities.push(Oddity::LooksLikeOurs);
            }
            note(mailboxes, mail, &evidence, is_last).await
        }
        // As if there were no answer.
        Err(_) => Ok(()),
    }
}

async fn note(
    mailboxes: &Mailboxes,
    mail: &UncheckedMail,
    evidence: &Evidence,
    is_last: bool,
) -> Result<(), StorageError> {
    let alarm = grade(evidence).alarm;
    mailboxes.metrics.mail_validated(match alarm {
        Alarm::None => "none",
        Alarm::Grey => "grey",
        Alarm::Amber => "amber",
        Alarm::Red => "red",
    });
    let evidence = serde_json::to_string(evidence).map_err(|_| StorageError::Corrupt("evidence"))?;
    let is_final = is_last || alarm != Alarm::Grey;
    mailboxes.database.note_evidence(mail.file, evidence, is_final).await?;
    if is_final {
        mailboxes.ready.notify_one();
    }
    Ok(())
}

/// When to ask again should nothing come of it this time; `None`: not any more.
fn next_attempt(mail: &UncheckedMail, now: i64) -> Option<i64> {
    let times = u32::try_from(mail.checks).unwrap_or(u32::MAX);
    let interval = FIRST_INTERVAL.saturating_mul(4_i64.saturating_pow(times)).min(LONGEST_INTERVAL);
    let next = now.saturating_add(interval);
    (next <= mail.received.saturating_add(GIVEN_UP)).then_some(next)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn attempts_come_at_longer_intervals_and_end() {
        let file = vec![0; 16].try_into().unwrap();
        let mut mail = UncheckedMail { file, received: 1000, size: 0, arrival: String::new(), checks: 0, due: 1000 };
        let (mut now, mut waits) = (1000, Vec::new());
        while let Some(next) = next_attempt(&mail, now) {
            waits.push(next - now);
            (now, mail.checks) = (next, mail.checks + 1);
        }
        assert_eq!(waits.first_chunk(), Some(&[60, 240, 960, 3840, 15360, 21600, 21600]));
        assert!(now <= 1000 + GIVEN_UP && waits.len() < 20, "{waits:?}");
    }
}
