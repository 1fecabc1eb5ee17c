//! Certificates from a real CA (Pebble): ordered, kept, renewed, shared, and what is said when there is none.

use super::pebble::suggesting::Suggesting;
use super::pebble::{LIFE, Pebble, free_port};
use super::tls_scanner::Said;
use super::tls_scanner::answer::Answer;
use super::tls_scanner::hello::Hello;
use crate::signed_zone::SignedZone;
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const DAY: i64 = 24 * 3600;

/// The program, without an account, on a port that is chosen before.
struct Server {
    child: Child,
    port: u16,
    log: PathBuf,
}

impl Server {
    fn start(directory: &Path, port: u16, pebble: &Pebble, more: &[&str]) -> Self {
        let log = directory.join(format!("log-{port}"));
        let mut program = Command::new(env!("CARGO_BIN_EXE_envelock-server"));
        program.args(["serve", "--public-name", "localhost", "--listen", &format!("127.0.0.1:{port}")]);
        program.arg("--test-clock-file").arg(directory.join("clock"));
        if !more.contains(&"--data-dir") {
            program.arg("--data-dir").arg(directory.join("data"));
        }
        program.args(["--acme-accept-terms", "--acme-root", &pebble.root()]);
        if !more.contains(&"--acme-directory") {
            program.args(["--acme-directory", &pebble.url()]);
        }
        if !more.contains(&"--acme-contact") {
            program.args(["--acme-contact", "anna@example.org"]);
        }
        program.args(more).stdout(Stdio::piped()).stderr(File::options().create(true).append(true).open(&log).unwrap());
        let mut child = program.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let server = Self { child, port, log };
        assert_eq!(line.trim(), format!("Envelock is ready at https://localhost:{port}"), "{}", server.log());
        server
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// What is served to whom trusts this authority alone, if anything is.
    async fn served(&self, root: &[u8]) -> Option<Vec<u8>> {
        let root = reqwest::Certificate::from_pem(root).unwrap();
        let client = reqwest::Client::builder().tls_certs_only([root]).tls_info(true).build().unwrap();
        let answer = client.get(format!("https://localhost:{}/api/v1/server", self.port)).send().await.ok()?;
        assert_eq!(answer.status(), 200);
        Some(answer.extensions().get::<reqwest::tls::TlsInfo>().unwrap().peer_certificate().unwrap().to_vec())
    }

    /// The same, once it is another than this one.
    async fn serves_new(&self, root: &[u8], old: Option<&Vec<u8>>, pebble: &Pebble) -> Vec<u8> {
        let deadline = Instant::now() + Duration::from_secs(40);
        loop {
            match self.served(root).await {
                Some(served) if Some(&served) != old => return served,
                _ => assert!(Instant::now() < deadline, "a new certificate: {}\n{}", self.log(), pebble.log()),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn says(&self, what: &str) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !self.log().contains(what) {
            assert!(Instant::now() < deadline, "{what} in {}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn move_clock(directory: &Path, seconds: i64) {
    std::fs::write(directory.join("clock"), seconds.to_string()).unwrap();
}

/// The folder of the only CA there is.
fn folder(directory: &Path) -> PathBuf {
    let mut folders = std::fs::read_dir(directory.join("data/tls/acme")).unwrap();
    let folder = folders.next().unwrap().unwrap().path();
    assert!(folders.next().is_none());
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_ordered_kept_and_renewed_without_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut pebble = Pebble::new(directory.path(), port);
    let root = pebble.start().await;
    let server = Server::start(directory.path(), port, &pebble, &[]);
    server.says("the certificate is self-signed until the CA has issued one").await;
    let first = server.serves_new(&root, None, &pebble).await;

    // Only the owner reads what is kept, and the proof is gone.
    let folder = folder(directory.path());
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let mut names: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
        assert_eq!(mode(&entry.path()), 0o600, "{:?}", entry.path());
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["account.json", "certificate.pem", "lock"]);
    let secrets = [std::fs::read_to_string(folder.join("account.json")).unwrap(), server.log()];
    assert!(secrets[0].contains("key_pkcs8") && !secrets[1].contains("PRIVATE KEY"));

    // Not before a third of its life is left.
    move_clock(directory.path(), LIFE * 2 / 3 - DAY);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(server.served(&root).await.as_ref(), Some(&first));
    move_clock(directory.path(), LIFE * 7 / 10 + DAY);
    let second = server.serves_new(&root, Some(&first), &pebble).await;

    // What is kept is served after a restart, whether the CA is there or not.
    pebble.stop();
    drop(server);
    move_clock(directory.path(), 0);
    let server = Server::start(directory.path(), port, &pebble, &[]);
    assert_eq!(server.served(&root).await, Some(second));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_renewed_when_the_ca_suggests_it() {
    let directory = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut pebble = Pebble::new(directory.path(), port);
    let root = pebble.start().await;
    let ca = Suggesting::before(&pebble);
    let server = Server::start(directory.path(), port, &pebble, &["--acme-directory", &ca.url()]);
    let first = server.serves_new(&root, None, &pebble).await;
    server.says("the CA suggests when to renew the certificate").await;
    assert!(server.log().contains("https://ca.example/why"), "{}", server.log());
    let name = ca.asked()[0].clone();
    // It has to be revoked: but that is not heard before it is asked again.
    ca.suggest(&name, (-2 * DAY, -DAY));
    move_clock(directory.path(), 5 * 3600);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!((server.served(&root).await.as_ref(), ca.asked().len()), (Some(&first), 1));
    move_clock(directory.path(), 7 * 3600);
    let second = server.serves_new(&root, Some(&first), &pebble).await;
    assert_eq!(ca.replaced(), [name.as_str()], "{}", server.log());

    // A CA that has no use for what is replaced gets an order like any other.
    let deadline = Instant::now() + Duration::from_secs(20);
    let name = loop {
        match ca.asked().last() {
            Some(last) if *last != name => break last.clone(),
            _ => assert!(Instant::now() < deadline, "nothing is asked about the second: {}", server.log()),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    ca.has_replaced_all();
    ca.suggest(&name, (-2 * DAY, -DAY));
    move_clock(directory.path(), 14 * 3600);
    server.serves_new(&root, Some(&second), &pebble).await;
    assert_eq!(ca.replaced().last(), Some(&name));
    assert_eq!(server.log().matches("no certificate was issued").count(), 0, "{}", server.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ca_that_is_down_or_forgot_everything_is_asked_again_later() {
    let directory = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut pebble = Pebble::new(directory.path(), port);
    let server = Server::start(directory.path(), port, &pebble, &[]);
    server.says("no certificate was issued").await;
    server.says("localhost cannot be reached").await;
    let self_signed = std::fs::read(directory.path().join("data/tls/self-signed.pem")).unwrap();
    assert!(server.served(&self_signed).await.is_some(), "it is served meanwhile");

    let root = pebble.start().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(server.served(&root).await, None, "it waits for five minutes");
    assert_eq!(server.log().matches("no certificate was issued").count(), 1);
    move_clock(directory.path(), 361);
    let first = server.serves_new(&root, None, &pebble).await;

    // Another Pebble at the same place knows no account, and has another authority.
    pebble.stop();
    let root = pebble.start().await;
    assert_eq!(server.served(&root).await, None);
    // Nor does it know whose contact is another now.
    drop(server);
    let server = Server::start(directory.path(), port, &pebble, &["--acme-contact", "ben@example.org"]);
    move_clock(directory.path(), LIFE * 7 / 10 + DAY);
    server.serves_new(&root, Some(&first), &pebble).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_or_proof_that_the_ca_refuses_is_said_in_its_words() {
    let directory = tempfile::tempdir().unwrap();
    let (port, elsewhere) = (free_port(), free_port());
    let mut pebble = Pebble::new(directory.path(), elsewhere);
    let root = pebble.start().await;
    let server = Server::start(directory.path(), port, &pebble, &["--acme-contact", "anna..berg@example.org"]);
    server.says("no certificate was issued").await;
    assert!(server.log().contains("anna..berg@example.org"), "{}", server.log());
    drop(server);
    std::fs::remove_dir_all(directory.path().join("data")).unwrap();

    let server = Server::start(directory.path(), port, &pebble, &[]);
    server.says("for the tls-alpn-01 challenge").await;
    assert_eq!(server.served(&root).await, None);
    assert!(!folder(directory.path()).join("challenge-localhost.pem").exists(), "nothing is proven after that");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_servers_that_share_the_folder_of_certificates_one_orders_and_both_serve() {
    let directory = tempfile::tempdir().unwrap();
    let (port, other) = (free_port(), free_port());
    let mut pebble = Pebble::new(directory.path(), port);
    // Each has an SQLite of its own: one file takes one server.
    let place = ["data", "data-of-the-other"].map(|name| directory.path().join(name));
    for place in &place {
        std::fs::create_dir(place).unwrap();
    }
    std::fs::create_dir(place[0].join("tls")).unwrap();
    std::os::unix::fs::symlink(place[0].join("tls"), place[1].join("tls")).unwrap();
    // Both are told that the CA is not there, so that they come back at the same time.
    let start = |index: usize, port| {
        Server::start(directory.path(), port, &pebble, &["--data-dir", place[index].to_str().unwrap()])
    };
    let servers = [start(0, port), start(1, other)];
    for server in &servers {
        server.says("no certificate was issued").await;
    }
    let root = pebble.start().await;
    move_clock(directory.path(), 361);
    let first = servers[0].serves_new(&root, None, &pebble).await;
    assert_eq!(servers[1].serves_new(&root, None, &pebble).await, first);
    assert_eq!(pebble.log().matches("Issued certificate").count(), 1, "{}", pebble.log());
    // Whichever orders: the CA looks at the first.
    move_clock(directory.path(), LIFE * 7 / 10 + DAY);
    for server in &servers {
        server.serves_new(&root, Some(&first), &pebble).await;
    }
    // To a clock so far ahead the new one is due already: each server tries it once, and then waits.
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(servers[0].served(&root).await, servers[1].served(&root).await);
    assert!(pebble.log().matches("Issued certificate").count() <= 3, "{}", pebble.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proof_is_shown_to_who_asks_for_it_alone_and_nothing_else_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let port = free_port();
    let pebble = Pebble::new(directory.path(), port);
    let server = Server::start(directory.path(), port, &pebble, &[]);
    server.says("no certificate was issued").await;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let protocol = |name: &'static str, offered: &[&'static str]| {
        let hello = Hello::new(0x0303, Said::InHead).suites(&[0xc02b]).to(name).protocols(offered);
        match hello.ask(address) {
            Answer::Picked(picked) => picked.protocol,
            Answer::Refused => Some("refused".to_owned()),
        }
    };
    assert_eq!(protocol("localhost", &["acme-tls/1"]).unwrap(), "refused", "there is nothing to prove");

    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(&[7; 32])];
    let key = KeyPair::generate().unwrap();
    let proof = params.self_signed(&key).unwrap();
    std::fs::write(folder(directory.path()).join("challenge-localhost.pem"), proof.pem() + &key.serialize_pem())
        .unwrap();
    assert_eq!(protocol("localhost", &["acme-tls/1"]).unwrap(), "acme-tls/1");
    assert_eq!(protocol("other.example", &["acme-tls/1"]).unwrap(), "refused");
    assert_eq!(protocol("localhost", &["acme-tls/1", "http/1.1"]).unwrap(), "http/1.1");
    assert_eq!(protocol("localhost", &["h2"]).unwrap(), "h2");
    assert_eq!(protocol("localhost", &[]), None);

    let mut client = Command::new("openssl");
    client.args(["s_client", "-ign_eof", "-alpn", "acme-tls/1", "-servername", "localhost"]);
    client.args(["-connect", &address.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut client = client.spawn().unwrap();
    // It may be gone before this is written.
    let _ = client.stdin.take().unwrap().write_all(b"GET /api/v1/server HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let mut said = String::new();
    client.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    client.wait().unwrap();
    assert!(said.contains("ALPN protocol: acme-tls/1") && !said.contains("HTTP/"), "{said}");
    assert!(said.contains(proof.pem().lines().nth(1).unwrap()), "the proof is the certificate: {said}");
}

/// One with more names, of which the CA certifies not all, would be none.
#[tokio::test(flavor = "multi_thread")]
async fn a_policy_s_host_is_certified_besides_and_takes_nothing_away_if_it_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut pebble = Pebble::new(directory.path(), port);
    let zone = SignedZone::start("localhost. A 127.0.0.1\nmta-sts.one.example. A 127.0.0.1\n", "", |signed| signed);
    pebble.asks(zone.address);
    let root = pebble.start().await;
    let policies = |domain: &'static str| ["--mta-sts", "testing", "--mail-domain", domain];
    let names = |certificate: &[u8]| {
        let (_, certificate) = x509_parser::parse_x509_certificate(certificate).unwrap();
        certificate.subject_alternative_name().unwrap().unwrap().value.general_names.len()
    };
    let server = Server::start(directory.path(), port, &pebble, &policies("two.example"));
    let first = server.serves_new(&root, None, &pebble).await;
    assert_eq!(names(&first), 1);
    server.says("no certificate was issued for the hosts of policies").await;
    drop(server);
    // Not due, but not for all names.
    let server = Server::start(directory.path(), port, &pebble, &policies("one.example"));
    let second = server.serves_new(&root, Some(&first), &pebble).await;
    assert_eq!(names(&second), 2);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(server.served(&root).await, Some(second), "that is all it is to be for");
}
