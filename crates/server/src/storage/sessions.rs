//! Rows of `sessions`. They begin where logins end (`logins`).

use super::database::{Database, octets};
use super::factors::{Has, has};
use super::failure::StorageError;
use sqlx::Row;
use sqlx::any::AnyRow;

const IDLE_SECONDS: i64 = 12 * 3600;
/// However much it is used.
pub(crate) const ABSOLUTE_SECONDS: i64 = 7 * 24 * 3600;

/// So long somebody has to find their telephone.
const PENDING_SECONDS: i64 = 600;

/// A session with its account.
pub(crate) struct SessionRow {
    pub(crate) account: i64,
    pub(crate) address: String,
    pub(crate) name: String,
    pub(crate) used: i64,
    /// Whether the password was right, and no more.
    pub(crate) is_pending: bool,
    /// When its owner proved themselves last, fully.
    pub(crate) confirmed: i64,
    /// What the account has besides its password.
    pub(crate) has: Has,
}

/// The earliest moments of sessions that have not ended by time.
#[derive(Clone, Copy)]
pub(crate) struct Since {
    /// Those were made after it …
    pub(crate) created: i64,
    /// … those that are pending after this one …
    pub(crate) pending: i64,
    /// … and all were used after that.
    pub(crate) used: i64,
}

impl Since {
    /// Of those that have not ended at this moment.
    pub(crate) fn at(now: i64) -> Self {
        Self { created: now - ABSOLUTE_SECONDS, pending: now - PENDING_SECONDS, used: now - IDLE_SECONDS }
    }
}

/// A session as its owner may know it, and what it is found by.
pub(crate) struct OwnSessionRow {
    pub(crate) token_hash: [u8; 32],
    pub(crate) browser: String,
    pub(crate) system: String,
    pub(crate) created: i64,
    pub(crate) used: i64,
}

impl TryFrom<AnyRow> for OwnSessionRow {
    type Error = StorageError;

    fn try_from(row: AnyRow) -> Result<Self, StorageError> {
        Ok(Self {
            token_hash: octets(&row, "token_hash")?,
            browser: row.try_get("browser")?,
            system: row.try_get("system")?,
            created: row.try_get("created")?,
            used: row.try_get("used")?,
        })
    }
}

impl Database {
    /// The session, if it has not ended.
    pub(crate) async fn session(
        &self,
        token_hash: &[u8; 32],
        since: Since,
    ) -> Result<Option<SessionRow>, StorageError> {
        let row = sqlx::query(concat!(
            "SELECT s.account, a.address, a.name, s.used, s.pending, s.confirmed, ",
            has!(),
            " FROM sessions s JOIN accounts a ON a.id = s.account
             WHERE s.token_hash = $1 AND s.created > CASE WHEN s.pending = 0 THEN $2 ELSE $3 END AND s.used > $4"
        ))
        .bind(token_hash.as_slice())
        .bind(since.created)
        .bind(since.pending)
        .bind(since.used)
        .fetch_optional(&self.readers)
        .await?;
        row.map(|row| {
            Ok(SessionRow {
                account: row.try_get("account")?,
                address: row.try_get("address")?,
                name: row.try_get("name")?,
                used: row.try_get("used")?,
                is_pending: row.try_get::<i64, _>("pending")? != 0,
                confirmed: row.try_get("confirmed")?,
                has: Has::of(&row)?,
            })
        })
        .transpose()
    }

    /// The sessions of this account that have not ended, but for those that are pending, the one used last first.
    pub(crate) async fn account_sessions(
        &self,
        account: i64,
        since: Since,
    ) -> Result<Vec<OwnSessionRow>, StorageError> {
        let rows = sqlx::query(
            "SELECT token_hash, browser, system, created, used FROM sessions
             WHERE account = $1 AND pending = 0 AND created > $2 AND used > $3 ORDER BY used DESC, created DESC, token_hash",
        )
        .bind(account)
        .bind(since.created)
        .bind(since.used)
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(OwnSessionRow::try_from).collect()
    }

    pub(crate) async fn touch_session(&self, token_hash: &[u8; 32], now: i64) -> Result<(), StorageError> {
        sqlx::query("UPDATE sessions SET used = $1 WHERE token_hash = $2")
            .bind(now)
            .bind(token_hash.as_slice())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    pub(crate) async fn remove_session(&self, token_hash: &[u8; 32]) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
            .bind(token_hash.as_slice())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Removes all sessions of this account but one.
    pub(crate) async fn remove_other_sessions(&self, account: i64, kept: &[u8; 32]) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM sessions WHERE account = $1 AND token_hash <> $2")
            .bind(account)
            .bind(kept.as_slice())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Forgets those that have ended.
    pub(crate) async fn remove_old_sessions(&self, since: Since) -> Result<u64, StorageError> {
        let done = sqlx::query(
            "DELETE FROM sessions WHERE created <= CASE WHEN pending = 0 THEN $1 ELSE $2 END OR used <= $3",
        )
        .bind(since.created)
        .bind(since.pending)
        .bind(since.used)
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected())
    }
}
