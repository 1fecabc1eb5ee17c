//! Mail that a mail server on the same machine hands over: it is believed whom it got a message from, and nobody else is.

use crate::testbed::ports::free;
use crate::testbed::smtp::{ANNA, MailServer, Smtp, add_user, letter, summary};
use crate::zone::{NameServer, texts};
use std::os::unix::fs::PermissionsExt;
use tokio::net::UnixStream;

const EVE: &str = "eve@sender.example";

async fn front(path: &std::path::Path) -> Smtp {
    let mut lmtp = Smtp::over(Box::new(UnixStream::connect(path).await.unwrap()));
    let (code, greeting) = lmtp.reply().await;
    assert!(code == 220 && greeting.contains("LMTP"), "{greeting}");
    let (code, offered) = lmtp.say("LHLO front.demo.example").await;
    assert!(code == 250 && offered.contains("XFORWARD") && !offered.contains("STARTTLS"), "{offered}");
    lmtp
}

#[tokio::test]
async fn spf_is_asked_about_whom_the_mail_server_in_front_names() {
    let data = tempfile::tempdir().unwrap();
    let socket = data.path().join("lmtp");
    let zone = texts(&[("sender.example", "v=spf1 ip4:198.51.100.9 -all")]);
    let dns = NameServer::start(zone).await;
    let nameserver = dns.address().to_string();
    let path = socket.to_str().unwrap();
    let mail = MailServer::start(data.path(), &["--lmtp-listen", path, "--mail-nameserver", &nameserver]).await;
    assert_eq!(std::fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o660);
    add_user(data.path(), "ben@demo.example").await;
    let mut lmtp = front(&socket).await;
    assert_eq!(lmtp.code("EHLO a").await, 500);

    assert_eq!(lmtp.code("XFORWARD NAME=mx ADDR=198.51.100.9 HELO=mx.sender.example PROTO=ESMTP").await, 250);
    let codes = lmtp.bring(EVE, &[ANNA, "ben@demo.example", "nobody@demo.example"], &letter("named", "x")).await;
    assert_eq!(codes, [250, 250, 250, 550, 354, 250]);
    assert_eq!(lmtp.reply().await.0, 250, "one for each that was taken");
    let list = mail.wait(|list| list[0]["verdict"]["alarm"] == "none").await;
    assert_eq!(list[0]["verdict"]["evidence"]["spf"]["result"], "pass");
    let read = mail.read(&list[0]).await;
    assert!(read.contains("Received: from mx.sender.example ([198.51.100.9])\r\n"), "{read}");
    assert!(read.contains("spf=pass smtp.mailfrom=sender.example"), "{read}");

    assert_eq!(lmtp.code("XFORWARD ADDR=203.0.113.5").await, 250);
    assert_eq!(lmtp.bring(EVE, &[ANNA], &letter("forged", "x")).await, [250, 250, 354, 250]);
    let list = mail.wait(|list| list.iter().any(|record| record["verdict"]["alarm"] == "red")).await;
    assert_eq!(list.len(), 2);

    // Who is not named is not taken for the mail server in front, which the sender's domain would disown.
    assert_eq!(lmtp.bring(EVE, &[ANNA], &letter("unnamed", "x")).await, [250, 250, 354, 250]);
    let list = mail.wait(|list| list.len() == 3 && list.iter().all(|one| one["verdict"]["alarm"] != "grey")).await;
    let unnamed = list.iter().find(|one| summary(one).contains("unnamed")).unwrap();
    assert_eq!(unnamed["verdict"]["evidence"]["spf"]["result"], "neutral");
    assert_eq!(unnamed["verdict"]["alarm"], "amber");
    assert!(mail.read(unnamed).await.contains("Received: from front.demo.example (unknown)\r\n"));
}

#[tokio::test]
async fn a_port_of_this_machine_will_do_and_smtp_believes_nobody() {
    let data = tempfile::tempdir().unwrap();
    let lmtp = free();
    let mail = MailServer::start(data.path(), &["--lmtp-listen", &lmtp.to_string()]).await;
    let mut front = Smtp::connect(lmtp).await;
    assert_eq!(front.code("LHLO front").await, 250);
    assert_eq!(front.code("XFORWARD ADDR=198.51.100.9").await, 250);
    assert_eq!(front.bring(EVE, &[ANNA], &letter("port", "x")).await, [250, 250, 354, 250]);
    let mut smtp = mail.greeted().await;
    assert_eq!(smtp.code("XFORWARD ADDR=198.51.100.9").await, 502);
    assert_eq!(smtp.code("LHLO a").await, 502);
    assert_eq!(mail.list().await.len(), 1);
}
