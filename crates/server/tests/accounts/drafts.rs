//! Drafts: nobody writes over what they have not read, nobody reads those of others, and one that was deleted stays so.

use crate::testbed::{self, Bed, Call, DAY, Reply, START, announcement, octets, random};
use axum::body::{Body, Bytes};
use futures_util::stream;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::task::JoinSet;

const DRAFTS: &str = "/api/v1/account/drafts";
const FIRST: (&str, &str) = ("if-none-match", "*");

fn path(id: &str) -> String {
    format!("{DRAFTS}/{id}")
}

fn put(bed: &Bed, cookie: &str, id: &str, condition: (&str, &str), draft: &[u8]) -> Call {
    bed.call("PUT", &path(id)).cookie(cookie).header(condition.0, condition.1).octets(draft.to_vec())
}

async fn get(bed: &Bed, cookie: &str, id: &str) -> Reply {
    bed.call("GET", &path(id)).cookie(cookie).send().await
}

async fn delete(bed: &Bed, cookie: &str, id: &str, version: &str) -> Reply {
    bed.call("DELETE", &path(id)).cookie(cookie).header("if-match", version).send().await
}

async fn list(bed: &Bed, cookie: &str) -> Vec<Value> {
    let reply = bed.call("GET", DRAFTS).cookie(cookie).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["drafts"].as_array().unwrap().clone()
}

/// Stores a new draft; its id and version.
async fn begin(bed: &Bed, cookie: &str, draft: &[u8]) -> (String, String) {
    let id = random(16);
    let reply = put(bed, cookie, &id, FIRST, draft).send().await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    (id, reply.header("etag").to_owned())
}

#[tokio::test]
async fn a_device_writes_over_what_it_has_read_and_over_nothing_else() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    assert_eq!(list(&bed, &anna).await, Vec::<Value>::new());
    let (one, two) = (octets(5000), octets(300));
    let (id, version) = begin(&bed, &anna, &one).await;
    let read = get(&bed, &anna, &id).await;
    assert_eq!((read.status.as_u16(), &read.body, read.header("etag")), (200, &one, version.as_str()));
    assert_eq!((read.header("content-type"), read.header("cache-control")), ("application/octet-stream", "no-store"));
    bed.pass(60);
    // A phone that read the same, and one that takes it for new, are told what is there.
    let written = put(&bed, &anna, &id, ("if-match", &version), &two).send().await;
    assert_eq!((written.status.as_u16(), written.body.len()), (204, 0));
    let newer = written.header("etag");
    assert_ne!(newer, version);
    for condition in [("if-match", version.as_str()), FIRST, ("if-match", "\"nothing of ours\"")] {
        let late = put(&bed, &anna, &id, condition, &one).send().await;
        late.is(412, "draft-changed");
        assert_eq!(late.header("etag"), newer);
    }
    let read = get(&bed, &anna, &id).await;
    assert_eq!((&read.body, read.header("etag")), (&two, newer));
    assert_eq!(bed.files().len(), 1, "the older one is removed");

    bed.pass(60);
    let (other, version) = begin(&bed, &anna, &octets(40)).await;
    let records = list(&bed, &anna).await;
    assert_eq!(
        records[0],
        json!({"id": other, "revision": version.trim_matches('"'), "size": 40, "changed": "2027-01-15T08:02:00Z"})
    );
    assert_eq!(
        records[1],
        json!({"id": id, "revision": newer.trim_matches('"'), "size": 300, "changed": "2027-01-15T08:01:00Z"})
    );
    assert_eq!((records.len(), START), (2, 1_800_000_000));
}

#[tokio::test]
async fn a_deleted_draft_is_brought_back_by_no_device_that_does_not_know_it() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let (id, version) = begin(&bed, &anna, b"draft").await;
    bed.call("DELETE", &path(&id)).cookie(&anna).send().await.is(428, "precondition-required");
    let newer = put(&bed, &anna, &id, ("if-match", &version), b"more").send().await.header("etag").to_owned();
    // Who has not read the last words does not delete them.
    let late = delete(&bed, &anna, &id, &version).await;
    late.is(412, "draft-changed");
    assert_eq!(late.header("etag"), newer);
    assert_eq!(delete(&bed, &anna, &id, &newer).await.status, 204);
    assert!(bed.files().is_empty() && list(&bed, &anna).await.is_empty());
    get(&bed, &anna, &id).await.is(404, "not-found");

    for condition in [("if-match", newer.as_str()), ("if-match", version.as_str()), FIRST] {
        let late = put(&bed, &anna, &id, condition, b"from a train").send().await;
        late.is(412, "draft-changed");
        assert_eq!(late.header("etag"), "", "there is nothing");
    }
    let again = delete(&bed, &anna, &id, &newer).await;
    again.is(412, "draft-changed");
    assert_eq!(again.header("etag"), "");
    assert!(bed.files().is_empty() && list(&bed, &anna).await.is_empty());

    // As long as a device may stay away; then it is forgotten.
    bed.pass(90 * DAY - 1);
    envelock_server::maintain(&bed.app).await.unwrap();
    let anna = bed.login("anna@example.org").await;
    put(&bed, &anna, &id, FIRST, b"x").send().await.is(412, "draft-changed");
    bed.pass(1);
    envelock_server::maintain(&bed.app).await.unwrap();
    assert_eq!(put(&bed, &anna, &id, FIRST, b"x").send().await.status, 201);
    // One that is there is forgotten by nobody.
    bed.pass(400 * DAY);
    envelock_server::maintain(&bed.app).await.unwrap();
    let anna = bed.login("anna@example.org").await;
    assert_eq!(get(&bed, &anna, &id).await.body, b"x");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn of_sixty_four_devices_that_write_at_once_one_does() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let id = random(16);
    let mut version = None;
    for (won, round) in [(201, 0), (204, 1), (204, 2)] {
        let mut calls = JoinSet::new();
        for _ in 0..64 {
            let draft = octets(3000);
            let condition = version.as_deref().map_or(FIRST, |version| ("if-match", version));
            let call = put(&bed, &anna, &id, condition, &draft);
            calls.spawn(async move { (call.send().await, draft) });
        }
        let done = calls.join_all().await;
        let mut statuses = BTreeMap::new();
        for (reply, _) in &done {
            *statuses.entry(reply.status.as_u16()).or_insert(0) += 1;
        }
        assert_eq!(statuses, BTreeMap::from([(won, 1), (412, 63)]), "round {round}");
        let (reply, draft) = done.iter().find(|(reply, _)| reply.status == won).unwrap();
        let read = get(&bed, &anna, &id).await;
        assert_eq!((&read.body, read.header("etag")), (draft, reply.header("etag")));
        assert_eq!(bed.files().len(), 1);
        version = Some(reply.header("etag").to_owned());
    }
    // The same with deletions among them: it is written or gone, never both.
    let version = version.unwrap();
    let mut calls = JoinSet::new();
    for number in 0..64 {
        let call = if number % 2 == 0 {
            put(&bed, &anna, &id, ("if-match", &version), &octets(3000))
        } else {
            bed.call("DELETE", &path(&id)).cookie(&anna).header("if-match", &version)
        };
        calls.spawn(async move { call.send().await.status.as_u16() });
    }
    let done = calls.join_all().await;
    assert_eq!(done.iter().filter(|status| **status == 204).count(), 1, "{done:?}");
    assert!(done.iter().all(|status| matches!(status, 204 | 412)));
    assert_eq!(bed.files().len(), list(&bed, &anna).await.len());
}

#[tokio::test]
async fn they_are_the_accounts_own() {
    let bed = Bed::new().await;
    let (anna, ben) = (bed.login("anna@example.org").await, bed.login("ben@example.org").await);
    let (id, version) = begin(&bed, &anna, b"anna's").await;
    get(&bed, &ben, &id).await.is(404, "not-found");
    let late = put(&bed, &ben, &id, ("if-match", &version), b"ben's").send().await;
    late.is(412, "draft-changed");
    assert_eq!(late.header("etag"), "", "nothing is told of somebody else's");
    delete(&bed, &ben, &id, &version).await.is(412, "draft-changed");
    // The same name is another draft in another account.
    assert_eq!(put(&bed, &ben, &id, FIRST, b"ben's").send().await.status, 201);
    assert_eq!((list(&bed, &ben).await.len(), list(&bed, &anna).await.len()), (1, 1));
    assert_eq!(get(&bed, &anna, &id).await.body, b"anna's");
    for (method, path) in [("GET", DRAFTS.to_owned()), ("GET", path(&id)), ("PUT", path(&id)), ("DELETE", path(&id))] {
        bed.call(method, &path).send().await.is(401, "login-required");
    }
    // Another device of the same account has it.
    let phone = bed.login("anna@example.org").await;
    assert_eq!(get(&bed, &phone, &id).await.header("etag"), version);
}

#[tokio::test]
async fn a_name_has_one_form() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let long = "A".repeat(5000);
    for id in
        ["x", "AAAAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAAA%3D", "..%2f..%2fx", "AAAAAAAAAAAAAAAAAAAAA+", &long]
    {
        put(&bed, &anna, id, FIRST, b"draft").send().await.is(404, "not-found");
        get(&bed, &anna, id).await.is(404, "not-found");
    }
    let bare = bed.call("PUT", &path(&random(16))).cookie(&anna).octets(octets(10));
    bare.send().await.is(428, "precondition-required");
    assert!(bed.files().is_empty() && list(&bed, &anna).await.is_empty());
}

#[tokio::test]
async fn too_many_too_large_empty_and_broken_ones_are_refused_and_nothing_is_kept() {
    let bed = Bed::with(|settings| {
        settings.draft_bytes = 1000;
        settings.account_drafts = 3.try_into().unwrap();
    })
    .await;
    let anna = bed.login("anna@example.org").await;
    let limits = bed.call("GET", "/api/v1/server").send().await.json()["limits"].clone();
    assert_eq!((&limits["draftBytes"], &limits["drafts"]), (&json!(1000), &json!(3)));
    put(&bed, &anna, &random(16), FIRST, &octets(1001)).send().await.is(413, "too-large");
    put(&bed, &anna, &random(16), FIRST, &[]).send().await.is(400, "size-mismatch");
    let piece = || Ok::<_, std::io::Error>(Bytes::from(vec![7; 100]));
    let id = random(16);
    let call = || bed.call("PUT", &path(&id)).cookie(&anna).header("if-none-match", "*");
    let endless = || Body::from_stream(stream::repeat_with(piece));
    call().raw("application/octet-stream", endless()).send().await.is(411, "length-required");
    let announced = || call().header("content-length", "150");
    announced().raw("application/octet-stream", endless()).send().await.is(400, "size-mismatch");
    let broken = Body::from_stream(stream::iter([piece(), Err(std::io::Error::other("gone"))]));
    announced().raw("application/octet-stream", broken).send().await.is(400, "size-mismatch");
    call().raw("text/plain", "draft").send().await.is(415, "unsupported-media-type");
    assert!(bed.files().is_empty() && list(&bed, &anna).await.is_empty());

    let mut drafts = Vec::new();
    for _ in 0..3 {
        drafts.push(begin(&bed, &anna, &octets(1000)).await);
    }
    put(&bed, &anna, &random(16), FIRST, b"one more").send().await.is(507, "too-many-drafts");
    let (id, version) = &drafts[0];
    let written = put(&bed, &anna, id, ("if-match", version), b"those that are there can be written").send().await;
    assert_eq!(written.status, 204);
    assert_eq!(delete(&bed, &anna, id, written.header("etag")).await.status, 204);
    begin(&bed, &anna, b"room for one").await;
    assert_eq!(bed.files().len(), 3);
    // Somebody else has as many.
    let ben = bed.login("ben@example.org").await;
    begin(&bed, &ben, b"ben's").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn of_many_that_begin_at_once_no_more_than_allowed_do() {
    let bed = Bed::with(|settings| settings.account_drafts = 5.try_into().unwrap()).await;
    let anna = bed.login("anna@example.org").await;
    let mut calls = JoinSet::new();
    for _ in 0..40 {
        let call = put(&bed, &anna, &random(16), FIRST, &octets(100));
        calls.spawn(async move { call.send().await.status.as_u16() });
    }
    let done = calls.join_all().await;
    let begun = done.iter().filter(|status| **status == 201).count();
    assert_eq!((begun, list(&bed, &anna).await.len(), bed.files().len()), (5, 5, 5), "{done:?}");
}

#[tokio::test]
async fn they_count_in_the_accounts_share() {
    let bed = Bed::with(|settings| settings.account_bytes = 1000).await;
    let anna = bed.login("anna@example.org").await;
    let announce = async |size| {
        let body = announcement(&random(32), size);
        bed.call("POST", "/api/v1/envelopes").cookie(&anna).json(&body).send().await
    };
    let (id, version) = begin(&bed, &anna, &octets(600)).await;
    announce(401).await.is(507, "storage-full");
    assert_eq!(announce(300).await.status, 201);
    put(&bed, &anna, &random(16), FIRST, &octets(101)).send().await.is(507, "storage-full");
    put(&bed, &anna, &id, ("if-match", &version), &octets(701)).send().await.is(507, "storage-full");
    assert_eq!(get(&bed, &anna, &id).await.header("etag"), version, "the one before is still there");
    // What it replaces gives its room to it.
    let written = put(&bed, &anna, &id, ("if-match", &version), &octets(700)).send().await;
    assert_eq!(written.status, 204);
    assert_eq!(delete(&bed, &anna, &id, written.header("etag")).await.status, 204);
    assert_eq!(announce(700).await.status, 201);
}

#[tokio::test]
async fn the_purge_leaves_them_and_takes_what_a_crash_or_a_removed_account_left() {
    let bed = Bed::with(|settings| settings.orphan_age = Duration::ZERO).await;
    let (anna, ben) = (bed.login("anna@example.org").await, bed.login("ben@example.org").await);
    let (id, _) = begin(&bed, &anna, b"anna's").await;
    let (of_ben, _) = begin(&bed, &ben, b"ben's").await;
    std::fs::write(bed.data.path().join("blobs/0123456789abcdef0123456789abcdef"), "older").unwrap();
    assert_eq!(bed.app.envelopes().purge_orphans().await.unwrap(), 1);
    assert_eq!(get(&bed, &anna, &id).await.body, b"anna's");

    // A closed account keeps what it owns, until it is opened again; with a removed one its drafts go.
    bed.app.accounts().close("anna@example.org").await.unwrap();
    get(&bed, &anna, &id).await.is(401, "login-required");
    assert_eq!(bed.app.envelopes().purge_orphans().await.unwrap(), 0);
    let again = bed.login("anna@example.org").await;
    assert_eq!(get(&bed, &again, &id).await.body, b"anna's");
    let pool = testbed::databases::rows(bed.data.path()).await;
    sqlx::query("DELETE FROM accounts WHERE address = 'anna@example.org'").execute(&pool).await.unwrap();
    pool.close().await;
    assert_eq!(bed.app.envelopes().purge_orphans().await.unwrap(), 1);
    assert_eq!((bed.files().len(), get(&bed, &ben, &of_ben).await.body), (1, b"ben's".to_vec()));
}
