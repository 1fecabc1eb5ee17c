//! Mail that is encrypted to its owner once it was validated: GnuPG reads it, and nobody who has the disk does.

use crate::testbed::databases::rows;
use crate::testbed::smtp::{ANNA, MailServer, add_user, letter, summary};
use crate::zone::{NameServer, texts};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const EVE: &str = "eve@sender.example";
const BEN: &str = "ben@demo.example";
const CERTIFICATE: &str = "/api/v1/account/mailbox-certificate";
const SECRET: &str = "the heron comes at nine";

/// Somebody's GnuPG.
struct Gnupg(tempfile::TempDir);

impl Gnupg {
    fn with_key(expires: &str) -> Self {
        let gnupg = Self(tempfile::tempdir().unwrap());
        gnupg.run(&["--quick-generate-key", "Anna <anna@demo.example>", "future-default", "default", expires], b"");
        gnupg
    }

    fn run(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let mut gpg = Command::new("gpg");
        gpg.env("GNUPGHOME", self.0.path()).args([
            "--no-permission-warning",
            "--batch",
            "--quiet",
            "--pinentry-mode",
            "loopback",
            "--passphrase",
            "",
        ]);
        let mut child = gpg.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        output.stdout
    }

    fn certificate(&self) -> Value {
        json!({ "certificate": URL_SAFE_NO_PAD.encode(self.run(&["--export"], b"")) })
    }

    fn decrypt(&self, message: &[u8]) -> String {
        String::from_utf8(self.run(&["--decrypt"], message)).unwrap()
    }
}

fn program() -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_envelock-server")).with_file_name("envelock-seal");
    assert!(program.is_file(), "build it: cargo build --package envelock-seal");
    program.to_str().unwrap().to_owned()
}

async fn name_server() -> NameServer {
    let sender = "v=spf1 ip4:127.0.0.1 -all";
    NameServer::start(texts(&[("sender.example", sender), ("_dmarc.sender.example", "v=DMARC1; p=reject")])).await
}

async fn start(data: &Path, dns: &NameServer, sealer: &str) -> MailServer {
    let nameserver = dns.address().to_string();
    MailServer::start(data, &["--mail-nameserver", &nameserver, "--seal-program", sealer]).await
}

async fn put(mail: &MailServer, certificate: &Value) -> u16 {
    let put = mail.server.client.put(mail.server.url(CERTIFICATE)).header("origin", &mail.server.origin);
    put.json(certificate).send().await.unwrap().status().as_u16()
}

async fn usable(mail: &MailServer) -> Option<bool> {
    let answer = mail.server.client.get(mail.server.url(CERTIFICATE)).send().await.unwrap();
    answer.json::<Value>().await.unwrap()["usable"].as_bool()
}

async fn octets(mail: &MailServer, record: &Value) -> Vec<u8> {
    let url = mail.server.url(&format!("/api/v1/mailbox/{}", record["id"].as_str().unwrap()));
    mail.server.client.get(url).send().await.unwrap().bytes().await.unwrap().to_vec()
}

/// Files below a folder in which the secret can be read.
fn telling(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            // The bucket of a bed is in the same folder twice.
            if !path.is_symlink() {
                found.extend(telling(&path));
            }
        } else if std::fs::read(&path)
            .is_ok_and(|octets| octets.windows(SECRET.len()).any(|one| one == SECRET.as_bytes()))
        {
            found.push(path);
        }
    }
    found
}

/// Waits until so many files tell it.
async fn left(folder: &Path, files: usize) {
    for _ in 0..600 {
        if telling(folder).len() == files {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{:?}", telling(folder));
}

#[tokio::test]
async fn what_arrived_is_encrypted_to_its_owner_and_nobody_else_reads_it() {
    let (data, dns, anna) = (tempfile::tempdir().unwrap(), name_server().await, Gnupg::with_key("1y"));
    let mail = start(data.path(), &dns, &program()).await;
    add_user(data.path(), BEN).await;
    let kept = [250, 250, 250, 354, 250];
    let mut smtp = mail.greeted().await;
    assert_eq!(smtp.bring(EVE, &[ANNA, BEN], &letter("before", SECRET)).await, kept);
    mail.wait(|list| list.len() == 1 && list[0]["verdict"]["alarm"] == "none").await;
    assert_eq!((mail.list().await[0]["sealed"].clone(), usable(&mail).await), (json!(false), None));
    assert_eq!(telling(data.path()).len(), 1, "it can be found");

    // What lies there is encrypted, too; the other one keeps theirs.
    assert_eq!(put(&mail, &anna.certificate()).await, 204);
    assert_eq!(usable(&mail).await, Some(true));
    mail.wait(|list| list[0]["sealed"] == true).await;
    left(data.path(), 1).await; // that of Ben
    assert_eq!(smtp.bring(EVE, &[ANNA], &letter("after", SECRET)).await, [250, 250, 354, 250]);
    let list = mail.wait(|list| list.len() == 2 && list.iter().all(|one| one["sealed"] == true)).await;
    left(data.path(), 1).await; // that of Ben
    // What arrived in one second comes in any order.
    let mut names = Vec::new();
    for record in &list {
        assert_eq!(record["verdict"]["alarm"], "none", "validated as it came");
        let shown = anna.decrypt(&URL_SAFE_NO_PAD.decode(record["summary"].as_str().unwrap()).unwrap());
        let (_, after) = shown.split_once("From: Eve <eve@sender.example>\r\nSubject: ").unwrap();
        let name = after.split("\r\n").next().unwrap();
        names.push(name.to_owned());
        let sealed = octets(&mail, record).await;
        assert_eq!(json!(sealed.len()), record["size"]);
        let read = anna.decrypt(&sealed);
        assert!(read.starts_with("Return-Path: <eve@sender.example>\r\nAuthentication-Results: localhost;"), "{read}");
        assert!(read.contains("\tdmarc=pass") && read.ends_with(&letter(name, &format!("{SECRET}\r\n"))), "{read}");
    }
    names.sort();
    assert_eq!(names, ["after", "before"]);

    let delete = mail.server.client.delete(mail.server.url(CERTIFICATE)).header("origin", &mail.server.origin);
    assert_eq!(delete.send().await.unwrap().status(), 204);
    assert_eq!(smtp.bring(EVE, &[ANNA], &letter("clear", "x")).await, [250, 250, 354, 250]);
    let list = mail.wait(|list| list.len() == 3 && list.iter().all(|one| one["verdict"]["alarm"] == "none")).await;
    let (sealed, clear): (Vec<_>, Vec<_>) = list.iter().partition(|one| one["sealed"] == true);
    assert_eq!((sealed.len(), clear.len()), (2, 1), "what was encrypted stays so");
    assert!(summary(clear[0]).contains("Subject: clear\r\n"));
}

#[tokio::test]
async fn nothing_is_taken_that_cannot_be_encrypted_to_and_no_mail_is_lost_with_it() {
    let (data, dns) = (tempfile::tempdir().unwrap(), name_server().await);
    let mail = start(data.path(), &dns, &program()).await;
    let none = json!({ "certificate": "bm9uZQ" });
    assert_eq!(put(&mail, &none).await, 400);
    assert_eq!(usable(&mail).await, None);
    // It expires while mail is under way.
    let brief = Gnupg::with_key("seconds=5");
    assert_eq!(put(&mail, &brief.certificate()).await, 204);
    tokio::time::sleep(std::time::Duration::from_secs(6)).await;
    assert_eq!(mail.greeted().await.bring(EVE, &[ANNA], &letter("late", "x")).await, [250, 250, 354, 250]);
    mail.wait(|list| list.len() == 1 && list[0]["verdict"]["alarm"] == "none").await;
    for _ in 0..100 {
        if usable(&mail).await == Some(false) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(usable(&mail).await, Some(false));
    assert!(mail.read(&mail.list().await[0]).await.contains("Subject: late"));
    // With the next certificate it is encrypted all the same.
    let anna = Gnupg::with_key("1y");
    assert_eq!(put(&mail, &anna.certificate()).await, 204);
    let list = mail.wait(|list| list[0]["sealed"] == true).await;
    assert!(anna.decrypt(&octets(&mail, &list[0]).await).contains("Subject: late"));
}

/// Backups have what is stored, and every session is given it.
#[tokio::test]
async fn a_secret_key_is_refused_and_nothing_of_it_is_kept() {
    let (data, dns, anna) = (tempfile::tempdir().unwrap(), name_server().await, Gnupg::with_key("1y"));
    let mail = start(data.path(), &dns, &program()).await;
    let certificate = anna.run(&["--export"], b"");
    let secret = anna.run(&["--export-secret-keys"], b"");
    let armored = anna.run(&["--armor", "--export-secret-keys"], b"");
    for given in [secret.clone(), armored, [certificate, secret].concat()] {
        let given = json!({ "certificate": URL_SAFE_NO_PAD.encode(given) });
        let put = mail.server.client.put(mail.server.url(CERTIFICATE)).header("origin", &mail.server.origin);
        let answer = put.json(&given).send().await.unwrap();
        assert_eq!(answer.status(), 400);
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], "secret-key-given");
    }
    let kept = mail.server.client.get(mail.server.url(CERTIFICATE)).send().await.unwrap();
    assert_eq!(kept.status(), 404);
}

/// Their key may be lost, or somebody else's by now.
#[tokio::test]
async fn nothing_is_encrypted_to_a_certificate_that_its_owner_took_away_or_replaced_meanwhile() {
    let (data, dns, folder) = (tempfile::tempdir().unwrap(), name_server().await, tempfile::tempdir().unwrap());
    let (lost, anna) = (Gnupg::with_key("1y"), Gnupg::with_key("1y"));
    // Encrypts nothing while there is a file.
    let (slow, held, begun) = (folder.path().join("slow"), folder.path().join("held"), folder.path().join("begun"));
    let wait = "[ -z \"$1\" ] && touch begun && while [ -e held ]; do sleep 0.05; done";
    let script = format!("#!/bin/sh\ncd {}\n{wait}\nexec {} \"$@\"\n", folder.path().display(), program());
    std::fs::write(&slow, script).unwrap();
    std::fs::set_permissions(&slow, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let until_begun = async || {
        for _ in 0..1500 {
            if begun.exists() {
                return std::fs::remove_file(&begun).unwrap();
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("nothing was to be encrypted");
    };
    let mail = start(data.path(), &dns, slow.to_str().unwrap()).await;

    assert_eq!(put(&mail, &lost.certificate()).await, 204);
    std::fs::write(&held, "").unwrap();
    assert_eq!(mail.greeted().await.bring(EVE, &[ANNA], &letter("hi", SECRET)).await, [250, 250, 354, 250]);
    until_begun().await;
    let delete = mail.server.client.delete(mail.server.url(CERTIFICATE)).header("origin", &mail.server.origin);
    assert_eq!(delete.send().await.unwrap().status(), 204);
    std::fs::remove_file(&held).unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let list = mail.list().await;
    assert!(list[0]["sealed"] == false && mail.read(&list[0]).await.contains(SECRET), "taken away");
    let blobs = std::fs::read_dir(data.path().join("blobs")).unwrap().count();
    assert_eq!(blobs, 1, "what was encrypted in vain is gone");

    std::fs::remove_file(&begun).unwrap_or_default();
    std::fs::write(&held, "").unwrap();
    assert_eq!(put(&mail, &lost.certificate()).await, 204);
    until_begun().await;
    assert_eq!(put(&mail, &anna.certificate()).await, 204);
    std::fs::remove_file(&held).unwrap();
    let list = mail.wait(|list| list[0]["sealed"] == true).await;
    assert!(anna.decrypt(&octets(&mail, &list[0]).await).contains(SECRET), "replaced");
}

/// Each message is there once, in clear or encrypted, whenever the server ends.
#[tokio::test]
async fn killed_while_it_encrypts_nothing_is_lost() {
    const MESSAGES: usize = 24;
    let (data, dns, anna) = (tempfile::tempdir().unwrap(), name_server().await, Gnupg::with_key("1y"));
    let mut mail = start(data.path(), &dns, &program()).await;
    let mut smtp = mail.greeted().await;
    for number in 0..MESSAGES {
        let message = letter(&format!("number {number}."), SECRET);
        assert_eq!(smtp.bring(EVE, &[ANNA], &message).await, [250, 250, 354, 250]);
    }
    mail.wait(|list| list.len() == MESSAGES && list.iter().all(|one| one["verdict"]["alarm"] == "none")).await;
    assert_eq!(put(&mail, &anna.certificate()).await, 204);
    let sealed = |list: &[Value]| list.iter().filter(|one| one["sealed"] == true).count();
    let list = mail.wait(|list| sealed(list) >= 2).await;
    assert!(sealed(&list) < MESSAGES, "it is killed too late");
    for _ in 0..3 {
        mail.server.kill();
        let (nameserver, program) = (dns.address().to_string(), program());
        mail = MailServer::restart(data.path(), &["--mail-nameserver", &nameserver, "--seal-program", &program]).await;
    }
    mail.server.login().await;
    assert_eq!(mail.list().await.len(), MESSAGES);
    let list = mail.wait(|list| sealed(list) == MESSAGES).await;
    let mut read = Vec::new();
    for record in &list {
        read.push(anna.decrypt(&octets(&mail, record).await));
    }
    for number in 0..MESSAGES {
        let subject = format!("Subject: number {number}.\r\n");
        let whole = read.iter().filter(|one| one.contains(&subject) && one.contains(SECRET));
        assert_eq!(whole.count(), 1, "{number}");
    }
    left(data.path(), 0).await;
}

/// What was in clear goes after its row has changed: a server that ended in between goes on where it was.
#[tokio::test]
async fn killed_before_it_removes_what_was_in_clear() {
    let (data, dns, anna) = (tempfile::tempdir().unwrap(), name_server().await, Gnupg::with_key("1y"));
    let mut mail = start(data.path(), &dns, &program()).await;
    assert_eq!(mail.greeted().await.bring(EVE, &[ANNA], &letter("hi", SECRET)).await, [250, 250, 354, 250]);
    mail.wait(|list| list.len() == 1 && list[0]["verdict"]["alarm"] == "none").await;
    let clear = telling(data.path()).remove(0);
    let octets = std::fs::read(&clear).unwrap();
    assert_eq!(put(&mail, &anna.certificate()).await, 204);
    left(data.path(), 0).await;
    mail.server.kill();

    std::fs::write(&clear, octets).unwrap();
    let pool = rows(data.path()).await;
    let name = u128::from_str_radix(clear.file_name().unwrap().to_str().unwrap(), 16).unwrap();
    let again = sqlx::query("INSERT INTO cleared_mail (file) VALUES ($1)").bind(name.to_be_bytes().to_vec());
    again.execute(&pool).await.unwrap();
    pool.close().await;
    let (nameserver, program) = (dns.address().to_string(), program());
    let _mail = MailServer::restart(data.path(), &["--mail-nameserver", &nameserver, "--seal-program", &program]).await;
    left(data.path(), 0).await;
}

#[tokio::test]
async fn a_program_that_fails_keeps_mail_as_it_came() {
    let (data, dns, anna) = (tempfile::tempdir().unwrap(), name_server().await, Gnupg::with_key("1y"));
    let mail = start(data.path(), &dns, "/bin/false").await;
    assert_eq!(put(&mail, &anna.certificate()).await, 500);
    assert_eq!(usable(&mail).await, None);
    assert_eq!(mail.greeted().await.bring(EVE, &[ANNA], &letter("kept", "x")).await, [250, 250, 354, 250]);
    let list = mail.wait(|list| list.len() == 1 && list[0]["verdict"]["alarm"] == "none").await;
    assert!(list[0]["sealed"] == false && mail.read(&list[0]).await.contains("Subject: kept"));
}
