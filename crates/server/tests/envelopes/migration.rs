//! Databases of earlier versions open with this one, and nothing in them is lost.

use crate::testbed::passwords::PASSWORD;
use crate::testbed::{self, Bed, DAY, START};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use envelock_server::storage::{Database, DatabaseLocation, StorageError};
use envelock_server::{App, Settings, StartError, SystemClock};
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool};
use std::path::Path;
use std::sync::Arc;

/// A data directory as the first version of the server left it.
async fn first_version(directory: &Path) {
    let file = SqliteConnectOptions::new().filename(directory.join("envelock.sqlite")).create_if_missing(true);
    let pool = SqlitePool::connect_with(file.journal_mode(SqliteJournalMode::Wal)).await.unwrap();
    sqlx::raw_sql(include_str!("schema-1.sql")).execute(&pool).await.unwrap();
    pool.close().await;
    std::fs::create_dir(directory.join("blobs")).unwrap();
    for (name, content) in [("a1", "ciphertext"), ("b2", "a reply")] {
        std::fs::write(directory.join("blobs").join(name.repeat(16)), content).unwrap();
    }
}

fn octets(octet: u8, length: usize) -> String {
    URL_SAFE_NO_PAD.encode(vec![octet; length])
}

#[tokio::test]
async fn the_first_schema_keeps_accounts_sessions_envelopes_and_replies() {
    let old = tempfile::tempdir().unwrap();
    first_version(old.path()).await;
    let bed = Bed::of_earlier_version(old.path()).await;
    let anna = format!("__Host-envelock={}", octets(7, 32));

    let who = bed.call("GET", "/api/v1/session").cookie(&anna).send().await;
    assert_eq!(who.json(), json!({"address": "anna@example.org", "name": "Anna Berg"}), "the session goes on");
    // No record can be made of a hash: there is no password, until there is another.
    assert!(!bed.app.accounts().list().await.unwrap()[0].is_open);
    bed.app.accounts().put("anna@example.org", "Anna Berg", PASSWORD).await.unwrap();
    assert_eq!(bed.log_in("anna@example.org", PASSWORD).await.status, 200);

    let sessions = bed.call("GET", "/api/v1/sessions").cookie(&anna).send().await.json();
    assert_eq!(sessions["sessions"][0]["device"], json!({"browser": "other", "system": "other"}), "not known");

    let list = bed.call("GET", "/api/v1/envelopes").cookie(&anna).send().await.json();
    let states: Vec<_> = (1..=5)
        .map(|number| {
            let id = octets(number, 16);
            let envelopes = list["envelopes"].as_array().unwrap();
            envelopes.iter().find(|envelope| envelope["id"] == id.as_str()).unwrap()["state"].clone()
        })
        .collect();
    assert_eq!(states, ["sealed", "opened", "expired", "withdrawn", "uploading"]);

    let (id, token) = (octets(1, 16), octets(1, 32));
    let record = bed.record(&anna, &id).await;
    assert_eq!((&record["note"], &record["triesLeft"]), (&json!("-----BEGIN PGP MESSAGE-----"), &json!(8)));
    let head = bed.head(&id).await.json();
    assert_eq!((&head["hint"], &head["salt"]), (&json!("the café"), &json!(octets(0x51, 16))));
    let opened = bed.open(&id, &token).await;
    assert_eq!((opened.status.as_u16(), opened.text().as_str()), (200, "ciphertext"));
    assert_eq!(bed.confirm(&id, &token, &opened.lease()).await.json(), json!({"openingsLeft": 0}));

    let replies = format!("/api/v1/envelopes/{}/replies", octets(2, 16));
    assert_eq!(bed.call("GET", &replies).cookie(&anna).send().await.json()["replies"].as_array().unwrap().len(), 1);
    assert_eq!(bed.call("GET", &format!("{replies}/1")).cookie(&anna).send().await.text(), "a reply");
    // What had ended says when, as far as that is known, and its hint is forgotten.
    let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(old.path().join("envelock.sqlite")))
        .await
        .unwrap();
    let ended: Vec<(Vec<u8>, Option<i64>, Option<String>)> =
        sqlx::query_as("SELECT id, ended, hint FROM envelopes WHERE state IN ('expired', 'withdrawn') ORDER BY id")
            .fetch_all(&pool)
            .await
            .unwrap();
    assert_eq!(ended[0], (vec![3; 16], Some(START - 3600), None));
    assert!(ended[1].1.is_some_and(|ended| ended <= START + DAY), "{ended:?}");

    // A hint that would not be taken any more does not spoil its envelope or the list.
    sqlx::query("UPDATE envelopes SET hint = '\u{202e}terces', note = 'né' WHERE state = 'uploading'")
        .execute(&pool)
        .await
        .unwrap();
    let record = bed.record(&anna, &octets(5, 16)).await;
    assert_eq!((&record["hint"], &record["note"]), (&json!(null), &json!(null)));
    pool.close().await;

    // Opened once more, nothing is migrated twice.
    bed.app.close().await;
    let again = Bed::of_earlier_version(old.path()).await;
    assert_eq!(again.record(&anna, &id).await["state"], "opened");
}

/// They migrated it, so that the program of before could not go on with it.
#[tokio::test]
async fn what_is_done_beside_a_server_leaves_an_earlier_version_as_it_is() {
    let (old, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    first_version(old.path()).await;
    let before = std::fs::read(old.path().join("envelock.sqlite")).unwrap();
    let backup = place.path().join("backup");
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_envelock-server"));
        command.args(arguments).arg("--data-dir").arg(old.path()).output().unwrap()
    };
    let all = [
        &["check"][..],
        &["backup", backup.to_str().unwrap()],
        &["user", "list"],
        &["user", "add", "ben@example.org", "--name", "Ben"],
        &["user", "renew-secret"],
    ];
    for arguments in all {
        let output = run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains("start the server once"), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty() && !backup.exists(), "{arguments:?}");
        assert!(std::fs::read(old.path().join("envelock.sqlite")).unwrap() == before, "{arguments:?}");
    }
    // The server itself does it.
    Bed::of_earlier_version(old.path()).await.app.close().await;
    for arguments in all.iter().take(4) {
        let output = run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !said.contains("start the server once"), "{arguments:?}: {said}");
    }
}

/// Nor do they make one where there is none.
#[tokio::test]
async fn what_is_done_beside_a_server_needs_one_that_was_started() {
    let data = tempfile::tempdir().unwrap();
    let database = testbed::databases::arguments(data.path()).await;
    for arguments in [&["check"][..], &["user", "list"]] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_envelock-server"));
        let output = command.args(arguments).arg("--data-dir").arg(data.path()).args(&database).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains("start the server once"), "{arguments:?}: {said}");
    }
    assert!(!data.path().join("envelock.sqlite").exists());
}

#[tokio::test]
async fn a_database_of_a_later_version_is_left_alone() {
    let data = tempfile::tempdir().unwrap();
    first_version(data.path()).await;
    let file = SqliteConnectOptions::new().filename(data.path().join("envelock.sqlite"));
    let pool = SqlitePool::connect_with(file).await.unwrap();
    sqlx::query("INSERT INTO _sqlx_migrations VALUES (9999, 'of the future', '2099-01-01', 1, x'00', 1)")
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
    let opened = Database::open(data.path(), &DatabaseLocation::DataDirectory).await;
    assert!(matches!(opened, Err(StorageError::Migration(_))), "{opened:?}");
}

/// Else its purge would take the files of all envelopes for left behind by a crash.
#[tokio::test]
async fn a_data_directory_with_ciphertext_is_not_opened_with_another_database() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    bed.app.close().await;

    let other = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(bed.data.path());
    settings.database = testbed::databases::location(other.path()).await;
    if let DatabaseLocation::DataDirectory = settings.database {
        std::fs::rename(bed.data.path().join("envelock.sqlite"), other.path().join("envelock.sqlite")).unwrap();
    }
    let refused = App::open(settings.clone(), Arc::new(SystemClock)).await.err();
    assert!(matches!(refused, Some(StartError::Storage(StorageError::OtherDatabase))), "{refused:?}");
    assert_eq!(bed.files().len(), 1);

    // And its database not with another directory.
    let mut settings = Settings::new(other.path());
    settings.database = testbed::databases::location(bed.data.path()).await;
    let refused = App::open(settings, Arc::new(SystemClock)).await.err();
    assert!(matches!(refused, Some(StartError::Storage(StorageError::OtherDatabase))), "{refused:?}");

    if let DatabaseLocation::DataDirectory = testbed::databases::location(bed.data.path()).await {
        std::fs::rename(other.path().join("envelock.sqlite"), bed.data.path().join("envelock.sqlite")).unwrap();
    }
    let again = Bed::with(|settings| settings.data_dir = bed.data.path().to_owned()).await;
    assert_eq!(again.open(&sealed.id, &sealed.token).await.body, sealed.ciphertext);
}

/// Two databases over one directory: a purge of either would remove the ciphertext of the other.
#[tokio::test]
async fn an_empty_directory_leaves_its_database_for_a_new_one() {
    let bed = Bed::new().await;
    bed.app.close().await;
    let first = testbed::databases::location(bed.data.path()).await;
    let sqlite = [bed.data.path().join("envelock.sqlite"), bed.data.path().join("first.sqlite")];
    let on_sqlite = matches!(first, DatabaseLocation::DataDirectory);
    if on_sqlite {
        std::fs::rename(&sqlite[0], &sqlite[1]).unwrap();
    }
    let other = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(bed.data.path());
    settings.database = testbed::databases::location(other.path()).await;
    let app = App::open(settings.clone(), Arc::new(SystemClock)).await.unwrap();
    app.close().await;
    if on_sqlite {
        std::fs::rename(&sqlite[1], &sqlite[0]).unwrap();
    }
    settings.database = first;
    let refused = App::open(settings, Arc::new(SystemClock)).await.err();
    assert!(matches!(refused, Some(StartError::Storage(StorageError::OtherDatabase))), "{refused:?}");
    let parts = std::fs::read_dir(bed.data.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(parts.into_iter().all(|name| !name.to_str().unwrap().ends_with(".part")));
}

#[tokio::test]
async fn two_that_start_at_once_with_a_new_database_share_it() {
    let data = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(data.path());
    settings.database = testbed::databases::location(data.path()).await;
    // SQLite's is not shared.
    let many = if let DatabaseLocation::DataDirectory = settings.database { 1 } else { 4 };
    let starting = (0..many).map(|_| App::open(settings.clone(), Arc::new(SystemClock)));
    for started in futures_util::future::join_all(starting).await {
        started.unwrap().close().await;
    }
}

/// Every statement else ends after some seconds; a migration, or waiting for somebody else's, does not.
#[tokio::test]
async fn a_start_waits_for_a_long_migration() {
    let bed = Bed::new().await;
    bed.app.close().await;
    let settings = {
        let mut settings = Settings::new(bed.data.path());
        settings.database = testbed::databases::location(bed.data.path()).await;
        settings
    };
    if let DatabaseLocation::DataDirectory = settings.database {
        return;
    }
    let rows = testbed::databases::rows(bed.data.path()).await;
    let mut migration = rows.begin().await.unwrap();
    sqlx::query("LOCK TABLE _sqlx_migrations IN ACCESS EXCLUSIVE MODE").execute(&mut *migration).await.unwrap();
    let migrates = async {
        tokio::time::sleep(std::time::Duration::from_secs(12)).await;
        migration.commit().await.unwrap();
    };
    let (started, ()) = futures_util::future::join(App::open(settings, Arc::new(SystemClock)), migrates).await;
    started.unwrap().close().await;
}
