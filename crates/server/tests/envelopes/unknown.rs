//! For a link holder every envelope that cannot be opened is the same nothing.

use crate::testbed::{Bed, HOUR, Reply, announcement, octets, random};
use serde_json::json;
use std::time::{Duration, Instant};

/// One id for each way of not being there.
async fn absent(bed: &Bed, anna: &str) -> Vec<(&'static str, String)> {
    let uploading =
        bed.call("POST", "/api/v1/envelopes").cookie(anna).json(&announcement(&random(32), 10)).send().await.json();
    let withdrawn = bed.seal(anna, json!({})).await;
    bed.call("DELETE", &format!("/api/v1/envelopes/{}", withdrawn.id)).cookie(anna).send().await;
    let opened = bed.seal(anna, json!({})).await;
    let lease = bed.open(&opened.id, &opened.token).await.lease();
    bed.confirm(&opened.id, &opened.token, &lease).await;
    let expired = bed.seal(anna, json!({"expiresInSeconds": 3600})).await;
    bed.pass(HOUR);
    vec![
        ("unknown", random(16)),
        ("malformed", "not-an-id".into()),
        ("uploading", uploading["id"].as_str().unwrap().into()),
        ("withdrawn", withdrawn.id),
        ("opened", opened.id),
        ("expired", expired.id),
    ]
}

fn shape(reply: &Reply) -> (u16, Vec<(String, String)>, String) {
    let mut headers: Vec<_> =
        reply.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    headers.sort();
    (reply.status.as_u16(), headers, reply.text())
}

#[tokio::test]
async fn status_headers_and_body_are_the_same_by_every_door() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let absent = absent(&bed, &anna).await;
    let expected = shape(&bed.head(&random(16)).await);
    assert_eq!(expected.0, 404);
    for purged in [false, true] {
        if purged {
            envelock_server::maintain(&bed.app).await.unwrap();
        }
        for (why, id) in &absent {
            let token = random(32);
            for (door, reply) in [
                ("head", bed.head(id).await),
                ("open", bed.open(id, &token).await),
                ("confirm", bed.confirm(id, &token, &random(16)).await),
                ("reply", bed.reply(id, &token, octets(10)).await),
            ] {
                assert_eq!(shape(&reply), expected, "{door} of {why}, purged: {purged}");
            }
        }
    }
}

/// What an id stands for must not show in how long the refusal takes. The calls are interleaved, so that whatever else
/// the machine does disturbs all of them alike, and the middle of many is compared: a write to the disk or a password
/// hash on one of the ways is far outside the bound, single disturbed calls do not move it.
#[tokio::test]
async fn nothing_takes_the_same_time_by_every_door() {
    const ROUNDS: usize = 151;
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let mut absent = absent(&bed, &anna).await;
    // Seen without asking: its form is wrong.
    absent.retain(|(why, _)| *why != "malformed");
    for door in ["head", "open", "confirm", "reply"] {
        let mut times = vec![Vec::with_capacity(ROUNDS); absent.len()];
        for _ in 0..ROUNDS {
            for ((why, id), times) in absent.iter().zip(&mut times) {
                let (token, lease) = (random(32), random(16));
                let started = Instant::now();
                let reply = match door {
                    "head" => bed.head(id).await,
                    "open" => bed.open(id, &token).await,
                    "confirm" => bed.confirm(id, &token, &lease).await,
                    _ => bed.reply(id, &token, vec![7; 10]).await,
                };
                times.push(started.elapsed());
                assert_eq!(reply.status, 404, "{door} of {why}");
            }
        }
        let medians: Vec<Duration> = times
            .iter_mut()
            .map(|times| {
                times.sort();
                times[ROUNDS / 2]
            })
            .collect();
        for ((why, _), median) in absent.iter().zip(&medians) {
            let ratio = median.as_secs_f64() / medians[0].as_secs_f64();
            assert!((0.5..=2.0).contains(&ratio), "{door} of {why}: {median:?}, of an unknown id: {:?}", medians[0]);
        }
    }
}

#[tokio::test]
async fn no_form_of_id_leaves_its_place() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    std::fs::write(bed.data.path().join("secret"), "do not serve this").unwrap();
    let before = bed.files();
    let long = "a".repeat(60_000);
    let ids = [
        "..%2fx",
        "%2e%2e/x",
        "..%5cx",
        "x%00",
        "%2fetc%2fpasswd",
        "CON",
        long.as_str(),
        "",
        "null",
        "-1",
        "%EF%BC%8E%EF%BC%8E",
        "../x",
        "..%2f..%2fsecret",
        "%252e%252e%252fsecret",
        "AAAAAAAAAAAAAAAAAAAAAA%00",
        "AAAAAAAAAAAAAAAAAAAAAA/../../secret",
        "%ff%fe",
    ];
    for id in ids {
        for path in
            [format!("/api/v1/d/{id}"), format!("/api/v1/envelopes/{id}"), format!("/api/v1/envelopes/{id}/replies/1")]
        {
            let reply = bed.call("GET", &path).cookie(&anna).send().await;
            // "/api/v1/envelopes/" with nothing behind it is no route either.
            assert_eq!(reply.status, 404, "{path:.80}");
            assert!(["gone", "not-found"].contains(&reply.code().as_str()));
            assert!(!reply.text().contains("do not serve this"));
        }
        let open = bed.call("POST", &format!("/api/v1/d/{id}/open")).json(&json!({"token": random(32)})).send().await;
        assert_eq!(open.status, 404, "{id:.80}");
        // The page for a link is the same whatever stands in the link.
        let page = bed.call("GET", &format!("/d/{id}")).send().await;
        assert!(page.status == 200 && page.text().contains("Decrypt"), "{id:.80}");
    }
    assert_eq!(bed.files(), before);
    assert_eq!(bed.open(&sealed.id, &sealed.token).await.body, sealed.ciphertext);
}
