//! Rows of `attempts`: how often something was tried of late, as one moment each (the generic cell rate algorithm).
//! Their keys are HMACs (`attempt_key`), and no bare hashes, whatever the comment in migration 0005 says: one that was released stays
//! as it is.

use super::database::{Database, Dialect};
use super::failure::StorageError;
use sqlx::Row;

impl Database {
    /// Whether other processes may work on the same rows.
    pub(crate) fn is_shared(&self) -> bool {
        self.dialect == Dialect::Postgres
    }

    /// Counts one attempt under this key, of which one is allowed every `step` and those of a `window` at once; all times
    /// in milliseconds. If it is one too many, nothing is counted, and how long to wait is returned.
    ///
    /// What lies further ahead than the clocks of processes may differ is of before a clock was set back, and forgotten.
    pub(crate) async fn count_attempt(
        &self,
        key: &[u8; 32],
        now: i64,
        step: i64,
        window: i64,
    ) -> Result<Option<i64>, StorageError> {
        let done = sqlx::query(
            "INSERT INTO attempts (key, free_at) VALUES ($1, $2 + $3)
             ON CONFLICT (key) DO UPDATE
             SET free_at = CASE WHEN attempts.free_at BETWEEN $2 AND $5 THEN attempts.free_at ELSE $2 END + $3
             WHERE CASE WHEN attempts.free_at BETWEEN $2 AND $5 THEN attempts.free_at ELSE $2 END + $3 <= $2 + $4",
        )
        .bind(key.as_slice())
        .bind(now)
        .bind(step)
        .bind(window)
        .bind(now + 2 * window)
        .execute(&self.writer)
        .await?;
        if done.rows_affected() == 1 {
            return Ok(None);
        }
        let row = sqlx::query("SELECT free_at FROM attempts WHERE key = $1")
            .bind(key.as_slice())
            .fetch_optional(&self.readers)
            .await?;
        let free_at: i64 = row.map_or(Ok(now), |row| row.try_get("free_at"))?;
        Ok(Some((free_at + step - now - window).max(0)))
    }

    /// Forgets keys under which everything is allowed again.
    pub(crate) async fn forget_attempts(&self, now: i64) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM attempts WHERE free_at <= $1").bind(now).execute(&self.writer).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use crate::storage::DatabaseLocation;

    const MINUTE: i64 = 60_000;

    /// Everybody was locked out until the clock came to where it had been.
    #[tokio::test]
    async fn a_clock_that_is_set_back_locks_nobody_out() {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::open(directory.path(), &DatabaseLocation::DataDirectory).await.unwrap();
        let count = async |now| database.count_attempt(&[7; 32], now, MINUTE, MINUTE).await.unwrap();
        assert_eq!(count(100 * MINUTE).await, None);
        assert_eq!(count(100 * MINUTE + 1).await, Some(MINUTE - 1));
        assert_eq!(count(100 * MINUTE - 10_000).await, Some(MINUTE + 10_000), "another process, ten seconds behind");
        assert_eq!(count(MINUTE).await, None);
        assert_eq!(count(MINUTE + 1).await, Some(MINUTE - 1));
        database.close().await;
    }
}
