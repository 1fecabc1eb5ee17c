//! Ciphertext in a bucket, of a server that checks signatures: who gets in, what is stored, what a kill leaves, several
//! servers, and the way there and back. The life of envelopes is tested over a bucket as well (`ENVELOCK_TEST_BUCKET`).

use crate::testbed::buckets::{self, KEY, S3Server, SECRET, announce, upload};
use crate::testbed::spawned::Spawned;
use crate::testbed::{self, Bed, databases, octets};
use envelock_server::storage::{BucketLocation, DatabaseLocation};
use envelock_server::{App, Settings, SystemClock};
use serde_json::json;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

const PART: usize = 5 * 1024 * 1024;

async fn open(data: &Path, bucket: BucketLocation) -> Result<App, String> {
    let mut settings = Settings::new(data);
    settings.database = databases::location(data).await;
    settings.bucket = Some(bucket);
    settings.orphan_age = Duration::ZERO;
    App::open(settings, Arc::new(SystemClock)).await.map_err(|error| error.to_string())
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[tokio::test]
async fn only_the_holder_of_the_key_gets_in() {
    let (root, data) = (folder(), folder());
    let server = S3Server::start(root.path());
    let said = open(data.path(), buckets::location(server.port, "another secret")).await.err().unwrap();
    assert!(said.contains("the bucket failed: it refuses this access key"), "{said}");
    assert!(!said.contains(KEY) && !said.contains("another secret"), "{said}");
    assert!(server.objects("").is_empty());
    open(data.path(), server.location()).await.unwrap().close().await;
    assert_eq!(server.objects(""), ["instance"]);
}

#[tokio::test]
async fn what_is_large_goes_in_parts_and_comes_back_whole() {
    let root = folder();
    let server = S3Server::start(root.path());
    let bed = Bed::with(|settings| settings.bucket = Some(server.location().below("mail/envelock").unwrap())).await;
    let anna = bed.login("anna@example.org").await;
    for size in [1, PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 77] {
        let ciphertext = octets(size);
        let (id, token) = announce(&bed, &anna, size).await;
        assert_eq!(upload(&bed, &anna, &id, &ciphertext).await.status, 204, "{size}");
        let opened = bed.open(&id, &token).await;
        assert!(opened.status == 200 && opened.body == ciphertext, "{size}");
        assert_eq!(opened.header("content-length"), size.to_string());
    }
    assert_eq!(server.objects("mail/envelock/blobs").len(), 6);
    assert_eq!(server.objects(""), ["mail"]);
    assert_eq!(std::fs::read_dir(bed.data.path().join("incoming")).unwrap().count(), 0);
    assert!(!bed.data.path().join("blobs").exists(), "nothing of it is on the disk");
    let parts = std::fs::read_dir(root.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(parts.into_iter().all(|name| !name.to_str().unwrap().starts_with(".upload")), "no part is left");
}

#[tokio::test]
async fn a_bucket_belongs_to_one_database() {
    let (root, data, other) = (folder(), folder(), folder());
    let server = S3Server::start(root.path());
    let bed = Bed::with(|settings| {
        settings.data_dir = data.path().to_owned();
        settings.bucket = Some(server.location());
    })
    .await;
    let anna = bed.login("anna@example.org").await;
    bed.seal(&anna, json!({})).await;
    let said = open(other.path(), server.location()).await.err().unwrap();
    assert!(said.contains("belongs to another database"), "{said}");
    // Nor does a database with files go on with an empty bucket, or one with objects without it.
    let said = open(data.path(), server.location().below("elsewhere").unwrap()).await.err().unwrap();
    assert!(said.contains("belongs to another database"), "{said}");
    std::fs::remove_file(root.path().join("bed/instance")).unwrap();
    let fresh = folder();
    for data in [data.path(), fresh.path()] {
        let said = open(data, server.location()).await.err().unwrap();
        assert!(said.contains("belongs to another database"), "{said}");
    }
    assert_eq!(server.objects("blobs").len(), 1);
    std::fs::remove_dir_all(root.path().join("bed")).unwrap();
    // One that is gone is not taken for somebody else's.
    for data in [data.path(), folder().path()] {
        let said = open(data, server.location()).await.err().unwrap();
        assert!(said.contains("404 Not Found"), "{said}");
    }
}

/// The object is there, its row is not.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_kill_leaves_without_a_row_is_removed_later() {
    let (root, data) = (folder(), folder());
    let server = S3Server::start(root.path());
    let arguments = server.arguments();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let mut program = Spawned::start(data.path(), &arguments).await;
    program.login().await;
    let kept = program.seal(1000).await;
    let (late, _) = program.announce(2000).await;
    // Holds its row, on SQLite the whole database.
    let rows = databases::rows(data.path()).await;
    let mut holding = rows.begin().await.unwrap();
    sqlx::query("UPDATE envelopes SET openings = openings").execute(&mut *holding).await.unwrap();
    let upload = program
        .client
        .put(program.url(&format!("/api/v1/envelopes/{late}/ciphertext")))
        .header("origin", &program.origin)
        .header("content-type", "application/octet-stream")
        .body(octets(2000))
        .send();
    let upload = tokio::spawn(upload);
    // In the bucket, and not on the way there any more.
    let places = || {
        let on_the_way = std::fs::read_dir(data.path().join("incoming")).unwrap().count();
        (server.objects("blobs").len(), on_the_way)
    };
    for _ in 0..1200 {
        if places() == (2, 0) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(places(), (2, 0));
    program.kill();
    assert!(upload.await.unwrap().is_err(), "it was not acknowledged");
    // A statement that PostgreSQL has already got finds nothing any more.
    sqlx::query("DELETE FROM envelopes WHERE state = 'uploading'").execute(&mut *holding).await.unwrap();
    holding.commit().await.unwrap();
    rows.close().await;

    let app = open(data.path(), server.location()).await.unwrap();
    assert_eq!(app.envelopes().purge_orphans().await.unwrap(), 1);
    assert_eq!(server.objects("blobs").len(), 1);
    app.close().await;
    let program = Spawned::start(data.path(), &arguments).await;
    program.login().await;
    program.seal(2000).await;
    assert_eq!(program.open(&kept.0, &kept.1).await.bytes().await.unwrap(), kept.2);
}

#[tokio::test]
async fn orphans_are_found_behind_the_first_page_of_a_listing() {
    let root = folder();
    let server = S3Server::start(root.path());
    let bed = Bed::with(|settings| {
        settings.bucket = Some(server.location());
        settings.orphan_age = Duration::from_millis(500);
    })
    .await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    for number in 0..1100 {
        std::fs::write(root.path().join(format!("bed/blobs/{number:032x}")), "left by a crash").unwrap();
    }
    // Not of ours, whatever it is.
    std::fs::write(root.path().join("bed/blobs/README"), "of somebody else").unwrap();
    tokio::time::sleep(Duration::from_millis(600)).await;
    std::fs::write(root.path().join(format!("bed/blobs/{:032x}", 2000)), "on its way").unwrap();
    // Of a clock that is ahead.
    let ahead = std::fs::File::create(root.path().join(format!("bed/blobs/{:032x}", 2001))).unwrap();
    ahead.set_modified(std::time::SystemTime::now() + Duration::from_secs(3600)).unwrap();
    assert_eq!(bed.app.envelopes().purge_orphans().await.unwrap(), 1100);
    assert_eq!(server.objects("blobs").len(), 4);
    assert_eq!(bed.open(&sealed.id, &sealed.token).await.body, sealed.ciphertext);
}

/// Two machines: one database and one bucket, and of the data folder nothing but the secret of passwords.
#[tokio::test]
async fn several_servers_share_a_database_and_a_bucket_and_no_folder() {
    let (root, other) = (folder(), folder());
    let server = S3Server::start(root.path());
    let one = Bed::with(|settings| settings.bucket = Some(server.location())).await;
    if matches!(one.app.settings().database, DatabaseLocation::DataDirectory) {
        return;
    }
    let anna = one.login("anna@example.org").await;
    std::fs::copy(one.data.path().join("login-secret"), other.path().join("login-secret")).unwrap();
    let another = Bed::with(|settings| {
        settings.data_dir = other.path().to_owned();
        settings.database = one.app.settings().database.clone();
        settings.bucket = Some(server.location());
    })
    .await;
    let sealed = one.seal(&anna, json!({})).await;
    let opened = another.open(&sealed.id, &sealed.token).await;
    assert_eq!(opened.body, sealed.ciphertext);
    assert_eq!(another.confirm(&sealed.id, &sealed.token, &opened.lease()).await.status, 200);
    one.open(&sealed.id, &sealed.token).await.is(404, "gone");
    assert!(server.objects("blobs").is_empty());
    let bea = another.log_in("anna@example.org", testbed::passwords::PASSWORD).await;
    assert_eq!(bea.status, 200, "the secret of passwords is the same");
}

async fn run(data: &Path, arguments: &[&str], bucket: &[String]) -> Output {
    let database = databases::arguments(data).await;
    let program = env!("CARGO_BIN_EXE_envelock-server");
    let mut command = Command::new(program);
    command.args(arguments).arg("--data-dir").arg(data).args(bucket).args(&database);
    // Nobody who reads the environment sends it elsewhere.
    for proxy in ["http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env(proxy, "http://127.0.0.1:1");
    }
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    if let Some(file) = database.last() {
        std::fs::remove_file(file).unwrap();
    }
    assert!(!String::from_utf8_lossy(&output.stderr).contains(SECRET));
    output
}

async fn done(data: &Path, arguments: &[&str], bucket: &[String]) -> String {
    let output = run(data, arguments, bucket).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What it says of work that is done as far as it can be.
async fn with_losses(data: &Path, arguments: &[&str], bucket: &[String]) -> String {
    let output = run(data, arguments, bucket).await;
    assert!(!output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn a_backup_leads_from_the_disk_into_a_bucket_and_back() {
    let (root, place) = (folder(), folder());
    let server = S3Server::start(root.path());
    let bucket = server.arguments();
    let (first, second) = (place.path().join("first"), place.path().join("second"));
    let (first, second) = (first.to_str().unwrap(), second.to_str().unwrap());

    let disk = folder();
    let mut program = Spawned::start(disk.path(), &[]).await;
    program.login().await;
    let sealed = [program.seal(300).await, program.seal(PART + 300).await];
    program.kill();
    done(disk.path(), &["backup", first], &[]).await;

    let data = folder();
    assert!(done(data.path(), &["restore", "--as-is", first], &bucket).await.contains("2 files"));
    assert_eq!(server.objects("blobs").len(), 2);
    assert_eq!(done(data.path(), &["check"], &bucket).await, "whole\t2\nwithout a row yet\t0\n");
    let again = run(folder().path(), &["restore", first], &bucket).await;
    assert!(!again.status.success(), "into a bucket that is not empty");
    let arguments: Vec<_> = bucket.iter().map(String::as_str).collect();
    let mut program = Spawned::start(data.path(), &arguments).await;
    for (id, token, ciphertext) in &sealed {
        assert_eq!(program.open(id, token).await.bytes().await.unwrap(), *ciphertext);
    }
    program.kill();
    assert!(done(data.path(), &["backup", second], &bucket).await.contains("2 files"));
    // What is lost or cut in the bucket is named.
    let objects = server.objects("blobs");
    std::fs::remove_file(root.path().join("bed/blobs").join(&objects[0])).unwrap();
    std::fs::write(root.path().join("bed/blobs").join(&objects[1]), "cut").unwrap();
    let said = String::from_utf8(run(data.path(), &["check"], &bucket).await.stdout).unwrap();
    let expected =
        format!("whole\t0\nwithout a row yet\t0\nmissing\tblobs/{}\nwrong size\tblobs/{}\n", objects[0], objects[1]);
    assert_eq!(said, expected);
    let third = place.path().join("third");
    let said = with_losses(data.path(), &["backup", third.to_str().unwrap()], &bucket).await;
    assert!(said.contains("1 files") && said.contains("1 files that rows name are not there"), "{said}");
    let (elsewhere, other) = (folder(), folder());
    let other = S3Server::start(other.path());
    let said =
        with_losses(elsewhere.path(), &["restore", "--as-is", third.to_str().unwrap()], &other.arguments()).await;
    assert!(said.contains("1 files\n1 files are not in the backup"), "{said}");
    assert_eq!(other.objects("blobs").len(), 1);

    let disk = folder();
    assert!(done(disk.path(), &["restore", "--as-is", second], &[]).await.contains("2 files"));
    assert_eq!(done(disk.path(), &["check"], &[]).await, "whole\t2\nwithout a row yet\t0\n");
    // The leases of before are in force.
    let rows = databases::rows(disk.path()).await;
    sqlx::query("DELETE FROM leases").execute(&rows).await.unwrap();
    rows.close().await;
    let program = Spawned::start(disk.path(), &[]).await;
    for (id, token, ciphertext) in &sealed {
        assert_eq!(program.open(id, token).await.bytes().await.unwrap(), *ciphertext);
    }
}
