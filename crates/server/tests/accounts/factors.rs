//! A second factor after the password: codes of an app, and recovery codes, each good once.

use crate::testbed::factors::{AuthenticatorApp, CODES, FACTORS, TOTP};
use crate::testbed::passwords::PASSWORD;
use crate::testbed::{self, Bed, HOUR, databases};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use envelock_server::Clock;
use serde_json::{Value, json};
use totp_rs::Secret;

const ANNA: &str = "anna@example.org";

#[tokio::test]
async fn an_app_is_set_up_and_the_next_login_takes_its_code() {
    let bed = Bed::new().await;
    let cookie = bed.login(ANNA).await;
    let none = json!({"totp": null, "passkeys": [], "recoveryCodes": 0, "required": false});
    assert_eq!(bed.call("GET", FACTORS).cookie(&cookie).send().await.json(), none);
    let started = bed.call("POST", "/api/v1/account/totp/start").cookie(&cookie).send().await.json();
    let (secret, uri) = (started["secret"].as_str().unwrap(), started["uri"].as_str().unwrap());
    assert_eq!(uri, format!("otpauth://totp/Envelock:anna%40example.org?secret={secret}&issuer=Envelock"));
    // Nothing holds before a code was seen.
    bed.call("PUT", TOTP).cookie(&cookie).json(&json!({"code": "000000"})).send().await.is(401, "wrong-code");
    assert_eq!(bed.call("GET", FACTORS).cookie(&cookie).send().await.json(), none);
    assert_eq!(bed.log_in(ANNA, PASSWORD).await.json(), json!({"address": ANNA, "name": "Somebody"}));

    let app = AuthenticatorApp::new(secret);
    let first = app.code(&bed);
    let added = bed.call("PUT", TOTP).cookie(&cookie).json(&first).send().await;
    assert_eq!((added.status.as_u16(), added.cookie()), (200, None), "{}", added.text());
    assert_eq!(added.json()["recoveryCodes"].as_array().unwrap().len(), 10);
    let factors = bed.call("GET", FACTORS).cookie(&cookie).send().await.json();
    assert_eq!((&factors["totp"]["created"], &factors["recoveryCodes"]), (&json!("2027-01-15T08:00:00Z"), &json!(10)));

    let reply = bed.log_in(ANNA, PASSWORD).await;
    let waits =
        json!({"address": ANNA, "name": "Somebody", "pending": "second-factor", "methods": ["totp", "recovery-code"]});
    assert_eq!((reply.status.as_u16(), reply.json()), (200, waits.clone()));
    let pending = reply.cookie().unwrap();
    assert_eq!(bed.call("GET", "/api/v1/session").cookie(&pending).send().await.json(), waits);
    bed.enter_totp(&pending, &first).await.is(401, "wrong-code");
    bed.pass(30);
    let done = bed.enter_totp(&pending, &app.code(&bed)).await;
    assert_eq!((done.status.as_u16(), done.json()), (200, json!({"address": ANNA, "name": "Somebody"})));
    let full = done.cookie().unwrap();
    assert_ne!(full, pending, "another token");
    assert_eq!((bed.standing(&full).await.as_str(), bed.standing(&pending).await.as_str()), ("full", ""));
}

#[tokio::test]
async fn a_code_is_accepted_once_and_none_before_it() {
    let bed = Bed::new().await;
    let anna = bed.enrolled(ANNA).await;
    let now = bed.clock.now().as_unix();
    let code = |at: i64| json!({"code": anna.app.code_at(at)});
    let pending = bed.pending(ANNA).await;
    // A clock that is a step ahead: from then on the step that is now is over.
    assert_eq!(bed.enter_totp(&pending, &code(now + 30)).await.status, 200);
    for at in [now + 30, now, now - 30] {
        let pending = bed.pending(ANNA).await;
        bed.enter_totp(&pending, &code(at)).await.is(401, "wrong-code");
        assert_eq!(bed.standing(&pending).await, "second-factor", "it may be tried again");
    }
    let pending = bed.pending(ANNA).await;
    for at in [now - 60, now + 60] {
        bed.enter_totp(&pending, &code(at)).await.is(401, "wrong-code");
    }
    bed.pass(60);
    assert_eq!(bed.enter_totp(&pending, &code(now + 60)).await.status, 200);
}

#[tokio::test]
async fn of_requests_that_race_with_one_code_one_is_let_in() {
    let bed = Bed::new().await;
    let anna = bed.enrolled(ANNA).await;
    for round in 0..3 {
        bed.pass(30);
        let code = anna.app.code(&bed);
        let recovery_code = json!({"code": anna.recovery_codes[round]});
        for (path, code) in [("/api/v1/session/totp", &code), ("/api/v1/session/recovery-code", &recovery_code)] {
            let mut pending = Vec::new();
            for _ in 0..3 {
                pending.push(bed.pending(ANNA).await);
            }
            let tries = pending.iter().map(|cookie| bed.enter(path, cookie, code));
            let replies = futures_util::future::join_all(tries).await;
            let let_in = replies.iter().filter(|reply| reply.status == 200).count();
            assert_eq!(let_in, 1, "{path}");
            for refused in replies.iter().filter(|reply| reply.status != 200) {
                refused.is(401, "wrong-code");
            }
        }
    }
    let left = bed.call("GET", FACTORS).cookie(&anna.cookie).send().await.json();
    assert_eq!(left["recoveryCodes"], 7);
}

#[tokio::test]
async fn a_recovery_code_is_good_once_however_it_is_typed_and_a_new_set_ends_the_old_one() {
    let bed = Bed::new().await;
    let anna = bed.enrolled(ANNA).await;
    let ben = bed.enrolled("ben@example.org").await;
    let [first, second, ..] = anna.recovery_codes.as_slice() else { panic!() };
    let pending = bed.pending(ANNA).await;
    for wrong in [&ben.recovery_codes[0], "0000-0000-0000-0000", "", "123456", &first[1..]] {
        bed.enter_recovery_code(&pending, wrong).await.is(401, "wrong-code");
    }
    let typed = first.replace('-', " ").to_lowercase();
    let done = bed.enter_recovery_code(&pending, &typed).await;
    assert_eq!(done.status, 200, "{}", done.text());
    let full = done.cookie().unwrap();
    assert_eq!(bed.standing(&full).await, "full");
    let pending = bed.pending(ANNA).await;
    bed.enter_recovery_code(&pending, first).await.is(401, "wrong-code");

    let renewed = bed.call("POST", CODES).cookie(&full).send().await.json();
    let renewed: Vec<String> = serde_json::from_value(renewed["recoveryCodes"].clone()).unwrap();
    assert_eq!(renewed.len(), 10);
    bed.enter_recovery_code(&pending, second).await.is(401, "wrong-code");
    assert_eq!(bed.enter_recovery_code(&pending, &renewed[9]).await.status, 200);
    assert_eq!(bed.call("GET", FACTORS).cookie(&full).send().await.json()["recoveryCodes"], 9);
    // Nothing is there that they could stand in for.
    let plain = bed.login("cleo@example.org").await;
    bed.call("POST", CODES).cookie(&plain).send().await.is(404, "not-found");
}

#[tokio::test]
async fn with_the_last_factor_go_the_codes_and_another_app_takes_the_place_of_the_first() {
    let bed = Bed::new().await;
    let anna = bed.enrolled(ANNA).await;
    let (app, _, added) = bed.enrol(&anna.cookie).await;
    assert_eq!(added.json(), json!({"recoveryCodes": null}), "those there are go on");
    bed.pass(30);
    let pending = bed.pending(ANNA).await;
    bed.enter_totp(&pending, &anna.app.code(&bed)).await.is(401, "wrong-code");
    assert_eq!(bed.enter_totp(&pending, &app.code(&bed)).await.status, 200);

    let pending = bed.pending(ANNA).await;
    assert_eq!(bed.call("DELETE", TOTP).cookie(&anna.cookie).send().await.status, 204);
    bed.call("DELETE", TOTP).cookie(&anna.cookie).send().await.is(404, "not-found");
    assert_eq!(bed.standing(&pending).await, "", "what waited for it is over");
    let factors = bed.call("GET", FACTORS).cookie(&anna.cookie).send().await.json();
    assert_eq!(factors, json!({"totp": null, "passkeys": [], "recoveryCodes": 0, "required": false}));
    assert_eq!(bed.log_in(ANNA, PASSWORD).await.json(), json!({"address": ANNA, "name": "Somebody"}));
}

#[tokio::test]
async fn a_stolen_database_has_neither_the_secret_nor_the_codes() {
    let bed = Bed::new().await;
    let anna = bed.enrolled(ANNA).await;
    let secret = Secret::try_from_base32(&anna.secret).unwrap().as_bytes().to_vec();
    let kept = databases::everything(bed.data.path()).await;
    let has = |octets: &[u8]| kept.windows(octets.len()).any(|window| window == octets);
    assert!(has(ANNA.as_bytes()), "the search sees what is there");
    let base64 = STANDARD.encode(&secret);
    for octets in [secret.as_slice(), anna.secret.as_bytes(), &base64.as_bytes()[..24]] {
        assert!(!has(octets), "the secret of the app");
    }
    for code in &anna.recovery_codes {
        let bare = code.replace('-', "");
        assert!(!has(code.as_bytes()) && !has(bare.as_bytes()) && !has(bare.to_lowercase().as_bytes()));
    }
    // A secret of another account, put in its place, opens nothing.
    let ben = bed.enrolled("ben@example.org").await;
    let rows = databases::rows(bed.data.path()).await;
    let copied = "UPDATE totp SET sealed = (SELECT sealed FROM totp t JOIN accounts a ON a.id = t.account
                  WHERE a.address_key = 'ben@example.org')";
    sqlx::query(copied).execute(&rows).await.unwrap();
    let pending = bed.pending(ANNA).await;
    bed.enter_totp(&pending, &ben.app.code(&bed)).await.is(401, "wrong-code");
    let pending = bed.pending("ben@example.org").await;
    assert_eq!(bed.enter_totp(&pending, &ben.app.code(&bed)).await.status, 200, "for its own account it does");
}

#[tokio::test]
async fn codes_are_tried_a_few_times_a_minute_and_the_owner_gets_in_with_a_recovery_code() {
    let bed = Bed::with(|settings| settings.login_attempts_per_minute = 30.try_into().unwrap()).await;
    let anna = bed.enrolled(ANNA).await;
    let pending = bed.pending(ANNA).await;
    // Five a minute; meanwhile one or two may have come back.
    let mut tried = 0;
    loop {
        let reply = bed.enter_totp(&pending, &json!({"code": "000000"})).await;
        if reply.status == 429 {
            assert!(reply.header("retry-after").parse::<u64>().unwrap() > 0);
            break;
        }
        reply.is(401, "wrong-code");
        tried += 1;
    }
    assert!((5..=7).contains(&tried), "{tried}");
    bed.enter_totp(&pending, &anna.app.code(&bed)).await.is(429, "too-many-requests");
    assert_eq!(bed.enter_recovery_code(&pending, &anna.recovery_codes[0]).await.status, 200);
    // Whoever is logged in has codes of their own to try: they can confirm, and change the password that somebody knows.
    let confirmed = bed.confirm_session(&anna.cookie, ANNA, Some(anna.app.code(&bed))).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    // What cannot be guessed is counted by network, and each for itself.
    let pending = bed.pending(ANNA).await;
    let mut last = 401;
    for _ in 0..40 {
        last = bed.enter_recovery_code(&pending, "0000-0000-0000-0000").await.status.as_u16();
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn until_the_password_is_right_nobody_sees_who_has_a_second_factor() {
    let bed = Bed::new().await;
    bed.enrolled(ANNA).await;
    bed.login("ben@example.org").await;
    let mut answers: Vec<(u16, Value, usize)> = Vec::new();
    for address in [ANNA, "ben@example.org", "nobody@example.org"] {
        let (_, start) = testbed::passwords::begin(address, "another password");
        let started = bed.call("POST", "/api/v1/session/start").json(&start).send().await;
        let refused = bed.log_in(address, "another password").await;
        assert_eq!(refused.cookie(), None);
        answers.push((refused.status.as_u16(), refused.json(), started.body.len()));
    }
    assert_eq!((&answers[0], &answers[1]), (&answers[1], &answers[2]));
    assert_eq!(answers[0].1["code"], "wrong-login");
}

#[tokio::test]
async fn a_password_that_changes_keeps_the_factors_and_a_closed_account_lets_nobody_pass() {
    let bed = Bed::new().await;
    let anna = bed.enrolled(ANNA).await;
    bed.app.accounts().set_password(ANNA, "another long password").await.unwrap();
    let reply = bed.log_in(ANNA, "another long password").await;
    assert_eq!(reply.json()["pending"], "second-factor");
    let pending = reply.cookie().unwrap();
    bed.app.accounts().close(ANNA).await.unwrap();
    bed.enter_totp(&pending, &anna.app.code(&bed)).await.is(401, "login-required");
    bed.app.accounts().set_password(ANNA, PASSWORD).await.unwrap();
    let pending = bed.pending(ANNA).await;
    // For whoever has lost everything the operator takes the factors away, and all sessions end.
    bed.app.accounts().remove_factors(ANNA).await.unwrap();
    assert_eq!(bed.standing(&pending).await, "");
    assert_eq!(bed.log_in(ANNA, PASSWORD).await.json(), json!({"address": ANNA, "name": "Somebody"}));
}

/// What came after the factor was there and the codes were drawn could fail, and the answer with the codes was lost.
#[tokio::test]
async fn an_app_is_set_up_with_its_recovery_codes_or_not_at_all() {
    let bed = Bed::new().await;
    let cookie = bed.login(ANNA).await;
    let started = bed.call("POST", "/api/v1/account/totp/start").cookie(&cookie).send().await.json();
    let app = AuthenticatorApp::new(started["secret"].as_str().unwrap());
    // The offer cannot go while something refers to it.
    let rows = databases::rows(bed.data.path()).await;
    for statement in
        ["CREATE TABLE held (hash BYTEA REFERENCES ceremonies (hash))", "INSERT INTO held SELECT hash FROM ceremonies"]
    {
        sqlx::query(statement).execute(&rows).await.unwrap();
    }
    let put = || bed.call("PUT", TOTP).cookie(&cookie).json(&app.code(&bed)).send();
    put().await.is(500, "outcome-unknown");
    let none = json!({"totp": null, "passkeys": [], "recoveryCodes": 0, "required": false});
    assert_eq!(bed.call("GET", FACTORS).cookie(&cookie).send().await.json(), none);
    sqlx::query("DROP TABLE held").execute(&rows).await.unwrap();
    rows.close().await;
    // The same code again: of many who send it, one is given recovery codes, and those hold.
    let replies = futures_util::future::join_all((0..4).map(|_| put())).await;
    let added: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
    assert_eq!((added.len(), replies.iter().filter(|reply| reply.status == 401).count()), (1, 3));
    let codes = added[0].json()["recoveryCodes"].clone();
    bed.pass(30);
    let pending = bed.pending(ANNA).await;
    assert_eq!(bed.enter_recovery_code(&pending, codes[9].as_str().unwrap()).await.status, 200);
}

#[tokio::test]
async fn an_app_that_nobody_sets_up_in_time_is_forgotten() {
    let bed = Bed::new().await;
    let cookie = bed.login(ANNA).await;
    let started = bed.call("POST", "/api/v1/account/totp/start").cookie(&cookie).send().await.json();
    let app = AuthenticatorApp::new(started["secret"].as_str().unwrap());
    let other = bed.login(ANNA).await;
    bed.call("PUT", TOTP).cookie(&other).json(&app.code(&bed)).send().await.is(401, "wrong-code");
    bed.pass(HOUR / 4);
    let confirmed = bed.confirm_session(&cookie, ANNA, None).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    bed.call("PUT", TOTP).cookie(&cookie).json(&app.code(&bed)).send().await.is(401, "wrong-code");
}
