//! Replies: posted with the token, read by the sender.

use crate::testbed::{Bed, DAY, octets, random};
use axum::body::{Body, Bytes};
use serde_json::json;

#[tokio::test]
async fn the_sender_reads_what_was_posted() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    let bodies = [octets(1), octets(100_000)];
    for (body, number) in bodies.iter().zip(1..) {
        bed.pass(60);
        let posted = bed.reply(&sealed.id, &sealed.token, body.clone()).await;
        assert_eq!((posted.status.as_u16(), posted.json()), (201, json!({"number": number})));
    }
    assert_eq!(bed.record(&anna, &sealed.id).await["replies"], 2);
    let path = format!("/api/v1/envelopes/{}/replies", sealed.id);
    assert_eq!(
        bed.call("GET", &path).cookie(&anna).send().await.json(),
        json!({"replies": [
            {"number": 1, "created": "2027-01-15T08:01:00Z", "size": 1},
            {"number": 2, "created": "2027-01-15T08:02:00Z", "size": 100_000},
        ]})
    );
    for (body, number) in bodies.iter().zip(1..) {
        let read = bed.call("GET", &format!("{path}/{number}")).cookie(&anna).send().await;
        assert_eq!((read.status.as_u16(), read.header("content-type")), (200, "application/octet-stream"));
        assert_eq!(&read.body, body);
    }
    for number in ["0", "3", "-1", "x", "99999999999"] {
        bed.call("GET", &format!("{path}/{number}")).cookie(&anna).send().await.is(404, "not-found");
    }
}

#[tokio::test]
async fn replies_go_on_after_the_last_opening_until_the_end() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    let lease = bed.open(&sealed.id, &sealed.token).await.lease();
    bed.confirm(&sealed.id, &sealed.token, &lease).await;
    assert_eq!(bed.reply(&sealed.id, &sealed.token, octets(10)).await.status, 201);
    assert_eq!(bed.reply(&sealed.id, &sealed.token, octets(10)).await.status, 201);
    bed.pass(7 * DAY);
    bed.reply(&sealed.id, &sealed.token, octets(10)).await.is(404, "gone");
    // What came is the sender's.
    let anna = bed.login("anna@example.org").await;
    let read = bed.call("GET", &format!("/api/v1/envelopes/{}/replies/2", sealed.id)).cookie(&anna).send().await;
    assert_eq!(read.status, 200);
}

/// Wrong tokens used to count here too while the answer was "gone": ten of them, and the recipient's reply was refused
/// without anybody being told.
#[tokio::test]
async fn wrong_tokens_after_the_last_opening_change_nothing() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    let lease = bed.open(&sealed.id, &sealed.token).await.lease();
    bed.confirm(&sealed.id, &sealed.token, &lease).await;
    let before = bed.record(&anna, &sealed.id).await;
    for _ in 0..11 {
        bed.open(&sealed.id, &random(32)).await.is(404, "gone");
        bed.confirm(&sealed.id, &random(32), &lease).await.is(404, "gone");
        bed.reply(&sealed.id, &random(32), octets(10)).await.is(404, "gone");
    }
    assert_eq!(bed.record(&anna, &sealed.id).await, before);
    assert_eq!(bed.reply(&sealed.id, &sealed.token, octets(10)).await.status, 201);
}

#[tokio::test]
async fn a_lock_ends_with_the_last_opening() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    let lease = bed.open(&sealed.id, &sealed.token).await.lease();
    for _ in 0..10 {
        bed.open(&sealed.id, &random(32)).await.is(403, "wrong-token");
    }
    bed.reply(&sealed.id, &sealed.token, octets(10)).await.is(423, "locked");
    assert_eq!(bed.confirm(&sealed.id, &sealed.token, &lease).await.status, 200);
    assert_eq!(bed.reply(&sealed.id, &sealed.token, octets(10)).await.status, 201);
}

#[tokio::test]
async fn the_sixth_is_refused() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    for number in 1..=5 {
        assert_eq!(bed.reply(&sealed.id, &sealed.token, octets(10)).await.json()["number"], number);
    }
    bed.reply(&sealed.id, &sealed.token, octets(10)).await.is(409, "reply-limit");
}

#[tokio::test]
async fn too_large_empty_and_broken_ones_leave_nothing() {
    let bed = Bed::with(|settings| settings.reply_bytes = 10_000).await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    let path = format!("/api/v1/d/{}/replies", sealed.id);
    let post = || bed.call("POST", &path).header("envelock-token", &sealed.token);
    post().octets(octets(10_001)).send().await.is(413, "too-large");
    post().raw("application/octet-stream", octets(10)).send().await.is(411, "length-required");
    post().octets(Vec::new()).send().await.is(400, "size-mismatch");
    post()
        .header("content-length", "20")
        .raw("application/octet-stream", octets(10))
        .send()
        .await
        .is(400, "size-mismatch");
    let broken =
        futures_util::stream::iter([Ok(Bytes::from_static(b"half")), Err(std::io::Error::other("the line broke"))]);
    post()
        .header("content-length", "20")
        .raw("application/octet-stream", Body::from_stream(broken))
        .send()
        .await
        .is(400, "size-mismatch");
    assert_eq!(bed.files().len(), 1, "the envelope alone");
    assert_eq!(post().octets(octets(10_000)).send().await.status, 201);
}

#[tokio::test]
async fn a_body_that_stops_coming_is_given_up() {
    let bed = Bed::with(|settings| settings.stall = std::time::Duration::from_millis(200)).await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    let silent = futures_util::StreamExt::chain(
        futures_util::stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"half"))]),
        futures_util::stream::pending(),
    );
    let path = format!("/api/v1/d/{}/replies", sealed.id);
    let post = bed.call("POST", &path).header("envelock-token", &sealed.token);
    let post = post.header("content-length", "20");
    post.raw("application/octet-stream", Body::from_stream(silent)).send().await.is(408, "too-slow");
    assert_eq!(bed.files().len(), 1);
}
