//! What time ends: on the clock of the test, and on the server's own initiative.

use crate::testbed::{self, Bed, DAY, HOUR, announcement, octets, random};
use envelock_server::{Clock, Maintained, Serving, Settings, SystemClock, maintain, serve};
use envelock_wire::Timestamp;
use serde_json::json;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

#[tokio::test]
async fn expired_is_gone_even_before_the_purge_and_its_bytes_after_it() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({"expiresInSeconds": 3600, "hint": "the café"})).await;
    let kept = bed.seal(&anna, json!({})).await;
    bed.pass(HOUR - 1);
    assert_eq!(bed.head(&sealed.id).await.status, 200);
    bed.pass(1);
    bed.head(&sealed.id).await.is(404, "gone");
    bed.open(&sealed.id, &sealed.token).await.is(404, "gone");
    assert_eq!(bed.record(&anna, &sealed.id).await["state"], "expired");
    assert_eq!(bed.files().len(), 2);

    let done = maintain(&bed.app).await.unwrap();
    assert_eq!(done.envelopes.expired, 1);
    assert_eq!(bed.files().len(), 1);
    let record = bed.record(&anna, &sealed.id).await;
    assert_eq!((&record["state"], &record["hint"]), (&json!("expired"), &json!(null)));
    assert_eq!(bed.open(&kept.id, &kept.token).await.body, kept.ciphertext);
    assert_eq!(maintain(&bed.app).await.unwrap(), Maintained::default(), "a second round finds nothing");
}

#[tokio::test]
async fn an_abandoned_upload_is_forgotten_after_an_hour() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let body = announcement(&random(32), 100);
    let record = bed.call("POST", "/api/v1/envelopes").cookie(&anna).json(&body).send().await.json();
    let path = format!("/api/v1/envelopes/{}", record["id"].as_str().unwrap());
    bed.pass(HOUR - 1);
    maintain(&bed.app).await.unwrap();
    assert_eq!(bed.call("GET", &path).cookie(&anna).send().await.json()["state"], "uploading");
    bed.pass(1);
    assert_eq!(maintain(&bed.app).await.unwrap().envelopes.abandoned, 1);
    bed.call("GET", &path).cookie(&anna).send().await.is(404, "not-found");
}

#[tokio::test]
async fn ended_envelopes_leave_the_list_after_ninety_days_with_their_replies() {
    let bed = Bed::new().await;
    bed.login("anna@example.org").await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({"expiresInSeconds": 3600})).await;
    assert_eq!(bed.reply(&sealed.id, &sealed.token, octets(10)).await.status, 201);
    bed.pass(HOUR + 90 * DAY - 1);
    maintain(&bed.app).await.unwrap();
    assert_eq!(bed.files().len(), 1, "the reply");
    let anna = bed.login("anna@example.org").await;
    assert_eq!(bed.record(&anna, &sealed.id).await["replies"], 1);
    bed.pass(1);
    assert_eq!(maintain(&bed.app).await.unwrap().envelopes.replies, 1);
    assert!(bed.files().is_empty());
    bed.call("GET", &format!("/api/v1/envelopes/{}", sealed.id)).cookie(&anna).send().await.is(404, "not-found");
}

/// Withdrawn and opened envelopes used to stay until 90 days after the end they once had, a year off at most.
#[tokio::test]
async fn the_ninety_days_begin_with_the_withdrawal() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({"expiresInSeconds": 365 * DAY, "hint": "the café", "note": "mine"})).await;
    bed.pass(DAY);
    let anna = bed.login("anna@example.org").await;
    let path = format!("/api/v1/envelopes/{}", sealed.id);
    assert_eq!(bed.call("DELETE", &path).cookie(&anna).send().await.status, 204);
    let record = bed.record(&anna, &sealed.id).await;
    assert_eq!((&record["note"], &record["hint"]), (&json!("mine"), &json!(null)));
    bed.pass(45 * DAY);
    // Saying it again does not put it off.
    let anna = bed.login("anna@example.org").await;
    assert_eq!(bed.call("DELETE", &path).cookie(&anna).send().await.status, 204);
    bed.pass(45 * DAY - 1);
    maintain(&bed.app).await.unwrap();
    let anna = bed.login("anna@example.org").await;
    assert_eq!(bed.record(&anna, &sealed.id).await["state"], "withdrawn");
    bed.pass(1);
    maintain(&bed.app).await.unwrap();
    bed.call("GET", &path).cookie(&anna).send().await.is(404, "not-found");
}

#[tokio::test]
async fn an_opened_one_stays_ninety_days_and_while_it_takes_replies() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let mut opened = Vec::new();
    for days in [2, 100, 2] {
        let sealed = bed.seal(&anna, json!({"expiresInSeconds": days * DAY, "hint": "the café"})).await;
        let lease = bed.open(&sealed.id, &sealed.token).await.lease();
        assert_eq!(bed.confirm(&sealed.id, &sealed.token, &lease).await.status, 200);
        assert_eq!(bed.record(&anna, &sealed.id).await["hint"], json!(null));
        opened.push(sealed);
    }
    let [short, long, answered] = &opened[..] else { panic!() };
    bed.pass(DAY);
    assert_eq!(bed.reply(&answered.id, &answered.token, octets(10)).await.status, 201);
    let there = async |bed: &Bed| {
        maintain(&bed.app).await.unwrap();
        let anna = bed.login("anna@example.org").await;
        let list = bed.call("GET", "/api/v1/envelopes").cookie(&anna).send().await.json();
        [short, long, answered]
            .map(|sealed| list["envelopes"].as_array().unwrap().iter().any(|one| one["id"] == sealed.id))
    };
    bed.pass(89 * DAY - 1);
    assert_eq!(there(&bed).await, [true, true, true]);
    bed.pass(1);
    assert_eq!(there(&bed).await, [false, true, true], "90 days after the opening");
    bed.pass(DAY);
    assert_eq!(there(&bed).await, [false, true, false], "90 days after the reply");
    assert_eq!(bed.reply(&long.id, &long.token, octets(10)).await.status, 201, "until its end");
    bed.pass(9 * DAY);
    assert_eq!(there(&bed).await, [false, true, false], "it has a young reply");
    bed.pass(81 * DAY);
    assert_eq!(there(&bed).await, [false, false, false]);
    assert!(bed.files().is_empty());
}

/// Between finding what ended long ago and forgetting it, a reply may come, whose file no row would name.
#[tokio::test]
async fn a_reply_that_comes_while_its_envelope_is_forgotten_saves_it() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({"expiresInSeconds": 3600})).await;
    bed.pass(HOUR);
    maintain(&bed.app).await.unwrap();
    bed.pass(91 * DAY);
    let rows = testbed::databases::rows(bed.data.path()).await;
    let mut replying = rows.begin().await.unwrap();
    // Holds the row, on SQLite the whole database.
    sqlx::query("UPDATE envelopes SET openings = openings").execute(&mut *replying).await.unwrap();
    let app = bed.app.clone();
    let purge = tokio::spawn(async move { maintain(&app).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    sqlx::query("INSERT INTO replies (envelope, number, created, size, file) SELECT id, 1, $1, 10, $2 FROM envelopes")
        .bind(bed.clock.now().as_unix())
        .bind([7_u8; 16].as_slice())
        .execute(&mut *replying)
        .await
        .unwrap();
    replying.commit().await.unwrap();
    purge.await.unwrap().unwrap();
    let anna = bed.login("anna@example.org").await;
    assert_eq!(bed.record(&anna, &sealed.id).await["replies"], 1);
}

#[tokio::test]
async fn many_abandoned_uploads_go_in_one_round() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    for _ in 0..401 {
        let body = announcement(&random(32), 100);
        assert_eq!(bed.call("POST", "/api/v1/envelopes").cookie(&anna).json(&body).send().await.status, 201);
    }
    bed.pass(HOUR);
    assert_eq!(maintain(&bed.app).await.unwrap().envelopes.abandoned, 401);
}

#[tokio::test]
async fn files_without_a_row_are_removed_when_old_and_others_never() {
    let bed = Bed::with(|settings| settings.orphan_age = Duration::from_millis(300)).await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    bed.reply(&sealed.id, &sealed.token, octets(10)).await;
    let lost =
        [bed.data.path().join("blobs/0123456789abcdef0123456789abcdef"), bed.data.path().join("incoming/lost.part")];
    for path in &lost {
        std::fs::write(path, "left by a crash").unwrap();
    }
    assert_eq!(bed.app.envelopes().purge_orphans().await.unwrap(), 0, "too young");
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(bed.app.envelopes().purge_orphans().await.unwrap(), 2);
    assert!(lost.iter().all(|path| !path.exists()));
    assert_eq!(bed.files().len(), 2);
    assert_eq!(bed.open(&sealed.id, &sealed.token).await.body, sealed.ciphertext);
}

#[tokio::test]
async fn a_dropped_upload_leaves_nothing() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let body = announcement(&random(32), 100);
    let record = bed.call("POST", "/api/v1/envelopes").cookie(&anna).json(&body).send().await.json();
    let endless = futures_util::StreamExt::chain(
        futures_util::stream::iter([Ok::<_, std::io::Error>(axum::body::Bytes::from_static(b"half"))]),
        futures_util::stream::pending(),
    );
    let put = bed
        .call("PUT", &format!("/api/v1/envelopes/{}/ciphertext", record["id"].as_str().unwrap()))
        .cookie(&anna)
        .header("content-length", "100")
        .raw("application/octet-stream", axum::body::Body::from_stream(endless));
    let upload = tokio::spawn(put.send());
    while bed.files().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    upload.abort();
    assert!(upload.await.is_err());
    assert!(bed.files().is_empty());
}

/// The machine's clock and some seconds.
struct Shifted(AtomicI64);

impl Clock for Shifted {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_seconds(self.0.load(Ordering::SeqCst))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_purges_although_nobody_calls() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    bed.seal(&anna, json!({})).await;
    bed.app.close().await;
    let clock = Arc::new(Shifted(AtomicI64::new(testbed::START - SystemClock.now().as_unix())));
    let mut settings = Settings::new(bed.data.path());
    settings.database = testbed::databases::location(bed.data.path()).await;
    settings.bucket = bed.app.settings().bucket.clone();
    settings.purge_every = Duration::from_millis(50);
    let serving = Serving::on(TcpListener::bind("127.0.0.1:0").unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(serve(settings, clock.clone(), serving, |_| {}, async {
        let _ = stopped.await;
    }));
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(bed.files().len(), 1, "not yet");
    clock.0.fetch_add(7 * DAY, Ordering::SeqCst);
    for _ in 0..200 {
        if bed.files().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(bed.files().is_empty());
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
}
