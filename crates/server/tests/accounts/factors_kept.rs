//! Second factors beside the program: listed, taken away, carried by a backup, and what a new secret of all passwords does to them.

use crate::testbed::authenticator::Authenticator;
use crate::testbed::factors::FACTORS;
use crate::testbed::passwords::PASSWORD;
use crate::testbed::{Bed, databases};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

const ANNA: &str = "anna@example.org";
const BEN: &str = "ben@example.org";

/// Runs the program over this data directory; what it prints.
async fn run(data: &Path, arguments: &[&str]) -> String {
    let database = databases::arguments(data).await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_envelock-server"));
    let output = command.args(arguments).arg("--data-dir").arg(data).args(&database).output().unwrap();
    if let Some(file) = database.last() {
        std::fs::remove_file(file).unwrap();
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

async fn over(data: &Path) -> Bed {
    Bed::with(|settings| settings.data_dir = data.to_owned()).await
}

async fn add_passkey(bed: &Bed, cookie: &str) -> Authenticator {
    let begun = bed.call("POST", "/api/v1/account/passkeys/start").cookie(cookie).send().await.json();
    let (passkey, credential) = Authenticator::create(&begun["options"]);
    let body = json!({"ceremony": begun["ceremony"], "name": "Telephone", "credential": credential});
    assert_eq!(bed.call("POST", "/api/v1/account/passkeys").cookie(cookie).json(&body).send().await.status, 200);
    passkey
}

async fn sign_in(bed: &Bed, passkey: &mut Authenticator) -> u16 {
    let begun = bed.call("POST", "/api/v1/session/passkey/start").send().await.json();
    let body = json!({"ceremony": begun["ceremony"], "credential": passkey.answer(&begun["options"])});
    bed.call("POST", "/api/v1/session/passkey").json(&body).send().await.status.as_u16()
}

/// What a login takes, as the operator's list has it.
async fn takes(data: &Path, address: &str) -> String {
    let list = run(data, &["user", "list"]).await;
    let line = list.lines().find(|line| line.starts_with(address)).unwrap();
    line.split('\t').nth(4).unwrap().to_owned()
}

#[tokio::test]
async fn a_backup_carries_them_and_a_code_that_was_used_stays_used() {
    let (data, place, copy) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let bed = over(data.path()).await;
    let anna = bed.enrolled(ANNA).await;
    let mut passkey = add_passkey(&bed, &anna.cookie).await;
    let used = anna.app.code(&bed);
    let pending = bed.pending(ANNA).await;
    assert_eq!(bed.enter_totp(&pending, &used).await.status, 200);
    assert_eq!(sign_in(&bed, &mut passkey).await, 200);
    let backup = place.path().join("backup");
    let backup = backup.to_str().unwrap();
    run(data.path(), &["backup", backup]).await;
    let restored = copy.path().join("data");
    run(&restored, &["restore", backup]).await;
    run(&restored, &["check"]).await;
    assert_eq!(takes(&restored, ANNA).await, "second-factor");

    let bed = over(&restored).await;
    bed.pass(30);
    assert_eq!(bed.standing(&anna.cookie).await, "", "sessions stay behind");
    let pending = bed.pending(ANNA).await;
    bed.enter_totp(&pending, &used).await.is(401, "wrong-code");
    passkey.counter -= 1;
    assert_eq!(sign_in(&bed, &mut passkey).await, 401, "it had counted as far");
    assert_eq!(sign_in(&bed, &mut passkey).await, 200);
    bed.pass(30);
    assert_eq!(bed.enter_totp(&pending, &anna.app.code(&bed)).await.status, 200);
    let pending = bed.pending(ANNA).await;
    assert_eq!(bed.enter_recovery_code(&pending, &anna.recovery_codes[0]).await.status, 200);
}

#[tokio::test]
async fn the_operator_takes_them_away_and_a_new_secret_leaves_passkeys_alone() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let bed = over(data).await;
    let (anna, ben) = (bed.enrolled(ANNA).await, bed.enrolled(BEN).await);
    let mut passkey = add_passkey(&bed, &ben.cookie).await;
    assert_eq!((takes(data, ANNA).await.as_str(), takes(data, BEN).await.as_str()), ("second-factor", "second-factor"));
    let pending = bed.pending(ANNA).await;
    run(data, &["user", "remove-factors", "Anna@Example.org"]).await;
    for cookie in [&anna.cookie, &pending] {
        assert_eq!(bed.standing(cookie).await, "");
    }
    assert_eq!(takes(data, ANNA).await, "password");
    let plain = bed.login(ANNA).await;
    let none = json!({"totp": null, "passkeys": [], "recoveryCodes": 0, "required": false});
    assert_eq!(bed.call("GET", FACTORS).cookie(&plain).send().await.json(), none);
    let (_, _, added) = bed.enrol(&plain).await;
    assert_eq!(added.status, 200);

    bed.app.close().await;
    run(data, &["user", "renew-secret", "--yes"]).await;
    // What could not be opened any more is gone, and Ben's passkey is what it was.
    assert_eq!((takes(data, ANNA).await.as_str(), takes(data, BEN).await.as_str()), ("password", "second-factor"));
    let bed = over(data).await;
    assert_eq!(sign_in(&bed, &mut passkey).await, 401, "the account is closed");
    for address in [ANNA, BEN] {
        bed.app.accounts().set_password(address, PASSWORD).await.unwrap();
    }
    assert_eq!(sign_in(&bed, &mut passkey).await, 200);
    let reply = bed.log_in(BEN, PASSWORD).await;
    assert_eq!(reply.json()["methods"], json!(["passkey", "recovery-code"]));
    let pending = reply.cookie().unwrap();
    assert_eq!(bed.enter_recovery_code(&pending, &ben.recovery_codes[0]).await.status, 200);
    assert_eq!(bed.log_in(ANNA, PASSWORD).await.json()["pending"], Value::Null);
}

/// Everybody knows the password of the demo account: nobody is to keep the others out.
#[tokio::test]
async fn the_demo_account_has_no_second_factor_after_a_start() {
    let data = tempfile::tempdir().unwrap();
    let demo = async || {
        Bed::with(|settings| {
            settings.data_dir = data.path().to_owned();
            settings.demo = true;
        })
        .await
    };
    let bed = demo().await;
    let log_in = async |bed: &Bed| bed.log_in("anna@demo.example", "envelock demo").await;
    let cookie = log_in(&bed).await.cookie().unwrap();
    assert_eq!(bed.enrol(&cookie).await.2.status, 200);
    assert_eq!(log_in(&bed).await.json()["pending"], "second-factor");
    bed.app.close().await;
    let bed = demo().await;
    assert_eq!(log_in(&bed).await.json()["pending"], Value::Null);
}
