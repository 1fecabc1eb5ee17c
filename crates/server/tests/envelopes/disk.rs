//! A disk that is full or takes no writes: requests say so, nothing is half stored, and all is well when the disk is.

use crate::testbed::passwords::{PASSWORD, begin};
use crate::testbed::programs::TOKENS;
use crate::testbed::{self, Bed, Call, HOUR, Reply, announcement, octets, random};
use envelock_server::storage::DatabaseLocation;
use envelock_server::{App, backup, maintain, router};
use serde_json::json;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// As root: who else may mount?
#[track_caller]
fn as_root(program: &str, arguments: &[&str]) {
    let is_root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
    let mut command = if is_root { Command::new(program) } else { Command::new("sudo") };
    if !is_root {
        command.args(["-n", program]);
    }
    let output = command.args(arguments).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A file system of its own below a directory.
struct Disk {
    place: PathBuf,
    image: Option<tempfile::NamedTempFile>,
}

impl Disk {
    fn in_memory(place: &Path, size: &str) -> Self {
        as_root("mount", &["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs", place.to_str().unwrap()]);
        Self { place: place.to_owned(), image: None }
    }

    fn on_a_device(place: &Path) -> Self {
        let image = tempfile::NamedTempFile::new().unwrap();
        image.as_file().set_len(64 * 1024 * 1024).unwrap();
        let owner = std::fs::metadata(place).unwrap();
        let owner = format!("root_owner={}:{}", owner.uid(), owner.gid());
        as_root("mkfs.ext4", &["-q", "-E", &owner, image.path().to_str().unwrap()]);
        let disk = Self { place: place.to_owned(), image: Some(image) };
        disk.mount();
        disk
    }

    fn mount(&self) {
        let image = self.image.as_ref().unwrap().path().to_str().unwrap();
        as_root("mount", &["-o", "loop", image, self.place.to_str().unwrap()]);
    }

    fn unmount(&self) {
        as_root("umount", &["-l", self.place.to_str().unwrap()]);
    }

    fn fill(&self) {
        let mut file = std::fs::File::create(self.place.join("filler")).unwrap();
        while file.write_all(&[1; 4096]).is_ok() {}
    }

    fn make_room(&self) {
        std::fs::remove_file(self.place.join("filler")).unwrap();
    }

    /// As the kernel does after errors of the device: no more writes, whoever has a file open.
    fn fail(&self) {
        as_root("mount", &["-o", "remount,abort", self.place.to_str().unwrap()]);
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.unmount();
        let _ = std::fs::remove_dir(&self.place);
    }
}

async fn bed_on(disk: impl FnOnce(&Path) -> Disk) -> (Disk, Bed) {
    let mut mounted = None;
    let bed = Bed::with(|settings| {
        mounted = Some(disk(&settings.data_dir));
        settings.orphan_age = Duration::ZERO;
    })
    .await;
    (mounted.unwrap(), bed)
}

fn on_sqlite(bed: &Bed) -> bool {
    matches!(bed.app.settings().database, DatabaseLocation::DataDirectory)
}

async fn announce(bed: &Bed, anna: &str, size: usize) -> (String, String) {
    let token = random(32);
    let announced = bed.call("POST", "/api/v1/envelopes").cookie(anna).json(&announcement(&token, size)).send().await;
    assert_eq!(announced.status, 201, "{}", announced.text());
    (announced.json()["id"].as_str().unwrap().to_owned(), token)
}

fn upload(bed: &Bed, anna: &str, id: &str, ciphertext: &[u8]) -> Call {
    bed.call("PUT", &format!("/api/v1/envelopes/{id}/ciphertext")).cookie(anna).octets(ciphertext.to_vec())
}

fn login(bed: &Bed) -> Call {
    bed.call("POST", "/api/v1/session/start").json(&begin("anna@example.org", PASSWORD).1)
}

#[track_caller]
fn says_so(reply: &Reply) {
    assert_eq!(reply.status, 503, "{}", reply.text());
    assert_eq!(reply.header("retry-after"), "60");
    assert!(reply.text().contains("disk"), "{}", reply.text());
    let is_known = reply.text().contains("Nothing was stored");
    assert_eq!(reply.json()["code"], if is_known { "unavailable" } else { "outcome-unknown" });
}

#[tokio::test]
async fn a_full_disk_is_said_and_forgotten_when_there_is_room() {
    let (disk, bed) = bed_on(|place| Disk::in_memory(place, "16m")).await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({"maxOpenings": 1})).await;
    let large = octets(200_000);
    let (late, token) = announce(&bed, &anna, large.len()).await;
    disk.fill();
    let files = bed.files();

    for _ in 0..3 {
        says_so(&upload(&bed, &anna, &late, &large).send().await);
        says_so(&bed.reply(&sealed.id, &sealed.token, large.clone()).await);
        let keyring = bed.call("PUT", "/api/v1/keyring").cookie(&anna).header("if-none-match", "*");
        says_so(&keyring.octets(large.clone()).send().await);
    }
    assert_eq!(bed.files(), files, "nothing of it is left");
    // What stores nothing goes on, also when the use of a session cannot be noted.
    bed.pass(61);
    assert_eq!(bed.record(&anna, &sealed.id).await["state"], "sealed");
    assert_eq!(bed.head(&sealed.id).await.status, 200);
    if on_sqlite(&bed) {
        // In transactions and in single statements, more often than there are connections.
        for _ in 0..8 {
            let body = announcement(&random(32), 100);
            says_so(&bed.call("POST", "/api/v1/envelopes").cookie(&anna).json(&body).send().await);
            says_so(&login(&bed).send().await);
            let unlock = bed.call("PATCH", &format!("/api/v1/envelopes/{}", sealed.id)).cookie(&anna);
            let unlock = unlock.json(&json!({"unlock": true})).send().await;
            // One page of the database may still find room where a larger transaction did not.
            if unlock.status != 200 {
                says_so(&unlock);
            }
            says_so(&bed.open(&sealed.id, &sealed.token).await);
        }
        assert!(maintain(&bed.app).await.is_ok(), "nothing is due");
    }

    disk.make_room();
    assert_eq!(upload(&bed, &anna, &late, &large).send().await.status, 204);
    assert_eq!(login(&bed).send().await.status, 200);
    assert_eq!(bed.app.envelopes().purge_orphans().await.unwrap(), 0);
    assert_eq!(bed.open(&late, &token).await.body, large);
    let opened = bed.open(&sealed.id, &sealed.token).await;
    assert_eq!(opened.body, sealed.ciphertext);
    assert_eq!(bed.confirm(&sealed.id, &sealed.token, &opened.lease()).await.status, 200);
    assert_eq!(bed.files().len(), 1);
    if on_sqlite(&bed) {
        let rows = testbed::databases::rows(bed.data.path()).await;
        let whole: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&rows).await.unwrap();
        assert_eq!(whole, "ok");
        rows.close().await;
    }
    bed.app.close().await;
}

/// What had expired lay there for ever, and nobody could take theirs back: both have to be written down first.
#[tokio::test]
async fn what_ends_makes_room_on_a_disk_that_has_none() {
    let (disk, bed) = bed_on(|place| Disk::in_memory(place, "24m")).await;
    let anna = bed.login("anna@example.org").await;
    for _ in 0..30 {
        bed.seal(&anna, json!({"expiresInSeconds": HOUR})).await;
    }
    let taken_back = bed.seal(&anna, json!({})).await;
    maintain(&bed.app).await.unwrap();
    let reserve = || std::fs::metadata(bed.data.path().join("reserve")).map_or(0, |file| file.len());
    assert_eq!(reserve() > 0, on_sqlite(&bed), "that of a database elsewhere is not ours to keep");
    let whole = reserve();
    disk.fill();
    if on_sqlite(&bed) {
        says_so(&login(&bed).send().await);
    }
    bed.pass(2 * HOUR);
    assert_eq!(maintain(&bed.app).await.unwrap().envelopes.expired, 30);
    assert_eq!(bed.files().len(), 1, "what is sealed stays");
    // Their room is taken, too.
    std::fs::rename(disk.place.join("filler"), disk.place.join("filled")).unwrap();
    disk.fill();
    assert_eq!(bed.record(&anna, &taken_back.id).await["state"], "sealed");
    let withdraw = bed.call("DELETE", &format!("/api/v1/envelopes/{}", taken_back.id)).cookie(&anna).send().await;
    assert_eq!(withdraw.status, 204, "{}", withdraw.text());
    assert!(bed.files().is_empty());
    assert!(reserve() < whole || !on_sqlite(&bed));
    disk.make_room();
    std::fs::remove_file(disk.place.join("filled")).unwrap();
    maintain(&bed.app).await.unwrap();
    assert_eq!(reserve(), whole);
    bed.app.close().await;
}

const KEYSTORE_BACKUP: &str = "/api/v1/account/keystore-backup";

/// A thief could not be thrown out, nor could whoever sat at another's computer sign out there.
#[tokio::test]
async fn each_end_finds_room_on_a_disk_that_has_none() {
    let (disk, bed) = bed_on(|place| Disk::in_memory(place, "24m")).await;
    let login = async || bed.login("anna@example.org").await;
    let (anna, thief, another) = (login().await, login().await, login().await);
    let list = bed.call("GET", "/api/v1/sessions").cookie(&thief).send().await.json();
    let current = list["sessions"].as_array().unwrap().iter().find(|session| session["current"] == true).unwrap();
    let session = format!("/api/v1/sessions/{}", current["id"].as_str().unwrap());
    for _ in 0..2 {
        bed.token(&anna, &["envelopes:read"]).await;
    }
    let token = format!("{TOKENS}/{}", bed.tokens(&anna).await[0]["id"].as_str().unwrap());
    let draft = format!("/api/v1/account/drafts/{}", random(16));
    let mut versions = Vec::new();
    for path in [&draft, "/api/v1/keyring"] {
        let put = bed.call("PUT", path).cookie(&anna).header("if-none-match", "*").octets(octets(1000)).send().await;
        assert_eq!(put.status, 201, "{}", put.text());
        versions.push(put.header("etag").to_owned());
    }
    let code = json!({"sealed": testbed::passwords::base64url(&[7; 55])});
    let put = bed.call("PUT", KEYSTORE_BACKUP).cookie(&anna).header("if-none-match", "*").json(&code).send().await;
    assert_eq!(put.status, 201, "{}", put.text());
    let envelope = format!("/api/v1/envelopes/{}", bed.seal(&anna, json!({})).await.id);
    let rows = testbed::databases::rows(bed.data.path()).await;
    let insert = "INSERT INTO mailbox (account, id, received, size, file, summary, arrival) SELECT id, $1, 0, 0, $1, $1, '' FROM accounts";
    sqlx::query(insert).bind([7; 16].as_slice()).execute(&rows).await.unwrap();
    let mail = format!("/api/v1/mailbox/{}", testbed::passwords::base64url(&[7; 16]));
    let reserve = || std::fs::metadata(bed.data.path().join("reserve")).map_or(0, |file| file.len());
    for (path, version) in [
        (envelope.as_str(), ""),
        (mail.as_str(), ""),
        (KEYSTORE_BACKUP, ""),
        (draft.as_str(), versions[0].as_str()),
        ("/api/v1/keyring", versions[1].as_str()),
        (session.as_str(), ""),
        (token.as_str(), ""),
        (TOKENS, ""),
        ("/api/v1/sessions", ""),
        ("/api/v1/session", ""),
    ] {
        maintain(&bed.app).await.unwrap();
        let whole = reserve();
        disk.fill();
        if on_sqlite(&bed) {
            // What the database has of the disk already is used up, too.
            let mut written = 0;
            while sqlx::query("UPDATE accounts SET created = created + 1").execute(&rows).await.is_ok() {
                written += 1;
                assert!(written < 500, "it is not full");
            }
        }
        let mut call = bed.call("DELETE", path).cookie(&anna);
        if !version.is_empty() {
            call = call.header("if-match", version);
        }
        let ended = call.send().await;
        assert_eq!(ended.status, 204, "{path} {}", ended.text());
        assert!(reserve() < whole || !on_sqlite(&bed), "{path}");
        disk.make_room();
    }
    assert!(bed.files().is_empty());
    for cookie in [&anna, &thief, &another] {
        assert_eq!(bed.call("GET", "/api/v1/session").cookie(cookie).send().await.status, 204);
    }
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM app_tokens").fetch_one(&rows).await.unwrap();
    assert_eq!(left, 0);
    rows.close().await;
    bed.app.close().await;
}

/// This browser is logged out, whatever becomes of the session.
#[tokio::test]
async fn the_cookie_goes_also_where_the_session_cannot_be_ended() {
    let (disk, bed) = bed_on(Disk::on_a_device).await;
    let anna = bed.login("anna@example.org").await;
    disk.fail();
    let left = bed.call("DELETE", "/api/v1/session").cookie(&anna).send().await;
    if on_sqlite(&bed) {
        says_so(&left);
    }
    assert_eq!(left.cookie().as_deref(), Some("__Host-envelock="));
    bed.app.close().await;
}

#[tokio::test]
async fn a_read_only_disk_is_said_and_forgotten_when_it_takes_writes() {
    let bed = Bed::new().await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    let (late, token) = announce(&bed, &anna, 100).await;
    let ciphertext = octets(100);
    let places = ["blobs", "incoming"].map(|name| bed.data.path().join(name).to_str().unwrap().to_owned());
    for place in &places {
        as_root("mount", &["--bind", "-o", "ro", place, place]);
    }
    let refused = upload(&bed, &anna, &late, &ciphertext).send().await;
    let read = bed.open(&sealed.id, &sealed.token).await;
    for place in &places {
        as_root("umount", &[place]);
    }
    says_so(&refused);
    assert_eq!(read.body, sealed.ciphertext);
    assert_eq!(upload(&bed, &anna, &late, &ciphertext).send().await.status, 204);
    assert_eq!(bed.open(&late, &token).await.body, ciphertext);
}

#[tokio::test]
async fn what_was_sealed_is_there_after_the_disk_failed() {
    let (disk, bed) = bed_on(Disk::on_a_device).await;
    let anna = bed.login("anna@example.org").await;
    let sealed = bed.seal(&anna, json!({})).await;
    let (late, token) = announce(&bed, &anna, 100).await;
    let ciphertext = octets(100);
    disk.fail();
    for _ in 0..3 {
        says_so(&upload(&bed, &anna, &late, &ciphertext).send().await);
        if on_sqlite(&bed) {
            says_so(&login(&bed).send().await);
        }
        assert_eq!(bed.head(&sealed.id).await.status, 200);
    }
    bed.app.close().await;
    disk.unmount();
    disk.mount();

    let app = App::open(bed.app.settings().clone(), bed.clock.clone()).await.unwrap();
    let again = Bed { router: router(app.clone()), app, ..bed };
    assert_eq!(again.open(&sealed.id, &sealed.token).await.body, sealed.ciphertext);
    assert_eq!(upload(&again, &anna, &late, &ciphertext).send().await.status, 204);
    assert_eq!(again.open(&late, &token).await.body, ciphertext);
    assert_eq!(again.app.envelopes().purge_orphans().await.unwrap(), 0);
    again.app.close().await;
}

/// Whoever wanted to know what is left, or to save it, was told to make the disk take writes first.
#[tokio::test]
async fn what_is_on_a_disk_that_takes_no_writes_can_be_checked_and_copied() {
    let (disk, bed) = bed_on(Disk::on_a_device).await;
    let anna = bed.login("anna@example.org").await;
    bed.seal(&anna, json!({})).await;
    let place = tempfile::tempdir().unwrap();
    let settings = bed.app.settings();
    let read = async |copy: &str| {
        let found = backup::examine(settings).await.unwrap();
        assert!(found.is_well() && found.whole == 1, "{found:?}");
        assert_eq!(backup::backup(settings, &place.path().join(copy)).await.unwrap().files, 1);
    };
    disk.fail();
    read("while a server runs").await;
    bed.app.close().await;
    disk.unmount();
    disk.mount();
    // What the database had not taken in from its log is not lost, and there is no log any more.
    App::open(settings.clone(), bed.clock.clone()).await.unwrap().close().await;
    as_root("mount", &["-o", "remount,ro", disk.place.to_str().unwrap()]);
    read("after a server").await;
}
