//! The secret without which no record of a password is good for anything: not for a login, and not for trying passwords. It is
//! beside the database and not in it, so that whoever has the database alone has neither.

use super::database::Database;
use super::failure::StorageError;
use super::private_file::{Earlier, place, read};
use envelock_login::ServerSecret;
use std::path::Path;

/// In the data directory, which all processes over one database share.
pub(crate) const LOGIN_SECRET: &str = "login-secret";

impl Database {
    /// That of this data directory; made if there is none and no password depends on it.
    pub(crate) async fn login_secret(&self, data_dir: &Path) -> Result<ServerSecret, StorageError> {
        if let Some(secret) = kept_login_secret(data_dir)? {
            return Ok(secret);
        }
        if self.has_login_records().await? {
            return Err(StorageError::NoLoginSecret);
        }
        make_login_secret(data_dir, Earlier::Stays)?;
        // Ours, or of whoever starts at the same time.
        kept_login_secret(data_dir)?.ok_or(StorageError::NoLoginSecret)
    }
}

/// That of this data directory or backup, if there is one.
pub(crate) fn kept_login_secret(directory: &Path) -> Result<Option<ServerSecret>, StorageError> {
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
