//! Signed messages of RFC 8463, of mail-auth and of dkimpy: `vectors/dkim/INDEX.tsv` says what each has to come to.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod testbed;

use envelock_mail::validation::{Alarm, CheckResult, Evidence, Weakness, check, grade};
use std::collections::BTreeMap;
use std::path::PathBuf;
use testbed::{NameServer, envelope, texts};

fn vectors() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/dkim")
}

async fn checked(message: &[u8], keys: &str) -> Evidence {
    let keys: BTreeMap<String, String> = serde_json::from_str(keys).unwrap();
    let pairs: Vec<(&str, &str)> = keys.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let server = NameServer::start(texts(&pairs)).await;
    check(message, &envelope("192.0.2.7", "mx.sender.example", "x@bounces.example"), &server.dns()).await
}

#[tokio::test]
async fn each_file_comes_to_what_is_said_of_it() {
    let index = std::fs::read_to_string(vectors().join("INDEX.tsv")).unwrap();
    let mut seen = 0;
    for row in index.lines() {
        let columns: Vec<&str> = row.split('\t').collect();
        let [id, file, "dkim", _, _, terms, expected, ..] = columns[..] else { panic!("{row}") };
        let keys = terms.split(' ').find_map(|term| term.strip_prefix("dns=")).unwrap();
        let message = std::fs::read(vectors().join(file)).unwrap();
        let found = checked(&message, &std::fs::read_to_string(vectors().join(keys)).unwrap()).await;
        let graded = grade(&found);
        seen += 1;
        if !expected.starts_with("pass") {
            assert_ne!(graded.alarm, Alarm::None, "{id}: {found:?}");
            continue;
        }
        let of = expected.split(' ').find_map(|word| word.strip_prefix("d="));
        let signature = match of {
            Some(domain) => found.dkim.iter().find(|dkim| dkim.domain == domain),
            None => found.dkim.last(),
        };
        let signature = signature.unwrap_or_else(|| panic!("{id}: no signature"));
        assert_eq!(signature.result, CheckResult::Pass, "{id}: {found:?}");
        let aligned = !expected.contains("unaligned");
        assert_eq!(signature.aligned, aligned, "{id}: {found:?}");
        if !aligned || signature.weaknesses.is_empty() {
            assert_eq!(graded.alarm == Alarm::None, aligned, "{id}: {graded:?}");
        }
    }
    assert!(seen >= 12, "{seen} files");
}

/// A line of blanks at the end is no part of a relaxed body (RFC 6376 §3.4.4), and the last line's own blanks are.
#[tokio::test]
async fn blank_lines_at_the_end_do_not_ring_the_alarm() {
    let message = std::fs::read_to_string(vectors().join("dkim-base.eml")).unwrap();
    let keys = std::fs::read_to_string(vectors().join("dkim-base.dns.json")).unwrap();
    assert!(message.contains("c=relaxed/relaxed"), "the base case is relaxed");
    for end in [" \r\n", "\t\r\n \r\n\r\n", "\r\n  \t \r\n"] {
        let found = checked(format!("{message}{end}").as_bytes(), &keys).await;
        assert_eq!(found.dkim[0].result, CheckResult::Pass, "{end:?}");
    }
    let found = checked(format!("{message}x\r\n").as_bytes(), &keys).await;
    assert_eq!(found.dkim[0].result, CheckResult::Fail);
}

#[tokio::test]
async fn what_is_weak_is_told() {
    let read = |name: &str| std::fs::read_to_string(vectors().join(name)).unwrap();
    let part = checked(read("dkim-l-tag-appended.eml").as_bytes(), &read("dkim-l-tag-appended.dns.json")).await;
    assert!(part.dkim.iter().any(|dkim| dkim.weaknesses.contains(&Weakness::PartOfBody)), "{part:?}");
}

#[tokio::test]
async fn a_hundred_signatures_are_not_a_hundred_questions() {
    let message = std::fs::read_to_string(vectors().join("dkim-base.eml")).unwrap();
    let keys = std::fs::read_to_string(vectors().join("dkim-base.dns.json")).unwrap();
    let (signature, _) = message.split_once("\r\nFrom:").map_or((message.as_str(), ""), |split| split);
    assert!(signature.starts_with("DKIM-Signature:"), "the signature is on top");
    let many = format!("{}\r\n{message}", vec![signature; 100].join("\r\n"));
    assert_eq!(checked(many.as_bytes(), &keys).await.dkim.len(), 8);
}
