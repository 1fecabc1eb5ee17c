//! Changing the password, and what whoever sees rows or traffic can make of it.

use crate::testbed::passwords::{PASSWORD, base64url, begin, choose, octets};
use crate::testbed::{self, Bed, Reply, random};
use envelock_login::{Login, Record, ServerSecret};
use rand::rngs::OsRng;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;

const ANNA: &str = "anna@example.org";
const NEW: &str = "a new password";

/// The record of a new password, and its first message answered.
async fn chosen(bed: &Bed, cookie: &str, password: &str) -> Value {
    let (choosing, body) = choose(password);
    let answer = bed.call("POST", "/api/v1/account/password/start").cookie(cookie).json(&body).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    choosing.end(&answer.json())
}

async fn change(bed: &Bed, cookie: &str, proof: &Value, record: &Value) -> Reply {
    let mut body = proof.clone();
    testbed::merge(&mut body, record.clone());
    bed.call("PUT", "/api/v1/account/password").cookie(cookie).json(&body).send().await
}

async fn who(bed: &Bed, cookie: &str) -> u16 {
    bed.call("GET", "/api/v1/session").cookie(cookie).send().await.status.as_u16()
}

#[tokio::test]
async fn a_new_password_ends_the_old_one_and_every_session_but_a_fresh_one() {
    let bed = Bed::new().await;
    let anna = bed.login(ANNA).await;
    let elsewhere = bed.log_in(ANNA, PASSWORD).await.cookie().unwrap();
    let begun = bed.all_but_logged_in(ANNA, PASSWORD).await;
    let record = chosen(&bed, &anna, NEW).await;
    let proof = bed.all_but_logged_in("Anna@Example.org", PASSWORD).await;
    let changed = change(&bed, &anna, &proof, &record).await;
    assert_eq!(changed.json(), json!({"address": ANNA, "name": "Somebody"}));
    let fresh = changed.cookie().unwrap();
    assert_eq!((who(&bed, &anna).await, who(&bed, &elsewhere).await, who(&bed, &fresh).await), (204, 204, 200));
    // Nor does a login that was under way make one.
    bed.call("POST", "/api/v1/session").json(&begun).send().await.is(401, "wrong-login");
    change(&bed, &fresh, &proof, &record).await.is(401, "wrong-login");
    bed.log_in(ANNA, PASSWORD).await.is(401, "wrong-login");
    assert_eq!(bed.log_in(ANNA, NEW).await.status, 200);
}

#[tokio::test]
async fn only_the_old_password_of_the_same_account_changes_it() {
    let bed = Bed::new().await;
    let anna = bed.login(ANNA).await;
    let mallory = bed.login("mallory@example.org").await;
    let record = chosen(&bed, &anna, NEW).await;
    let refused = async |cookie: &str, proof: &Value| {
        change(&bed, cookie, proof, &record).await.is(401, "wrong-login");
        assert_eq!(who(&bed, cookie).await, 200, "nothing has changed");
    };
    // Whoever finds a page that is logged in, and guesses.
    refused(&anna, &bed.all_but_logged_in(ANNA, "another password").await).await;
    refused(&anna, &json!({"login": random(16), "finalization": random(64)})).await;
    // Whoever knows the password of another account.
    let mallorys = bed.all_but_logged_in("mallory@example.org", PASSWORD).await;
    refused(&anna, &mallorys).await;
    let annas = bed.all_but_logged_in(ANNA, PASSWORD).await;
    refused(&mallory, &annas).await;
    // Too late.
    let late = bed.all_but_logged_in(ANNA, PASSWORD).await;
    bed.pass(120);
    refused(&anna, &late).await;
    let nobody = change(&bed, "", &bed.all_but_logged_in(ANNA, PASSWORD).await, &record).await;
    nobody.is(401, "login-required");

    for octets in [random(191), random(193), String::new(), base64url(&[0; 192]), base64url(&[0xff; 192])] {
        let proof = bed.all_but_logged_in(ANNA, PASSWORD).await;
        let mut bad = record.clone();
        bad["record"] = json!(octets);
        change(&bed, &anna, &proof, &bad).await.is(400, "invalid-request");
    }
    for request in [random(31), random(33), base64url(&[0; 32]), base64url(&[0xff; 32])] {
        let call = bed.call("POST", "/api/v1/account/password/start").cookie(&anna);
        call.json(&json!({"request": request})).send().await.is(400, "invalid-request");
    }
    assert_eq!(bed.log_in(ANNA, PASSWORD).await.status, 200);
}

/// Each answer lets one password be tried, so it counts as a login does.
#[tokio::test]
async fn choosing_is_limited_like_logging_in() {
    let bed = Bed::with(|settings| settings.login_attempts_per_minute = 4.try_into().unwrap()).await;
    let anna = bed.login(ANNA).await;
    let (_, body) = choose(NEW);
    let start = || bed.call("POST", "/api/v1/account/password/start").cookie(&anna).json(&body).send();
    let login =
        |cookie: &str| bed.call("POST", "/api/v1/session/start").cookie(cookie).json(&begin(ANNA, PASSWORD).1).send();
    for _ in 0..3 {
        assert_eq!(start().await.status, 200);
    }
    assert_eq!(login(&anna).await.status, 200, "whoever is logged in has four of both together");
    login(&anna).await.is(429, "too-many-requests");
    start().await.is(429, "too-many-requests");
    assert_eq!(login("").await.status, 200, "and takes none from others");
}

/// Neighbours behind one address, or whoever knows the address of the account, kept its owner from changing the password.
#[tokio::test]
async fn strangers_who_use_up_all_tries_do_not_stop_whoever_is_logged_in() {
    let bed = Bed::with(|settings| settings.login_attempts_per_minute = 4.try_into().unwrap()).await;
    let (anna, mallory) = (bed.login(ANNA).await, bed.login("mallory@example.org").await);
    bed.pass(300);
    let (_, start) = begin(ANNA, "whatever it is");
    let guess = json!({"login": random(16), "finalization": random(64)});
    let passkey = json!({"ceremony": random(16), "credential": {}});
    // Somebody else's session is a stranger's, too.
    for (path, cookie, body, most) in [
        ("/api/v1/session/start", "", &start, 4),
        ("/api/v1/session/start", mallory.as_str(), &start, 1),
        ("/api/v1/session/passkey/start", "", &json!({}), 1),
        ("/api/v1/session", "", &guess, 4),
        ("/api/v1/session/passkey", "", &passkey, 4),
    ] {
        let mut tries = 0;
        while bed.call("POST", path).cookie(cookie).json(body).send().await.status != 429 {
            tries += 1;
            assert!(tries <= most, "{path}: nobody is stopped");
        }
    }

    assert_eq!(bed.confirm_session(&anna, ANNA, None).await.status, 200);
    let changed = bed.change_password(&anna, ANNA, PASSWORD, NEW).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
}

/// Issue 6, Show 2: a whole login and a change of the password are on the wire, and the database is dumped.
#[tokio::test]
async fn neither_rows_nor_traffic_tell_the_password_or_whether_a_guess_is_right() {
    let bed = Bed::new().await;
    bed.app.accounts().put(ANNA, "Anna", PASSWORD).await.unwrap();
    let mut traffic = Vec::new();
    let mut record = |reply: &Reply, body: &Value| {
        traffic.extend(body.to_string().into_bytes());
        traffic.extend(&reply.body);
    };
    let (begun, body) = begin(ANNA, PASSWORD);
    let answer = bed.call("POST", "/api/v1/session/start").json(&body).send().await;
    record(&answer, &body);
    let ke2 = answer.json();
    let end = begun.end(&ke2);
    let done = bed.call("POST", "/api/v1/session").json(&end).send().await;
    record(&done, &end);
    let anna = done.cookie().unwrap();
    let (choosing, body) = choose(NEW);
    let answer = bed.call("POST", "/api/v1/account/password/start").cookie(&anna).json(&body).send().await;
    record(&answer, &body);
    let mut end = bed.all_but_logged_in(ANNA, PASSWORD).await;
    testbed::merge(&mut end, choosing.end(&answer.json()));
    let done = bed.call("PUT", "/api/v1/account/password").cookie(&anna).json(&end).send().await;
    record(&done, &end);
    assert_eq!(done.status, 200);
    // A login is under way while the rows are read.
    let under_way = bed.all_but_logged_in(ANNA, NEW).await;

    let rows = testbed::databases::everything(bed.data.path()).await;
    let contains = |octets: &[u8], needle: &[u8]| octets.windows(needle.len()).any(|window| window == needle);
    let kept: [u8; 192] = octets(&end["record"]);
    assert!(contains(&rows, &kept), "the positive control: this is where the record is");
    for password in [PASSWORD, NEW] {
        assert!(!contains(&rows, password.as_bytes()) && !contains(&traffic, password.as_bytes()));
    }
    // Who sees the rows cannot end a login that is under way: neither its name nor its proof is there.
    let login: [u8; 16] = octets(&under_way["login"]);
    assert!(!contains(&rows, &login) && !contains(&rows, under_way["login"].as_str().unwrap().as_bytes()));
    let proof: [u8; 64] = octets(&under_way["finalization"]);
    assert!(!contains(&rows, &proof));

    // All that there is to try a guess on is the record: whoever answers a login with it, as the server does, sees whether the
    // guess opens it. That takes the secret, which is in a file of its own. Without it the right guess looks like a wrong one.
    let kept = Record::parse(&kept).unwrap();
    let fits = |secret: &ServerSecret, guess: &str| {
        let (login, ke1) = Login::start(guess, &mut OsRng).unwrap();
        let (_, ke2) = secret.start(Some(&kept), ANNA.as_bytes(), &ke1, &mut OsRng).unwrap();
        login.finish(&ke2, &mut OsRng).is_ok()
    };
    let file = bed.data.path().join("login-secret");
    let octets: [u8; 128] = std::fs::read(&file).unwrap().try_into().unwrap();
    let secret = ServerSecret::from_octets(&octets).unwrap();
    assert!(fits(&secret, NEW), "the positive control: with the secret the guess is known to be right");
    assert!(!fits(&secret, PASSWORD));
    assert!(!fits(&ServerSecret::generate(&mut OsRng), NEW));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    // The secret is not among the rows, and not in what the server says.
    let elsewhere = rows_alone(&bed).await;
    for part in [&octets[..64], &octets[64..96]] {
        assert!(!contains(&elsewhere, part) && !contains(&traffic, part));
    }
}

/// The database alone.
async fn rows_alone(bed: &Bed) -> Vec<u8> {
    let secret = std::fs::read(bed.data.path().join("login-secret")).unwrap();
    let everything = testbed::databases::everything(bed.data.path()).await;
    let at = everything.windows(secret.len()).position(|window| window == secret).unwrap();
    [&everything[..at], &everything[at + secret.len()..]].concat()
}
