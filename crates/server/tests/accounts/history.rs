//! When and with what somebody logged in: kept by day and device for 90 days, and seen by the account's owner only.

use crate::testbed::passwords::PASSWORD;
use crate::testbed::{self, Bed, DAY, HOUR, Reply};
use envelock_server::Clock;
use futures_util::future::join_all;
use serde_json::{Value, json};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) Version/18.6 Mobile Safari/604.1";
const ANNA: &str = "anna@example.org";

async fn login(bed: &Bed, user_agent: &str, password: &str) -> Reply {
    let end = bed.all_but_logged_in(ANNA, password).await;
    bed.call("POST", "/api/v1/session").header("user-agent", user_agent).json(&end).send().await
}

async fn login_from(bed: &Bed, user_agent: &str) -> String {
    login(bed, user_agent, PASSWORD).await.cookie().unwrap()
}

async fn history(bed: &Bed, cookie: &str) -> Value {
    let reply = bed.call("GET", "/api/v1/logins").cookie(cookie).send().await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["logins"].clone()
}

async fn bed() -> Bed {
    let bed = Bed::new().await;
    bed.app.accounts().put(ANNA, "Anna", PASSWORD).await.unwrap();
    bed
}

#[tokio::test]
async fn a_device_is_new_once_and_counted_by_day() {
    let bed = bed().await;
    let (computer, phone) =
        (json!({"browser": "firefox", "system": "linux"}), json!({"browser": "safari", "system": "ios"}));
    login_from(&bed, FIREFOX).await;
    bed.pass(HOUR);
    login_from(&bed, FIREFOX).await;
    bed.pass(HOUR);
    login(&bed, SAFARI, "another").await.is(401, "wrong-login");
    bed.pass(20 * HOUR);
    login_from(&bed, SAFARI).await;
    bed.pass(1);
    let cookie = login_from(&bed, FIREFOX).await;
    assert_eq!(
        history(&bed, &cookie).await,
        json!([
            {"device": computer, "first": "2027-01-16T06:00:01Z", "last": "2027-01-16T06:00:01Z", "times": 1, "newDevice": false, "unfinished": false},
            {"device": phone, "first": "2027-01-16T06:00:00Z", "last": "2027-01-16T06:00:00Z", "times": 1, "newDevice": true, "unfinished": false},
            {"device": computer, "first": "2027-01-15T08:00:00Z", "last": "2027-01-15T09:00:00Z", "times": 2, "newDevice": true, "unfinished": false},
        ])
    );
    let ben = bed.login("ben@example.org").await;
    let his = history(&bed, &ben).await;
    assert_eq!(his.as_array().unwrap().len(), 1, "nobody sees the logins of another account");
    assert_eq!((&his[0]["device"]["browser"], &his[0]["newDevice"]), (&json!("other"), &json!(true)));
}

#[tokio::test]
async fn logins_are_forgotten_after_90_days_and_outlive_their_sessions() {
    let bed = bed().await;
    login_from(&bed, SAFARI).await;
    bed.pass(90 * DAY);
    assert_eq!(envelock_server::maintain(&bed.app).await.unwrap().sessions, 1);
    let cookie = login_from(&bed, FIREFOX).await;
    assert_eq!(history(&bed, &cookie).await.as_array().unwrap().len(), 2);
    bed.pass(DAY);
    envelock_server::maintain(&bed.app).await.unwrap();
    let cookie = login_from(&bed, SAFARI).await;
    let found = history(&bed, &cookie).await;
    assert_eq!(found.as_array().unwrap().len(), 2);
    assert_eq!(found[0]["newDevice"], true, "not seen for so long");
}

/// What of the history got as far as the password.
async fn unfinished(bed: &Bed, cookie: &str) -> Value {
    let mut all = history(bed, cookie).await;
    all.as_array_mut().unwrap().retain(|one| one["unfinished"] == true);
    all
}

/// Whoever knew the password and failed at the second factor was seen by nobody.
#[tokio::test]
async fn a_right_password_without_the_second_factor_is_in_the_history() {
    let bed = Bed::new().await;
    let anna = bed.enrolled(ANNA).await;
    assert_eq!(unfinished(&bed, &anna.cookie).await, json!([]));
    login(&bed, SAFARI, "another").await.is(401, "wrong-login");
    assert_eq!(unfinished(&bed, &anna.cookie).await, json!([]), "a wrong one is not");
    let phone = json!({"browser": "safari", "system": "ios"});
    let pending = login_from(&bed, SAFARI).await;
    bed.enter_totp(&pending, &json!({"code": "000000"})).await.is(401, "wrong-code");
    let mut first = json!([{
        "device": phone, "first": "2027-01-15T08:00:30Z", "last": "2027-01-15T08:00:30Z", "times": 1, "newDevice": false,
        "unfinished": true
    }]);
    assert_eq!(unfinished(&bed, &anna.cookie).await, first);
    // Logging out of it, or beginning anew, takes nothing back.
    bed.call("DELETE", "/api/v1/session").cookie(&pending).send().await;
    bed.pass(HOUR);
    login_from(&bed, SAFARI).await;
    first[0]["last"] = json!("2027-01-15T09:00:30Z");
    first[0]["times"] = json!(2);
    assert_eq!(unfinished(&bed, &anna.cookie).await, first);
    // One that is completed is a login, and the browser of the others is none that has been used before.
    let own = login_from(&bed, SAFARI).await;
    assert_eq!(unfinished(&bed, &anna.cookie).await[0]["times"], 3, "under way");
    bed.pass(30);
    let enter = bed.call("POST", "/api/v1/session/totp").header("user-agent", SAFARI).cookie(&own);
    assert_eq!(enter.json(&anna.app.code(&bed)).send().await.status, 200);
    let all = history(&bed, &anna.cookie).await;
    let whole =
        all.as_array().unwrap().iter().find(|one| one["device"] == phone && one["unfinished"] == false).unwrap();
    assert_eq!((&whole["times"], &whole["newDevice"]), (&json!(1), &json!(true)));
    assert_eq!(unfinished(&bed, &anna.cookie).await, first);
    let ben = bed.login("ben@example.org").await;
    assert_eq!(unfinished(&bed, &ben).await, json!([]));
    // Sessions and passwords come and go.
    bed.app.accounts().set_password(ANNA, PASSWORD).await.unwrap();
    bed.pass(DAY);
    envelock_server::maintain(&bed.app).await.unwrap();
    let owner = async || {
        let waits = bed.pending(ANNA).await;
        bed.enter_totp(&waits, &anna.app.code(&bed)).await.cookie().unwrap()
    };
    assert_eq!(unfinished(&bed, &owner().await).await, first);
    bed.pass(89 * DAY);
    envelock_server::maintain(&bed.app).await.unwrap();
    assert_eq!(unfinished(&bed, &owner().await).await, json!([]));
}

/// Whoever knows a password can go on for ever.
#[tokio::test]
async fn a_hundred_unfinished_logins_of_an_account_are_kept() {
    let bed = Bed::new().await;
    let (anna, ben) = (bed.enrolled(ANNA).await, bed.enrolled("ben@example.org").await);
    bed.pending("ben@example.org").await;
    let rows = testbed::databases::rows(bed.data.path()).await;
    let insert = "INSERT INTO unfinished_logins (token_hash, account, begun, browser, system)
                  SELECT $1, id, $2, 'edge', 'windows' FROM accounts WHERE address_key = $3";
    for number in 0..120 {
        let (hash, begun) = (testbed::octets(32), bed.clock.now().as_unix() - 1000 + number);
        sqlx::query(insert).bind(hash).bind(begun).bind(ANNA).execute(&rows).await.unwrap();
    }
    rows.close().await;
    login_from(&bed, SAFARI).await;
    let found = unfinished(&bed, &anna.cookie).await;
    assert_eq!((&found[0]["device"]["browser"], &found[0]["times"]), (&json!("safari"), &json!(1)));
    assert_eq!((&found[1]["device"]["browser"], &found[1]["times"]), (&json!("edge"), &json!(99)), "the latest");
    assert_eq!(unfinished(&bed, &ben.cookie).await[0]["times"], 1);
}

#[tokio::test]
async fn logins_at_once_are_all_counted() {
    let bed = bed().await;
    // One after another: the clients' work would keep the server, in the same thread, waiting for its connections.
    let mut ends = Vec::new();
    for _ in 0..12 {
        ends.push(bed.all_but_logged_in(ANNA, PASSWORD).await);
    }
    let finish = |end| bed.call("POST", "/api/v1/session").header("user-agent", FIREFOX).json(end).send();
    let replies = join_all(ends.iter().map(finish)).await;
    let cookie = replies[0].cookie().unwrap();
    let found = history(&bed, &cookie).await;
    assert_eq!((&found[0]["times"], found.as_array().unwrap().len()), (&json!(12), 1));
}
