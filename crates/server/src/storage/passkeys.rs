//! Rows of `passkeys`: public keys, with what their owners call them.

use super::database::{Database, Writing, octets};
use super::factors::Answers;
use super::failure::StorageError;
use envelock_wire::limits::PASSKEYS;
use sqlx::Row;
use sqlx::any::AnyRow;

/// A passkey as its owner may know it, and what an authenticator knows it by.
pub(crate) struct PasskeyRow {
    pub(crate) id: [u8; 16],
    pub(crate) name: String,
    pub(crate) created: i64,
    pub(crate) used: Option<i64>,
    pub(crate) credential: Vec<u8>,
    pub(crate) user_handle: [u8; 16],
}

/// A passkey to be added.
pub(crate) struct NewPasskey<'a> {
    pub(crate) id: &'a [u8; 16],
    pub(crate) credential: &'a [u8],
    pub(crate) user_handle: &'a [u8; 16],
    pub(crate) name: &'a str,
    pub(crate) passkey: &'a str,
}

impl TryFrom<AnyRow> for PasskeyRow {
    type Error = StorageError;

    fn try_from(row: AnyRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: octets(&row, "id")?,
            name: row.try_get("name")?,
            created: row.try_get("created")?,
            used: row.try_get("used")?,
            credential: row.try_get("credential")?,
            user_handle: octets(&row, "user_handle")?,
        })
    }
}

/// Looks whether this passkey of the account answered, and keeps its counter; `false` if not. The transaction holds the account,
/// so that what is compared with is what was kept last.
pub(super) async fn spend_passkey(
    transaction: &mut Writing,
    account: i64,
    (credential, user_handle): (&[u8], Option<&[u8]>),
    answers: Answers<'_>,
    now: i64,
) -> Result<bool, StorageError> {
    let row = sqlx::query("SELECT user_handle, passkey FROM passkeys WHERE account = $1 AND credential = $2")
        .bind(account)
        .bind(credential)
        .fetch_optional(&mut **transaction)
        .await?;
    let Some(row) = row else { return Ok(false) };
    let own: [u8; 16] = octets(&row, "user_handle")?;
    if user_handle.is_some_and(|said| said != own) {
        return Ok(false);
    }
    let Some(kept) = answers(&row.try_get::<String, _>("passkey")?) else { return Ok(false) };
    sqlx::query("UPDATE passkeys SET passkey = $1, used = $2 WHERE account = $3 AND credential = $4")
        .bind(kept)
        .bind(now)
        .bind(account)
        .bind(credential)
        .execute(&mut **transaction)
        .await?;
    Ok(true)
}

/// Adds it; `false` if it is somebody's already, or the account has as many as it may.
pub(super) async fn insert_passkey(
    transaction: &mut Writing,
    account: i64,
    passkey: &NewPasskey<'_>,
    now: i64,
) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "INSERT INTO passkeys (id, account, credential, user_handle, name, passkey, created)
         SELECT $1, a.id, $3, $4, $5, $6, $7 FROM accounts a
         WHERE a.id = $2 AND (SELECT count(*) FROM passkeys p WHERE p.account = a.id) < $8
         ON CONFLICT (credential) DO NOTHING",
    )
    .bind(passkey.id.as_slice())
    .bind(account)
    .bind(passkey.credential)
    .bind(passkey.user_handle.as_slice())
    .bind(passkey.name)
    .bind(passkey.passkey)
    .bind(now)
    .bind(i64::from(PASSKEYS))
    .execute(&mut **transaction)
    .await?;
    Ok(done.rows_affected() == 1)
}

impl Database {
    /// The passkeys of this account, the oldest first.
    pub(crate) async fn passkeys(&self, account: i64) -> Result<Vec<PasskeyRow>, StorageError> {
        let rows = sqlx::query(
            "SELECT id, name, created, used, credential, user_handle FROM passkeys WHERE account = $1 ORDER BY created, id",
        )
        .bind(account)
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(PasskeyRow::try_from).collect()
    }

    /// Whose passkey this is.
    pub(crate) async fn owner_of_passkey(&self, credential: &[u8]) -> Result<Option<i64>, StorageError> {
        let row = sqlx::query("SELECT account FROM passkeys WHERE credential = $1")
            .bind(credential)
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }
}
