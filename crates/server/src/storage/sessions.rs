//! Rows of `sessions`. They begin where logins end (`logins`).

use super::database::{Database, octets};
use super::failure::StorageError;
use sqlx::Row;
use sqlx::any::AnyRow;

/// A session with its account.
pub(crate) struct SessionRow {
    pub(crate) account: i64,
    pub(crate) address: String,
    pub(crate) name: String,
    pub(crate) used: i64,
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
    /// The session, if it was made after `created_after` and used after `used_after`.
    pub(crate) async fn session(
        &self,
        token_hash: &[u8; 32],
        created_after: i64,
        used_after: i64,
    ) -> Result<Option<SessionRow>, StorageError> {
        let row = sqlx::query(
            "SELECT s.account, a.address, a.name, s.used FROM sessions s JOIN accounts a ON a.id = s.account
             WHERE s.token_hash = $1 AND s.created > $2 AND s.used > $3",
        )
        .bind(token_hash.as_slice())
        .bind(created_after)
        .bind(used_after)
        .fetch_optional(&self.readers)
        .await?;
        row.map(|row| {
            Ok(SessionRow {
                account: row.try_get("account")?,
                address: row.try_get("address")?,
                name: row.try_get("name")?,
                used: row.try_get("used")?,
            })
        })
        .transpose()
    }

    /// The sessions of this account that were made after `created_after` and used after `used_after`, the one used last first.
    pub(crate) async fn account_sessions(
        &self,
        account: i64,
        created_after: i64,
        used_after: i64,
    ) -> Result<Vec<OwnSessionRow>, StorageError> {
        let rows = sqlx::query(
            "SELECT token_hash, browser, system, created, used FROM sessions
             WHERE account = $1 AND created > $2 AND used > $3 ORDER BY used DESC, created DESC, token_hash",
        )
        .bind(account)
        .bind(created_after)
        .bind(used_after)
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

    pub(crate) async fn remove_old_sessions(&self, created_until: i64, used_until: i64) -> Result<u64, StorageError> {
        let done = sqlx::query("DELETE FROM sessions WHERE created <= $1 OR used <= $2")
            .bind(created_until)
            .bind(used_until)
            .execute(&self.writer)
            .await?;
        Ok(done.rows_affected())
    }
}
