//! What is found out about mail after it arrived. Rows that name one file are of one message, and are asked about once.

use super::blobs::BlobName;
use super::database::Database;
use super::failure::StorageError;
use super::mailbox::mail_file;
use sqlx::Row;

/// A message that is to be asked about.
pub(crate) struct UncheckedMail {
    pub(crate) file: BlobName,
    pub(crate) received: i64,
    pub(crate) size: i64,
    /// Who brought it (JSON).
    pub(crate) arrival: String,
    /// How often it was asked about before.
    pub(crate) checks: i64,
    /// When that is due.
    pub(crate) due: i64,
}

impl Database {
    /// Some of what is due, longest first.
    pub(crate) async fn unchecked_mail(&self, now: i64, limit: u32) -> Result<Vec<UncheckedMail>, StorageError> {
        let rows = sqlx::query(
            "SELECT DISTINCT file, received, size, arrival, checks, check_at FROM mailbox WHERE check_at <= $1
             ORDER BY check_at LIMIT $2",
        )
        .bind(now)
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        let unchecked = |row| {
            Ok(UncheckedMail {
                file: mail_file(row)?,
                received: row.try_get("received")?,
                size: row.try_get("size")?,
                arrival: row.try_get("arrival")?,
                checks: row.try_get("checks")?,
                due: row.try_get("check_at")?,
            })
        };
        rows.iter().map(unchecked).collect()
    }

    /// Takes it on, and says when the next attempt is due should nothing come of this one; `None`: never. False if another server
    /// was faster, or it was deleted.
    pub(crate) async fn begin_mail_check(&self, mail: &UncheckedMail, next: Option<i64>) -> Result<bool, StorageError> {
        let (file, due) = (mail.file, mail.due);
        let beginning = self.together(move |transaction| {
            Box::pin(async move {
                let begin = "UPDATE mailbox SET check_at = $1, checks = checks + 1 WHERE file = $2 AND check_at = $3";
                let begin = sqlx::query(begin).bind(next).bind(file.0.as_slice()).bind(due);
                Ok(begin.execute(&mut **transaction).await?.rows_affected() > 0)
            })
        });
        beginning.await
    }

    /// Notes what was found out (JSON), and whether that is all there is to find out.
    pub(crate) async fn note_evidence(
        &self,
        file: BlobName,
        evidence: String,
        is_final: bool,
    ) -> Result<(), StorageError> {
        let note = match is_final {
            true => "UPDATE mailbox SET evidence = $1, check_at = NULL WHERE file = $2",
            false => "UPDATE mailbox SET evidence = $1 WHERE file = $2",
        };
        let noting = self.together(move |transaction| {
            Box::pin(async move {
                sqlx::query(note).bind(evidence).bind(file.0.as_slice()).execute(&mut **transaction).await?;
                Ok(())
            })
        });
        noting.await
    }
}
