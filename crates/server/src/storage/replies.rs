//! Rows of `replies`.

use super::blobs::BlobName;
use super::database::{Database, count};
use super::envelopes::used;
use super::failure::StorageError;
use sqlx::Row;
use sqlx::any::AnyRow;

/// A reply and its file.
pub(crate) struct ReplyRow {
    /// 1 for the first.
    pub(crate) number: u32,
    /// When it arrived.
    pub(crate) created: i64,
    /// Octets of ciphertext.
    pub(crate) size: i64,
    /// The ciphertext.
    pub(crate) file: BlobName,
}

/// What storing a reply led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddedReply {
    /// It is stored.
    Stored {
        /// 1 for the first.
        number: u32,
    },
    /// The envelope takes none, or is not there.
    Nothing,
    /// It has as many as it takes.
    TooMany,
    /// Its sender keeps as many octets as they may.
    Full,
}

impl TryFrom<&AnyRow> for ReplyRow {
    type Error = StorageError;

    fn try_from(row: &AnyRow) -> Result<Self, StorageError> {
        Ok(Self {
            number: count(row, "number")?,
            created: row.try_get("created")?,
            size: row.try_get("size")?,
            file: row.try_get::<Vec<u8>, _>("file")?.try_into()?,
        })
    }
}

impl Database {
    /// Stores a reply under the next number, if the envelope takes replies, has fewer than `limit`, and its sender then
    /// keeps no more than `account_octets`.
    pub(crate) async fn add_reply(
        &self,
        id: &[u8; 16],
        size: i64,
        file: BlobName,
        limit: u32,
        account_octets: i64,
        now: i64,
    ) -> Result<AddedReply, StorageError> {
        let mut transaction = self.write().await?;
        let Some(envelope) = sqlx::query("SELECT account FROM envelopes WHERE id = $1")
            .bind(id.as_slice())
            .fetch_optional(&mut *transaction)
            .await?
        else {
            return Ok(AddedReply::Nothing);
        };
        let account = envelope.try_get("account")?;
        self.hold_account(&mut transaction, account).await?;
        self.hold_envelope(&mut transaction, id).await?;
        let Some(envelope) = sqlx::query(
            "SELECT (SELECT count(*) FROM replies r WHERE r.envelope = e.id) AS replies FROM envelopes e
             WHERE id = $1 AND state IN ('sealed', 'opened') AND expires > $2",
        )
        .bind(id.as_slice())
        .bind(now)
        .fetch_optional(&mut *transaction)
        .await?
        else {
            return Ok(AddedReply::Nothing);
        };
        let replies = count(&envelope, "replies")?;
        if replies >= limit {
            return Ok(AddedReply::TooMany);
        }
        let used = used(&mut transaction, account).await?;
        if used.octets.saturating_add(size) > account_octets {
            return Ok(AddedReply::Full);
        }
        let number = replies + 1;
        sqlx::query("INSERT INTO replies (envelope, number, created, size, file) VALUES ($1, $2, $3, $4, $5)")
            .bind(id.as_slice())
            .bind(i64::from(number))
            .bind(now)
            .bind(size)
            .bind(file.0.as_slice())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(AddedReply::Stored { number })
    }

    /// The replies to an envelope, oldest first.
    pub(crate) async fn replies(&self, id: &[u8; 16]) -> Result<Vec<ReplyRow>, StorageError> {
        let rows = sqlx::query("SELECT number, created, size, file FROM replies WHERE envelope = $1 ORDER BY number")
            .bind(id.as_slice())
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(ReplyRow::try_from).collect()
    }
}
