//! How often something may be tried. Counted in memory where one process serves all (a restart forgives, the tries of an envelope do
//! not), and in the database where several share one, so that trying another process gains nothing.

use crate::problem::Problem;
use crate::storage::{Database, StorageError};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use sha2::{Digest, Sha256};
use std::hash::Hash;
use std::num::NonZeroU32;
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

impl Counted for i64 {
    fn octets(&self) -> Vec<u8> {
        self.to_be_bytes().to_vec()
    }
}

/// Attempts per minute for each key, all of them at once if one likes.
pub(crate) enum RateLimit<K: Counted> {
    Here(DefaultKeyedRateLimiter<K>),
    Shared { database: Database, what: &'static str, attempts: NonZeroU32 },
}

const MINUTE: i64 = 60_000;

impl<K: Counted> RateLimit<K> {
    /// `what` keeps the counts of different things apart.
    pub(crate) fn per_minute(database: &Database, what: &'static str, attempts: NonZeroU32) -> Self {
        if database.is_shared() {
            Self::Shared { database: database.clone(), what, attempts }
        } else {
            Self::Here(DefaultKeyedRateLimiter::keyed(Quota::per_minute(attempts)))
        }
    }

    /// Counts one attempt.
    pub(crate) async fn take(&self, key: &K) -> Result<(), Problem> {
        match self {
            Self::Here(limiter) => limiter.check_key(key).map_err(|not_until| {
                Problem::too_many_requests(not_until.wait_time_from(DefaultClock::default().now()))
            }),
            Self::Shared { database, what, attempts } => {
                let hash = Sha256::new().chain_update(what).chain_update([0]).chain_update(key.octets()).finalize();
                let step = MINUTE / i64::from(attempts.get());
                match database.count_attempt(&hash.into(), now(), step, MINUTE).await? {
                    None => Ok(()),
                    Some(wait) => {
                        Err(Problem::too_many_requests(Duration::from_millis(wait.try_into().unwrap_or_default())))
                    }
                }
            }
        }
    }

    /// Forgets keys that are as good as new, of those in memory; those in the database go together ([`forget_attempts`]).
    pub(crate) fn purge(&self) {
        if let Self::Here(limiter) = self {
            limiter.retain_recent();
        }
    }
}

/// Forgets what all limits have in the database that is as good as new.
pub(crate) async fn forget_attempts(database: &Database) -> Result<(), StorageError> {
    if database.is_shared() { database.forget_attempts(now()).await } else { Ok(()) }
}

/// Milliseconds by the machine's clock: the processes that share a database are expected to agree within seconds.
fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX - MINUTE)
}
