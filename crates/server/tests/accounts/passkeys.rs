//! Passkeys: after the password, instead of it, and to confirm.

use crate::testbed::authenticator::{Authenticator, encoded};
use crate::testbed::factors::{CODES, FACTORS};
use crate::testbed::passwords::PASSWORD;
use crate::testbed::{Bed, Reply, random};
use serde_json::{Value, json};

const ANNA: &str = "anna@example.org";
const BEN: &str = "ben@example.org";
const KEYS: &str = "/api/v1/account/passkeys";
const SESSION: &str = "/api/v1/session/passkey";
const CONFIRM: &str = "/api/v1/session/confirm/passkey";

/// What the server begins: to sign in at `/session/…`, to add at `/account/…`.
async fn begin(bed: &Bed, path: &str, cookie: &str) -> Value {
    let reply = bed.call("POST", &format!("{path}/start")).cookie(cookie).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

async fn finish(bed: &Bed, path: &str, cookie: &str, begun: &Value, credential: &Value) -> Reply {
    let body = json!({"ceremony": begun["ceremony"], "credential": credential});
    bed.call("POST", path).cookie(cookie).json(&body).send().await
}

/// A ceremony from its beginning to its end.
async fn use_passkey(bed: &Bed, path: &str, cookie: &str, passkey: &mut Authenticator) -> Reply {
    let begun = begin(bed, SESSION, cookie).await;
    let answer = passkey.answer(&begun["options"]);
    finish(bed, path, cookie, &begun, &answer).await
}

async fn add(bed: &Bed, cookie: &str, name: &str) -> (Authenticator, Reply) {
    let begun = begin(bed, KEYS, cookie).await;
    let (passkey, credential) = Authenticator::create(&begun["options"]);
    let body = json!({"ceremony": begun["ceremony"], "name": name, "credential": credential});
    (passkey, bed.call("POST", KEYS).cookie(cookie).json(&body).send().await)
}

/// An account with a passkey, and a session of it.
async fn with_passkey(bed: &Bed, address: &str) -> (Authenticator, String) {
    let cookie = bed.login(address).await;
    let (passkey, added) = add(bed, &cookie, "Telephone").await;
    assert_eq!(added.status, 200, "{}", added.text());
    (passkey, cookie)
}

#[tokio::test]
async fn a_passkey_is_added_and_the_next_login_takes_it() {
    let bed = Bed::new().await;
    let cookie = bed.login(ANNA).await;
    let begun = begin(&bed, KEYS, &cookie).await;
    let options = &begun["options"];
    assert_eq!((&options["rp"]["id"], &options["user"]["name"]), (&json!("localhost"), &json!(ANNA)));
    let selection = &options["authenticatorSelection"];
    assert_eq!((&selection["userVerification"], &selection["residentKey"]), (&json!("required"), &json!("preferred")));
    let (mut passkey, added) = add(&bed, &cookie, "Telephone").await;
    assert_eq!((added.status.as_u16(), added.cookie()), (200, None), "{}", added.text());
    assert_eq!(added.json()["recoveryCodes"].as_array().unwrap().len(), 10);
    // The second one is for the same account, and says which are there.
    let begun = begin(&bed, KEYS, &cookie).await;
    assert_eq!(begun["options"]["user"]["id"], encoded(&passkey.user_handle));
    assert_eq!(begun["options"]["excludeCredentials"][0]["id"], encoded(&passkey.credential));
    let (_, added) = add(&bed, &cookie, "Key").await;
    assert_eq!(added.json(), json!({"recoveryCodes": null}));

    let reply = bed.log_in(ANNA, PASSWORD).await;
    assert_eq!(reply.json()["methods"], json!(["passkey", "recovery-code"]));
    let pending = reply.cookie().unwrap();
    let begun = begin(&bed, SESSION, &pending).await;
    assert_eq!(begun["options"]["userVerification"], "required");
    assert_eq!(begun["options"]["allowCredentials"].as_array().unwrap().len(), 2);
    bed.pass(7);
    // The account is known already: the authenticator need not say it.
    passkey.says_user = false;
    let answer = passkey.answer(&begun["options"]);
    let done = finish(&bed, SESSION, &pending, &begun, &answer).await;
    assert_eq!((done.status.as_u16(), done.json()), (200, json!({"address": ANNA, "name": "Somebody"})));
    let full = done.cookie().unwrap();
    assert_ne!(full, pending);
    assert_eq!((bed.standing(&full).await.as_str(), bed.standing(&pending).await.as_str()), ("full", ""));
    let factors = bed.call("GET", FACTORS).cookie(&full).send().await.json();
    assert_eq!(
        factors["passkeys"][0]["name"].as_str().unwrap().len() + factors["passkeys"][1]["name"].as_str().unwrap().len(),
        12
    );
    let used: Vec<&Value> = factors["passkeys"].as_array().unwrap().iter().map(|one| &one["used"]).collect();
    assert!(used.contains(&&json!("2027-01-15T08:00:07Z")) && used.contains(&&Value::Null), "{used:?}");
}

#[tokio::test]
async fn a_passkey_alone_logs_in_and_is_both_factors() {
    let bed = Bed::new().await;
    let (mut passkey, before) = with_passkey(&bed, ANNA).await;
    bed.pass(301);
    let begun = begin(&bed, SESSION, "").await;
    assert_eq!(
        (&begun["options"]["allowCredentials"], &begun["options"]["userVerification"]),
        (&json!([]), &json!("required"))
    );
    let answer = passkey.answer(&begun["options"]);
    let done = finish(&bed, SESSION, "", &begun, &answer).await;
    assert_eq!((done.status.as_u16(), done.json()), (200, json!({"address": ANNA, "name": "Somebody"})));
    let full = done.cookie().unwrap();
    assert_eq!(bed.call("POST", CODES).cookie(&full).send().await.status, 200, "that was a proof");
    assert_eq!(
        bed.call("GET", "/api/v1/sessions").cookie(&full).send().await.json()["sessions"].as_array().unwrap().len(),
        2
    );
    let logins = bed.call("GET", "/api/v1/logins").cookie(&full).send().await.json();
    assert_eq!(logins["logins"][0]["times"], 2);
    // Once more, with a session that has begun: one does not know whose it will be.
    bed.call("POST", CODES).cookie(&before).send().await.is(403, "confirmation-required");
    // Who does not say whose it is, is nobody.
    passkey.says_user = false;
    use_passkey(&bed, SESSION, "", &mut passkey).await.is(401, "wrong-passkey");
    passkey.says_user = true;
    let own = std::mem::replace(&mut passkey.user_handle, vec![7; 16]);
    use_passkey(&bed, SESSION, "", &mut passkey).await.is(401, "wrong-passkey");
    passkey.user_handle = own;
    assert_eq!(use_passkey(&bed, SESSION, "", &mut passkey).await.status, 200);
    // A closed account lets nobody in, however they come.
    bed.app.accounts().close(ANNA).await.unwrap();
    use_passkey(&bed, SESSION, "", &mut passkey).await.is(401, "wrong-passkey");
}

#[tokio::test]
async fn a_passkey_confirms() {
    let bed = Bed::new().await;
    let (mut passkey, cookie) = with_passkey(&bed, ANNA).await;
    bed.pass(300);
    bed.call("POST", CODES).cookie(&cookie).send().await.is(403, "confirmation-required");
    bed.confirm_session(&cookie, ANNA, None).await.is(401, "wrong-code");
    bed.confirm_session(&cookie, ANNA, Some(json!({"code": "123456"}))).await.is(401, "wrong-code");
    let done = use_passkey(&bed, CONFIRM, &cookie, &mut passkey).await;
    assert_eq!(
        (done.status.as_u16(), done.json(), done.cookie()),
        (200, json!({"address": ANNA, "name": "Somebody"}), None)
    );
    let codes = bed.call("POST", CODES).cookie(&cookie).send().await.json();
    bed.pass(300);
    let code = json!({"code": codes["recoveryCodes"][0]});
    assert_eq!(bed.confirm_session(&cookie, ANNA, Some(code)).await.status, 200);
    // What was begun without this session, or to log in, is for that.
    let begun = begin(&bed, SESSION, "").await;
    let answer = passkey.answer(&begun["options"]);
    finish(&bed, CONFIRM, &cookie, &begun, &answer).await.is(401, "wrong-passkey");
    let begun = begin(&bed, SESSION, &cookie).await;
    let answer = passkey.answer(&begun["options"]);
    finish(&bed, SESSION, "", &begun, &answer).await.is(401, "wrong-passkey");
}

/// A container publishes another port than the program listens on: browsers were refused there.
#[tokio::test]
async fn passkeys_are_for_the_port_that_the_public_name_says() {
    let (listening, published) = ("https://localhost:8443", "https://localhost:9443");
    for (name, good, bad) in [
        ("localhost:9443", &[published][..], &[listening, "https://localhost"][..]),
        ("localhost:443", &["https://localhost"], &[listening, published]),
        ("localhost", &[listening, "https://localhost"], &[published]),
    ] {
        let bed = Bed::with(|settings| settings.public_name = Some(name.parse().unwrap())).await;
        let cookie = bed.login(ANNA).await;
        let add_at = async |origin: &str| {
            let begun = begin(&bed, KEYS, &cookie).await;
            let (passkey, credential) = Authenticator::create_at(&begun["options"], origin);
            let body = json!({"ceremony": begun["ceremony"], "name": origin, "credential": credential});
            (passkey, bed.call("POST", KEYS).cookie(&cookie).json(&body).send().await)
        };
        for origin in bad {
            add_at(origin).await.1.is(401, "wrong-passkey");
        }
        for origin in good {
            let (mut passkey, added) = add_at(origin).await;
            assert_eq!(added.status, 200, "{origin} at {name}: {}", added.text());
            assert_eq!(use_passkey(&bed, SESSION, "", &mut passkey).await.status, 200, "{origin} at {name}");
            passkey.origin = bad[0].to_owned();
            use_passkey(&bed, SESSION, "", &mut passkey).await.is(401, "wrong-passkey");
        }
    }
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_none() {
    let bed = Bed::new().await;
    let (mut passkey, cookie) = with_passkey(&bed, ANNA).await;
    let (mut bens, _) = with_passkey(&bed, BEN).await;
    let pending = bed.pending(ANNA).await;
    let refused = async |passkey: &mut Authenticator| {
        use_passkey(&bed, SESSION, &pending, passkey).await.is(401, "wrong-passkey");
    };
    // Nobody was asked for a PIN or a finger.
    passkey.verifies = false;
    refused(&mut passkey).await;
    passkey.verifies = true;
    for origin in [
        "https://localhost.evil.example:8443",
        "https://localhost:9443",
        "http://localhost:8443",
        "https://evil.example",
    ] {
        let own = std::mem::replace(&mut passkey.origin, origin.to_owned());
        refused(&mut passkey).await;
        passkey.origin = own;
    }
    passkey.rp_id = "evil.example".to_owned();
    refused(&mut passkey).await;
    passkey.rp_id = "localhost".to_owned();
    refused(&mut bens).await;
    let own = std::mem::replace(&mut passkey.credential, vec![7; 16]);
    refused(&mut passkey).await;
    passkey.credential = own;
    // It has counted further than this one, which may be a copy.
    assert_eq!(use_passkey(&bed, CONFIRM, &cookie, &mut passkey).await.status, 200);
    let counted = passkey.counter;
    for copied in [counted - 1, counted - 2] {
        passkey.counter = copied;
        refused(&mut passkey).await;
    }
    passkey.counter = counted;
    // Another ceremony's challenge; one that is over; one that is nobody's; a broken answer.
    let (first, second) = (begin(&bed, SESSION, &pending).await, begin(&bed, SESSION, &pending).await);
    let answer = passkey.answer(&first["options"]);
    finish(&bed, SESSION, &pending, &second, &answer).await.is(401, "wrong-passkey");
    finish(&bed, SESSION, &pending, &json!({"ceremony": random(16)}), &answer).await.is(401, "wrong-passkey");
    let late = begin(&bed, SESSION, &pending).await;
    bed.pass(300);
    let too_late = passkey.answer(&late["options"]);
    finish(&bed, SESSION, &pending, &late, &too_late).await.is(401, "wrong-passkey");
    for broken in [json!({}), json!(null), json!("x"), json!({"id": "x", "rawId": "!", "type": "public-key"})] {
        let begun = begin(&bed, SESSION, &pending).await;
        finish(&bed, SESSION, &pending, &begun, &broken).await.is(401, "wrong-passkey");
    }
    assert_eq!(bed.standing(&pending).await, "second-factor");
    assert_eq!(use_passkey(&bed, SESSION, &pending, &mut passkey).await.status, 200);
}

#[tokio::test]
async fn an_answer_is_good_once_also_when_it_comes_twice_at_once() {
    let bed = Bed::new().await;
    let (mut passkey, _) = with_passkey(&bed, ANNA).await;
    // With one that counts, the counter would do.
    passkey.counts = false;
    for _ in 0..5 {
        let begun = begin(&bed, SESSION, "").await;
        let answer = passkey.answer(&begun["options"]);
        let twice = (0..4).map(|_| finish(&bed, SESSION, "", &begun, &answer));
        let replies = futures_util::future::join_all(twice).await;
        assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
        finish(&bed, SESSION, "", &begun, &answer).await.is(401, "wrong-passkey");
    }
}

#[tokio::test]
async fn what_one_process_begins_another_finishes() {
    let data = tempfile::tempdir().unwrap();
    let over = async || Bed::with(|settings| settings.data_dir = data.path().to_owned()).await;
    let (one, other) = (over().await, over().await);
    let cookie = one.login(ANNA).await;
    let begun = begin(&one, KEYS, &cookie).await;
    let (mut passkey, credential) = Authenticator::create(&begun["options"]);
    let body = json!({"ceremony": begun["ceremony"], "name": "Telephone", "credential": credential});
    assert_eq!(other.call("POST", KEYS).cookie(&cookie).json(&body).send().await.status, 200);
    let begun = begin(&other, SESSION, "").await;
    let answer = passkey.answer(&begun["options"]);
    assert_eq!(finish(&one, SESSION, "", &begun, &answer).await.status, 200);
    // A code that one process took, the other does not.
    let (app, _, _) = one.enrol(&cookie).await;
    for bed in [&one, &other] {
        bed.pass(30);
    }
    let (first, second) = (one.pending(ANNA).await, other.pending(ANNA).await);
    let code = app.code(&one);
    let both = futures_util::join!(one.enter_totp(&first, &code), other.enter_totp(&second, &code));
    assert_eq!([both.0.status, both.1.status].iter().filter(|status| **status == 200).count(), 1);
}

#[tokio::test]
async fn what_is_added_fits_what_was_begun_and_is_nobody_elses() {
    let bed = Bed::new().await;
    let (_, anna) = with_passkey(&bed, ANNA).await;
    let ben = bed.login(BEN).await;
    let begun = begin(&bed, KEYS, &anna).await;
    let (_, credential) = Authenticator::create(&begun["options"]);
    let put = async |cookie: &str, begun: &Value, name: &str, credential: &Value| {
        let body = json!({"ceremony": begun["ceremony"], "name": name, "credential": credential});
        bed.call("POST", KEYS).cookie(cookie).json(&body).send().await
    };
    for name in ["", " ", "a\nb", &"x".repeat(61)] {
        put(&anna, &begun, name, &credential).await.is(400, "invalid-request");
    }
    // Another session's ceremony, which is over with that; one to sign in with; nobody verified.
    put(&ben, &begun, "Mine", &credential).await.is(401, "wrong-passkey");
    put(&anna, &begun, "Mine", &credential).await.is(401, "wrong-passkey");
    let other = begin(&bed, SESSION, &anna).await;
    put(&anna, &other, "Mine", &credential).await.is(401, "wrong-passkey");
    let begun = begin(&bed, KEYS, &anna).await;
    let (_, unverified) = Authenticator::create_as(&begun["options"], false);
    put(&anna, &begun, "Mine", &unverified).await.is(401, "wrong-passkey");
    let twice = begin(&bed, KEYS, &ben).await;
    put(&ben, &twice, "Mine", &credential).await.is(401, "wrong-passkey");
    let factors = bed.call("GET", FACTORS).cookie(&anna).send().await.json();
    assert_eq!(factors["passkeys"].as_array().unwrap().len(), 1);

    // Removed by its owner alone, and then it opens nothing.
    let (mut second, _) = add(&bed, &anna, "Second").await;
    let factors = bed.call("GET", FACTORS).cookie(&anna).send().await.json();
    let added = factors["passkeys"].as_array().unwrap().iter().find(|one| one["name"] == "Second").unwrap();
    let path = format!("{KEYS}/{}", added["id"].as_str().unwrap());
    bed.call("DELETE", &path).cookie(&ben).send().await.is(404, "not-found");
    assert_eq!(use_passkey(&bed, SESSION, "", &mut second).await.status, 200);
    assert_eq!(bed.call("DELETE", &path).cookie(&anna).send().await.status, 204);
    use_passkey(&bed, SESSION, "", &mut second).await.is(401, "wrong-passkey");
}

#[tokio::test]
async fn a_first_passkey_completes_a_login_that_waits_for_one_and_the_last_one_stays() {
    let bed = Bed::with(|settings| settings.require_second_factor = true).await;
    bed.app.accounts().put(ANNA, "Anna", PASSWORD).await.unwrap();
    let pending = bed.log_in(ANNA, PASSWORD).await.cookie().unwrap();
    let (mut passkey, added) = add(&bed, &pending, "Telephone").await;
    assert_eq!(added.json()["recoveryCodes"].as_array().unwrap().len(), 10);
    let full = added.cookie().unwrap();
    assert_eq!((bed.standing(&full).await.as_str(), bed.standing(&pending).await.as_str()), ("full", ""));
    let factors = bed.call("GET", FACTORS).cookie(&full).send().await.json();
    let path = format!("{KEYS}/{}", factors["passkeys"][0]["id"].as_str().unwrap());
    bed.call("DELETE", &path).cookie(&full).send().await.is(409, "last-factor");
    assert_eq!(use_passkey(&bed, SESSION, "", &mut passkey).await.status, 200);
}

#[tokio::test]
async fn an_account_has_twenty_and_an_address_none() {
    let bed = Bed::new().await;
    let (_, cookie) = with_passkey(&bed, ANNA).await;
    let ahead = begin(&bed, KEYS, &cookie).await;
    for _ in 1..20 {
        assert_eq!(add(&bed, &cookie, "One more").await.1.status, 200);
    }
    bed.call("POST", &format!("{KEYS}/start")).cookie(&cookie).send().await.is(409, "too-many-passkeys");
    let (_, credential) = Authenticator::create(&ahead["options"]);
    let body = json!({"ceremony": ahead["ceremony"], "name": "Late", "credential": credential});
    bed.call("POST", KEYS).cookie(&cookie).json(&body).send().await.is(401, "wrong-passkey");
    bed.enrolled(BEN).await;
    let without = bed.pending(BEN).await;
    bed.call("POST", &format!("{SESSION}/start")).cookie(&without).send().await.is(404, "not-found");

    let bed = Bed::with(|settings| settings.public_name = Some("192.0.2.7".parse().unwrap())).await;
    bed.call("POST", &format!("{SESSION}/start")).send().await.is(404, "not-found");
    let cookie = bed.login(ANNA).await;
    bed.call("POST", &format!("{KEYS}/start")).cookie(&cookie).send().await.is(404, "not-found");
}
