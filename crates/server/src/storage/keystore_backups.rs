//! Rows of `keystore_backups`: at most one for each account.

use super::database::{Database, Writing, octets};
use super::failure::StorageError;
use super::writers::Writer;
use sqlx::Row;

/// A code that is stored.
pub(crate) struct KeystoreBackupRow {
    /// Of the write that stored it.
    pub(crate) version: [u8; 16],
    pub(crate) sealed: Vec<u8>,
}

const SELECT: &str = "SELECT version, sealed FROM keystore_backups WHERE account = $1";

impl Database {
    /// The code of this account.
    pub(crate) async fn keystore_backup(&self, account: i64) -> Result<Option<KeystoreBackupRow>, StorageError> {
        let row = sqlx::query(SELECT).bind(account).fetch_optional(&self.readers).await?;
        row.map(|row| Ok(KeystoreBackupRow { version: octets(&row, "version")?, sealed: row.try_get("sealed")? }))
            .transpose()
    }

    /// Stores a code in place of the one of this version (`None`: of none). Of any number of racing calls with one version, one
    /// does; `false` for the others.
    pub(crate) async fn put_keystore_backup(
        &self,
        writer: &Writer,
        expected: Option<&[u8; 16]>,
        new: &KeystoreBackupRow,
        now: i64,
    ) -> Result<bool, StorageError> {
        let mut transaction = self.write().await?;
        let account = writer.account();
        self.hold_writer(&mut transaction, writer, now).await?;
        let put = version(&mut transaction, account).await?.as_ref() == expected;
        if put {
            write(&mut transaction, account, new).await?;
        }
        transaction.commit().await?;
        Ok(put)
    }

    /// Forgets the code of this account; with `expected` only this version of it. `false` if there was no such.
    pub(crate) async fn remove_keystore_backup(
        &self,
        writer: &Writer,
        expected: Option<&[u8; 16]>,
        now: i64,
    ) -> Result<bool, StorageError> {
        let mut transaction = self.write().await?;
        let account = writer.account();
        self.hold_writer(&mut transaction, writer, now).await?;
        let stored = version(&mut transaction, account).await?;
        let remove = stored.is_some() && expected.is_none_or(|expected| stored.as_ref() == Some(expected));
        if remove {
            sqlx::query("DELETE FROM keystore_backups WHERE account = $1")
                .bind(account)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(remove)
    }
}

/// Of what is stored for an account that is held.
pub(super) async fn version(transaction: &mut Writing, account: i64) -> Result<Option<[u8; 16]>, StorageError> {
    let row = sqlx::query(SELECT).bind(account).fetch_optional(&mut **transaction).await?;
    row.map(|row| octets(&row, "version")).transpose()
}

/// Puts it in the place of whatever is there.
pub(super) async fn write(
    transaction: &mut Writing,
    account: i64,
    new: &KeystoreBackupRow,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO keystore_backups (account, version, sealed) VALUES ($1, $2, $3)
         ON CONFLICT (account) DO UPDATE SET version = excluded.version, sealed = excluded.sealed",
    )
    .bind(account)
    .bind(new.version.as_slice())
    .bind(new.sealed.as_slice())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
