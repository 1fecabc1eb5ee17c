//! What was acknowledged is there, once: through kills in the middle of everything, lost answers, a backup, and the purge.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod testbed;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use testbed::smtp::{ANNA, MailServer, Smtp, add_user, letter, run, summary};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const EVE: &str = "eve@sender.example";
const KILLS: usize = 20;
/// Each brings one message after the other until the server is gone.
const CLIENTS: usize = 4;

/// Brings a message in two pieces; whether it was acknowledged.
async fn bring(address: SocketAddr, name: &str) -> bool {
    let Ok(stream) = TcpStream::connect(address).await else { return false };
    let mut smtp = Smtp::over(Box::new(stream));
    if smtp.reply().await.0 != 220 {
        return false;
    }
    for line in ["EHLO a", "MAIL FROM:<eve@sender.example>", &format!("RCPT TO:<{ANNA}>"), "DATA"] {
        if ![250, 354].contains(&smtp.code(line).await) {
            return false;
        }
    }
    let message = letter(name, &"a line of a message\r\n".repeat(500));
    let (front, back) = message.split_at(message.len() / 2);
    smtp.send(front.as_bytes()).await;
    tokio::time::sleep(Duration::from_millis(2)).await;
    match smtp.code(&format!("{back}\r\n.")).await {
        0 => false,
        code => {
            assert_eq!(code, 250);
            true
        }
    }
}

/// Brings what was not acknowledged before, then new messages.
async fn work(address: SocketAddr, client: usize, waiting: Arc<Mutex<Vec<String>>>, kept: Arc<Mutex<Vec<String>>>) {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    loop {
        let again = waiting.lock().unwrap().pop();
        let name = again.unwrap_or_else(|| format!("m{client}-{}", NUMBER.fetch_add(1, Ordering::SeqCst)));
        if !bring(address, &name).await {
            waiting.lock().unwrap().push(name);
            return;
        }
        kept.lock().unwrap().push(name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_kills_lose_nothing_that_was_acknowledged_and_double_nothing() {
    let data = tempfile::tempdir().unwrap();
    let (waiting, kept) = (Arc::default(), Arc::new(Mutex::new(Vec::new())));
    let mut repeated = 0;
    let mut session = None;
    for kill in 0..=KILLS {
        let mut mail = MailServer::restart(data.path(), &["--mail-connections-per-address", "50"]).await;
        match session.take() {
            None => mail.server.login().await,
            Some(client) => mail.server.client = client,
        }
        let mut found: HashMap<String, usize> = HashMap::new();
        for url in pages(&mail).await {
            *found.entry(url).or_default() += 1;
        }
        for name in kept.lock().unwrap().iter() {
            assert_eq!(found.get(name), Some(&1), "{name} was acknowledged");
        }
        assert!(found.values().all(|times| *times == 1));
        repeated += found.len() - kept.lock().unwrap().len();
        let before = kept.lock().unwrap().len();
        let mut working = JoinSet::new();
        for client in 0..CLIENTS {
            working.spawn(work(mail.smtp, client, Arc::clone(&waiting), Arc::clone(&kept)));
        }
        tokio::time::sleep(Duration::from_millis(20 + (kill as u64 * 37) % 150)).await;
        for _ in 0..2000 {
            if kept.lock().unwrap().len() >= before + 3 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        mail.server.kill_now();
        while let Some(worked) = working.join_next().await {
            worked.unwrap();
        }
        session = Some(mail.server.client.clone());
    }
    // By chance; for whoever wants to know whether it was tried.
    eprintln!("{} messages, {repeated} kept without an answer", kept.lock().unwrap().len());
    let checked = run(data.path(), &["check"]).await;
    assert!(checked.starts_with("whole\t"), "{checked}");
}

/// The names of all messages.
async fn pages(mail: &MailServer) -> Vec<String> {
    let (mut names, mut before) = (Vec::new(), String::new());
    loop {
        let url = mail.server.url(&format!("/api/v1/mailbox?limit=500{before}"));
        let page: serde_json::Value = mail.server.client.get(url).send().await.unwrap().json().await.unwrap();
        for record in page["messages"].as_array().unwrap() {
            let shown = summary(record);
            let subject = shown.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap();
            names.push(subject.to_owned());
        }
        match page["next"].as_str() {
            Some(next) => before = format!("&before={next}"),
            None => return names,
        }
    }
}

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
