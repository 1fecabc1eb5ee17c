//! What strangers may cost over SMTP: number and size, time, and what is said out of turn.

use crate::testbed::smtp::{ANNA, MailServer, Smtp, letter};
use envelock_server::{AddressDomain, MailListeners, Serving, Settings, SystemClock, serve};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

const EVE: &str = "eve@sender.example";

#[tokio::test]
async fn connections_are_counted_by_address_and_in_all() {
    let data = tempfile::tempdir().unwrap();
    let mail = MailServer::start(data.path(), &["--mail-connections-per-address", "2"]).await;
    let held = [mail.greeted().await, mail.greeted().await];
    let mut third = Smtp::over(Box::new(TcpStream::connect(mail.smtp).await.unwrap()));
    let (code, text) = third.reply().await;
    assert!(code == 421 && text.starts_with("421 4.3.2 "), "{text}");
    assert_eq!(third.reply().await.0, 0);
    drop(held);
    for _ in 0..3000 {
        let mut again = Smtp::over(Box::new(TcpStream::connect(mail.smtp).await.unwrap()));
        if again.reply().await.0 == 220 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the places are not given back");
}

#[tokio::test]
async fn size_and_number_of_recipients_are_held() {
    let data = tempfile::tempdir().unwrap();
    let mail = MailServer::start(data.path(), &["--mail-bytes", "10000"]).await;
    let mut smtp = mail.greeted().await;
    assert_eq!(smtp.code("MAIL FROM:<eve@sender.example> SIZE=10001").await, 552);
    let long = letter("long", &"a line\r\n".repeat(1300));
    assert_eq!(smtp.bring(EVE, &[ANNA], &long).await, [250, 250, 354, 552]);
    assert_eq!(std::fs::read_dir(data.path().join("incoming")).unwrap().count(), 0, "it is not kept");
    // Endless: nobody waits for its end.
    let endless = smtp.bring(EVE, &[ANNA], &"a line\r\n".repeat(2600)).await;
    assert!(matches!(endless.last(), Some(552 | 0)), "{endless:?}");
    let mut smtp = mail.greeted().await;
    assert_eq!(smtp.code("MAIL FROM:<>").await, 250);
    // More people than this server has.
    let mut answers = Vec::new();
    for number in 0..10_000 {
        match smtp.code(&format!("RCPT TO:<n{number}@demo.example>")).await {
            0 => break,
            code => answers.push(code),
        }
    }
    assert_eq!((answers.len(), answers.last()), (22, Some(&421)), "{answers:?}");
    assert!(mail.list().await.is_empty());
}

#[tokio::test]
async fn nothing_is_smuggled_and_any_octets_are_a_message() {
    let data = tempfile::tempdir().unwrap();
    let mail = MailServer::start(data.path(), &[]).await;
    let mut smtp = mail.greeted().await;
    let inside = "MAIL FROM:<admin@demo.example>\r\nRCPT TO:<anna@demo.example>\r\nDATA\r\nSubject: smuggled\r\n";
    for end in ["\n.\n", "\n.\r\n", "\r.\r\n", "\r\n.\n", "\r\n.\r"] {
        let codes = smtp.bring(EVE, &[ANNA], &format!("{}{end}{inside}", letter("outer", "x"))).await;
        assert_eq!(codes, [250, 250, 354, 554], "{end:?}");
    }
    assert!(mail.list().await.is_empty());
    // STARTTLS with something behind it.
    let mut injected = mail.greeted().await;
    injected.send(b"STARTTLS\r\nMAIL FROM:<eve@sender.example>\r\n").await;
    assert_eq!((injected.reply().await.0, injected.reply().await.0), (554, 0));

    let octets: Vec<u8> = (0..=255).filter(|octet| ![b'\r', b'\n'].contains(octet)).collect();
    let strange: [&[u8]; 5] =
        [b"", b"no header at all", &octets, b":\r\n:\r\n\r\n", b"From: \xff\xfe <a@b>\r\n\r\n\0\0"];
    for (number, message) in strange.iter().enumerate() {
        smtp.code("MAIL FROM:<>").await;
        smtp.code(&format!("RCPT TO:<{ANNA}>")).await;
        let chunk = [format!("BDAT {} LAST\r\n", message.len()).as_bytes(), message].concat();
        assert!(smtp.send(&chunk).await);
        assert_eq!(smtp.reply().await.0, 250, "{number}");
    }
    let list = mail.list().await;
    assert_eq!(list.len(), strange.len());
    for record in &list {
        let url = mail.server.url(&format!("/api/v1/mailbox/{}", record["id"].as_str().unwrap()));
        let answer = mail.server.client.get(url).send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-disposition"]),
            (200, &"attachment".parse().unwrap())
        );
        let octets = answer.bytes().await.unwrap();
        assert!(strange.iter().any(|message| octets.ends_with(message)));
    }
}

/// A server whose patience is short.
async fn impatient(data: &std::path::Path) -> (std::net::SocketAddr, oneshot::Sender<()>) {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut settings = Settings::new(data);
    settings.demo = true;
    settings.mail.domains = vec!["demo.example".parse::<AddressDomain>().unwrap()];
    settings.mail.nameservers = vec!["127.0.0.1:9".parse().unwrap()];
    settings.mail.command_time = Duration::from_millis(500);
    settings.mail.message_time = Duration::from_millis(1500);
    settings.mail.conversation_time = Duration::from_secs(4);
    let smtp = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = smtp.local_addr().unwrap();
    let mut serving = Serving::on(TcpListener::bind("127.0.0.1:0").unwrap());
    serving.mail = MailListeners { smtp: Some(smtp), lmtp: None };
    let (stop, stopped) = oneshot::channel::<()>();
    let (ready, is_ready) = oneshot::channel();
    tokio::spawn(async move {
        let shutdown = async { drop(stopped.await) };
        serve(settings, Arc::new(SystemClock), serving, |_| ready.send(()).unwrap(), shutdown).await.unwrap();
    });
    is_ready.await.unwrap();
    (address, stop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_dawdles_is_told_and_left() {
    let data = tempfile::tempdir().unwrap();
    let (address, _stop) = impatient(data.path()).await;
    let too_slow = |(code, text): (u16, String)| assert!(code == 421 && text.starts_with("421 4.4.2 "), "{text}");
    // Nothing is said.
    let began = Instant::now();
    too_slow(Smtp::connect(address).await.reply().await);
    assert!(began.elapsed() < Duration::from_secs(2));
    // An octet now and then buys no time.
    let mut dripping = Smtp::connect(address).await;
    let drip = async {
        while dripping.send(b"N").await {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(3), drip).await.expect("it is left");
    // A message has more time than a command, and no more than it has.
    let mut smtp = Smtp::connect(address).await;
    for line in ["EHLO a", "MAIL FROM:<>", &format!("RCPT TO:<{ANNA}>"), "DATA"] {
        assert!([250, 354].contains(&smtp.code(line).await));
    }
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(1000) {
        assert!(smtp.send(b"line\r\n").await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let drip = async {
        while smtp.send(b"line\r\n").await {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(3), drip).await.expect("it is left");
    assert_eq!(std::fs::read_dir(data.path().join("incoming")).unwrap().count(), 0, "nothing of it is kept");
    // Who goes on for ever ends all the same.
    let mut smtp = Smtp::connect(address).await;
    let began = Instant::now();
    let last = loop {
        match smtp.say("NOOP").await {
            (250, _) => tokio::time::sleep(Duration::from_millis(100)).await,
            other => break other,
        }
    };
    assert!(last.0 == 421 || last.0 == 0, "{last:?}");
    assert!(began.elapsed() < Duration::from_secs(6));
}
