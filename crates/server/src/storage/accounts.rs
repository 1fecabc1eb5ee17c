//! Rows of `accounts`.

use super::app_tokens::end_programs;
use super::database::{Database, count};
use super::factors::{Has, has};
use super::failure::StorageError;
use super::login_secret::{NewRecord, hash_of, hold_login_secret};
use super::logins::end_everywhere;
use envelock_login::{Record, ServerSecret};
use sqlx::Row;
use sqlx::any::AnyRow;

/// Whose password it may be.
pub(crate) struct AccountRow {
    pub(crate) id: i64,
    /// `None` while the account is closed: no password fits.
    pub(crate) record: Option<Record>,
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
    /// Whether that takes more than the password.
    pub has_second_factor: bool,
    /// App tokens that have not ended.
    pub app_tokens: u32,
    /// When one of them was used last, to some minutes, in Unix seconds.
    pub last_token_use: Option<i64>,
}

/// What addresses are compared by: `Anna@Example.org` is `anna@example.org`. Passwords belong to it: with another key, none
/// fits any more.
pub(crate) fn address_key(address: &str) -> String {
    address.to_lowercase()
}

impl Database {
    /// Makes the account or gives an existing one this name and password. Returns its number.
    pub(crate) async fn put_account(
        &self,
        address: &str,
        name: &str,
        new: &NewRecord,
        now: i64,
    ) -> Result<i64, StorageError> {
        let key = address_key(address);
        let mut transaction = self.write().await?;
        hold_login_secret(self, &mut transaction, &new.made_with).await?;
        let row = sqlx::query(
            "INSERT INTO accounts (address, address_key, name, login_record, created) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (address_key) DO UPDATE SET name = excluded.name, login_record = excluded.login_record
             RETURNING id",
        )
        .bind(address)
        .bind(key)
        .bind(name)
        .bind(new.record.as_octets().as_slice())
        .bind(now)
        .fetch_one(&mut *transaction)
        .await?;
        // A row may be returned before its statement is committed, so the commit is explicit here and in every RETURNING.
        transaction.commit().await?;
        Ok(row.try_get(0)?)
    }

    /// Makes an account; `false` if there is one with this address, which stays as it is.
    pub(crate) async fn add_account(
        &self,
        address: &str,
        name: &str,
        new: &NewRecord,
        now: i64,
    ) -> Result<bool, StorageError> {
        let mut transaction = self.write().await?;
        hold_login_secret(self, &mut transaction, &new.made_with).await?;
        let added = sqlx::query(
            "INSERT INTO accounts (address, address_key, name, login_record, created) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (address_key) DO NOTHING",
        )
        .bind(address)
        .bind(address_key(address))
        .bind(name)
        .bind(new.record.as_octets().as_slice())
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(added.rows_affected() > 0)
    }

    /// From now on another password fits, or none, and every session, login and app token of the account is over. `false` if
    /// there is no account.
    pub(crate) async fn set_login_record(&self, address: &str, new: Option<&NewRecord>) -> Result<bool, StorageError> {
        let mut transaction = self.write().await?;
        if let Some(new) = new {
            hold_login_secret(self, &mut transaction, &new.made_with).await?;
        }
        // First: who logs in with the old one at this moment waits here, and then it fits no more (`finish_login`).
        let changed = sqlx::query("UPDATE accounts SET login_record = $1 WHERE address_key = $2 RETURNING id")
            .bind(new.map(|new| new.record.as_octets().to_vec()))
            .bind(address_key(address))
            .fetch_optional(&mut *transaction)
            .await?;
        if let Some(row) = &changed {
            let account = row.try_get(0)?;
            end_everywhere(&mut transaction, account).await?;
            end_programs(&mut transaction, account).await?;
        }
        transaction.commit().await?;
        Ok(changed.is_some())
    }

    /// Nobody can log in to any account any more, and nobody is; what they own stays, but for the secrets of apps that make codes:
    /// they are sealed with a key of the secret that goes. From now on the database knows this one. Returns how many were open.
    pub(crate) async fn close_accounts(&self, secret: &ServerSecret) -> Result<u64, StorageError> {
        let mut transaction = self.write().await?;
        // First: what is made with the old one is there now, and is closed with all others, or waits here and is refused
        // (`hold_login_secret`).
        sqlx::query("UPDATE instance SET login_secret_hash = $1")
            .bind(hash_of(secret)?.as_slice())
            .execute(&mut *transaction)
            .await?;
        let closed = sqlx::query("UPDATE accounts SET login_record = NULL WHERE login_record IS NOT NULL")
            .execute(&mut *transaction)
            .await?;
        for end in [
            "DELETE FROM sessions",
            "DELETE FROM app_tokens",
            "DELETE FROM logins",
            "DELETE FROM ceremonies",
            "DELETE FROM totp",
            // They stand in for a factor, and there is none any more.
            "DELETE FROM recovery_codes WHERE account NOT IN (SELECT account FROM passkeys)",
        ] {
            sqlx::query(end).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(closed.rows_affected())
    }

    /// How many accounts somebody can log in to.
    pub(crate) async fn open_accounts(&self) -> Result<u32, StorageError> {
        let row = sqlx::query("SELECT count(login_record) AS open FROM accounts").fetch_one(&self.readers).await?;
        count(&row, "open")
    }

    /// Whether there is a password.
    pub(crate) async fn has_login_records(&self) -> Result<bool, StorageError> {
        let row = sqlx::query("SELECT 1 FROM accounts WHERE login_record IS NOT NULL LIMIT 1")
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.is_some())
    }

    /// All accounts, by address, with what programs have of them at `now`.
    pub(crate) async fn accounts(&self, now: i64) -> Result<Vec<AccountLine>, StorageError> {
        let rows = sqlx::query(concat!(
            "SELECT a.address, a.name, a.created, a.login_record, ",
            has!(),
            ", (SELECT count(*) FROM app_tokens k WHERE k.account = a.id AND k.expires > $1) AS app_tokens,
               (SELECT max(used) FROM app_tokens k WHERE k.account = a.id AND k.expires > $1) AS last_token_use
             FROM accounts a ORDER BY a.address_key"
        ))
        .bind(now)
        .fetch_all(&self.readers)
        .await?;
        let line = |row: AnyRow| {
            Ok(AccountLine {
                address: row.try_get("address")?,
                name: row.try_get("name")?,
                created: row.try_get("created")?,
                is_open: row.try_get::<Option<Vec<u8>>, _>("login_record")?.is_some(),
                has_second_factor: Has::of(&row)?.a_factor(),
                app_tokens: count(&row, "app_tokens")?,
                last_token_use: row.try_get("last_token_use")?,
            })
        };
        rows.into_iter().map(line).collect()
    }

    /// The address of the account with this number.
    pub(crate) async fn address_of(&self, account: i64) -> Result<Option<String>, StorageError> {
        let row = sqlx::query("SELECT address FROM accounts WHERE id = $1").bind(account);
        let row = row.fetch_optional(&self.readers).await?;
        row.map(|row| Ok(row.try_get("address")?)).transpose()
    }

    /// The account with this address, in upper or lower case.
    pub(crate) async fn account(&self, address: &str) -> Result<Option<AccountRow>, StorageError> {
        let row = sqlx::query("SELECT id, login_record FROM accounts WHERE address_key = $1")
            .bind(address_key(address))
            .fetch_optional(&self.readers)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let record = match row.try_get::<Option<Vec<u8>>, _>("login_record")? {
            Some(octets) => Some(octets.try_into().map_err(|_| StorageError::Corrupt("login_record"))?),
            None => None,
        };
        Ok(Some(AccountRow { id: row.try_get("id")?, record: record.map(Record::from_octets) }))
    }
}
