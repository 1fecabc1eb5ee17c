//! What was begun by a right that ended before the body had come is not written: with a session, with a proof, with a program's token.

use crate::testbed::factors::TOTP;
use crate::testbed::passwords::{PASSWORD, choose};
use crate::testbed::programs::{TOKENS, bearer};
use crate::testbed::{self, Bed, Call, HOUR, Reply, announcement, merge, octets, random};
use axum::body::{Body, Bytes};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::sync::oneshot;

const ANNA: &str = "anna@example.org";
const SESSIONS: &str = "/api/v1/sessions";

/// Sends a body in two halves. `between` happens when the first has been read, and before the second is sent.
async fn in_halves(call: Call, content_type: &str, body: Vec<u8>, between: impl Future<Output = ()>) -> Reply {
    let (read, was_read) = oneshot::channel();
    let (go, may_go) = oneshot::channel::<()>();
    let length = body.len().to_string();
    let body = Bytes::from(body);
    let (first, second) = (body.slice(..body.len() / 2), body.slice(body.len() / 2..));
    let halves = stream::iter([Ok::<_, std::io::Error>(first)]).chain(stream::once(async move {
        read.send(()).unwrap();
        may_go.await.unwrap();
        Ok(second)
    }));
    let call = call.header("content-length", &length).raw(content_type, Body::from_stream(halves));
    let sending = tokio::spawn(call.send());
    was_read.await.expect("the first half is read");
    between.await;
    go.send(()).unwrap();
    sending.await.unwrap()
}

async fn is_done(bed: &Bed, method: &str, path: &str, cookie: &str) {
    let reply = bed.call(method, path).cookie(cookie).send().await;
    assert_eq!(reply.status, 204, "{}", reply.text());
}

/// An envelope that waits for 1000 octets.
async fn announced(bed: &Bed, cookie: &str) -> String {
    let body = announcement(&random(32), 1000);
    let record = bed.call("POST", "/api/v1/envelopes").cookie(cookie).json(&body).send().await.json();
    record["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_upload_is_over_with_the_session_or_the_token_that_it_was_begun_with() {
    let bed = Bed::new().await;
    let anna = bed.login(ANNA).await;
    let id = announced(&bed, &anna).await;
    let paths = [
        format!("/api/v1/account/drafts/{}", random(16)),
        "/api/v1/keyring".to_owned(),
        format!("/api/v1/envelopes/{id}/ciphertext"),
    ];
    for path in &paths {
        let put = || bed.call("PUT", path).header("if-none-match", "*");
        let upload = async |call: Call, between: (&str, &str)| {
            let end = is_done(&bed, between.0, between.1, &anna);
            in_halves(call, "application/octet-stream", octets(1000), end).await
        };
        let other = bed.login(ANNA).await;
        upload(put().cookie(&other), ("DELETE", SESSIONS)).await.is(401, "login-required");
        let token = bed.token(&anna, &["drafts:write", "keyring:write", "envelopes:write"]).await;
        let of_program = || put().header("authorization", &bearer(&token));
        upload(of_program(), ("DELETE", TOKENS)).await.is(401, "invalid-token");
        assert!(bed.files().is_empty(), "{path}");
        // The same with nothing in between.
        let stored = in_halves(put().cookie(&anna), "application/octet-stream", octets(1000), async {}).await;
        assert!(stored.status.is_success(), "{path}: {}", stored.text());
        assert_eq!(bed.files().len(), 1, "{path}");
        bed.call("DELETE", path.trim_end_matches("/ciphertext"))
            .cookie(&anna)
            .header("if-match", stored.header("etag"))
            .send()
            .await;
    }
}

#[tokio::test]
async fn a_token_whose_time_is_over_meanwhile_writes_nothing() {
    let bed = Bed::new().await;
    let anna = bed.login(ANNA).await;
    let token = bed.token(&anna, &["keyring:write"]).await;
    bed.pass(testbed::DAY - 10);
    let call = bed.call("PUT", "/api/v1/keyring").header("if-none-match", "*").header("authorization", &bearer(&token));
    let upload = in_halves(call, "application/octet-stream", octets(1000), async { bed.pass(20) }).await;
    upload.is(401, "invalid-token");
    assert!(bed.files().is_empty());
}

/// Twelve hours after it was used last; seven days after it began, however much it was used.
#[tokio::test]
async fn a_session_whose_time_is_over_meanwhile_writes_nothing() {
    let bed = Bed::new().await;
    let upload = async |cookie: &str, seconds| {
        let call = bed.call("PUT", "/api/v1/keyring").header("if-none-match", "*").cookie(cookie);
        in_halves(call, "application/octet-stream", octets(1000), async { bed.pass(seconds) }).await
    };
    let unused = bed.login(ANNA).await;
    upload(&unused, 12 * HOUR).await.is(401, "login-required");
    let old = bed.login(ANNA).await;
    for _ in 0..15 {
        bed.pass(11 * HOUR);
        assert_eq!(bed.call("GET", SESSIONS).cookie(&old).send().await.status, 200);
    }
    bed.pass(3 * HOUR - 10);
    upload(&old, 20).await.is(401, "login-required");
    assert!(bed.files().is_empty());
}

#[tokio::test]
async fn an_envelope_is_neither_announced_nor_changed_by_a_session_that_has_ended() {
    let bed = Bed::new().await;
    let anna = bed.login(ANNA).await;
    let sealed = bed.seal(&anna, json!({})).await;
    let before = bed.record(&anna, &sealed.id).await;
    for (method, path, body) in [
        ("POST", "/api/v1/envelopes".to_owned(), announcement(&random(32), 10)),
        ("PATCH", format!("/api/v1/envelopes/{}", sealed.id), json!({"expiresInSeconds": 3600})),
        ("PATCH", format!("/api/v1/envelopes/{}", sealed.id), json!({"unlock": true})),
    ] {
        let other = bed.login(ANNA).await;
        let call = bed.call(method, &path).cookie(&other);
        let end = is_done(&bed, "DELETE", SESSIONS, &anna);
        in_halves(call, "application/json", body.to_string().into(), end).await.is(401, "login-required");
    }
    assert_eq!(bed.record(&anna, &sealed.id).await, before);
    let list = bed.call("GET", "/api/v1/envelopes").cookie(&anna).send().await.json();
    assert_eq!(list["envelopes"].as_array().unwrap().len(), 1);
}

/// The requests that need a proof and have a body, of this session: what is sent, and how it is answered if nothing is in the way.
async fn proved(bed: &Bed, cookie: &str) -> Vec<(&'static str, &'static str, Value)> {
    let (choosing, body) = choose("another password");
    let answer = bed.call("POST", "/api/v1/account/password/start").cookie(cookie).json(&body).send().await;
    let mut change = bed.all_but_proved(cookie, ANNA, PASSWORD).await;
    merge(&mut change, choosing.end(&answer.json()));
    let started = bed.call("POST", "/api/v1/account/totp/start").cookie(cookie).send().await;
    let app = testbed::factors::AuthenticatorApp::new(started.json()["secret"].as_str().unwrap());
    let sealed = testbed::passwords::base64url(&[7; 55]);
    vec![
        ("PUT", "/api/v1/account/keystore-backup", json!({"sealed": sealed})),
        ("POST", TOKENS, json!({"name": "A program", "scopes": ["drafts:read"], "expiresInDays": 1})),
        ("PUT", "/api/v1/account/password", change),
        ("PUT", TOTP, app.code(bed)),
    ]
}

#[tokio::test]
async fn what_needs_a_proof_needs_it_and_its_session_when_it_is_written() {
    let bed = Bed::new().await;
    let anna = bed.login(ANNA).await;
    for number in 0..4 {
        for ends in [true, false] {
            let other = bed.login(ANNA).await;
            bed.pass(290);
            let (method, path, body) = proved(&bed, &other).await.swap_remove(number);
            let call = bed.call(method, path).cookie(&other).header("if-none-match", "*");
            let between = async {
                match ends {
                    true => is_done(&bed, "DELETE", SESSIONS, &anna).await,
                    false => bed.pass(15),
                }
            };
            let reply = in_halves(call, "application/json", body.to_string().into(), between).await;
            match ends {
                true => reply.is(401, "login-required"),
                false => reply.is(403, "confirmation-required"),
            }
        }
        // The same with nothing in between, the change of the password and what makes it harder to log in last.
        let other = bed.login(ANNA).await;
        let (method, path, body) = proved(&bed, &other).await.swap_remove(number);
        if number < 2 {
            let call = bed.call(method, path).cookie(&other).header("if-none-match", "*");
            let reply = in_halves(call, "application/json", body.to_string().into(), async {}).await;
            assert!(reply.status.is_success(), "{path}: {}", reply.text());
            is_done(&bed, "DELETE", path, &other).await;
        }
    }
    assert_eq!(bed.log_in(ANNA, PASSWORD).await.json(), json!({"address": ANNA, "name": "Somebody"}));
    assert!(bed.tokens(&anna).await.is_empty());
}
