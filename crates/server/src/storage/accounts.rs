//! Rows of `accounts`.

use super::database::Database;
use super::failure::StorageError;
use sqlx::Row;
use sqlx::any::AnyRow;

/// An account with its password hash.
pub struct AccountRow {
    /// Its number.
    pub id: i64,
    /// Mail address, as it was first written.
    pub address: String,
    /// Display name.
    pub name: String,
    /// PHC string, or `!` for a closed account.
    pub password_hash: String,
}

/// An account as its operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLine {
    /// Mail address, as it was first written.
    pub address: String,
    /// Display name.
    pub name: String,
    /// When it was made, in Unix seconds.
    pub created: i64,
    /// Whether somebody can log in.
    pub is_open: bool,
}

/// In the place of a hash: no password fits.
const CLOSED: &str = "!";

/// What addresses are compared by: `Anna@Example.org` is `anna@example.org`.
fn address_key(address: &str) -> String {
    address.to_lowercase()
}

impl Database {
    /// Makes the account or gives an existing one this name and password hash. Returns its number.
    pub async fn put_account(
        &self,
        address: &str,
        name: &str,
        password_hash: &str,
        now: i64,
    ) -> Result<i64, StorageError> {
        let key = address_key(address);
        let mut transaction = self.write().await?;
        let row = sqlx::query(
            "INSERT INTO accounts (address, address_key, name, password_hash, created) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (address_key) DO UPDATE SET name = excluded.name, password_hash = excluded.password_hash
             RETURNING id",
        )
        .bind(address)
        .bind(key)
        .bind(name)
        .bind(password_hash)
        .bind(now)
        .fetch_one(&mut *transaction)
        .await?;
        // A row may be returned before its statement is committed, so the commit is explicit here and in every RETURNING.
        transaction.commit().await?;
        Ok(row.try_get(0)?)
    }

    /// Makes an account; `false` if there is one with this address, which stays as it is.
    pub async fn add_account(
        &self,
        address: &str,
        name: &str,
        password_hash: &str,
        now: i64,
    ) -> Result<bool, StorageError> {
        let added = sqlx::query(
            "INSERT INTO accounts (address, address_key, name, password_hash, created) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (address_key) DO NOTHING",
        )
        .bind(address)
        .bind(address_key(address))
        .bind(name)
        .bind(password_hash)
        .bind(now)
        .execute(&self.writer)
        .await?;
        Ok(added.rows_affected() > 0)
    }

    /// Nobody can log in to this account any more, and nobody is; what it owns stays. `false` if there is none.
    pub async fn close_account(&self, address: &str) -> Result<bool, StorageError> {
        self.set_password_hash(address, CLOSED).await
    }

    /// From now on another password fits, and every session of the account is over. `false` if there is none.
    pub async fn set_password_hash(&self, address: &str, password_hash: &str) -> Result<bool, StorageError> {
        let key = address_key(address);
        let mut transaction = self.write().await?;
        // First: who logs in with the old one at this moment waits here, and then it fits no more (`add_session`).
        let changed = sqlx::query("UPDATE accounts SET password_hash = $1 WHERE address_key = $2")
            .bind(password_hash)
            .bind(&key)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM sessions WHERE account = (SELECT id FROM accounts WHERE address_key = $1)")
            .bind(&key)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(changed.rows_affected() > 0)
    }

    /// All accounts, by address.
    pub async fn accounts(&self) -> Result<Vec<AccountLine>, StorageError> {
        let rows = sqlx::query("SELECT address, name, created, password_hash FROM accounts ORDER BY address_key")
            .fetch_all(&self.readers)
            .await?;
        let line = |row: AnyRow| {
            Ok(AccountLine {
                address: row.try_get("address")?,
                name: row.try_get("name")?,
                created: row.try_get("created")?,
                is_open: row.try_get::<String, _>("password_hash")? != CLOSED,
            })
        };
        rows.into_iter().map(line).collect()
    }

    /// The account with this address, in upper or lower case.
    pub async fn account(&self, address: &str) -> Result<Option<AccountRow>, StorageError> {
        let row = sqlx::query("SELECT id, address, name, password_hash FROM accounts WHERE address_key = $1")
            .bind(address_key(address))
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| {
            Ok(AccountRow {
                id: row.try_get("id")?,
                address: row.try_get("address")?,
                name: row.try_get("name")?,
                password_hash: row.try_get("password_hash")?,
            })
        })
        .transpose()
    }
}
