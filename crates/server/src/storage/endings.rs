//! What time does to rows of `envelopes`; the files they named are for the caller to remove.

use super::blobs::BlobName;
use super::database::{Database, Writing, octets};
use super::envelope_row::{NO_TOKEN, file};
use super::failure::StorageError;
use sqlx::Row;
use sqlx::any::AnyRow;

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

/// What is due by the moments `$1` and, for most, `$2`: read to find it, and once more in the statement that changes it, as it may
/// have changed between the two.
macro_rules! due {
    (sealed) => {
        "state = 'sealed' AND expires <= $1"
    };
    (taking_replies) => {
        "state = 'opened' AND length(token_hash) > 0 AND expires <= $1"
    };
    (abandoned) => {
        "state = 'uploading' AND (created <= $1 OR expires <= $2)"
    };
    (ended_long_ago) => {
        "ended <= $1 AND (state <> 'opened' OR expires <= $2)
         AND NOT EXISTS (SELECT 1 FROM replies late WHERE late.envelope = envelopes.id AND late.created > $1)"
    };
}

/// Some rows of what is due, in the same order for all who purge at once: one waits for the other, and never both.
async fn some(transaction: &mut Writing, select: &'static str, moments: &[i64]) -> Result<Vec<AnyRow>, StorageError> {
    let mut query = sqlx::query(select);
    for moment in moments {
        query = query.bind(*moment);
    }
    Ok(query.bind(BATCH).fetch_all(&mut **transaction).await?)
}

impl Ended {
    fn of(rows: &[AnyRow]) -> Self {
        Self { more: rows.len() as i64 == BATCH, ..Self::default() }
    }
}

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
        let select = concat!("SELECT id, file FROM envelopes WHERE ", due!(sealed), " ORDER BY id LIMIT $2");
        let rows = some(&mut transaction, select, &[now]).await?;
        let mut ended = Ended::of(&rows);
        for row in &rows {
            let id: [u8; 16] = octets(row, "id")?;
            let done = sqlx::query(concat!(
                "UPDATE envelopes SET state = 'expired', ended = expires, hint = NULL, file = NULL, token_hash = $3
                 WHERE id = $2 AND ",
                due!(sealed)
            ))
            .bind(now)
            .bind(id.as_slice())
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

    /// Takes no more replies to some of what was opened and is over by time.
    pub async fn end_replying(&self, now: i64) -> Result<Ended, StorageError> {
        let mut transaction = self.write().await?;
        let select = concat!("SELECT id FROM envelopes WHERE ", due!(taking_replies), " ORDER BY id LIMIT $2");
        let rows = some(&mut transaction, select, &[now]).await?;
        let mut ended = Ended::of(&rows);
        for row in &rows {
            let id: [u8; 16] = octets(row, "id")?;
            let done =
                sqlx::query(concat!("UPDATE envelopes SET token_hash = $3 WHERE id = $2 AND ", due!(taking_replies)))
                    .bind(now)
                    .bind(id.as_slice())
                    .bind(NO_TOKEN)
                    .execute(&mut *transaction)
                    .await?;
            ended.envelopes += done.rows_affected();
        }
        transaction.commit().await?;
        Ok(ended)
    }

    /// Forgets some of the announced envelopes whose ciphertext never came.
    pub async fn remove_abandoned(&self, created_until: i64, now: i64) -> Result<Ended, StorageError> {
        let mut transaction = self.write().await?;
        let select = concat!("SELECT id FROM envelopes WHERE ", due!(abandoned), " ORDER BY id LIMIT $3");
        let rows = some(&mut transaction, select, &[created_until, now]).await?;
        let mut ended = Ended::of(&rows);
        for row in &rows {
            let id: [u8; 16] = octets(row, "id")?;
            let done = sqlx::query(concat!("DELETE FROM envelopes WHERE id = $3 AND ", due!(abandoned)))
                .bind(created_until)
                .bind(now)
                .bind(id.as_slice())
                .execute(&mut *transaction)
                .await?;
            ended.envelopes += done.rows_affected();
        }
        transaction.commit().await?;
        Ok(ended)
    }

    /// Forgets some of the envelopes that ended long ago, with their replies; not while one still takes replies or has
    /// got one since.
    pub async fn remove_ended(&self, ended_until: i64, now: i64) -> Result<Ended, StorageError> {
        let mut transaction = self.write().await?;
        let select = concat!("SELECT id FROM envelopes WHERE ", due!(ended_long_ago), " ORDER BY id LIMIT $3");
        let rows = some(&mut transaction, select, &[ended_until, now]).await?;
        let mut ended = Ended::of(&rows);
        for row in &rows {
            let id: [u8; 16] = octets(row, "id")?;
            // While it is held it gets no reply, so that those read here are all.
            self.hold_envelope(&mut transaction, &id).await?;
            let replies = sqlx::query("SELECT file FROM replies WHERE envelope = $1")
                .bind(id.as_slice())
                .fetch_all(&mut *transaction)
                .await?;
            let done = sqlx::query(concat!("DELETE FROM envelopes WHERE id = $3 AND ", due!(ended_long_ago)))
                .bind(ended_until)
                .bind(now)
                .bind(id.as_slice())
                .execute(&mut *transaction)
                .await?;
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

    /// Forgets some of the leases whose time is over. Returns how many, and whether there may be more.
    pub async fn remove_old_leases(&self, now: i64) -> Result<(u64, bool), StorageError> {
        let mut transaction = self.write().await?;
        let select = "SELECT hash FROM leases WHERE expires <= $1 ORDER BY hash LIMIT $2";
        let rows = some(&mut transaction, select, &[now]).await?;
        let mut removed = 0;
        for row in &rows {
            let hash: [u8; 32] = octets(row, "hash")?;
            let done = sqlx::query("DELETE FROM leases WHERE hash = $1")
                .bind(hash.as_slice())
                .execute(&mut *transaction)
                .await?;
            removed += done.rows_affected();
        }
        transaction.commit().await?;
        Ok((removed, Ended::of(&rows).more))
    }

    /// When the next envelope ends by time.
    pub async fn next_expiry(&self) -> Result<Option<i64>, StorageError> {
        let row =
            sqlx::query("SELECT min(expires) FROM envelopes WHERE state = 'sealed'").fetch_one(&self.readers).await?;
        Ok(row.try_get(0)?)
    }
}
