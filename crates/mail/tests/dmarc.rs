//! DMARC, from SPF and signatures as they really come: `vectors/dmarc.json` says what each case has to come to.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod testbed;

use envelock_mail::validation::{Alarm, CheckResult, Evidence, check, grade};
use mail_auth::common::crypto::Ed25519Key;
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::DkimSigner;
use serde_json::Value;
use testbed::{NameServer, Records, Zone, envelope, txt};

/// The pair of RFC 8463 A.2.
const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
const PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

fn octets(base64: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(base64).unwrap()
}

fn signed(message: &str, domain: &str) -> String {
    let key = Ed25519Key::from_seed_and_public_key(&octets(SEED), &octets(PUBLIC)).unwrap();
    let signer = DkimSigner::from_key(key).domain(domain).selector("s1").headers(["From", "Subject"]);
    format!("{}{message}", signer.sign(message.as_bytes()).unwrap().to_header())
}

async fn judged(case: &Value) -> Evidence {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut zone = Zone::new();
    for (name, record) in case["dns"].as_object().unwrap() {
        zone.insert(name.clone(), Records { data: vec![txt(&text(record))], fails: false });
    }
    let sender = text(&case["spf"]["domain"]);
    let all = match text(&case["spf"]["result"]).as_str() {
        "pass" => "+all",
        "fail" => "-all",
        "softfail" => "~all",
        "neutral" => "?all",
        _ => "",
    };
    if !all.is_empty() {
        zone.entry(sender.clone()).or_default().data.push(txt(&format!("v=spf1 {all}")));
    }
    let from: String =
        case["from_header"].as_array().unwrap().iter().map(|from| format!("From: {}\r\n", text(from))).collect();
    let plain = format!("{from}Subject: hi\r\n\r\nhi\r\n");
    let mut message = plain.clone();
    for dkim in case["dkim"].as_array().unwrap() {
        let domain = text(&dkim["d"]);
        zone.insert(
            format!("s1._domainkey.{domain}"),
            Records { data: vec![txt(&format!("v=DKIM1; k=ed25519; p={PUBLIC}"))], fails: false },
        );
        let whole = signed(&plain, &domain);
        let field = whole.strip_suffix(plain.as_str()).unwrap().to_owned();
        let field = if text(&dkim["result"]) == "pass" { field } else { field.replacen("bh=", "bh=AAAA", 1) };
        message = format!("{field}{message}");
    }
    let server = NameServer::start(zone).await;
    check(message.as_bytes(), &envelope("192.0.2.7", "mx.example", &format!("x@{sender}")), &server.dns()).await
}

#[tokio::test]
async fn each_case_comes_to_what_is_said_of_it() {
    let cases: Value = serde_json::from_str(include_str!("vectors/dmarc.json")).unwrap();
    for case in cases.as_array().unwrap() {
        let found = judged(case).await;
        let expected = case["expect"]["dmarc"].as_str().unwrap();
        let passes = found.dmarc.result == CheckResult::Pass;
        assert_eq!(passes, expected == "pass", "{}: {found:?}", case["id"]);
        assert_eq!(grade(&found).alarm == Alarm::None, passes, "{}: {:?}", case["id"], grade(&found));
        if let Some(policy) = case["expect"]["policy"].as_str() {
            assert_eq!(serde_json::to_value(found.dmarc.policy).unwrap(), policy, "{}", case["id"]);
        }
    }
}

/// A message of a list: broken by it, and signed by it as well; the author's own domain has signed what the list does not touch.
#[tokio::test]
async fn an_outage_is_grey_and_clears_itself() {
    let message = signed("From: anna@board.example\r\nSubject: hi\r\n\r\nhi\r\n", "board.example");
    let key = Records { data: vec![txt(&format!("v=DKIM1; k=ed25519; p={PUBLIC}"))], fails: false };
    let policy = Records { data: vec![txt("v=DMARC1; p=reject")], fails: false };
    let zone = Zone::from([
        ("s1._domainkey.board.example".to_owned(), Records { data: Vec::new(), fails: true }),
        ("_dmarc.board.example".to_owned(), policy),
    ]);
    let server = NameServer::start(zone).await;
    let ask = async || {
        grade(&check(message.as_bytes(), &envelope("192.0.2.7", "mx.example", "x@list.example"), &server.dns()).await)
            .alarm
    };
    assert_eq!(ask().await, Alarm::Grey);
    server.set("s1._domainkey.board.example", key);
    assert_eq!(ask().await, Alarm::None);
}

#[tokio::test]
async fn only_who_stands_above_answers_for_a_domain_without_a_record() {
    for (author, signer, alarm) in [
        ("anna@board.example", "board.example", Alarm::None),
        ("anna@mail.board.example", "board.example", Alarm::None),
        ("anna@board.example", "mail.board.example", Alarm::Amber),
        ("anna@board.example", "oard.example", Alarm::Amber),
        ("anna@board.example", "evil.example", Alarm::Amber),
    ] {
        let message = signed(&format!("From: {author}\r\nSubject: hi\r\n\r\nhi\r\n"), signer);
        let key = Records { data: vec![txt(&format!("v=DKIM1; k=ed25519; p={PUBLIC}"))], fails: false };
        let server = NameServer::start(Zone::from([(format!("s1._domainkey.{signer}"), key)])).await;
        let found =
            check(message.as_bytes(), &envelope("192.0.2.7", "mx.example", "x@list.example"), &server.dns()).await;
        assert_eq!(found.dkim[0].result, CheckResult::Pass);
        assert_eq!(grade(&found).alarm, alarm, "{author} signed by {signer}");
    }
}
