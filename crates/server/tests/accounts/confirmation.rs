//! What needs a proof of who is calling within the last five minutes, and how that is given.

use crate::testbed::factors::{CODES, FACTORS, TOTP};
use crate::testbed::passwords::{PASSWORD, choose};
use crate::testbed::{self, Bed, merge, operations};
use serde_json::{Value, json};

const ANNA: &str = "anna@example.org";
const CONFIRM: &str = "/api/v1/session/confirm";

#[tokio::test]
async fn whatever_says_so_asks_again_after_five_minutes() {
    let bed = Bed::new().await;
    let anna = bed.enrolled(ANNA).await;
    bed.pass(300 - 30 - 1);
    assert_eq!(bed.call("POST", CODES).cookie(&anna.cookie).send().await.status, 200);
    bed.pass(1);
    let mut asked = Vec::new();
    for (method, path, operation) in operations() {
        // Logging out would be the end of the others.
        if (method.as_str(), path.as_str()) == ("DELETE", "/api/v1/session") {
            continue;
        }
        let reply = bed.call(&method, &path).cookie(&anna.cookie).json(&json!({})).send().await;
        let says = operation["responses"]["403"]["description"].as_str().unwrap_or_default();
        let asks = says.contains("confirmation-required");
        assert_eq!(reply.status == 403, asks, "{method} {path}: {}", reply.text());
        if asks {
            reply.is(403, "confirmation-required");
            asked.push(format!("{method} {path}"));
        }
    }
    assert_eq!(asked.len(), 16, "{asked:?}");
}

#[tokio::test]
async fn a_clock_that_is_set_back_confirms_nobody() {
    let bed = Bed::new().await;
    let anna = bed.enrolled(ANNA).await;
    bed.pass(-60);
    bed.call("POST", CODES).cookie(&anna.cookie).send().await.is(403, "confirmation-required");
}

#[tokio::test]
async fn a_password_confirms_where_there_is_no_more_and_where_there_is_it_takes_a_code() {
    let bed = Bed::new().await;
    let plain = bed.login("ben@example.org").await;
    let anna = bed.enrolled(ANNA).await;
    bed.pass(300);
    let confirmed = bed.confirm_session(&plain, "ben@example.org", None).await;
    assert_eq!((confirmed.status.as_u16(), confirmed.cookie()), (200, None), "{}", confirmed.text());
    assert_eq!(confirmed.json(), json!({"address": "ben@example.org", "name": "Somebody"}));
    assert_eq!(bed.call("POST", "/api/v1/account/totp/start").cookie(&plain).send().await.status, 200);

    let confirms = async |code: Option<Value>| bed.confirm_session(&anna.cookie, ANNA, code).await;
    confirms(None).await.is(401, "wrong-code");
    confirms(Some(json!({"code": "000000"}))).await.is(401, "wrong-code");
    let code = anna.app.code(&bed);
    assert_eq!(confirms(Some(code.clone())).await.status, 200);
    assert_eq!(bed.call("POST", CODES).cookie(&anna.cookie).send().await.status, 200);
    bed.pass(300);
    confirms(Some(code.clone())).await.is(401, "wrong-code");
    let codes = bed.call("POST", CODES).cookie(&anna.cookie).send().await;
    codes.is(403, "confirmation-required");
    // A recovery code stands in for the app, once. The set was made anew a moment ago.
    confirms(Some(json!({"code": anna.recovery_codes[0]}))).await.is(401, "wrong-code");
    bed.pass(30);
    assert_eq!(confirms(Some(anna.app.code(&bed))).await.status, 200);
    let renewed = bed.call("POST", CODES).cookie(&anna.cookie).send().await.json();
    bed.pass(300);
    let code = json!({"code": renewed["recoveryCodes"][0]});
    assert_eq!(confirms(Some(code.clone())).await.status, 200);
    confirms(Some(code.clone())).await.is(401, "wrong-code");
    assert_eq!(bed.call("DELETE", TOTP).cookie(&anna.cookie).send().await.status, 204);
}

#[tokio::test]
async fn another_password_or_somebody_elses_confirms_nothing() {
    let bed = Bed::new().await;
    let anna = bed.enrolled(ANNA).await;
    bed.enrolled("mallory@example.org").await;
    bed.pass(300);
    for (address, password) in [(ANNA, "another password"), ("mallory@example.org", PASSWORD)] {
        let mut end = bed.all_but_logged_in(address, password).await;
        merge(&mut end, anna.app.code(&bed));
        bed.call("POST", CONFIRM).cookie(&anna.cookie).json(&end).send().await.is(401, "wrong-login");
        bed.call("POST", CONFIRM).cookie(&anna.cookie).json(&end).send().await.is(401, "wrong-login");
    }
    // With a wrong password no code is used up.
    assert_eq!(bed.confirm_session(&anna.cookie, ANNA, Some(anna.app.code(&bed))).await.status, 200);
    // One session is confirmed and no other; none that is pending can be.
    let pending = bed.pending(ANNA).await;
    bed.confirm_session(&pending, ANNA, None).await.is(403, "second-factor-required");
    bed.call("POST", CONFIRM).json(&json!({})).send().await.is(401, "login-required");
}

const START: &str = "/api/v1/account/password/start";
const NEW: &str = "another long password";

/// Whoever has found an open browser and the password must neither throw its owner out nor get at the second factor.
#[tokio::test]
async fn changing_the_password_takes_the_second_factor_where_there_is_one() {
    let bed = Bed::new().await;
    let anna = bed.enrolled(ANNA).await;
    let (choosing, body) = choose(NEW);
    let start = async || bed.call("POST", START).cookie(&anna.cookie).json(&body).send().await;
    let record = choosing.end(&start().await.json());
    let change = async || {
        let mut body = bed.all_but_proved(&anna.cookie, ANNA, PASSWORD).await;
        testbed::merge(&mut body, record.clone());
        bed.call("PUT", "/api/v1/account/password").cookie(&anna.cookie).json(&body).send().await
    };
    bed.pass(300);
    start().await.is(403, "confirmation-required");
    change().await.is(403, "confirmation-required");
    bed.confirm_session(&anna.cookie, ANNA, None).await.is(401, "wrong-code");
    change().await.is(403, "confirmation-required");
    assert_eq!(bed.standing(&anna.cookie).await, "full");
    assert_eq!(bed.log_in(ANNA, PASSWORD).await.status, 200, "it is the old one");

    assert_eq!(bed.confirm_session(&anna.cookie, ANNA, Some(anna.app.code(&bed))).await.status, 200);
    bed.pass(299);
    assert_eq!(start().await.status, 200);
    let cookie = change().await.cookie().unwrap();
    // What was proved then is no older and no younger in the new session.
    assert_eq!(bed.call("POST", CODES).cookie(&cookie).send().await.status, 200);
    bed.pass(1);
    bed.call("POST", CODES).cookie(&cookie).send().await.is(403, "confirmation-required");
    let waits = bed.log_in(ANNA, NEW).await;
    assert_eq!(waits.json()["pending"], "second-factor", "the factors stay");
    assert_eq!(bed.enter_totp(&waits.cookie().unwrap(), &anna.app.code(&bed)).await.status, 200);
}

#[tokio::test]
async fn without_a_second_factor_the_old_password_is_enough_to_change_it() {
    let bed = Bed::new().await;
    let ben = bed.login("ben@example.org").await;
    bed.pass(300);
    bed.call("POST", START).cookie(&ben).json(&choose(NEW).1).send().await.is(403, "confirmation-required");
    assert_eq!(bed.confirm_session(&ben, "ben@example.org", None).await.status, 200);
    let changed = bed.change_password(&ben, "ben@example.org", PASSWORD, NEW).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(bed.log_in("ben@example.org", NEW).await.status, 200);
}

#[tokio::test]
async fn all_envelopes_are_withdrawn_at_once_and_nobody_elses() {
    let bed = Bed::new().await;
    let (anna, ben) = (bed.login(ANNA).await, bed.login("ben@example.org").await);
    let (first, second) = (bed.seal(&anna, json!({})).await, bed.seal(&anna, json!({})).await);
    let (gone, other) = (bed.seal(&anna, json!({})).await, bed.seal(&ben, json!({})).await);
    let path = format!("/api/v1/envelopes/{}", gone.id);
    assert_eq!(bed.call("DELETE", &path).cookie(&anna).send().await.status, 204);
    bed.pass(300);
    bed.call("DELETE", "/api/v1/envelopes").cookie(&anna).send().await.is(403, "confirmation-required");
    assert_eq!(bed.open(&first.id, &first.token).await.status, 200);
    assert_eq!(bed.confirm_session(&anna, ANNA, None).await.status, 200);
    let withdrawn = bed.call("DELETE", "/api/v1/envelopes").cookie(&anna).send().await;
    assert_eq!((withdrawn.status.as_u16(), withdrawn.json()), (200, json!({"withdrawn": 2})));
    for sealed in [&first, &second, &gone] {
        bed.open(&sealed.id, &sealed.token).await.is(404, "gone");
        assert_eq!(bed.record(&anna, &sealed.id).await["state"], "withdrawn");
    }
    assert_eq!(bed.open(&other.id, &other.token).await.status, 200);
    assert_eq!(bed.files().len(), 1);
    let again = bed.call("DELETE", "/api/v1/envelopes").cookie(&anna).send().await;
    assert_eq!(again.json(), json!({"withdrawn": 0}));
    assert_eq!(bed.call("GET", FACTORS).cookie(&anna).send().await.status, 200);
}
