//! Bad requests: a typed refusal each, and nothing lost.

use crate::testbed::{Bed, announcement, merge, octets, random};
use serde_json::{Value, json};

#[tokio::test]
async fn announcements_are_refused_field_by_field() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let post = async |body: &Value| bed.call("POST", "/api/v1/envelopes").cookie(&anna).json(body).send().await;
    let good = announcement(&random(32), 100);
    assert_eq!(post(&good).await.status, 201);
    let cases = [
        json!({"profile": 0}),
        json!({"profile": 2}),
        json!({"profile": "1"}),
        json!({"salt": random(15)}),
        json!({"salt": random(17)}),
        json!({"salt": "AAAAAAAAAAAAAAAAAAAAA+"}),
        json!({"salt": null}),
        json!({"tokenHash": random(31)}),
        json!({"linkSecret": "yes"}),
        json!({"hint": "x".repeat(201)}),
        json!({"hint": "two\nlines"}),
        json!({"note": "x".repeat(16 * 1024 + 1)}),
        json!({"expiresInSeconds": 3599}),
        json!({"expiresInSeconds": 31_536_001}),
        json!({"expiresInSeconds": -1}),
        json!({"expiresInSeconds": 1e300}),
        json!({"maxOpenings": 0}),
        json!({"maxOpenings": 1001}),
        json!({"size": -1}),
        json!({"size": 1.5}),
        json!({"password": "leaked"}),
        json!({"id": random(16)}),
        json!({"state": "sealed"}),
    ];
    for case in cases {
        let mut body = good.clone();
        merge(&mut body, case.clone());
        let reply = post(&body).await;
        assert_eq!(
            (reply.status.as_u16(), reply.code().as_str()),
            (400, "invalid-request"),
            "{case}: {}",
            reply.text()
        );
    }
    let mut missing = good.clone();
    missing.as_object_mut().unwrap().remove("salt");
    post(&missing).await.is(400, "invalid-request");
    let mut empty = good.clone();
    merge(&mut empty, json!({"size": 0}));
    post(&empty).await.is(400, "size-mismatch");
    let mut large = good.clone();
    merge(&mut large, json!({"size": 25 * 1024 * 1024 + 1}));
    post(&large).await.is(413, "too-large");
    // The largest that fits, with the longest hint and note.
    let mut largest = good;
    merge(&mut largest, json!({"size": 25 * 1024 * 1024, "hint": "ü".repeat(200), "note": "x".repeat(16 * 1024)}));
    assert_eq!(post(&largest).await.status, 201);
    let list = bed.call("GET", "/api/v1/envelopes").cookie(&anna).send().await.json();
    assert_eq!(list["envelopes"].as_array().unwrap().len(), 2, "refused announcements leave no trace");
}

#[tokio::test]
async fn json_that_is_none_is_refused_on_every_json_route() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    let routes = [
        ("POST", "/api/v1/session/start".to_owned()),
        ("POST", "/api/v1/session".to_owned()),
        ("POST", "/api/v1/account/password/start".to_owned()),
        ("PUT", "/api/v1/account/password".to_owned()),
        ("POST", "/api/v1/envelopes".to_owned()),
        ("PATCH", format!("/api/v1/envelopes/{}", sealed.id)),
        ("POST", format!("/api/v1/d/{}/open", sealed.id)),
        ("POST", format!("/api/v1/d/{}/confirm", sealed.id)),
    ];
    let deep = "[".repeat(30_000);
    for (method, path) in &routes {
        let call = || bed.call(method, path).cookie(&anna);
        for body in [
            "",
            "{",
            "[]",
            " [true]",
            "null",
            "1",
            "\"x\"",
            "{\"unknown\":1}",
            "{\"token\":}",
            "\u{feff}{}",
            deep.as_str(),
        ] {
            call().raw("application/json", body.to_owned()).send().await.is(400, "invalid-request");
        }
        call().raw("application/json", vec![0xff, 0xfe]).send().await.is(400, "invalid-request");
        call().raw("application/json", "x".repeat(64 * 1024 + 1)).send().await.is(413, "too-large");
        for wrong in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json5",
            "",
        ] {
            call().raw(wrong, "{}").send().await.is(415, "unsupported-media-type");
        }
        let none = bed.call(method, path).cookie(&anna).send().await;
        none.is(415, "unsupported-media-type");
    }
    assert_eq!(bed.head(&sealed.id).await.json()["triesLeft"], 10, "a malformed request costs no try");
}

#[tokio::test]
async fn tokens_and_leases_must_have_their_form() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    for token in
        [json!(""), json!(random(16)), json!(random(33)), json!(format!("{}=", sealed.token)), json!(1), json!(null)]
    {
        let reply =
            bed.call("POST", &format!("/api/v1/d/{}/open", sealed.id)).json(&json!({"token": token})).send().await;
        reply.is(400, "invalid-request");
        if let Some(text) = token.as_str().filter(|text| !text.is_empty()) {
            assert!(!reply.text().contains(text), "a refusal does not repeat a token");
        }
    }
    let path = format!("/api/v1/d/{}/replies", sealed.id);
    for token in ["", "x", &random(16)] {
        bed.call("POST", &path)
            .header("envelock-token", token)
            .octets(octets(10))
            .send()
            .await
            .is(400, "invalid-request");
    }
    bed.call("POST", &path).octets(octets(10)).send().await.is(400, "invalid-request");
    bed.call("POST", &path)
        .header("envelock-token", &sealed.token)
        .raw("text/plain", "x")
        .send()
        .await
        .is(415, "unsupported-media-type");
    bed.confirm(&sealed.id, &sealed.token, "short").await.is(400, "invalid-request");
    // A lease of somebody else's is none.
    bed.confirm(&sealed.id, &sealed.token, &random(16)).await.is(409, "lease-expired");
    let other = bed.seal(&anna, json!({})).await;
    let lease = bed.open(&other.id, &other.token).await.lease();
    bed.confirm(&sealed.id, &sealed.token, &lease).await.is(409, "lease-expired");
    assert_eq!(bed.head(&sealed.id).await.json()["triesLeft"], 10);
}

#[tokio::test]
async fn wrong_methods_and_routes_are_json_under_api() {
    let bed = Bed::new().await;
    for path in ["/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/v2/server", "/api/v1/server/"] {
        bed.call("GET", path).send().await.is(404, "not-found");
        bed.call("POST", path).send().await.is(404, "not-found");
    }
    for (method, path) in [
        ("PUT", "/api/v1/session"),
        ("DELETE", "/api/v1/server"),
        ("GET", "/api/v1/d/AAAAAAAAAAAAAAAAAAAAAA/open"),
        ("POST", "/api/v1/envelopes/AAAAAAAAAAAAAAAAAAAAAA"),
        ("PUT", "/"),
        ("DELETE", "/d/AAAAAAAAAAAAAAAAAAAAAA"),
    ] {
        bed.call(method, path).send().await.is(405, "method-not-allowed");
    }
}
