//! A restore that does not come to its end leaves no server without accounts.

use crate::testbed::databases;
use crate::testbed::operator::{done, refused};
use crate::testbed::spawned::Spawned;
use envelock_server::storage::DatabaseLocation;
use std::process::Command;

/// It would be a server without accounts, which takes the files that are there for left behind.
#[tokio::test]
async fn where_a_restore_was_interrupted_nothing_is_done_but_another() {
    let (data, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let copy = place.path().join("backup");
    let copy = copy.to_str().unwrap();
    Spawned::start(data.path(), &[]).await.kill();
    std::fs::create_dir(place.path().join("backup.part")).unwrap();
    refused(data.path(), &["backup", copy], "one was interrupted").await;
    std::fs::remove_dir(place.path().join("backup.part")).unwrap();
    done(data.path(), &["backup", copy]).await;

    std::fs::create_dir(data.path().join("restoring")).unwrap();
    for arguments in [&["check"][..], &["restore", copy], &["user", "list"], &["serve", "--listen", "127.0.0.1:0"]] {
        refused(data.path(), arguments, "a restore into this data directory was not finished").await;
    }
    let fresh = tempfile::tempdir().unwrap();
    done(fresh.path(), &["restore", copy]).await;
    done(fresh.path(), &["check"]).await;
}

/// For the time that it took to make a database, it left what the server took for a new one.
#[tokio::test]
async fn a_restore_that_is_killed_at_once_leaves_no_server_without_accounts() {
    let (data, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let copy = place.path().join("backup");
    Spawned::start(data.path(), &[]).await.kill();
    done(data.path(), &["backup", copy.to_str().unwrap()]).await;
    let fresh = data.path().join("fresh");
    let database = databases::arguments(&fresh).await;
    let mut restoring = Command::new(env!("CARGO_BIN_EXE_envelock-server"));
    restoring.arg("restore").arg(&copy).arg("--data-dir").arg(&fresh).args(&database);
    let mut restoring = restoring.spawn().unwrap();
    let made = || std::fs::read_dir(&fresh).is_ok_and(|mut made| made.next().is_some());
    while !made() {
        assert_eq!(restoring.try_wait().unwrap(), None);
    }
    restoring.kill().unwrap();
    restoring.wait().unwrap();
    refused(&fresh, &["check"], "a restore into this data directory was not finished").await;
}

/// As one that was killed: what it left was taken for a new server, where strangers may register.
#[tokio::test]
async fn a_restore_that_fails_leaves_no_server_without_accounts() {
    let (data, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let copy = place.path().join("backup");
    Spawned::start(data.path(), &[]).await.kill();
    done(data.path(), &["backup", copy.to_str().unwrap()]).await;
    let rows = copy.join("rows/envelock.sqlite");
    let whole = std::fs::read(&rows).unwrap();
    std::fs::write(&rows, &whole[..whole.len() / 2]).unwrap();
    let fresh = data.path().join("fresh");
    refused(&fresh, &["restore", copy.to_str().unwrap()], "empty the directory").await;
    for arguments in [&["check"][..], &["serve", "--listen", "127.0.0.1:0"], &["restore", copy.to_str().unwrap()]] {
        refused(&fresh, arguments, "a restore into this data directory was not finished").await;
    }
    // Where something is already, nothing was begun.
    refused(data.path(), &["restore", copy.to_str().unwrap()], "there are accounts or files already").await;
    done(data.path(), &["check"]).await;
}

/// It was put under a server that did not see it.
#[tokio::test]
async fn nothing_is_restored_under_a_server_that_runs() {
    let (data, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let DatabaseLocation::DataDirectory = databases::location(data.path()).await else { return };
    let copy = place.path().join("backup");
    let copy = copy.to_str().unwrap();
    Spawned::start(data.path(), &[]).await.kill();
    done(data.path(), &["backup", copy]).await;
    let empty = tempfile::tempdir().unwrap();
    let mut running = Spawned::without_demo(empty.path(), &[]).await;
    refused(empty.path(), &["restore", copy], "another server is running over the data directory").await;
    done(empty.path(), &["check"]).await;
    running.kill();
    done(empty.path(), &["restore", copy]).await;
    // Nor into a place where one begins at that moment: it has the folder before anything else is there.
    let begun = tempfile::tempdir().unwrap();
    let lock = std::fs::File::create(begun.path().join("lock")).unwrap();
    lock.lock().unwrap();
    refused(begun.path(), &["restore", copy], "another server is running over the data directory").await;
    let left: Vec<_> = std::fs::read_dir(begun.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["lock"], "no mark of a restore either");
}
