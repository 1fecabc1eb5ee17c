//! What the operator chooses about outgoing mail.

use super::AddressDomain;
use envelock_mail::deliver::Login;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

/// Outgoing mail.
#[derive(Debug, Clone)]
pub struct OutgoingSettings {
    /// The domains whose mail is sent: nobody else's address is a sender's.
    pub domains: Vec<AddressDomain>,
    /// The one server that all mail goes to; without it, to those of each recipient's domain.
    pub smarthost: Option<Smarthost>,
    /// Days for which a message is tried.
    pub days: NonZeroU32,
    /// Whether domains that want to know are told how TLS with their servers fared (TLSRPT).
    pub tls_reports: bool,
    /// For tests.
    #[cfg(feature = "test-network")]
    pub test: Option<TestMail>,
}

/// A server that passes mail on, under TLS with a certificate for its name.
#[derive(Clone)]
pub struct Smarthost {
    /// Its name.
    pub host: String,
    /// 465: TLS from the first octet (RFC 8314 §3). Any other: STARTTLS.
    pub port: u16,
    /// Who we are there.
    pub login: Option<Arc<Login>>,
}

impl fmt::Debug for Smarthost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Another DNS, and servers on addresses and a port of this machine.
#[cfg(feature = "test-network")]
#[derive(Debug, Clone)]
pub struct TestMail {
    /// Where DNS is.
    pub dns: std::net::SocketAddr,
    /// Its root's key.
    pub anchor: std::path::PathBuf,
    /// The port that stands for 25.
    pub port: u16,
    /// PEM file of the only authority.
    pub authority: std::path::PathBuf,
}
