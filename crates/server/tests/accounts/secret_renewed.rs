//! The secret of all passwords made anew beside a server that runs: what that server would make with the old one fits nothing after
//! its next start, so it makes nothing, and says that it has to be started again.

use crate::testbed::passwords::{Choosing, PASSWORD, begin, choose};
use crate::testbed::{Bed, Reply, databases, merge};
use envelock_server::backup::examine;
use envelock_server::storage::StorageError;
use envelock_server::{AccountError, App, Settings, accounts_to_close, renew_login_secret, trust_login_secret};
use envelock_wire::Registration;
use serde_json::{Value, json};
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

const ANNA: &str = "anna@example.org";
const BEN: &str = "ben@example.org";

async fn open() -> Bed {
    Bed::with(|settings| {
        settings.registration = Registration::Open;
        settings.registrations_per_minute = 10_000.try_into().unwrap();
    })
    .await
}

/// The server after its next start.
async fn started_again(bed: Bed) -> Bed {
    bed.app.close().await;
    let app = App::open(bed.app.settings().clone(), bed.clock.clone()).await.unwrap();
    Bed { router: envelock_server::router(app.clone()), app, ..bed }
}

async fn start_registration(bed: &Bed, address: &str) -> (Choosing, Reply) {
    let (choosing, mut start) = choose(PASSWORD);
    start["address"] = json!(address);
    (choosing, bed.call("POST", "/api/v1/registration/start").json(&start).send().await)
}

/// What ends a registration that was begun here.
async fn all_but_registered(bed: &Bed, address: &str) -> Value {
    let (choosing, answer) = start_registration(bed, address).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let mut end = choosing.end(&answer.json());
    merge(&mut end, json!({"address": address, "name": "Somebody"}));
    end
}

async fn register(bed: &Bed, end: &Value) -> Reply {
    bed.call("POST", "/api/v1/registration").json(end).send().await
}

#[track_caller]
fn says_so(reply: &Reply) {
    reply.is(503, "unavailable");
    assert!(reply.text().contains("restarted"), "{}", reply.text());
}

#[track_caller]
fn begins_again(reply: &Reply) {
    reply.is(503, "unavailable");
    assert!(reply.text().contains("begin again") && !reply.header("retry-after").is_empty(), "{}", reply.text());
}

async fn accounts_with_a_password(bed: &Bed) -> i64 {
    let rows = databases::rows(bed.data.path()).await;
    let count = sqlx::query_scalar("SELECT count(login_record) FROM accounts").fetch_one(&rows).await.unwrap();
    rows.close().await;
    count
}

/// It registered people, in 201s, who never got in again.
#[tokio::test]
async fn a_server_with_the_old_secret_makes_no_account_and_says_that_it_has_to_be_started_again() {
    let bed = open().await;
    bed.login(ANNA).await;
    let begun = all_but_registered(&bed, BEN).await;
    let settings = bed.app.settings().clone();
    assert_eq!(accounts_to_close(&settings).await.unwrap(), 1);
    assert_eq!(renew_login_secret(&settings).await.unwrap(), 1);

    says_so(&register(&bed, &begun).await);
    says_so(&start_registration(&bed, BEN).await.1);
    // Whether there is such an account is not told either way.
    for address in [ANNA, "nobody@example.org"] {
        says_so(&bed.call("POST", "/api/v1/session/start").json(&begin(address, PASSWORD).1).send().await);
    }
    // Nor does the operator make one through a process that has it.
    let accounts = bed.app.accounts();
    let one = accounts.add(BEN, "Ben", PASSWORD).await;
    let other = accounts.set_password(ANNA, PASSWORD).await;
    for made in [one, other, accounts.put(ANNA, "Anna", PASSWORD).await.map(drop)] {
        let Err(AccountError::Storage(refused @ StorageError::ReplacedLoginSecret)) = made else { panic!("{made:?}") };
        assert!(refused.to_string().contains("restart the server"), "{refused}");
    }
    assert_eq!(accounts_with_a_password(&bed).await, 0);

    // What was begun before fits the new secret no better: the account was made, and its password never right.
    let bed = started_again(bed).await;
    begins_again(&register(&bed, &begun).await);
    assert_eq!(accounts_with_a_password(&bed).await, 0);
    assert_eq!(register(&bed, &all_but_registered(&bed, BEN).await).await.status, 201);
    assert_eq!(bed.log_in(BEN, PASSWORD).await.status, 200);
    bed.app.accounts().set_password(ANNA, PASSWORD).await.unwrap();
    assert_eq!(bed.log_in(ANNA, PASSWORD).await.status, 200);
}

/// Of those who register while it is made anew, none has an account that nobody gets into.
#[tokio::test]
async fn who_registers_meanwhile_is_closed_with_the_others_or_refused() {
    let bed = open().await;
    let mut ends = Vec::new();
    for number in 0..6 {
        ends.push(all_but_registered(&bed, &format!("guest{number}@example.org")).await);
    }
    let settings = bed.app.settings().clone();
    let registering = futures_util::future::join_all(ends.iter().map(|end| register(&bed, end)));
    let renewing = async {
        tokio::task::yield_now().await;
        renew_login_secret(&settings).await.unwrap()
    };
    let (answers, closed) = tokio::join!(registering, renewing);
    let made = answers.iter().filter(|answer| answer.status == 201).count() as u64;
    assert!(answers.iter().all(|answer| answer.status == 201 || answer.status == 503));
    assert_eq!(closed, made);
    assert_eq!(accounts_with_a_password(&bed).await, 0);
}

/// Begins to make it anew, and is gone before the database knows it, as after Ctrl-C.
async fn interrupted(settings: &Settings) {
    let beside = settings.data_dir.join("login-secret.new");
    let before = std::fs::read(&beside).ok();
    let mut renewing = Box::pin(renew_login_secret(settings));
    // A step at a time: from the one that draws it to the commit there are many.
    while std::fs::read(&beside).ok().is_none_or(|octets| Some(octets) == before) {
        let step = poll_fn(|context| Poll::Ready(renewing.as_mut().poll(context))).await;
        assert!(step.is_pending(), "it was made anew, and lay nowhere beside the old one");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Until the database knew the new one, the old one was nowhere.
#[tokio::test]
async fn whenever_it_is_interrupted_one_of_the_two_is_the_databases_own() {
    let bed = open().await;
    bed.login(ANNA).await;
    let settings = bed.app.settings().clone();
    let (place, beside) = (settings.data_dir.join("login-secret"), settings.data_dir.join("login-secret.new"));
    let old = std::fs::read(&place).unwrap();
    interrupted(&settings).await;
    assert_eq!(std::fs::read(&place).unwrap(), old);
    let bed = started_again(bed).await;
    assert_eq!(bed.log_in(ANNA, PASSWORD).await.status, 200);

    assert_eq!(renew_login_secret(&settings).await.unwrap(), 1);
    assert!(!beside.exists());
    let new = std::fs::read(&place).unwrap();
    assert_ne!(new, old);
    // The database knew it, and it was not in its place yet; another run that is interrupted does not lose it.
    for again in [false, true] {
        std::fs::write(&place, &old).unwrap();
        std::fs::write(&beside, &new).unwrap();
        if again {
            interrupted(&settings).await;
        }
        assert!(examine(&settings).await.unwrap().is_well());
        App::open(settings.clone(), bed.clock.clone()).await.unwrap().close().await;
        assert_eq!(std::fs::read(&place).unwrap(), new);
        assert_eq!(beside.exists(), again, "one that nobody knows is in nobody's way");
    }
}

/// One of two processes was started again: sessions of the one reach the other.
#[tokio::test]
async fn nothing_is_changed_through_the_process_that_was_not_started_again() {
    let old = open().await;
    let settings = old.app.settings().clone();
    renew_login_secret(&settings).await.unwrap();
    let app = App::open(settings, old.clock.clone()).await.unwrap();
    let new = Bed {
        router: envelock_server::router(app.clone()),
        app,
        data: tempfile::tempdir().unwrap(),
        web: tempfile::tempdir().unwrap(),
        clock: old.clock.clone(),
    };
    let cookie = new.login(ANNA).await;
    let start = async |bed: &Bed| {
        let (choosing, start) = choose("another long password");
        let path = "/api/v1/account/password/start";
        (choosing, bed.call("POST", path).cookie(&cookie).json(&start).send().await)
    };
    says_so(&start(&old).await.1);
    let totp = async |bed: &Bed| bed.call("POST", "/api/v1/account/totp/start").cookie(&cookie).send().await;
    says_so(&totp(&old).await);
    let offer = totp(&new).await;
    assert_eq!(offer.status, 200, "{}", offer.text());

    // The last step, of what was begun with the new one, by a process with the old one.
    let (choosing, answer) = start(&new).await;
    let mut change = new.all_but_proved(&cookie, ANNA, PASSWORD).await;
    merge(&mut change, choosing.end(&answer.json()));
    let put = async |bed: &Bed| bed.call("PUT", "/api/v1/account/password").cookie(&cookie).json(&change).send().await;
    begins_again(&put(&old).await);
    let changed = put(&new).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(new.log_in(ANNA, "another long password").await.status, 200);
}

#[tokio::test]
async fn a_secret_that_was_put_back_is_no_other_than_one_that_was_made_anew() {
    let bed = open().await;
    let data = bed.data.path().join("login-secret");
    let first = std::fs::read(&data).unwrap();
    renew_login_secret(bed.app.settings()).await.unwrap();
    let bed = started_again(bed).await;
    std::fs::write(&data, &first).unwrap();
    trust_login_secret(bed.app.settings()).await.unwrap();
    says_so(&start_registration(&bed, BEN).await.1);
    let bed = started_again(bed).await;
    assert_eq!(register(&bed, &all_but_registered(&bed, BEN).await).await.status, 201);
}
