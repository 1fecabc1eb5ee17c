//! Copies of what somebody sent: kept encrypted or not at all, once, beside what arrived and in the same room.

use crate::testbed::smtp::{ANNA, MailServer, letter, run};
use crate::testbed::{Bed, Call, octets, random};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use serde_json::{Value, json};

const EVE: &str = "eve@sender.example";
const MAILBOX: &str = "/api/v1/mailbox";
/// How an encrypted message begins (RFC 9580 §5.1).
const SESSION_KEY: u8 = 0xC1;

/// As long, and beginning as an encrypted message does.
fn sealed(length: usize) -> Vec<u8> {
    let mut sealed = octets(length);
    sealed[0] = SESSION_KEY;
    sealed
}

fn put(bed: &Bed, cookie: &str, id: &str, summary: &[u8], message: &[u8]) -> Call {
    let call = bed.call("PUT", &format!("{MAILBOX}/sent/{id}")).cookie(cookie);
    call.header("envelock-summary", &summary.len().to_string()).octets([summary, message].concat())
}

async fn list(bed: &Bed, cookie: &str, query: &str) -> Value {
    let reply = bed.call("GET", &format!("{MAILBOX}?{query}")).cookie(cookie).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

async fn sent(bed: &Bed, cookie: &str) -> Vec<Value> {
    list(bed, cookie, "folder=sent").await["messages"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_copy_is_kept_once_and_listed_apart() {
    let bed = Bed::new().await;
    let (anna, ben) = (bed.login("anna@example.org").await, bed.login("ben@example.org").await);
    let (id, summary, message) = (random(16), sealed(300), sealed(5000));
    assert_eq!(put(&bed, &anna, &id, &summary, &message).send().await.status, 201);
    // The answer was lost; what comes under the same name changes nothing.
    assert_eq!(put(&bed, &anna, &id, &summary, &message).send().await.status, 204);
    assert_eq!(put(&bed, &anna, &id, &summary, &sealed(10)).send().await.status, 204);
    assert_eq!(bed.files().len(), 1);
    let expected = json!({
        "id": id, "receivedAt": "2027-01-15T08:00:00Z", "size": 5000, "seen": true, "sealed": true,
        "summary": URL_SAFE_NO_PAD.encode(&summary),
    });
    assert_eq!(sent(&bed, &anna).await, [expected]);
    for query in ["", "folder=inbox"] {
        assert_eq!(list(&bed, &anna, query).await["messages"], json!([]), "it did not arrive");
    }
    let read = bed.call("GET", &format!("{MAILBOX}/{id}")).cookie(&anna).send().await;
    assert_eq!((read.status.as_u16(), &read.body), (200, &message));

    // Names are those of one account.
    assert!(sent(&bed, &ben).await.is_empty());
    bed.call("GET", &format!("{MAILBOX}/{id}")).cookie(&ben).send().await.is(404, "not-found");
    bed.call("DELETE", &format!("{MAILBOX}/{id}")).cookie(&ben).send().await.is(404, "not-found");
    assert_eq!(put(&bed, &ben, &id, &summary, &sealed(7)).send().await.status, 201);
    assert_eq!(bed.call("DELETE", &format!("{MAILBOX}/{id}")).cookie(&anna).send().await.status, 204);
    assert!(sent(&bed, &anna).await.is_empty());
    assert_eq!((sent(&bed, &ben).await.len(), bed.files().len()), (1, 1));

    for _ in 0..3 {
        bed.pass(1);
        assert_eq!(put(&bed, &anna, &random(16), &summary, &message).send().await.status, 201);
    }
    let all = sent(&bed, &anna).await;
    let page = list(&bed, &anna, "folder=sent&limit=2").await;
    assert_eq!(page["messages"].as_array().unwrap(), &all[..2]);
    let rest = format!("folder=sent&limit=2&before={}", page["next"].as_str().unwrap());
    assert_eq!(list(&bed, &anna, &rest).await, json!({"messages": [all[2]]}));
    let nowhere = bed.call("GET", &format!("{MAILBOX}?folder=drafts")).cookie(&anna).send().await;
    nowhere.is(400, "invalid-request");
}

#[tokio::test]
async fn of_racing_uploads_under_one_name_one_is_kept() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let id = random(16);
    let uploads: Vec<_> = (0..6).map(|_| put(&bed, &anna, &id, &sealed(300), &sealed(5000)).send()).collect();
    let mut answers: Vec<u16> = join_all(uploads).await.iter().map(|reply| reply.status.as_u16()).collect();
    answers.sort_unstable();
    assert_eq!(answers, [201, 204, 204, 204, 204, 204]);
    assert_eq!((sent(&bed, &anna).await.len(), bed.files().len()), (1, 1));
}

#[tokio::test]
async fn nothing_is_kept_that_does_not_begin_as_an_encrypted_message() {
    let bed = Bed::with(|settings| settings.mail.message_bytes = 20_000).await;
    let anna = bed.login("anna@example.org").await;
    let refused = async |summary: &[u8], message: &[u8], status: u16, code: &str| {
        put(&bed, &anna, &random(16), summary, message).send().await.is(status, code);
    };
    let whole = sealed(100);
    // In the older packet format, as well.
    let older = [&[0x85][..], &whole].concat();
    assert_eq!(put(&bed, &anna, &random(16), &older, &older).send().await.status, 201);
    let clear = ["Subject: the heron", "\u{dc}bermorgen", "\u{4f60}\u{597d}", "-----BEGIN PGP MESSAGE-----"];
    for text in clear.map(str::as_bytes).into_iter().chain([&[0_u8; 9][..], &[0xd2, 1], &[0x80, 1], &[0xff, 0xfe]]) {
        refused(text, &whole, 400, "invalid-request").await;
        refused(&whole, text, 400, "invalid-request").await;
    }
    refused(&whole, b"", 400, "size-mismatch").await;
    refused(b"", &whole, 400, "invalid-request").await;
    refused(&sealed(8193), &whole, 400, "invalid-request").await;
    refused(&whole, &sealed(20_001 + (1 << 20)), 413, "too-large").await;
    for length in ["", "x", "-1", "101"] {
        let call = bed.call("PUT", &format!("{MAILBOX}/sent/{}", random(16))).cookie(&anna);
        let reply = call.header("envelock-summary", length).octets(whole.clone()).send().await;
        assert_eq!(reply.status, 400, "{length}: {}", reply.text());
    }
    let unnamed = bed.call("PUT", &format!("{MAILBOX}/sent/x")).cookie(&anna).header("envelock-summary", "9");
    unnamed.octets(whole.clone()).send().await.is(404, "not-found");
    assert_eq!((sent(&bed, &anna).await.len(), bed.files().len()), (1, 1));
}

#[tokio::test]
async fn copies_take_room_in_the_mailbox_and_are_never_asked_about() {
    let data = tempfile::tempdir().unwrap();
    let mut mail = MailServer::start(data.path(), &["--mailbox-bytes", "40000"]).await;
    let keep = async |mail: &MailServer, id: &str, length: usize| {
        let put = mail.server.client.put(mail.server.url(&format!("{MAILBOX}/sent/{id}")));
        let put = put.header("origin", &mail.server.origin).header("content-type", "application/octet-stream");
        let put = put.header("envelock-summary", "100").body([sealed(100), sealed(length)].concat());
        put.send().await.unwrap().status().as_u16()
    };
    let copies = async |mail: &MailServer| {
        let url = mail.server.url(&format!("{MAILBOX}?folder=sent"));
        let answer = mail.server.client.get(url).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["messages"].as_array().unwrap().clone()
    };
    let (first, second) = (random(16), random(16));
    assert_eq!(keep(&mail, &first, 20_000).await, 201);
    assert_eq!(keep(&mail, &second, 20_000).await, 507);
    assert_eq!(keep(&mail, &first, 20_000).await, 204, "it is there, however full it is");
    let long = letter("long", &"a line of some octets\r\n".repeat(600));
    assert_eq!(mail.greeted().await.bring(EVE, &[ANNA], &long).await, [250, 250, 354, 452]);
    assert_eq!(mail.greeted().await.bring(EVE, &[ANNA], &letter("short", "x")).await, [250, 250, 354, 250]);
    let arrived = mail.list().await;
    assert_eq!((arrived.len(), copies(&mail).await.len()), (1, 1));
    assert!(arrived[0]["verdict"].is_object() && copies(&mail).await[0]["verdict"].is_null());

    let place = tempfile::tempdir().unwrap();
    let copy = place.path().join("backup");
    assert!(run(data.path(), &["backup", copy.to_str().unwrap()]).await.contains("2 files"));
    let before = copies(&mail).await;
    mail.server.kill();
    drop(data);
    let data = tempfile::tempdir().unwrap();
    assert!(run(data.path(), &["restore", copy.to_str().unwrap()]).await.contains("2 files"));
    let mail = MailServer::start(data.path(), &["--mailbox-bytes", "40000"]).await;
    assert_eq!((copies(&mail).await, mail.list().await.len()), (before.clone(), 1));
    assert_eq!(mail.remove(&before[0]).await, 204);
    assert_eq!(keep(&mail, &second, 20_000).await, 201, "there is room again");
    assert_eq!(copies(&mail).await.len(), 1);
}
