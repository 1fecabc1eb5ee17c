//! An envelope from its announcement to its end, as sender and recipient see it.

use crate::testbed::{Bed, DAY, HOUR, announcement, octets, random};
use serde_json::{Value, json};

#[tokio::test]
async fn sealed_leased_confirmed_gone() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({"hint": "the café", "note": "-----BEGIN PGP MESSAGE-----"})).await;

    let record = bed.record(&anna, &sealed.id).await;
    assert_eq!(record["state"], "sealed");
    assert_eq!(record["created"], "2027-01-15T08:00:00Z");
    assert_eq!(record["expires"], "2027-01-22T08:00:00Z");
    assert_eq!((&record["maxOpenings"], &record["openings"], &record["triesLeft"]), (&json!(1), &json!(0), &json!(10)));
    assert_eq!(record["note"], "-----BEGIN PGP MESSAGE-----");

    let head = bed.head(&sealed.id).await.json();
    assert_eq!(head["sender"], json!({"address": "anna@example.org", "name": "Somebody"}));
    assert_eq!((&head["profile"], &head["hint"], &head["linkSecret"]), (&json!(1), &json!("the café"), &json!(true)));
    assert_eq!((&head["size"], &head["openingsLeft"], &head["triesLeft"]), (&json!(5000), &json!(1), &json!(10)));
    // A link holder sees nothing else: no note, no token hash.
    let mut fields: Vec<_> = head.as_object().unwrap().keys().cloned().collect();
    fields.sort();
    assert_eq!(
        fields,
        ["created", "expires", "hint", "linkSecret", "openingsLeft", "profile", "salt", "sender", "size", "triesLeft"]
    );

    let opened = bed.open(&sealed.id, &sealed.token).await;
    assert_eq!(opened.status, 200);
    assert_eq!(opened.header("content-type"), "application/octet-stream");
    assert_eq!(opened.header("content-length"), "5000");
    assert_eq!(opened.body, sealed.ciphertext);
    assert_eq!(opened.lease().len(), 22);
    // Leased, not used: still there, but for nobody else.
    assert_eq!(bed.head(&sealed.id).await.json()["openingsLeft"], 1);
    bed.open(&sealed.id, &sealed.token).await.is(409, "in-use");
    assert_eq!(bed.record(&anna, &sealed.id).await["openings"], 0);

    bed.pass(60);
    let confirmed = bed.confirm(&sealed.id, &sealed.token, &opened.lease()).await;
    assert_eq!((confirmed.status.as_u16(), confirmed.json()), (200, json!({"openingsLeft": 0})));
    assert!(bed.files().is_empty(), "the bytes are removed at the last opening");
    bed.open(&sealed.id, &sealed.token).await.is(404, "gone");
    bed.head(&sealed.id).await.is(404, "gone");
    let record = bed.record(&anna, &sealed.id).await;
    assert_eq!((&record["state"], &record["openings"]), (&json!("opened"), &json!(1)));
    assert_eq!(record["openedAt"], "2027-01-15T08:01:00Z");
    // A client that did not get the answer may ask again.
    let again = bed.confirm(&sealed.id, &sealed.token, &opened.lease()).await;
    assert_eq!(again.json(), json!({"openingsLeft": 0}));
    assert_eq!(bed.record(&anna, &sealed.id).await["openings"], 1);
}

#[tokio::test]
async fn a_lease_downloads_again_and_gives_its_opening_back_after_ten_minutes() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    let lease = bed.open(&sealed.id, &sealed.token).await.lease();
    let path = format!("/api/v1/d/{}/open", sealed.id);
    let again = bed.call("POST", &path).json(&json!({"token": sealed.token, "lease": lease})).send().await;
    assert_eq!((again.status.as_u16(), again.lease()), (200, lease.clone()));
    // A lease alone opens nothing.
    bed.call("POST", &path).json(&json!({"token": random(32), "lease": lease})).send().await.is(403, "wrong-token");

    bed.pass(599);
    bed.open(&sealed.id, &sealed.token).await.is(409, "in-use");
    bed.pass(1);
    let second = bed.open(&sealed.id, &sealed.token).await;
    assert_eq!(second.status, 200);
    assert_ne!(second.lease(), lease);
    bed.confirm(&sealed.id, &sealed.token, &lease).await.is(409, "lease-expired");
    assert_eq!(bed.confirm(&sealed.id, &sealed.token, &second.lease()).await.status, 200);
}

#[tokio::test]
async fn openings_are_counted_to_the_last_or_not_at_all() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let three = bed.seal(&anna, json!({"maxOpenings": 3})).await;
    for left in [2, 1, 0] {
        let lease = bed.open(&three.id, &three.token).await.lease();
        assert_eq!(bed.confirm(&three.id, &three.token, &lease).await.json()["openingsLeft"], left);
    }
    bed.open(&three.id, &three.token).await.is(404, "gone");

    let unlimited = bed.seal(&anna, json!({"maxOpenings": null})).await;
    for openings in 1..=5 {
        let lease = bed.open(&unlimited.id, &unlimited.token).await.lease();
        let confirmed = bed.confirm(&unlimited.id, &unlimited.token, &lease).await;
        assert_eq!(confirmed.json(), json!({"openingsLeft": null}));
        assert_eq!(bed.record(&anna, &unlimited.id).await["openings"], openings);
    }
    assert_eq!(bed.head(&unlimited.id).await.json()["openingsLeft"], Value::Null);
    assert_eq!(bed.record(&anna, &unlimited.id).await["maxOpenings"], Value::Null);
}

#[tokio::test]
async fn ten_wrong_tokens_lock_and_the_sender_unlocks() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    for left in (0..10).rev() {
        let wrong = bed.open(&sealed.id, &random(32)).await;
        wrong.is(403, "wrong-token");
        assert_eq!(wrong.json()["triesLeft"], left);
        if left == 5 {
            // The right token neither burns the envelope nor gives tries back.
            let lease = bed.open(&sealed.id, &sealed.token).await.lease();
            assert!(!lease.is_empty());
            assert_eq!(bed.head(&sealed.id).await.json()["triesLeft"], 5);
            bed.pass(600);
        }
    }
    bed.open(&sealed.id, &random(32)).await.is(423, "locked");
    bed.open(&sealed.id, &sealed.token).await.is(423, "locked");
    bed.reply(&sealed.id, &sealed.token, octets(10)).await.is(423, "locked");
    bed.confirm(&sealed.id, &sealed.token, &random(16)).await.is(423, "locked");
    assert_eq!(bed.head(&sealed.id).await.json()["triesLeft"], 0);
    assert_eq!(bed.record(&anna, &sealed.id).await["state"], "locked");

    let path = format!("/api/v1/envelopes/{}", sealed.id);
    let unlocked = bed.call("PATCH", &path).cookie(&anna).json(&json!({"unlock": true})).send().await;
    assert_eq!((&unlocked.json()["state"], &unlocked.json()["triesLeft"]), (&json!("sealed"), &json!(10)));
    let opened = bed.open(&sealed.id, &sealed.token).await;
    assert_eq!(opened.body, sealed.ciphertext);
}

#[tokio::test]
async fn whoever_holds_a_lease_can_confirm_although_others_locked_it() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    let lease = bed.open(&sealed.id, &sealed.token).await.lease();
    for _ in 0..10 {
        bed.open(&sealed.id, &random(32)).await.is(403, "wrong-token");
    }
    bed.confirm(&sealed.id, &random(32), &lease).await.is(423, "locked");
    assert_eq!(bed.confirm(&sealed.id, &sealed.token, &lease).await.status, 200);
}

#[tokio::test]
async fn withdrawn_is_gone_at_once() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    let lease = bed.open(&sealed.id, &sealed.token).await.lease();
    let path = format!("/api/v1/envelopes/{}", sealed.id);
    assert_eq!(bed.call("DELETE", &path).cookie(&anna).send().await.status, 204);
    assert!(bed.files().is_empty());
    bed.head(&sealed.id).await.is(404, "gone");
    bed.open(&sealed.id, &sealed.token).await.is(404, "gone");
    bed.confirm(&sealed.id, &sealed.token, &lease).await.is(404, "gone");
    bed.reply(&sealed.id, &sealed.token, octets(10)).await.is(404, "gone");
    assert_eq!(bed.record(&anna, &sealed.id).await["state"], "withdrawn");
    assert_eq!(bed.call("DELETE", &path).cookie(&anna).send().await.status, 204, "withdrawing twice does no harm");
    bed.call("PATCH", &path).cookie(&anna).json(&json!({"unlock": true})).send().await.is(409, "ended");
    bed.call("PATCH", &path).cookie(&anna).json(&json!({"expiresInSeconds": 3600})).send().await.is(409, "ended");
    bed.call("PUT", &format!("{path}/ciphertext")).cookie(&anna).octets(octets(5000)).send().await.is(409, "ended");
}

#[tokio::test]
async fn the_end_can_be_moved_within_a_year_of_creation() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({"expiresInSeconds": 3600})).await;
    let path = format!("/api/v1/envelopes/{}", sealed.id);
    let change = async |seconds: i64| {
        bed.call("PATCH", &path).cookie(&anna).json(&json!({"expiresInSeconds": seconds})).send().await
    };
    bed.pass(HOUR / 2);
    assert_eq!(change(2 * HOUR).await.json()["expires"], "2027-01-15T10:30:00Z");
    bed.pass(HOUR);
    assert_eq!(bed.head(&sealed.id).await.status, 200, "the old end has passed");
    // 365 days from now would be later than 365 days from creation.
    assert_eq!(change(365 * DAY).await.json()["expires"], "2028-01-15T08:00:00Z");
    assert_eq!(change(HOUR).await.json()["expires"], "2027-01-15T10:30:00Z");
    change(HOUR - 1).await.is(400, "invalid-request");
    change(365 * DAY + 1).await.is(400, "invalid-request");
    bed.pass(HOUR);
    bed.head(&sealed.id).await.is(404, "gone");
    change(HOUR).await.is(409, "ended");
}

#[tokio::test]
async fn looking_burns_nothing() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    let before = bed.record(&anna, &sealed.id).await;
    for path in [format!("/d/{}", sealed.id), format!("/api/v1/d/{}", sealed.id)] {
        for method in ["GET", "HEAD"] {
            for _ in 0..20 {
                assert_eq!(bed.call(method, &path).header("user-agent", "LinkPreviewBot/1.0").send().await.status, 200);
            }
        }
    }
    assert_eq!(bed.record(&anna, &sealed.id).await, before);
}

#[tokio::test]
async fn the_list_is_the_senders_own_newest_first() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.insert(0, bed.seal(&anna, json!({})).await.id);
        bed.pass(1);
    }
    let list = bed.call("GET", "/api/v1/envelopes").cookie(&anna).send().await.json();
    let listed: Vec<_> =
        list["envelopes"].as_array().unwrap().iter().map(|record| record["id"].as_str().unwrap()).collect();
    assert_eq!(listed, ids);
}

#[tokio::test]
async fn an_upload_is_exactly_as_long_as_announced_and_comes_once() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let body = announcement(&random(32), 100);
    let record = bed.call("POST", "/api/v1/envelopes").cookie(&anna).json(&body).send().await.json();
    assert_eq!(record["state"], "uploading");
    let id = record["id"].as_str().unwrap();
    bed.head(id).await.is(404, "gone");
    let path = format!("/api/v1/envelopes/{id}/ciphertext");
    let put = || bed.call("PUT", &path).cookie(&anna);
    put().octets(octets(99)).send().await.is(400, "size-mismatch");
    put().octets(octets(101)).send().await.is(400, "size-mismatch");
    // The header says 100, the body is something else.
    for length in [0, 50, 101, 100_000] {
        let reply = put().header("content-length", "100").raw("application/octet-stream", octets(length)).send().await;
        reply.is(400, "size-mismatch");
    }
    put().raw("application/octet-stream", octets(100)).send().await.is(411, "length-required");
    assert!(bed.files().is_empty(), "nothing is kept of a refused upload");
    assert_eq!(put().octets(octets(100)).send().await.status, 204);
    put().octets(octets(100)).send().await.is(409, "already-sealed");
    assert_eq!(bed.files().len(), 1);
}

#[tokio::test]
async fn an_account_cannot_fill_the_disk() {
    let bed = Bed::with(|settings| settings.account_bytes = 12_000).await;
    let anna = bed.login("anna@example.org").await;
    let first = bed.seal(&anna, json!({})).await;
    bed.seal(&anna, json!({})).await;
    let body = announcement(&random(32), 5000);
    bed.call("POST", "/api/v1/envelopes").cookie(&anna).json(&body).send().await.is(507, "storage-full");
    bed.call("DELETE", &format!("/api/v1/envelopes/{}", first.id)).cookie(&anna).send().await;
    assert_eq!(bed.call("POST", "/api/v1/envelopes").cookie(&anna).json(&body).send().await.status, 201);
}

#[tokio::test]
async fn replies_take_of_their_receivers_room() {
    let bed = Bed::with(|settings| settings.account_bytes = 12_000).await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    bed.reply(&sealed.id, &sealed.token, octets(7001)).await.is(507, "storage-full");
    assert_eq!(bed.files().len(), 1, "nothing is kept of a refused reply");
    assert_eq!(bed.reply(&sealed.id, &sealed.token, octets(7000)).await.status, 201);
    let body = announcement(&random(32), 1);
    bed.call("POST", "/api/v1/envelopes").cookie(&anna).json(&body).send().await.is(507, "storage-full");
    // The room of others is theirs.
    let bert = bed.login("bert@example.org").await;
    assert_eq!(bed.call("POST", "/api/v1/envelopes").cookie(&bert).json(&body).send().await.status, 201);
}

#[tokio::test]
async fn an_account_has_so_many_envelopes_and_no_more() {
    let bed = Bed::with(|settings| settings.account_envelopes = 2.try_into().unwrap()).await;
    let anna = bed.login("anna@example.org").await;
    let first = bed.seal(&anna, json!({})).await;
    bed.seal(&anna, json!({})).await;
    // One that ended still has its row.
    bed.call("DELETE", &format!("/api/v1/envelopes/{}", first.id)).cookie(&anna).send().await;
    let body = announcement(&random(32), 10);
    bed.call("POST", "/api/v1/envelopes").cookie(&anna).json(&body).send().await.is(507, "too-many-envelopes");
    let bert = bed.login("bert@example.org").await;
    assert_eq!(bed.call("POST", "/api/v1/envelopes").cookie(&bert).json(&body).send().await.status, 201);
}

#[tokio::test]
async fn the_list_comes_in_pages_that_miss_and_repeat_nothing() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let bert = bed.login("bert@example.org").await;
    let foreign = bed.seal(&bert, json!({})).await;
    for number in 0..103 {
        // Many of the same second.
        bed.pass(i64::from(number % 10 == 0));
        let body = announcement(&random(32), 10);
        assert_eq!(bed.call("POST", "/api/v1/envelopes").cookie(&anna).json(&body).send().await.status, 201);
    }
    let page = async |query: &str| bed.call("GET", &format!("/api/v1/envelopes{query}")).cookie(&anna).send().await;
    let plain = page("").await.json();
    assert_eq!(plain["envelopes"].as_array().unwrap().len(), 100);
    let all = page("?limit=500").await.json();
    assert!(all["next"].is_null());
    let all = all["envelopes"].as_array().unwrap().clone();
    assert_eq!(all.len(), 103);
    assert!(all.is_sorted_by(|a, b| a["created"].as_str() >= b["created"].as_str()), "newest first");
    let mut collected = Vec::new();
    let mut query = "?limit=25".to_owned();
    loop {
        let page = page(&query).await.json();
        collected.extend(page["envelopes"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        query = format!("?limit=25&before={next}");
    }
    assert_eq!(collected, all);
    for wrong in ["?limit=0", "?limit=501", "?limit=x", "?before=x", "?after=1"] {
        page(wrong).await.is(400, "invalid-request");
    }
    page(&format!("?before={}", foreign.id)).await.is(404, "not-found");
}
