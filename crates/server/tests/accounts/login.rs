//! Logging in with a password that the server never sees: what is answered to whom, once and in time.

use crate::testbed::passwords::{PASSWORD, base64url, begin, octets};
use crate::testbed::{self, Bed, Reply, random};
use serde_json::{Value, json};

const ANNA: &str = "anna@example.org";

async fn bed_with_anna() -> Bed {
    let bed = Bed::new().await;
    bed.app.accounts().put(ANNA, "Anna", PASSWORD).await.unwrap();
    bed
}

async fn start(bed: &Bed, body: &Value) -> Reply {
    bed.call("POST", "/api/v1/session/start").json(body).send().await
}

async fn finish(bed: &Bed, body: &Value) -> Reply {
    bed.call("POST", "/api/v1/session").json(body).send().await
}

async fn rows(bed: &Bed) -> i64 {
    let pool = testbed::databases::rows(bed.data.path()).await;
    let count = sqlx::query_scalar("SELECT count(*) FROM logins").fetch_one(&pool).await.unwrap();
    pool.close().await;
    count
}

/// Everything about an answer but the date and what is random in it.
fn shape(reply: &Reply) -> (u16, usize, Vec<(String, String)>) {
    let headers = reply.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (reply.status.as_u16(), reply.body.len(), headers.collect())
}

#[tokio::test]
async fn a_wrong_password_an_unknown_account_and_a_closed_one_look_the_same() {
    let bed = bed_with_anna().await;
    bed.app.accounts().put("closed@example.org", "Closed", PASSWORD).await.unwrap();
    bed.app.accounts().close("closed@example.org").await.unwrap();
    let long = "x".repeat(5000);
    let mut answers = Vec::new();
    for (address, password) in [
        (ANNA, "another password"),
        ("nobody@example.org", PASSWORD),
        ("closed@example.org", PASSWORD),
        ("' OR 1=1 --", PASSWORD),
        ("", PASSWORD),
        (long.as_str(), PASSWORD),
        // PostgreSQL takes no text with U+0000, so that this was a fault of the server.
        ("anna@example.org\0", PASSWORD),
        ("anna\n@example.org", PASSWORD),
    ] {
        let (begun, body) = begin(address, password);
        let first = start(&bed, &body).await;
        assert_eq!(first.status, 200, "{address:?}");
        let again = start(&bed, &body).await;
        // Asked twice, nothing tells them apart either: the evaluated element is the account's, the rest is new.
        let (one, other): ([u8; 320], [u8; 320]) =
            (octets(&first.json()["response"]), octets(&again.json()["response"]));
        assert_eq!(one[..32], other[..32], "{address:?}");
        assert_ne!(one[32..64], other[32..64], "{address:?}");
        assert_ne!(one[64..192], other[64..192], "{address:?}");
        let answer = first.json();
        let last = finish(&bed, &begun.end(&answer)).await;
        last.is(401, "wrong-login");
        assert!(last.headers.get("set-cookie").is_none());
        answers.push((address, shape(&first), shape(&last), last.text()));
    }
    for (address, first, last, text) in &answers {
        assert_eq!((first, last, text), (&answers[0].1, &answers[0].2, &answers[0].3), "{address:?}");
    }
    // The last message of a login that never was looks the same, too.
    let never = finish(&bed, &json!({"login": random(16), "finalization": random(64)})).await;
    assert_eq!((shape(&never), never.text()), (answers[0].2.clone(), answers[0].3.clone()));
    // The positive control.
    assert_eq!(bed.log_in("ANNA@example.org", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_login_is_for_one_last_message_of_its_own() {
    let bed = bed_with_anna().await;
    let good = bed.all_but_logged_in(ANNA, PASSWORD).await;
    let other = bed.all_but_logged_in(ANNA, PASSWORD).await;
    // The proof of one login is none of another's, and that one is over with it.
    finish(&bed, &json!({"login": good["login"], "finalization": other["finalization"]})).await.is(401, "wrong-login");
    finish(&bed, &good).await.is(401, "wrong-login");
    assert_eq!(finish(&bed, &other).await.status, 200);
    finish(&bed, &other).await.is(401, "wrong-login");
    assert_eq!(rows(&bed).await, 0);
    // Whoever asks many times at once is let in once.
    let good = bed.all_but_logged_in(ANNA, PASSWORD).await;
    let all = futures_util::future::join_all((0..8).map(|_| finish(&bed, &good))).await;
    assert_eq!(all.iter().filter(|reply| reply.status == 200).count(), 1);
}

#[tokio::test]
async fn a_login_is_over_after_two_minutes_and_forgotten() {
    let bed = bed_with_anna().await;
    let good = bed.all_but_logged_in(ANNA, PASSWORD).await;
    start(&bed, &begin("nobody@example.org", PASSWORD).1).await;
    bed.pass(119);
    envelock_server::maintain(&bed.app).await.unwrap();
    assert_eq!(rows(&bed).await, 2, "nobody's is kept as well");
    assert_eq!(finish(&bed, &good).await.status, 200);
    let late = bed.all_but_logged_in(ANNA, PASSWORD).await;
    bed.pass(120);
    finish(&bed, &late).await.is(401, "wrong-login");
    assert_eq!(rows(&bed).await, 2);
    envelock_server::maintain(&bed.app).await.unwrap();
    assert_eq!(rows(&bed).await, 0);
}

/// Whatever comes first: no session of the old password is left.
#[tokio::test]
async fn whoever_logs_in_while_the_password_changes_gets_no_session_from_the_old_one() {
    let bed = bed_with_anna().await;
    for change in ["another", "the same", "none", "back"] {
        let begun = bed.all_but_logged_in(ANNA, PASSWORD).await;
        match change {
            "another" => bed.app.accounts().set_password(ANNA, "another password").await.unwrap(),
            "none" => bed.app.accounts().close(ANNA).await.unwrap(),
            // Which ends no sessions, but a login of the old record is none of the new one.
            "back" => drop(bed.app.accounts().put(ANNA, "Anna", PASSWORD).await.unwrap()),
            _ => bed.app.accounts().set_password(ANNA, PASSWORD).await.unwrap(),
        }
        finish(&bed, &begun).await.is(401, "wrong-login");
        bed.app.accounts().put(ANNA, "Anna", PASSWORD).await.unwrap();
    }
    for _ in 0..5 {
        let begun = bed.all_but_logged_in(ANNA, PASSWORD).await;
        let (reply, closed) = tokio::join!(finish(&bed, &begun), bed.app.accounts().close(ANNA));
        closed.unwrap();
        if let Some(cookie) = reply.cookie() {
            assert_eq!(bed.call("GET", "/api/v1/session").cookie(&cookie).send().await.status, 204);
        }
        bed.app.accounts().put(ANNA, "Anna", PASSWORD).await.unwrap();
    }
}

/// A login that began with the old record and was stored after the change: deleting what is there would miss it.
#[tokio::test]
async fn a_login_that_was_answered_with_the_old_record_is_none() {
    let bed = bed_with_anna().await;
    let begun = bed.all_but_logged_in(ANNA, PASSWORD).await;
    let pool = testbed::databases::rows(bed.data.path()).await;
    sqlx::query("CREATE TABLE late AS SELECT * FROM logins").execute(&pool).await.unwrap();
    bed.app.accounts().set_password(ANNA, "another password").await.unwrap();
    assert_eq!(rows(&bed).await, 0, "the others are over");
    sqlx::query("INSERT INTO logins SELECT * FROM late").execute(&pool).await.unwrap();
    pool.close().await;
    finish(&bed, &begun).await.is(401, "wrong-login");
}

#[tokio::test]
async fn beginnings_and_ends_are_limited_and_recover() {
    let bed = Bed::with(|settings| settings.login_attempts_per_minute = 5.try_into().unwrap()).await;
    let (_, body) = begin(ANNA, "whatever it is");
    for _ in 0..5 {
        assert_eq!(start(&bed, &body).await.status, 200);
    }
    let limited = start(&bed, &body).await;
    limited.is(429, "too-many-requests");
    let wait: u64 = limited.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "a stated time");
    assert!(limited.json()["message"].as_str().unwrap().contains(&wait.to_string()));
    // Ends count apart, so that whoever began can end.
    for _ in 0..5 {
        finish(&bed, &json!({"login": random(16), "finalization": random(64)})).await.is(401, "wrong-login");
    }
    finish(&bed, &json!({"login": random(16), "finalization": random(64)})).await.is(429, "too-many-requests");
}

#[tokio::test]
async fn messages_have_their_lengths_and_their_points() {
    let bed = bed_with_anna().await;
    let (_, good) = begin(ANNA, PASSWORD);
    for request in [
        json!(random(95)),
        json!(random(97)),
        json!(format!("{}=", good["request"].as_str().unwrap())),
        json!(""),
        json!(1),
        json!(null),
        json!("ü".repeat(64)),
        // No points: the neutral one, and one beyond the field.
        json!(base64url(&[0; 96])),
        json!(base64url(&[0xff; 96])),
    ] {
        for address in [ANNA, "nobody@example.org"] {
            let reply = start(&bed, &json!({"address": address, "request": request})).await;
            reply.is(400, "invalid-request");
        }
    }
    start(&bed, &json!({"address": ANNA, "request": good["request"], "password": PASSWORD}))
        .await
        .is(400, "invalid-request");
    start(&bed, &json!({"request": good["request"]})).await.is(400, "invalid-request");
    for (login, finalization) in
        [(random(15), random(64)), (random(16), random(63)), (random(16), random(65)), (String::new(), String::new())]
    {
        let reply = finish(&bed, &json!({"login": login, "finalization": finalization})).await;
        reply.is(400, "invalid-request");
        if !login.is_empty() {
            assert!(!reply.text().contains(&login) && !reply.text().contains(&finalization), "nothing is repeated");
        }
    }
    finish(&bed, &json!({"address": ANNA, "password": PASSWORD})).await.is(400, "invalid-request");
    assert_eq!(rows(&bed).await, 0);
}
