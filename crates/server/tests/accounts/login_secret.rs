//! The file without which no password is good for anything: another one than the database's own is noticed, and a database that
//! does not know its own learns it from nothing but what the right one alone can do.

use crate::testbed::factors::{AuthenticatorApp, TOTP};
use crate::testbed::passwords::{PASSWORD, choose};
use crate::testbed::{Bed, databases, merge};
use envelock_login::ServerSecret;
use envelock_server::storage::StorageError;
use envelock_server::{AccountError, App, Settings, StartError, SystemClock, backup, trust_login_secret};
use rand::rngs::OsRng;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

const ANNA: &str = "anna@example.org";
const BEN: &str = "ben@example.org";

/// Makes the database one of before it knew its secret.
async fn forget(data: &Path) {
    let rows = databases::rows(data).await;
    sqlx::query("UPDATE instance SET login_secret_hash = NULL").execute(&rows).await.unwrap();
    rows.close().await;
}

async fn is_known(data: &Path) -> bool {
    let rows = databases::rows(data).await;
    let query = "SELECT count(login_secret_hash) FROM instance";
    let count: i64 = sqlx::query_scalar(query).fetch_one(&rows).await.unwrap();
    rows.close().await;
    count == 1
}

/// What lies in the data directory.
fn secret(data: &Path) -> Vec<u8> {
    std::fs::read(data.join("login-secret")).unwrap()
}

/// Puts another one there; the one that was.
fn swap(data: &Path) -> Vec<u8> {
    let kept = secret(data);
    std::fs::write(data.join("login-secret"), ServerSecret::generate(&mut OsRng).to_octets().as_slice()).unwrap();
    kept
}

fn put_back(data: &Path, kept: &[u8]) {
    std::fs::write(data.join("login-secret"), kept).unwrap();
}

async fn open(bed: &Bed) -> Result<App, StartError> {
    App::open(bed.app.settings().clone(), bed.clock.clone()).await
}

async fn opened(bed: Bed) -> Bed {
    let app = open(&bed).await.unwrap();
    Bed { router: envelock_server::router(app.clone()), app, ..bed }
}

fn is_other(opened: Result<App, StartError>) -> bool {
    matches!(opened, Err(StartError::Storage(StorageError::OtherLoginSecret)))
}

#[tokio::test]
async fn a_database_that_knows_none_takes_the_one_that_opens_the_secret_of_an_app() {
    let bed = Bed::new().await;
    let data = bed.data.path().to_owned();
    let anna = bed.enrolled(ANNA).await;
    bed.app.close().await;
    forget(&data).await;
    let kept = swap(&data);
    assert!(is_other(open(&bed).await));
    assert!(backup::examine(bed.app.settings()).await.unwrap().other_secret);
    assert!(backup::backup(bed.app.settings(), &data.join("backup")).await.is_err());
    let trusted = trust_login_secret(bed.app.settings()).await;
    assert!(matches!(trusted, Err(StorageError::OtherLoginSecret)), "not at anybody's word");
    assert!(!is_known(&data).await);
    put_back(&data, &kept);
    let found = backup::examine(bed.app.settings()).await.unwrap();
    assert!(found.is_well() && !found.unproven_secret);
    let bed = opened(bed).await;
    assert!(is_known(&data).await);
    let pending = bed.pending(ANNA).await;
    assert_eq!(bed.enter_totp(&pending, &anna.app.code(&bed)).await.status, 200);
}

/// It took whichever lay there first for its own, and refused the right one ever after.
#[tokio::test]
async fn without_an_app_the_first_login_proves_it_and_no_password_is_made_before() {
    let bed = Bed::with(|settings| settings.registration = envelock_wire::Registration::Open).await;
    let data = bed.data.path().to_owned();
    let anna = bed.login(ANNA).await;
    bed.app.close().await;
    forget(&data).await;
    let kept = swap(&data);
    let bed = opened(bed).await;
    bed.log_in(ANNA, PASSWORD).await.is(401, "wrong-login");
    // A password that is made with the wrong one would prove it.
    for made in
        [bed.app.accounts().add(BEN, "Ben", PASSWORD).await, bed.app.accounts().set_password(ANNA, PASSWORD).await]
    {
        let Err(AccountError::Storage(refused @ StorageError::UnprovenLoginSecret)) = made else { panic!("{made:?}") };
        assert!(refused.to_string().contains("trust-secret"), "{refused}");
    }
    let (_, mut body) = choose(PASSWORD);
    body["address"] = json!(BEN);
    bed.call("POST", "/api/v1/registration/start").json(&body).send().await.is(503, "unavailable");
    assert_eq!(bed.call("GET", "/api/v1/session").cookie(&anna).send().await.status, 200, "all else goes on");
    bed.app.accounts().close(BEN).await.unwrap_err();
    let found = backup::examine(bed.app.settings()).await.unwrap();
    assert!(found.unproven_secret && found.is_well());
    assert!(!is_known(&data).await);
    bed.app.close().await;

    put_back(&data, &kept);
    let bed = opened(bed).await;
    assert!(!is_known(&data).await);
    assert_eq!(bed.log_in(ANNA, PASSWORD).await.status, 200);
    assert!(is_known(&data).await);
    bed.app.accounts().add(BEN, "Ben", PASSWORD).await.unwrap();
    assert_eq!(bed.log_in(BEN, PASSWORD).await.status, 200);
    bed.app.close().await;
    swap(&data);
    assert!(is_other(open(&bed).await));
}

/// Whoever was logged in set one up at a server with the wrong secret, which was the database's own from then on.
#[tokio::test]
async fn no_app_is_set_up_before_it_is_proved() {
    let bed = Bed::new().await;
    let data = bed.data.path().to_owned();
    let anna = bed.login(ANNA).await;
    bed.app.close().await;
    forget(&data).await;
    let kept = swap(&data);
    let bed = opened(bed).await;
    let start = async |bed: &Bed| bed.call("POST", "/api/v1/account/totp/start").cookie(&anna).send().await;
    start(&bed).await.is(503, "unavailable");
    bed.app.close().await;

    // Nor is one that was shown before.
    put_back(&data, &kept);
    trust_login_secret(bed.app.settings()).await.unwrap();
    let bed = opened(bed).await;
    let app = AuthenticatorApp::new(start(&bed).await.json()["secret"].as_str().unwrap());
    bed.app.close().await;
    forget(&data).await;
    let bed = opened(bed).await;
    let put = async || bed.call("PUT", TOTP).cookie(&anna).json(&app.code(&bed)).send().await;
    put().await.is(503, "unavailable");
    assert_eq!(bed.log_in(ANNA, PASSWORD).await.status, 200);
    let added = put().await;
    assert_eq!(added.status, 200, "{}", added.text());
}

/// A password that was begun with the wrong one was kept as one of the right one, and never fitted.
#[tokio::test]
async fn a_password_that_was_begun_with_another_one_is_not_kept() {
    let mut bed = Bed::new().await;
    let data = bed.data.path().to_owned();
    let anna = bed.login(ANNA).await;
    let begin = async |bed: &Bed| {
        let (choosing, body) = choose("another long password");
        let answer = bed.call("POST", "/api/v1/account/password/start").cookie(&anna).json(&body).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        choosing.end(&answer.json())
    };
    let end = async |bed: &Bed, record: Value| {
        let mut change = bed.all_but_proved(&anna, ANNA, PASSWORD).await;
        merge(&mut change, record);
        bed.call("PUT", "/api/v1/account/password").cookie(&anna).json(&change).send().await
    };
    for is_trusted in [true, false] {
        bed.app.close().await;
        let kept = swap(&data);
        trust_login_secret(bed.app.settings()).await.unwrap();
        bed = opened(bed).await;
        let begun = begin(&bed).await;
        bed.app.close().await;
        put_back(&data, &kept);
        trust_login_secret(bed.app.settings()).await.unwrap();
        if !is_trusted {
            // The old password, which goes along, proves the right one.
            forget(&data).await;
        }
        bed = opened(bed).await;
        let refused = end(&bed, begun).await;
        refused.is(503, "unavailable");
        assert!(refused.text().contains("begin again"), "{}", refused.text());
        assert_eq!(bed.log_in(ANNA, PASSWORD).await.status, 200);
    }
    let changed = end(&bed, begin(&bed).await).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(bed.log_in(ANNA, "another long password").await.status, 200);
}

/// With two of them of which one is wrong, it is the right one whose login is noted.
#[tokio::test]
async fn a_server_with_another_one_makes_no_passwords_once_it_is_known() {
    let bed = Bed::new().await;
    let data = bed.data.path().to_owned();
    bed.app.accounts().put(ANNA, "Anna", PASSWORD).await.unwrap();
    bed.app.close().await;
    forget(&data).await;
    let right = opened(bed).await;
    let kept = swap(&data);
    let wrong = open(&right).await.unwrap();
    put_back(&data, &kept);
    assert_eq!(right.log_in(ANNA, PASSWORD).await.status, 200);
    let made = wrong.accounts().add(BEN, "Ben", PASSWORD).await;
    assert!(matches!(made, Err(AccountError::Storage(StorageError::OtherLoginSecret))), "{made:?}");
    wrong.close().await;
    right.app.accounts().add(BEN, "Ben", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn the_operator_says_which_one_it_is() {
    let bed = Bed::new().await;
    let data = bed.data.path().to_owned();
    bed.app.accounts().put(ANNA, "Anna", PASSWORD).await.unwrap();
    bed.app.close().await;
    // It knows another one, as a version that believed the first one it saw may have it.
    let kept = swap(&data);
    trust_login_secret(bed.app.settings()).await.unwrap();
    put_back(&data, &kept);
    let Err(StartError::Storage(refused @ StorageError::OtherLoginSecret)) = open(&bed).await else {
        panic!("it started")
    };
    assert!(refused.to_string().contains("trust-secret"), "{refused}");
    trust_login_secret(bed.app.settings()).await.unwrap();
    let bed = opened(bed).await;
    assert_eq!(bed.log_in(ANNA, PASSWORD).await.status, 200);
    bed.app.close().await;
    // It knows none.
    forget(&data).await;
    trust_login_secret(bed.app.settings()).await.unwrap();
    let bed = opened(bed).await;
    bed.app.accounts().add(BEN, "Ben", PASSWORD).await.unwrap();
    bed.app.close().await;
    std::fs::remove_file(data.join("login-secret")).unwrap();
    let trusted = trust_login_secret(bed.app.settings()).await;
    assert!(matches!(trusted, Err(StorageError::NoLoginSecret)));
}

#[tokio::test]
async fn a_backup_says_which_one_it_is_and_an_earlier_one_leaves_it_open() {
    let bed = Bed::new().await;
    bed.app.accounts().put(ANNA, "Anna", PASSWORD).await.unwrap();
    let place = tempfile::tempdir().unwrap();
    let copy = place.path().join("backup");
    backup::backup(bed.app.settings(), &copy).await.unwrap();
    let into = async |data: &Path| {
        let mut settings = Settings::new(data);
        settings.database = databases::location(data).await;
        settings
    };
    let kept = swap(&copy);
    let (other, whole, earlier) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let refused = backup::restore(&into(other.path()).await, &copy, false).await;
    let Err(backup::BackupError::Half(cause)) = refused else { panic!("{refused:?}") };
    assert!(matches!(*cause, backup::BackupError::Storage(StorageError::OtherLoginSecret)), "{cause}");
    put_back(&copy, &kept);
    backup::restore(&into(whole.path()).await, &copy, false).await.unwrap();
    assert!(is_known(whole.path()).await && secret(whole.path()) == kept);
    // Of a version that noted nothing: as with a database of that version.
    std::fs::remove_file(copy.join("rows/login-secret-hash")).unwrap();
    backup::restore(&into(earlier.path()).await, &copy, false).await.unwrap();
    assert!(!is_known(earlier.path()).await);
    let app = App::open(into(earlier.path()).await, Arc::new(SystemClock)).await.unwrap();
    let earlier_bed = Bed { router: envelock_server::router(app.clone()), app, ..bed };
    assert_eq!(earlier_bed.log_in(ANNA, PASSWORD).await.status, 200);
    assert!(is_known(earlier.path()).await);
}

/// What another machine over the same database would make of it: every password is wrong there.
#[tokio::test]
async fn another_secret_or_none_where_there_was_one_is_noticed_at_the_start() {
    let bed = Bed::new().await;
    bed.app.close().await;
    let file = bed.data.path().join("login-secret");
    let kept = std::fs::read(&file).unwrap();
    let open = async || App::open(bed.app.settings().clone(), bed.clock.clone()).await;
    let other = ServerSecret::generate(&mut OsRng).to_octets();
    let refused = async || {
        std::fs::write(&file, other.as_slice()).unwrap();
        let Err(StartError::Storage(refused @ StorageError::OtherLoginSecret)) = open().await else {
            panic!("it started")
        };
        let said = refused.to_string();
        assert!(said.contains("login-secret") && said.contains("another machine") && said.contains("renew-secret"));
        assert_eq!(std::fs::read(&file).unwrap(), other.as_slice(), "it is left alone");
        let found = envelock_server::backup::examine(bed.app.settings()).await.unwrap();
        assert!(found.other_secret && !found.is_well());
        let copy = bed.data.path().join("backup");
        assert!(envelock_server::backup::backup(bed.app.settings(), &copy).await.is_err() && !copy.exists());
        std::fs::write(&file, &kept).unwrap();
    };
    // Before there is any account.
    std::fs::remove_file(&file).unwrap();
    assert!(matches!(open().await, Err(StartError::Storage(StorageError::NoLoginSecret))));
    assert!(!file.exists(), "none was made");
    refused().await;
    let app = open().await.unwrap();
    app.accounts().put(ANNA, "Anna", PASSWORD).await.unwrap();
    app.close().await;
    refused().await;
    // Whoever has lost it makes do with the other one.
    std::fs::write(&file, other.as_slice()).unwrap();
    assert_eq!(envelock_server::renew_login_secret(bed.app.settings()).await.unwrap(), 1);
    open().await.unwrap().close().await;
    assert!(std::fs::read(&file).unwrap() != kept && std::fs::read(&file).unwrap() != other.as_slice());
}

/// A new secret would fit no password: whoever lost it hears so, instead of "wrong password" from everybody.
#[tokio::test]
async fn without_its_secret_the_server_does_not_start_unless_there_is_no_password() {
    let bed = Bed::new().await;
    bed.app.accounts().put(ANNA, "Anna", PASSWORD).await.unwrap();
    bed.app.close().await;
    let file = bed.data.path().join("login-secret");
    let kept = std::fs::read(&file).unwrap();
    let open = async || App::open(bed.app.settings().clone(), bed.clock.clone()).await;

    std::fs::remove_file(&file).unwrap();
    let Err(StartError::Storage(refused @ StorageError::NoLoginSecret)) = open().await else { panic!("it started") };
    assert!(refused.to_string().contains("login-secret"), "{refused}");
    assert!(!file.exists(), "none was made");
    for damaged in [&kept[1..], &[0xff; 128]] {
        std::fs::write(&file, damaged).unwrap();
        assert!(matches!(open().await, Err(StartError::Storage(StorageError::Corrupt(_)))));
    }
    std::fs::write(&file, &kept).unwrap();
    let again = open().await.unwrap();
    let again = Bed { router: envelock_server::router(again.clone()), app: again, ..bed };
    assert_eq!(again.log_in(ANNA, PASSWORD).await.status, 200);

    // Whoever lost it for good closes all accounts; then there is a new one.
    again.app.close().await;
    std::fs::remove_file(&file).unwrap();
    assert_eq!(envelock_server::renew_login_secret(again.app.settings()).await.unwrap(), 1);
    assert_ne!(std::fs::read(&file).unwrap(), kept);
    let renewed = App::open(again.app.settings().clone(), again.clock.clone()).await.unwrap();
    let renewed = Bed { router: envelock_server::router(renewed.clone()), app: renewed, ..again };
    renewed.log_in(ANNA, PASSWORD).await.is(401, "wrong-login");
    renewed.app.accounts().set_password(ANNA, PASSWORD).await.unwrap();
    assert_eq!(renewed.log_in(ANNA, PASSWORD).await.status, 200);
}
