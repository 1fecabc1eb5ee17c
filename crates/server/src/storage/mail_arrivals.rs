//! How mail gets into mailboxes: whose an address is, and one transaction for all who get a message.

use super::accounts::address_key;
use super::blobs::BlobName;
use super::database::Database;
use super::failure::StorageError;
use sqlx::{AnyConnection, Row};

/// Room that a message takes besides its octets, for its row: many small ones are not free.
pub(super) const ROW: i64 = 4096;

/// Rows that one statement forgets at most.
const BATCH: u64 = 200;

/// Whose an address is.
#[derive(Clone, Copy)]
pub(crate) struct MailOwner {
    pub(crate) account: i64,
    /// Somebody can log in.
    pub(crate) is_open: bool,
    /// There is no room for even the smallest message.
    pub(crate) is_full: bool,
}

/// A message that arrived, for whoever gets it.
pub(crate) struct NewMail {
    pub(crate) id: [u8; 16],
    pub(crate) received: i64,
    pub(crate) size: i64,
    pub(crate) file: BlobName,
    pub(crate) summary: Vec<u8>,
    pub(crate) arrival: String,
    /// What a repetition of it would have, too; `None` if it could not be told from another one like it.
    pub(crate) digest: Option<[u8; 32]>,
    /// Octets that the mail of an account may take.
    pub(crate) room: i64,
}

/// What became of it in one mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MailAdded {
    /// It is there.
    Kept,
    /// It was there already.
    Twin,
    /// There is no room.
    Full,
}

impl Database {
    /// Whose this address is, and whether their mail takes all of `room`; of two ways to write its domain, the first one counts.
    pub(crate) async fn mail_owner(&self, addresses: [&str; 2], room: i64) -> Result<Option<MailOwner>, StorageError> {
        let row = sqlx::query(
            "SELECT id, CAST(CASE WHEN login_record IS NULL THEN 0 ELSE 1 END AS BIGINT) AS is_open FROM accounts
             WHERE address_key IN ($1, $2) ORDER BY CASE WHEN address_key = $1 THEN 0 ELSE 1 END LIMIT 1",
        );
        let [first, second] = addresses.map(address_key);
        let mut connection = self.readers.acquire().await?;
        let Some(row) = row.bind(first).bind(second).fetch_optional(&mut *connection).await? else { return Ok(None) };
        let account = row.try_get("id")?;
        let is_full = used(&mut connection, account).await?.saturating_add(ROW) > room;
        Ok(Some(MailOwner { account, is_open: row.try_get::<i64, _>("is_open")? != 0, is_full }))
    }

    /// Puts a message into the mailboxes of these accounts, each once, and says what became of it in each. All of it is on the disk
    /// when this returns, or nothing.
    pub(crate) async fn add_mail(&self, accounts: Vec<i64>, new: NewMail) -> Result<Vec<MailAdded>, StorageError> {
        let this = self.clone();
        let adding = self.together(move |transaction| {
            Box::pin(async move {
                // In one order, so that two messages for the same people do not wait for each other.
                let mut held = accounts.clone();
                held.sort_unstable();
                for account in held {
                    this.hold_account(transaction, account).await?;
                }
                let mut added = Vec::with_capacity(accounts.len());
                for account in &accounts {
                    added.push(add(transaction, *account, &new).await?);
                }
                Ok(added)
            })
        });
        adding.await
    }

    /// Forgets some of what arrived until then, so that it would be taken once more. Whether there may be more.
    pub(crate) async fn forget_mail_twins(&self, received_until: i64) -> Result<bool, StorageError> {
        let done = sqlx::query(
            "DELETE FROM mail_twins WHERE (account, digest) IN (
                 SELECT account, digest FROM mail_twins WHERE received <= $1 ORDER BY received LIMIT $2)",
        )
        .bind(received_until)
        .bind(BATCH as i64)
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected() == BATCH)
    }
}

pub(super) const USED: &str =
    "SELECT CAST(coalesce(sum(size + $2), 0) AS BIGINT) AS used FROM mailbox WHERE account = $1";

/// Octets that the mail of this account takes, copies of what it sent with it.
pub(super) async fn used(connection: &mut AnyConnection, account: i64) -> Result<i64, StorageError> {
    let row = sqlx::query(USED).bind(account).bind(ROW).fetch_one(connection).await?;
    Ok(row.try_get("used")?)
}

async fn add(connection: &mut AnyConnection, account: i64, new: &NewMail) -> Result<MailAdded, StorageError> {
    if let Some(digest) = &new.digest {
        let twin = sqlx::query("SELECT 1 FROM mail_twins WHERE account = $1 AND digest = $2")
            .bind(account)
            .bind(digest.as_slice())
            .fetch_optional(&mut *connection)
            .await?;
        if twin.is_some() {
            return Ok(MailAdded::Twin);
        }
    }
    if used(connection, account).await?.saturating_add(new.size).saturating_add(ROW) > new.room {
        return Ok(MailAdded::Full);
    }
    if let Some(digest) = &new.digest {
        sqlx::query("INSERT INTO mail_twins (account, digest, received) VALUES ($1, $2, $3)")
            .bind(account)
            .bind(digest.as_slice())
            .bind(new.received)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query(
        "INSERT INTO mailbox (account, id, received, size, file, summary, arrival, check_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $3)",
    )
    .bind(account)
    .bind(new.id.as_slice())
    .bind(new.received)
    .bind(new.size)
    .bind(new.file.0.as_slice())
    .bind(new.summary.as_slice())
    .bind(new.arrival.as_str())
    .execute(&mut *connection)
    .await?;
    Ok(MailAdded::Kept)
}
