//! What anybody could talk this server into: every version and suite there is a number for is offered by a client made
//! by hand; then `openssl` and `curl`. OpenSSL's own server, told to accept everything, shows that the scan finds what it
//! looks for.

use super::tls_scanner::answer::{Answer, Picked};
use super::tls_scanner::hello::{Hello, P256, P384, X25519, X25519_MLKEM768};
use super::tls_scanner::{Said, groups, preferred_group, suites};
use crate::testbed::spawned::Spawned;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const SSL2: u16 = 0x0002;
const SSL3: u16 = 0x0300;
const TLS10: u16 = 0x0301;
const TLS11: u16 = 0x0302;
const TLS12: u16 = 0x0303;
const TLS13: u16 = 0x0304;

/// TLS 1.2 with ECDHE and AEAD: AES-256-GCM, AES-128-GCM, ChaCha20-Poly1305 (RFC 5289, 7905).
const WITH_ECDSA: [u16; 3] = [0xc02c, 0xc02b, 0xcca9];
const WITH_RSA: [u16; 3] = [0xc030, 0xc02f, 0xcca8];
/// Those of TLS 1.3 (RFC 8446 §B.4) without CCM.
const OF_TLS13: [u16; 3] = [0x1301, 0x1302, 0x1303];

fn at(server: &Spawned) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], server.port()))
}

/// A certificate for localhost and its key, of this algorithm (`rsa:2048`), at these places.
fn certify(algorithm: &str, certificate: &Path, key: &Path) {
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-newkey", algorithm]);
    openssl.args(["-addext", "subjectAltName=DNS:localhost", "-keyout"]).arg(key).arg("-out").arg(certificate);
    let made = openssl.output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// All that a server picks, whatever it is offered.
fn everything(server: SocketAddr) -> BTreeSet<(u16, u16)> {
    let mut all = BTreeSet::new();
    for version in [SSL3, TLS10, TLS11, TLS12] {
        all.extend(suites(server, version, Said::InHead));
        all.extend(suites(server, version, Said::InExtension));
    }
    all.extend(suites(server, TLS13, Said::InExtension));
    for version in [SSL2, TLS10, TLS12] {
        all.extend(suites(server, version, Said::InSsl2Form));
    }
    all
}

fn expected(of_tls12: &[u16]) -> BTreeSet<(u16, u16)> {
    of_tls12.iter().map(|suite| (TLS12, *suite)).chain(OF_TLS13.map(|suite| (TLS13, suite))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn with_an_ecdsa_certificate_only_forward_secret_aead_of_1_2_and_1_3() {
    let data = tempfile::tempdir().unwrap();
    let server = Spawned::start(data.path(), &[]).await;
    assert_eq!(everything(at(&server)), expected(&WITH_ECDSA));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_an_rsa_certificate_only_forward_secret_aead_of_1_2_and_1_3() {
    let data = tempfile::tempdir().unwrap();
    let tls = data.path().join("tls");
    std::fs::create_dir(&tls).unwrap();
    let (certificate, key) = (tls.join("self-signed.pem"), tls.join("rsa.key"));
    certify("rsa:2048", &certificate, &key);
    let more = ["--tls-certificate", certificate.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
    let server = Spawned::start(data.path(), &more).await;
    assert_eq!(everything(at(&server)), expected(&WITH_RSA));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hybrid_group_is_taken_from_whoever_knows_it() {
    let data = tempfile::tempdir().unwrap();
    let server = Spawned::start(data.path(), &[]).await;
    let address = at(&server);
    assert_eq!(groups(address), BTreeSet::from([X25519_MLKEM768, X25519, P256, P384]));
    for known in [[X25519_MLKEM768, X25519, P256], [X25519, X25519_MLKEM768, P256], [P256, X25519, X25519_MLKEM768]] {
        assert_eq!(preferred_group(address, &known), Some(X25519_MLKEM768), "{known:04x?}");
    }
    // Also from who sent a key for another: a round trip is worth it.
    let hello = |groups: &[u16]| Hello::new(TLS13, Said::InExtension).groups(groups).with_key_for_x25519().ask(address);
    let Answer::Picked(picked) = hello(&[X25519, X25519_MLKEM768]) else { panic!("it is refused") };
    assert_eq!((picked.group, picked.asks_again), (Some(X25519_MLKEM768), true));
    let Answer::Picked(picked) = hello(&[X25519, P256]) else { panic!("it is refused") };
    assert_eq!((picked.group, picked.asks_again), (Some(X25519), false));
    // TLS 1.2 has no hybrid groups: who lists one nevertheless is served with another.
    for known in [&[X25519_MLKEM768, X25519][..], &[X25519]] {
        let hello = Hello::new(TLS12, Said::InHead).suites(&WITH_ECDSA).groups(known);
        let Answer::Picked(picked) = hello.ask(address) else { panic!("{known:04x?} is refused") };
        assert_eq!((picked.version, picked.group), (TLS12, Some(X25519)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_compressed_or_negotiated_anew_and_protocols_are_ours() {
    let data = tempfile::tempdir().unwrap();
    let server = Spawned::start(data.path(), &[]).await;
    let address = at(&server);
    let hello = || Hello::new(TLS12, Said::InHead).suites(&WITH_ECDSA);
    // RFC 3749: DEFLATE is 1, RFC 3943: LZS is 64.
    let Answer::Picked(picked) = hello().compressions(&[1, 64, 0]).ask(address) else { panic!("it is refused") };
    assert_eq!(picked.compression, 0);
    assert_eq!(hello().compressions(&[1, 64]).ask(address), Answer::Refused);
    // RFC 5746 §3.6: who signals that it knows how to bind a renegotiation is told the same.
    let knows = |hello: Hello| matches!(hello.ask(address), Answer::Picked(Picked { knows_renegotiation: true, .. }));
    assert!(knows(hello()) && !knows(hello().without_renegotiation_info()));
    assert!(!negotiates_anew(address));

    for (offered, picked) in [(&["http/1.1", "h2"][..], "h2"), (&["x", "http/1.1"], "http/1.1")] {
        let answer = hello().protocols(offered).ask(address);
        assert!(matches!(&answer, Answer::Picked(p) if p.protocol.as_deref() == Some(picked)), "{answer:?}");
    }
    for foreign in [&["ftp"][..], &["acme-tls/1"], &["http/1.0", "spdy/3"]] {
        assert_eq!(hello().protocols(foreign).ask(address), Answer::Refused, "{foreign:?}");
    }
}

/// OpenSSL's own server, which accepts whatever that library still has.
struct Lax(Child, SocketAddr);

impl Lax {
    fn start(directory: &Path) -> Self {
        let (certificate, key) = (directory.join("certificate.pem"), directory.join("key.pem"));
        certify("rsa:2048", &certificate, &key);
        let mut openssl = openssl(&["s_server", "-accept", "127.0.0.1:0", "-www", "-client_renegotiation"]);
        openssl.args(["-min_protocol", "TLSv1", "-cipher", "ALL:eNULL:@SECLEVEL=0", "-cert"]).arg(certificate);
        let mut child = openssl.arg("-key").arg(key).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.filter_map(|line| line.strip_prefix("ACCEPT ")?.parse().ok()).next().expect("its port");
        Self(child, address)
    }
}

impl Drop for Lax {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Without what the machine's settings forbid it.
fn openssl(arguments: &[&str]) -> Command {
    let mut command = Command::new("openssl");
    command.args(arguments).env("OPENSSL_CONF", "/dev/null").stdin(Stdio::null());
    command
}

#[test]
fn the_scan_finds_old_versions_and_weak_suites_where_there_are_any() {
    let directory = tempfile::tempdir().unwrap();
    let lax = Lax::start(directory.path());
    let found = everything(lax.1);
    for (version, suite, what) in [
        (TLS10, 0x002f, "RSA key transport with AES-CBC"),
        (TLS11, 0x002f, "the same in 1.1"),
        (TLS10, 0x0002, "no encryption"),
        (TLS12, 0x009d, "RSA key transport with AEAD"),
        (TLS12, 0x00a7, "anonymous DH"),
        (TLS12, 0x009f, "DHE"),
        (TLS12, 0xc014, "ECDHE with CBC"),
        (TLS12, 0xc030, "ECDHE with AEAD"),
        (TLS13, 0x1302, "TLS 1.3"),
    ] {
        assert!(found.contains(&(version, suite)), "{what}: {found:04x?}");
    }
    assert!(!suites(lax.1, TLS10, Said::InSsl2Form).is_empty(), "a hello in the form of SSL 2.0");
    assert!(!suites(lax.1, TLS11, Said::InExtension).is_empty(), "an old version in the extension");
    assert!(groups(lax.1).contains(&0x001e), "X448");
    assert!(negotiates_anew(lax.1));
}

/// No library has SSL any more: what its servers said is answered by hand.
#[test]
fn the_scan_knows_the_answers_of_ssl_2_and_3() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut ssl3 = vec![22, 3, 0, 0, 42, 2, 0, 0, 38, 3, 0];
    ssl3.extend([7; 32]);
    ssl3.extend([0, 0, 5, 0]);
    let done = [22, 3, 0, 0, 4, 14, 0, 0, 0];
    let answers = [[ssl3, done.into()].concat(), vec![0x80, 11, 4, 0, 1, 0, 2, 0, 0, 0, 3, 0, 0]];
    let answering = std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(&answer).unwrap();
            let _ = stream.read(&mut [0; 4096]);
        }
    });
    let picked = |hello: Hello| match hello.ask(address) {
        Answer::Picked(picked) => (picked.version, picked.suite),
        Answer::Refused => panic!("that was an answer"),
    };
    assert_eq!(picked(Hello::new(SSL3, Said::InHead)), (SSL3, 5));
    assert_eq!(picked(Hello::new(SSL2, Said::InSsl2Form)), (SSL2, 0));
    answering.join().unwrap();
}

/// Whether `openssl s_client` gets a second handshake on a connection of TLS 1.2.
fn negotiates_anew(server: SocketAddr) -> bool {
    let mut client = openssl(&["s_client", "-tls1_2", "-connect", &server.to_string()]);
    client.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = client.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(errors.any(|line| line.starts_with("verify return")), "a first handshake");
    // A line that begins with R is the command.
    input.write_all(b"R\n").unwrap();
    assert!(errors.any(|line| line == "RENEGOTIATING"), "it tries");
    // Then it looks at a certificate again, which takes no time, or waits.
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || errors.for_each(|line| drop(tell.send(line))));
    let again = told.recv_timeout(Duration::from_secs(3)).is_ok_and(|line| !line.contains(":error:"));
    let _ = child.kill();
    let _ = child.wait();
    again
}

/// Whether `openssl s_client` gets a connection.
fn connects(server: SocketAddr, arguments: &[&str]) -> bool {
    let all = ["s_client", "-connect", &server.to_string(), "-cipher", "ALL:eNULL:@SECLEVEL=0"];
    openssl(&[&all, arguments].concat()).output().unwrap().status.success()
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_and_curl_get_no_further_than_they_should() {
    let data = tempfile::tempdir().unwrap();
    let server = Spawned::start(data.path(), &[]).await;
    let lax = Lax::start(data.path());
    for (arguments, is_good) in [
        (&["-tls1"][..], false),
        (&["-tls1_1"], false),
        (&["-tls1_2"], true),
        (&["-tls1_3"], true),
        (&["-tls1_2", "-cipher", "kRSA:@SECLEVEL=0"], false),
        (&["-tls1_2", "-cipher", "DHE:@SECLEVEL=0"], false),
        (&["-tls1_2", "-cipher", "eNULL:@SECLEVEL=0"], false),
        (&["-tls1_2", "-cipher", "aNULL:@SECLEVEL=0"], false),
    ] {
        assert_eq!(connects(at(&server), arguments), is_good, "{arguments:?}");
        assert!(connects(lax.1, arguments), "{arguments:?} is what this openssl can do");
    }

    let authority = data.path().join("tls/self-signed.pem");
    let curl = |arguments: &[&str]| {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--output", "/dev/null", "--write-out", "%{http_version} %{http_code}", "--cacert"]);
        let output = curl.arg(&authority).args(arguments).arg(server.url("/api/v1/server")).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(curl(&[]), (0, "2 200".to_owned()));
    assert_eq!(curl(&["--tls-max", "1.2", "--http1.1"]), (0, "1.1 200".to_owned()));
    // 35: no handshake.
    assert_eq!(curl(&["--tlsv1.0", "--tls-max", "1.1", "--ciphers", "ALL:@SECLEVEL=0"]).0, 35);
    assert_eq!(curl(&["--tls-max", "1.2", "--ciphers", "AES256-GCM-SHA384:AES128-SHA"]).0, 35);
}
