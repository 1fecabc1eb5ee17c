//! How many changes somebody makes a minute who is logged in, or a program.

use super::rate::{RateLimit, SharedCounts};
use crate::problem::Problem;
use envelock_wire::TooMany;
use std::num::NonZeroU32;

/// Each session and each program has so many, so that none uses up what another needs, and an account four times as many: its
/// sessions and tokens are dozens, and the database writes one thing after the other, for all accounts.
pub(crate) struct WriteLimits {
    by_writer: RateLimit<[u8; 32]>,
    by_account: RateLimit<i64>,
}

impl WriteLimits {
    pub(crate) fn per_minute(counts: Option<&SharedCounts>, writes: NonZeroU32) -> Self {
        let of_account = writes.saturating_mul(NonZeroU32::MIN.saturating_add(3));
        Self {
            by_writer: RateLimit::per_minute(counts, "write", writes).counting(TooMany::Changes),
            by_account: RateLimit::per_minute(counts, "write by account", of_account).counting(TooMany::Changes),
        }
    }

    /// Counts a change by what it is made with: the hash of a session's token, or a program's.
    pub(crate) async fn take(&self, writer: &[u8; 32]) -> Result<(), Problem> {
        self.by_writer.take(writer).await
    }

    /// Counts the same by its account. Not what ends a session or a token: whoever uses up the account's changes must not keep its
    /// owner from that. Nor what somebody tries whose second factor is missing: they might be a stranger.
    pub(crate) async fn take_of_account(&self, account: i64) -> Result<(), Problem> {
        self.by_account.take(&account).await
    }

    /// Forgets keys that are as good as new.
    pub(crate) fn purge(&self) {
        self.by_writer.purge();
        self.by_account.purge();
    }
}
