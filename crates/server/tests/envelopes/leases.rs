//! What was handed out and not confirmed: its sender sees it, and it happens three times at most.

use crate::testbed::{Bed, HOUR, Reply, Sealed, octets, random};
use envelock_server::maintain;
use serde_json::{Value, json};

const LEASE: i64 = 600;

/// Somebody with a program of their own: it keeps the ciphertext and says nothing.
async fn take(bed: &Bed, sealed: &Sealed) {
    assert_eq!(bed.open(&sealed.id, &sealed.token).await.body, sealed.ciphertext);
}

async fn lapsed(bed: &Bed, cookie: &str, sealed: &Sealed) -> (Value, Value) {
    let record = bed.record(cookie, &sealed.id).await;
    let list = bed.call("GET", "/api/v1/envelopes").cookie(cookie).send().await.json();
    let listed = list["envelopes"].as_array().unwrap().iter().find(|one| one["id"] == sealed.id.as_str()).unwrap();
    assert_eq!(&record, listed);
    (record["lapsedLeases"].clone(), record["lapsedLeaseAt"].clone())
}

async fn unlock(bed: &Bed, cookie: &str, sealed: &Sealed) -> Value {
    let path = format!("/api/v1/envelopes/{}", sealed.id);
    bed.call("PATCH", &path).cookie(cookie).json(&json!({"unlock": true})).send().await.json()
}

async fn withdraw(bed: &Bed, cookie: &str, sealed: &Sealed) -> Reply {
    bed.call("DELETE", &format!("/api/v1/envelopes/{}", sealed.id)).cookie(cookie).send().await
}

#[tokio::test]
async fn whoever_takes_it_after_a_lease_lapsed_shows_the_one_before() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    assert_eq!(lapsed(&bed, &anna, &sealed).await, (json!(0), Value::Null));
    take(&bed, &sealed).await;
    bed.pass(LEASE - 1);
    bed.open(&sealed.id, &sealed.token).await.is(409, "in-use");
    assert_eq!(lapsed(&bed, &anna, &sealed).await, (json!(0), Value::Null));
    bed.pass(60);
    let lease = bed.open(&sealed.id, &sealed.token).await.lease();
    let once = (json!(1), json!("2027-01-15T08:10:00Z"));
    assert_eq!(lapsed(&bed, &anna, &sealed).await, once);
    // Not again by the purge, nor by whoever confirms.
    maintain(&bed.app).await.unwrap();
    assert_eq!(bed.confirm(&sealed.id, &sealed.token, &lease).await.status, 200);
    bed.pass(LEASE);
    maintain(&bed.app).await.unwrap();
    assert_eq!(lapsed(&bed, &anna, &sealed).await, once);
    assert_eq!(bed.record(&anna, &sealed.id).await["openings"], 1);
}

#[tokio::test]
async fn the_purge_shows_it_although_nobody_calls() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    let ending = bed.seal(&anna, json!({"expiresInSeconds": HOUR})).await;
    bed.pass(HOUR - LEASE / 2);
    take(&bed, &sealed).await;
    take(&bed, &ending).await;
    bed.pass(LEASE - 1);
    maintain(&bed.app).await.unwrap();
    assert_eq!(lapsed(&bed, &anna, &sealed).await, (json!(0), Value::Null));
    bed.pass(1);
    assert_eq!(maintain(&bed.app).await.unwrap().envelopes.leases, 2);
    let once = (json!(1), json!("2027-01-15T09:05:00Z"));
    assert_eq!(lapsed(&bed, &anna, &sealed).await, once);
    assert_eq!(lapsed(&bed, &anna, &ending).await, once, "also of what has ended meanwhile");
    assert_eq!(bed.record(&anna, &ending.id).await["state"], "expired");
    assert_eq!(maintain(&bed.app).await.unwrap().envelopes.leases, 0);
    assert_eq!(lapsed(&bed, &anna, &sealed).await, once);
}

/// Who withdraws it wants to know who has it. Those who are about to confirm cannot any more.
#[tokio::test]
async fn a_withdrawal_shows_what_lapsed_and_what_cannot_be_confirmed_any_more() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({"maxOpenings": 5})).await;
    let lease = bed.open(&sealed.id, &sealed.token).await.lease();
    assert_eq!(bed.confirm(&sealed.id, &sealed.token, &lease).await.status, 200);
    take(&bed, &sealed).await;
    bed.pass(LEASE / 2);
    take(&bed, &sealed).await;
    bed.pass(LEASE / 2);
    assert_eq!(withdraw(&bed, &anna, &sealed).await.status, 204);
    let twice = (json!(2), json!("2027-01-15T08:10:00Z"));
    assert_eq!(lapsed(&bed, &anna, &sealed).await, twice);
    bed.pass(LEASE);
    maintain(&bed.app).await.unwrap();
    assert_eq!(withdraw(&bed, &anna, &sealed).await.status, 204);
    assert_eq!(lapsed(&bed, &anna, &sealed).await, twice);
}

#[tokio::test]
async fn what_was_confirmed_never_counts() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({"maxOpenings": 5})).await;
    for round in 1..=4 {
        let lease = bed.open(&sealed.id, &sealed.token).await.lease();
        assert_eq!(bed.confirm(&sealed.id, &sealed.token, &lease).await.status, 200);
        bed.pass(LEASE);
        match round {
            1 => {}
            2 => assert_eq!(maintain(&bed.app).await.unwrap().envelopes.leases, 2),
            3 => assert_eq!(unlock(&bed, &anna, &sealed).await["state"], "sealed"),
            _ => assert_eq!(withdraw(&bed, &anna, &sealed).await.status, 204),
        }
        assert_eq!(lapsed(&bed, &anna, &sealed).await, (json!(0), Value::Null), "round {round}");
    }
}

#[tokio::test]
async fn three_that_lapse_lock_it_and_the_sender_unlocks() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    for _ in 0..3 {
        take(&bed, &sealed).await;
        bed.pass(LEASE);
    }
    assert_eq!(bed.record(&anna, &sealed.id).await["lapsedLeases"], 2, "the third is not looked at yet");
    bed.open(&sealed.id, &sealed.token).await.is(423, "locked");
    bed.open(&sealed.id, &sealed.token).await.is(423, "locked");
    bed.open(&sealed.id, &random(32)).await.is(423, "locked");
    bed.reply(&sealed.id, &sealed.token, octets(10)).await.is(423, "locked");
    assert_eq!(bed.head(&sealed.id).await.json()["triesLeft"], 0);
    let record = bed.record(&anna, &sealed.id).await;
    assert_eq!((&record["state"], &record["lapsedLeases"]), (&json!("locked"), &json!(3)));

    let unlocked = unlock(&bed, &anna, &sealed).await;
    assert_eq!((&unlocked["state"], &unlocked["triesLeft"]), (&json!("sealed"), &json!(10)));
    assert_eq!((&unlocked["lapsedLeases"], &unlocked["lapsedLeaseAt"]), (&json!(0), &Value::Null));
    // Three more there are, the first of which lapses and is not counted when the sender looks at it next.
    take(&bed, &sealed).await;
    bed.pass(LEASE);
    let again = unlock(&bed, &anna, &sealed).await;
    assert_eq!((&again["lapsedLeases"], &again["lapsedLeaseAt"]), (&json!(1), &json!("2027-01-15T08:40:00Z")));
    let lease = bed.open(&sealed.id, &sealed.token).await.lease();
    assert_eq!(bed.confirm(&sealed.id, &sealed.token, &lease).await.status, 200);
}

#[tokio::test]
async fn three_at_a_time_lock_it_too_and_leave_the_fourth_its_opening() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({"maxOpenings": 5})).await;
    for _ in 0..3 {
        take(&bed, &sealed).await;
    }
    bed.pass(LEASE / 2);
    let lease = bed.open(&sealed.id, &sealed.token).await.lease();
    bed.pass(LEASE / 2);
    maintain(&bed.app).await.unwrap();
    assert_eq!(bed.record(&anna, &sealed.id).await["state"], "locked");
    assert_eq!(bed.confirm(&sealed.id, &sealed.token, &lease).await.json()["openingsLeft"], 4);
}

#[tokio::test]
async fn what_opens_as_often_as_wanted_is_counted_and_never_locked() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({"maxOpenings": null})).await;
    for round in 1..=5 {
        take(&bed, &sealed).await;
        bed.pass(LEASE);
        maintain(&bed.app).await.unwrap();
        let record = bed.record(&anna, &sealed.id).await;
        assert_eq!((&record["state"], &record["lapsedLeases"]), (&json!("sealed"), &json!(round)));
    }
}

/// Nothing went out, so nothing lapsed; but a lease under which it did go out is none that such a failure takes back.
#[tokio::test]
async fn a_file_that_cannot_be_read_neither_alarms_nor_wipes_traces() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    let [file] = &bed.files()[..] else { panic!() };
    let away = bed.data.path().join("away");
    std::fs::rename(file, &away).unwrap();
    assert_eq!(bed.open(&sealed.id, &sealed.token).await.status, 500);
    std::fs::rename(&away, file).unwrap();
    bed.pass(LEASE);
    maintain(&bed.app).await.unwrap();
    assert_eq!(lapsed(&bed, &anna, &sealed).await, (json!(0), Value::Null));

    let lease = bed.open(&sealed.id, &sealed.token).await.lease();
    std::fs::rename(file, &away).unwrap();
    let again = json!({"token": sealed.token, "lease": lease});
    let again = bed.call("POST", &format!("/api/v1/d/{}/open", sealed.id)).json(&again).send().await;
    assert_eq!(again.status, 500);
    std::fs::rename(&away, file).unwrap();
    bed.pass(LEASE);
    maintain(&bed.app).await.unwrap();
    assert_eq!(bed.record(&anna, &sealed.id).await["lapsedLeases"], 1);
}
