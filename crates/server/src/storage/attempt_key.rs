//! What turns those who try something into keys of `attempts`. There are few networks: without a secret, whoever sees the
//! database would only have to hash them all.

use super::failure::StorageError;
use crate::private_file::{self, Earlier};
use hmac::{Hmac, Mac};
use rand::RngCore;
use sha2::Sha256;
use std::io;
use std::path::Path;
use zeroize::Zeroizing;

/// In the data directory, which all processes over one database share, and not in the database.
const FILE: &str = "attempts-key";

/// A secret of the processes that count together.
pub(crate) struct AttemptKey(Zeroizing<[u8; 64]>);

impl AttemptKey {
    /// That of this data directory; made if there is none.
    pub(crate) fn of(data_dir: &Path) -> Result<Self, StorageError> {
        if let Some(key) = read(data_dir)? {
            return Ok(key);
        }
        write(data_dir)?;
        // Ours, or of whoever starts at the same time.
        read(data_dir)?.ok_or(StorageError::Corrupt("file `attempts-key`"))
    }

    /// The key under which attempts of this kind by this one are counted.
    pub(crate) fn hash(&self, what: &str, by: &[u8]) -> [u8; 32] {
        let keyed = Hmac::<Sha256>::new((&*self.0).into());
        keyed.chain_update(what).chain_update([0]).chain_update(by).finalize().into_bytes().into()
    }
}

fn read(data_dir: &Path) -> Result<Option<AttemptKey>, StorageError> {
    let Some(octets) = private_file::read(&data_dir.join(FILE))? else { return Ok(None) };
    let key = octets.as_slice().try_into().map_err(|_| StorageError::Corrupt("file `attempts-key`"))?;
    Ok(Some(AttemptKey(Zeroizing::new(key))))
}

fn write(data_dir: &Path) -> io::Result<()> {
    let mut key = Zeroizing::new([0; 64]);
    rand::rngs::OsRng.fill_bytes(&mut *key);
    private_file::place(&data_dir.join(FILE), key.as_slice(), Earlier::Stays)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn who_tried_is_told_by_nobody_without_the_file() {
        let directories = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let hash = |directory: &tempfile::TempDir| AttemptKey::of(directory.path()).unwrap().hash("open", b"peer");
        let [one, other] = &directories;
        assert_eq!(hash(one), hash(one), "all over one directory count together");
        assert_ne!(hash(one), hash(other));
        assert_ne!(hash(one), AttemptKey::of(one.path()).unwrap().hash("login", b"peer"));
    }
}
