//! A session that still owes a second factor, or its first one, is good for nothing else.

use crate::testbed::factors::{CODES, FACTORS, TOTP};
use crate::testbed::passwords::PASSWORD;
use crate::testbed::{Bed, databases, operations};
use serde_json::{Value, json};

const ANNA: &str = "anna@example.org";

/// Which sessions an operation takes, as the document has it.
fn sessions_of(operation: &Value) -> Vec<&str> {
    let all = operation["security"].as_array().into_iter().flatten();
    all.flat_map(|one| one.as_object().unwrap().keys().map(String::as_str)).collect()
}

/// Calls every operation that takes a session that is logged in; those that refuse for want of a second factor, and those that do not.
async fn call_all(bed: &Bed, cookie: &str) -> (Vec<String>, Vec<String>) {
    let (mut refused, mut taken) = (Vec::new(), Vec::new());
    for (method, path, operation) in operations() {
        if !sessions_of(&operation).contains(&"session") {
            continue;
        }
        let reply = bed.call(&method, &path).cookie(cookie).json(&json!({})).send().await;
        let name = format!("{method} {path}");
        match reply.status.as_u16() {
            403 => {
                reply.is(403, "second-factor-required");
                refused.push(name);
            }
            _ => taken.push(name),
        }
    }
    (refused, taken)
}

#[tokio::test]
async fn no_route_takes_a_session_that_owes_a_second_factor() {
    let bed = Bed::new().await;
    bed.enrolled(ANNA).await;
    let pending = bed.pending(ANNA).await;
    let (refused, taken) = call_all(&bed, &pending).await;
    assert!(refused.len() >= 28 && taken.is_empty(), "{} refused, but {taken:?}", refused.len());
    // What takes no session of the document's takes none of these either: whatever knows its caller is in the list above.
    for (method, path, operation) in operations() {
        let open = ["/api/v1/server", "/api/v1/session", "/api/v1/registration", "/api/v1/d/", "/api/v1/inbound"]
            .iter()
            .any(|start| path.starts_with(start));
        assert!(!sessions_of(&operation).is_empty() || open, "{method} {path} says of no session that it takes it");
    }
}

#[tokio::test]
async fn no_route_but_those_for_it_takes_a_session_that_has_to_set_a_factor_up() {
    let bed = Bed::with(|settings| settings.require_second_factor = true).await;
    bed.app.accounts().put(ANNA, "Anna", PASSWORD).await.unwrap();
    let reply = bed.log_in(ANNA, PASSWORD).await;
    assert_eq!(reply.json(), json!({"address": ANNA, "name": "Anna", "pending": "enrolment"}));
    let pending = reply.cookie().unwrap();
    let (refused, taken) = call_all(&bed, &pending).await;
    let for_it: Vec<String> = operations()
        .iter()
        .filter(|(_, _, operation)| sessions_of(operation).contains(&"enrolment"))
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    assert_eq!((taken.clone(), for_it.len(), refused.len() > 20), (for_it, 5, true), "{taken:?}");
    for path in ["/api/v1/session/totp", "/api/v1/session/recovery-code"] {
        bed.enter(path, &pending, &json!({"code": "123456"})).await.is(403, "second-factor-required");
    }
}

#[tokio::test]
async fn setting_the_first_factor_up_completes_a_login_that_waits_for_it() {
    let bed = Bed::with(|settings| settings.require_second_factor = true).await;
    bed.app.accounts().put(ANNA, "Anna", PASSWORD).await.unwrap();
    let pending = bed.log_in(ANNA, PASSWORD).await.cookie().unwrap();
    let late = bed.log_in(ANNA, PASSWORD).await.cookie().unwrap();
    let required = json!({"totp": null, "passkeys": [], "recoveryCodes": 0, "required": true});
    assert_eq!(bed.call("GET", FACTORS).cookie(&pending).send().await.json(), required);
    let (_, _, added) = bed.enrol(&pending).await;
    assert_eq!(added.json()["recoveryCodes"].as_array().unwrap().len(), 10);
    let full = added.cookie().unwrap();
    assert_eq!((bed.standing(&full).await.as_str(), bed.standing(&pending).await.as_str()), ("full", ""));
    // Whoever has the password and was about to set up a factor of their own comes too late.
    assert_eq!(bed.standing(&late).await, "second-factor");
    bed.call("POST", "/api/v1/account/totp/start").cookie(&late).send().await.is(403, "second-factor-required");
    // The last one stays.
    bed.call("DELETE", TOTP).cookie(&full).send().await.is(409, "last-factor");
    assert_eq!(bed.call("GET", FACTORS).cookie(&full).send().await.json()["recoveryCodes"], 10);
}

#[tokio::test]
async fn who_was_logged_in_before_a_factor_was_required_logs_in_anew() {
    let data = tempfile::tempdir().unwrap();
    let before = Bed::with(|settings| settings.data_dir = data.path().to_owned()).await;
    let (plain, anna) = (before.login("ben@example.org").await, before.enrolled(ANNA).await);
    before.app.close().await;
    let bed = Bed::with(|settings| {
        settings.data_dir = data.path().to_owned();
        settings.require_second_factor = true;
    })
    .await;
    assert_eq!((bed.standing(&plain).await.as_str(), bed.standing(&anna.cookie).await.as_str()), ("", "full"));
    bed.call("GET", "/api/v1/envelopes").cookie(&plain).send().await.is(401, "login-required");
    assert_eq!(bed.log_in("ben@example.org", PASSWORD).await.json()["pending"], "enrolment");
}

#[tokio::test]
async fn it_lives_ten_minutes_is_in_no_list_and_is_no_whole_login_in_the_history() {
    let bed = Bed::new().await;
    let anna = bed.enrolled(ANNA).await;
    let list = async |path: &str, name: &str| {
        let reply = bed.call("GET", path).cookie(&anna.cookie).send().await;
        let mut list = reply.json()[name].as_array().unwrap().clone();
        list.retain(|one| one["unfinished"] != true);
        list
    };
    let history = list("/api/v1/logins", "logins").await;
    let pending = bed.pending(ANNA).await;
    assert_eq!(list("/api/v1/sessions", "sessions").await.len(), 1);
    assert_eq!(list("/api/v1/logins", "logins").await, history);
    bed.pass(599);
    assert_eq!(bed.standing(&pending).await, "second-factor");
    bed.pass(1);
    assert_eq!(bed.standing(&pending).await, "");
    bed.enter_totp(&pending, &anna.app.code(&bed)).await.is(401, "login-required");
    let rows = databases::rows(bed.data.path()).await;
    let count = "SELECT count(*) FROM sessions WHERE pending = 1";
    let waiting: i64 = sqlx::query_scalar(count).fetch_one(&rows).await.unwrap();
    bed.app.sessions().purge().await.unwrap();
    let left: i64 = sqlx::query_scalar(count).fetch_one(&rows).await.unwrap();
    assert_eq!((waiting, left), (1, 0));

    let pending = bed.pending(ANNA).await;
    assert_eq!(bed.enter_totp(&pending, &anna.app.code(&bed)).await.status, 200);
    assert_eq!(list("/api/v1/sessions", "sessions").await.len(), 2);
    let times = |logins: &[Value]| logins.iter().map(|login| login["times"].as_u64().unwrap()).sum::<u64>();
    assert_eq!(times(&list("/api/v1/logins", "logins").await), times(&history) + 1);
}

#[tokio::test]
async fn it_can_be_ended_and_a_full_session_owes_nothing() {
    let bed = Bed::new().await;
    let anna = bed.enrolled(ANNA).await;
    let pending = bed.pending(ANNA).await;
    assert_eq!(bed.call("DELETE", "/api/v1/session").cookie(&pending).send().await.status, 204);
    assert_eq!(bed.standing(&pending).await, "");
    bed.enter_totp(&pending, &anna.app.code(&bed)).await.is(401, "login-required");
    bed.enter_totp(&anna.cookie, &anna.app.code(&bed)).await.is(400, "invalid-request");
    // Another account's session is no place for this one's code.
    bed.enrolled("ben@example.org").await;
    let ben = bed.pending("ben@example.org").await;
    bed.enter_totp(&ben, &anna.app.code(&bed)).await.is(401, "wrong-code");
    bed.enter_recovery_code(&ben, &anna.recovery_codes[0]).await.is(401, "wrong-code");
    bed.call("POST", CODES).cookie(&ben).send().await.is(403, "second-factor-required");
}
