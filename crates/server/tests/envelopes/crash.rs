//! What was acknowledged is there after the process is killed; what was not leaves nothing behind for long.

use crate::testbed::spawned::Spawned;
use crate::testbed::{self, octets};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledged_upload_survives_a_kill() {
    let data = tempfile::tempdir().unwrap();
    for round in 0..5 {
        let mut server = Spawned::start(data.path(), &[]).await;
        server.login().await;
        let (id, token, ciphertext) = server.seal(200_000 + round).await;
        server.kill();

        let server = Spawned::start(data.path(), &[]).await;
        let opened = server.open(&id, &token).await;
        assert_eq!(opened.status(), 200, "round {round}");
        assert!(opened.headers().contains_key("envelock-lease"));
        assert_eq!(opened.bytes().await.unwrap(), ciphertext, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledged_keyring_and_its_version_survive_a_kill() {
    let data = tempfile::tempdir().unwrap();
    let mut version: Option<String> = None;
    for round in 0..3 {
        let keyring = octets(100_000 + round);
        let mut server = Spawned::start(data.path(), &[]).await;
        server.login().await;
        let put = |server: &Spawned| {
            let put = server.client.put(server.url("/api/v1/keyring")).header("origin", &server.origin);
            let put = match &version {
                None => put.header("if-none-match", "*"),
                Some(version) => put.header("if-match", version),
            };
            put.header("content-type", "application/octet-stream").body(keyring.clone()).send()
        };
        let put = put(&server).await.unwrap();
        assert!(put.status().is_success(), "round {round}: {}", put.status());
        let written = put.headers()["etag"].to_str().unwrap().to_owned();
        server.kill();

        let server = Spawned::start(data.path(), &[]).await;
        server.login().await;
        let read = server.client.get(server.url("/api/v1/keyring")).send().await.unwrap();
        assert_eq!(read.headers()["etag"], written.as_str(), "round {round}");
        assert_eq!(read.bytes().await.unwrap(), keyring, "round {round}");
        assert_eq!(std::fs::read_dir(data.path().join("blobs")).unwrap().count(), 1);
        version = Some(written);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counted_tries_leases_and_sessions_survive_a_kill() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Spawned::start(data.path(), &[]).await;
    server.login().await;
    let (id, token, _) = server.seal(1000).await;
    for _ in 0..3 {
        assert_eq!(server.open(&id, &testbed::random(32)).await.status(), 403);
    }
    assert_eq!(server.open(&id, &token).await.status(), 200);
    server.kill();

    let again = Spawned::start(data.path(), &[]).await;
    let head: Value =
        again.client.get(again.url(&format!("/api/v1/d/{id}"))).send().await.unwrap().json().await.unwrap();
    assert_eq!(head["triesLeft"], 7);
    assert_eq!(again.open(&id, &token).await.status(), 409, "the lease still holds");
    // The first client's cookie is for another port only in our heads: cookies know no ports.
    let who = server.client.get(again.url("/api/v1/session")).send().await.unwrap();
    assert_eq!(who.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_of_an_upload_loses_nothing_else() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Spawned::start(data.path(), &[]).await;
    server.login().await;
    let (kept, kept_token, ciphertext) = server.seal(1000).await;
    let (broken, _) = server.announce(5_000_000).await;
    let half = futures_util::StreamExt::chain(
        futures_util::stream::iter([Ok::<_, std::io::Error>(octets(1_000_000))]),
        futures_util::stream::pending(),
    );
    let upload = server
        .client
        .put(server.url(&format!("/api/v1/envelopes/{broken}/ciphertext")))
        .header("origin", &server.origin)
        .header("content-type", "application/octet-stream")
        .header("content-length", "5000000")
        .body(reqwest::Body::wrap_stream(half))
        .send();
    let upload = tokio::spawn(upload);
    let incoming = data.path().join("incoming");
    while std::fs::read_dir(&incoming).unwrap().count() == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    server.kill();
    assert!(upload.await.unwrap().is_err());

    let again = Spawned::start(data.path(), &[]).await;
    again.login().await;
    assert_eq!(again.open(&kept, &kept_token).await.bytes().await.unwrap(), ciphertext);
    let record = again.client.get(again.url(&format!("/api/v1/envelopes/{broken}"))).send().await.unwrap();
    assert_eq!(record.json::<Value>().await.unwrap()["state"], "uploading");
    // The upload can be made again.
    assert_eq!(again.upload(&broken, octets(5_000_000)).await.status(), 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_mebibytes_come_back_byte_for_byte_and_nothing_is_in_clear() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Spawned::start(data.path(), &[]).await;
    server.login().await;
    let (id, token, ciphertext) = server.seal(10 * 1024 * 1024).await;
    let opened = server.open(&id, &token).await;
    assert_eq!(opened.bytes().await.unwrap(), ciphertext);
    // Tokens, cookies and passwords are kept as hashes only.
    server.kill();
    let everything = testbed::databases::everything(data.path()).await;
    let contains = |needle: &[u8]| everything.windows(needle.len()).any(|window| window == needle);
    let raw = |text: &str| base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, text).unwrap();
    assert!(contains(&raw(&id)), "the positive control: ids are stored");
    assert!(!contains(&raw(&token)) && !contains(token.as_bytes()));
    assert!(!contains(b"envelock demo"));
}
