//! Slow and idle clients do not keep others out: real sockets, real TLS.

use axum::body::Bytes;
use envelock_server::{Serving, Settings, SystemClock, serve};
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

type Tls = TlsStream<tokio::net::TcpStream>;

/// More than all buffers between here and there hold.
const LARGE: usize = 32 * 1024 * 1024;
const HERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 1);
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

struct Server {
    address: SocketAddr,
    directory: TempDir,
    running: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.running.abort();
    }
}

impl Server {
    async fn start(change: impl FnOnce(&mut Settings)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let web = directory.path().join("web");
        std::fs::create_dir(&web).unwrap();
        std::fs::write(web.join("large.bin"), vec![7; LARGE]).unwrap();
        let mut settings = Settings::new(directory.path().join("data"));
        settings.web_root = Some(web);
        settings.stall = Duration::from_secs(1);
        // What is on its way when a client stops counts as taken at this speed.
        settings.slowest_reader = (256 * 1024).try_into().unwrap();
        change(&mut settings);
        let serving = Serving::on(std::net::TcpListener::bind((HERE, 0)).unwrap());
        let (tell, told) = tokio::sync::oneshot::channel();
        let running = tokio::spawn(async move {
            let ready = |address| tell.send(address).unwrap();
            serve(settings, Arc::new(SystemClock), serving, ready, std::future::pending()).await.unwrap();
        });
        Self { address: told.await.unwrap(), directory, running }
    }

    async fn connect(&self, from: Ipv4Addr, protocol: &[u8]) -> io::Result<Tls> {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(8 * 1024)?;
        socket.bind((from, 0).into())?;
        let mut roots = RootCertStore::empty();
        let pem = self.directory.path().join("data/tls/self-signed.pem");
        roots.add(CertificateDer::from_pem_file(pem).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        let stream = socket.connect(self.address).await?;
        TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await
    }

    async fn get(&self, from: Ipv4Addr, path: &str) -> io::Result<Tls> {
        let mut stream = self.connect(from, b"http/1.1").await?;
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).await?;
        Ok(stream)
    }

    /// Whether somebody who asks from there is answered at once.
    async fn answers(&self, from: Ipv4Addr) -> bool {
        let ask = async {
            let mut stream = self.get(from, "/api/v1/server").await?;
            let mut answer = [0; 15];
            stream.read_exact(&mut answer).await.map(|_| answer)
        };
        matches!(timeout(Duration::from_secs(5), ask).await, Ok(Ok(answer)) if &answer == b"HTTP/1.1 200 OK")
    }

    async fn answers_soon(&self, from: Ipv4Addr) -> bool {
        let patience = Instant::now() + Duration::from_secs(8);
        while Instant::now() < patience {
            if self.answers(from).await {
                return true;
            }
            sleep(Duration::from_millis(50)).await;
        }
        false
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_network_cannot_take_all_connections() {
    let server = Server::start(|settings| {
        settings.connections = 20.try_into().unwrap();
        settings.connections_of_one_network = 8.try_into().unwrap();
    })
    .await;
    // Half a request each, an octet now and then.
    let mut slow = Vec::new();
    for _ in 0..8 {
        let mut stream = server.connect(HERE, b"http/1.1").await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nX-Slow: ").await.unwrap();
        slow.push(stream);
    }
    assert!(!server.answers(HERE).await, "no more for this network");
    assert!(server.answers(ELSEWHERE).await, "but for others");
    for stream in &mut slow {
        stream.write_all(b"x").await.unwrap();
    }
    drop(slow);
    assert!(server.answers_soon(HERE).await, "places are free again");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_networks_together_have_a_limit() {
    let server = Server::start(|settings| settings.connections = 4.try_into().unwrap()).await;
    let mut taken = Vec::new();
    for last in 1..=4 {
        taken.push(server.connect(Ipv4Addr::new(127, 0, 1, last), b"http/1.1").await.unwrap());
    }
    assert!(!server.answers(ELSEWHERE).await);
    taken.pop();
    assert!(server.answers_soon(ELSEWHERE).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_take_an_answer_is_cut_off() {
    let server = Server::start(|settings| settings.connections_of_one_network = 1.try_into().unwrap()).await;
    let started = Instant::now();
    let mut stuck = server.get(HERE, "/large.bin").await.unwrap();
    assert!(!server.answers(HERE).await, "the only place is taken");
    assert!(server.answers_soon(HERE).await, "and given back");
    assert!(started.elapsed() >= Duration::from_secs(1));
    let mut rest = Vec::new();
    assert!(stuck.read_to_end(&mut rest).await.is_err() || rest.len() < LARGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_octet_now_and_then_is_not_taking_an_answer() {
    let server = Server::start(|settings| settings.connections_of_one_network = 1.try_into().unwrap()).await;
    let mut trickle = server.get(HERE, "/large.bin").await.unwrap();
    let reading = tokio::spawn(async move {
        let mut octets = [0; 64];
        while trickle.read_exact(&mut octets).await.is_ok() {
            sleep(Duration::from_millis(200)).await;
        }
    });
    assert!(!server.answers(HERE).await);
    assert!(server.answers_soon(HERE).await);
    reading.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_slowly_but_steadily_gets_everything() {
    let server = Server::start(|_| {}).await;
    let mut stream = server.get(HERE, "/large.bin").await.unwrap();
    let mut octets = vec![0; LARGE / 64];
    let started = Instant::now();
    for _ in 0..64 {
        stream.read_exact(&mut octets).await.unwrap();
        sleep(Duration::from_millis(60)).await;
    }
    assert!(started.elapsed() > Duration::from_secs(3), "three times as long as a pause may be");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_http_2_answer_that_is_held_back_ends_the_connection_although_it_is_alive() {
    let server = Server::start(|_| {}).await;
    let stream = server.connect(HERE, b"h2").await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(64 * 1024)
        .handshake(TokioIo::new(stream))
        .await
        .unwrap();
    // Answers pings, takes other streams' octets.
    let connection = tokio::spawn(connection);
    let get = |path: &str| Request::get(format!("https://localhost{path}")).body(Empty::<Bytes>::new()).unwrap();
    let held = sender.send_request(get("/large.bin")).await.unwrap();
    let started = Instant::now();
    while let Ok(response) = sender.send_request(get("/api/v1/server")).await {
        let _ = response.into_body().collect().await;
        assert!(started.elapsed() < Duration::from_secs(20), "still alive");
        sleep(Duration::from_millis(50)).await;
    }
    assert!(held.into_body().collect().await.is_err());
    let _ = connection.await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_without_requests_ends_whether_it_answers_pings_or_not() {
    let server = Server::start(|settings| settings.idle = Duration::from_secs(1)).await;
    let stream = server.connect(HERE, b"h2").await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = Request::get("https://localhost/api/v1/server").body(Empty::<Bytes>::new()).unwrap();
    let answer = sender.send_request(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.into_body().collect().await.unwrap();
    let ended = timeout(Duration::from_secs(6), connection).await;
    assert!(ended.is_ok(), "the connection is still open");
}
