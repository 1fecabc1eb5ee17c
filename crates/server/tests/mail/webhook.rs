//! Mail that a program hands over by HTTP and signs: over a real connection, by the program's own server.

use crate::testbed::smtp::{ANNA, MailServer, add_user, letter, summary};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use reqwest::Response;
use serde_json::{Value, json};
use sha2::Sha256;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

const SECRET: [u8; 32] = [7; 32];

/// A server that takes mail so.
async fn start(data: &Path, more: &[&str]) -> MailServer {
    let secrets = data.join("webhook-secrets");
    std::fs::write(&secrets, format!("whsec_{}\n", STANDARD.encode(SECRET))).unwrap();
    MailServer::start(data, &[&["--webhook-secret-file", secrets.to_str().unwrap()], more].concat()).await
}

fn mail(recipients: &[&str], message: &str) -> Value {
    json!({
        "clientAddress": "192.0.2.7",
        "clientName": "out.sender.example",
        "sender": "eve@sender.example",
        "recipients": recipients,
        "message": STANDARD.encode(message),
    })
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn signature(secret: &[u8], timestamp: u64, body: &str) -> String {
    signature_as("msg_1", secret, timestamp, body)
}

fn signature_as(id: &str, secret: &[u8], timestamp: u64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

async fn send(mail: &MailServer, timestamp: u64, signature: &str, body: &str) -> Response {
    send_as("msg_1", mail, timestamp, signature, body).await
}

/// Neither cookie nor `Origin`, as programs send it.
async fn send_as(id: &str, mail: &MailServer, timestamp: u64, signature: &str, body: &str) -> Response {
    let client = reqwest::Client::builder().danger_accept_invalid_certs(true).build().unwrap();
    let request = client.post(mail.server.url("/api/v1/inbound")).header("content-type", "application/json");
    let signed =
        request.header("webhook-id", id).header("webhook-timestamp", timestamp).header("webhook-signature", signature);
    signed.body(body.to_owned()).send().await.unwrap()
}

async fn hand_over(mail: &MailServer, handed: &Value) -> (u16, Value) {
    let body = handed.to_string();
    let answer = send(mail, now(), &signature(&SECRET, now(), &body), &body).await;
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_message_that_is_handed_over_is_its_owners() {
    let data = tempfile::tempdir().unwrap();
    let server = start(data.path(), &[]).await;
    let forged = format!("Authentication-Results: localhost; dmarc=pass\r\n{}", letter("first", "hi\r\n"));
    let handed = mail(&["nobody@demo.example", ANNA, "anna@elsewhere.example"], &forged);
    let expected = json!({"recipients": ["unknown", "kept", "unknown"]});
    assert_eq!(hand_over(&server, &handed).await, (200, expected.clone()));
    // As somebody sends it again who did not hear that.
    assert_eq!(hand_over(&server, &handed).await, (200, expected));

    let list = server.list().await;
    assert_eq!(list.len(), 1);
    assert!(summary(&list[0]).contains("Subject: first\r\n"));
    let read = server.read(&list[0]).await;
    assert!(read.starts_with("Return-Path: <eve@sender.example>\r\n"), "{read}");
    assert!(read.contains("Received: from out.sender.example ([192.0.2.7])\r\n"), "{read}");
    assert!(read.ends_with(&letter("first", "hi\r\n")) && !read.contains("dmarc=pass"), "{read}");

    assert_eq!(hand_over(&server, &mail(&["nobody@demo.example"], &letter("second", ""))).await.0, 200);
    assert_eq!(server.list().await.len(), 1);
}

#[tokio::test]
async fn what_is_not_signed_is_not_looked_at() {
    let data = tempfile::tempdir().unwrap();
    let server = start(data.path(), &[]).await;
    let body = mail(&[ANNA], &letter("first", "hi\r\n")).to_string();
    let other = mail(&[ANNA], &letter("other", "hi\r\n")).to_string();
    let (early, late) = (now() - 320, now() + 320);
    let good = signature(&SECRET, now(), &body);
    for (timestamp, signature, body) in [
        (now(), "", body.as_str()),
        (now(), &signature(&[8; 32], now(), &body), &body),
        (now(), &good, &other),
        (now() + 1, &good, &body),
        (early, &signature(&SECRET, early, &body), &body),
        (late, &signature(&SECRET, late, &body), &body),
        (now(), "", "not JSON"),
    ] {
        let answer = send(&server, timestamp, signature, body).await;
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], "wrong-signature");
    }
    assert!(server.list().await.is_empty());
    assert_eq!(send(&server, now(), &signature(&SECRET, now(), &body), &body).await.status(), 200, "the control");

    // Nothing of what was refused is left on the disk.
    let files = std::fs::read_dir(data.path().join("blobs")).unwrap().count();
    assert_eq!(files, 1);
}

#[tokio::test]
async fn a_message_that_has_no_room_is_told_as_that() {
    let filler = "a line of it\r\n".repeat(150);
    // Beside two messages there is no room for any, or for a small one.
    for room in ["15000", "17500"] {
        let data = tempfile::tempdir().unwrap();
        let server = start(data.path(), &["--mail-bytes", "3000", "--mailbox-bytes", room]).await;
        add_user(data.path(), "ben@demo.example").await;
        for name in ["first", "second"] {
            assert_eq!(hand_over(&server, &mail(&[ANNA], &letter(name, &filler))).await.0, 200, "{name}");
        }
        // One mailbox has no room, which is told, the other has it once however often it comes.
        let both = mail(&["ben@demo.example", ANNA], &letter("third", &filler));
        for _ in 0..2 {
            assert_eq!(hand_over(&server, &both).await, (200, json!({"recipients": ["kept", "full"]})), "{room}");
        }
        let list = server.list().await;
        server.remove(&list[0]).await;
        assert_eq!(hand_over(&server, &both).await, (200, json!({"recipients": ["kept", "kept"]})));
        assert_eq!(server.list().await.len(), 2);
    }
}

#[tokio::test]
async fn a_message_that_is_too_large_or_none_at_all_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let server = start(data.path(), &["--mail-bytes", "3000"]).await;
    let large = letter("large", &"a line of it\r\n".repeat(300));
    let (status, answer) = hand_over(&server, &mail(&[ANNA], &large)).await;
    assert_eq!((status, &answer["code"]), (413, &json!("too-large")));
    let (status, answer) = hand_over(&server, &mail(&[ANNA], "From: a bare\nline end")).await;
    assert_eq!((status, &answer["code"]), (400, &json!("invalid-request")));
    let body = mail(&[ANNA], &letter("nameless", "x")).to_string();
    let refused = send_as("", &server, now(), &signature_as("", &SECRET, now(), &body), &body).await;
    assert_eq!(refused.status(), 401, "a request without a name");
}

/// Such a message cannot be told from another one like it, but by what whoever brings it calls it.
#[tokio::test]
async fn a_message_without_a_name_is_known_again_by_that_of_its_request() {
    let data = tempfile::tempdir().unwrap();
    let server = start(data.path(), &[]).await;
    let nameless = mail(&[ANNA], "From: Eve <eve@sender.example>\r\nSubject: the disk is full\r\n\r\n");
    for _ in 0..3 {
        assert_eq!(hand_over(&server, &nameless).await, (200, json!({"recipients": ["kept"]})));
    }
    assert_eq!(server.list().await.len(), 1);
    let body = nameless.to_string();
    assert_eq!(
        send_as("msg_2", &server, now(), &signature_as("msg_2", &SECRET, now(), &body), &body).await.status(),
        200
    );
    assert_eq!(server.list().await.len(), 2, "somebody says it once more");
}

#[tokio::test]
async fn without_a_secret_there_is_nothing() {
    let data = tempfile::tempdir().unwrap();
    let server = MailServer::start(data.path(), &[]).await;
    let (status, answer) = hand_over(&server, &mail(&[ANNA], &letter("first", "hi"))).await;
    assert_eq!((status, &answer["code"]), (404, &json!("not-found")));
}
