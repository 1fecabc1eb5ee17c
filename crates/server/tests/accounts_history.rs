//! When and with what somebody logged in: kept by day and device for 90 days, and seen by the account's owner only.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod testbed;

use futures_util::future::join_all;
use serde_json::{Value, json};
use testbed::passwords::PASSWORD;
use testbed::{Bed, DAY, HOUR, Reply};

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
            {"device": computer, "first": "2027-01-16T06:00:01Z", "last": "2027-01-16T06:00:01Z", "times": 1, "newDevice": false},
            {"device": phone, "first": "2027-01-16T06:00:00Z", "last": "2027-01-16T06:00:00Z", "times": 1, "newDevice": true},
            {"device": computer, "first": "2027-01-15T08:00:00Z", "last": "2027-01-15T09:00:00Z", "times": 2, "newDevice": true},
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

#[tokio::test]
async fn logins_at_once_are_all_counted() {
    let bed = bed().await;
    let replies = join_all((0..12).map(|_| login(&bed, FIREFOX, PASSWORD))).await;
    let cookie = replies[0].cookie().unwrap();
    let found = history(&bed, &cookie).await;
    assert_eq!((&found[0]["times"], found.as_array().unwrap().len()), (&json!(12), 1));
}
