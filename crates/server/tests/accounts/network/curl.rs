//! The program as `curl` sees it: headers on every answer, over HTTP/1.1 and HTTP/2, and nothing but a redirect in clear.

use crate::testbed::ports::free;
use crate::testbed::spawned::Spawned;
use std::path::Path;
use std::process::Command;

/// A web root with a page, a decrypt page and a worker's script.
fn web_root(directory: &Path) -> String {
    let root = directory.join("www");
    std::fs::create_dir_all(root.join("assets")).unwrap();
    for (name, content) in [
        ("index.html", "<!doctype html><title>App</title>"),
        ("decrypt.html", "<!doctype html><title>Decrypt</title>"),
        ("assets/worker-Ab3_-9xY.js", "self.onmessage = null"),
        ("assets/reader-00000000.wasm", "wasm"),
    ] {
        std::fs::write(root.join(name), content).unwrap();
    }
    root.to_str().unwrap().to_owned()
}

/// Status line and fields of the last answer, and its content.
fn curl(authority: &Path, arguments: &[&str]) -> (Vec<String>, String) {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--include", "--path-as-is", "--cacert"]).arg(authority).args(arguments);
    let output = curl.output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    // What came before it, such as 100 or a redirect that was followed, has no content.
    let mut rest = text.as_str();
    loop {
        let (head, after) = rest.split_once("\r\n\r\n").unwrap();
        if after.starts_with("HTTP/") {
            rest = after;
            continue;
        }
        return (head.lines().map(str::to_owned).collect(), after.to_owned());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_headers_over_both_versions_of_http() {
    let data = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let server = Spawned::start(data.path(), &["--web-root", &web_root(elsewhere.path())]).await;
    let authority = data.path().join("tls/self-signed.pem");
    let long = format!("/{}", "x".repeat(9000));
    let large = format!("X-Large: {}", "x".repeat(20_000));
    for (method, path, status) in [
        ("GET", "/", "200"),
        ("HEAD", "/", "200"),
        ("GET", "/d/AAECAwQFBgcICQoLDA0ODw", "200"),
        ("GET", "/d/x", "200"),
        ("GET", "/assets/worker-Ab3_-9xY.js", "200"),
        ("GET", "/assets/reader-00000000.wasm", "200"),
        ("GET", "/api/v1/server", "200"),
        ("GET", "/api/v1/d/AAECAwQFBgcICQoLDA0ODw", "404"),
        ("GET", "/api/v1/envelopes", "401"),
        ("GET", "/api/v1/nothing", "404"),
        ("GET", "/nothing", "404"),
        ("GET", "/../../etc/passwd", "404"),
        ("GET", &long, "404"),
        ("POST", "/", "403"),
        ("DELETE", "/api/v1/server", "403"),
        ("OPTIONS", "/api/v1/server", "405"),
        ("TRACE", "/", "405"),
        ("BREW", "/", "405"),
        ("POST", "/api/v1/session", "403"),
    ] {
        for version in ["--http1.1", "--http2"] {
            let mut arguments = vec![version, "--header", large.as_str()];
            if method == "HEAD" {
                arguments.push("--head")
            } else {
                arguments.extend(["--request", method])
            };
            let url = server.url(path);
            let (head, _) = curl(&authority, &[&arguments[..], &[&url]].concat());
            assert!(head[0].split(' ').nth(1) == Some(status), "{method} {path} {version}: {head:?}");
            has_headers(&head, &format!("{method} {path} {version}"));
        }
    }
}

#[track_caller]
fn has_headers(head: &[String], what: &str) {
    for (name, begins) in [
        ("strict-transport-security", "max-age=63072000; includeSubDomains"),
        ("content-security-policy", "default-src 'none'; "),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-embedder-policy", "credentialless"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), "),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
    ] {
        let found: Vec<&str> =
            head.iter().filter_map(|line| line.split_once(": ")).filter(|(n, _)| *n == name).map(|(_, v)| v).collect();
        assert!(found.len() == 1 && found[0].starts_with(begins), "{name} of {what}: {head:?}");
    }
    let policy = head.iter().find(|line| line.starts_with("content-security-policy: ")).unwrap();
    assert!(policy.contains("require-trusted-types-for 'script'"), "{what}: {policy}");
}

#[tokio::test(flavor = "multi_thread")]
async fn http_leads_to_https_and_serves_nothing() {
    let data = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let clear = free().to_string();
    let root = web_root(elsewhere.path());
    let more = ["--web-root", &root, "--public-name", "localhost", "--redirect-listen", &clear];
    let server = Spawned::start(data.path(), &more).await;
    let authority = data.path().join("tls/self-signed.pem");
    for path in ["/", "/d/x", "/assets/worker-Ab3_-9xY.js", "/api/v1/server", "/nothing"] {
        for method in ["GET", "POST", "BREW"] {
            let (head, content) = curl(&authority, &["--request", method, &format!("http://{clear}{path}")]);
            assert_eq!(head[0], "HTTP/1.1 308 Permanent Redirect", "{method} {path}");
            assert!(head.contains(&format!("location: {}", server.url(path))), "{head:?}");
            assert_eq!(content, "");
            let told = ["strict-transport-security", "set-cookie", "content-security-policy"];
            assert!(!head.iter().any(|line| told.iter().any(|name| line.starts_with(name))), "{head:?}");
        }
    }
    let (head, content) = curl(&authority, &["--location", &format!("http://{clear}/d/x?y=z")]);
    assert_eq!((head[0].as_str(), content.contains("Decrypt")), ("HTTP/2 200 ", true));
}
