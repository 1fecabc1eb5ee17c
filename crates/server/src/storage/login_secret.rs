//! The secret without which no record of a password is good for anything: not for a login, and not for trying passwords. It is
//! beside the database and not in it, so that whoever has the database alone has neither. The database knows it by a hash: with another
//! one every password would be wrong, so the server does not start, nor does it make one where there was one.

use super::database::Database;
use super::failure::StorageError;
use super::private_file::{Earlier, place, read};
use envelock_login::ServerSecret;
use hkdf::Hkdf;
use sha2::Sha256;
use sqlx::Row;
use std::path::Path;

/// In the data directory. All processes over one database have the same.
pub(crate) const LOGIN_SECRET: &str = "login-secret";

/// For HKDF (RFC 5869): what the secret is known by is of no use for anything else that is made from it.
const LABEL: &[u8] = b"envelock-server 1: what login-secret is known by";

impl Database {
    /// That of this data directory, which this database knows from now on; made if there is none and never was.
    pub(crate) async fn login_secret(&self, data_dir: &Path) -> Result<ServerSecret, StorageError> {
        let secret = match self.check_login_secret(data_dir).await? {
            Some(secret) => secret,
            None => {
                make_login_secret(data_dir, Earlier::Stays)?;
                // Ours, or of whoever starts at the same time.
                kept_login_secret(data_dir)?.ok_or(StorageError::NoLoginSecret)?
            }
        };
        sqlx::query("UPDATE instance SET login_secret_hash = $1 WHERE login_secret_hash IS NULL")
            .bind(hash_of(&secret)?.as_slice())
            .execute(&self.writer)
            .await?;
        // Another machine may have been first, with its own.
        self.check_login_secret(data_dir).await?;
        Ok(secret)
    }

    /// That of this data directory, if it is the one that this database knows; `None` if there is none and need not be.
    pub(crate) async fn check_login_secret(&self, data_dir: &Path) -> Result<Option<ServerSecret>, StorageError> {
        let kept = kept_login_secret(data_dir)?;
        let known = sqlx::query("SELECT login_secret_hash FROM instance").fetch_optional(&self.readers).await?;
        let known: Option<Vec<u8>> = known.map(|row| row.try_get(0)).transpose()?.flatten();
        match (&kept, known) {
            (Some(secret), Some(known)) if hash_of(secret)?.as_slice() != known => Err(StorageError::OtherLoginSecret),
            (None, Some(_)) => Err(StorageError::NoLoginSecret),
            (None, None) if self.has_login_records().await? => Err(StorageError::NoLoginSecret),
            _ => Ok(kept),
        }
    }

    /// From now on this database, which has no passwords, knows the one of this data directory, or the one that is made next.
    pub(crate) async fn take_login_secret(&self, data_dir: &Path) -> Result<(), StorageError> {
        let hash = kept_login_secret(data_dir)?.as_ref().map(hash_of).transpose()?;
        sqlx::query("UPDATE instance SET login_secret_hash = $1")
            .bind(hash.map(Vec::from))
            .execute(&self.writer)
            .await?;
        Ok(())
    }
}

fn hash_of(secret: &ServerSecret) -> Result<[u8; 32], StorageError> {
    let mut hash = [0; 32];
    let failed = |_| StorageError::Corrupt("file `login-secret`");
    Hkdf::<Sha256>::new(None, secret.to_octets().as_slice()).expand(LABEL, &mut hash).map_err(failed)?;
    Ok(hash)
}

/// That of this data directory or backup, if there is one.
fn kept_login_secret(directory: &Path) -> Result<Option<ServerSecret>, StorageError> {
    let Some(octets) = read(&directory.join(LOGIN_SECRET))? else { return Ok(None) };
    let octets = octets.as_slice().try_into().map_err(|_| StorageError::Corrupt("file `login-secret`"))?;
    let secret = ServerSecret::from_octets(octets).map_err(|_| StorageError::Corrupt("file `login-secret`"))?;
    Ok(Some(secret))
}

/// Draws a new one.
pub(crate) fn make_login_secret(data_dir: &Path, earlier: Earlier) -> Result<(), StorageError> {
    let secret = ServerSecret::generate(&mut rand::rngs::OsRng);
    Ok(place(&data_dir.join(LOGIN_SECRET), secret.to_octets().as_slice(), earlier)?)
}

/// Puts the one of `from` beside the rows of `to`, if there is one; one that is there goes.
pub(crate) fn copy_login_secret(from: &Path, to: &Path) -> Result<bool, StorageError> {
    let Some(secret) = kept_login_secret(from)? else { return Ok(false) };
    place(&to.join(LOGIN_SECRET), secret.to_octets().as_slice(), Earlier::Goes)?;
    Ok(true)
}
