//! The certificate of the first run.

use super::{CertificateFiles, TlsError};
use crate::private_file::{Earlier, place};
use crate::public_name::PublicName;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use serde::{Deserialize, Serialize};
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use time::{Duration, OffsetDateTime};

/// What a self-signed certificate was made for, to know when to make another.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct MadeFor {
    names: Vec<String>,
    /// Seconds since 1970.
    until: i64,
}

/// Browsers refuse certificates that last longer than 398 days.
const LIFE: Duration = Duration::days(397);

/// A new one is made this long before the end.
const RENEWAL: Duration = Duration::days(30);

/// The self-signed certificate of this data directory for localhost, the loopback addresses and the public name; made
/// if there is none for these names that is good at `now`.
pub fn self_signed(
    data_dir: &Path,
    public_name: Option<&PublicName>,
    now: OffsetDateTime,
) -> Result<CertificateFiles, TlsError> {
    let directory = data_dir.join("tls");
    let files =
        CertificateFiles { certificate: directory.join("self-signed.pem"), key: directory.join("self-signed.key") };
    let made_for_file = directory.join("self-signed.json");
    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
    if let Some(name) = public_name.map(PublicName::in_certificate).filter(|name| !names.contains(name)) {
        names.push(name);
    }
    let made_for: Option<MadeFor> =
        std::fs::read(&made_for_file).ok().and_then(|json| serde_json::from_slice(&json).ok());
    let good = |made_for: &MadeFor| made_for.names == names && made_for.until > (now + RENEWAL).unix_timestamp();
    if made_for.as_ref().is_some_and(good) && files.certificate.exists() && files.key.exists() {
        return Ok(files);
    }

    let mut params = CertificateParams::new(names.clone())?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Envelock, self-signed");
    // A day of grace for clocks that are behind.
    params.not_before = now - Duration::DAY;
    params.not_after = now + LIFE;
    let until = params.not_after.unix_timestamp();
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;

    DirBuilder::new().recursive(true).mode(0o700).create(&directory)?;
    place(&files.key, key.serialize_pem().as_bytes(), Earlier::Goes)?;
    place(&files.certificate, certificate.pem().as_bytes(), Earlier::Goes)?;
    let made_for = serde_json::to_vec(&MadeFor { names, until }).map_err(io::Error::other)?;
    place(&made_for_file, &made_for, Earlier::Goes)?;
    Ok(files)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::super::Offer;
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_self_signed_certificate_is_kept_until_its_names_or_its_time_change() {
        let directory = tempfile::tempdir().unwrap();
        let now = OffsetDateTime::UNIX_EPOCH + Duration::days(20_000);
        let make = |name: Option<&str>, now| {
            let name = name.map(|name| name.parse().unwrap());
            let files = self_signed(directory.path(), name.as_ref(), now).unwrap();
            Offer::with(&files).unwrap();
            std::fs::read(&files.certificate).unwrap()
        };
        let first = make(None, now);
        assert_eq!(make(None, now + Duration::days(300)), first);
        assert_eq!(make(Some("localhost"), now), first);
        let named = make(Some("mail.example.org"), now);
        assert_ne!(named, first);
        assert_ne!(make(Some("mail.example.org"), now + Duration::days(380)), named);
        for name in ["self-signed.key", "self-signed.pem"] {
            let mode = std::fs::metadata(directory.path().join("tls").join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_broken_pem_file_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.pem");
        std::fs::write(&path, "not a certificate").unwrap();
        let error = Offer::with(&CertificateFiles { certificate: path.clone(), key: path }).err().unwrap();
        assert!(error.to_string().contains("x.pem"), "{error}");
    }
}
