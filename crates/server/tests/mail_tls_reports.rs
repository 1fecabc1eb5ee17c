//! Domains that publish that they want to know are told how TLS with their servers fared (TLSRPT), and nobody else is told anything.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod mail_world;
#[path = "../../mail/tests/signed_zone/mod.rs"]
mod signed_zone;
mod smtp_server;
mod testbed;

use envelock_mail::tls_report::{TlsReport, read_report};
use mail_world::{World, fate, taken};
use smtp_server::{Authority, Manner, SmtpServer};
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

const DAY: i64 = 24 * 3600;

/// Once there are so many messages: the reports among them, by the domain they are on.
async fn reports(smtp: &SmtpServer, count: usize) -> Vec<(String, String)> {
    for _ in 0..300 {
        let messages = smtp.messages();
        let mut found: Vec<(String, String)> = messages
            .into_iter()
            .filter_map(|message| {
                let field = message.lines().find_map(|line| line.strip_prefix("TLS-Report-Domain: "))?;
                Some((field.to_owned(), message.clone()))
            })
            .collect();
        if found.len() >= count {
            found.sort();
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{:?}", smtp.messages());
}

/// Policies with their sums and failures.
fn told(report: &TlsReport) -> Vec<String> {
    let policy = |one: &envelock_mail::tls_report::Policy| {
        let kind = serde_json::to_value(one.policy.policy_type).unwrap();
        let sums = (one.summary.total_success, one.summary.total_failure);
        let failures: Vec<String> = one
            .failure_details
            .iter()
            .map(|one| {
                let result = serde_json::to_value(one.result_type).unwrap();
                let server = one.receiving_mx_hostname.as_deref().unwrap_or("-");
                format!("{} {} {server}", one.failed_session_count, result.as_str().unwrap())
            })
            .collect();
        format!("{} {sums:?} {}", kind.as_str().unwrap(), failures.join(", "))
    };
    report.policies.iter().map(policy).collect()
}

#[tokio::test]
async fn who_wants_to_know_is_told_of_the_day_when_it_is_over() {
    let authority = Authority::new();
    let (good, own, other) = (
        authority.issue("mx.good.example", false),
        authority.issue("mx.dane.example", true),
        authority.issue("mx.quiet.example", false),
    );
    let expired = authority.issue("mx.expired.example", true);
    let forged = "cafecafecafecafecafecafecafecafecafecafecafecafecafecafecafecafe";
    let domains = [
        ("good", 2, None),
        ("dane", 3, Some(own.key.as_str())),
        ("quiet", 4, None),
        ("expired", 5, None),
        ("clear", 6, None),
        ("forged", 7, Some(forged)),
        ("sts", 8, None),
    ];
    let wanted = ["good", "dane", "expired", "clear", "forged", "sts"];
    let record = |name: &str| format!("_smtp._tls.{name}.example. TXT \"v=TLSRPTv1; rua=mailto:tls@good.example\"\n");
    let texts = wanted.map(record).concat() + "_mta-sts.sts.example. TXT \"v=STSv1; id=1\"\n";
    let world = World::with(authority, &domains, "", texts);
    let taking = world.smtp(2, &good, Manner::Good).await;
    let _others = [
        world.smtp(3, &own, Manner::Good).await,
        world.smtp(4, &other, Manner::Good).await,
        world.smtp(5, &expired, Manner::Good).await,
        world.smtp(6, &expired, Manner::NoStartTls).await,
    ];
    let server = world.server(&[]).await;
    let all = domains.map(|(name, ..)| format!("a@{name}.example")).join(",");
    let id = taken(&server, &all).await;
    fate(&server, &id, &["sent", "delayed"]).await;
    let id = taken(&server, "b@good.example").await;
    fate(&server, &id, &["sent"]).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(taking.messages().len(), 2, "the day is not over");

    world.wait(DAY + 4 * 3600);
    let reports = reports(&taking, wanted.len()).await;
    let by_domain: Vec<&str> = reports.iter().map(|(domain, _)| domain.as_str()).collect();
    assert_eq!(by_domain, ["clear", "dane", "expired", "forged", "good", "sts"].map(|name| format!("{name}.example")));
    let read = |index: usize| read_report(reports[index].1.as_bytes()).unwrap();
    for (index, expected) in [
        (0, "no-policy-found (0, 1) 1 starttls-not-supported mx.clear.example"),
        (1, "tlsa (1, 0) "),
        (2, "no-policy-found (0, 1) 1 certificate-expired mx.expired.example"),
        (3, "tlsa (0, 1) 1 dnssec-invalid -"),
        (4, "no-policy-found (2, 0) "),
        // There is nobody at its server, either.
        (5, "sts (0, 1) 1 sts-policy-fetch-error -"),
    ] {
        assert_eq!(told(&read(index)), [expected]);
    }
    assert_eq!(read(1).policies[0].policy.policy_string, [format!("3 1 1 {}", own.key)]);
    assert_eq!(read(1).policies[0].policy.policy_domain, "mx.dane.example");
    let (domain, message) = &reports[4];
    assert!(message.starts_with("DKIM-Signature:") && message.contains("d=demo.example"), "{message}");
    assert!(message.contains("\r\nFrom: <postmaster@demo.example>\r\n"), "{message}");
    assert!(message.contains("\r\nTLS-Report-Submitter: demo.example\r\n"), "{message}");
    assert!(taking.sealed().contains("MAIL FROM:<postmaster@demo.example>"), "{domain}");

    // What our operator sees of such a message.
    let mut shown = Command::new(env!("CARGO_BIN_EXE_envelock-server"));
    let mut shown = shown.arg("tls-report").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    shown.stdin.take().unwrap().write_all(reports[2].1.as_bytes()).unwrap();
    let shown = String::from_utf8(shown.wait_with_output().unwrap().stdout).unwrap();
    let lines: Vec<&str> = shown.lines().collect();
    assert!(lines[0].starts_with("demo.example\t20"), "{shown}");
    assert_eq!(lines[1], "expired.example\tno policy\t0 well\t1 failed");
    assert_eq!(lines[2], "\t1\tcertificate-expired\tmx.expired.example\t");

    // Nobody is told twice, nor of the sessions that brought the reports.
    world.wait(DAY);
    tokio::time::sleep(Duration::from_secs(5)).await;
    let count = taking.messages().iter().filter(|message| message.contains("TLS-Report-Domain")).count();
    let again = taking.messages().iter().filter(|message| message.contains("TLS-Report-Domain: good.example")).count();
    assert_eq!(again, 1, "of {count}");
}

#[tokio::test]
async fn nobody_is_told_by_a_server_that_tells_nobody() {
    let authority = Authority::new();
    let good = authority.issue("mx.good.example", false);
    let record = "_smtp._tls.good.example. TXT \"v=TLSRPTv1; rua=mailto:tls@good.example\"\n";
    let world = World::with(authority, &[("good", 2, None)], "", record.to_owned());
    let taking = world.smtp(2, &good, Manner::Good).await;
    let server = world.server(&["--no-tls-reports"]).await;
    let id = taken(&server, "a@good.example").await;
    fate(&server, &id, &["sent"]).await;
    world.wait(DAY + 4 * 3600);
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(taking.messages().len(), 1);
}
