//! Requests that race: of any number, exactly as many win as may.

use crate::testbed::{Bed, announcement, octets, random};
use envelock_server::maintain;
use serde_json::json;
use std::collections::BTreeMap;
use tokio::task::JoinSet;

async fn count(mut calls: JoinSet<u16>) -> BTreeMap<u16, usize> {
    let mut statuses = BTreeMap::new();
    while let Some(status) = calls.join_next().await {
        *statuses.entry(status.unwrap()).or_default() += 1;
    }
    statuses
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn of_fifty_who_open_a_one_time_envelope_one_gets_it() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    let path = format!("/api/v1/d/{}/open", sealed.id);
    let mut calls = JoinSet::new();
    for _ in 0..50 {
        let call = bed.call("POST", &path).json(&json!({"token": sealed.token}));
        calls.spawn(async move { call.send().await.status.as_u16() });
    }
    assert_eq!(count(calls).await, BTreeMap::from([(200, 1), (409, 49)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn fifty_wrong_tokens_lock_at_exactly_ten() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    let mut calls = JoinSet::new();
    // By all three doors at once: they share one count.
    for number in 0..50 {
        let call = match number % 3 {
            0 => bed.call("POST", &format!("/api/v1/d/{}/open", sealed.id)).json(&json!({"token": random(32)})),
            1 => bed
                .call("POST", &format!("/api/v1/d/{}/confirm", sealed.id))
                .json(&json!({"token": random(32), "lease": random(16)})),
            _ => bed
                .call("POST", &format!("/api/v1/d/{}/replies", sealed.id))
                .header("envelock-token", &random(32))
                .octets(octets(10)),
        };
        calls.spawn(async move { call.send().await.status.as_u16() });
    }
    assert_eq!(count(calls).await, BTreeMap::from([(403, 10), (423, 40)]));
    let record = bed.record(&anna, &sealed.id).await;
    assert_eq!((&record["state"], &record["triesLeft"]), (&json!("locked"), &json!(0)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn of_fifty_confirmations_of_one_lease_one_counts() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({"maxOpenings": 5})).await;
    let lease = bed.open(&sealed.id, &sealed.token).await.lease();
    let mut calls = JoinSet::new();
    for _ in 0..50 {
        let call = bed
            .call("POST", &format!("/api/v1/d/{}/confirm", sealed.id))
            .json(&json!({"token": sealed.token, "lease": lease}));
        calls.spawn(async move { call.send().await.status.as_u16() });
    }
    assert_eq!(count(calls).await, BTreeMap::from([(200, 50)]));
    assert_eq!(bed.record(&anna, &sealed.id).await["openings"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn all_who_see_a_lease_lapse_count_it_once() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    for _ in 0..20 {
        let sealed = bed.seal(&anna, json!({"maxOpenings": 50})).await;
        bed.open(&sealed.id, &sealed.token).await;
        bed.open(&sealed.id, &sealed.token).await;
        bed.pass(600);
        let mut calls = JoinSet::new();
        let mut purges = JoinSet::new();
        for _ in 0..10 {
            let call = bed.call("POST", &format!("/api/v1/d/{}/open", sealed.id)).json(&json!({"token": sealed.token}));
            calls.spawn(async move { call.send().await.status.as_u16() });
            let app = bed.app.clone();
            purges.spawn(async move { maintain(&app).await.unwrap() });
        }
        assert_eq!(count(calls).await, BTreeMap::from([(200, 10)]));
        purges.join_all().await;
        assert_eq!(bed.record(&anna, &sealed.id).await["lapsedLeases"], 2);
        let path = format!("/api/v1/envelopes/{}", sealed.id);
        assert_eq!(bed.call("DELETE", &path).cookie(&anna).send().await.status, 204);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn of_twenty_replies_five_are_kept() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    let mut calls = JoinSet::new();
    for _ in 0..20 {
        let call = bed
            .call("POST", &format!("/api/v1/d/{}/replies", sealed.id))
            .header("envelock-token", &sealed.token)
            .octets(octets(1000));
        calls.spawn(async move { call.send().await.status.as_u16() });
    }
    assert_eq!(count(calls).await, BTreeMap::from([(201, 5), (409, 15)]));
    assert_eq!(bed.files().len(), 6, "one envelope and five replies");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn of_ten_uploads_one_seals_and_its_bytes_stay() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let token = random(32);
    let body = announcement(&token, 3000);
    let record = bed.call("POST", "/api/v1/envelopes").cookie(&anna).json(&body).send().await.json();
    let id = record["id"].as_str().unwrap();
    let mut calls = JoinSet::new();
    for _ in 0..10 {
        let ciphertext = octets(3000);
        let call =
            bed.call("PUT", &format!("/api/v1/envelopes/{id}/ciphertext")).cookie(&anna).octets(ciphertext.clone());
        calls.spawn(async move { (call.send().await.status.as_u16(), ciphertext) });
    }
    let done = calls.join_all().await;
    let winners: Vec<_> = done.iter().filter(|(status, _)| *status == 204).collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(bed.files().len(), 1);
    assert_eq!(bed.open(id, &token).await.body, winners[0].1);
}
