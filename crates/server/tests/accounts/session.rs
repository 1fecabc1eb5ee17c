//! Login, sessions, and what one account may see of another's.

use crate::testbed::passwords::PASSWORD;
use crate::testbed::{Bed, DAY, HOUR, announcement, octets, operations, random};
use serde_json::json;

#[tokio::test]
async fn login_sets_a_host_cookie_that_is_enough() {
    let bed = Bed::new().await;
    bed.login("anna@example.org").await;
    let login = bed.log_in("Anna@Example.ORG", PASSWORD).await;
    assert_eq!(login.json(), json!({"address": "anna@example.org", "name": "Somebody"}));
    let cookie = login.header("set-cookie");
    assert!(cookie.starts_with("__Host-envelock="));
    for flag in ["; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    assert!(!cookie.contains("Domain"));
    let cookie = login.cookie().unwrap();
    let who = bed.call("GET", "/api/v1/session").cookie(&cookie).send().await;
    assert_eq!(who.json(), json!({"address": "anna@example.org", "name": "Somebody"}));

    let logout = bed.call("DELETE", "/api/v1/session").cookie(&cookie).send().await;
    assert_eq!(logout.status, 204);
    assert!(logout.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(bed.call("GET", "/api/v1/session").cookie(&cookie).send().await.status, 204);
    assert_eq!(bed.call("DELETE", "/api/v1/session").send().await.status, 204);
}

#[tokio::test]
async fn a_login_makes_a_new_session_and_ends_the_one_it_came_with() {
    let bed = Bed::new().await;
    let planted = format!("__Host-envelock={}", random(32));
    let first = bed.login("anna@example.org").await;
    let log_in = async |cookie: &str| {
        let end = bed.all_but_logged_in("anna@example.org", PASSWORD).await;
        bed.call("POST", "/api/v1/session").cookie(cookie).json(&end).send().await.cookie().unwrap()
    };
    let over_planted = log_in(&planted).await;
    assert_ne!(over_planted, planted);
    assert_eq!(bed.call("GET", "/api/v1/session").cookie(&planted).send().await.status, 204);
    let second = log_in(&first).await;
    assert_ne!(first, second);
    assert_eq!(bed.call("GET", "/api/v1/session").cookie(&first).send().await.status, 204);
    for cookie in [&over_planted, &second] {
        assert_eq!(bed.call("GET", "/api/v1/session").cookie(cookie).send().await.status, 200);
    }
}

#[tokio::test]
async fn a_session_ends_after_twelve_idle_hours_and_after_seven_days() {
    let bed = Bed::new().await;
    let cookie = bed.login("anna@example.org").await;
    let who = async || bed.call("GET", "/api/v1/session").cookie(&cookie).send().await.status.as_u16();
    bed.pass(12 * HOUR - 1);
    assert_eq!(who().await, 200);
    bed.pass(12 * HOUR);
    assert_eq!(who().await, 204, "idle");

    let cookie = bed.login("anna@example.org").await;
    let who = async || bed.call("GET", "/api/v1/session").cookie(&cookie).send().await.status.as_u16();
    for _ in 0..27 {
        bed.pass(6 * HOUR);
        assert_eq!(who().await, 200);
    }
    bed.pass(6 * HOUR);
    assert_eq!(who().await, 204, "seven days");
    assert_eq!(envelock_server::maintain(&bed.app).await.unwrap().sessions, 2);
}

#[tokio::test]
async fn openings_are_limited_per_address() {
    let bed = Bed::with(|settings| settings.open_attempts_per_minute = 3.try_into().unwrap()).await;
    for _ in 0..3 {
        bed.open(&random(16), &random(32)).await.is(404, "gone");
    }
    bed.open(&random(16), &random(32)).await.is(429, "too-many-requests");
}

#[tokio::test]
async fn every_route_of_senders_needs_a_session() {
    let bed = Bed::new().await;
    let mut checked = 0;
    for (method, path, operation) in operations() {
        if operation["security"].is_null() {
            continue;
        }
        for cookie in ["", "__Host-envelock=", &format!("__Host-envelock={}", random(32)), "envelock=x"] {
            let reply = bed.call(&method, &path).cookie(cookie).json(&json!({})).send().await;
            assert_eq!(reply.status, 401, "{method} {path}");
            assert_eq!(reply.code(), "login-required");
        }
        checked += 1;
    }
    assert_eq!(
        checked, 55,
        "all routes of envelopes, of the keyring, of drafts, of the mailbox and its certificate, of sessions, of the password, what it opens, the factors, and tokens, the history, the lookup, and of mail that is sent"
    );
}

#[tokio::test]
async fn nobody_reaches_the_envelopes_of_another_account() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let mallory = bed.login("mallory@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    bed.reply(&sealed.id, &sealed.token, octets(10)).await;
    let waiting =
        bed.call("POST", "/api/v1/envelopes").cookie(&anna).json(&announcement(&random(32), 10)).send().await.json();
    let waiting = waiting["id"].as_str().unwrap();
    let before = bed.record(&anna, &sealed.id).await;

    let mut checked = 0;
    for (method, path, operation) in operations() {
        // Drafts and copies have names of their account's own: `accounts_drafts` and `mail_sent` have two accounts with the same one.
        let is_named = path.contains("/drafts/") || path.contains("/mailbox/sent/");
        if operation["security"].is_null() || !path.contains("AAAAAAAAAAAAAAAAAAAAAA") || is_named {
            continue;
        }
        for id in [sealed.id.as_str(), waiting] {
            let path = path.replace("AAAAAAAAAAAAAAAAAAAAAA", id);
            let call = bed.call(&method, &path).cookie(&mallory);
            let reply = match method.as_str() {
                "PUT" => call.octets(octets(10)),
                "PATCH" => call.json(&json!({"unlock": true, "expiresInSeconds": 3600})),
                _ => call,
            };
            let reply = reply.send().await;
            reply.is(404, "not-found");
            // The same as for an id that does not exist.
            let unknown = bed.call("GET", &format!("/api/v1/envelopes/{}", random(16))).cookie(&mallory).send().await;
            assert_eq!(reply.text(), unknown.text());
        }
        checked += 1;
    }
    assert_eq!(
        checked, 13,
        "record, change, withdraw, ciphertext, replies, one reply, a session, a passkey, a token, a message of that name, which is read, seen, deleted, and one on its way out"
    );
    let list = bed.call("GET", "/api/v1/envelopes").cookie(&mallory).send().await.json();
    assert_eq!(list, json!({"envelopes": []}));
    assert_eq!(bed.record(&anna, &sealed.id).await, before);
    assert_eq!(bed.files().len(), 2);
}

#[tokio::test]
async fn the_demo_account_exists_only_in_a_demo() {
    let login = async |bed: &Bed| bed.log_in("anna@demo.example", "envelock demo").await;
    let plain = Bed::new().await;
    login(&plain).await.is(401, "wrong-login");
    assert_eq!(plain.call("GET", "/api/v1/server").send().await.json()["demo"], false);

    let demo = Bed::with(|settings| settings.demo = true).await;
    let session = login(&demo).await;
    assert_eq!(session.json(), json!({"address": "anna@demo.example", "name": "Anna Berg"}));
    let info = demo.call("GET", "/api/v1/server").send().await.json();
    assert_eq!((&info["name"], &info["demo"]), (&json!("Envelock"), &json!(true)));
    assert_eq!(
        info["limits"],
        json!({
            "envelopeBytes": 26_214_400, "replyBytes": 26_214_400, "keyringBytes": 16_777_216, "draftBytes": 8_388_608, "drafts": 100, "hintChars": 200, "noteBytes": 16_384, "replies": 5,
            "minExpirySeconds": 3600, "maxExpirySeconds": 31_536_000, "defaultExpirySeconds": 604_800, "maxOpenings": 1000
        })
    );

    // The same data directory, no longer a demo: the public password opens nothing, nor does an old cookie.
    let mut settings = envelock_server::Settings::new(demo.data.path());
    settings.demo = false;
    let app = envelock_server::App::open(settings, demo.clock.clone()).await.unwrap();
    let after = Bed { router: envelock_server::router(app.clone()), app, ..demo };
    login(&after).await.is(401, "wrong-login");
    assert_eq!(after.call("GET", "/api/v1/session").cookie(&session.cookie().unwrap()).send().await.status, 204);
    after.pass(DAY);
}
