//! What time does to rows of `envelopes`; the files they named are for the caller to remove.

use super::blobs::BlobName;
use super::database::{Database, StorageError, octets};
use super::envelope_row::{NO_TOKEN, file};
use sqlx::Row;

/// Rows that one transaction changes at most: purging goes on beside requests, and none of them waits for all of it.
const BATCH: i64 = 200;

/// What one transaction did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    /// Envelopes.
    pub envelopes: u64,
    /// Files that are not named any more.
    pub files: Vec<BlobName>,
    /// Whether there may be more to do.
    pub more: bool,
}

const ENDED_LONG_AGO: &str = "SELECT id FROM envelopes e
     WHERE e.ended <= $1 AND (e.state <> 'opened' OR e.expires <= $2)
       AND NOT EXISTS (SELECT 1 FROM replies late WHERE late.envelope = e.id AND late.created > $1)
     LIMIT $3";

impl Database {
    /// Whether some row names this file.
    pub async fn names_file(&self, name: BlobName) -> Result<bool, StorageError> {
        let row = sqlx::query(
            "SELECT 1 FROM envelopes WHERE file = $1 UNION ALL SELECT 1 FROM replies WHERE file = $1
             UNION ALL SELECT 1 FROM keyrings WHERE file = $1",
        )
        .bind(name.0.as_slice())
        .fetch_optional(&self.readers)
        .await?;
        Ok(row.is_some())
    }

    /// Ends some of what is over by time.
    pub async fn expire_envelopes(&self, now: i64) -> Result<Ended, StorageError> {
        let mut transaction = self.write().await?;
        let rows = sqlx::query("SELECT id, file FROM envelopes WHERE state = 'sealed' AND expires <= $1 LIMIT $2")
            .bind(now)
            .bind(BATCH)
            .fetch_all(&mut *transaction)
            .await?;
        let mut ended = Ended { more: rows.len() as i64 == BATCH, ..Ended::default() };
        for row in &rows {
            let id: [u8; 16] = octets(row, "id")?;
            // Once more with the condition: its end may have been put off since.
            let done = sqlx::query(
                "UPDATE envelopes SET state = 'expired', ended = expires, hint = NULL, file = NULL, token_hash = $3
                 WHERE id = $1 AND state = 'sealed' AND expires <= $2",
            )
            .bind(id.as_slice())
            .bind(now)
            .bind(NO_TOKEN)
            .execute(&mut *transaction)
            .await?;
            if done.rows_affected() == 1 {
                ended.envelopes += 1;
                ended.files.extend(file(row)?);
            }
        }
        transaction.commit().await?;
        Ok(ended)
    }

    /// Takes no more replies to what was opened and is over by time. Returns whether there may be more to do.
    pub async fn end_replying(&self, now: i64) -> Result<bool, StorageError> {
        let done = sqlx::query(
            "UPDATE envelopes SET token_hash = $3 WHERE id IN
                 (SELECT id FROM envelopes
                  WHERE state = 'opened' AND length(token_hash) > 0 AND expires <= $1 LIMIT $2)",
        )
        .bind(now)
        .bind(BATCH)
        .bind(NO_TOKEN)
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected() == BATCH as u64)
    }

    /// Forgets announced envelopes whose ciphertext never came. Returns how many.
    pub async fn remove_abandoned(&self, created_until: i64, now: i64) -> Result<u64, StorageError> {
        let done = sqlx::query("DELETE FROM envelopes WHERE state = 'uploading' AND (created <= $1 OR expires <= $2)")
            .bind(created_until)
            .bind(now)
            .execute(&self.writer)
            .await?;
        Ok(done.rows_affected())
    }

    /// Forgets some of the envelopes that ended long ago, with their replies; not while one still takes replies or has
    /// got one since.
    pub async fn remove_ended(&self, ended_until: i64, now: i64) -> Result<Ended, StorageError> {
        let mut transaction = self.write().await?;
        let rows =
            sqlx::query(ENDED_LONG_AGO).bind(ended_until).bind(now).bind(BATCH).fetch_all(&mut *transaction).await?;
        let mut ended = Ended { more: rows.len() as i64 == BATCH, ..Ended::default() };
        for row in &rows {
            // Nothing of it changes any more: what ended takes no replies, and those that are there are old.
            let id: [u8; 16] = octets(row, "id")?;
            let replies = sqlx::query("SELECT file FROM replies WHERE envelope = $1")
                .bind(id.as_slice())
                .fetch_all(&mut *transaction)
                .await?;
            let done = sqlx::query("DELETE FROM envelopes WHERE id = $1")
                .bind(id.as_slice())
                .execute(&mut *transaction)
                .await?;
            // Another process may have been faster.
            if done.rows_affected() == 1 {
                ended.envelopes += 1;
                for reply in &replies {
                    ended.files.extend(file(reply)?);
                }
            }
        }
        transaction.commit().await?;
        Ok(ended)
    }

    /// When the next envelope ends by time.
    pub async fn next_expiry(&self) -> Result<Option<i64>, StorageError> {
        let row =
            sqlx::query("SELECT min(expires) FROM envelopes WHERE state = 'sealed'").fetch_one(&self.readers).await?;
        Ok(row.try_get(0)?)
    }
}
