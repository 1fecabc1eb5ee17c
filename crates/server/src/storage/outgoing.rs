//! Rows of `outgoing` and `outgoing_recipients`: mail until it has arrived, or never will.
//!
//! Whoever tries a message takes those of its recipients that are due and of one domain, in one statement that puts them off: nobody
//! else takes them meanwhile, and after a crash somebody does when that time is over.

use super::database::{Database, Dialect, Writing, octets};
use super::failure::StorageError;
use super::writers::Writer;
use sqlx::Row;
use sqlx::any::AnyRow;

/// Messages of one list, and rows that one statement forgets at most.
const BATCH: i64 = 100;

/// A message to be sent.
pub(crate) struct NewOutgoing<'a> {
    pub(crate) id: &'a [u8; 16],
    pub(crate) created: i64,
    /// MAIL FROM.
    pub(crate) sender: &'a str,
    pub(crate) message: Vec<u8>,
    /// Addresses, and their domains as A-labels.
    pub(crate) recipients: &'a [(String, String)],
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

/// What somebody took, to try it.
pub(crate) struct Claimed {
    pub(crate) id: [u8; 16],
    pub(crate) created: i64,
    pub(crate) sender: String,
    pub(crate) message: Vec<u8>,
    pub(crate) domain: String,
    /// By position.
    pub(crate) recipients: Vec<ClaimedRecipient>,
}

pub(crate) struct ClaimedRecipient {
    pub(crate) position: i64,
    pub(crate) address: String,
    /// Times it was tried before.
    pub(crate) tries: i64,
}

/// What came of a recipient.
pub(crate) struct Settled {
    pub(crate) position: i64,
    pub(crate) fate: Fate,
    pub(crate) reason: Option<&'static str>,
    pub(crate) reply: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Sent,
    Failed,
    /// It is due again then.
    Later(i64),
}

macro_rules! take {
    ($locking:literal) => {
        concat!(
            "UPDATE outgoing_recipients SET due = $2, claim = $3
             WHERE state = 'queued' AND due <= $1 AND (message, domain) =
                 (SELECT r.message, domain FROM outgoing o JOIN outgoing_recipients r ON r.message = o.id
                  WHERE state = 'queued' AND due <= $1 ORDER BY due, r.message, domain LIMIT 1",
            $locking,
            ") RETURNING message, position, address, domain, tries"
        )
    };
}

impl Database {
    /// Takes a message, unless as many of the account's are waiting already. Whether it did.
    pub(crate) async fn add_outgoing(
        &self,
        writer: &Writer,
        new: NewOutgoing<'_>,
        most: i64,
    ) -> Result<bool, StorageError> {
        let mut transaction = self.write().await?;
        self.hold_writer(&mut transaction, writer, new.created).await?;
        let waiting = sqlx::query("SELECT count(*) FROM outgoing WHERE account = $1 AND message IS NOT NULL")
            .bind(writer.account())
            .fetch_one(&mut *transaction)
            .await?;
        if waiting.try_get::<i64, _>(0)? >= most {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO outgoing (id, account, created, size, sender, message) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(new.id.as_slice())
        .bind(writer.account())
        .bind(new.created)
        .bind(super::stored_size(new.message.len() as u64))
        .bind(new.sender)
        .bind(new.message)
        .execute(&mut *transaction)
        .await?;
        for (position, (address, domain)) in (0_i64..).zip(new.recipients) {
            sqlx::query(
                "INSERT INTO outgoing_recipients (message, position, address, domain, state, tries, due, changed)
                 VALUES ($1, $2, $3, $4, 'queued', 0, $5, $5)",
            )
            .bind(new.id.as_slice())
            .bind(position)
            .bind(address.as_str())
            .bind(domain.as_str())
            .bind(new.created)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(true)
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

    /// Takes what has been due for longest until `until`, under a name that nobody else has. `None` if nothing is due, or somebody else was faster.
    pub(crate) async fn claim_outgoing(
        &self,
        claim: &[u8; 16],
        now: i64,
        until: i64,
    ) -> Result<Option<Claimed>, StorageError> {
        let mut transaction = self.write().await?;
        // PostgreSQL passes over what somebody else is taking, and looks again whether a row is due that they have just put off. The
        // message's row is held first, as in `settle_outgoing`: two who held a recipient each would wait for each other.
        let take = match self.dialect {
            Dialect::Sqlite => take!(""),
            Dialect::Postgres => take!(" FOR UPDATE SKIP LOCKED"),
        };
        let query = sqlx::query(take).bind(now).bind(until).bind(claim.as_slice());
        let rows = query.fetch_all(&mut *transaction).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let id: [u8; 16] = octets(first, "message")?;
        let domain = first.try_get("domain")?;
        let mut recipients = rows.iter().map(claimed).collect::<Result<Vec<_>, _>>()?;
        recipients.sort_by_key(|recipient| recipient.position);
        let row = sqlx::query("SELECT created, sender, message FROM outgoing WHERE id = $1 AND message IS NOT NULL")
            .bind(id.as_slice())
            .fetch_optional(&mut *transaction)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let (created, sender, message) = (row.try_get("created")?, row.try_get("sender")?, row.try_get("message")?);
        transaction.commit().await?;
        Ok(Some(Claimed { id, created, sender, message, domain, recipients }))
    }

    /// Notes what came of what was taken under this name. What its writer took back meanwhile is sent if it was, and else not tried again.
    pub(crate) async fn settle_outgoing(
        &self,
        id: &[u8; 16],
        claim: &[u8; 16],
        settled: &[Settled],
        now: i64,
    ) -> Result<(), StorageError> {
        let mut transaction = self.write().await?;
        // The row of the message is held first, so that two who settle the last of its recipients see each other.
        sqlx::query("UPDATE outgoing SET size = size WHERE id = $1")
            .bind(id.as_slice())
            .execute(&mut *transaction)
            .await?;
        for one in settled {
            let (state, due) = match one.fate {
                Fate::Sent => ("sent", now),
                Fate::Failed => ("failed", now),
                Fate::Later(due) => ("queued", due),
            };
            sqlx::query(
                "UPDATE outgoing_recipients SET state = $4, due = $5, tries = tries + 1, changed = $6, reason = $7, reply = $8,
                     claim = NULL
                 WHERE message = $1 AND position = $2 AND claim = $3 AND (state = 'queued' OR (state = 'withdrawn' AND $4 = 'sent'))",
            )
            .bind(id.as_slice())
            .bind(one.position)
            .bind(claim.as_slice())
            .bind(state)
            .bind(due)
            .bind(now)
            .bind(one.reason)
            .bind(one.reply.as_deref())
            .execute(&mut *transaction)
            .await?;
        }
        forget_message(&mut transaction, id).await?;
        Ok(transaction.commit().await?)
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

/// Its octets go as soon as nobody is to get them.
async fn forget_message(transaction: &mut Writing, id: &[u8; 16]) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE outgoing SET message = NULL WHERE id = $1
             AND NOT EXISTS (SELECT 1 FROM outgoing_recipients WHERE message = $1 AND state = 'queued')",
    )
    .bind(id.as_slice())
    .execute(&mut **transaction)
    .await?;
    Ok(())
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

fn claimed(row: &AnyRow) -> Result<ClaimedRecipient, StorageError> {
    Ok(ClaimedRecipient {
        position: row.try_get("position")?,
        address: row.try_get("address")?,
        tries: row.try_get("tries")?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use crate::storage::DatabaseLocation;
    use std::collections::BTreeSet;

    async fn with_mail(data: &std::path::Path) -> Database {
        let database = Database::open(data, &DatabaseLocation::DataDirectory).await.unwrap();
        for statement in [
            "INSERT INTO accounts (id, address, name, created, address_key) VALUES (1, 'a@b.example', 'A', 0, 'a@b.example')",
            "INSERT INTO outgoing (id, account, created, size, sender, message)
             VALUES (x'00000000000000000000000000000001', 1, 0, 1, 'a@b.example', x'41'),
                    (x'00000000000000000000000000000002', 1, 0, 1, 'a@b.example', x'42')",
            "INSERT INTO outgoing_recipients (message, position, address, domain, state, tries, due, changed)
             VALUES (x'00000000000000000000000000000001', 0, 'c@c.example', 'c.example', 'queued', 0, 0, 0),
                    (x'00000000000000000000000000000001', 1, 'd@d.example', 'd.example', 'queued', 0, 0, 0),
                    (x'00000000000000000000000000000001', 2, 'e@c.example', 'c.example', 'queued', 0, 0, 0),
                    (x'00000000000000000000000000000002', 0, 'c@c.example', 'c.example', 'queued', 0, 50, 0)",
        ] {
            sqlx::query(statement).execute(&database.writer).await.unwrap();
        }
        database
    }

    fn settled(position: i64, fate: Fate) -> Settled {
        Settled { position, fate, reason: None, reply: None }
    }

    #[tokio::test]
    async fn nobody_tries_what_somebody_else_does() {
        let data = tempfile::tempdir().unwrap();
        let database = with_mail(data.path()).await;
        let racing = (0..8).map(|one| {
            let database = database.clone();
            tokio::spawn(async move { database.claim_outgoing(&[one; 16], 10, 100).await.unwrap() })
        });
        let mut taken = BTreeSet::new();
        for one in racing.collect::<Vec<_>>() {
            let Some(claimed) = one.await.unwrap() else { continue };
            let addresses: Vec<String> = claimed.recipients.into_iter().map(|one| one.address).collect();
            assert!(taken.insert((claimed.message, addresses)));
        }
        let first = (b"A".to_vec(), vec!["c@c.example".to_owned(), "e@c.example".to_owned()]);
        assert_eq!(taken, BTreeSet::from([first.clone(), (b"A".to_vec(), vec!["d@d.example".to_owned()])]));
        assert!(database.claim_outgoing(&[9; 16], 49, 100).await.unwrap().is_none(), "the other is not due");
        assert_eq!(database.claim_outgoing(&[9; 16], 50, 200).await.unwrap().unwrap().message, b"B");
        // Whoever took the first is gone: it is taken again when their time is over.
        let again = database.claim_outgoing(&[10; 16], 101, 200).await.unwrap().unwrap();
        let addresses: Vec<String> = again.recipients.into_iter().map(|one| one.address).collect();
        assert_eq!((again.message, addresses), first);
        // And what they say afterwards is not heard.
        for claim in 0..8 {
            let all = [settled(0, Fate::Failed), settled(2, Fate::Failed)];
            database.settle_outgoing(&again.id, &[claim; 16], &all, 102).await.unwrap();
        }
        let rows = database.outgoing(1).await.unwrap();
        assert!(rows.iter().flat_map(|row| &row.recipients).all(|one| one.state == "queued"));
    }

    #[tokio::test]
    async fn octets_go_when_nobody_is_to_get_them() {
        let data = tempfile::tempdir().unwrap();
        let database = with_mail(data.path()).await;
        let has_octets = async || {
            let row = sqlx::query("SELECT count(*) FROM outgoing WHERE message IS NOT NULL AND created = 0");
            row.fetch_one(&database.readers).await.unwrap().get::<i64, _>(0)
        };
        let one = database.claim_outgoing(&[1; 16], 10, 100).await.unwrap().unwrap();
        let later = [settled(0, Fate::Sent), settled(2, Fate::Later(500))];
        database.settle_outgoing(&one.id, &[1; 16], &later, 11).await.unwrap();
        let other = database.claim_outgoing(&[2; 16], 10, 100).await.unwrap().unwrap();
        database.settle_outgoing(&other.id, &[2; 16], &[settled(1, Fate::Failed)], 11).await.unwrap();
        assert_eq!(has_octets().await, 2, "one of three is to be tried again");
        assert!(!database.forget_outgoing(1000).await.unwrap() && has_octets().await == 2);
        let again = database.claim_outgoing(&[3; 16], 500, 600).await.unwrap().unwrap();
        let again = if again.id == one.id {
            again
        } else {
            database.claim_outgoing(&[3; 16], 500, 600).await.unwrap().unwrap()
        };
        assert_eq!(again.recipients.iter().map(|one| (one.position, one.tries)).collect::<Vec<_>>(), [(2, 1)]);
        database.settle_outgoing(&again.id, &[3; 16], &[settled(2, Fate::Sent)], 501).await.unwrap();
        assert_eq!(has_octets().await, 1);
        database.forget_outgoing(1000).await.unwrap();
        assert_eq!(database.outgoing(1).await.unwrap().len(), 1, "what is over is forgotten in time");
    }
}
