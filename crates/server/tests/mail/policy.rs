//! What whoever sends to the server's domains is to insist on (MTA-STS), as it is served and as DNS points to it.

use crate::testbed::spawned::Spawned;
use envelock_mail::route::{StsMode, StsPolicy, sts_id};
use std::process::Command;

const PATH: &str = "/.well-known/mta-sts.txt";

/// Status, type and body for this host. What the certificate is for does not matter here.
fn get(port: u16, host: &str, version: &str) -> (String, String) {
    let output = Command::new("curl")
        .args(["-sk", version, "-w", "\n%{http_code} %{content_type}"])
        .args(["--resolve", &format!("{host}:{port}:127.0.0.1"), &format!("https://{host}:{port}{PATH}")])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let (body, told) = said.rsplit_once('\n').unwrap();
    (told.to_owned(), body.to_owned())
}

#[tokio::test]
async fn a_policy_stands_at_the_host_of_each_domain_and_nowhere_else() {
    let data = tempfile::tempdir().unwrap();
    let named =
        ["--public-name", "mail.demo.example", "--mail-domain", "demo.example", "--mail-domain", "other.example"];
    let server = Spawned::start(data.path(), &[&named[..], &["--mta-sts", "enforce"]].concat()).await;
    let expected =
        StsPolicy { mode: StsMode::Enforce, mx: vec!["mail.demo.example".to_owned()], max_age: 604_800 }.serialize();
    for version in ["--http1.1", "--http2"] {
        for host in ["mta-sts.demo.example", "MTA-STS.other.example"] {
            assert_eq!(get(server.port(), host, version), ("200 text/plain".to_owned(), expected.clone()), "{host}");
        }
        for host in ["demo.example", "mail.demo.example", "mta-sts.third.example", "localhost"] {
            let (told, body) = get(server.port(), host, version);
            assert!(told.starts_with("404 ") && !body.contains("STSv1"), "{host}: {told} {body}");
        }
    }
    drop(server);
    let server = Spawned::start(data.path(), &named).await;
    assert!(get(server.port(), "mta-sts.demo.example", "--http2").0.starts_with("404 "), "nobody asked for any");

    let published = |more: &[&str]| {
        let mut dns = Command::new(env!("CARGO_BIN_EXE_envelock-server"));
        dns.arg("dns").args(named).args(more).arg("--data-dir").arg(data.path());
        let output = dns.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let id = |lines: &str| {
        let line = lines.lines().find_map(|line| line.strip_prefix("_mta-sts.other.example. IN TXT ")).unwrap();
        sts_id(&[line.trim_matches('"').as_bytes().to_vec()]).unwrap()
    };
    let (enforced, tested) = (published(&["--mta-sts", "enforce"]), published(&["--mta-sts", "testing"]));
    assert_ne!(id(&enforced), id(&tested), "another policy is fetched anew");
    assert!(enforced.contains("mta-sts.demo.example. IN CNAME mail.demo.example.\n"), "{enforced}");
    assert!(!published(&[]).contains("STSv1"));
}
