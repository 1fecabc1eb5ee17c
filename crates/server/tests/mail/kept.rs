//! What was acknowledged is there, once: through lost answers, a backup, and the purge.

use crate::testbed::smtp::{ANNA, MailServer, add_user, letter, run, summary};
use std::time::Duration;

const EVE: &str = "eve@sender.example";

/// The answer was lost, and the client does what it has to.
#[tokio::test]
async fn a_client_that_lost_the_answer_delivers_once() {
    let data = tempfile::tempdir().unwrap();
    let mail = MailServer::start(data.path(), &[]).await;
    let mut smtp = mail.greeted().await;
    for line in ["MAIL FROM:<eve@sender.example>", &format!("RCPT TO:<{ANNA}>"), "DATA"] {
        smtp.code(line).await;
    }
    smtp.send(format!("{}\r\n.\r\n", letter("lost", "x")).as_bytes()).await;
    drop(smtp);
    mail.wait(|list| list.len() == 1).await;
    assert_eq!(mail.greeted().await.bring(EVE, &[ANNA], &letter("lost", "x")).await, [250, 250, 354, 250]);
    assert_eq!(mail.list().await.len(), 1);
}

#[tokio::test]
async fn a_backup_has_it_and_the_purge_leaves_it() {
    let data = tempfile::tempdir().unwrap();
    let clock = data.path().join("clock");
    std::fs::write(&clock, "0").unwrap();
    let options = ["--test-clock-file", clock.to_str().unwrap()];
    let mut mail = MailServer::start(data.path(), &options).await;
    add_user(data.path(), "ben@demo.example").await;
    let mut smtp = mail.greeted().await;
    smtp.bring(EVE, &[ANNA, "ben@demo.example"], &letter("both", "x")).await;
    smtp.bring(EVE, &[ANNA], &letter("one", "y")).await;
    let place = tempfile::tempdir().unwrap();
    let copy = place.path().join("backup");
    assert!(run(data.path(), &["backup", copy.to_str().unwrap()]).await.contains("2 files"));
    assert!(run(data.path(), &["check"]).await.contains("whole\t2\n"));
    mail.server.kill();
    drop(data);

    let data = tempfile::tempdir().unwrap();
    assert!(run(data.path(), &["restore", copy.to_str().unwrap()]).await.contains("2 files"));
    let clock = data.path().join("clock");
    std::fs::write(&clock, "0").unwrap();
    let options = ["--test-clock-file", clock.to_str().unwrap()];
    let mail = MailServer::start(data.path(), &options).await;
    let list = mail.list().await;
    assert_eq!(list.len(), 2);
    for (record, text) in [("one", "y"), ("both", "x")] {
        let record = list.iter().find(|one| summary(one).contains(&format!("Subject: {record}\r\n"))).unwrap();
        assert!(mail.read(record).await.ends_with(&format!("\r\n\r\n{text}\r\n")));
    }
    // Long after nobody tries any more: what tells a repetition is forgotten, the mail is not.
    let kept = [250, 250, 354, 250];
    assert_eq!(mail.greeted().await.bring(EVE, &[ANNA], &letter("new", "z")).await, kept);
    assert_eq!(mail.greeted().await.bring(EVE, &[ANNA], &letter("new", "z")).await, kept);
    assert_eq!(mail.list().await.len(), 3);
    std::fs::write(&clock, (6 * 24 * 3600).to_string()).unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(mail.greeted().await.bring(EVE, &[ANNA], &letter("new", "z")).await, kept);
    mail.server.login().await;
    assert_eq!(mail.list().await.len(), 4, "what comes so late is another one");
}
