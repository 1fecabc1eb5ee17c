//! HTTPS to the CA: one connection a request, little time, little room.

use super::AcmeError;
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::client::conn::http1;
use hyper::header::{self, HeaderValue};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use instant_acme::{BodyWrapper, BytesResponse, HttpClient};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::error::Error;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_util::task::AbortOnDropHandle;

/// One request, from the name to the last octet.
const PATIENCE: Duration = Duration::from_secs(30);

/// One attempt to connect: hosts have several addresses, and one that swallows everything must not use up the time of the others.
const CONNECT: Duration = Duration::from_secs(3);

/// Largest answer: certificate chains have some kilobytes.
const ANSWER_BYTES: usize = 1024 * 1024;

/// The authorities that may certify the CA's host.
pub(super) fn roots(file: Option<&Path>) -> Result<RootCertStore, AcmeError> {
    let mut roots = RootCertStore::empty();
    match file {
        Some(path) => {
            let certificates = CertificateDer::pem_file_iter(path).map(|all| all.flatten().collect::<Vec<_>>());
            if roots.add_parsable_certificates(certificates.unwrap_or_default()).0 == 0 {
                return Err(AcmeError::Root { path: path.to_owned() });
            }
        }
        None => {
            if roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs).0 == 0 {
                return Err(AcmeError::NoAuthorities);
            }
        }
    }
    Ok(roots)
}

/// Asks the CA.
pub(super) struct Client(TlsConnector);

impl Client {
    pub(super) fn new(roots: RootCertStore) -> Result<Self, AcmeError> {
        let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(crate::tls::TlsError::from)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }
}

impl HttpClient for Client {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, instant_acme::Error>> + Send>> {
        let connector = self.0.clone();
        Box::pin(async move {
            match timeout(PATIENCE, ask(connector, request)).await {
                Ok(answer) => answer.map_err(instant_acme::Error::Other),
                Err(_) => Err(instant_acme::Error::Other("the CA did not answer in time".into())),
            }
        })
    }
}

async fn ask(
    connector: TlsConnector,
    mut request: Request<BodyWrapper<Bytes>>,
) -> Result<BytesResponse, Box<dyn Error + Send + Sync>> {
    let uri = request.uri().clone();
    // RFC 8555 §6.1: HTTPS, whatever the directory says.
    let (Some("https"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err("the CA's directory names a URL that is not https".into());
    };
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    let stream = connect(host, authority.port_u16().unwrap_or(443))
        .await
        .map_err(|error| format!("{host} cannot be reached: {error}"))?;
    let stream = connector
        .connect(ServerName::try_from(host.to_owned())?, stream)
        .await
        .map_err(|error| format!("no TLS with {host}: {error}"))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Ends with this request, however that ends.
    let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let host = HeaderValue::from_str(authority.as_str())?;
    *request.uri_mut() = target.parse::<Uri>()?;
    request.headers_mut().insert(header::HOST, host);
    let (parts, body) = sender.send_request(request).await?.into_parts();
    let body = Limited::new(body, ANSWER_BYTES).collect().await.map_err(io::Error::other)?.to_bytes();
    Ok(BytesResponse { parts, body: Box::new(body) })
}

async fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut last = io::Error::other("it has no address");
    for address in tokio::net::lookup_host((host, port)).await? {
        match timeout(CONNECT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}
