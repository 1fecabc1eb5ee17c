//! Port 80 of the real program: one answer for everybody, and nothing else.

use crate::testbed::ports::free;
use crate::testbed::spawned::Spawned;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// What is answered until the other side hangs up.
fn ask(address: &str, octets: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    // It may hang up before everything is written.
    let _ = stream.write_all(octets);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// The parts of an answer without content.
fn head(answer: &str) -> (String, BTreeMap<String, String>) {
    let (head, content) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("an answer: {answer}"));
    assert_eq!(content, "", "no content");
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().to_owned();
    let fields: Vec<_> = lines.map(|line| line.split_once(": ").unwrap()).collect();
    let map: BTreeMap<_, _> = fields.iter().map(|(name, value)| (name.to_lowercase(), (*value).to_owned())).collect();
    assert_eq!(map.len(), fields.len(), "no field twice");
    (status, map)
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_sent_to_the_public_name_and_nothing_is_served() {
    let data = tempfile::tempdir().unwrap();
    let address = free().to_string();
    let server =
        Spawned::start(data.path(), &["--public-name", "mail.example.org", "--redirect-listen", &address]).await;
    let origin = format!("https://mail.example.org:{}", server.port());
    let long = format!("/{}", "x".repeat(8000));
    for (request, target) in [
        ("GET / HTTP/1.1\r\nHost: mail.example.org\r\n\r\n", "/"),
        ("GET /d/AAECAwQFBgcICQoLDA0ODw?a=b HTTP/1.1\r\nHost: evil.example\r\n\r\n", "/d/AAECAwQFBgcICQoLDA0ODw?a=b"),
        ("GET /api/v1/server HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "/api/v1/server"),
        ("GET /x HTTP/1.0\r\n\r\n", "/x"),
        ("GET http://evil.example/y HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n\r\n", "/y"),
        ("HEAD //evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", "//evil.example/"),
        ("GET /%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\nHost: a\r\n\r\n", "/%0d%0aSet-Cookie:%20a=b"),
        ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "/"),
        ("CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", "/"),
        ("BREW /pot HTTP/1.1\r\nHost: a\r\nCookie: __Host-session=x\r\n\r\n", "/pot"),
        ("POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", "/api/v1/session"),
        // The second request of a connection is not answered.
        ("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n", "/1"),
        (&format!("GET {long} HTTP/1.1\r\nHost: a\r\n\r\n"), &long),
        ("GET /.well-known/acme-challenge/x HTTP/1.1\r\nHost: a\r\n\r\n", "/.well-known/acme-challenge/x"),
    ] {
        let (status, mut fields) = head(&ask(&address, request.as_bytes()));
        assert!(status.ends_with(" 308 Permanent Redirect"), "{status} for {request}");
        assert_eq!(fields.remove("location"), Some(format!("{origin}{target}")), "{request}");
        assert_eq!(fields.remove("cache-control").as_deref(), Some("no-store"));
        // HTTP/1.0 hangs up without being told.
        let _ = fields.remove("connection").inspect(|value| assert_eq!(value, "close"));
        assert_eq!(fields.remove("content-length").unwrap_or_else(|| "0".to_owned()), "0");
        assert!(fields.remove("date").is_some());
        assert!(fields.is_empty(), "nothing else: {fields:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_gets_nowhere_and_whoever_dawdles_is_cut_off() {
    let data = tempfile::tempdir().unwrap();
    let address = free().to_string();
    let _server =
        Spawned::start(data.path(), &["--public-name", "mail.example.org", "--redirect-listen", &address]).await;
    for request in [
        "GET /\rSet-Cookie: a=b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / x HTTP/1.1\r\nHost: a\r\n\r\n",
        "\u{16}\u{3}\u{1}\0\u{5}hello\r\n\r\n",
        // HTTP/2 without TLS.
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0",
        &format!("GET / HTTP/1.1\r\nHost: a\r\nX-Large: {}\r\n\r\n", "x".repeat(200_000)),
        &format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(100)),
    ] {
        let answer = ask(&address, request.as_bytes());
        let shown: String = request.chars().take(60).collect();
        assert!(!answer.to_lowercase().contains("location"), "{shown}: {answer}");
        assert!(answer.is_empty() || head(&answer).0.starts_with("HTTP/1.1 4"), "{shown}: {answer}");
    }
    let started = Instant::now();
    let dawdlers: Vec<_> =
        ["", "GET / HTTP/1.1\r\nX-Slow: ", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1"]
            .map(|begun| {
                let address = address.clone();
                std::thread::spawn(move || ask(&address, begun.as_bytes()))
            })
            .into();
    let answers: Vec<String> = dawdlers.into_iter().map(|dawdler| dawdler.join().unwrap()).collect();
    assert!(started.elapsed() < Duration::from_secs(40), "{:?}", started.elapsed());
    assert!(!answers[0].contains("location") && !answers[1].contains("location"), "{answers:?}");
    assert!(answers[2].contains(" 308 "), "a body is not waited for: {answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_in_clear_are_counted_with_the_others() {
    let data = tempfile::tempdir().unwrap();
    let address = free().to_string();
    let status = free().to_string();
    let redirect = ["--public-name", "localhost", "--redirect-listen", &address, "--connections-per-address", "3"];
    let server = Spawned::start(data.path(), &[&redirect[..], &["--status-listen", &status]].concat()).await;
    let held: Vec<_> = (0..3).map(|_| TcpStream::connect(&address).unwrap()).collect();
    let deadline = Instant::now() + Duration::from_secs(5);
    while !ask(&status, b"GET /metrics HTTP/1.0\r\n\r\n").contains("\nenvelock_connections 3\n") {
        assert!(Instant::now() < deadline, "all three are inside");
    }
    assert_eq!(ask(&address, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "", "a fourth one is closed unread");
    assert!(server.client.get(server.url("/api/v1/server")).send().await.is_err(), "nor is it let in over TLS");
    drop(held);
    let deadline = Instant::now() + Duration::from_secs(20);
    while server.client.get(server.url("/api/v1/server")).send().await.is_err() {
        assert!(Instant::now() < deadline, "their places are free again");
    }
}
