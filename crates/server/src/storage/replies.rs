//! Rows of `replies`.

use super::blobs::BlobName;
use super::database::{Database, StorageError};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// A reply and its file.
pub struct ReplyRow {
    /// 1 for the first.
    pub number: u32,
    /// When it arrived.
    pub created: i64,
    /// Octets of ciphertext.
    pub size: i64,
    /// The ciphertext.
    pub file: BlobName,
}

impl TryFrom<&SqliteRow> for ReplyRow {
    type Error = StorageError;

    fn try_from(row: &SqliteRow) -> Result<Self, StorageError> {
        Ok(Self {
            number: row.try_get("number")?,
            created: row.try_get("created")?,
            size: row.try_get("size")?,
            file: row.try_get::<Vec<u8>, _>("file")?.try_into()?,
        })
    }
}

impl Database {
    /// Stores a reply under the next number, if the envelope takes replies and has fewer than `limit`. `None` if not.
    pub async fn add_reply(
        &self,
        id: &[u8; 16],
        size: i64,
        file: BlobName,
        limit: u32,
        now: i64,
    ) -> Result<Option<u32>, StorageError> {
        let mut transaction = self.write().await?;
        let row = sqlx::query(
            "INSERT INTO replies (envelope, number, created, size, file)
             SELECT e.id, 1 + (SELECT count(*) FROM replies WHERE envelope = e.id), ?2, ?3, ?4 FROM envelopes e
             WHERE e.id = ?1 AND e.state IN ('sealed', 'opened') AND e.expires > ?2
               AND (SELECT count(*) FROM replies WHERE envelope = e.id) < ?5
             RETURNING number",
        )
        .bind(id.as_slice())
        .bind(now)
        .bind(size)
        .bind(file.0.as_slice())
        .bind(limit)
        .fetch_optional(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// The replies to an envelope, oldest first.
    pub async fn replies(&self, id: &[u8; 16]) -> Result<Vec<ReplyRow>, StorageError> {
        let rows = sqlx::query("SELECT number, created, size, file FROM replies WHERE envelope = ? ORDER BY number")
            .bind(id.as_slice())
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(ReplyRow::try_from).collect()
    }
}
