//! Rows of `keyrings`: at most one for each account.

use super::blobs::BlobName;
use super::database::{Database, Writing, octets};
use super::envelopes::used;
use super::failure::StorageError;
use sqlx::Row;
use sqlx::any::AnyRow;

/// A keyring that is stored.
pub struct KeyringRow {
    /// Of the write that stored it.
    pub version: [u8; 16],
    /// Octets of ciphertext.
    pub size: i64,
    /// The ciphertext.
    pub file: BlobName,
}

/// A keyring to be stored.
#[derive(Debug)]
pub struct NewKeyring<'a> {
    /// Of this write, never used before.
    pub version: &'a [u8; 16],
    /// Octets of ciphertext.
    pub size: i64,
    /// The ciphertext.
    pub file: BlobName,
}

/// What storing a keyring led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyringWrite {
    /// It is stored.
    Stored {
        /// The file of the one before, to be removed.
        replaced: Option<BlobName>,
    },
    /// What is stored is not what was expected.
    Changed,
    /// The account keeps as many octets as it may.
    Full,
}

impl TryFrom<&AnyRow> for KeyringRow {
    type Error = StorageError;

    fn try_from(row: &AnyRow) -> Result<Self, StorageError> {
        Ok(Self {
            version: octets(row, "version")?,
            size: row.try_get("size")?,
            file: row.try_get::<Vec<u8>, _>("file")?.try_into()?,
        })
    }
}

const SELECT: &str = "SELECT version, size, file FROM keyrings WHERE account = $1";

async fn stored(transaction: &mut Writing, account: i64) -> Result<Option<KeyringRow>, StorageError> {
    let row = sqlx::query(SELECT).bind(account).fetch_optional(&mut **transaction).await?;
    row.as_ref().map(KeyringRow::try_from).transpose()
}

impl Database {
    /// The keyring of this account.
    pub async fn keyring(&self, account: i64) -> Result<Option<KeyringRow>, StorageError> {
        let row = sqlx::query(SELECT).bind(account).fetch_optional(&self.readers).await?;
        row.as_ref().map(KeyringRow::try_from).transpose()
    }

    /// Stores a keyring in place of the one of this version (`None`: of none), if the account then keeps no more than
    /// `account_octets`. Of any number of racing calls with one version, one does.
    pub async fn put_keyring(
        &self,
        account: i64,
        expected: Option<&[u8; 16]>,
        new: &NewKeyring<'_>,
        account_octets: i64,
    ) -> Result<KeyringWrite, StorageError> {
        let mut transaction = self.write().await?;
        self.hold_account(&mut transaction, account).await?;
        let old = stored(&mut transaction, account).await?;
        if old.as_ref().map(|old| &old.version) != expected {
            return Ok(KeyringWrite::Changed);
        }
        let others = used(&mut transaction, account).await?.octets - old.as_ref().map_or(0, |old| old.size);
        if others.saturating_add(new.size) > account_octets {
            return Ok(KeyringWrite::Full);
        }
        sqlx::query(
            "INSERT INTO keyrings (account, version, size, file) VALUES ($1, $2, $3, $4)
             ON CONFLICT (account) DO UPDATE SET version = excluded.version, size = excluded.size, file = excluded.file",
        )
        .bind(account)
        .bind(new.version.as_slice())
        .bind(new.size)
        .bind(new.file.0.as_slice())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(KeyringWrite::Stored { replaced: old.map(|old| old.file) })
    }

    /// Forgets the keyring of this account; with `expected` only this version of it. Returns the file to remove.
    pub async fn remove_keyring(
        &self,
        account: i64,
        expected: Option<&[u8; 16]>,
    ) -> Result<Option<BlobName>, StorageError> {
        let mut transaction = self.write().await?;
        self.hold_account(&mut transaction, account).await?;
        let Some(old) = stored(&mut transaction, account).await? else { return Ok(None) };
        if expected.is_some_and(|expected| *expected != old.version) {
            return Ok(None);
        }
        sqlx::query("DELETE FROM keyrings WHERE account = $1").bind(account).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(Some(old.file))
    }
}
