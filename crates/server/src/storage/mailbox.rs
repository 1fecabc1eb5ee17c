//! Rows of `mailbox`, as their owner reads and changes them. How they come to be: `mail_arrivals`, `sent_mail`; what is found out about them:
//! `mail_checks`.

use super::blobs::BlobName;
use super::database::{Database, octets};
use super::failure::StorageError;
use super::writers::Writer;
use sqlx::Row;
use sqlx::any::AnyRow;

/// A message in a mailbox.
pub(crate) struct MailRow {
    pub(crate) id: [u8; 16],
    pub(crate) received: i64,
    /// Octets of the file.
    pub(crate) size: i64,
    pub(crate) file: BlobName,
    /// It is a copy of what its owner sent.
    pub(crate) sent: bool,
    pub(crate) seen: bool,
    /// File and summary are encrypted to the owner.
    pub(crate) sealed: bool,
    pub(crate) summary: Vec<u8>,
    /// Who brought it (JSON); empty of a copy.
    pub(crate) arrival: String,
    /// What was found out about it (JSON), if it was asked about.
    pub(crate) evidence: Option<String>,
}

/// What became of a message that was to be deleted.
pub(crate) enum MailRemoval {
    /// There is none of this name.
    NotThere,
    /// It is deleted; others have the same file.
    Removed,
    /// It is deleted, and nobody else has this file.
    RemovedWith(BlobName),
}

pub(super) fn mail_file(row: &AnyRow) -> Result<BlobName, StorageError> {
    row.try_get::<Vec<u8>, _>("file")?.try_into()
}

impl TryFrom<&AnyRow> for MailRow {
    type Error = StorageError;

    fn try_from(row: &AnyRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: octets(row, "id")?,
            received: row.try_get("received")?,
            size: row.try_get("size")?,
            file: mail_file(row)?,
            sent: row.try_get::<i64, _>("sent")? != 0,
            seen: row.try_get::<i64, _>("seen")? != 0,
            sealed: row.try_get::<i64, _>("sealed")? != 0,
            summary: row.try_get("summary")?,
            arrival: row.try_get("arrival")?,
            evidence: row.try_get("evidence")?,
        })
    }
}

macro_rules! select_mail {
    ($rest:literal) => {
        concat!("SELECT id, received, size, file, sent, seen, sealed, summary, arrival, evidence FROM mailbox ", $rest)
    };
}

pub(super) const MAIL_OF: &str = select_mail!(
    "WHERE account = $1 AND sent = $2 AND (received, id) < ($3, $4) ORDER BY received DESC, id DESC LIMIT $5"
);

impl Database {
    /// At most `limit` messages of this account, copies of what it sent or what arrived, the latest first; with `before` those that follow it
    /// in this order, given as its time and its name.
    pub(crate) async fn mail_of(
        &self,
        account: i64,
        sent: bool,
        before: Option<(i64, &[u8; 16])>,
        limit: u32,
    ) -> Result<Vec<MailRow>, StorageError> {
        // All mail comes before the end of time.
        let (received, id) = before.unwrap_or((i64::MAX, &[0; 16]));
        let rows = sqlx::query(MAIL_OF)
            .bind(account)
            .bind(i64::from(sent))
            .bind(received)
            .bind(id.as_slice())
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(MailRow::try_from).collect()
    }

    /// The message of this name, if this account has it.
    pub(crate) async fn mail(&self, account: i64, id: &[u8; 16]) -> Result<Option<MailRow>, StorageError> {
        let row = sqlx::query(select_mail!("WHERE account = $1 AND id = $2"))
            .bind(account)
            .bind(id.as_slice())
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(MailRow::try_from).transpose()
    }

    /// Notes that its owner has seen a message. False if there is none.
    pub(crate) async fn mail_seen(&self, writer: &Writer, id: &[u8; 16], now: i64) -> Result<bool, StorageError> {
        let mut transaction = self.write().await?;
        self.hold_writer(&mut transaction, writer, now).await?;
        let done = sqlx::query("UPDATE mailbox SET seen = 1 WHERE account = $1 AND id = $2")
            .bind(writer.account())
            .bind(id.as_slice())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Deletes a message. Its file goes with the last row that names it; where two go at once, the search for orphans finds it.
    pub(crate) async fn remove_mail(
        &self,
        writer: &Writer,
        id: &[u8; 16],
        now: i64,
    ) -> Result<MailRemoval, StorageError> {
        let mut transaction = self.write().await?;
        self.hold_writer(&mut transaction, writer, now).await?;
        let removed = sqlx::query("DELETE FROM mailbox WHERE account = $1 AND id = $2 RETURNING file")
            .bind(writer.account())
            .bind(id.as_slice())
            .fetch_optional(&mut *transaction)
            .await?;
        let Some(row) = removed else { return Ok(MailRemoval::NotThere) };
        let file = mail_file(&row)?;
        let others = sqlx::query("SELECT 1 FROM mailbox WHERE file = $1 LIMIT 1")
            .bind(file.0.as_slice())
            .fetch_optional(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(if others.is_some() { MailRemoval::Removed } else { MailRemoval::RemovedWith(file) })
    }
}
