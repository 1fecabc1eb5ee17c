//! Rows of `mailbox_certificates`, at most one for each account, and how mail in clear gives way to mail that is encrypted to them.

use super::blobs::BlobName;
use super::database::Database;
use super::failure::StorageError;
use super::mailbox::{MailRow, mail_file};
use super::writers::Writer;
use sqlx::Row;

/// To what the mail of an account is encrypted.
pub(crate) struct MailboxCertificateRow {
    pub(crate) certificate: Vec<u8>,
    /// Nothing can be encrypted to it any more.
    pub(crate) refused: bool,
}

/// A message that lies there in clear, and to what it is to be encrypted.
pub(crate) struct UnsealedMail {
    pub(crate) account: i64,
    pub(crate) mail: MailRow,
    pub(crate) certificate: Vec<u8>,
}

/// Which message: its account and its name.
pub(crate) type MailPlace = (i64, [u8; 16]);

impl UnsealedMail {
    /// Which one it is.
    pub(crate) fn place(&self) -> MailPlace {
        (self.account, self.mail.id)
    }
}

/// The same message, encrypted.
pub(crate) struct SealedMail<'a> {
    pub(crate) file: BlobName,
    pub(crate) size: i64,
    pub(crate) summary: &'a [u8],
}

/// Whether the message is encrypted now.
#[derive(PartialEq, Eq)]
pub(crate) enum Sealing {
    /// It was deleted meanwhile, another server was faster, or its owner has taken the certificate away or given another: the new file is nobody's.
    TooLate,
    /// It is. The file in clear is to be removed once nobody has it any more.
    Done,
}

impl Database {
    /// The certificate of this account.
    pub(crate) async fn mailbox_certificate(
        &self,
        account: i64,
    ) -> Result<Option<MailboxCertificateRow>, StorageError> {
        let row = sqlx::query("SELECT certificate, refused FROM mailbox_certificates WHERE account = $1")
            .bind(account)
            .fetch_optional(&self.readers)
            .await?;
        let certificate = |row: sqlx::any::AnyRow| {
            let refused = row.try_get::<i64, _>("refused")? != 0;
            Ok(MailboxCertificateRow { certificate: row.try_get("certificate")?, refused })
        };
        row.map(certificate).transpose()
    }

    /// Puts it in the place of whatever is there.
    pub(crate) async fn put_mailbox_certificate(
        &self,
        writer: &Writer,
        certificate: &[u8],
        now: i64,
    ) -> Result<(), StorageError> {
        let mut transaction = self.write().await?;
        self.hold_writer(&mut transaction, writer, now).await?;
        sqlx::query(
            "INSERT INTO mailbox_certificates (account, certificate) VALUES ($1, $2)
             ON CONFLICT (account) DO UPDATE SET certificate = excluded.certificate, refused = 0",
        )
        .bind(writer.account())
        .bind(certificate)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Forgets it: what arrives from now on stays in clear.
    pub(crate) async fn remove_mailbox_certificate(&self, writer: &Writer, now: i64) -> Result<(), StorageError> {
        let mut transaction = self.write().await?;
        self.hold_writer(&mut transaction, writer, now).await?;
        sqlx::query("DELETE FROM mailbox_certificates WHERE account = $1")
            .bind(writer.account())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Forgets what is no certificate but a secret key, unless it is another one by now.
    pub(crate) async fn forget_mailbox_key(&self, account: i64, key: &[u8]) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM mailbox_certificates WHERE account = $1 AND certificate = $2")
            .bind(account)
            .bind(key)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Notes that nothing can be encrypted to this certificate, unless it is another one by now.
    pub(crate) async fn refuse_mailbox_certificate(
        &self,
        account: i64,
        certificate: &[u8],
    ) -> Result<(), StorageError> {
        sqlx::query("UPDATE mailbox_certificates SET refused = 1 WHERE account = $1 AND certificate = $2")
            .bind(account)
            .bind(certificate)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// The next message in clear after this one, in any order, about which nothing is to be asked any more, of an account that has a
    /// certificate.
    pub(crate) async fn unsealed_mail(&self, after: Option<MailPlace>) -> Result<Option<UnsealedMail>, StorageError> {
        let (account, id) = after.unwrap_or((i64::MIN, [0; 16]));
        let row = sqlx::query(
            "SELECT m.account, c.certificate, m.id, received, size, file, sent, seen, sealed, summary, arrival, evidence
             FROM mailbox_certificates c JOIN mailbox m ON m.account = c.account
             WHERE c.refused = 0 AND m.sealed = 0 AND m.check_at IS NULL AND (m.account, m.id) > ($1, $2)
             ORDER BY m.account, m.id LIMIT 1",
        )
        .bind(account)
        .bind(id.as_slice())
        .fetch_optional(&self.readers)
        .await?;
        let unsealed = |row: sqlx::any::AnyRow| {
            let mail = MailRow::try_from(&row)?;
            Ok(UnsealedMail { account: row.try_get("account")?, mail, certificate: row.try_get("certificate")? })
        };
        row.map(unsealed).transpose()
    }

    /// Puts an encrypted message in the place of the one in clear, if that is there still, and the certificate still its owner's: they may have
    /// been told that it is not, and have its key no more.
    pub(crate) async fn seal_mail(
        &self,
        unsealed: &UnsealedMail,
        sealed: &SealedMail<'_>,
    ) -> Result<Sealing, StorageError> {
        let mut transaction = self.write().await?;
        self.hold_account(&mut transaction, unsealed.account).await?;
        let done = sqlx::query(
            "UPDATE mailbox SET sealed = 1, file = $1, size = $2, summary = $3
             WHERE account = $4 AND id = $5 AND file = $6 AND sealed = 0
             AND EXISTS (SELECT 1 FROM mailbox_certificates WHERE account = $4 AND certificate = $7)",
        )
        .bind(sealed.file.0.as_slice())
        .bind(sealed.size)
        .bind(sealed.summary)
        .bind(unsealed.account)
        .bind(unsealed.mail.id.as_slice())
        .bind(unsealed.mail.file.0.as_slice())
        .bind(unsealed.certificate.as_slice())
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(Sealing::TooLate);
        }
        sqlx::query("INSERT INTO cleared_mail (file) VALUES ($1) ON CONFLICT (file) DO NOTHING")
            .bind(unsealed.mail.file.0.as_slice())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Sealing::Done)
    }

    /// Files of mail in clear that nobody has any more and that are to be removed, of those that follow this one.
    pub(crate) async fn cleared_mail(&self, after: Option<BlobName>) -> Result<Vec<BlobName>, StorageError> {
        let after = after.map_or([0; 16], |file| file.0);
        let rows = sqlx::query(
            "SELECT file FROM cleared_mail c WHERE file > $1 AND NOT EXISTS (SELECT 1 FROM mailbox m WHERE m.file = c.file)
             ORDER BY file LIMIT 100",
        )
        .bind(after.as_slice())
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(mail_file).collect()
    }

    /// Forgets one that is removed.
    pub(crate) async fn forget_cleared_mail(&self, file: BlobName) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM cleared_mail WHERE file = $1").bind(file.0.as_slice()).execute(&self.writer).await?;
        Ok(())
    }
}
