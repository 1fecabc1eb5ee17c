//! One `GET` over TLS to a vetted address: no redirects, no decompression, little time, little room.

use super::guard::is_public;
use super::network::{Network, NoAddress};
use crate::tls::{client_config, connect_to_first};
use bytes::Bytes;
use envelock_wire::LookupUrl;
use envelock_wire::limits::LOOKUP_BYTES;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_util::task::AbortOnDropHandle;

/// One request, from the name to the last octet.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Addresses of a host that are tried.
const ADDRESSES: usize = 4;

/// Largest header of an answer, in octets, and its most fields.
const HEADER_BYTES: usize = 32 * 1024;
const HEADER_FIELDS: usize = 64;

/// What a host said.
#[derive(Debug)]
pub(super) enum Answer {
    /// What may be what is looked for.
    Octets(Vec<u8>),
    /// That it has none: any status but 200 below 500, redirects included, or a web page.
    Nothing,
    /// There is no such host.
    NoHost,
    /// Nothing usable.
    Failed(Cause),
}

/// Why there was no usable answer. For the log: it names neither address nor path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// The name could not be resolved just now.
    Resolver,
    /// The host has no address that strangers may send this server to.
    ForbiddenAddress,
    /// No address accepts connections.
    Unreachable,
    /// No TLS.
    Tls,
    /// No certificate for this name by a known authority.
    Certificate,
    /// Not HTTP, broken off, compressed, or a fault of theirs.
    Http,
    /// More than 1 MiB.
    TooLarge,
    /// Too slow.
    Time,
}

/// What is looked for. Many sites answer any path with a web page.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted {
    /// Octets that may be OpenPGP, of whatever type.
    OpenPgp,
    /// What says that it is `text/plain` (RFC 8461 §3.2).
    Text,
}

/// Asks hosts.
pub(super) struct Client {
    network: Arc<dyn Network>,
    wanted: Wanted,
    patience: Duration,
    /// Read from the disk at the first lookup.
    tls: OnceLock<Option<TlsConnector>>,
}

impl Client {
    /// Over this network; one request may take as long as `patience`.
    pub(super) fn new(network: Arc<dyn Network>, wanted: Wanted, patience: Duration) -> Self {
        Self { network, wanted, patience, tls: OnceLock::new() }
    }

    pub(super) async fn get(&self, url: &LookupUrl) -> Answer {
        match timeout(self.patience, self.try_get(url)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(cause)) => Answer::Failed(cause),
            Err(_) => Answer::Failed(Cause::Time),
        }
    }

    async fn try_get(&self, url: &LookupUrl) -> Result<Answer, Cause> {
        let addresses = match self.network.resolve(&url.host).await {
            Ok(addresses) => addresses,
            Err(NoAddress::Absent) => return Ok(Answer::NoHost),
            Err(NoAddress::Failed) => return Err(Cause::Resolver),
        };
        if addresses.is_empty() {
            return Ok(Answer::NoHost);
        }
        // The connection goes to an address that was vetted, never to a name that could be resolved anew.
        let vetted: Vec<SocketAddr> = addresses
            .into_iter()
            .filter(|address| is_public(*address))
            .take(ADDRESSES)
            .map(|address| SocketAddr::new(address, url.port))
            .collect();
        if vetted.is_empty() {
            return Err(Cause::ForbiddenAddress);
        }
        let stream = connect_to_first(vetted, |address| self.network.connect(address)).await;
        let stream = stream.map_err(|_| Cause::Unreachable)?;
        let name = ServerName::try_from(url.host.clone()).map_err(|_| Cause::Tls)?;
        let tls = self.tls().ok_or(Cause::Tls)?.connect(name, stream).await.map_err(no_tls)?;
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(HEADER_BYTES)
            .max_headers(HEADER_FIELDS)
            .handshake(TokioIo::new(tls))
            .await
            .map_err(|_| Cause::Http)?;
        // Ends with this request, however that ends.
        let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
        let request = Request::get(&url.target)
            .header(header::HOST, url.authority())
            .header(header::USER_AGENT, "Envelock")
            .header(header::ACCEPT_ENCODING, "identity")
            .header(header::CONNECTION, "close")
            .body(Empty::<Bytes>::new())
            .map_err(|_| Cause::Http)?;
        let response = sender.send_request(request).await.map_err(|_| Cause::Http)?;
        // No redirect is followed: the draft knows none, and each would be another host a stranger chooses.
        match response.status() {
            StatusCode::OK => {}
            status if status.is_server_error() => return Err(Cause::Http),
            _ => return Ok(Answer::Nothing),
        }
        let coding = response.headers().get(header::CONTENT_ENCODING);
        if coding.is_some_and(|coding| coding != "identity") {
            return Err(Cause::Http);
        }
        let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_text = kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/plain"));
        let body = Limited::new(response.into_body(), LOOKUP_BYTES).collect().await.map_err(|error| {
            if error.is::<http_body_util::LengthLimitError>() { Cause::TooLarge } else { Cause::Http }
        })?;
        let octets: Vec<u8> = body.to_bytes().into();
        let is_wanted = match self.wanted {
            Wanted::OpenPgp => may_be_openpgp(&octets),
            Wanted::Text => is_text,
        };
        Ok(if is_wanted { Answer::Octets(octets) } else { Answer::Nothing })
    }

    fn tls(&self) -> Option<&TlsConnector> {
        let make = || Some(TlsConnector::from(Arc::new(client_config(self.network.roots()).ok()?)));
        self.tls.get_or_init(make).as_ref()
    }
}

fn no_tls(error: std::io::Error) -> Cause {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    if matches!(cause, Some(rustls::Error::InvalidCertificate(_))) { Cause::Certificate } else { Cause::Tls }
}

/// Many sites answer any path with a web page. Binary OpenPGP begins with a set bit, armor with dashes; the content type
/// says nothing (draft-koch-openpgp-webkey-service §3.1).
fn may_be_openpgp(octets: &[u8]) -> bool {
    let text = octets.trim_ascii_start();
    octets.first().is_some_and(|first| first & 0x80 != 0) || text.starts_with(b"-----BEGIN PGP ")
}

#[cfg(test)]
mod tests {
    #![allow(missing_docs)]
    use super::*;

    #[test]
    fn web_pages_are_no_certificates() {
        assert!(may_be_openpgp(&[0x98, 0x33]) && may_be_openpgp(&[0xc6, 0x33]));
        assert!(may_be_openpgp(b"\r\n-----BEGIN PGP PUBLIC KEY BLOCK-----\r\n"));
        assert!(!may_be_openpgp(b"<!doctype html>") && !may_be_openpgp(b"") && !may_be_openpgp(b"not found"));
    }
}
