//! TLS 1.3 and 1.2, with forward secrecy in every suite, and the certificates for it.
//!
//! An operator gives certificate and key as PEM files. Without them a self-signed certificate is made and kept, which
//! is for trying out: browsers warn about it.

mod acceptor;
mod challenge;
mod offer;
mod self_signed;

pub(crate) use acceptor::{Current, TlsAcceptor};
pub(crate) use challenge::Challenges;
pub use offer::Offer;
pub use self_signed::self_signed;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Where certificate chain and key are, as PEM.
#[derive(Debug, Clone)]
pub struct CertificateFiles {
    /// The chain, the server's own certificate first.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

impl CertificateFiles {
    fn read(&self) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
        let pem = |path: &Path| {
            let path = path.to_owned();
            move |cause| TlsError::Pem { path, cause }
        };
        let chain = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(pem(&self.certificate))?;
        Ok((chain, PrivateKeyDer::from_pem_file(&self.key).map_err(pem(&self.key))?))
    }
}

/// Why TLS could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A PEM file could not be read.
    #[error("{path} is not a readable PEM file: {cause}")]
    Pem {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: rustls::pki_types::pem::Error,
    },
    /// Certificate and key do not belong together, or are not supported.
    #[error("the certificate cannot be used: {0}")]
    Certificate(#[from] rustls::Error),
    /// A self-signed certificate could not be made.
    #[error("a self-signed certificate could not be made: {0}")]
    SelfSigned(#[from] rcgen::Error),
    /// It could not be stored.
    #[error("a self-signed certificate could not be stored: {0}")]
    File(#[from] io::Error),
}

/// Replaces a file as a whole; the new one is readable by its owner only from the start.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let partial = path.with_extension("part");
    match std::fs::remove_file(&partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(partial, path)
}
