//! TLS where this server is the client: whom it believes, what it speaks, how long it tries to connect.

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls::{ClientConfig, RootCertStore};
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// One attempt to connect: hosts have several addresses, and one that swallows everything must not use up the time of the others.
const CONNECT: Duration = Duration::from_secs(3);

/// The authorities of this PEM file and no other, or those of the machine (`SSL_CERT_FILE` names others); there may be none.
pub(crate) fn authorities(file: Option<&Path>) -> Result<RootCertStore, pem::Error> {
    let certificates = match file {
        Some(path) => CertificateDer::pem_file_iter(path)?.collect::<Result<_, _>>()?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates);
    Ok(roots)
}

/// TLS 1.3 and 1.2, HTTP/1.1, a certificate of one of these authorities.
pub(crate) fn client_config(roots: RootCertStore) -> Result<ClientConfig, rustls::Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// A connection to the first of a host's addresses that takes one.
pub(crate) async fn connect_to_first<C>(
    addresses: impl IntoIterator<Item = SocketAddr>,
    connect: impl Fn(SocketAddr) -> C,
) -> io::Result<TcpStream>
where
    C: Future<Output = io::Result<TcpStream>>,
{
    let mut last = io::Error::other("it has no address");
    for address in addresses {
        match timeout(CONNECT, connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn the_first_address_that_takes_a_connection_gets_it() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let good = listener.local_addr().unwrap();
        let closed = SocketAddr::from(([127, 0, 0, 1], 1));
        let silent = SocketAddr::from(([192, 0, 2, 1], 443));
        // One that swallows everything, one that refuses, one that is well.
        let connect = |address| async move {
            if address == silent { std::future::pending().await } else { TcpStream::connect(address).await }
        };
        let stream = connect_to_first([silent, closed, good], connect).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), good);
        assert!(connect_to_first([closed], connect).await.is_err());
        assert!(connect_to_first([], connect).await.is_err());
    }

    #[test]
    fn a_file_names_the_only_authorities() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(authorities(Some(file.path())).unwrap().is_empty(), "the machine's do not count then");
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(file.path(), own.cert.pem()).unwrap();
        assert_eq!(authorities(Some(file.path())).unwrap().len(), 1);
        assert!(authorities(Some(Path::new("/nowhere/ca.pem"))).is_err());
    }
}
