//! A small internet on one port of this machine: names, addresses, a certificate authority, and hosts that answer.

use super::super::network::{Network, NoAddress};
use super::super::{Lookup, NotFound};
use crate::clock::SystemClock;
use crate::settings::Settings;
use envelock_wire::FoundCertificates;
use futures_util::future::BoxFuture;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{RootCertStore, ServerConfig};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A public address, and another one.
pub(super) const PUBLIC: &str = "93.184.215.14";
pub(super) const OTHER: &str = "2606:4700::1";

/// What a binary certificate begins with, and something.
pub(super) const CERTIFICATE: &[u8] = b"\x98\x33 a certificate";

/// `200` with this body.
pub(super) fn ok(body: &[u8]) -> Vec<u8> {
    with("200 OK", &format!("Content-Length: {}\r\n", body.len()), body)
}

pub(super) fn with(status: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {status}\r\n{fields}Connection: close\r\n\r\n").as_bytes(), body].concat()
}

pub(super) fn not_found() -> Vec<u8> {
    with("404 Not Found", "Content-Length: 0\r\n", b"")
}

#[derive(Default)]
struct State {
    /// What the resolver says, one answer a time, the last one for ever.
    names: HashMap<String, VecDeque<Result<Vec<IpAddr>, NoAddress>>>,
    /// What is sent for `host/path…`; the longest that fits the beginning.
    answers: HashMap<String, Vec<u8>>,
    resolved: Vec<String>,
    connected: Vec<SocketAddr>,
    requests: Vec<String>,
    /// After its answer a host keeps the connection open, and sends an octet now and then.
    lingers: bool,
}

#[derive(Clone)]
pub(super) struct World {
    state: Arc<Mutex<State>>,
    port: SocketAddr,
    authority: CertificateDer<'static>,
}

impl World {
    /// With hosts whose certificates are for these names.
    pub(super) async fn new(certified: &[&str]) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let authority = params.self_signed(&key).unwrap();
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = certified.iter().map(|name| (*name).to_owned()).collect();
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let world =
            Self { state: Arc::default(), port: listener.local_addr().unwrap(), authority: authority.der().clone() };
        tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(config)), Arc::clone(&world.state)));
        world
    }

    /// The name has these addresses.
    pub(super) fn name(&self, name: &str, addresses: &[&str]) -> &Self {
        self.name_in_turn(name, &[addresses])
    }

    /// The name has these addresses when asked first, those when asked again.
    pub(super) fn name_in_turn(&self, name: &str, turns: &[&[&str]]) -> &Self {
        let parse = |turn: &&[&str]| Ok(turn.iter().map(|address| address.parse().unwrap()).collect());
        self.state.lock().unwrap().names.insert(name.into(), turns.iter().map(parse).collect());
        self
    }

    pub(super) fn resolver_fails_for(&self, name: &str) -> &Self {
        self.state.lock().unwrap().names.insert(name.into(), VecDeque::from([Err(NoAddress::Failed)]));
        self
    }

    /// This is what is sent for requests that begin like this.
    pub(super) fn answer(&self, request: &str, answer: Vec<u8>) -> &Self {
        self.state.lock().unwrap().answers.insert(request.into(), answer);
        self
    }

    pub(super) fn linger(&self) -> &Self {
        self.state.lock().unwrap().lingers = true;
        self
    }

    pub(super) fn resolved(&self) -> Vec<String> {
        self.state.lock().unwrap().resolved.clone()
    }

    pub(super) fn connected(&self) -> Vec<SocketAddr> {
        self.state.lock().unwrap().connected.clone()
    }

    /// `host/path?query` of every request.
    pub(super) fn requests(&self) -> Vec<String> {
        self.state.lock().unwrap().requests.clone()
    }

    /// Hosts that were asked, in order.
    pub(super) fn asked(&self) -> Vec<String> {
        self.requests().iter().map(|request| request.split('/').next().unwrap().to_owned()).collect()
    }

    pub(super) fn lookup(&self, keyservers: &[&str]) -> Lookup {
        let mut settings = Settings::new("/nowhere");
        settings.keyservers = keyservers.iter().map(|keyserver| keyserver.parse().unwrap()).collect();
        Lookup::new(&settings, Arc::new(self.clone()), Arc::new(SystemClock))
    }

    pub(super) async fn find(&self, address: &str) -> Result<FoundCertificates, NotFound> {
        self.lookup(&[]).find(1, address).await
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, state: Arc<Mutex<State>>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (acceptor, state) = (acceptor.clone(), Arc::clone(&state));
        tokio::spawn(async move {
            // Whoever does not trust this host hangs up.
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let Ok(octet) = stream.read_u8().await else { return };
                head.push(octet);
            }
            let head = String::from_utf8(head).unwrap();
            let target = head.strip_prefix("GET ").unwrap().split(' ').next().unwrap();
            let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
            let request = format!("{host}{target}");
            let (answer, lingers) = {
                let mut state = state.lock().unwrap();
                state.requests.push(request.clone());
                let fits = state.answers.iter().filter(|(begin, _)| request.starts_with(begin.as_str()));
                let answer = fits.max_by_key(|(begin, _)| begin.len()).map(|(_, answer)| answer.clone());
                (answer.unwrap_or_else(not_found), state.lingers)
            };
            let _ = stream.write_all(&answer).await;
            while lingers && stream.write_all(b"x").await.is_ok() && stream.flush().await.is_ok() {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            let _ = stream.shutdown().await;
        });
    }
}

impl Network for World {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, NoAddress>> {
        let mut state = self.state.lock().unwrap();
        state.resolved.push(host.to_owned());
        let answer = match state.names.get_mut(host) {
            None => Err(NoAddress::Absent),
            Some(turns) if turns.len() > 1 => turns.pop_front().unwrap(),
            Some(turns) => turns.front().unwrap().clone(),
        };
        Box::pin(std::future::ready(answer))
    }

    fn connect(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<TcpStream>> {
        self.state.lock().unwrap().connected.push(address);
        Box::pin(TcpStream::connect(self.port))
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.clone()).unwrap();
        roots
    }
}

impl World {
    /// The same, but trusting another one's authority only.
    pub(super) fn trusting(mut self, other: &World) -> Self {
        self.authority = other.authority.clone();
        self
    }
}
