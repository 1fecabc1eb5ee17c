//! How a server proves that it is the one, as TLS wants to know it.

use super::{DaneVerifier, Tlsa};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::sync::Arc;

/// How a server proves that it is the one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// By what DNSSEC says of its key (RFC 7672).
    Dane {
        /// At least one.
        records: Vec<Tlsa>,
        /// Names that count under an anchor of the domain's.
        names: Vec<ServerName<'static>>,
    },
    /// By a certificate of a known authority, for a name that the domain's policy has (RFC 8461).
    Policy,
    /// By a certificate of a known authority, for the name that DNS has.
    Authority,
    /// By nothing: the domain enforces a policy that does not name it (RFC 8461 §5). There is no TLS with it, and so no mail for it.
    Unnamed,
    /// By nothing: TLS is begun with whoever answers. For what may be read by somebody in between, and for nothing that a person wrote.
    Whoever,
}

impl Verification {
    /// Whether it is DNSSEC that vouches.
    pub fn is_dane(&self) -> bool {
        matches!(self, Self::Dane { .. })
    }

    /// What a connection is begun with: TLS 1.2 or 1.3, and these authorities where authorities count.
    ///
    /// # Errors
    /// If the provider has no suite for these versions, and for [`Unnamed`](Self::Unnamed).
    pub fn config(&self, roots: &Arc<RootCertStore>, provider: Arc<CryptoProvider>) -> Result<ClientConfig, Error> {
        let builder =
            ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
        let builder = match self {
            Self::Dane { records, names } => builder.dangerous().with_custom_certificate_verifier(Arc::new(
                DaneVerifier::new(records.clone(), names.clone(), provider),
            )),
            Self::Policy | Self::Authority => builder.with_root_certificates(Arc::clone(roots)),
            Self::Unnamed => return Err(Error::General("the policy does not name the server".to_owned())),
            Self::Whoever => builder.dangerous().with_custom_certificate_verifier(Arc::new(Whoever(provider))),
        };
        Ok(builder.with_no_client_auth())
    }
}

/// Takes every certificate.
#[derive(Debug)]
struct Whoever(Arc<CryptoProvider>);

impl ServerCertVerifier for Whoever {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
