//! What is kept of one CA, for the owner only: the account, the certificate with its key, the proof while it is asked for.
//! On a file system that several servers share, all of them share it.

use crate::private_file::{Earlier, place};
use crate::public_name::PublicName;
use crate::tls::{CertificateFiles, Offer, TlsError};
use rustls::client::verify_server_name;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::ParsedCertificate;
use sha2::{Digest, Sha256};
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Those of one directory URL: an account is of no use elsewhere, and what a CA for trials issued must not stay.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

/// A certificate that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Certificate {
    /// Not before this time, in seconds since 1970.
    pub(super) from: i64,
    /// Nor after this.
    pub(super) until: i64,
    pub(super) der: Vec<u8>,
}

impl Certificate {
    /// Whether it is for all of these names, too.
    pub(super) fn is_for(&self, names: &[String]) -> bool {
        let der = CertificateDer::from(self.der.as_slice());
        let Ok(parsed) = ParsedCertificate::try_from(&der) else { return false };
        let is_for = |name: &String| {
            ServerName::try_from(name.as_str()).is_ok_and(|name| verify_server_name(&parsed, &name).is_ok())
        };
        names.iter().all(is_for)
    }
}

impl Folder {
    pub(super) fn of(data_dir: &Path, directory: &str) -> Self {
        let hash = Sha256::digest(directory);
        let name: String = hash.iter().take(8).map(|octet| format!("{octet:02x}")).collect();
        Self(data_dir.join("tls").join("acme").join(name))
    }

    /// Chain and key are one file, so that they are replaced together.
    pub(super) fn files(&self) -> CertificateFiles {
        let file = self.0.join("certificate.pem");
        CertificateFiles { certificate: file.clone(), key: file }
    }

    /// Of a host's name, which has nothing in it that a path would.
    pub(super) fn challenge(&self, name: &str) -> PathBuf {
        self.0.join(format!("challenge-{name}.pem"))
    }

    /// Alone until the file is dropped, or the process ends; `None` if another server is.
    pub(super) fn lock(&self) -> io::Result<Option<File>> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0)?;
        let path = self.0.join("lock");
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// The certificate that is kept, if it is for this name.
    pub(super) fn certificate(&self, name: &PublicName) -> Option<Certificate> {
        certificate(CertificateDer::pem_file_iter(self.files().certificate).ok()?.next()?.ok()?, name)
    }

    /// Keeps a chain and its key, if they are for this name, good at `now`, and can be served.
    pub(super) fn keep(&self, chain: &str, key: &str, name: &PublicName, now: i64) -> Result<bool, TlsError> {
        let leaf = CertificateDer::from_pem_slice(chain.as_bytes()).ok().and_then(|leaf| certificate(leaf, name));
        if leaf.is_none_or(|leaf| leaf.until <= now) {
            return Ok(false);
        }
        let both = Zeroizing::new(format!("{}\n{key}", chain.trim_end()));
        let files = self.files();
        let new = files.certificate.with_extension("new");
        place(&new, both.as_bytes(), Earlier::Goes)?;
        Offer::with(&CertificateFiles { certificate: new.clone(), key: new.clone() })?;
        std::fs::rename(new, files.certificate)?;
        File::open(&self.0)?.sync_all()?;
        Ok(true)
    }

    pub(super) fn keep_challenge(&self, name: &str, pem: &str) -> io::Result<()> {
        place(&self.challenge(name), pem.as_bytes(), Earlier::Goes)
    }

    pub(super) fn forget_challenge(&self, name: &str) {
        // One that stays proves nothing to anybody but the CA, and is written over by the next.
        let _ = std::fs::remove_file(self.challenge(name));
    }

    /// The account's key and address, and which contact it has.
    pub(super) fn account(&self) -> Option<Zeroizing<Vec<u8>>> {
        std::fs::read(self.account_file()).ok().map(Zeroizing::new)
    }

    pub(super) fn keep_account(&self, json: &[u8]) -> io::Result<()> {
        place(&self.account_file(), json, Earlier::Goes)
    }

    pub(super) fn forget_account(&self) -> io::Result<()> {
        std::fs::remove_file(self.account_file())
    }

    fn account_file(&self) -> PathBuf {
        self.0.join("account.json")
    }
}

fn certificate(der: CertificateDer<'_>, name: &PublicName) -> Option<Certificate> {
    let parsed = ParsedCertificate::try_from(&der).ok()?;
    let name = ServerName::try_from(name.in_certificate()).ok()?;
    verify_server_name(&parsed, &name).ok()?;
    let (_, x509) = x509_parser::parse_x509_certificate(&der).ok()?;
    let validity = x509.validity();
    let (from, until) = (validity.not_before.timestamp(), validity.not_after.timestamp());
    Some(Certificate { from, until, der: der.to_vec() })
}
