//! Who tries mail on its way out, and what comes of it.
//!
//! Whoever tries a message takes those of its recipients that are due and of one domain, in one statement that puts them off: nobody
//! else takes them meanwhile, and after a crash somebody does when that time is over.

use super::database::{Database, Dialect, Writing, octets};
use super::failure::StorageError;
use sqlx::Row;
use sqlx::any::AnyRow;
use std::sync::Arc;

/// What somebody took, to try it.
pub(crate) struct Claimed {
    pub(crate) id: [u8; 16],
    /// Under which name it was taken.
    pub(crate) claim: [u8; 16],
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
    /// Takes what has been due for longest until `until`, a message for each of these names that nobody else has, in one commit. What is
    /// missing at the end is not due, or somebody else was faster.
    pub(crate) async fn claim_outgoing(
        &self,
        claims: Vec<[u8; 16]>,
        now: i64,
        until: i64,
    ) -> Result<Vec<Claimed>, StorageError> {
        let dialect = self.dialect;
        let claiming = self.together(move |transaction| {
            Box::pin(async move {
                let mut all = Vec::new();
                for claim in claims {
                    let Some(claimed) = take(transaction, dialect, claim, now, until).await? else { break };
                    all.push(claimed);
                }
                Ok(all)
            })
        });
        claiming.await
    }

    /// Notes what came of what was taken under this name. What its writer took back meanwhile is sent if it was, and else not tried again.
    pub(crate) async fn settle_outgoing(
        &self,
        id: [u8; 16],
        claim: [u8; 16],
        settled: Arc<[Settled]>,
        now: i64,
    ) -> Result<(), StorageError> {
        let dialect = self.dialect;
        let settling = self.together(move |transaction| {
            Box::pin(async move {
                // The row of the message is held first, so that two who settle the last of its recipients see each other.
                if dialect == Dialect::Postgres {
                    let hold = sqlx::query("SELECT 1 FROM outgoing WHERE id = $1 FOR UPDATE").bind(id.as_slice());
                    hold.fetch_optional(&mut **transaction).await?;
                }
                note(transaction, &id, &claim, &settled, now).await?;
                forget_message(transaction, &id).await
            })
        });
        settling.await
    }
}

async fn take(
    transaction: &mut Writing,
    dialect: Dialect,
    claim: [u8; 16],
    now: i64,
    until: i64,
) -> Result<Option<Claimed>, StorageError> {
    // PostgreSQL passes over what somebody else is taking, and looks again whether a row is due that they have just put off. The
    // message's row is held first, as in `settle_outgoing`: two who held a recipient each would wait for each other.
    let take = match dialect {
        Dialect::Sqlite => take!(""),
        Dialect::Postgres => take!(" FOR UPDATE SKIP LOCKED"),
    };
    let query = sqlx::query(take).bind(now).bind(until).bind(claim.as_slice());
    let rows = query.fetch_all(&mut **transaction).await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let id: [u8; 16] = octets(first, "message")?;
    let domain = first.try_get("domain")?;
    let mut recipients = rows.iter().map(claimed).collect::<Result<Vec<_>, _>>()?;
    recipients.sort_by_key(|recipient| recipient.position);
    let row = sqlx::query("SELECT created, sender, message FROM outgoing WHERE id = $1 AND message IS NOT NULL")
        .bind(id.as_slice())
        .fetch_optional(&mut **transaction)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (created, sender, message) = (row.try_get("created")?, row.try_get("sender")?, row.try_get("message")?);
    Ok(Some(Claimed { id, claim, created, sender, message, domain, recipients }))
}

async fn note(
    transaction: &mut Writing,
    id: &[u8; 16],
    claim: &[u8; 16],
    settled: &[Settled],
    now: i64,
) -> Result<(), StorageError> {
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
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
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

    async fn claim(database: &Database, claim: u8, now: i64, until: i64) -> Option<Claimed> {
        database.claim_outgoing(vec![[claim; 16]], now, until).await.unwrap().pop()
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
            tokio::spawn(async move { claim(&database, one, 10, 100).await })
        });
        let mut taken = BTreeSet::new();
        for one in racing.collect::<Vec<_>>() {
            let Some(claimed) = one.await.unwrap() else { continue };
            let addresses: Vec<String> = claimed.recipients.into_iter().map(|one| one.address).collect();
            assert!(taken.insert((claimed.message, addresses)));
        }
        let first = (b"A".to_vec(), vec!["c@c.example".to_owned(), "e@c.example".to_owned()]);
        assert_eq!(taken, BTreeSet::from([first.clone(), (b"A".to_vec(), vec!["d@d.example".to_owned()])]));
        assert!(claim(&database, 9, 49, 100).await.is_none(), "the other is not due");
        assert_eq!(claim(&database, 9, 50, 200).await.unwrap().message, b"B");
        // Whoever took the first is gone: it is taken again when their time is over.
        let again = claim(&database, 10, 101, 200).await.unwrap();
        let addresses: Vec<String> = again.recipients.into_iter().map(|one| one.address).collect();
        assert_eq!((again.message, addresses), first);
        // And what they say afterwards is not heard.
        for claim in 0..8 {
            let all = [settled(0, Fate::Failed), settled(2, Fate::Failed)];
            database.settle_outgoing(again.id, [claim; 16], all.into(), 102).await.unwrap();
        }
        let rows = database.outgoing(1).await.unwrap();
        assert!(rows.iter().flat_map(|row| &row.recipients).all(|one| one.state == "queued"));
    }

    #[tokio::test]
    async fn several_are_taken_at_once_under_a_name_each() {
        let data = tempfile::tempdir().unwrap();
        let database = with_mail(data.path()).await;
        let all = database.claim_outgoing(vec![[1; 16], [2; 16], [3; 16]], 10, 100).await.unwrap();
        let taken: BTreeSet<_> = all.iter().map(|one| (one.claim, one.domain.as_str())).collect();
        assert_eq!(taken, BTreeSet::from([([1; 16], "c.example"), ([2; 16], "d.example")]), "the other is not due");
    }

    #[tokio::test]
    async fn octets_go_when_nobody_is_to_get_them() {
        let data = tempfile::tempdir().unwrap();
        let database = with_mail(data.path()).await;
        let has_octets = async || {
            let row = sqlx::query("SELECT count(*) FROM outgoing WHERE message IS NOT NULL AND created = 0");
            row.fetch_one(&database.readers).await.unwrap().get::<i64, _>(0)
        };
        let one = claim(&database, 1, 10, 100).await.unwrap();
        let later = [settled(0, Fate::Sent), settled(2, Fate::Later(500))];
        database.settle_outgoing(one.id, [1; 16], later.into(), 11).await.unwrap();
        let other = claim(&database, 2, 10, 100).await.unwrap();
        database.settle_outgoing(other.id, [2; 16], [settled(1, Fate::Failed)].into(), 11).await.unwrap();
        assert_eq!(has_octets().await, 2, "one of three is to be tried again");
        assert!(!database.forget_outgoing(1000).await.unwrap() && has_octets().await == 2);
        let again = claim(&database, 3, 500, 600).await.unwrap();
        let again = if again.id == one.id { again } else { claim(&database, 3, 500, 600).await.unwrap() };
        assert_eq!(again.recipients.iter().map(|one| (one.position, one.tries)).collect::<Vec<_>>(), [(2, 1)]);
        database.settle_outgoing(again.id, [3; 16], [settled(2, Fate::Sent)].into(), 501).await.unwrap();
        assert_eq!(has_octets().await, 1);
        database.forget_outgoing(1000).await.unwrap();
        assert_eq!(database.outgoing(1).await.unwrap().len(), 1, "what is over is forgotten in time");
    }
}
