//! The program on a real port: TLS, time limits, certificate, signals.

use crate::testbed;
use crate::testbed::spawned::Spawned;
use envelock_server::storage::DatabaseLocation;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, ProtocolVersion, RootCertStore, StreamOwned, SupportedProtocolVersion};
use sqlx::Connection;
use std::io::{BufRead, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

type Tls = StreamOwned<ClientConnection, TcpStream>;

fn connect(
    server: &Spawned,
    data: &Path,
    name: &'static str,
    version: &'static SupportedProtocolVersion,
) -> std::io::Result<Tls> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(data.join("tls/self-signed.pem")).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connection = ClientConnection::new(Arc::new(config), ServerName::try_from(name).unwrap()).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(("127.0.0.1", server.port()))?);
    stream.sock.set_read_timeout(Some(Duration::from_secs(60)))?;
    stream.conn.complete_io(&mut stream.sock)?;
    Ok(stream)
}

#[tokio::test(flavor = "multi_thread")]
async fn both_versions_have_forward_secrecy_and_the_certificate_is_for_this_machine() {
    let data = tempfile::tempdir().unwrap();
    let server = Spawned::start(data.path(), &["--public-name", "mail.example.org"]).await;
    for name in ["localhost", "127.0.0.1", "::1", "mail.example.org"] {
        let stream = connect(&server, data.path(), name, &rustls::version::TLS13).unwrap();
        assert_eq!(stream.conn.protocol_version(), Some(ProtocolVersion::TLSv1_3));
    }
    let stream = connect(&server, data.path(), "localhost", &rustls::version::TLS12).unwrap();
    assert_eq!(stream.conn.protocol_version(), Some(ProtocolVersion::TLSv1_2));
    let suite = format!("{:?}", stream.conn.negotiated_cipher_suite().unwrap().suite());
    assert!(suite.starts_with("TLS_ECDHE_"), "{suite}");
    assert!(connect(&server, data.path(), "other.example.org", &rustls::version::TLS13).is_err());
    assert_eq!(server.origin.split(':').nth(1), Some("//mail.example.org"));
}

#[tokio::test(flavor = "multi_thread")]
async fn http_2_is_offered_and_clear_text_gets_no_answer() {
    let data = tempfile::tempdir().unwrap();
    let server = Spawned::start(data.path(), &[]).await;
    let response = server.client.get(server.url("/api/v1/server")).send().await.unwrap();
    assert_eq!(response.version(), reqwest::Version::HTTP_2);
    assert_eq!(response.headers()["strict-transport-security"], "max-age=63072000; includeSubDomains");

    let mut clear = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    clear.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    clear.write_all(b"GET /api/v1/server HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = clear.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP/"), "an alert at most");
}

#[tokio::test(flavor = "multi_thread")]
async fn http_1_works_and_whoever_dawdles_is_cut_off() {
    let data = tempfile::tempdir().unwrap();
    let server = Spawned::start(data.path(), &[]).await;
    let mut polite = connect(&server, data.path(), "localhost", &rustls::version::TLS13).unwrap();
    polite.write_all(b"GET /api/v1/server HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    let _ = polite.read_to_string(&mut answer);
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");

    let started = Instant::now();
    let mut slow = connect(&server, data.path(), "localhost", &rustls::version::TLS13).unwrap();
    slow.write_all(b"GET /api/v1/server HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").unwrap();
    let mut silent = connect(&server, data.path(), "localhost", &rustls::version::TLS13).unwrap();
    let mut rest = Vec::new();
    let _ = slow.read_to_end(&mut rest);
    let _ = silent.read_to_end(&mut rest);
    assert!(started.elapsed() < Duration::from_secs(40), "{:?}", started.elapsed());

    let mut large = connect(&server, data.path(), "localhost", &rustls::version::TLS13).unwrap();
    // It may hang up before everything is written.
    let _ = large
        .write_all(format!("GET / HTTP/1.1\r\nHost: localhost\r\nX-Large: {}\r\n\r\n", "x".repeat(200_000)).as_bytes());
    let mut answer = Vec::new();
    let _ = large.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_for_the_owner_only_and_the_certificate_stays() {
    let data = tempfile::tempdir().unwrap();
    let directory = data.path().join("made/by/the/server");
    let mut server = Spawned::start(&directory, &[]).await;
    server.login().await;
    server.seal(100).await;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for private in ["", "blobs", "incoming", "tls"] {
        assert_eq!(mode(&directory.join(private)), 0o700, "{private}");
    }
    let database = match testbed::databases::location(&directory).await {
        DatabaseLocation::DataDirectory => ["envelock.sqlite", "envelock.sqlite-wal"].as_slice(),
        _ => &[],
    };
    for private in database.iter().chain(&["tls/self-signed.key"]) {
        assert_eq!(mode(&directory.join(private)), 0o600, "{private}");
    }
    let blob = std::fs::read_dir(directory.join("blobs")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(mode(&blob), 0o600);
    let certificate = std::fs::read(directory.join("tls/self-signed.pem")).unwrap();
    server.kill();
    drop(Spawned::start(&directory, &[]).await);
    assert_eq!(std::fs::read(directory.join("tls/self-signed.pem")).unwrap(), certificate);
}

fn signal(server: &Spawned, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &server.child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// It had no handler yet, so that it ended the server.
#[test]
fn sighup_while_it_starts_ends_nothing() {
    let data = tempfile::tempdir().unwrap();
    // Somebody else has the database, so that the start takes as long as this test likes.
    let database = format!("sqlite:{}/envelock.sqlite?mode=rwc", data.path().display());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let holding = runtime.block_on(async {
        let mut connection = sqlx::sqlite::SqliteConnection::connect(&database).await.unwrap();
        sqlx::raw_sql("PRAGMA journal_mode = WAL; BEGIN EXCLUSIVE").execute(&mut connection).await.unwrap();
        connection
    });
    let mut child = Command::new(env!("CARGO_BIN_EXE_envelock-server"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let caught = |status: &str| {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        u64::from_str_radix(mask.trim(), 16).unwrap() & 1 == 1
    };
    let deadline = Instant::now() + Duration::from_secs(5);
    while !caught(&std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap()) {
        assert!(Instant::now() < deadline, "it listens for SIGHUP before it opens the database");
        std::thread::sleep(Duration::from_millis(5));
    }
    let sent = Command::new("kill").args(["-s", "HUP", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    runtime.block_on(holding.close()).unwrap();
    let mut line = String::new();
    std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("Envelock is ready at "), "{line}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_ends_it_in_order_and_sighup_reads_a_new_certificate() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Spawned::start(data.path(), &[]).await;
    let served = |stream: &Tls| stream.conn.peer_certificates().unwrap()[0].as_ref().to_vec();
    let before = served(&connect(&server, data.path(), "localhost", &rustls::version::TLS13).unwrap());

    let elsewhere = tempfile::tempdir().unwrap();
    let new = envelock_server::tls::self_signed(elsewhere.path(), None, time::OffsetDateTime::now_utc()).unwrap();
    std::fs::copy(&new.certificate, data.path().join("tls/self-signed.pem")).unwrap();
    std::fs::copy(&new.key, data.path().join("tls/self-signed.key")).unwrap();
    signal(&server, "HUP");
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        match connect(&server, data.path(), "localhost", &rustls::version::TLS13) {
            Ok(stream) if served(&stream) != before => break,
            _ => assert!(Instant::now() < deadline, "the new certificate is served"),
        }
        std::thread::sleep(Duration::from_millis(20));
    }

    signal(&server, "TERM");
    let status = server.child.wait().unwrap();
    assert!(status.success(), "{status}");
    // The last connection closed: SQLite has moved its log into the database.
    assert!(!data.path().join("envelock.sqlite-wal").exists());
}

#[test]
fn a_port_in_use_and_a_missing_key_are_said_in_one_sentence() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let data = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_envelock-server"))
            .args(["serve", "--data-dir", data.path().to_str().unwrap()])
            .args(arguments)
            .output()
            .unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let address = taken.local_addr().unwrap().to_string();
    assert!(run(&["--listen", &address]).contains(&format!("cannot listen on {address}")));
    assert!(
        run(&["--listen", "127.0.0.1:0", "--tls-certificate", "/nowhere.pem", "--tls-key", "/nowhere.key"])
            .contains("/nowhere.pem")
    );
    assert!(run(&["--listen", "127.0.0.1:0", "--tls-certificate", "/nowhere.pem"]).contains("--tls-key"));
    assert!(run(&["--listen", "127.0.0.1:0", "--web-root", "/nowhere"]).contains("/nowhere"));
}
