//! How long tokens of programs are good: until they end, through what their owner changes, and not past what the operator does.

use crate::testbed::factors::TOTP;
use crate::testbed::passwords::PASSWORD;
use crate::testbed::programs::{TOKENS, bearer};
use crate::testbed::{Bed, DAY, buckets, databases};
use envelock_server::backup::{backup, restore};
use envelock_server::{Clock, Settings, maintain};
use serde_json::json;

const ANNA: &str = "anna@example.org";
const ANOTHER: &str = "another long password";
const READ: &[&str] = &["envelopes:read"];

async fn rows(bed: &Bed) -> i64 {
    let rows = databases::rows(bed.data.path()).await;
    sqlx::query_scalar("SELECT count(*) FROM app_tokens").fetch_one(&rows).await.unwrap()
}

#[tokio::test]
async fn it_ends_on_the_day_that_was_chosen_and_is_forgotten() {
    let bed = Bed::new().await;
    let cookie = bed.login(ANNA).await;
    let (short, long) = (bed.token_for(&cookie, READ, 1).await, bed.token_for(&cookie, READ, 365).await);
    bed.pass(DAY - 1);
    assert_eq!(bed.answers_program(&short).await, 200);
    bed.pass(1);
    assert_eq!(bed.answers_program(&short).await, 401);
    let cookie = bed.login(ANNA).await;
    assert_eq!(bed.tokens(&cookie).await.len(), 1);
    assert_eq!(rows(&bed).await, 2);
    let done = maintain(&bed.app).await.unwrap();
    assert_eq!((done.tokens, rows(&bed).await), (1, 1));
    bed.pass(364 * DAY - 1);
    assert_eq!(bed.answers_program(&long).await, 200);
    bed.pass(1);
    assert_eq!(bed.answers_program(&long).await, 401);
}

#[tokio::test]
async fn it_goes_on_when_its_owner_changes_the_password_or_ends_all_sessions() {
    let bed = Bed::new().await;
    let cookie = bed.login(ANNA).await;
    let token = bed.token(&cookie, READ).await;
    let cookie = bed.change_password(&cookie, ANNA, PASSWORD, ANOTHER).await.cookie().unwrap();
    assert_eq!(bed.answers_program(&token).await, 200);
    assert_eq!(bed.call("DELETE", "/api/v1/sessions").cookie(&cookie).send().await.status, 204);
    assert_eq!(bed.call("DELETE", "/api/v1/session").cookie(&cookie).send().await.status, 204);
    assert_eq!(bed.answers_program(&token).await, 200);
}

#[tokio::test]
async fn whatever_the_operator_does_to_the_account_ends_it() {
    let bed = Bed::new().await;
    let ben = bed.token(&bed.login("ben@example.org").await, READ).await;
    let accounts = bed.app.accounts();
    for step in ["password", "close", "remove-factors"] {
        let token = bed.token(&bed.login(ANNA).await, READ).await;
        assert_eq!(bed.answers_program(&token).await, 200);
        match step {
            "password" => accounts.set_password(ANNA, ANOTHER).await.unwrap(),
            "close" => accounts.close(ANNA).await.unwrap(),
            _ => accounts.remove_factors(ANNA).await.unwrap(),
        }
        assert_eq!(bed.answers_program(&token).await, 401, "{step}");
        assert_eq!(rows(&bed).await, 1, "{step}");
        // It does not come back with a closed account that is opened again.
        accounts.set_password(ANNA, PASSWORD).await.unwrap();
        assert_eq!(bed.answers_program(&token).await, 401, "{step}");
    }
    assert_eq!(bed.answers_program(&ben).await, 200);
    let settings = bed.app.settings().clone();
    bed.app.close().await;
    envelock_server::renew_login_secret(&settings).await.unwrap();
    assert_eq!(rows(&bed).await, 0);
}

#[tokio::test]
async fn the_operator_sees_how_many_have_not_ended_and_when_one_was_used() {
    let bed = Bed::new().await;
    let cookie = bed.login(ANNA).await;
    bed.login("ben@example.org").await;
    let short = bed.token_for(&cookie, READ, 1).await;
    bed.token_for(&cookie, READ, 365).await;
    let lines = async || {
        let all = bed.app.accounts().list().await.unwrap();
        all.iter().map(|line| (line.app_tokens, line.last_token_use)).collect::<Vec<_>>()
    };
    assert_eq!(lines().await, [(2, None), (0, None)]);
    bed.pass(600);
    assert_eq!(bed.answers_program(&short).await, 200);
    assert_eq!(lines().await, [(2, Some(bed.clock.now().as_unix())), (0, None)]);
    bed.pass(DAY);
    assert_eq!(lines().await, [(1, None), (0, None)]);
}

/// The account is looked at with each request, not only when it is closed.
#[tokio::test]
async fn no_program_acts_for_an_account_that_nobody_can_log_in_to() {
    let bed = Bed::new().await;
    let token = bed.token(&bed.login(ANNA).await, READ).await;
    let rows = databases::rows(bed.data.path()).await;
    sqlx::query("UPDATE accounts SET login_record = NULL").execute(&rows).await.unwrap();
    assert_eq!(bed.answers_program(&token).await, 401);
}

#[tokio::test]
async fn it_is_no_way_around_a_second_factor() {
    let data = tempfile::tempdir().unwrap();
    let before = Bed::with(|settings| settings.data_dir = data.path().to_owned()).await;
    let cookie = before.login(ANNA).await;
    let token = before.token(&cookie, READ).await;
    before.app.close().await;
    let bed = Bed::with(|settings| {
        settings.data_dir = data.path().to_owned();
        settings.require_second_factor = true;
    })
    .await;
    let get = async || bed.call("GET", "/api/v1/envelopes").header("authorization", &bearer(&token)).send().await;
    get().await.is(403, "second-factor-required");
    let pending = bed.log_in(ANNA, PASSWORD).await.cookie().unwrap();
    let body = json!({"name": "A program", "scopes": READ, "expiresInDays": 1});
    let make = async |cookie: &str| bed.call("POST", TOKENS).cookie(cookie).json(&body).send().await;
    make(&pending).await.is(403, "second-factor-required");
    bed.call("GET", TOKENS).cookie(&pending).send().await.is(403, "second-factor-required");
    let (_, _, added) = bed.enrol(&pending).await;
    let full = added.cookie().unwrap();
    assert_eq!(get().await.status, 200, "there is one now");
    assert_eq!(make(&full).await.status, 201);
    // A session that owes the second factor makes none and sees none.
    let owing = bed.pending(ANNA).await;
    make(&owing).await.is(403, "second-factor-required");
    bed.call("DELETE", TOKENS).cookie(&owing).send().await.is(403, "second-factor-required");
    bed.call("DELETE", TOTP).cookie(&full).send().await.is(409, "last-factor");
}

#[tokio::test]
async fn a_backup_that_is_put_back_revives_none_unless_the_server_only_moved() {
    let bed = Bed::new().await;
    let cookie = bed.login(ANNA).await;
    let token = bed.token(&cookie, READ).await;
    let place = tempfile::tempdir().unwrap();
    let copy = place.path().join("backup");
    backup(bed.app.settings(), &copy).await.unwrap();
    // After it: the backup cannot know.
    assert_eq!(bed.call("DELETE", TOKENS).cookie(&cookie).send().await.status, 204);
    for (as_is, left, answer) in [(false, 1, 401), (true, 0, 200)] {
        let data = tempfile::tempdir().unwrap();
        let mut settings = Settings::new(data.path());
        settings.database = databases::location(data.path()).await;
        settings.bucket = buckets::of_bed(data.path());
        assert_eq!(restore(&settings, &copy, as_is).await.unwrap().tokens, left);
        let restored = Bed::with(|settings| settings.data_dir = data.path().to_owned()).await;
        assert_eq!(restored.answers_program(&token).await, answer, "as is: {as_is}");
        restored.app.close().await;
    }
}
