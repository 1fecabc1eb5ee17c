//! The file with the secret of all passwords, and what the database knows it by. It is beside the database and not in it, so that
//! whoever has the database alone has neither passwords nor a way to try them.
//!
//! Not here: whether the two belong together (`crate::login_secret`).

use super::database::{Database, Dialect, Writing, octets};
use super::failure::StorageError;
use crate::private_file::{Earlier, is_open_to_others, place, read};
use envelock_login::{Record, ServerSecret};
use hkdf::Hkdf;
use sha2::Sha256;
use sqlx::Row;
use std::path::Path;

/// In the data directory. All processes over one database have the same.
const LOGIN_SECRET: &str = "login-secret";

/// One that was made anew, until the database knows it: whatever happens meanwhile, one of the two is the database's own.
const RENEWED: &str = "login-secret.new";

/// For HKDF (RFC 5869): what the secret is known by is of no use for anything else that is made from it.
const LABEL: &[u8] = b"envelock-server 1: what login-secret is known by";

/// In a backup, beside its rows.
const KNOWN_BY: &str = "login-secret-hash";

/// What a secret is known by.
pub(crate) type SecretHash = [u8; 32];

/// A record of a password that is to be kept, and the secret without which it is good for nothing.
pub(crate) struct NewRecord {
    pub(crate) record: Record,
    pub(crate) made_with: SecretHash,
}

impl Database {
    /// What this database knows its secret by, if it does.
    pub(crate) async fn known_login_secret(&self) -> Result<Option<SecretHash>, StorageError> {
        let known = "SELECT login_secret_hash FROM instance WHERE login_secret_hash IS NOT NULL";
        let row = sqlx::query(known).fetch_optional(&self.readers).await?;
        row.map(|row| octets(&row, "login_secret_hash")).transpose()
    }

    /// From now on this database knows this secret, unless it knows one.
    pub(crate) async fn learn_login_secret(&self, secret: &ServerSecret) -> Result<(), StorageError> {
        sqlx::query("UPDATE instance SET login_secret_hash = $1 WHERE login_secret_hash IS NULL")
            .bind(hash_of(secret)?.as_slice())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// From now on this database knows this secret, or none, whatever it knew.
    pub(crate) async fn set_login_secret(&self, secret: Option<&ServerSecret>) -> Result<(), StorageError> {
        let hash = secret.map(hash_of).transpose()?;
        sqlx::query("UPDATE instance SET login_secret_hash = $1")
            .bind(hash.map(Vec::from))
            .execute(&self.writer)
            .await?;
        Ok(())
    }
}

/// Refuses what was made with another secret than the database's own, and holds that until the transaction ends. It comes before
/// any account is held: whoever makes the secret anew (`close_accounts`) begins with it, too, and finds all that was made before.
pub(super) async fn hold_login_secret(
    database: &Database,
    transaction: &mut Writing,
    made_with: &SecretHash,
) -> Result<(), StorageError> {
    let known = match database.dialect {
        Dialect::Sqlite => "SELECT login_secret_hash FROM instance",
        Dialect::Postgres => "SELECT login_secret_hash FROM instance FOR SHARE",
    };
    let row = sqlx::query(known).fetch_one(&mut **transaction).await?;
    match row.try_get::<Option<Vec<u8>>, _>(0)? {
        Some(hash) if hash == made_with => Ok(()),
        Some(_) => Err(StorageError::ReplacedLoginSecret),
        None => Err(StorageError::UnprovenLoginSecret),
    }
}

/// What this secret is known by.
pub(crate) fn hash_of(secret: &ServerSecret) -> Result<SecretHash, StorageError> {
    let mut hash = [0; 32];
    let failed = |_| StorageError::Corrupt("file `login-secret`");
    Hkdf::<Sha256>::new(None, secret.to_octets().as_slice()).expand(LABEL, &mut hash).map_err(failed)?;
    Ok(hash)
}

/// That of this data directory or backup, if there is one.
pub(crate) fn kept_login_secret(directory: &Path) -> Result<Option<ServerSecret>, StorageError> {
    secret_in(&directory.join(LOGIN_SECRET))
}

/// The one that was made anew, if the database knows it and it is not in its place yet. One that cannot be read is none.
pub(crate) fn renewed_login_secret(directory: &Path, known: &SecretHash) -> Result<Option<ServerSecret>, StorageError> {
    let Some(secret) = secret_in(&directory.join(RENEWED)).ok().flatten() else { return Ok(None) };
    Ok((hash_of(&secret)? == *known).then_some(secret))
}

fn secret_in(file: &Path) -> Result<Option<ServerSecret>, StorageError> {
    let Some(octets) = read(file)? else { return Ok(None) };
    let octets = octets.as_slice().try_into().map_err(|_| StorageError::Corrupt("file `login-secret`"))?;
    let secret = ServerSecret::from_octets(octets).map_err(|_| StorageError::Corrupt("file `login-secret`"))?;
    Ok(Some(secret))
}

/// Says so if others may read that of this data directory. It is for the server's user alone, as the directory is.
pub(crate) fn warn_of_an_open_login_secret(data_dir: &Path) -> Result<(), StorageError> {
    if is_open_to_others(&data_dir.join(LOGIN_SECRET))? {
        tracing::warn!(
            "others may read the file login-secret, with which passwords can be tried by whoever has the database: chmod 600"
        );
    }
    Ok(())
}

/// Draws one, unless there is one.
pub(crate) fn make_login_secret(data_dir: &Path) -> Result<(), StorageError> {
    let secret = ServerSecret::generate(&mut rand::rngs::OsRng);
    Ok(place(&data_dir.join(LOGIN_SECRET), secret.to_octets().as_slice(), Earlier::Stays)?)
}

/// Draws another one, and has it on the disk beside the one that is there.
pub(crate) fn make_renewed_login_secret(data_dir: &Path) -> Result<ServerSecret, StorageError> {
    let secret = ServerSecret::generate(&mut rand::rngs::OsRng);
    place(&data_dir.join(RENEWED), secret.to_octets().as_slice(), Earlier::Goes)?;
    Ok(secret)
}

/// Puts it in the place of the one before, if it is what the database knows.
pub(crate) fn take_renewed_login_secret(data_dir: &Path, known: &SecretHash) -> Result<(), StorageError> {
    if let Some(secret) = renewed_login_secret(data_dir, known)? {
        place_login_secret(data_dir, &secret)?;
        match std::fs::remove_file(data_dir.join(RENEWED)) {
            // Another process was faster.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            removed => removed?,
        }
    }
    Ok(())
}

/// Puts this one into a data directory or backup; one that is there goes.
pub(crate) fn place_login_secret(directory: &Path, secret: &ServerSecret) -> Result<(), StorageError> {
    Ok(place(&directory.join(LOGIN_SECRET), secret.to_octets().as_slice(), Earlier::Goes)?)
}

/// Notes beside the rows of a backup what they know their secret by: it is not in them.
pub(crate) fn note_known_login_secret(rows: &Path, secret: &ServerSecret) -> Result<(), StorageError> {
    Ok(place(&rows.join(KNOWN_BY), &hash_of(secret)?, Earlier::Goes)?)
}

/// What was noted there, if the secret was known.
pub(crate) fn noted_login_secret(rows: &Path) -> Result<Option<SecretHash>, StorageError> {
    let Some(octets) = read(&rows.join(KNOWN_BY))? else { return Ok(None) };
    let hash = octets.as_slice().try_into().map_err(|_| StorageError::Corrupt("file `login-secret-hash`"))?;
    Ok(Some(hash))
}
