//! Domains that publish that they want to know are told how TLS with their servers fared (TLSRPT), and nobody else is told anything.

use crate::smtp_server::{Authority, Manner, SmtpServer, WebServer};
use crate::world::{World, fate, taken};
use envelock_mail::tls_report::{TlsReport, read_report};
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
        ("ends", 9, None),
    ];
    let wanted = ["good", "dane", "expired", "clear", "forged", "sts", "ends"];
    let record = |name: &str| format!("_smtp._tls.{name}.example. TXT \"v=TLSRPTv1; rua=mailto:tls@good.example\"\n");
    let texts = wanted.map(record).concat() + "_mta-sts.sts.example. TXT \"v=STSv1; id=1\"\n";
    let world = World::with(authority, &domains, "", texts);
    let taking = world.smtp(2, &good, Manner::Good).await;
    let _others = [
        world.smtp(3, &own, Manner::Good).await,
        world.smtp(4, &other, Manner::Good).await,
        world.smtp(5, &expired, Manner::Good).await,
        world.smtp(6, &expired, Manner::NoStartTls).await,
        world.smtp(9, &expired, Manner::EndsAtTls).await,
    ];
    world.at_noon();
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
    assert_eq!(
        by_domain,
        ["clear", "dane", "ends", "expired", "forged", "good", "sts"].map(|name| format!("{name}.example"))
    );
    let read = |index: usize| read_report(reports[index].1.as_bytes()).unwrap();
    for (index, expected) in [
        (0, "no-policy-found (0, 1) 1 starttls-not-supported mx.clear.example"),
        (1, "tlsa (1, 0) "),
        (2, "no-policy-found (0, 1) 1 validation-failure mx.ends.example"),
        (3, "no-policy-found (0, 1) 1 certificate-expired mx.expired.example"),
        (4, "tlsa (0, 1) 1 dnssec-invalid -"),
        (5, "no-policy-found (2, 0) "),
        // There is nobody at its server, either.
        (6, "sts (0, 1) 1 sts-policy-fetch-error -"),
    ] {
        assert_eq!(told(&read(index)), [expected]);
    }
    assert_eq!(read(1).policies[0].policy.policy_string, [format!("3 1 1 {}", own.key)]);
    assert_eq!(read(1).policies[0].policy.policy_domain, "mx.dane.example");
    let (domain, message) = &reports[5];
    let written = message.lines().find_map(|line| line.strip_prefix("Date: ")).unwrap();
    let written = Command::new("date").args(["-d", written, "+%s"]).output().unwrap().stdout;
    let written: i64 = String::from_utf8(written).unwrap().trim().parse().unwrap();
    let day = read(5).date_range.start_datetime.to_timestamp();
    assert!((day + DAY + 16 * 3600..day + 2 * DAY).contains(&written), "by the server's clock");
    assert!(read(5).report_id.ends_with(".good.example@localhost"), "{}", read(5).report_id);
    assert!(message.starts_with("DKIM-Signature:") && message.contains("d=demo.example"), "{message}");
    assert!(message.contains("\r\nFrom: <postmaster@demo.example>\r\n"), "{message}");
    assert!(message.contains("\r\nTLS-Report-Submitter: demo.example\r\n"), "{message}");
    assert!(taking.sealed().contains("MAIL FROM:<postmaster@demo.example>"), "{domain}");

    // What our operator sees of such a message.
    let mut shown = Command::new(env!("CARGO_BIN_EXE_envelock-server"));
    let mut shown = shown.arg("tls-report").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    shown.stdin.take().unwrap().write_all(reports[3].1.as_bytes()).unwrap();
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

/// Whose servers prove nothing is told that, under TLS; of somebody else's, who has no such trouble, proof is asked.
#[tokio::test]
async fn a_domain_whose_own_servers_prove_nothing_is_told_under_tls_or_not_at_all() {
    let authority = Authority::new();
    let (good, expired) = (authority.issue("mx.good.example", false), authority.issue("mx.expired.example", true));
    let domains = [("expired", 2, None), ("clear", 3, None), ("other", 4, None)];
    let record = |(name, at): (&str, &str)| {
        format!("_smtp._tls.{name}.example. TXT \"v=TLSRPTv1; rua=MAILTO:tl%73@{at}.example\"\n")
    };
    let policy = "_mta-sts.expired.example. TXT \"v=STSv1; id=1\"\n";
    let texts = [("expired", "expired"), ("clear", "clear"), ("other", "expired")].map(record).concat() + policy;
    let world = World::with(authority, &domains, "", texts);
    let own = world.smtp(2, &expired, Manner::Good).await;
    let clear = world.smtp(3, &good, Manner::NoStartTls).await;
    let _other = world.smtp(4, &good, Manner::Good).await;
    world.at_noon();
    let server = world.server(&[]).await;
    let id = taken(&server, "a@expired.example,a@clear.example,a@other.example").await;
    fate(&server, &id, &["delayed"]).await;
    assert_eq!(own.messages(), [""; 0], "no mail");
    world.wait(DAY + 4 * 3600);
    let reports = reports(&own, 1).await;
    assert_eq!(reports[0].0, "expired.example");
    // The mail is tried again as well, and each try at the others' reports fails.
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(own.messages().len(), 1);
    assert!(own.sealed().contains("RCPT TO:<tls@expired.example>"), "{}", own.sealed());
    for server in [&own, &clear] {
        let said = server.clear();
        assert!(said.lines().all(|line| ["EHLO localhost", "STARTTLS", "QUIT"].contains(&line)), "{said}");
    }
    assert!(clear.seen.lock().unwrap().connections >= 2, "it was tried");
}

#[tokio::test]
async fn what_kept_a_policy_or_a_server_from_counting_is_told() {
    let authority = Authority::new();
    let all = "mx.good.example,mx.keys.example,mx.host.example,mx.named.example";
    let (mx, web) = (authority.issue(all, false), authority.issue("mta-sts.named.example", false));
    let names = ["good", "keys", "host", "named"];
    let domains = [("good", 2, None), ("keys", 3, None), ("host", 4, None), ("named", 5, None)];
    let record = |name: &str| format!("_smtp._tls.{name}.example. TXT \"v=TLSRPTv1; rua=mailto:tls@good.example\"\n");
    let mut texts = names[1..].iter().map(|name| record(name)).collect::<String>();
    // For authorities of the web, which is not for mail (RFC 7672 §3.1.3).
    texts += &format!("_25._tcp.mx.keys.example. TLSA 1 1 1 {}\n", mx.key);
    texts += "_mta-sts.host.example. TXT \"v=STSv1; id=1\"\n_mta-sts.named.example. TXT \"v=STSv1; id=1\"\n";
    texts += "named.example. MX 5 mx.first.example.\nmx.first.example. A 127.0.0.6\n";
    let world = World::with(authority, &domains, "", texts);
    let mut servers = Vec::new();
    for last in 2..=6 {
        servers.push(world.smtp(last, &mx, Manner::Good).await);
    }
    let policy = "version: STSv1\r\nmode: enforce\r\nmx: mx.named.example\r\nmax_age: 604800\r\n";
    let ok = "200 OK\r\nContent-Type: text/plain";
    let answers = vec![("mta-sts.named.example", ok, policy), ("mta-sts.host.example", ok, policy)].leak();
    let policies = WebServer::start(&web, answers).await;
    let (to, file) = (policies.address.to_string(), world.data.path().join("authority.pem"));
    let hosts = "mta-sts.named.example,mta-sts.host.example";
    let lookups =
        ["--test-lookup-to", &to, "--test-lookup-hosts", hosts, "--test-lookup-authority", file.to_str().unwrap()];
    world.at_noon();
    let server = world.server(&lookups).await;
    let id = taken(&server, &names.map(|name| format!("a@{name}.example")).join(",")).await;
    fate(&server, &id, &["sent"]).await;
    assert_eq!(servers[4].seen.lock().unwrap().connections, 0, "no policy names it");
    world.wait(DAY + 4 * 3600);
    let reports = reports(&servers[0], 3).await;
    let told: Vec<Vec<String>> =
        reports.iter().map(|(_, message)| told(&read_report(message.as_bytes()).unwrap())).collect();
    assert_eq!(told[0], ["sts (0, 1) 1 sts-webpki-invalid -", "no-policy-found (1, 0) "]);
    assert_eq!(told[1], ["tlsa (0, 1) 1 tlsa-invalid mx.keys.example", "no-policy-found (1, 0) "]);
    assert_eq!(told[2], ["sts (1, 1) 1 validation-failure mx.first.example"]);
}

#[tokio::test]
async fn days_of_utc_are_told_apart() {
    let authority = Authority::new();
    let good = authority.issue("mx.good.example", false);
    let record = "_smtp._tls.good.example. TXT \"v=TLSRPTv1; rua=mailto:tls@good.example\"\n";
    let world = World::with(authority, &[("good", 2, None)], "", record.to_owned());
    let taking = world.smtp(2, &good, Manner::Good).await;
    world.at_noon();
    world.wait(DAY / 2 - 60);
    let server = world.server(&[]).await;
    for recipients in ["a@good.example", "b@good.example", "c@good.example"] {
        let id = taken(&server, recipients).await;
        fate(&server, &id, &["sent"]).await;
        world.wait(30);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    world.wait(DAY + 4 * 3600);
    let reports = reports(&taking, 2).await;
    let mut read: Vec<TlsReport> =
        reports.iter().map(|(_, message)| read_report(message.as_bytes()).unwrap()).collect();
    read.sort_by_key(|report| report.date_range.start_datetime.to_timestamp());
    let days: Vec<i64> = read.iter().map(|report| report.date_range.start_datetime.to_timestamp()).collect();
    assert_eq!(days[1] - days[0], DAY);
    assert_ne!(read[0].report_id, read[1].report_id);
    assert_eq!(read.iter().map(told).collect::<Vec<_>>(), [["no-policy-found (2, 0) "], ["no-policy-found (1, 0) "]]);
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
