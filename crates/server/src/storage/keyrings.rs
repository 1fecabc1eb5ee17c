//! Rows of `keyrings`: at most one for each account.

use super::blobs::BlobName;
use super::database::{Database, octets};
use super::envelopes::used;
use super::failure::StorageError;
use super::writers::Writer;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

/// A keyring that is stored.
pub(crate) struct KeyringRow {
    /// Of the write that stored it.
    pub(crate) version: [u8; 16],
    /// Octets of ciphertext.
    pub(crate) size: i64,
    /// The ciphertext.
    pub(crate) file: BlobName,
}

/// A keyring to be stored.
#[derive(Debug)]
pub(crate) struct NewKeyring<'a> {
    /// Of this write, never used before.
    pub(crate) version: &'a [u8; 16],
    /// Octets of ciphertext.
    pub(crate) size: i64,
    /// The ciphertext.
    pub(crate) file: BlobName,
}

/// What storing a keyring led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyringWrite {
    /// It is stored.
    Stored {
        /// The file of the one before, to be removed.
        replaced: Option<BlobName>,
    },
    /// Nothing was.
    Refused(KeyringRefused),
}

/// Why a keyring is not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyringRefused {
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

async fn stored(connection: &mut AnyConnection, account: i64) -> Result<Option<KeyringRow>, StorageError> {
    let row = sqlx::query(SELECT).bind(account).fetch_optional(connection).await?;
    row.as_ref().map(KeyringRow::try_from).transpose()
}

/// What a keyring of this size takes the place of, if it may.
async fn replaced(
    connection: &mut AnyConnection,
    account: i64,
    expected: Option<&[u8; 16]>,
    size: i64,
    account_octets: i64,
) -> Result<Result<Option<KeyringRow>, KeyringRefused>, StorageError> {
    let old = stored(connection, account).await?;
    if old.as_ref().map(|old| &old.version) != expected {
        return Ok(Err(KeyringRefused::Changed));
    }
    let others = used(connection, account).await?.octets - old.as_ref().map_or(0, |old| old.size);
    if others.saturating_add(size) > account_octets {
        return Ok(Err(KeyringRefused::Full));
    }
    Ok(Ok(old))
}

impl Database {
    /// The keyring of this account.
    pub(crate) async fn keyring(&self, account: i64) -> Result<Option<KeyringRow>, StorageError> {
        let row = sqlx::query(SELECT).bind(account).fetch_optional(&self.readers).await?;
        row.as_ref().map(KeyringRow::try_from).transpose()
    }

    /// Why a keyring of this size could not be stored now; asked before its ciphertext comes.
    pub(crate) async fn may_put_keyring(
        &self,
        account: i64,
        expected: Option<&[u8; 16]>,
        size: i64,
        account_octets: i64,
    ) -> Result<Option<KeyringRefused>, StorageError> {
        let mut connection = self.readers.acquire().await?;
        Ok(replaced(&mut connection, account, expected, size, account_octets).await?.err())
    }

    /// Stores a keyring in place of the one of this version (`None`: of none), if the account then keeps no more than
    /// `account_octets`. Of any number of racing calls with one version, one does.
    pub(crate) async fn put_keyring(
        &self,
        writer: &Writer,
        expected: Option<&[u8; 16]>,
        new: &NewKeyring<'_>,
        account_octets: i64,
        now: i64,
    ) -> Result<KeyringWrite, StorageError> {
        let mut transaction = self.write().await?;
        let account = writer.account();
        self.hold_writer(&mut transaction, writer, now).await?;
        let old = match replaced(&mut transaction, account, expected, new.size, account_octets).await? {
            Ok(old) => old,
            Err(refused) => return Ok(KeyringWrite::Refused(refused)),
        };
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
    pub(crate) async fn remove_keyring(
        &self,
        writer: &Writer,
        expected: Option<&[u8; 16]>,
        now: i64,
    ) -> Result<Option<BlobName>, StorageError> {
        let mut transaction = self.write().await?;
        let account = writer.account();
        self.hold_writer(&mut transaction, writer, now).await?;
        let Some(old) = stored(&mut transaction, account).await? else { return Ok(None) };
        if expected.is_some_and(|expected| *expected != old.version) {
            return Ok(None);
        }
        sqlx::query("DELETE FROM keyrings WHERE account = $1").bind(account).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(Some(old.file))
    }
}
