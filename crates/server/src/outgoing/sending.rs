//! When a message is tried, and how often (RFC 5321 §4.5.4).

use super::Outgoing;
use super::way::{Fared, Load, Why};
use crate::storage::{Claimed, ClaimedRecipient, Fate, Settled, StorageError};
use envelock_mail::deliver::Content;
use envelock_wire::OutgoingReason;
use rand::RngCore;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// Tries under way at a time. Each holds a message, of 25 MiB at most.
const AT_A_TIME: usize = 16;

/// One try, however many servers it takes.
const PATIENCE: Duration = Duration::from_secs(12 * 60);

/// So long nobody else tries what somebody took: longer than a try, with time to note what came of it.
const CLAIM: i64 = 15 * 60;

/// What another process took, or what became due, is looked for this often.
const LOOK: Duration = Duration::from_secs(5);

/// Times it is tried to note what came of a try, once a second: what is not noted would be sent again.
const NOTES: u32 = 120;

/// Tries under way at the end of the process may take this long to come to theirs.
const GRACE: Duration = Duration::from_secs(10);

/// Seconds to the next try, after this many before.
fn pause(tries: i64) -> i64 {
    const MINUTE: i64 = 60;
    match tries {
        0 => 5 * MINUTE,
        1 => 15 * MINUTE,
        2 => 30 * MINUTE,
        3 => 60 * MINUTE,
        4 => 120 * MINUTE,
        _ => 240 * MINUTE,
    }
}

/// Tries what is due until `ended`, looking for it this often at least, then lets what is under way come to its end.
pub(crate) async fn send_until(outgoing: Arc<Outgoing>, look: Duration, ended: CancellationToken) {
    let turns = Arc::new(Semaphore::new(AT_A_TIME));
    let mut tries = JoinSet::new();
    look_until(&outgoing, &turns, &mut tries, LOOK.min(look), &ended).await;
    let all = async { while tries.join_next().await.is_some() {} };
    if timeout(GRACE, all).await.is_err() {
        tracing::warn!("mail was being sent when the server ended: it is tried again in a quarter of an hour");
    }
}

async fn look_until(
    outgoing: &Arc<Outgoing>,
    turns: &Arc<Semaphore>,
    tries: &mut JoinSet<()>,
    look: Duration,
    ended: &CancellationToken,
) {
    loop {
        while tries.try_join_next().is_some() {}
        let Some(Ok(turn)) = ended.run_until_cancelled(Arc::clone(turns).acquire_owned()).await else { return };
        // Whoever else is free takes something in the same commit.
        let others = std::iter::from_fn(|| Arc::clone(turns).try_acquire_owned().ok());
        let free: Vec<OwnedSemaphorePermit> = std::iter::once(turn).chain(others).collect();
        // Not given up: what is claimed is tried.
        match outgoing.claim(free.len()).await {
            Ok(claimed) if !claimed.is_empty() => {
                for (claimed, turn) in claimed.into_iter().zip(free) {
                    let outgoing = Arc::clone(outgoing);
                    tries.spawn(async move {
                        outgoing.attempt(claimed).await;
                        drop(turn);
                    });
                }
                continue;
            }
            Ok(_) => {}
            Err(cause) => tracing::error!(%cause, "mail that is to be sent cannot be looked for"),
        }
        tokio::select! {
            () = outgoing.news.notified() => {}
            () = sleep(look) => {}
            () = ended.cancelled() => return,
        }
    }
}

impl Outgoing {
    /// As many messages as may be tried at once, if they are due.
    async fn claim(&self, most: usize) -> Result<Vec<Claimed>, StorageError> {
        let mut claims = vec![[0; 16]; most];
        claims.iter_mut().for_each(|claim| rand::rngs::OsRng.fill_bytes(claim));
        let now = self.now();
        self.database.claim_outgoing(claims, now, now + CLAIM).await
    }

    async fn attempt(&self, mut claimed: Claimed) {
        let addresses: Vec<String> = claimed.recipients.iter().map(|recipient| recipient.address.clone()).collect();
        // As it travels, and not as it is kept besides.
        let content = Content::new(&std::mem::take(&mut claimed.message));
        let fared = match content {
            Ok(content) => {
                let Claimed { sender, domain, .. } = &claimed;
                let load = Load {
                    sender,
                    domain,
                    recipients: &addresses,
                    content: &content,
                    is_counted: true,
                    is_for_whoever: false,
                };
                let late = || vec![Fared::Late(OutgoingReason::BrokenOff.into()); addresses.len()];
                timeout(PATIENCE, self.way.deliver(&load)).await.unwrap_or_else(|_| late())
            }
            // It was looked at when it was taken.
            Err(_) => vec![Fared::Failed(OutgoingReason::Unsupported.into()); addresses.len()],
        };
        let now = self.now();
        let last = claimed.created + i64::from(self.settings.days.get()) * 24 * 3600;
        let settled: Arc<[Settled]> = claimed
            .recipients
            .iter()
            .zip(fared)
            .map(|(recipient, fared)| settled(recipient, fared, now, last))
            .collect();
        for reason in settled.iter().filter_map(|one| one.reason) {
            tracing::info!(domain = claimed.domain, reason, "mail did not arrive");
        }
        for _ in 0..NOTES {
            match self.database.settle_outgoing(claimed.id, claimed.claim, Arc::clone(&settled), self.now()).await {
                Ok(()) => return,
                Err(cause) => tracing::error!(%cause, "what came of a message is not noted yet"),
            }
            sleep(Duration::from_secs(1)).await;
        }
    }
}

fn settled(recipient: &ClaimedRecipient, fared: Fared, now: i64, last: i64) -> Settled {
    let due = now + pause(recipient.tries);
    let (fate, why) = match fared {
        Fared::Sent => (Fate::Sent, None),
        Fared::Failed(why) => (Fate::Failed, Some(why)),
        // A try that would come after the time is over is not waited for.
        Fared::Late(why) if due > last => (Fate::Failed, Some(why)),
        Fared::Late(why) => (Fate::Later(due), Some(why)),
    };
    let (reason, reply) = why.map_or((None, None), |Why { reason, reply }| (Some(reason.as_str()), reply));
    Settled { position: recipient.position, fate, reason, reply }
}

#[cfg(test)]
mod tests {
    #![allow(missing_docs)]
    use super::*;

    #[test]
    fn pauses_grow_and_end_with_the_last_try() {
        let pauses: Vec<i64> = (0..8).map(pause).collect();
        assert!(pauses.is_sorted());
        let late = |now| {
            let recipient = ClaimedRecipient { position: 0, address: String::new(), tries: 9 };
            settled(&recipient, Fared::Late(OutgoingReason::NoTls.into()), now, 100_000)
        };
        assert!(late(0).fate == Fate::Later(240 * 60));
        assert!(late(90_000).fate == Fate::Failed && late(90_000).reason == Some("no-tls"));
    }
}
