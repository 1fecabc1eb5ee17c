//! How loudly is warned of what arrived: what DNS says of the domain in From, when it says it.

use crate::testbed::smtp::{ANNA, MailServer, letter, summary};
use crate::zone::{NameServer, Records, texts};

const EVE: &str = "eve@sender.example";

#[tokio::test]
async fn a_forged_message_raises_red_and_one_that_its_domain_answers_for_raises_none() {
    let data = tempfile::tempdir().unwrap();
    let dns = NameServer::start(texts(&[
        ("sender.example", "v=spf1 ip4:127.0.0.1 -all"),
        ("_dmarc.sender.example", "v=DMARC1; p=reject"),
        ("board.example", "v=spf1 -all"),
        ("_dmarc.board.example", "v=DMARC1; p=reject"),
    ]))
    .await;
    let nameserver = dns.address().to_string();
    let mail = MailServer::start(data.path(), &["--mail-nameserver", &nameserver]).await;
    let mut smtp = mail.greeted().await;
    assert_eq!(smtp.bring(EVE, &[ANNA], &letter("good", "x")).await, [250, 250, 354, 250]);
    let forged =
        letter("forged", "x").replace("From: Eve <eve@sender.example>", "From: The board <chair@board.example>");
    assert_eq!(smtp.bring(EVE, &[ANNA], &forged).await, [250, 250, 354, 250]);
    let list = mail.wait(|list| list.len() == 2 && list.iter().all(|one| one["verdict"]["alarm"] != "grey")).await;
    let of = |name: &str| list.iter().find(|one| summary(one).contains(name)).unwrap();
    let (good, forged) = (of("good"), of("forged"));
    assert_eq!((&good["verdict"]["alarm"], &good["verdict"]["reasons"][0]), (&"none".into(), &"aligned".into()));
    assert_eq!(forged["verdict"]["alarm"], "red");
    assert_eq!(forged["verdict"]["reasons"][0], "disowned-by-policy");
    assert_eq!(forged["verdict"]["evidence"]["dmarc"]["result"], "fail");
    let field = "Authentication-Results: localhost;\r\n\tspf=pass smtp.mailfrom=sender.example;\r\n\tdkim=none;\r\n\tdmarc=fail header.from=board.example\r\n";
    assert!(mail.read(forged).await.contains(field));
}

/// Whoever registers a domain answers for it: that says nothing for whom it is taken for.
#[tokio::test]
async fn whoever_looks_like_somebody_else_is_told_though_their_own_domain_answers_for_them() {
    let data = tempfile::tempdir().unwrap();
    let senders = ["dem0.example", "sender.example"];
    let dns = NameServer::start(texts(&senders.map(|domain| (domain, "v=spf1 ip4:127.0.0.1 -all")))).await;
    let nameserver = dns.address().to_string();
    let mail = MailServer::start(data.path(), &["--mail-nameserver", &nameserver]).await;
    let mut smtp = mail.greeted().await;
    for (name, from, sender) in [
        ("ours", "The board <chair@dem0.example>", "chair@dem0.example"),
        ("named", "\"chair@demo.example\" <eve@sender.example>", EVE),
        ("honest", "Eve <eve@sender.example>", EVE),
    ] {
        let message = letter(name, "x").replace("Eve <eve@sender.example>", from);
        assert_eq!(smtp.bring(sender, &[ANNA], &message).await, [250, 250, 354, 250]);
    }
    let list = mail.wait(|list| list.len() == 3 && list.iter().all(|one| one["verdict"]["alarm"] != "grey")).await;
    for (name, alarm, reason) in
        [("ours", "red", "looks-like-ours"), ("named", "amber", "name-of-another"), ("honest", "none", "aligned")]
    {
        let verdict = &list.iter().find(|one| summary(one).contains(name)).unwrap()["verdict"];
        assert_eq!((&verdict["alarm"], &verdict["reasons"][0]), (&alarm.into(), &reason.into()), "{verdict}");
        assert_eq!(verdict["evidence"]["spf"]["result"], "pass");
    }
}

/// Nobody is alarmed because a name server is down, and nobody has to do anything when it is up again.
#[tokio::test]
async fn an_outage_of_dns_raises_grey_and_clears_itself() {
    let data = tempfile::tempdir().unwrap();
    let clock = data.path().join("clock");
    std::fs::write(&clock, "0").unwrap();
    let mut zone = texts(&[]);
    for name in ["sender.example", "_dmarc.sender.example", "example"] {
        zone.insert(name.to_owned(), Records { fails: true, ..Records::default() });
    }
    let dns = NameServer::start(zone).await;
    let nameserver = dns.address().to_string();
    let options = ["--mail-nameserver", &nameserver, "--test-clock-file", clock.to_str().unwrap()];
    let mail = MailServer::start(data.path(), &options).await;
    let codes = mail.greeted().await.bring(EVE, &[ANNA], &letter("outage", "x")).await;
    assert_eq!(codes, [250, 250, 354, 250], "it is taken all the same");
    let list = mail.wait(|list| list[0]["verdict"]["evidence"].is_object()).await;
    assert_eq!(
        (&list[0]["verdict"]["alarm"], &list[0]["verdict"]["reasons"][0]),
        (&"grey".into(), &"no-answer".into())
    );
    let sound = |text: &str| Records { data: vec![crate::zone::txt(text)], fails: false };
    dns.set("sender.example", sound("v=spf1 ip4:127.0.0.1 -all"));
    dns.set("_dmarc.sender.example", sound("v=DMARC1; p=reject"));
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert_eq!(mail.list().await[0]["verdict"]["alarm"], "grey", "not asked again at once");
    std::fs::write(&clock, "61").unwrap();
    let list = mail.wait(|list| list[0]["verdict"]["alarm"] == "none").await;
    assert_eq!(list[0]["verdict"]["reasons"][0], "aligned");
}
