//! What is offered to a client: TLS 1.3 and 1.2, and the hybrid post-quantum key exchange to everybody who knows it.

use super::{CertificateFiles, TlsError};
use rustls::crypto::aws_lc_rs::{self, kx_group};
use rustls::crypto::{ActiveKeyExchange, CompletedKeyExchange, CryptoProvider, SupportedKxGroup};
use rustls::ffdhe_groups::FfdheGroup;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::ClientHello;
use rustls::{NamedGroup, ProtocolVersion, ServerConfig};
use std::sync::Arc;

/// What is offered with one certificate.
pub struct Offer {
    usual: Arc<ServerConfig>,
    hybrid: Arc<ServerConfig>,
    /// The server's own certificate.
    pub(super) own: CertificateDer<'static>,
}

impl Offer {
    /// With this certificate, if it and its key are whole and belong together.
    pub fn with(files: &CertificateFiles) -> Result<Self, TlsError> {
        let (chain, key) = files.read()?;
        let own = chain.first().cloned().ok_or(rustls::Error::NoCertificatesPresented)?;
        let usual = server_config(aws_lc_rs::default_provider(), chain.clone(), key.clone_key())?;
        let hybrid = server_config(hybrid_provider(), chain, key)?;
        Ok(Self { usual: Arc::new(usual), hybrid: Arc::new(hybrid), own })
    }

    /// For this client. rustls takes the first group that the client names and the server knows, whatever the server would
    /// rather have; so one that knows the hybrid group is shown no other, though it cost a round trip more.
    pub(super) fn to(&self, hello: &ClientHello<'_>) -> Arc<ServerConfig> {
        let knows_hybrid = hello.named_groups().is_some_and(|groups| groups.contains(&NamedGroup::X25519MLKEM768));
        Arc::clone(if knows_hybrid { &self.hybrid } else { &self.usual })
    }
}

/// No version below 1.2 exists in rustls, and every suite has ECDHE.
fn server_config(
    provider: CryptoProvider,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// In TLS 1.3 the hybrid group alone; TLS 1.2 has none (draft-ietf-tls-ecdhe-mlkem), there the others stay.
fn hybrid_provider() -> CryptoProvider {
    static BEFORE_13: [Before13; 3] =
        [Before13(kx_group::X25519), Before13(kx_group::SECP256R1), Before13(kx_group::SECP384R1)];
    let others = BEFORE_13.iter().map(|group| -> &dyn SupportedKxGroup { group });
    CryptoProvider {
        kx_groups: std::iter::once(kx_group::X25519MLKEM768).chain(others).collect(),
        ..aws_lc_rs::default_provider()
    }
}

/// A group that is not for TLS 1.3.
#[derive(Debug)]
struct Before13(&'static dyn SupportedKxGroup);

impl SupportedKxGroup for Before13 {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, rustls::Error> {
        self.0.start()
    }

    fn start_and_complete(&self, peer: &[u8]) -> Result<CompletedKeyExchange, rustls::Error> {
        self.0.start_and_complete(peer)
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        self.0.ffdhe_group()
    }

    fn name(&self) -> NamedGroup {
        self.0.name()
    }

    fn fips(&self) -> bool {
        self.0.fips()
    }

    fn usable_for_version(&self, version: ProtocolVersion) -> bool {
        version == ProtocolVersion::TLSv1_2 && self.0.usable_for_version(version)
    }
}
