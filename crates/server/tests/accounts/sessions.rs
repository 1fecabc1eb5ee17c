//! Where somebody is logged in: seen and ended by its owner, and by nobody else.

use crate::testbed::passwords::PASSWORD;
use crate::testbed::{self, Bed, DAY, HOUR, START, databases, random};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const SESSIONS: &str = "/api/v1/sessions";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) Version/18.6 Mobile Safari/604.1";
const ANNA: &str = "anna@example.org";

/// Logs in with a browser that names itself so; the account is there.
async fn login_from(bed: &Bed, address: &str, user_agent: &str) -> String {
    let end = bed.all_but_logged_in(address, PASSWORD).await;
    let reply = bed.call("POST", "/api/v1/session").header("user-agent", user_agent).json(&end).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.cookie().unwrap()
}

async fn list(bed: &Bed, cookie: &str) -> Vec<Value> {
    let reply = bed.call("GET", SESSIONS).cookie(cookie).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["sessions"].as_array().unwrap().clone()
}

/// The id of the session that has this cookie.
async fn id_of(bed: &Bed, cookie: &str) -> String {
    let sessions = list(bed, cookie).await;
    let mut current = sessions.iter().filter(|session| session["current"] == true);
    let id = current.next().unwrap()["id"].as_str().unwrap().to_owned();
    assert!(current.next().is_none(), "one session asks");
    id
}

async fn is_logged_in(bed: &Bed, cookie: &str) -> bool {
    bed.call("GET", "/api/v1/session").cookie(cookie).send().await.status == 200
}

fn path_of(id: &str) -> String {
    format!("{SESSIONS}/{id}")
}

#[tokio::test]
async fn the_list_says_where_and_when_and_which_one_asks() {
    let bed = Bed::new().await;
    bed.login("ben@example.org").await;
    bed.app.accounts().put(ANNA, "Anna", PASSWORD).await.unwrap();
    let computer = login_from(&bed, ANNA, FIREFOX).await;
    bed.pass(100);
    let phone = login_from(&bed, ANNA, SAFARI).await;
    let (on_computer, on_phone) = (id_of(&bed, &computer).await, id_of(&bed, &phone).await);
    assert_ne!(on_computer, on_phone);
    bed.pass(100);
    let reply = bed.call("GET", SESSIONS).cookie(&phone).send().await;
    assert_eq!(
        reply.json(),
        json!({"sessions": [
            {
                "id": on_phone, "device": {"browser": "safari", "system": "ios"},
                "created": "2027-01-15T08:01:40Z", "used": "2027-01-15T08:03:20Z", "current": true
            },
            {
                "id": on_computer, "device": {"browser": "firefox", "system": "linux"},
                "created": "2027-01-15T08:00:00Z", "used": "2027-01-15T08:01:40Z", "current": false
            },
        ]})
    );
    // The use is noted once a minute at most.
    bed.pass(59);
    assert_eq!(list(&bed, &phone).await[0]["used"], "2027-01-15T08:03:20Z");
    bed.pass(2);
    let sessions = list(&bed, &computer).await;
    assert_eq!((&sessions[0]["id"], &sessions[0]["current"]), (&json!(on_computer), &json!(true)), "used last");
    assert_eq!((&sessions[1]["id"], &sessions[1]["current"]), (&json!(on_phone), &json!(false)));
}

#[tokio::test]
async fn a_session_that_is_ended_is_over_at_once_and_the_others_go_on() {
    let bed = Bed::new().await;
    let (first, second, third) = (bed.login(ANNA).await, bed.login(ANNA).await, bed.login(ANNA).await);
    let ended = path_of(&id_of(&bed, &first).await);
    let reply = bed.call("DELETE", &ended).cookie(&second).send().await;
    assert_eq!((reply.status.as_u16(), reply.header("set-cookie")), (204, ""));
    assert!(!is_logged_in(&bed, &first).await);
    bed.call("GET", SESSIONS).cookie(&first).send().await.is(401, "login-required");
    bed.call("DELETE", &ended).cookie(&second).send().await.is(404, "not-found");
    assert!(is_logged_in(&bed, &second).await && is_logged_in(&bed, &third).await);
    assert_eq!(list(&bed, &second).await.len(), 2);

    let own = path_of(&id_of(&bed, &second).await);
    let reply = bed.call("DELETE", &own).cookie(&second).send().await;
    assert_eq!(reply.status, 204);
    assert!(reply.header("set-cookie").starts_with("__Host-envelock=; "), "the browser forgets it");
    assert!(!is_logged_in(&bed, &second).await && is_logged_in(&bed, &third).await);
}

#[tokio::test]
async fn all_others_end_and_the_calling_one_goes_on() {
    let bed = Bed::new().await;
    let ben = bed.login("ben@example.org").await;
    let (first, second, third) = (bed.login(ANNA).await, bed.login(ANNA).await, bed.login(ANNA).await);
    let reply = bed.call("DELETE", SESSIONS).cookie(&second).send().await;
    assert_eq!((reply.status.as_u16(), reply.header("set-cookie")), (204, ""));
    assert!(!is_logged_in(&bed, &first).await && !is_logged_in(&bed, &third).await);
    assert!(is_logged_in(&bed, &second).await);
    assert!(is_logged_in(&bed, &ben).await, "another account's");
    assert_eq!(list(&bed, &second).await.len(), 1);
    assert_eq!(bed.call("DELETE", SESSIONS).cookie(&second).send().await.status, 204, "there are none");
    assert!(is_logged_in(&bed, &second).await);
}

#[tokio::test]
async fn nobody_sees_or_ends_the_session_of_another_account() {
    let bed = Bed::new().await;
    let anna = bed.login(ANNA).await;
    let mallory = bed.login("mallory@example.org").await;
    let id = id_of(&bed, &anna).await;
    assert!(list(&bed, &mallory).await.iter().all(|session| session["id"] != id.as_str()));
    let refused = bed.call("DELETE", &path_of(&id)).cookie(&mallory).send().await;
    refused.is(404, "not-found");
    for nothing in [random(32), random(16), "x".to_owned(), "%00".to_owned(), format!("{id}="), "A".repeat(10_000)] {
        let unknown = bed.call("DELETE", &path_of(&nothing)).cookie(&mallory).send().await;
        unknown.is(404, "not-found");
        assert_eq!(unknown.text(), refused.text(), "{nothing:.50}");
    }
    bed.call("DELETE", &path_of(&id)).send().await.is(401, "login-required");
    assert!(is_logged_in(&bed, &anna).await);
}

#[tokio::test]
async fn an_id_is_neither_the_token_nor_what_is_kept_of_it_and_opens_nothing() {
    let bed = Bed::new().await;
    let cookie = bed.login(ANNA).await;
    let token = cookie.split_once('=').unwrap().1;
    let hash = Sha256::digest(URL_SAFE_NO_PAD.decode(token).unwrap());
    let shown = bed.call("GET", SESSIONS).cookie(&cookie).send().await.text();
    let id = id_of(&bed, &cookie).await;
    assert_eq!(id, URL_SAFE_NO_PAD.encode(Sha256::digest(hash)));
    let hash = URL_SAFE_NO_PAD.encode(hash);
    assert!(!shown.contains(token) && !shown.contains(&hash), "{shown}");
    for value in [&id, &hash] {
        assert!(!is_logged_in(&bed, &format!("__Host-envelock={value}")).await);
    }
    for secret in [token, hash.as_str()] {
        bed.call("DELETE", &path_of(secret)).cookie(&cookie).send().await.is(404, "not-found");
    }
}

#[tokio::test]
async fn what_has_ended_by_time_is_not_listed() {
    let bed = Bed::new().await;
    let idle = bed.login(ANNA).await;
    let idle_id = id_of(&bed, &idle).await;
    bed.pass(12 * HOUR);
    let old = bed.login(ANNA).await;
    assert_eq!(list(&bed, &old).await.len(), 1, "twelve idle hours");
    bed.call("DELETE", &path_of(&idle_id)).cookie(&old).send().await.is(404, "not-found");
    let old_id = id_of(&bed, &old).await;
    for _ in 0..14 {
        bed.pass(DAY / 2 - 1);
        assert!(is_logged_in(&bed, &old).await);
    }
    bed.pass(14);
    let new = bed.login(ANNA).await;
    assert_eq!(list(&bed, &new).await.len(), 1, "seven days");
    bed.call("DELETE", &path_of(&old_id)).cookie(&new).send().await.is(404, "not-found");
}

#[tokio::test]
async fn a_hostile_user_agent_is_another_device_and_is_kept_nowhere() {
    let bed = Bed::new().await;
    bed.app.accounts().put(ANNA, "Anna", PASSWORD).await.unwrap();
    let marker = random(12);
    let long = format!("Firefox/1 {}", marker.repeat(5000));
    for (user_agent, device) in [
        (long.as_str(), ("firefox", "other")),
        (format!("{marker}\u{85}\u{202e}\tFirefox/1 Windows").as_str(), ("other", "other")),
        (format!("{marker}\tFirefox/1\tWindows").as_str(), ("firefox", "windows")),
        (format!("<script>{marker}</script>'; DROP TABLE sessions; --").as_str(), ("other", "other")),
        ("", ("other", "other")),
    ] {
        let cookie = login_from(&bed, ANNA, user_agent).await;
        let sessions = list(&bed, &cookie).await;
        let session = sessions.iter().find(|session| session["current"] == true).unwrap();
        assert_eq!(session["device"], json!({"browser": device.0, "system": device.1}), "{user_agent:.60}");
    }
    let absent = bed.login(ANNA).await;
    let sessions = list(&bed, &absent).await;
    assert_eq!(sessions.len(), 6);
    let session = sessions.iter().find(|session| session["current"] == true).unwrap();
    assert_eq!(session["device"], json!({"browser": "other", "system": "other"}));

    let kept = databases::everything(bed.data.path()).await;
    let is_kept = |text: &str| kept.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(is_kept(ANNA) && is_kept("firefox"), "the search sees what is there");
    assert!(!is_kept(&marker), "the header itself");
}

/// Whoever logs in with a program, and never logs out, had as many as they liked.
#[tokio::test]
async fn an_account_has_fifty_and_those_used_longest_ago_make_room() {
    let bed = Bed::new().await;
    let anna = bed.enrolled(ANNA).await;
    let ben = bed.login("ben@example.org").await;
    let waiting = bed.pending(ANNA).await;
    let rows = databases::rows(bed.data.path()).await;
    let insert = "INSERT INTO sessions (token_hash, account, created, used, browser, system, pending, confirmed)
                  SELECT $1, id, $2, $2, 'edge', 'windows', 0, 0 FROM accounts WHERE address_key = $3";
    // Of the last hour, and used before Anna's own; the first of them long ago.
    for minute in 0..60 {
        for address in [ANNA, "ben@example.org"] {
            let (hash, used) = (testbed::octets(32), START - 3600 + 60 * minute);
            sqlx::query(insert).bind(hash).bind(used).bind(address).execute(&rows).await.unwrap();
        }
    }
    rows.close().await;
    assert_eq!(list(&bed, &anna.cookie).await.len(), 61);
    bed.pass(30);
    // One that waits for a second factor ends no other: the password alone must not.
    let pending = bed.pending(ANNA).await;
    assert_eq!(list(&bed, &anna.cookie).await.len(), 61);
    let new = bed.enter_totp(&pending, &anna.app.code(&bed)).await.cookie().unwrap();
    let kept = list(&bed, &new).await;
    assert_eq!((kept.len(), &kept[0]["current"]), (50, &json!(true)));
    assert_eq!(kept[49]["used"], "2027-01-15T07:12:00Z", "the twelve that were used longest ago are over");
    for (cookie, standing) in [(&anna.cookie, "full"), (&waiting, "second-factor"), (&ben, "full")] {
        assert_eq!(bed.standing(cookie).await, standing);
    }
    assert_eq!(list(&bed, &ben).await.len(), 61, "another account's are its own");
    // A clock that was set back makes no session that is over at once.
    bed.pass(-DAY);
    let late = bed.log_in("ben@example.org", PASSWORD).await.cookie().unwrap();
    assert_eq!((bed.standing(&late).await.as_str(), list(&bed, &late).await.len()), ("full", 50));
}
