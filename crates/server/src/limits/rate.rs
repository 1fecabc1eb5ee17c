//! How often something may be tried. Counted in memory (a restart forgives, the tries of an envelope do not), and where several
//! processes share a database also there, so that trying another process gains nothing. What memory refuses costs the
//! database nothing.

use crate::problem::Problem;
use crate::storage::{AttemptKey, Database, StorageError};
use envelock_wire::TooMany;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use std::hash::Hash;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What attempts are counted by.
pub(crate) trait Counted: Hash + Eq + Clone {
    /// For the database, which keeps a hash of it.
    fn octets(&self) -> Vec<u8>;
}

impl Counted for String {
    fn octets(&self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }
}

impl<const N: usize> Counted for [u8; N] {
    fn octets(&self) -> Vec<u8> {
        self.to_vec()
    }
}

impl Counted for i64 {
    fn octets(&self) -> Vec<u8> {
        self.to_be_bytes().to_vec()
    }
}

/// The counts of all processes that share a database.
#[derive(Clone)]
pub(crate) struct SharedCounts {
    database: Database,
    key: Arc<AttemptKey>,
}

impl SharedCounts {
    /// `None` if one process serves all.
    pub(crate) fn of(database: &Database, data_dir: &Path) -> Result<Option<Self>, StorageError> {
        if !database.is_shared() {
            return Ok(None);
        }
        Ok(Some(Self { database: database.clone(), key: Arc::new(AttemptKey::of(data_dir)?) }))
    }

    /// Forgets what all limits have in the database that is as good as new.
    pub(crate) async fn purge(&self) -> Result<(), StorageError> {
        self.database.forget_attempts(now()).await
    }
}

/// Attempts in a window of time for each key, all of them at once if one likes.
pub(crate) struct RateLimit<K: Counted> {
    here: DefaultKeyedRateLimiter<K>,
    shared: Option<SharedCounts>,
    what: &'static str,
    counted: TooMany,
    window: i64,
    attempts: NonZeroU32,
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Milliseconds to the next attempt. Those who share count no more than one in each: 60 000 a minute.
fn step(window: i64, attempts: NonZeroU32) -> i64 {
    (window / i64::from(attempts.get())).max(1)
}

impl<K: Counted> RateLimit<K> {
    /// `what` keeps the counts of different things apart.
    pub(crate) fn per_minute(shared: Option<&SharedCounts>, what: &'static str, attempts: NonZeroU32) -> Self {
        let here = DefaultKeyedRateLimiter::keyed(Quota::per_minute(attempts));
        Self { here, shared: shared.cloned(), what, counted: TooMany::Attempts, window: MINUTE, attempts }
    }

    /// The same for hours.
    pub(crate) fn per_hour(shared: Option<&SharedCounts>, what: &'static str, attempts: NonZeroU32) -> Self {
        let here = DefaultKeyedRateLimiter::keyed(Quota::per_hour(attempts));
        Self { here, shared: shared.cloned(), what, counted: TooMany::Attempts, window: HOUR, attempts }
    }

    /// What is counted, if it is more than attempts.
    pub(crate) fn counting(self, counted: TooMany) -> Self {
        Self { counted, ..self }
    }

    /// Counts one attempt.
    pub(crate) async fn take(&self, key: &K) -> Result<(), Problem> {
        let refused = |wait| Problem::too_many_requests(self.counted, wait);
        self.here
            .check_key(key)
            .map_err(|not_until| refused(not_until.wait_time_from(DefaultClock::default().now())))?;
        let Some(SharedCounts { database, key: secret }) = &self.shared else { return Ok(()) };
        let hash = secret.hash(self.what, &key.octets());
        match database.count_attempt(&hash, now(), step(self.window, self.attempts), self.window).await? {
            None => Ok(()),
            Some(wait) => Err(refused(Duration::from_millis(wait.try_into().unwrap_or_default()))),
        }
    }

    /// Forgets keys that are as good as new, of those in memory; those in the database go together ([`SharedCounts::purge`]).
    pub(crate) fn purge(&self) {
        self.here.retain_recent();
    }
}

/// Milliseconds by the machine's clock: the processes that share a database are expected to agree within seconds.
fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX - 2 * HOUR)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use crate::storage::DatabaseLocation;
    use axum::response::IntoResponse;

    #[tokio::test]
    async fn a_flood_is_refused_without_asking_the_database() {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::open(directory.path(), &DatabaseLocation::DataDirectory).await.unwrap();
        let key = Arc::new(AttemptKey::of(directory.path()).unwrap());
        let shared = SharedCounts { database: database.clone(), key };
        let limit = |attempts| RateLimit::per_minute(Some(&shared), "open", NonZeroU32::new(attempts).unwrap());
        // Two processes: what one of them has not seen, the other has counted.
        let (one, other) = (limit(2), limit(2));
        let status = |problem: Problem| problem.into_response().status().as_u16();
        assert!(one.take(&7).await.is_ok() && one.take(&7).await.is_ok());
        assert_eq!(other.take(&7).await.err().map(status), Some(429));
        database.close().await;
        assert_eq!(one.take(&7).await.err().map(status), Some(429));
        assert_eq!(other.take(&8).await.err().map(status), Some(500), "this one it would have to ask");
    }

    /// Above 60 000 a minute there was no limit at all.
    #[test]
    fn every_attempt_takes_time() {
        assert_eq!(
            [30, 60_000, 100_000].map(|attempts| step(MINUTE, NonZeroU32::new(attempts).unwrap())),
            [2000, 1, 1]
        );
    }
}
