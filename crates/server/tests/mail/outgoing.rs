//! Mail goes out under TLS to servers that prove who they are, or not at all, and its writer sees what became of it.

use crate::smtp_server::{Authority, Manner, SmtpServer, WebServer};
use crate::world::{MESSAGE, World, at, fate, recipients, send, taken};
use serde_json::Value;
use std::time::Duration;

const TRIED: &[&str] = &["sent", "failed", "delayed"];

#[tokio::test]
async fn delivered_where_the_server_proves_who_it_is() {
    let authority = Authority::new();
    let (good, own, third) = (
        authority.issue("mx.good.example", false),
        Authority::new().issue("other.example", true),
        authority.issue("mx.insecure", false),
    );
    let domains = [("good", 2, None), ("dane", 3, Some(own.key.as_str())), ("gone", 4, None)];
    let world = World::new(authority, &domains, "mail MX 10 mx\nmx A 127.0.0.5\n");
    let server = world.server(&[]).await;
    let by_authority = world.smtp(2, &good, Manner::Good).await;
    // Nobody's certificate, over and for another name: DNSSEC names its key.
    let by_dane = world.smtp(3, &own, Manner::Good).await;
    let unsigned = world.smtp(5, &third, Manner::Good).await;
    let to = "bert@good.example,b%40x@dane.example,c@good.example,d@none.example,e@nothing.example,f@gone.example";
    assert_eq!(send(&server, "b%40x@dane.example", MESSAGE).await.status(), 400, "a local part that needs quotes");
    let id = taken(&server, &to.replace("b%40x", "b%C3%BC")).await;
    let fates = fate(&server, &id, TRIED).await;
    assert_eq!(
        fates,
        ["sent", "failed unsupported", "sent", "failed takes-no-mail", "failed no-such-domain", "delayed unreachable"]
    );
    let id = taken(&server, "b@dane.example,%67@mail.insecure").await;
    assert_eq!(fate(&server, &id, TRIED).await, ["sent", "sent"]);
    for one in [&by_authority, &by_dane] {
        assert_eq!(one.clear().replace("EHLO localhost\r\nSTARTTLS\r\n", ""), "", "nothing but our name");
    }
    let [message] = &by_authority.messages()[..] else { panic!("once for two at one domain") };
    assert!(message.starts_with("DKIM-Signature:") && message.contains("d=demo.example"), "{message}");
    assert!(message.ends_with("\r\nsecret words\r\n") && !message.contains("hidden@"), "{message}");
    assert!(by_authority.sealed().contains("MAIL FROM:<anna@demo.example>\r\n"));
    assert!(
        by_dane.sealed().contains("MAIL FROM:<anna@demo.example> REQUIRETLS\r\n"),
        "where it is sure to be the one"
    );
    assert!(by_authority.sealed().contains("RCPT TO:<c@good.example>"));
    assert_eq!((by_dane.messages().len(), unsigned.messages().len()), (1, 1));
}

#[tokio::test]
async fn nothing_is_told_to_a_server_that_does_not_prove_who_it_is() {
    let authority = Authority::new();
    let forged = "cafecafecafecafecafecafecafecafecafecafecafecafecafecafecafecafe";
    let domains = [
        ("clear", 2, None),
        ("refuses", 3, None),
        ("injects", 4, None),
        ("expired", 5, None),
        ("name", 6, None),
        ("unknown", 7, None),
        ("dane", 8, Some("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")),
        ("forged", 9, Some(forged)),
    ];
    let good = |name: &str| authority.issue(&format!("mx.{name}.example"), false);
    let certificates = [
        (2, good("clear"), Manner::NoStartTls),
        (3, good("refuses"), Manner::RefusesTls),
        (4, good("injects"), Manner::Injects),
        (5, authority.issue("mx.expired.example", true), Manner::Good),
        (6, good("other"), Manner::Good),
        (7, Authority::new().issue("mx.unknown.example", false), Manner::Good),
        (8, good("dane"), Manner::Good),
        (9, good("forged"), Manner::Good),
    ];
    let expected = [
        "no-tls",
        "tls-refused",
        "injected",
        "certificate-expired",
        "certificate-name",
        "certificate-unknown",
        "not-by-dane",
        "dns-bogus",
    ];
    let world = World::new(authority, &domains, "");
    let mut servers = Vec::new();
    for (last, certificate, manner) in &certificates {
        servers.push(world.smtp(*last, certificate, *manner).await);
    }
    let server = world.server(&[]).await;
    let to: Vec<String> = domains.iter().map(|(name, ..)| format!("bert@{name}.example")).collect();
    let id = taken(&server, &to.join(",")).await;
    let late: Vec<String> = expected.iter().map(|reason| format!("delayed {reason}")).collect();
    assert_eq!(fate(&server, &id, &["delayed"]).await, late);
    assert!(recipients(&server, &id).await.iter().all(|one| one["next"].is_string()), "each is tried again");
    // Tried again, and given up when its time is over.
    world.wait(4 * 24 * 3600);
    // The session was over before.
    server.login().await;
    let failed: Vec<String> = expected.iter().map(|reason| format!("failed {reason}")).collect();
    assert_eq!(fate(&server, &id, &["failed"]).await, failed);
    for (smtp, (name, ..)) in servers.iter().zip(domains) {
        let connections = smtp.seen.lock().unwrap().connections;
        assert_eq!(connections, if name == "forged" { 0 } else { 2 }, "{name}");
        let told = smtp.clear() + &smtp.sealed();
        for word in ["anna", "bert", "MAIL", "secret", "hidden"] {
            assert!(!told.contains(word), "{name} was told {told}");
        }
        assert!(smtp.messages().is_empty());
    }
}

#[tokio::test]
async fn each_recipient_fares_alone_and_is_tried_again() {
    let authority = Authority::new();
    let (late, nobody) = (authority.issue("mx.late.example", false), authority.issue("mx.nobody.example", false));
    let world = World::new(authority, &[("late", 2, None), ("nobody", 3, None)], "");
    let (greylists, knows_nobody) =
        (world.smtp(2, &late, Manner::Greylists).await, world.smtp(3, &nobody, Manner::KnowsNobody).await);
    let server = world.server(&[]).await;
    let id = taken(&server, "a@late.example,b@nobody.example").await;
    assert_eq!(fate(&server, &id, TRIED).await, ["delayed refused", "failed refused"]);
    let replies: Vec<Value> = recipients(&server, &id).await.iter().map(|one| one["reply"].clone()).collect();
    assert_eq!(replies, ["450 come again", "550 5.1.1 nobody here by this name"]);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(greylists.seen.lock().unwrap().connections, 1, "not before its time");
    world.wait(301);
    assert_eq!(fate(&server, &id, &["sent", "failed"]).await, ["sent", "failed refused"]);
    assert_eq!((greylists.messages().len(), knows_nobody.messages().len()), (1, 0));
}

#[tokio::test]
async fn what_is_taken_back_is_not_sent() {
    let authority = Authority::new();
    let late = authority.issue("mx.late.example", false);
    let world = World::new(authority, &[("late", 2, None)], "");
    let greylists = world.smtp(2, &late, Manner::Greylists).await;
    let server = world.server(&[]).await;
    let id = taken(&server, "a@late.example").await;
    fate(&server, &id, &["delayed"]).await;
    let withdraw = async |id: &str| {
        let call = server.client.delete(server.url(&format!("/api/v1/outgoing/{id}")));
        call.header("origin", &server.origin).send().await.unwrap().status()
    };
    assert_eq!(withdraw(&id).await, 204);
    assert_eq!(withdraw("AAAAAAAAAAAAAAAAAAAAAA").await, 404);
    assert_eq!(fate(&server, &id, &["withdrawn"]).await, ["withdrawn refused"]);
    world.wait(3600);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(greylists.messages().is_empty());
}

/// A server that was killed goes on where it was: what was not taken for certain is sent again, and what was is not.
#[tokio::test]
async fn killed_in_the_middle_nothing_is_lost() {
    let authority = Authority::new();
    let (good, silent) = (authority.issue("mx.good.example", false), authority.issue("mx.silent.example", false));
    let world = World::new(authority, &[("good", 2, None), ("silent", 3, None)], "");
    let taking = world.smtp(2, &good, Manner::Good).await;
    let never_answers = world.smtp(3, &silent, Manner::Silent).await;
    let mut server = world.server(&[]).await;
    let id = taken(&server, "a@good.example,b@silent.example").await;
    for _ in 0..600 {
        if !never_answers.messages().is_empty() && recipients(&server, &id).await[0]["state"] == "sent" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    server.kill();
    drop(never_answers);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let answers = world.smtp(3, &silent, Manner::Good).await;
    let server = world.server(&[]).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(answers.messages().is_empty(), "somebody else might be at it");
    world.wait(16 * 60);
    assert_eq!(fate(&server, &id, &["sent"]).await, ["sent", "sent"]);
    assert_eq!((taking.messages().len(), answers.messages().len()), (1, 1));
}

#[tokio::test]
async fn only_ones_own_mail_is_taken_and_not_without_end() {
    let world = World::new(Authority::new(), &[("good", 2, None)], "");
    let server = world.server(&["--messages-per-minute", "6"]).await;
    let foreign = MESSAGE.replace("anna@demo", "boss@demo");
    let bare = MESSAGE.replace("\r\n\r\nsecret", "\n\nsecret");
    for (recipients, message) in [("a@good.example", foreign.as_str()), ("a@good.example", &bare)] {
        let answer = send(&server, recipients, message).await;
        assert_eq!(answer.status(), 400);
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], "invalid-request");
    }
    let many: Vec<String> = (0..101).map(|number| format!("a{number}@good.example")).collect();
    for recipients in ["", "a", "a@b", "a@192.0.2.1", "a@localhost", "%ff@good.example", &many.join(",")] {
        assert_eq!(send(&server, recipients, MESSAGE).await.status(), 400, "{recipients}");
    }
    taken(&server, &many[..100].join(",")).await;
    for _ in 0..3 {
        taken(&server, "a@good.example").await;
    }
    let refused = send(&server, "a@good.example", MESSAGE).await;
    assert_eq!((refused.status().as_u16(), refused.headers().contains_key("retry-after")), (429, true));
    assert_eq!(refused.json::<Value>().await.unwrap()["tooMany"], "messages");
    let list: Value = server.client.get(server.url("/api/v1/outgoing")).send().await.unwrap().json().await.unwrap();
    assert_eq!(list["messages"].as_array().unwrap().len(), 4, "of six two were refused");
}

#[tokio::test]
async fn how_a_domain_is_protected() {
    let authority = Authority::new();
    let key = authority.issue("mx.dane.example", false).key;
    let world = World::new(
        authority,
        &[
            ("good", 2, None),
            ("dane", 3, Some(&key)),
            ("forged", 4, Some("cafecafecafecafecafecafecafecafecafecafecafecafecafecafecafecafe")),
        ],
        "",
    );
    let server = world.server(&[]).await;
    for (address, transport) in [
        ("a@dane.example", "dane"),
        ("a@good.example", "tls"),
        ("a@forged.example", "unknown"),
        ("a@none.example", "none"),
        ("a@nothing.example", "none"),
    ] {
        let url = server.url(&format!("/api/v1/outgoing/protection?address={address}"));
        let answer: Value = server.client.get(url).send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["transport"], transport, "{address}");
    }
}

const POLICIES: &[(&str, &str, &str)] = &[
    (
        "mta-sts.good.example",
        "200 OK\r\nContent-Type: text/plain; charset=utf-8",
        "version: STSv1\r\nmode: enforce\r\nmx: mx.good.example\r\nmax_age: 604800\r\n",
    ),
    (
        "mta-sts.other.example",
        "200 OK\r\nContent-Type: text/plain",
        "version: STSv1\nmode: enforce\nmx: mx.elsewhere.example\nmax_age: 604800\n",
    ),
    (
        "mta-sts.moved.example",
        "301 Moved Permanently\r\nLocation: https://mta-sts.other.example/.well-known/mta-sts.txt",
        "",
    ),
    (
        "mta-sts.page.example",
        "200 OK\r\nContent-Type: text/html",
        "version: STSv1\nmode: enforce\nmx: mx.elsewhere.example\nmax_age: 604800\n",
    ),
];

#[tokio::test]
async fn a_policy_says_which_servers_and_goes_on_to_when_it_cannot_be_asked_for() {
    let authority = Authority::new();
    let names = ["good", "other", "moved", "page"];
    let of_all = |prefix: &str| names.map(|name| format!("{prefix}.{name}.example")).join(",");
    let (web, mx) = (authority.issue(&of_all("mta-sts"), false), authority.issue(&of_all("mx"), false));
    let domains = [("good", 2, None), ("other", 3, None), ("moved", 4, None), ("page", 5, None)];
    let texts = names.map(|name| format!("_mta-sts.{name}.example. TXT \"v=STSv1; id=1\"\n")).concat();
    let mut world = World::with(authority, &domains, "", texts);
    let mut servers = Vec::new();
    for (_, last, _) in domains {
        servers.push(world.smtp(last, &mx, Manner::Good).await);
    }
    let policies = WebServer::start(&web, POLICIES).await;
    let (to, file) = (policies.address.to_string(), world.data.path().join("authority.pem"));
    let hosts = of_all("mta-sts");
    let lookups =
        ["--test-lookup-to", &to, "--test-lookup-hosts", &hosts, "--test-lookup-authority", file.to_str().unwrap()];
    let server = world.server(&lookups).await;
    let id = taken(&server, &names.map(|name| format!("a@{name}.example")).join(",")).await;
    let expected = ["sent", "delayed against-policy", "sent", "sent"];
    assert_eq!(fate(&server, &id, TRIED).await, expected, "no redirect is followed, and no page is a policy");
    assert_eq!(servers[1].seen.lock().unwrap().connections, 0);
    drop((server, policies));
    // Nobody ends a policy who keeps back that there is one, or has another one announced and not to be had (RFC 8461 §10.2).
    world.publish(&domains, "_mta-sts.good.example. TXT \"v=STSv1; id=2\"\n".to_owned());
    let server = world.server(&lookups).await;
    let mut transports = Vec::new();
    for name in names {
        let url = server.url(&format!("/api/v1/outgoing/protection?address=a@{name}.example"));
        let answer: Value = server.client.get(url).send().await.unwrap().json().await.unwrap();
        transports.push(answer["transport"].clone());
    }
    assert_eq!(transports, ["mta-sts", "unknown", "tls", "tls"]);
}

#[tokio::test]
async fn a_smarthost_proves_who_it_is_before_it_hears_the_password() {
    let authority = Authority::new();
    let (good, other) = (authority.issue("localhost", false), authority.issue("mx.other.example", false));
    let world = World::new(authority, &[], "");
    let password = world.data.path().join("password");
    std::fs::write(&password, "secret\n").unwrap();
    for (certificate, expected) in [(&good, "sent"), (&other, "delayed certificate-name")] {
        let smart = SmtpServer::start(at(1, 0), certificate, Manner::Good).await;
        let place = format!("localhost:{}", smart.address.port());
        let server = world.server(&["--smarthost", &place]).await;
        let id = taken(&server, "a@nothing.example").await;
        assert_eq!(fate(&server, &id, TRIED).await, [expected]);
        assert_eq!(smart.messages().len(), usize::from(expected == "sent"));
    }
    for (manner, expected) in [(Manner::WantsPassword, "sent"), (Manner::Good, "delayed refused")] {
        let smart = SmtpServer::start(at(1, 0), &good, manner).await;
        let place = format!("localhost:{}", smart.address.port());
        let file = password.to_str().unwrap();
        let login = ["--smarthost", &place, "--smarthost-user", "anna", "--smarthost-password-file", file];
        let server = world.server(&login).await;
        let id = taken(&server, "a@nothing.example").await;
        assert_eq!(fate(&server, &id, TRIED).await, [expected]);
        assert_eq!(smart.sealed().contains("MAIL"), expected == "sent", "where no password is taken nothing is told");
        assert_eq!(smart.clear(), "EHLO localhost\r\nSTARTTLS\r\n");
    }
}
