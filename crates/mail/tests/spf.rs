//! The test suite of RFC 7208 (openspf.org) and cases of our own, asked over real DNS.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod testbed;

use envelock_mail::validation::{CheckResult, SpfIdentity, check};
use serde_json::Value;
use testbed::{NameServer, Records, Zone, a, aaaa, cname, envelope, mx, ptr, strings};

const MESSAGE: &[u8] = b"From: anna@elsewhere.example\r\n\r\nhi\r\n";

fn named(result: CheckResult) -> String {
    serde_json::to_value(result).unwrap().as_str().unwrap().to_owned()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// `[name, type, value…]`; a name without records stands alone, one that does not answer is `TIMEOUT`.
fn zone(records: &Value) -> Zone {
    let mut zone = Zone::new();
    for record in records.as_array().unwrap() {
        let record = record.as_array().unwrap();
        let entry: &mut Records = zone.entry(text(&record[0]).to_lowercase()).or_default();
        let Some(kind) = record.get(1) else { continue };
        let value = record.get(2);
        let one = || text(value.unwrap());
        match text(kind) {
            "TIMEOUT" => entry.fails = true,
            "A" => entry.data.push(a(one())),
            "AAAA" => entry.data.push(aaaa(one())),
            "MX" => entry.data.push(mx(record[2].as_u64().unwrap() as u16, text(&record[3]))),
            "PTR" => entry.data.push(ptr(one())),
            "CNAME" => entry.data.push(cname(one())),
            "TXT" => match value.unwrap() {
                Value::Array(all) => entry.data.push(strings(&all.iter().map(text).collect::<Vec<_>>())),
                one => entry.data.push(strings(&[text(one)])),
            },
            other => panic!("no records of type {other}"),
        }
    }
    zone
}

async fn judge(server: &NameServer, case: &Value) -> (String, SpfIdentity) {
    let (helo, sender) = (text(&case["helo"]), text(&case["mailfrom"]));
    let found = check(MESSAGE, &envelope(text(&case["ip"]), helo, sender), &server.dns()).await;
    (named(found.spf.result), found.spf.identity)
}

#[tokio::test]
async fn the_suite_of_rfc_7208() {
    let suite: Value = serde_json::from_str(include_str!("vectors/spf/rfc7208.json")).unwrap();
    let (mut cases, mut wrong) = (0, Vec::new());
    for scenario in suite.as_array().unwrap() {
        let server = NameServer::start(zone(&scenario["zone"])).await;
        for case in scenario["tests"].as_array().unwrap() {
            let (result, _) = judge(&server, case).await;
            let expected = case["expect"].as_array().unwrap();
            cases += 1;
            if !expected.iter().any(|right| text(right) == result) {
                wrong.push(format!("{}: {result} instead of {expected:?}", case["id"]));
            }
        }
    }
    assert!(cases >= 75, "{cases} cases");
    assert!(wrong.is_empty(), "{} of {cases}:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn cases_of_our_own() {
    let cases: Value = serde_json::from_str(include_str!("vectors/spf/own.json")).unwrap();
    for case in cases.as_array().unwrap() {
        let server = NameServer::start(zone(&case["zone"])).await;
        let (result, _) = judge(&server, case).await;
        assert!(
            case["expect"].as_array().unwrap().iter().any(|right| text(right) == result),
            "{}: {result}",
            case["id"]
        );
    }
}

#[tokio::test]
async fn a_message_without_a_sender_is_asked_about_by_the_name_of_the_client() {
    let server = NameServer::start(testbed::texts(&[("mx.sender.example", "v=spf1 ip4:192.0.2.7 -all")])).await;
    let found = check(MESSAGE, &envelope("192.0.2.7", "mx.sender.example", ""), &server.dns()).await;
    assert_eq!((found.spf.result, found.spf.identity), (CheckResult::Pass, SpfIdentity::Helo));
    let other = check(MESSAGE, &envelope("192.0.2.8", "mx.sender.example", ""), &server.dns()).await;
    assert_eq!(other.spf.result, CheckResult::Fail);
}

/// RFC 8616 §4: DNS has A-labels, whatever the client said.
#[tokio::test]
async fn a_domain_beyond_ascii_is_asked_about_as_dns_has_it() {
    let server = NameServer::start(testbed::texts(&[("xn--bcher-kva.example", "v=spf1 ip4:192.0.2.7 -all")])).await;
    let message = "From: a@b\u{fc}cher.example\r\nSubject: hi\r\n\r\nhi\r\n";
    for sender in ["a@b\u{fc}cher.example", "a@xn--bcher-kva.example", "a@B\u{dc}CHER.example"] {
        let found = check(message.as_bytes(), &envelope("192.0.2.7", "mx.example", sender), &server.dns()).await;
        assert_eq!((found.spf.result, found.spf.aligned), (CheckResult::Pass, true), "{sender}");
        assert_eq!(found.spf.domain, "xn--bcher-kva.example");
    }
}
