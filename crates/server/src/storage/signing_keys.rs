//! The file with the keys that outgoing mail is signed with. Servers that send for the same domains have the same, or each publishes its own.

use super::failure::StorageError;
use crate::private_file::{Earlier, place, read};
use envelock_mail::sign::{SigningKeys, generate};
use std::io;
use std::path::Path;

/// In the data directory.
const SIGNING_KEYS: &str = "dkim-keys.pem";

/// Those of this data directory; made if there are none.
pub fn signing_keys(data_dir: &Path) -> Result<SigningKeys, StorageError> {
    let path = data_dir.join(SIGNING_KEYS);
    if read(&path)?.is_none() {
        place(&path, generate().map_err(io::Error::other)?.as_bytes(), Earlier::Stays)?;
    }
    // Ours, or of whoever starts at the same time.
    let octets = read(&path)?.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
    SigningKeys::from_pem(&octets).map_err(|_| StorageError::Corrupt("file `dkim-keys.pem`"))
}

/// Puts those of a data directory or backup into another, which has none; there may be none.
pub(crate) fn copy_signing_keys(from: &Path, to: &Path) -> Result<(), StorageError> {
    match read(&from.join(SIGNING_KEYS))? {
        Some(octets) => Ok(place(&to.join(SIGNING_KEYS), &octets, Earlier::Stays)?),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn they_are_made_once_and_for_the_owner_alone() {
        let data = tempfile::tempdir().unwrap();
        let own = |keys: &SigningKeys| keys.records().map(|(selector, text)| format!("{selector} {text}"));
        let first = own(&signing_keys(data.path()).unwrap());
        assert_eq!(own(&signing_keys(data.path()).unwrap()), first);
        let mode = std::fs::metadata(data.path().join(SIGNING_KEYS)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let (copy, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        copy_signing_keys(data.path(), copy.path()).unwrap();
        assert_eq!(own(&signing_keys(copy.path()).unwrap()), first);
        copy_signing_keys(other.path(), copy.path()).unwrap();
        assert_ne!(own(&signing_keys(other.path()).unwrap()), first);
        std::fs::write(data.path().join(SIGNING_KEYS), "x").unwrap();
        assert!(signing_keys(data.path()).is_err(), "what is there is not written over");
    }
}
