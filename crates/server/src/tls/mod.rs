//! TLS 1.3 and 1.2, with forward secrecy in every suite, and the certificates for it.
//!
//! An operator gives certificate and key as PEM files. Without them a self-signed certificate is made and kept, which
//! is for trying out: browsers warn about it. Where this server is the client of others, it speaks the same (`client`).

mod acceptor;
mod challenge;
mod client;
mod doubt;
mod offer;
mod self_signed;

pub(crate) use acceptor::{Current, TlsAcceptor};
pub(crate) use challenge::Challenges;
pub(crate) use client::{authorities, client_config, connect_to_first};
pub use doubt::Doubt;
pub use offer::Offer;
pub use self_signed::self_signed;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
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
    /// The server's own certificate (DER), if it and its key are whole and belong together.
    pub fn own(&self) -> Result<Vec<u8>, TlsError> {
        Offer::with(self)?;
        let (chain, _) = self.read()?;
        Ok(chain.first().map(|own| own.to_vec()).unwrap_or_default())
    }

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
