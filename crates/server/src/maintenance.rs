//! What the server does on its own: ends envelopes on time, forgets what is over, removes what a crash left behind.

use crate::app::App;
use crate::envelope::Purged;
use crate::storage::StorageError;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Orphan files are looked for this often, and at the start.
const ORPHANS_EVERY: Duration = Duration::from_secs(3600);

/// What one round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Maintained {
    /// About envelopes.
    pub envelopes: Purged,
    /// Sessions that had ended.
    pub sessions: u64,
    /// App tokens that had ended.
    pub tokens: u64,
}

/// One round, without the search for orphan files. Where the disk is full it makes room first, for what ends.
pub async fn maintain(app: &App) -> Result<Maintained, StorageError> {
    let maintained = app.database().ending(|| end(app)).await?;
    let reserve = app.database().reserve().clone();
    if let Ok(Err(cause)) = tokio::task::spawn_blocking(move || reserve.fill()).await {
        tracing::warn!(%cause, "the file `reserve` is not whole");
    }
    Ok(maintained)
}

async fn end(app: &App) -> Result<Maintained, StorageError> {
    app.purge_limits().await?;
    app.registrations().purge().await?;
    app.drafts().purge().await?;
    app.mailboxes().purge().await?;
    if let Some(outgoing) = app.outgoing() {
        outgoing.purge().await?;
    }
    Ok(Maintained {
        envelopes: app.envelopes().purge().await?,
        sessions: app.sessions().purge().await?,
        tokens: app.app_tokens().purge().await?,
    })
}

/// Rounds for ever; the next one is due when the next envelope ends, and at the latest after `purge_every`. A failed
/// round is logged and tried again.
pub(crate) async fn maintain_always(app: App) {
    let mut orphans_due = Instant::now();
    loop {
        let round = maintain(&app).await;
        app.metrics().maintained(round.is_ok());
        match round {
            Ok(done) if done != Maintained::default() => tracing::info!(?done, "purged"),
            Ok(_) => {}
            Err(cause) => tracing::error!(%cause, "a purge failed"),
        }
        if Instant::now() >= orphans_due {
            orphans_due = Instant::now() + ORPHANS_EVERY;
            match app.envelopes().purge_orphans().await {
                Ok(0) => {}
                Ok(removed) => tracing::info!(removed, "removed files without an envelope"),
                Err(cause) => tracing::error!(%cause, "the search for orphan files failed"),
            }
        }
        let next = app.envelopes().next_expiry().await.ok().flatten().and_then(|seconds| u64::try_from(seconds).ok());
        let due = next.map_or(Duration::MAX, |seconds| Duration::from_secs(seconds.max(1)));
        sleep(due.min(app.settings().purge_every)).await;
    }
}
