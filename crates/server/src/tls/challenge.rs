//! The proof that a name is this server's, for a CA that connects and asks for it (`tls-alpn-01`, RFC 8737).

use super::{CertificateFiles, TlsError};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::ClientHello;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The protocol that only such a CA names (RFC 8737 §6.2).
const PROTOCOL: &[u8] = b"acme-tls/1";

/// Where the proof lies while it is asked for: in a file, since the CA may come to another server than the one that
/// ordered.
#[derive(Debug, Clone)]
pub(crate) struct Challenges {
    /// Each name that may have to be proven, with the file of certificate and key.
    pub(crate) files: Vec<(String, PathBuf)>,
}

impl Challenges {
    /// Where the proof lies that this client comes for, if it does, and for one of these names (RFC 8737 §3).
    pub(super) fn asked_by(&self, hello: &ClientHello<'_>) -> Option<&Path> {
        let asked = hello.server_name()?;
        let mut protocols = hello.alpn()?;
        if protocols.next() != Some(PROTOCOL) || protocols.next().is_some() {
            return None;
        }
        self.files.iter().find(|(name, _)| name.eq_ignore_ascii_case(asked)).map(|(_, file)| file.as_path())
    }

    /// What answers it, if there is anything to prove.
    pub(super) fn answer(file: &Path) -> Result<Arc<ServerConfig>, TlsError> {
        let files = CertificateFiles { certificate: file.to_owned(), key: file.to_owned() };
        let (chain, key) = files.read()?;
        let provider = aws_lc_rs::default_provider();
        // Not as other certificates: rustls looks into those, and refuses the critical extension that this one is made for.
        let certified = CertifiedKey::new(chain, provider.key_provider.load_private_key(key)?);
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(Arc::new(config))
    }
}
