//! What time does to rows of `envelopes`; the files they named are for the caller to remove.

use super::blobs::BlobName;
use super::database::{Database, StorageError};
use super::envelope_row::file;
use sqlx::Row;

macro_rules! ended_long_ago {
    () => {
        "e.ended <= ?1 AND (e.state <> 'opened' OR e.expires <= ?2)
         AND NOT EXISTS (SELECT 1 FROM replies late WHERE late.envelope = e.id AND late.created > ?1)"
    };
}

impl Database {
    /// Whether some row names this file.
    pub async fn names_file(&self, name: BlobName) -> Result<bool, StorageError> {
        let row = sqlx::query(
            "SELECT EXISTS (SELECT 1 FROM envelopes WHERE file = ?1) OR EXISTS (SELECT 1 FROM replies WHERE file = ?1)
                 OR EXISTS (SELECT 1 FROM keyrings WHERE file = ?1)",
        )
        .bind(name.0.as_slice())
        .fetch_one(&self.readers)
        .await?;
        Ok(row.try_get(0)?)
    }

    /// Ends what is over by time. Returns the files to remove.
    pub async fn expire_envelopes(&self, now: i64) -> Result<Vec<BlobName>, StorageError> {
        let mut transaction = self.write().await?;
        let rows =
            sqlx::query("SELECT file FROM envelopes WHERE state = 'sealed' AND expires <= ? AND file IS NOT NULL")
                .bind(now)
                .fetch_all(&mut *transaction)
                .await?;
        sqlx::query(
            "UPDATE envelopes SET state = 'expired', ended = expires, hint = NULL, file = NULL, token_hash = zeroblob(32)
             WHERE state = 'sealed' AND expires <= ?",
        )
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        // Takes no more replies.
        sqlx::query("UPDATE envelopes SET token_hash = zeroblob(32) WHERE state = 'opened' AND expires <= ? AND token_hash <> zeroblob(32)")
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        let files = rows.iter().filter_map(|row| file(row).transpose()).collect::<Result<_, _>>()?;
        transaction.commit().await?;
        Ok(files)
    }

    /// Forgets announced envelopes whose ciphertext never came. Returns how many.
    pub async fn remove_abandoned(&self, created_until: i64, now: i64) -> Result<u64, StorageError> {
        let done = sqlx::query("DELETE FROM envelopes WHERE state = 'uploading' AND (created <= ? OR expires <= ?)")
            .bind(created_until)
            .bind(now)
            .execute(&self.writer)
            .await?;
        Ok(done.rows_affected())
    }

    /// Forgets envelopes that ended long ago, with their replies; not while one still takes replies or has got one
    /// since. Returns the files to remove.
    pub async fn remove_ended(&self, ended_until: i64, now: i64) -> Result<Vec<BlobName>, StorageError> {
        let mut transaction = self.write().await?;
        let rows = sqlx::query(concat!(
            "SELECT r.file FROM replies r JOIN envelopes e ON e.id = r.envelope WHERE ",
            ended_long_ago!()
        ))
        .bind(ended_until)
        .bind(now)
        .fetch_all(&mut *transaction)
        .await?;
        sqlx::query(concat!("DELETE FROM envelopes AS e WHERE ", ended_long_ago!()))
            .bind(ended_until)
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        let files = rows.iter().filter_map(|row| file(row).transpose()).collect::<Result<_, _>>()?;
        transaction.commit().await?;
        Ok(files)
    }

    /// When the next envelope ends by time.
    pub async fn next_expiry(&self) -> Result<Option<i64>, StorageError> {
        let row = sqlx::query("SELECT min(expires) FROM envelopes WHERE state IN ('uploading', 'sealed')")
            .fetch_one(&self.readers)
            .await?;
        Ok(row.try_get(0)?)
    }
}
