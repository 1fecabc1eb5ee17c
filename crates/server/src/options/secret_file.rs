//! Files with a secret in them that the operator names.

use super::Options;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use zeroize::Zeroizing;

/// Octets of the longest one.
const LONGEST: u64 = 64 << 10;

/// All of it. What is no file is refused: a pipe would be waited for, for ever.
pub(super) fn read(path: &Path) -> io::Result<Zeroizing<String>> {
    let there = std::fs::metadata(path)?;
    if !there.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    if there.len() > LONGEST {
        return Err(io::Error::other("too long for a file with a secret"));
    }
    // With room for all of it from the beginning: what grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(LONGEST as usize + 1));
    File::open(path)?.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

impl Options {
    /// Warns of each that others than its owner may read or write.
    pub(crate) fn open_secrets(&self) -> Vec<String> {
        let files = [
            ("--database-url-file", &self.database_url_file),
            ("--bucket-credentials-file", &self.bucket.bucket_credentials_file),
            ("--webhook-secret-file", &self.mail.webhook_secret_file),
            ("--smarthost-password-file", &self.outgoing.smarthost_password_file),
        ];
        let named = files.into_iter().filter_map(|(option, path)| Some((option, path.as_deref()?)));
        named
            .filter(|(_, path)| std::fs::metadata(path).is_ok_and(|there| there.permissions().mode() & 0o077 != 0))
            .map(|(option, path)| {
                format!(
                    "others may read or write {} ({option}): give it to the server's user, and chmod 600",
                    path.display()
                )
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn a_secret_is_a_file_and_no_long_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "secret\n").unwrap();
        assert_eq!(*read(&path).unwrap(), "secret\n");
        std::fs::write(&path, "a".repeat(65_537)).unwrap();
        assert!(read(&path).is_err());
        std::fs::write(&path, [0xff]).unwrap();
        assert!(read(&path).is_err(), "not text");
        assert_eq!(read(folder.path()).unwrap_err().to_string(), "not a regular file");
        assert_eq!(read(Path::new("/dev/null")).unwrap_err().to_string(), "not a regular file");
    }
}
