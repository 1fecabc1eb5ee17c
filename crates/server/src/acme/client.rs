//! HTTPS to the CA: one connection a request, little time, little room.

use super::AcmeError;
use crate::tls::{TlsError, authorities, client_config, connect_to_first};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::client::conn::http1;
use hyper::header::{self, HeaderValue};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use instant_acme::{BodyWrapper, BytesResponse, HttpClient};
use rustls::RootCertStore;
use rustls::pki_types::ServerName;
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

/// Largest answer: certificate chains have some kilobytes.
const ANSWER_BYTES: usize = 1024 * 1024;

/// The authorities that may certify the CA's host.
pub(super) fn roots(file: Option<&Path>) -> Result<RootCertStore, AcmeError> {
    let roots = authorities(file).ok().filter(|roots| !roots.is_empty());
    roots.ok_or_else(|| file.map_or(AcmeError::NoAuthorities, |path| AcmeError::Root { path: path.to_owned() }))
}

/// Asks the CA.
pub(super) struct Client(TlsConnector);

impl Client {
    pub(super) fn new(roots: RootCertStore) -> Result<Self, AcmeError> {
        Ok(Self(TlsConnector::from(Arc::new(client_config(roots).map_err(TlsError::from)?))))
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
    connect_to_first(tokio::net::lookup_host((host, port)).await?, TcpStream::connect).await
}
