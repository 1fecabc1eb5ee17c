//! Backup beside a running server, everything wiped, restored, checked: the same content, and nothing that had ended.

use crate::testbed::operator::{done, refused, run};
use crate::testbed::passwords::PASSWORD;
use crate::testbed::spawned::Spawned;
use crate::testbed::{Bed, Sealed, databases, octets, random};
use envelock_login::ServerSecret;
use envelock_server::{App, Settings, SystemClock, backup, maintain, router};
use rand::rngs::OsRng;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

const ANNA: &str = "anna@example.org";

/// The sender's list, by id: within a second any order will do.
async fn records(server: &Spawned) -> Vec<Value> {
    let answer = server.client.get(server.url("/api/v1/envelopes")).send().await.unwrap();
    let mut records = answer.json::<Value>().await.unwrap()["envelopes"].as_array().unwrap().clone();
    records.sort_by_key(|record| record["id"].as_str().unwrap().to_owned());
    records
}

/// How often somebody logged in, as the history has it.
async fn logins(server: &Spawned) -> u64 {
    let answer = server.client.get(server.url("/api/v1/logins")).send().await.unwrap();
    let history = answer.json::<Value>().await.unwrap();
    history["logins"].as_array().unwrap().iter().map(|login| login["times"].as_u64().unwrap()).sum()
}

async fn change(server: &Spawned, id: &str, body: Value) -> u16 {
    let url = server.url(&format!("/api/v1/envelopes/{id}"));
    server.client.patch(url).header("origin", &server.origin).json(&body).send().await.unwrap().status().as_u16()
}

async fn withdraw(server: &Spawned, id: &str) {
    let url = server.url(&format!("/api/v1/envelopes/{id}"));
    let answer = server.client.delete(url).header("origin", &server.origin).send().await.unwrap();
    assert_eq!(answer.status(), 204);
}

const DRAFT: &str = "AAAAAAAAAAAAAAAAAAAAAA";
const DELETED_DRAFT: &str = "BBBBBBBBBBBBBBBBBBBBBA";

/// The status of writing it as a new one.
async fn write_draft(server: &Spawned, id: &str) -> u16 {
    let put = server.client.put(server.url(&format!("/api/v1/account/drafts/{id}"))).header("origin", &server.origin);
    let put = put.header("if-none-match", "*").header("content-type", "application/octet-stream").body("draft");
    put.send().await.unwrap().status().as_u16()
}

/// A demo server with a draft, a draft that was deleted, an envelope that was withdrawn, one that was opened, and two that are sealed.
struct Before {
    withdrawn: (String, String),
    sealed: (String, String, Vec<u8>),
    later_withdrawn: (String, String),
}

async fn fill(server: &Spawned) -> Before {
    server.login().await;
    for id in [DRAFT, DELETED_DRAFT] {
        assert_eq!(write_draft(server, id).await, 201);
    }
    let url = server.url(&format!("/api/v1/account/drafts/{DELETED_DRAFT}"));
    let version = server.client.get(&url).send().await.unwrap().headers()["etag"].clone();
    let deletion = server.client.delete(url).header("origin", &server.origin).header("if-match", version);
    assert_eq!(deletion.send().await.unwrap().status(), 204);
    let (id, token, _) = server.seal(300).await;
    withdraw(server, &id).await;
    let withdrawn = (id, token);
    let sealed = server.seal(40_000).await;
    let (id, token, _) = server.seal(500).await;
    Before { withdrawn, sealed, later_withdrawn: (id, token) }
}

#[tokio::test]
async fn what_is_restored_is_what_was_there_and_locked() {
    let data = tempfile::tempdir().unwrap();
    let place = tempfile::tempdir().unwrap();
    let copy = place.path().join("backup");
    let copy = copy.to_str().unwrap();
    let mut server = Spawned::start(data.path(), &[]).await;
    let before = fill(&server).await;
    assert!(done(data.path(), &["backup", copy]).await.contains("3 files"));
    let expected = records(&server).await;
    assert_eq!(logins(&server).await, 1);
    refused(data.path(), &["backup", copy], "is there already").await;
    assert_eq!(done(data.path(), &["check"]).await, "whole\t3\nwithout a row yet\t0\n");
    // After the backup: it cannot know.
    withdraw(&server, &before.later_withdrawn.0).await;
    server.kill();
    refused(data.path(), &["restore", copy], "there are accounts or files already").await;
    drop(data);

    let data = tempfile::tempdir().unwrap();
    let said = done(data.path(), &["restore", copy]).await;
    assert!(said.contains("3 files") && said.contains("2 envelopes are locked"), "{said}");
    assert!(!data.path().join("restoring").exists());
    let server = Spawned::start(data.path(), &[]).await;
    server.login().await;
    assert_eq!(logins(&server).await, 2, "what was before, and this one");
    let (id, token, ciphertext) = &before.sealed;
    for (id, token) in [(id, token), (&before.later_withdrawn.0, &before.later_withdrawn.1)] {
        let refused = server.open(id, token).await;
        assert_eq!(refused.status(), 423, "nobody opens what may have been withdrawn");
    }
    assert_eq!(server.open(&before.withdrawn.0, &before.withdrawn.1).await.status(), 404);
    let draft = server.client.get(server.url(&format!("/api/v1/account/drafts/{DRAFT}"))).send().await.unwrap();
    assert_eq!(draft.text().await.unwrap(), "draft");
    assert_eq!(write_draft(&server, DELETED_DRAFT).await, 412, "that it was deleted is known");
    // But for the lock it is the same list.
    let mut found = records(&server).await;
    for record in found.iter_mut().filter(|record| record["state"] == "locked") {
        assert_eq!(record["triesLeft"].take(), 0);
        record["state"] = json!("sealed");
        record["triesLeft"] = json!(10);
    }
    assert_eq!(found, expected);
    assert_eq!(change(&server, id, json!({"unlock": true})).await, 200);
    let opened = server.open(id, token).await;
    assert_eq!(opened.status(), 200);
    assert_eq!(opened.bytes().await.unwrap(), *ciphertext);
    // A backup fits into either database.
    let other = tempfile::tempdir().unwrap();
    for arguments in [&["restore", copy][..], &["check"]] {
        let program = env!("CARGO_BIN_EXE_envelock-server");
        let output = Command::new(program).args(arguments).arg("--data-dir").arg(other.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    // A new account gets a number of its own.
    done(data.path(), &["user", "add", "ben@example.org", "--name", "Ben"]).await;
    assert_eq!(done(data.path(), &["user", "list"]).await.lines().count(), 2);
}

#[tokio::test]
async fn a_server_that_moved_goes_on_where_it_was() {
    let (data, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let copy = place.path().join("backup");
    let copy = copy.to_str().unwrap();
    let mut server = Spawned::start(data.path(), &[]).await;
    let before = fill(&server).await;
    server.kill();
    done(data.path(), &["backup", copy]).await;
    let data = tempfile::tempdir().unwrap();
    assert!(!done(data.path(), &["restore", "--as-is", copy]).await.contains("locked"));
    let server = Spawned::start(data.path(), &[]).await;
    assert_eq!(server.client.get(server.url("/api/v1/session")).send().await.unwrap().status(), 204);
    assert_eq!(server.open(&before.sealed.0, &before.sealed.1).await.status(), 200);
}

/// Whoever had it could not confirm it, so that it was opened once too often, and nobody saw that it had been handed out.
#[tokio::test]
async fn what_was_handed_out_before_a_backup_counts_after_it() {
    let bed = Bed::new().await;
    let anna = bed.login(ANNA).await;
    let seal = async |openings: u32| {
        let sealed = bed.seal(&anna, json!({"maxOpenings": openings})).await;
        let lease = bed.open(&sealed.id, &sealed.token).await.lease();
        (sealed, lease)
    };
    let (taken, kept, confirmed) = (seal(1).await, seal(1).await, seal(2).await);
    let confirm = async |bed: &Bed, (sealed, lease): &(Sealed, String)| {
        assert_eq!(bed.confirm(&sealed.id, &sealed.token, lease).await.status, 200);
    };
    confirm(&bed, &confirmed).await;
    let place = tempfile::tempdir().unwrap();
    let copy = place.path().join("backup");
    backup::backup(bed.app.settings(), &copy).await.unwrap();
    let (moved, locked) = (restored(&bed, &copy, true).await, restored(&bed, &copy, false).await);
    for (again, status, code) in [(&moved, 409, "in-use"), (&locked, 423, "locked")] {
        again.open(&taken.0.id, &taken.0.token).await.is(status, code);
        confirm(again, &taken).await;
        again.open(&taken.0.id, &taken.0.token).await.is(404, "gone");
        confirm(again, &confirmed).await;
    }
    bed.pass(600);
    for again in [&moved, &locked] {
        maintain(&again.app).await.unwrap();
        let anna = again.log_in(ANNA, PASSWORD).await.cookie().unwrap();
        let counts = async |sealed: &Sealed| {
            let record = again.record(&anna, &sealed.id).await;
            (record["openings"].as_u64().unwrap(), record["lapsedLeases"].as_u64().unwrap())
        };
        assert_eq!(
            (counts(&taken.0).await, counts(&kept.0).await, counts(&confirmed.0).await),
            ((1, 0), (0, 1), (1, 0))
        );
    }
}

#[tokio::test]
async fn check_names_what_is_lost_and_what_is_cut() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Spawned::start(data.path(), &[]).await;
    fill(&server).await;
    server.kill();
    let mut files: Vec<_> =
        std::fs::read_dir(data.path().join("blobs")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let name = |index: usize| files[index].file_name().unwrap().to_str().unwrap().to_owned();
    std::fs::remove_file(&files[0]).unwrap();
    std::fs::write(&files[1], "cut").unwrap();
    std::fs::write(data.path().join("blobs").join("0".repeat(32)), "nobody's").unwrap();
    std::fs::write(data.path().join("blobs/notes\t.txt"), "a human's").unwrap();
    let output = run(data.path(), &["check"]).await;
    assert!(!output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    let expected =
        format!("whole\t1\nwithout a row yet\t1\nmissing\tblobs/{}\nwrong size\tblobs/{}\n", name(0), name(1));
    let expected = format!("{expected}not the server's\tblobs/notes\\t.txt\n");
    assert_eq!(said, expected);
    // It changes nothing.
    assert!(data.path().join("blobs").join("0".repeat(32)).exists());
    let place = tempfile::tempdir().unwrap();
    let copy = place.path().join("backup");
    // It is copied as it is, and whoever made the copy hears of it.
    let made = run(data.path(), &["backup", copy.to_str().unwrap()]).await;
    assert!(
        !made.status.success()
            && String::from_utf8(made.stdout).unwrap().contains("1 files that rows name are not there")
    );
    let other = tempfile::tempdir().unwrap();
    let restored = run(other.path(), &["restore", copy.to_str().unwrap()]).await;
    assert!(!restored.status.success() && String::from_utf8(restored.stdout).unwrap().contains("1 files are not"));
}

/// The backup cannot know that they were withdrawn.
#[tokio::test]
async fn what_was_withdrawn_after_a_backup_is_neither_answered_nor_are_its_words_shown() {
    let bed = Bed::new().await;
    let anna = bed.login(ANNA).await;
    let opened = bed.seal(&anna, json!({"maxOpenings": 1})).await;
    let lease = bed.open(&opened.id, &opened.token).await.lease();
    assert_eq!(bed.confirm(&opened.id, &opened.token, &lease).await.status, 200);
    let sealed = bed.seal(&anna, json!({"hint": "the café"})).await;
    assert_eq!(bed.head(&sealed.id).await.json()["hint"], "the café");
    let place = tempfile::tempdir().unwrap();
    let copy = place.path().join("backup");
    backup::backup(bed.app.settings(), &copy).await.unwrap();

    let again = restored(&bed, &copy, false).await;
    again.reply(&opened.id, &opened.token, octets(10)).await.is(423, "locked");
    again.reply(&opened.id, &random(32), octets(10)).await.is(404, "gone");
    assert_eq!(again.head(&sealed.id).await.json()["hint"], Value::Null);
    let anna = again.log_in(ANNA, PASSWORD).await.cookie().unwrap();
    for (id, state) in [(&opened.id, "opened"), (&sealed.id, "sealed")] {
        assert_eq!(again.record(&anna, id).await["state"], "locked");
        let unlock = again.call("PATCH", &format!("/api/v1/envelopes/{id}")).cookie(&anna);
        assert_eq!(unlock.json(&json!({"unlock": true})).send().await.status, 200);
        assert_eq!(again.record(&anna, id).await["state"], state);
    }
    assert_eq!(again.reply(&opened.id, &opened.token, octets(10)).await.status, 201);
    assert_eq!(again.head(&sealed.id).await.json()["hint"], "the café");
}

async fn restored(bed: &Bed, copy: &Path, as_is: bool) -> Bed {
    let (data, web) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut settings = Settings::new(data.path());
    settings.database = databases::location(data.path()).await;
    backup::restore(&settings, copy, as_is).await.unwrap();
    let app = App::open(settings, bed.clock.clone()).await.unwrap();
    Bed { router: router(app.clone()), app, data, web, clock: bed.clock.clone() }
}

/// Without it no password would fit: nobody is told that all is well, and nothing is copied or put back.
#[tokio::test]
async fn the_secret_of_passwords_goes_with_them() {
    let (data, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let copy = place.path().join("backup");
    let mut server = Spawned::start(data.path(), &[]).await;
    server.kill();
    done(data.path(), &["backup", copy.to_str().unwrap()]).await;
    let secret = std::fs::read(data.path().join("login-secret")).unwrap();
    assert_eq!(std::fs::read(copy.join("login-secret")).unwrap(), secret);

    std::fs::remove_file(data.path().join("login-secret")).unwrap();
    let output = run(data.path(), &["check"]).await;
    assert!(!output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "whole\t0\nwithout a row yet\t0\nmissing\tlogin-secret\n");
    let again = place.path().join("again");
    refused(data.path(), &["backup", again.to_str().unwrap()], "login-secret").await;
    assert!(!again.exists());
    refused(data.path(), &["user", "add", "ben@example.org", "--name", "Ben"], "login-secret").await;

    // That of another database may be the only one there is: it was written over.
    let taken = tempfile::tempdir().unwrap();
    let another = ServerSecret::generate(&mut OsRng).to_octets();
    std::fs::write(taken.path().join("login-secret"), another.as_slice()).unwrap();
    refused(taken.path(), &["restore", copy.to_str().unwrap()], "a login-secret of another database").await;
    assert_eq!(std::fs::read(taken.path().join("login-secret")).unwrap(), another.as_slice());
    std::fs::remove_file(taken.path().join("login-secret")).unwrap();
    done(taken.path(), &["restore", copy.to_str().unwrap()]).await;

    // A new place has a secret of its own by now; that of the backup takes its place.
    let other = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(other.path());
    settings.database = databases::location(other.path()).await;
    App::open(settings, Arc::new(SystemClock)).await.unwrap().close().await;
    assert_ne!(std::fs::read(other.path().join("login-secret")).unwrap(), secret);
    std::fs::remove_file(copy.join("login-secret")).unwrap();
    refused(other.path(), &["restore", copy.to_str().unwrap()], "login-secret").await;
    std::fs::write(copy.join("login-secret"), &secret).unwrap();
    done(other.path(), &["restore", copy.to_str().unwrap()]).await;
    assert_eq!(std::fs::read(other.path().join("login-secret")).unwrap(), secret);
    let server = Spawned::start(other.path(), &[]).await;
    server.login().await;
}

#[tokio::test]
async fn what_is_no_backup_is_refused() {
    let (data, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let empty = place.path().to_str().unwrap();
    refused(data.path(), &["restore", empty], "is no backup").await;
    refused(&data.path().join("not-here"), &["backup", "copy"], "there is no data directory").await;
    refused(&data.path().join("not-here"), &["check"], "there is no data directory").await;
}
