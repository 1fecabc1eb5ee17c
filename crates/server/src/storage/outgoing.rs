//! Rows of `outgoing` and `outgoing_recipients`: mail until it has arrived, or never will. Not here: who tries it (`outgoing_tries`).

use super::database::{Database, Writing, octets};
use super::failure::StorageError;
use super::writers::Writer;
use sqlx::Row;
use sqlx::any::AnyRow;

/// Messages of one list, and rows that one statement forgets at most.
const BATCH: i64 = 100;

/// A message to be sent.
pub(crate) struct NewOutgoing {
    pub(crate) id: [u8; 16],
    pub(crate) created: i64,
    /// MAIL FROM.
    pub(crate) sender: String,
    pub(crate) message: Vec<u8>,
    /// Addresses, and their domains as A-labels.
    pub(crate) recipients: Vec<(String, String)>,
}

/// A message in its writer's list.
pub(crate) struct OutgoingRow {
    pub(crate) id: [u8; 16],
    pub(crate) created: i64,
    pub(crate) size: i64,
    pub(crate) recipients: Vec<OutgoingRecipientRow>,
}

/// How far it got to one recipient.
pub(crate) struct OutgoingRecipientRow {
    pub(crate) address: String,
    pub(crate) state: String,
    pub(crate) tries: i64,
    pub(crate) due: i64,
    pub(crate) changed: i64,
    pub(crate) reason: Option<String>,
    pub(crate) reply: Option<String>,
}

impl Database {
    /// Takes a message, unless as many of the account's are waiting already. Whether it did.
    pub(crate) async fn add_outgoing(
        &self,
        writer: &Writer,
        new: NewOutgoing,
        most: i64,
    ) -> Result<bool, StorageError> {
        let (this, writer) = (self.clone(), *writer);
        let adding = self.together(move |transaction| {
            Box::pin(async move {
                this.hold_writer(transaction, &writer, new.created).await?;
                add(transaction, writer.account(), new, most).await
            })
        });
        adding.await
    }

    /// The account's latest messages, newest first.
    pub(crate) async fn outgoing(&self, account: i64) -> Result<Vec<OutgoingRow>, StorageError> {
        let rows = sqlx::query(
            "SELECT o.id, o.created, o.size, r.address, r.state, r.tries, r.due, r.changed, r.reason, r.reply
             FROM (SELECT id, created, size FROM outgoing WHERE account = $1 ORDER BY created DESC, id LIMIT $2) o
             JOIN outgoing_recipients r ON r.message = o.id ORDER BY o.created DESC, o.id, r.position",
        )
        .bind(account)
        .bind(BATCH)
        .fetch_all(&self.readers)
        .await?;
        let mut messages: Vec<OutgoingRow> = Vec::new();
        for row in &rows {
            let id = octets(row, "id")?;
            let recipient = recipient(row)?;
            match messages.last_mut().filter(|message| message.id == id) {
                Some(message) => message.recipients.push(recipient),
                None => messages.push(OutgoingRow {
                    id,
                    created: row.try_get("created")?,
                    size: row.try_get("size")?,
                    recipients: vec![recipient],
                }),
            }
        }
        Ok(messages)
    }

    /// What was not sent yet is not sent. Whether there is such a message of the account's.
    pub(crate) async fn withdraw_outgoing(
        &self,
        writer: &Writer,
        id: &[u8; 16],
        now: i64,
    ) -> Result<bool, StorageError> {
        let mut transaction = self.write().await?;
        self.hold_writer(&mut transaction, writer, now).await?;
        // The row of the message before those of its recipients, as in `settle_outgoing`.
        let own = sqlx::query("UPDATE outgoing SET message = NULL WHERE id = $1 AND account = $2")
            .bind(id.as_slice())
            .bind(writer.account())
            .execute(&mut *transaction)
            .await?;
        if own.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(
            "UPDATE outgoing_recipients SET state = 'withdrawn', changed = $2 WHERE message = $1 AND state = 'queued'",
        )
        .bind(id.as_slice())
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Forgets some messages that were taken until then and are over. Whether there may be more.
    pub(crate) async fn forget_outgoing(&self, until: i64) -> Result<bool, StorageError> {
        let done = sqlx::query(
            "DELETE FROM outgoing WHERE id IN
                 (SELECT id FROM outgoing WHERE created <= $1 AND message IS NULL ORDER BY created, id LIMIT $2)",
        )
        .bind(until)
        .bind(BATCH)
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected() == BATCH as u64)
    }
}

async fn add(transaction: &mut Writing, account: i64, new: NewOutgoing, most: i64) -> Result<bool, StorageError> {
    let waiting = sqlx::query("SELECT count(*) FROM outgoing WHERE account = $1 AND message IS NOT NULL")
        .bind(account)
        .fetch_one(&mut **transaction)
        .await?;
    if waiting.try_get::<i64, _>(0)? >= most {
        return Ok(false);
    }
    sqlx::query("INSERT INTO outgoing (id, account, created, size, sender, message) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(new.id.as_slice())
        .bind(account)
        .bind(new.created)
        .bind(super::stored_size(new.message.len() as u64))
        .bind(new.sender)
        .bind(new.message)
        .execute(&mut **transaction)
        .await?;
    for (position, (address, domain)) in (0_i64..).zip(&new.recipients) {
        sqlx::query(
            "INSERT INTO outgoing_recipients (message, position, address, domain, state, tries, due, changed)
             VALUES ($1, $2, $3, $4, 'queued', 0, $5, $5)",
        )
        .bind(new.id.as_slice())
        .bind(position)
        .bind(address.as_str())
        .bind(domain.as_str())
        .bind(new.created)
        .execute(&mut **transaction)
        .await?;
    }
    Ok(true)
}

fn recipient(row: &AnyRow) -> Result<OutgoingRecipientRow, StorageError> {
    Ok(OutgoingRecipientRow {
        address: row.try_get("address")?,
        state: row.try_get("state")?,
        tries: row.try_get("tries")?,
        due: row.try_get("due")?,
        changed: row.try_get("changed")?,
        reason: row.try_get("reason")?,
        reply: row.try_get("reply")?,
    })
}
