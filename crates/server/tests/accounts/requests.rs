//! Requests as odd clients send them: refused in words they can read.

use crate::testbed::spawned::Spawned;
use crate::testbed::{self, Bed};
use serde_json::json;
use std::process::Command;

#[tokio::test]
async fn a_compressed_body_is_not_unpacked() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let post = |coding: &'static str| {
        let call = bed.call("POST", "/api/v1/envelopes").cookie(&anna).header("content-encoding", coding);
        call.json(&json!({})).send()
    };
    for coding in ["gzip", "br", "zstd", "gzip, identity", ""] {
        post(coding).await.is(415, "unsupported-media-type");
    }
    post("identity").await.is(400, "invalid-request");
    let sealed = bed.seal(&anna, json!({})).await;
    let path = format!("/api/v1/d/{}/replies", sealed.id);
    let reply = bed.call("POST", &path).header("envelock-token", &sealed.token).header("content-encoding", "gzip");
    reply.octets(vec![1; 10]).send().await.is(415, "unsupported-media-type");
}

#[tokio::test]
async fn a_number_in_a_path_has_one_text() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    assert_eq!(bed.reply(&sealed.id, &sealed.token, vec![7; 10]).await.status, 201);
    let read = |number: &str| {
        bed.call("GET", &format!("/api/v1/envelopes/{}/replies/{number}", sealed.id)).cookie(&anna).send()
    };
    assert_eq!(read("1").await.status, 200);
    for number in ["01", "+1", "%2B1", "1.0", "0x1", "1e0", "-1", "0", "2", "4294967297", "%201"] {
        read(number).await.is(404, "not-found");
    }
}

#[tokio::test]
async fn a_hint_cannot_pose_as_another() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    for hint in ["line\nline", "\u{202e}terces", "\u{2066}x", "a\u{0}b", "\u{2028}"] {
        let mut body = testbed::announcement(&testbed::random(32), 10);
        testbed::merge(&mut body, json!({"hint": hint}));
        bed.call("POST", "/api/v1/envelopes").cookie(&anna).json(&body).send().await.is(400, "invalid-request");
    }
}

#[tokio::test]
async fn one_host_is_named() {
    let bed = Bed::new().await;
    let get = || bed.call("GET", "/api/v1/server");
    assert_eq!(get().send().await.status, 200);
    get().without("host").send().await.is(400, "invalid-request");
    get().header("host", "localhost:8443").send().await.is(400, "invalid-request");
    get().without("host").header("host", "a b").send().await.is(400, "invalid-request");
    bed.call("GET", "/").without("host").send().await.is(400, "invalid-request");
}

#[tokio::test]
async fn a_method_nobody_takes_is_told_so_wherever_it_comes_from() {
    let bed = Bed::new().await;
    for method in ["BREW", "TRACE", "PROPFIND", "get"] {
        bed.call(method, "/api/v1/session").without("origin").send().await.is(405, "method-not-allowed");
    }
    bed.call("POST", "/api/v1/session").without("origin").send().await.is(403, "cross-origin");
}

/// Over HTTP/2 the connection ended, and clients that took it for broken sent the same five times.
#[tokio::test]
async fn a_head_that_is_too_large_is_told_so_over_http_2() {
    let data = tempfile::tempdir().unwrap();
    let server = Spawned::start(data.path(), &[]).await;
    let send = async |octets: usize| {
        let request = server.client.post(server.url("/api/v1/session")).header("origin", &server.origin);
        // No two alike: nothing of it is made smaller on its way.
        let answer = request.header("x-large", testbed::random(octets * 3 / 4)).body("{}").send().await.unwrap();
        assert_eq!(answer.version(), reqwest::Version::HTTP_2);
        let has_policy = answer.headers().contains_key("content-security-policy");
        (answer.status().as_u16(), has_policy)
    };
    assert_eq!(send(30_000).await, (415, true), "it is read");
    for octets in [33_000, 70_000, 100_000] {
        assert_eq!(send(octets).await, (431, true), "{octets}");
    }
    assert_eq!(send(100).await, (415, true), "the connection goes on");
}

/// A refusal before the body was read used to be lost: the stream was reset after the answer, which curl 7.88 takes for an
/// error of the whole request.
#[tokio::test(flavor = "multi_thread")]
async fn curl_gets_every_refusal_although_it_is_still_sending() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("skipped: no curl");
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let server = Spawned::start(data.path(), &[]).await;
    let large = data.path().join("large");
    std::fs::write(&large, vec![b'x'; 3 * 1024 * 1024]).unwrap();
    let url = format!("https://localhost:{}/api/v1/session", server.port());
    let origin = format!("origin: https://localhost:{}", server.port());
    let ask = |arguments: &[&str]| {
        let output = Command::new("curl")
            .args(["-sk", "--max-time", "30", "-o", "/dev/null", "-w", "%{http_code}", "-X", "POST", &url])
            .args(["-H", "content-type: application/json"])
            .args(arguments)
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let file = format!("@{}", large.display());
    for version in ["--http2", "--http1.1"] {
        for round in 0..10 {
            assert_eq!(ask(&[version, "-d", "{\"a\":1}"]), (Some(0), "403".into()), "{version} {round}");
        }
        for arguments in [&["-H", "expect:"][..], &[]] {
            let all = [&[version, "-H", &origin, "--data-binary", &file][..], arguments].concat();
            assert_eq!(ask(&all), (Some(0), "413".into()), "{version}");
        }
    }
}
