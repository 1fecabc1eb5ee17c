//! Rows of `accounts`.

use super::database::{Database, StorageError};
use sqlx::Row;

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

    /// Nobody can log in to this account any more, and nobody is; what it owns stays.
    pub async fn close_account(&self, address: &str) -> Result<(), StorageError> {
        let key = address_key(address);
        let mut transaction = self.write().await?;
        sqlx::query("DELETE FROM sessions WHERE account = (SELECT id FROM accounts WHERE address_key = $1)")
            .bind(&key)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("UPDATE accounts SET password_hash = '!' WHERE address_key = $1")
            .bind(&key)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
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
