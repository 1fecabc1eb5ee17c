//! Rows of `app_tokens`: what is kept of the tokens that programs have. A token that was revoked has no row any more.

use super::database::{Database, Writing, count, octets};
use super::factors::{Has, has};
use super::failure::StorageError;
use super::proofs::hold_session;
use super::writers::Writer;
use envelock_wire::limits::APP_TOKENS;
use sqlx::Row;
use sqlx::any::AnyRow;

/// A token as its owner may know it.
pub(crate) struct AppTokenRow {
    pub(crate) id: [u8; 16],
    pub(crate) name: String,
    pub(crate) scopes: String,
    pub(crate) created: i64,
    pub(crate) expires: i64,
    pub(crate) used: Option<i64>,
}

/// Whose token it is, and what it is good for.
pub(crate) struct ProgramRow {
    pub(crate) id: [u8; 16],
    pub(crate) account: i64,
    pub(crate) scopes: String,
    pub(crate) used: Option<i64>,
    /// What the account has besides its password.
    pub(crate) has: Has,
}

/// A token to be kept.
pub(crate) struct NewAppToken<'a> {
    pub(crate) id: [u8; 16],
    pub(crate) hash: [u8; 32],
    pub(crate) name: &'a str,
    pub(crate) scopes: String,
    pub(crate) now: i64,
    pub(crate) expires: i64,
}

/// What came of making a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddingAppToken {
    Added,
    /// The session has ended meanwhile, or the account was closed.
    NoSession,
    /// The account has as many as it may.
    TooMany,
}

impl TryFrom<AnyRow> for AppTokenRow {
    type Error = StorageError;

    fn try_from(row: AnyRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: octets(&row, "id")?,
            name: row.try_get("name")?,
            scopes: row.try_get("scopes")?,
            created: row.try_get("created")?,
            expires: row.try_get("expires")?,
            used: row.try_get("used")?,
        })
    }
}

impl Database {
    /// Whose token this is, if it has not ended and somebody can log in to the account.
    pub(crate) async fn app_token(&self, hash: &[u8; 32], now: i64) -> Result<Option<ProgramRow>, StorageError> {
        let row = sqlx::query(concat!(
            "SELECT k.id, k.account, k.scopes, k.used, ",
            has!(),
            " FROM app_tokens k JOIN accounts a ON a.id = k.account
             WHERE k.hash = $1 AND k.expires > $2 AND a.login_record IS NOT NULL"
        ))
        .bind(hash.as_slice())
        .bind(now)
        .fetch_optional(&self.readers)
        .await?;
        row.map(|row| {
            Ok(ProgramRow {
                id: octets(&row, "id")?,
                account: row.try_get("account")?,
                scopes: row.try_get("scopes")?,
                used: row.try_get("used")?,
                has: Has::of(&row)?,
            })
        })
        .transpose()
    }

    pub(crate) async fn touch_app_token(&self, id: &[u8; 16], now: i64) -> Result<(), StorageError> {
        sqlx::query("UPDATE app_tokens SET used = $1 WHERE id = $2")
            .bind(now)
            .bind(id.as_slice())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// The tokens of this account that have not ended, the oldest first.
    pub(crate) async fn app_tokens(&self, account: i64, now: i64) -> Result<Vec<AppTokenRow>, StorageError> {
        let rows = sqlx::query(
            "SELECT id, name, scopes, created, expires, used FROM app_tokens
             WHERE account = $1 AND expires > $2 ORDER BY created, id",
        )
        .bind(account)
        .bind(now)
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(AppTokenRow::try_from).collect()
    }

    /// Keeps a token for the account of this session, unless that has ended: whoever throws an intruder out must not find a
    /// token of theirs afterwards.
    pub(crate) async fn add_app_token(
        &self,
        session: &[u8; 32],
        token: &NewAppToken<'_>,
    ) -> Result<AddingAppToken, StorageError> {
        let mut transaction = self.write().await?;
        let Some((account, false)) = hold_session(self, &mut transaction, session).await? else {
            return Ok(AddingAppToken::NoSession);
        };
        self.hold_writer(&mut transaction, &Writer::confirmed(account, *session), token.now).await?;
        let row = sqlx::query("SELECT count(*) AS kept FROM app_tokens WHERE account = $1 AND expires > $2")
            .bind(account)
            .bind(token.now)
            .fetch_one(&mut *transaction)
            .await?;
        if count(&row, "kept")? >= APP_TOKENS {
            return Ok(AddingAppToken::TooMany);
        }
        sqlx::query(
            "INSERT INTO app_tokens (id, account, hash, name, scopes, created, expires)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(token.id.as_slice())
        .bind(account)
        .bind(token.hash.as_slice())
        .bind(token.name)
        .bind(token.scopes.as_str())
        .bind(token.now)
        .bind(token.expires)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(AddingAppToken::Added)
    }

    /// Forgets one token of this account; `false` if it has none of this name.
    pub(crate) async fn remove_app_token(&self, account: i64, id: &[u8; 16]) -> Result<bool, StorageError> {
        let done = sqlx::query("DELETE FROM app_tokens WHERE account = $1 AND id = $2")
            .bind(account)
            .bind(id.as_slice())
            .execute(&self.writer)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Forgets all tokens of this account.
    pub(crate) async fn remove_app_tokens(&self, account: i64) -> Result<(), StorageError> {
        sqlx::query("DELETE FROM app_tokens WHERE account = $1").bind(account).execute(&self.writer).await?;
        Ok(())
    }

    /// Forgets those that have ended.
    pub(crate) async fn remove_old_app_tokens(&self, now: i64) -> Result<u64, StorageError> {
        let done = sqlx::query("DELETE FROM app_tokens WHERE expires <= $1").bind(now).execute(&self.writer).await?;
        Ok(done.rows_affected())
    }

    /// Forgets those of all accounts. Returns how many.
    pub(crate) async fn remove_all_app_tokens(&self) -> Result<u64, StorageError> {
        Ok(sqlx::query("DELETE FROM app_tokens").execute(&self.writer).await?.rows_affected())
    }
}

/// No program acts for this account any more.
pub(super) async fn end_programs(transaction: &mut Writing, account: i64) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM app_tokens WHERE account = $1").bind(account).execute(&mut **transaction).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use crate::storage::DatabaseLocation;

    /// Who throws an intruder out at the moment in which they make a token finds none of theirs.
    #[tokio::test]
    async fn no_token_is_made_in_a_session_that_has_ended_or_waits_or_for_a_closed_account() {
        let data = tempfile::tempdir().unwrap();
        let database = Database::open(data.path(), &DatabaseLocation::DataDirectory).await.unwrap();
        for (number, record) in [(1, Some(vec![0; 192])), (2, None)] {
            sqlx::query("INSERT INTO accounts (id, address, address_key, name, login_record, created) VALUES ($1, $2, $2, 'A', $3, 0)")
                .bind(number)
                .bind(number.to_string())
                .bind(record)
                .execute(&database.writer)
                .await
                .unwrap();
        }
        for (session, account, pending) in [(1_u8, 1, 0), (2, 1, 1), (3, 2, 0)] {
            sqlx::query("INSERT INTO sessions (token_hash, account, created, used, pending) VALUES ($1, $2, 0, 0, $3)")
                .bind(vec![session; 32])
                .bind(account)
                .bind(pending)
                .execute(&database.writer)
                .await
                .unwrap();
        }
        let add = async |session: u8| {
            let token = NewAppToken {
                id: [session; 16],
                hash: [session; 32],
                name: "n",
                scopes: String::new(),
                now: 0,
                expires: 9,
            };
            database.add_app_token(&[session; 32], &token).await.unwrap()
        };
        for session in [2, 3, 4] {
            assert_eq!(add(session).await, AddingAppToken::NoSession, "{session}");
        }
        assert_eq!(add(1).await, AddingAppToken::Added);
        database.remove_session(&[1; 32]).await.unwrap();
        assert_eq!(add(1).await, AddingAppToken::NoSession);
        assert_eq!(database.app_tokens(1, 0).await.unwrap().len(), 1);
    }
}
