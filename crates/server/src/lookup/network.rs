//! The two questions to the network: where is this host, and a connection there.

use crate::tls::authorities;
use futures_util::future::BoxFuture;
use rustls::RootCertStore;
use std::io;
use std::net::{IpAddr, SocketAddr};
use tokio::net::TcpStream;

/// Why a name gave no addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoAddress {
    /// There is no such host, or it has no address.
    Absent,
    /// It could not be found out.
    Failed,
}

/// Names, connections and whom to trust, for lookups. What it says is vetted by its caller.
pub(crate) trait Network: Send + Sync + 'static {
    /// All addresses of this host.
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, NoAddress>>;

    /// A connection to this very address.
    fn connect(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<TcpStream>>;

    /// The authorities that certify hosts.
    fn roots(&self) -> RootCertStore;
}

/// The machine's resolver, network and authorities (`SSL_CERT_FILE` names others).
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemNetwork;

impl Network for SystemNetwork {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, NoAddress>> {
        Box::pin(async move {
            // The final dot keeps the resolver from trying the name below the domains of its search list.
            match tokio::net::lookup_host((format!("{host}."), 0)).await {
                Ok(addresses) => Ok(addresses.map(|address| address.ip()).collect()),
                Err(error) => Err(kind(&error.to_string())),
            }
        })
    }

    fn connect(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<TcpStream>> {
        Box::pin(TcpStream::connect(address))
    }

    fn roots(&self) -> RootCertStore {
        let roots = authorities(None).unwrap_or_else(|_| RootCertStore::empty());
        if roots.is_empty() {
            tracing::warn!(
                "this machine has no certificate authorities: every lookup will fail (install ca-certificates)"
            );
        }
        roots
    }
}

/// `getaddrinfo`'s EAI_AGAIN, which std tells by its text alone: of glibc, of musl.
fn kind(error: &str) -> NoAddress {
    let temporary = ["Temporary failure", "Try again"].iter().any(|text| error.contains(text));
    if temporary { NoAddress::Failed } else { NoAddress::Absent }
}

/// For tests of the whole program: every host is at one public address, which is reached at one local port.
#[cfg(feature = "test-network")]
#[derive(Debug, Clone)]
pub struct TestNetwork {
    /// Where all connections go.
    pub to: SocketAddr,
    /// PEM file of the only authority.
    pub authority: std::path::PathBuf,
    /// Hosts that exist; all others do not.
    pub hosts: Vec<String>,
}

#[cfg(feature = "test-network")]
impl Network for TestNetwork {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, NoAddress>> {
        let known = self.hosts.iter().any(|known| known == host);
        Box::pin(async move { if known { Ok(vec![IpAddr::from([93, 184, 215, 14])]) } else { Err(NoAddress::Absent) } })
    }

    fn connect(&self, _: SocketAddr) -> BoxFuture<'_, io::Result<TcpStream>> {
        Box::pin(TcpStream::connect(self.to))
    }

    fn roots(&self) -> RootCertStore {
        authorities(Some(&self.authority)).unwrap_or_else(|_| RootCertStore::empty())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn a_failing_resolver_is_no_missing_host() {
        assert_eq!(
            kind("failed to lookup address information: Temporary failure in name resolution"),
            NoAddress::Failed
        );
        assert_eq!(kind("failed to lookup address information: Try again"), NoAddress::Failed);
        assert_eq!(kind("failed to lookup address information: Name or service not known"), NoAddress::Absent);
        assert_eq!(
            kind("failed to lookup address information: No address associated with hostname"),
            NoAddress::Absent
        );
    }
}
