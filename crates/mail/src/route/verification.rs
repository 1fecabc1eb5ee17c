//! How a server proves that it is the one, as TLS wants to know it.

use super::{DaneVerifier, Tlsa};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, Error, RootCertStore};
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
}

impl Verification {
    /// Whether it is DNSSEC that vouches.
    pub fn is_dane(&self) -> bool {
        matches!(self, Self::Dane { .. })
    }

    /// What a connection is begun with: TLS 1.2 or 1.3, and these authorities where authorities count.
    ///
    /// # Errors
    /// If the provider has no suite for these versions.
    pub fn config(&self, roots: &Arc<RootCertStore>, provider: Arc<CryptoProvider>) -> Result<ClientConfig, Error> {
        let builder =
            ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
        Ok(match self {
            Self::Dane { records, names } => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(DaneVerifier::new(records.clone(), names.clone(), provider)))
                .with_no_client_auth(),
            Self::Policy | Self::Authority => builder.with_root_certificates(Arc::clone(roots)).with_no_client_auth(),
        })
    }
}
