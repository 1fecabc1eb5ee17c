//! The file in which the devices of an account meet: nobody writes over what they have not read.

use crate::testbed::{self, Bed, Call, Reply, announcement, octets, random};
use axum::body::{Body, Bytes};
use futures_util::{StreamExt, stream};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::task::JoinSet;

const KEYRING: &str = "/api/v1/keyring";

fn put(bed: &Bed, cookie: &str, condition: (&str, &str), keyring: &[u8]) -> Call {
    bed.call("PUT", KEYRING).cookie(cookie).header(condition.0, condition.1).octets(keyring.to_vec())
}

const FIRST: (&str, &str) = ("if-none-match", "*");

async fn get(bed: &Bed, cookie: &str) -> Reply {
    bed.call("GET", KEYRING).cookie(cookie).send().await
}

/// Stores a first keyring and gives its version.
async fn first(bed: &Bed, cookie: &str, keyring: &[u8]) -> String {
    let reply = put(bed, cookie, FIRST, keyring).send().await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.header("etag").to_owned()
}

#[tokio::test]
async fn a_device_writes_over_what_it_has_read_and_over_nothing_else() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    get(&bed, &anna).await.is(404, "not-found");
    let (one, two) = (octets(5000), octets(300));
    let version = first(&bed, &anna, &one).await;
    let read = get(&bed, &anna).await;
    assert_eq!((read.status.as_u16(), &read.body, read.header("etag")), (200, &one, version.as_str()));
    assert_eq!(read.header("content-type"), "application/octet-stream");
    assert_eq!(read.header("cache-control"), "no-store");
    put(&bed, &anna, FIRST, &two).send().await.is(412, "keyring-changed");

    let written = put(&bed, &anna, ("if-match", &version), &two).send().await;
    assert_eq!((written.status.as_u16(), written.body.len()), (204, 0));
    assert_ne!(written.header("etag"), version);
    put(&bed, &anna, ("if-match", &version), &one).send().await.is(412, "keyring-changed");
    let read = get(&bed, &anna).await;
    assert_eq!((&read.body, read.header("etag")), (&two, written.header("etag")));
    assert_eq!(bed.files().len(), 1, "the older one is removed");
}

#[tokio::test]
async fn a_version_never_comes_again() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let keyring = octets(100);
    let version = first(&bed, &anna, &keyring).await;
    let remove = async |condition: Option<&str>| {
        let call = bed.call("DELETE", KEYRING).cookie(&anna);
        condition
            .map_or(call, |_| bed.call("DELETE", KEYRING).cookie(&anna).header("if-match", condition.unwrap()))
            .send()
            .await
    };
    remove(Some(&format!("\"{}\"", random(16)))).await.is(412, "keyring-changed");
    assert_eq!(remove(Some(&version)).await.status, 204);
    assert!(bed.files().is_empty());
    get(&bed, &anna).await.is(404, "not-found");
    remove(Some(&version)).await.is(412, "keyring-changed");
    assert_eq!(remove(None).await.status, 204, "saying it twice does no harm");
    put(&bed, &anna, ("if-match", &version), &keyring).send().await.is(412, "keyring-changed");

    // The very same octets once more are another version.
    let again = first(&bed, &anna, &keyring).await;
    assert_ne!(again, version);
    put(&bed, &anna, ("if-match", &version), &keyring).send().await.is(412, "keyring-changed");
    assert_eq!(remove(None).await.status, 204);
    assert!(bed.files().is_empty());
}

#[tokio::test]
async fn conditions_have_one_form() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let bare = bed.call("PUT", KEYRING).cookie(&anna).octets(octets(10));
    bare.send().await.is(428, "precondition-required");
    let version = first(&bed, &anna, b"keyring").await;
    let unquoted = version.trim_matches('"');
    for (name, value, status, code) in [
        ("if-match", "*", 400, "invalid-request"),
        ("if-match", unquoted, 400, "invalid-request"),
        ("if-match", "", 400, "invalid-request"),
        ("if-match", "\"", 400, "invalid-request"),
        ("if-match", &format!("{version}, \"x\""), 400, "invalid-request"),
        ("if-none-match", &version, 400, "invalid-request"),
        ("if-none-match", "", 400, "invalid-request"),
        ("if-match", &format!("W/{version}"), 412, "keyring-changed"),
        ("if-match", "\"\"", 412, "keyring-changed"),
        ("if-match", "\"nothing of ours\"", 412, "keyring-changed"),
        ("if-match", &format!("\"{}\"", random(16)), 412, "keyring-changed"),
    ] {
        put(&bed, &anna, (name, value), b"other").send().await.is(status, code);
    }
    put(&bed, &anna, ("if-match", &version), b"other")
        .header("if-none-match", "*")
        .send()
        .await
        .is(400, "invalid-request");
    put(&bed, &anna, ("if-match", &version), b"other")
        .header("if-match", &version)
        .send()
        .await
        .is(400, "invalid-request");
    let text = bed.call("PUT", KEYRING).cookie(&anna).header("if-match", &version).raw("text/plain", "other");
    text.send().await.is(415, "unsupported-media-type");
    assert_eq!(get(&bed, &anna).await.body, b"keyring");
    assert_eq!(bed.files().len(), 1);
}

#[tokio::test]
async fn it_is_the_accounts_own() {
    let bed = Bed::new().await;
    let (anna, ben) = (bed.login("anna@example.org").await, bed.login("ben@example.org").await);
    let version = first(&bed, &anna, b"anna's").await;
    get(&bed, &ben).await.is(404, "not-found");
    put(&bed, &ben, ("if-match", &version), b"ben's").send().await.is(412, "keyring-changed");
    bed.call("DELETE", KEYRING).cookie(&ben).header("if-match", &version).send().await.is(412, "keyring-changed");
    first(&bed, &ben, b"ben's").await;
    assert_eq!(bed.call("DELETE", KEYRING).cookie(&ben).send().await.status, 204);
    assert_eq!(get(&bed, &anna).await.body, b"anna's");
    for method in ["GET", "PUT", "DELETE"] {
        bed.call(method, KEYRING).send().await.is(401, "login-required");
    }
    // Another device of the same account has it.
    let phone = bed.login("anna@example.org").await;
    assert_eq!(get(&bed, &phone).await.header("etag"), version);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn of_fifty_devices_that_write_at_once_one_does() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let mut version = None;
    for (won, round) in [(201, 0), (204, 1), (204, 2)] {
        let mut calls = JoinSet::new();
        for _ in 0..50 {
            let keyring = octets(3000);
            let condition = version.as_deref().map_or(FIRST, |version| ("if-match", version));
            let call = put(&bed, &anna, condition, &keyring);
            calls.spawn(async move { (call.send().await, keyring) });
        }
        let done = calls.join_all().await;
        let mut statuses = BTreeMap::new();
        for (reply, _) in &done {
            *statuses.entry(reply.status.as_u16()).or_insert(0) += 1;
        }
        assert_eq!(statuses, BTreeMap::from([(won, 1), (412, 49)]), "round {round}");
        let (reply, keyring) = done.iter().find(|(reply, _)| reply.status == won).unwrap();
        let read = get(&bed, &anna).await;
        assert_eq!((&read.body, read.header("etag")), (keyring, reply.header("etag")));
        assert_eq!(bed.files().len(), 1);
        version = Some(reply.header("etag").to_owned());
    }
}

/// The file a reader was sent to is removed when the next one is stored.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn readers_get_a_whole_keyring_and_its_version_whatever_is_written_meanwhile() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let mut written = BTreeMap::from([(first(&bed, &anna, &[0; 200_000]).await, 0)]);
    let mut readers = JoinSet::new();
    for _ in 0..4 {
        let calls: Vec<_> = (0..60).map(|_| bed.call("GET", KEYRING).cookie(&anna)).collect();
        readers.spawn(async move {
            let mut read = Vec::new();
            for call in calls {
                let reply = call.send().await;
                assert_eq!(reply.status, 200, "{}", reply.text());
                let octet = reply.body[0];
                assert!(reply.body == vec![octet; 200_000], "one keyring and no piece of another");
                read.push((reply.header("etag").to_owned(), octet));
            }
            read
        });
    }
    let mut version = written.keys().next().unwrap().clone();
    for octet in 1..=60 {
        let reply = put(&bed, &anna, ("if-match", &version), &vec![octet; 200_000]).send().await;
        assert_eq!(reply.status, 204);
        version = reply.header("etag").to_owned();
        written.insert(version.clone(), octet);
    }
    for (version, octet) in readers.join_all().await.concat() {
        assert_eq!(written[&version], octet);
    }
}

#[tokio::test]
async fn too_large_empty_and_broken_ones_are_refused_and_nothing_is_kept() {
    let bed = Bed::with(|settings| settings.keyring_bytes = 1000).await;
    let anna = bed.login("anna@example.org").await;
    assert_eq!(bed.call("GET", "/api/v1/server").send().await.json()["limits"]["keyringBytes"], 1000);
    put(&bed, &anna, FIRST, &octets(1001)).send().await.is(413, "too-large");
    put(&bed, &anna, FIRST, &[]).send().await.is(400, "size-mismatch");
    let piece = || Ok::<_, std::io::Error>(Bytes::from(vec![7; 100]));
    let call = || bed.call("PUT", KEYRING).cookie(&anna).header("if-none-match", "*");
    // Without a length nothing is read; one that says less than it sends is not believed either.
    let endless = Body::from_stream(stream::repeat_with(piece));
    call().raw("application/octet-stream", endless).send().await.is(411, "length-required");
    let longer = Body::from_stream(stream::iter([piece(), piece()]));
    call()
        .header("content-length", "150")
        .raw("application/octet-stream", longer)
        .send()
        .await
        .is(400, "size-mismatch");
    let broken = Body::from_stream(stream::iter([piece(), Err(std::io::Error::other("gone"))]));
    let call = || call().header("content-length", "1000");
    call().raw("application/octet-stream", broken).send().await.is(400, "size-mismatch");
    assert!(bed.files().is_empty());
    get(&bed, &anna).await.is(404, "not-found");

    let in_pieces = Body::from_stream(stream::iter((0..10).map(move |_| piece())));
    assert_eq!(
        call().raw("application/octet-stream", in_pieces).send().await.status,
        201,
        "just as large as it may be"
    );
    assert_eq!(get(&bed, &anna).await.body, [7; 1000]);
}

/// A write that cannot succeed is refused before its body is read: it would wait for ever for this one.
#[tokio::test]
async fn a_late_device_is_told_before_it_sends() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    first(&bed, &anna, b"keyring").await;
    let never = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    let call = bed
        .call("PUT", KEYRING)
        .cookie(&anna)
        .header("if-none-match", "*")
        .header("content-length", "10")
        .header("expect", "100-continue");
    let reply = tokio::time::timeout(Duration::from_secs(10), call.raw("application/octet-stream", never).send()).await;
    reply.expect("an answer").is(412, "keyring-changed");
}

#[tokio::test]
async fn it_counts_in_the_accounts_share() {
    let bed = Bed::with(|settings| settings.account_bytes = 1000).await;
    let anna = bed.login("anna@example.org").await;
    let announce = async |size| {
        let body = announcement(&random(32), size);
        bed.call("POST", "/api/v1/envelopes").cookie(&anna).json(&body).send().await
    };
    put(&bed, &anna, FIRST, &octets(1001)).send().await.is(507, "storage-full");
    let version = first(&bed, &anna, &octets(600)).await;
    announce(401).await.is(507, "storage-full");
    assert_eq!(announce(300).await.status, 201);
    put(&bed, &anna, ("if-match", &version), &octets(701)).send().await.is(507, "storage-full");
    assert_eq!(get(&bed, &anna).await.header("etag"), version, "the one before is still there");
    assert_eq!(bed.files().len(), 1);
    // What it replaces gives its room to it.
    let reply = put(&bed, &anna, ("if-match", &version), &octets(700)).send().await;
    assert_eq!(reply.status, 204);
    assert_eq!(bed.call("DELETE", KEYRING).cookie(&anna).send().await.status, 204);
    assert_eq!(announce(700).await.status, 201);
}

#[tokio::test]
async fn the_purge_leaves_it_and_takes_what_a_crash_or_a_removed_account_left() {
    let bed = Bed::with(|settings| settings.orphan_age = Duration::ZERO).await;
    let (anna, ben) = (bed.login("anna@example.org").await, bed.login("ben@example.org").await);
    first(&bed, &anna, b"anna's").await;
    first(&bed, &ben, b"ben's").await;
    // As after a crash between the row of the next keyring and the removal of this one's file.
    std::fs::write(bed.data.path().join("blobs/0123456789abcdef0123456789abcdef"), "older").unwrap();
    assert_eq!(bed.app.envelopes().purge_orphans().await.unwrap(), 1);
    assert_eq!(get(&bed, &anna).await.body, b"anna's");

    // A closed account keeps what it owns, as it keeps its envelopes; with a removed one its keyring goes.
    bed.app.accounts().close("anna@example.org").await.unwrap();
    get(&bed, &anna).await.is(401, "login-required");
    assert_eq!(bed.app.envelopes().purge_orphans().await.unwrap(), 0);
    let again = bed.login("anna@example.org").await;
    assert_eq!(get(&bed, &again).await.body, b"anna's");
    let pool = testbed::databases::rows(bed.data.path()).await;
    sqlx::query("DELETE FROM accounts WHERE address = 'anna@example.org'").execute(&pool).await.unwrap();
    pool.close().await;
    assert_eq!(bed.app.envelopes().purge_orphans().await.unwrap(), 1);
    assert_eq!(bed.files().len(), 1);
    assert_eq!(get(&bed, &ben).await.body, b"ben's");
}

/// A device that goes away in the middle, at whatever moment, leaves the old keyring or the new one, and one file.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_goes_away_leaves_a_whole_keyring() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let mut sent = vec![octets(3000)];
    first(&bed, &anna, &sent[0]).await;
    let mut done = [0, 0];
    for round in 0..120 {
        let before = get(&bed, &anna).await;
        let keyring = octets(3000);
        sent.push(keyring.clone());
        let write = tokio::spawn(put(&bed, &anna, ("if-match", before.header("etag")), &keyring).send());
        tokio::time::sleep(Duration::from_micros(200 * round)).await;
        write.abort();
        let _ = write.await;
        let after = get(&bed, &anna).await;
        assert_eq!(after.status, 200, "round {round}: a row without a file");
        // One that was sent before may still be on its way to its row.
        assert!(sent.contains(&after.body), "round {round}");
        done[usize::from(after.body == keyring)] += 1;
    }
    assert!(done[0] > 0 && done[1] > 0, "both befell: {done:?}");
    let mut files = bed.files();
    for _ in 0..3000 {
        if files.len() == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        files = bed.files();
    }
    assert_eq!(files.len(), 1);
}

#[tokio::test]
async fn a_dropped_upload_leaves_nothing() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let half = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"half"))]).chain(stream::pending());
    let call = bed.call("PUT", KEYRING).cookie(&anna).header("if-none-match", "*").header("content-length", "100");
    let upload = tokio::spawn(call.raw("application/octet-stream", Body::from_stream(half)).send());
    while bed.files().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    upload.abort();
    assert!(upload.await.is_err());
    // Whoever was just making it removes it when they find nobody there.
    for _ in 0..6000 {
        if bed.files().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(bed.files().is_empty());
    get(&bed, &anna).await.is(404, "not-found");
}
