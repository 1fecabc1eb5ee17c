//! How often something may be tried. Counted in memory: a restart forgives, the tries of an envelope do not.

use crate::problem::Problem;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use std::hash::Hash;
use std::num::NonZeroU32;

/// Attempts per minute for each key, all of them at once if one likes.
pub(crate) struct RateLimit<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
}

impl<K: Hash + Eq + Clone> RateLimit<K> {
    pub(crate) fn per_minute(attempts: NonZeroU32) -> Self {
        Self { limiter: DefaultKeyedRateLimiter::keyed(Quota::per_minute(attempts)) }
    }

    /// Counts one attempt.
    pub(crate) fn take(&self, key: &K) -> Result<(), Problem> {
        self.limiter
            .check_key(key)
            .map_err(|not_until| Problem::too_many_requests(not_until.wait_time_from(DefaultClock::default().now())))
    }

    /// Forgets keys that are as good as new.
    pub(crate) fn purge(&self) {
        self.limiter.retain_recent();
    }
}
