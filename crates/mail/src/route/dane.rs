//! DANE for SMTP (RFC 7672): a server is the one whose certificate or key DNSSEC names, whatever authorities say.
//!
//! Of the usages of RFC 6698, 2 (a trust anchor of the domain's own) and 3 (the server's own certificate or key) are for mail; 0 and 1 are
//! unusable (§3.1.3). Names and dates do not count for usage 3 (§3.1.1): the record says it all.

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use sha2::{Digest, Sha256, Sha512};
use std::fmt;
use std::sync::Arc;
use x509_parser::prelude::{FromDer, X509Certificate};

/// A TLSA record that can be used (RFC 6698 §2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tlsa {
    is_anchor: bool,
    is_key: bool,
    matching: Matching,
    data: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Matching {
    Whole,
    Sha256,
    Sha512,
}

impl fmt::Display for Tlsa {
    /// As in a zone file (RFC 6698 §2.2).
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let usage = if self.is_anchor { 2 } else { 3 };
        let matching = match self.matching {
            Matching::Whole => 0,
            Matching::Sha256 => 1,
            Matching::Sha512 => 2,
        };
        write!(formatter, "{usage} {} {matching} ", u8::from(self.is_key))?;
        self.data.iter().try_for_each(|octet| write!(formatter, "{octet:02x}"))
    }
}

/// A record that says nothing here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a TLSA record of a usage, selector or matching type that is not for mail")]
pub struct UnusableTlsa;

impl Tlsa {
    /// From the numbers of a record: usage, selector, matching type, and its data.
    ///
    /// # Errors
    /// [`UnusableTlsa`] for usages other than 2 and 3, unknown numbers, and digests of the wrong length.
    pub fn new(usage: u8, selector: u8, matching: u8, data: &[u8]) -> Result<Self, UnusableTlsa> {
        let is_anchor = match usage {
            2 => true,
            3 => false,
            _ => return Err(UnusableTlsa),
        };
        let is_key = match selector {
            0 => false,
            1 => true,
            _ => return Err(UnusableTlsa),
        };
        let matching = match (matching, data.len()) {
            (0, 1..) => Matching::Whole,
            (1, 32) => Matching::Sha256,
            (2, 64) => Matching::Sha512,
            _ => return Err(UnusableTlsa),
        };
        Ok(Self { is_anchor, is_key, matching, data: data.to_vec() })
    }

    /// Whether the record names this certificate, or its key.
    fn names(&self, certificate: &CertificateDer<'_>) -> bool {
        let key;
        let selected: &[u8] = match self.is_key {
            false => certificate,
            true => match X509Certificate::from_der(certificate) {
                Ok((_, parsed)) => {
                    key = parsed.tbs_certificate.subject_pki.raw.to_vec();
                    &key
                }
                Err(_) => return false,
            },
        };
        match self.matching {
            Matching::Whole => self.data == selected,
            Matching::Sha256 => self.data == Sha256::digest(selected).as_slice(),
            Matching::Sha512 => self.data == Sha512::digest(selected).as_slice(),
        }
    }
}

/// Verifies a server by TLSA records that were themselves validated by DNSSEC.
#[derive(Debug)]
pub struct DaneVerifier {
    records: Vec<Tlsa>,
    /// Names a certificate under an anchor may be of: the server's, and the domain's (§3.2.2).
    names: Vec<ServerName<'static>>,
    provider: Arc<CryptoProvider>,
}

impl DaneVerifier {
    /// With usable records; without one, nothing is ever verified.
    pub fn new(records: Vec<Tlsa>, names: Vec<ServerName<'static>>, provider: Arc<CryptoProvider>) -> Self {
        Self { records, names, provider }
    }

    /// Usage 2: some certificate of the chain is named, and what the server has was issued under it.
    fn is_under_anchor(
        &self,
        end: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        ocsp: &[u8],
        now: UnixTime,
    ) -> bool {
        let anchors = || self.records.iter().filter(|record| record.is_anchor);
        // A record may hold the anchor itself, which the server then need not send (§3.1.2).
        let held = anchors()
            .filter(|record| record.matching == Matching::Whole && !record.is_key)
            .map(|record| CertificateDer::from(record.data.as_slice()));
        let sent = chain.iter().filter(|certificate| anchors().any(|record| record.names(certificate))).cloned();
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(sent.chain(held).map(CertificateDer::into_owned));
        let provider = Arc::clone(&self.provider);
        let Ok(verifier) = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build() else {
            return false;
        };
        self.names.iter().any(|name| verifier.verify_server_cert(end, chain, name, ocsp, now).is_ok())
    }
}

impl ServerCertVerifier for DaneVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let is_named = self.records.iter().any(|record| !record.is_anchor && record.names(end_entity));
        if is_named || self.is_under_anchor(end_entity, intermediates, ocsp_response, now) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
