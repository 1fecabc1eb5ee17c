//! Signatures that are made here are good for others, and for ourselves.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod testbed;

use envelock_mail::route::{StsMode, StsPolicy};
use envelock_mail::sign::{KeyFailure, Publication, SigningKeys, Unsignable, generate};
use envelock_mail::tls_report::Report;
use envelock_mail::validation::{CheckResult, check};
use std::io::Write;
use std::process::{Command, Stdio};
use testbed::{NameServer, envelope, texts};

/// Reads names and texts of DNS, then a message, and verifies every signature of it with dkimpy.
const DKIMPY: &str = r#"
import dkim, json, sys
keys = json.loads(sys.argv[1])
message = sys.stdin.buffer.read()
found = lambda name, timeout=5: keys.get(name.decode().rstrip('.'), '').encode() or None
count = sum(1 for line in message.split(b'\r\n\r\n')[0].split(b'\r\n') if line.lower().startswith(b'dkim-signature:'))
def verified(index):
    try:
        is_report = b'\r\nTLS-Report-Domain: ' in message
        return dkim.DKIM(message, tlsrpt=is_report).verify(idx=index, dnsfunc=found)
    except dkim.DKIMException:
        return False
print([verified(index) for index in range(count)])
"#;

const MESSAGE: &str = "From: Anna <anna@example.org>\r\nTo: bert@example.net\r\nSubject: Gr\u{fc}\u{df}e\r\n\tfolded\r\nDate: Sun, 29 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\nHello  Bert \r\n.\r\n";

fn keys() -> SigningKeys {
    SigningKeys::from_pem(generate().unwrap().as_bytes()).unwrap()
}

fn published(keys: &SigningKeys) -> Vec<(String, String)> {
    let at = |(selector, text): (&str, &str)| (format!("{selector}._domainkey.example.org"), text.to_owned());
    keys.records().map(at).into()
}

/// What dkimpy says of each signature, from the top.
fn dkimpy(message: &str, published: &[(String, String)]) -> String {
    let keys: std::collections::BTreeMap<_, _> = published.iter().cloned().collect();
    let mut python = Command::new("/usr/bin/python3")
        .args(["-c", DKIMPY, &serde_json::to_string(&keys).unwrap()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(message.as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "Debian's python3-dkim and python3-nacl are needed");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn another_implementation_verifies_both() {
    let keys = keys();
    let published = published(&keys);
    let bodies =
        ["", "\r\n", " \r\n\r\n", "Hello\r\n", "Hello \t\r\n \r\n\t\r\n", "no end", "\u{fc} two  blanks\r\n\r\nx\r\n"];
    let (header, _) = MESSAGE.split_once("\r\n\r\n").unwrap();
    for message in bodies.iter().map(|body| format!("{header}\r\n\r\n{body}")).chain([MESSAGE.to_owned()]) {
        let signed = keys.sign(message.as_bytes(), "example.org").unwrap() + &message;
        assert_eq!(dkimpy(&signed, &published), "[True, True]", "{message:?}");
        assert_eq!(dkimpy(&signed.replacen("anna@", "boss@", 1), &published), "[False, False]");
    }
}

#[test]
fn nothing_is_added_to_what_is_signed() {
    let keys = keys();
    let published = published(&keys);
    let signed = |added: &str| format!("{added}{}{MESSAGE}", keys.sign(MESSAGE.as_bytes(), "example.org").unwrap());
    for field in ["From: boss@example.org", "Subject: other", "Reply-To: c@evil.example", "Content-Type: text/html"] {
        assert_eq!(dkimpy(&signed(&format!("{field}\r\n")), &published), "[False, False]", "{field}");
    }
    // What lists and servers on the way write on top leaves it whole.
    let usual = "Received: from a by b; x\r\nList-Id: <l.example.net>\r\nSender: l@example.net\r\n";
    assert_eq!(dkimpy(&signed(usual), &published), "[True, True]");
}

/// Whoever reads `s=` of a key: mail and reports on TLS are signed by the same.
#[test]
fn keys_are_for_mail_and_for_reports_on_tls() {
    let keys = keys();
    let report =
        Report { domain: "b.example", submitter: "example.org", server: "mx.example.org", day: 1, sessions: &[] };
    let report = String::from_utf8(report.message("tls@b.example", 0).unwrap()).unwrap();
    for message in [MESSAGE, &report] {
        let signed = keys.sign(message.as_bytes(), "example.org").unwrap() + message;
        assert_eq!(dkimpy(&signed, &published(&keys)), "[True, True]");
    }
}

#[tokio::test]
async fn our_own_check_finds_it_aligned() {
    let keys = keys();
    let published = published(&keys);
    let pairs: Vec<(&str, &str)> = published.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let server = NameServer::start(texts(&pairs)).await;
    let signed = keys.sign(MESSAGE.as_bytes(), "example.org").unwrap() + MESSAGE;
    let envelope = envelope("192.0.2.7", "mx.example.org", "anna@example.org");
    let found = check(signed.as_bytes(), &envelope, &server.dns()).await;
    assert_eq!(found.dkim.len(), 2);
    for signature in found.dkim {
        assert_eq!((signature.result, signature.aligned), (CheckResult::Pass, true));
        assert!(signature.weaknesses.is_empty(), "{:?}", signature.weaknesses);
    }
}

#[test]
fn what_is_no_key_and_no_message() {
    let good = generate().unwrap();
    let second = good[1..].find("-----BEGIN").unwrap() + 1;
    let swapped = format!("{}{}", &good[second..], &good[..second]);
    for bad in ["", "x", &good[..second], &swapped, &format!("{}{}", *good, *good)] {
        assert_eq!(SigningKeys::from_pem(bad.as_bytes()).err(), Some(KeyFailure::Malformed));
    }
    let keys = keys();
    for domain in ["", "example.org; d=evil.example", "a b", "x\r\ny"] {
        assert_eq!(keys.sign(MESSAGE.as_bytes(), domain), Err(Unsignable), "{domain}");
    }
    let other = keys.sign(MESSAGE.as_bytes(), "b\u{fc}cher.example").unwrap();
    assert!(other.contains("d=xn--bcher-kva.example"), "{other}");
    assert_eq!(keys.sign(b"", "example.org"), Err(Unsignable));
    for octets in [&b"\xff\0\r\n\r\n"[..], b"\r\n\r\n", b":\r\n", b"From", b"From:", b"\xff: x\r\nFrom: a\r\n\r\n\0"] {
        let _ = keys.sign(octets, "example.org");
    }
}

#[test]
fn what_a_domain_publishes() {
    let keys = keys();
    let own = rcgen::generate_simple_self_signed(["mx.example.org".to_owned()]).unwrap();
    let [enforced, tested] = [StsMode::Enforce, StsMode::Testing].map(|mode| StsPolicy {
        mode,
        mx: vec!["mx.example.org".to_owned()],
        max_age: 604_800,
    });
    let publication = Publication {
        domain: "example.org",
        host: "mx.example.org",
        keys: &keys,
        policy: Some(&enforced),
        certificate: Some(own.cert.der()),
    };
    let records: Vec<String> = publication.records().iter().map(ToString::to_string).collect();
    for line in [
        "example.org. IN MX 10 mx.example.org.",
        "example.org. IN TXT \"v=spf1 mx -all\"",
        "_dmarc.example.org. IN TXT \"v=DMARC1; p=reject; adkim=s; aspf=s\"",
        "mta-sts.example.org. IN CNAME mx.example.org.",
        "_smtp._tls.example.org. IN TXT \"v=TLSRPTv1; rua=mailto:postmaster@example.org\"",
    ] {
        assert!(records.iter().any(|record| record == line), "{line} is not in {records:#?}");
    }
    let rsa = publication.records().into_iter().find(|record| record.name.starts_with("rsa-")).unwrap();
    let strings: Vec<&str> = rsa.data.trim_matches('"').split("\" \"").collect();
    assert!(strings.len() == 2 && strings.iter().all(|string| string.len() <= 255), "{strings:?}");
    assert_eq!(strings.concat(), keys.records()[1].1);
    let tlsa = publication.records().into_iter().find(|record| record.kind == "TLSA").unwrap();
    assert_eq!(tlsa.name, "_25._tcp.mx.example.org");
    assert_eq!(tlsa.data.len(), "3 1 1 ".len() + 64);
    assert!(Publication { certificate: None, ..publication }.records().iter().all(|record| record.kind != "TLSA"));
    let id = |publication: Publication<'_>| {
        publication.records().into_iter().find(|record| record.name == "_mta-sts.example.org").unwrap().data
    };
    assert_ne!(id(publication), id(Publication { policy: Some(&tested), ..publication }));
    let without = Publication { policy: None, ..publication };
    assert!(without.records().iter().all(|record| !record.name.contains("mta-sts")));
}
