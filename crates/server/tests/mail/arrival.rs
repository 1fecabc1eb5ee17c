//! Mail by SMTP, from the first greeting to its owner: over real sockets, with the server's certificate.

use crate::testbed::ports::free;
use crate::testbed::smtp::{ANNA, MailServer, add_user, letter, run, summary};
use serde_json::json;
use std::time::Duration;

const EVE: &str = "eve@sender.example";

#[tokio::test]
async fn a_message_comes_in_over_tls_and_is_its_owners() {
    let data = tempfile::tempdir().unwrap();
    let status = free().to_string();
    let mail = MailServer::start(data.path(), &["--status-listen", &status]).await;
    let smtp = mail.greeted().await;
    let (mut smtp, _) = smtp.secure(&data.path().join("tls/self-signed.pem")).await;
    assert_eq!(smtp.code("MAIL FROM:<eve@sender.example>").await, 503, "greeted again");
    let (_, offered) = smtp.say("EHLO out.sender.example").await;
    assert!(!offered.contains("STARTTLS") && !offered.contains("AUTH"), "{offered}");
    let forged = "Authentication-Results: localhost; dmarc=pass\r\n";
    let message = format!("{forged}{}", letter("first", "..one dot\r\n"));
    assert_eq!(smtp.bring(EVE, &[ANNA], &message).await, [250, 250, 354, 250]);
    assert_eq!(smtp.bring(EVE, &[ANNA], &letter("second", "hi")).await, [250, 250, 354, 250]);
    assert_eq!(smtp.code("QUIT").await, 221);

    let list = mail.list().await;
    assert_eq!(list.len(), 2);
    let first = list.iter().find(|record| summary(record).contains("Subject: first\r\n")).unwrap();
    assert_eq!((&first["seen"], &first["sealed"]), (&json!(false), &json!(false)));
    assert_eq!(first["verdict"]["alarm"], "grey", "nobody answers questions");
    let shown = summary(first);
    assert!(shown.starts_with("From: Eve <eve@sender.example>\r\nSubject: first\r\nMessage-ID: <first@"), "{shown}");
    let read = mail.read(first).await;
    assert!(read.starts_with("Return-Path: <eve@sender.example>\r\n"), "{read}");
    assert!(
        read.contains("Received: from out.sender.example ([127.0.0.1])\r\n\t(using TLSv1.3 with cipher TLS_"),
        "{read}"
    );
    assert!(read.contains("\tby localhost with ESMTPS id "), "{read}");
    assert!(!read.contains("dmarc=pass"), "what somebody says in the server's name is gone: {read}");
    assert!(read.ends_with(&letter("first", ".one dot\r\n\r\n")), "{read}");

    // Of another page than the first.
    let url = |path: &str| mail.server.url(&format!("/api/v1/mailbox{path}"));
    let page: serde_json::Value = mail.server.client.get(url("?limit=1")).send().await.unwrap().json().await.unwrap();
    assert_eq!(page["messages"][0]["id"], list[0]["id"]);
    let rest = url(&format!("?limit=1&before={}", page["next"].as_str().unwrap()));
    let rest: serde_json::Value = mail.server.client.get(rest).send().await.unwrap().json().await.unwrap();
    assert_eq!((&rest["messages"][0]["id"], &rest["next"]), (&list[1]["id"], &serde_json::Value::Null));

    let seen = url(&format!("/{}/seen", first["id"].as_str().unwrap()));
    let put = mail.server.client.put(seen).header("origin", &mail.server.origin).send().await.unwrap();
    assert_eq!(put.status(), 204);
    assert_eq!(mail.list().await.iter().filter(|record| record["seen"] == true).count(), 1);
    assert_eq!((mail.remove(first).await, mail.remove(first).await), (204, 404));
    assert_eq!(mail.list().await.len(), 1);
    assert_eq!(std::fs::read_dir(data.path().join("incoming")).unwrap().count(), 0);

    let text = reqwest::get(format!("http://{status}/metrics")).await.unwrap().text().await.unwrap();
    let has = |line: &str| assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    has(r#"envelock_mail_recipients_total{outcome="known"} 2"#);
    has(r#"envelock_mail_messages_total{outcome="kept"} 2"#);
    assert!(!text.contains("demo.example") && !text.contains("sender.example"), "{text}");
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_at_the_next_starttls() {
    let data = tempfile::tempdir().unwrap();
    let mail = MailServer::start(data.path(), &[]).await;
    let (pem, key) = (data.path().join("tls/self-signed.pem"), data.path().join("tls/self-signed.key"));
    let (mut secured, before) = mail.greeted().await.secure(&pem).await;
    let early = mail.greeted().await;

    let elsewhere = tempfile::tempdir().unwrap();
    let new = envelock_server::tls::self_signed(elsewhere.path(), None, time::OffsetDateTime::now_utc()).unwrap();
    std::fs::copy(&new.certificate, &pem).unwrap();
    std::fs::copy(&new.key, &key).unwrap();
    let reload = || {
        let id = mail.server.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-s", "HUP", &id]).status().unwrap().success());
    };
    reload();
    let root = reqwest::Certificate::from_pem(&std::fs::read(&pem).unwrap()).unwrap();
    let browser = reqwest::Client::builder().tls_certs_only([root]).build().unwrap();
    let mut tries = 0;
    while browser.get(mail.server.url("/api/v1/server")).send().await.is_err() {
        tries += 1;
        assert!(tries < 1000, "the pages have the new one");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for smtp in [early, mail.greeted().await] {
        let (_, shown) = smtp.secure(&pem).await;
        assert_ne!(shown, before);
    }
    assert_eq!(secured.code("NOOP").await, 250, "who was there stays");

    // One that is broken changes nothing.
    std::fs::write(&key, "no key").unwrap();
    reload();
    tokio::time::sleep(Duration::from_millis(500)).await;
    mail.greeted().await.secure(&pem).await;
}

#[tokio::test]
async fn nobody_gets_mail_but_accounts_of_the_servers_domains() {
    let data = tempfile::tempdir().unwrap();
    let mail = MailServer::start(data.path(), &["--mail-domain", "b\u{fc}cher.example"]).await;
    for address in
        ["ben@demo.example", "ben@elsewhere.example", "ben@xn--bcher-kva.example", "carl@b\u{fc}cher.example"]
    {
        add_user(data.path(), address).await;
    }
    let info = mail.server.client.get(mail.server.url("/api/v1/server")).send().await.unwrap();
    let info: serde_json::Value = info.json().await.unwrap();
    assert_eq!(info["mailDomains"], serde_json::json!(["demo.example", "xn--bcher-kva.example"]));
    let mut smtp = mail.greeted().await;
    assert_eq!(smtp.code("MAIL FROM:<>").await, 250);
    for known in
        ["Anna@Demo.EXAMPLE", "ben@b\u{fc}cher.example", "ben@xn--bcher-kva.example", "carl@xn--bcher-kva.example"]
    {
        assert_eq!(smtp.code(&format!("RCPT TO:<{known}>")).await, 250, "{known}");
    }
    let mut said = vec![smtp.say("RCPT TO:<postmaster>").await];
    for unknown in ["nobody@demo.example", "anna+tag@demo.example", "'@demo.example", "anna@b\u{fc}cher.example"] {
        said.push(smtp.say(&format!("RCPT TO:<{unknown}>")).await);
    }
    said.dedup();
    assert!(said.len() == 1 && said[0].1.starts_with("550 5.1.1 "), "one answer: {said:?}");
    // An account of that name makes nobody the one to get mail of a domain that is not the server's.
    for elsewhere in ["ben@elsewhere.example", "anna@demo.example.evil.example", "anna%elsewhere.example@mx.example"] {
        let (_, text) = smtp.say(&format!("RCPT TO:<{elsewhere}>")).await;
        assert!(text.starts_with("550 5.7.1 "), "{elsewhere}: {text}");
    }
    // It may be that of any domain of the server.
    add_user(data.path(), "postmaster@b\u{fc}cher.example").await;
    assert_eq!(smtp.code("RCPT TO:<Postmaster>").await, 250);
    run(data.path(), &["user", "close", "ben@demo.example"]).await;
    let (_, text) = smtp.say("RCPT TO:<ben@demo.example>").await;
    assert!(text.starts_with("450 4.2.1 "), "it may be opened again: {text}");
    for refused in ["AUTH PLAIN AGEAYg==", "VRFY anna", "EXPN all", "XFORWARD ADDR=192.0.2.1"] {
        assert!([502, 252].contains(&smtp.code(refused).await), "{refused}");
    }
}

#[tokio::test]
async fn a_message_that_comes_again_is_there_once() {
    let data = tempfile::tempdir().unwrap();
    let mail = MailServer::start(data.path(), &[]).await;
    add_user(data.path(), "ben@demo.example").await;
    let kept = [250, 250, 354, 250];
    for _ in 0..3 {
        assert_eq!(mail.greeted().await.bring(EVE, &[ANNA], &letter("again", "x")).await, kept);
    }
    let list = mail.list().await;
    assert_eq!(list.len(), 1);
    // Not even after it was deleted.
    assert_eq!(mail.remove(&list[0]).await, 204);
    let mut smtp = mail.greeted().await;
    let to_both = smtp.bring(EVE, &[ANNA, "ben@demo.example"], &letter("again", "x")).await;
    assert_eq!(to_both, [250, 250, 250, 354, 250]);
    assert_eq!(mail.list().await.len(), 0);
    assert_eq!(std::fs::read_dir(data.path().join("blobs")).unwrap().count(), 1, "Ben's");
    // Others are others: another sender, another octet, or no name by which one could know.
    assert_eq!(smtp.bring("mallory@sender.example", &[ANNA], &letter("again", "x")).await, kept);
    assert_eq!(smtp.bring(EVE, &[ANNA], &letter("again", "y")).await, kept);
    for _ in 0..2 {
        assert_eq!(smtp.bring(EVE, &[ANNA], "Subject: the disk is full\r\n\r\n").await, kept);
    }
    // A mail server on the way named what its writer did not.
    for id in ["4bXY12", "4bXY12", "4bXY13"] {
        let named = format!("Received: from a by b with ESMTP id {id}; Mon, 30 Nov 2026 06:00:00 +0000\r\n\r\n");
        assert_eq!(smtp.bring(EVE, &[ANNA], &named).await, kept);
    }
    assert_eq!(mail.list().await.len(), 6);
    // The same account under two of its names.
    let twice = smtp.bring(EVE, &[ANNA, "ANNA@demo.example"], &letter("twice", "x")).await;
    assert_eq!(twice, [250, 250, 250, 354, 250]);
    assert_eq!(mail.list().await.len(), 7);
}

#[tokio::test]
async fn who_got_the_same_message_keeps_it_until_they_delete_it_themselves() {
    let data = tempfile::tempdir().unwrap();
    let mail = MailServer::start(data.path(), &[]).await;
    add_user(data.path(), "ben@demo.example").await;
    let codes = mail.greeted().await.bring(EVE, &["ben@demo.example", ANNA], &letter("both", "x")).await;
    assert_eq!(codes, [250, 250, 250, 354, 250]);
    let list = mail.list().await;
    let files = || std::fs::read_dir(data.path().join("blobs")).unwrap().count();
    assert_eq!((list.len(), files()), (1, 1));
    assert_eq!((mail.remove(&list[0]).await, files()), (204, 1), "Ben has it still");
    let checked = run(data.path(), &["check"]).await;
    assert!(checked.contains("whole\t1\nwithout a row yet\t0\n"), "{checked}");
}

#[tokio::test]
async fn a_full_mailbox_is_told_and_takes_nothing_of_the_accounts_own_room() {
    let data = tempfile::tempdir().unwrap();
    let mail = MailServer::start(data.path(), &["--mailbox-bytes", "20000", "--account-bytes", "1000"]).await;
    let mut smtp = mail.greeted().await;
    let long = "a line\r\n".repeat(1000);
    assert_eq!(smtp.bring(EVE, &[ANNA], &letter("first", &long)).await, [250, 250, 354, 250]);
    assert_eq!(smtp.bring(EVE, &[ANNA], &letter("second", &long)).await, [250, 250, 354, 452], "no room for so much");
    assert_eq!(smtp.bring(EVE, &[ANNA], &letter("small", "x")).await, [250, 250, 354, 250]);
    assert_eq!(smtp.bring(EVE, &[ANNA], &letter("smaller", "")).await, [250, 452, 554], "for nothing at all");
    assert_eq!(smtp.code("RSET").await, 250);
    assert_eq!(mail.list().await.len(), 2);
    assert_eq!(std::fs::read_dir(data.path().join("blobs")).unwrap().count(), 2);
    mail.server.seal(900).await;
    let list = mail.list().await;
    for record in &list {
        assert_eq!(mail.remove(record).await, 204);
    }
    assert_eq!(smtp.bring(EVE, &[ANNA], &letter("second", &long)).await, [250, 250, 354, 250]);
}

#[tokio::test]
async fn whoever_stops_the_server_loses_no_message_that_is_under_way() {
    let data = tempfile::tempdir().unwrap();
    let mut mail = MailServer::start(data.path(), &[]).await;
    let (mut idle, mut busy) = (mail.greeted().await, mail.greeted().await);
    assert_eq!(busy.code("MAIL FROM:<eve@sender.example>").await, 250);
    assert_eq!(busy.code(&format!("RCPT TO:<{ANNA}>")).await, 250);
    assert_eq!(busy.code("DATA").await, 354);
    let stopped = std::process::Command::new("kill").arg(mail.server.child.id().to_string()).status().unwrap();
    assert!(stopped.success());
    let (code, text) = idle.reply().await;
    assert!(code == 421 && text.starts_with("421 4.3.2 "), "{text}");
    assert_eq!(idle.reply().await.0, 0, "and closed");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(busy.code(&format!("{}\r\n.", letter("late", "x"))).await, 250);
    assert_eq!(busy.reply().await.0, 421);
    assert!(mail.server.child.wait().unwrap().success());
    let again = MailServer::start(data.path(), &[]).await;
    assert_eq!(again.list().await.len(), 1);
}
