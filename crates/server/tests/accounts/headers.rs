//! Security headers on every answer, and static files that stay in their root.

use crate::testbed::{Bed, Reply, announcement, octets, operations, random};
use envelock_server::{DirectoryError, StartError};
use serde_json::json;
use std::fs;

#[track_caller]
fn has_security_headers(reply: &Reply, what: &str) {
    for (name, value) in [
        (
            "content-security-policy",
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; \
             font-src 'self'; connect-src 'self'; worker-src 'self'; frame-src 'self'; manifest-src 'self'; \
             form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
             trusted-types lit-html envelock-worker",
        ),
        ("strict-transport-security", "max-age=63072000; includeSubDomains"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-embedder-policy", "credentialless"),
        ("cross-origin-resource-policy", "same-origin"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ] {
        assert_eq!(reply.header(name), value, "{name} of {what}");
        assert_eq!(reply.headers.get_all(name).iter().count(), 1, "{name} of {what}");
    }
    assert!(!reply.header("cache-control").is_empty(), "{what}");
}

#[tokio::test]
async fn every_answer_of_the_api_has_them_and_is_not_stored() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    bed.reply(&sealed.id, &sealed.token, octets(10)).await;
    let mut replies = Vec::new();
    for (method, path, _) in operations() {
        for id in ["AAAAAAAAAAAAAAAAAAAAAA", &sealed.id] {
            let path = path.replace("AAAAAAAAAAAAAAAAAAAAAA", id);
            // Refused for its cookie, its type, its body, its origin; and as it should be, where that changes nothing.
            replies.push((format!("{method} {path} bare"), bed.call(&method, &path).send().await));
            replies.push((format!("{method} {path} foreign"), bed.call(&method, &path).without("origin").send().await));
            replies
                .push((format!("{method} {path} json"), bed.call(&method, &path).json(&json!({"x": 1})).send().await));
            if method == "GET" {
                replies.push((format!("{method} {path}"), bed.call(&method, &path).cookie(&anna).send().await));
            }
        }
    }
    replies.push(("open".into(), bed.open(&sealed.id, &sealed.token).await));
    replies.push(("wrong token".into(), bed.open(&sealed.id, &random(32)).await));
    replies.push((
        "large".into(),
        bed.call("POST", "/api/v1/session").raw("application/json", "x".repeat(70_000)).send().await,
    ));
    let create = bed.call("POST", "/api/v1/envelopes").cookie(&anna).json(&announcement(&random(32), 10));
    replies.push(("create".into(), create.send().await));
    for path in ["/api", "/api/v1/nothing", "/api/v1/openapi.json"] {
        for method in ["GET", "HEAD", "POST", "OPTIONS", "TRACE", "BREW"] {
            replies.push((format!("{method} {path}"), bed.call(method, path).send().await));
        }
    }
    for (what, reply) in &replies {
        has_security_headers(reply, what);
        assert_eq!(reply.header("cache-control"), "no-store", "{what}");
        if reply.status.as_u16() >= 400 && !what.starts_with("HEAD") {
            assert!(reply.json()["message"].is_string(), "{what}: {} {}", reply.status, reply.text());
        }
    }
    assert!(replies.len() > 100);
}

fn web_files(bed: &Bed) {
    let root = bed.web.path();
    fs::create_dir(root.join("assets")).unwrap();
    for (name, content) in [
        ("assets/app-Ab3_-9xY.js", "app"),
        ("assets/app-Ab3_-9xY.js.br", "brotli"),
        ("assets/app-Ab3_-9xY.js.gz", "gzip"),
        ("assets/reader-00000000.wasm", "wasm"),
        ("favicon.svg", "<svg/>"),
        ("offline-copy.html", "offline"),
        ("offline-copy.html.gz", "offline, gzip"),
        (".env", "hidden"),
        ("manifest.webmanifest", "{}"),
    ] {
        fs::write(root.join(name), content).unwrap();
    }
    fs::write(bed.data.path().join("secret"), "secret").unwrap();
    std::os::unix::fs::symlink(bed.data.path().join("secret"), root.join("link.txt")).unwrap();
    std::os::unix::fs::symlink(bed.data.path(), root.join("linked")).unwrap();
    std::os::unix::fs::symlink(root.join("index.html"), root.join("inside.html")).unwrap();
}

#[tokio::test]
async fn files_have_their_types_and_are_cached_as_they_may_be() {
    let bed = Bed::new().await;
    web_files(&bed);
    let cases = [
        ("/", 200, "text/html; charset=utf-8", "no-store"),
        ("/index.html", 200, "text/html; charset=utf-8", "no-store"),
        ("/d/AAAAAAAAAAAAAAAAAAAAAA", 200, "text/html; charset=utf-8", "no-store"),
        ("/d", 200, "text/html; charset=utf-8", "no-store"),
        ("/d/", 200, "text/html; charset=utf-8", "no-store"),
        ("/d/any/thing", 200, "text/html; charset=utf-8", "no-store"),
        ("/offline-copy.html", 200, "text/html; charset=utf-8", "no-store"),
        ("/assets/app-Ab3_-9xY.js", 200, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        ("/assets/reader-00000000.wasm", 200, "application/wasm", "public, max-age=31536000, immutable"),
        ("/favicon.svg", 200, "image/svg+xml", "no-cache"),
        ("/manifest.webmanifest", 200, "application/manifest+json", "no-cache"),
        ("/nothing", 404, "text/plain; charset=utf-8", "no-store"),
        ("/assets", 404, "text/plain; charset=utf-8", "no-store"),
        ("/assets/", 404, "text/plain; charset=utf-8", "no-store"),
    ];
    for (path, status, content_type, cache) in cases {
        for method in ["GET", "HEAD"] {
            let reply = bed.call(method, path).send().await;
            assert_eq!((reply.status.as_u16(), reply.header("content-type")), (status, content_type), "{path}");
            assert_eq!(reply.header("cache-control"), cache, "{path}");
            has_security_headers(&reply, path);
        }
    }
    assert!(bed.call("GET", "/d/x").send().await.text().contains("Decrypt"));
}

/// Where HTML of strangers is shown, no script runs, whatever else goes wrong, and nothing is loaded that its reader did not ask for.
#[tokio::test]
async fn the_frames_of_mail_have_policies_of_their_own() {
    let bed = Bed::new().await;
    for (name, pictures) in [("mail-frame.html", "data: blob:"), ("mail-frame-pictures.html", "data: blob: https:")] {
        let before = bed.call("GET", &format!("/{name}")).send().await;
        fs::write(bed.web.path().join(name), "<!doctype html>").unwrap();
        let reply = bed.call("GET", &format!("/{name}?x")).send().await;
        assert_eq!((before.status.as_u16(), reply.status.as_u16()), (404, 200));
        for reply in [before, reply] {
            let policy = format!(
                "default-src 'none'; style-src 'unsafe-inline'; img-src {pictures}; base-uri 'none'; form-action 'none'; \
                 frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
            );
            assert_eq!(reply.header("content-security-policy"), policy);
            assert_eq!(reply.headers.get_all("content-security-policy").iter().count(), 1);
            assert_eq!(reply.header("x-dns-prefetch-control"), "off");
            assert_eq!(reply.header("referrer-policy"), "no-referrer");
        }
    }
}

#[tokio::test]
async fn the_page_of_a_link_asks_for_its_head_and_nothing_else() {
    let bed = Bed::new().await;
    web_files(&bed);
    let id = "AAECAwQFBgcICQoLDA0ODw";
    let reply = bed.call("GET", &format!("/d/{id}")).send().await;
    assert_eq!(reply.header("link"), format!("</api/v1/d/{id}>; rel=preload; as=fetch; crossorigin"));
    // What is no id does not come back in a header.
    for path in [
        "/d",
        "/d/",
        "/d/x",
        "/d/any/thing",
        &format!("/d/{id}/open"),
        "/d/%3E%3B%20rel=x",
        "/d/AAECAwQFBgcICQoLDA0OD_",
        "/",
    ] {
        let reply = bed.call("GET", path).send().await;
        assert!(!reply.headers.contains_key("link"), "{path}");
    }
}

#[tokio::test]
async fn precompressed_siblings_are_sent_to_who_can_read_them() {
    let bed = Bed::new().await;
    web_files(&bed);
    let get = |path: &'static str, accept: &'static str| bed.call("GET", path).header("accept-encoding", accept).send();
    for (accept, coding, body) in [
        ("gzip, deflate, br", "br", "brotli"),
        ("gzip", "gzip", "gzip"),
        ("br;q=0, gzip", "gzip", "gzip"),
        ("identity", "", "app"),
    ] {
        let reply = get("/assets/app-Ab3_-9xY.js", accept).await;
        assert_eq!((reply.header("content-encoding"), reply.text().as_str()), (coding, body), "{accept}");
        assert_eq!(reply.header("content-type"), "text/javascript; charset=utf-8");
        assert_eq!(reply.header("vary"), "accept-encoding");
        assert_eq!(reply.header("content-length"), body.len().to_string());
    }
    assert_eq!(get("/offline-copy.html", "br, gzip").await.text(), "offline, gzip");
    assert_eq!(get("/favicon.svg", "br, gzip").await.header("content-encoding"), "");

    let first = get("/favicon.svg", "br").await;
    let again = bed.call("GET", "/favicon.svg").header("if-none-match", first.header("etag")).send().await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    has_security_headers(&again, "304");
}

#[tokio::test]
async fn nothing_outside_the_root_is_served() {
    let bed = Bed::new().await;
    web_files(&bed);
    for path in [
        "/..%2f..%2fetc/passwd",
        "/../secret",
        "/../../../../../../etc/passwd",
        "/static/%2e%2e/",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/%5c..%5c",
        "//etc/passwd",
        "/assets/../index.html",
        "/assets//app-Ab3_-9xY.js",
        "/./index.html",
        "/.env",
        "/index.html%00.js",
        "/index.html/",
        "/link.txt",
        "/linked/secret",
        "/linked/envelock.sqlite",
        "/inside.html",
        "/%69ndex.html",
    ] {
        let reply = bed.call("GET", path).send().await;
        assert_eq!(reply.status, 404, "{path}");
        assert!(!reply.text().contains("secret") && !reply.text().contains("root:"), "{path}");
        has_security_headers(&reply, path);
    }
}

#[tokio::test]
async fn ciphertext_and_web_files_may_not_share_a_directory() {
    let root = tempfile::tempdir().unwrap();
    for (data, web) in [("web/data", "web"), ("data", "data/web"), ("same", "same")] {
        fs::create_dir_all(root.path().join(data)).unwrap();
        fs::create_dir_all(root.path().join(web)).unwrap();
        let mut settings = envelock_server::Settings::new(root.path().join(data));
        settings.web_root = Some(root.path().join(web));
        let refused = envelock_server::App::open(settings, std::sync::Arc::new(envelock_server::SystemClock)).await;
        let is_refused = matches!(refused.err(), Some(StartError::Directory(DirectoryError::DataUnderWebRoot)));
        assert!(is_refused, "{data} {web}");
    }
}
