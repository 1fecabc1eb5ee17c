//! How copies of what somebody sent get into `mailbox`, under names that their devices choose: what is uploaded once more, since the answer
//! was lost, is there once.

use super::blobs::BlobName;
use super::database::Database;
use super::failure::StorageError;
use super::mail_arrivals::{ROW, used};
use super::writers::Writer;
use sqlx::AnyConnection;

/// A copy to be kept, encrypted.
pub(crate) struct NewSentMail<'a> {
    pub(crate) id: &'a [u8; 16],
    pub(crate) now: i64,
    pub(crate) size: i64,
    pub(crate) file: BlobName,
    pub(crate) summary: &'a [u8],
}

/// What keeping a copy leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SentMailWrite {
    /// It is there.
    Kept,
    /// There was a message of this name, which stays as it is.
    AlreadyThere,
    /// There is no room.
    Full,
}

async fn outcome(
    connection: &mut AnyConnection,
    account: i64,
    (id, size): (&[u8; 16], i64),
    room: i64,
) -> Result<SentMailWrite, StorageError> {
    let there = sqlx::query("SELECT 1 FROM mailbox WHERE account = $1 AND id = $2")
        .bind(account)
        .bind(id.as_slice())
        .fetch_optional(&mut *connection)
        .await?;
    if there.is_some() {
        return Ok(SentMailWrite::AlreadyThere);
    }
    let needed = used(connection, account).await?.saturating_add(size).saturating_add(ROW);
    Ok(if needed > room { SentMailWrite::Full } else { SentMailWrite::Kept })
}

impl Database {
    /// What keeping a copy of this size would lead to now; asked before it comes. `room`: octets that the mail of an account may take.
    pub(crate) async fn may_keep_sent_mail(
        &self,
        account: i64,
        (id, size): (&[u8; 16], i64),
        room: i64,
    ) -> Result<SentMailWrite, StorageError> {
        let mut connection = self.readers.acquire().await?;
        outcome(&mut connection, account, (id, size), room).await
    }

    /// Keeps a copy. Nothing is to be asked or told about it: it is sealed and seen.
    pub(crate) async fn keep_sent_mail(
        &self,
        writer: &Writer,
        new: &NewSentMail<'_>,
        room: i64,
    ) -> Result<SentMailWrite, StorageError> {
        let mut transaction = self.write().await?;
        let account = writer.account();
        self.hold_writer(&mut transaction, writer, new.now).await?;
        let outcome = outcome(&mut transaction, account, (new.id, new.size), room).await?;
        if outcome != SentMailWrite::Kept {
            return Ok(outcome);
        }
        sqlx::query(
            "INSERT INTO mailbox (account, id, received, size, file, sent, seen, sealed, summary, arrival)
             VALUES ($1, $2, $3, $4, $5, 1, 1, 1, $6, '')",
        )
        .bind(account)
        .bind(new.id.as_slice())
        .bind(new.now)
        .bind(new.size)
        .bind(new.file.0.as_slice())
        .bind(new.summary)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use crate::storage::DatabaseLocation;
    use crate::storage::mail_arrivals::USED;
    use crate::storage::mailbox::MAIL_OF;
    use sqlx::{AssertSqlSafe, Row};

    #[tokio::test]
    async fn lists_and_the_room_that_is_taken_need_no_scan() {
        let data = tempfile::tempdir().unwrap();
        let database = Database::open(data.path(), &DatabaseLocation::DataDirectory).await.unwrap();
        for (statement, by) in [
            (MAIL_OF, "SEARCH mailbox USING INDEX mailbox_by_time (account=? AND sent=? AND (received,id)<(?,?))"),
            (USED, "SEARCH mailbox USING COVERING INDEX mailbox_by_time (account=?)"),
        ] {
            let explained = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
            let plan = sqlx::query(explained).bind(0).fetch_all(&database.readers).await.unwrap();
            let plan: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
            assert_eq!(plan, [by]);
        }
    }
}
