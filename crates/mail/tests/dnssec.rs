//! What is signed is believed, what is forged is not, and what nobody signs is told as that: over BIND.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod signed_zone;

use envelock_mail::dns::ValidatedDns;
use envelock_mail::route::{NoAnswer, NoRoute, Verification, Zones, route};
use signed_zone::SignedZone;

const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn root() -> String {
    format!(
        "good.example. MX 10 mx.good.example.\nmx.good.example. A 192.0.2.1\n_25._tcp.mx.good.example. TLSA 3 1 1 {KEY}\n\
         plain.example. MX 10 mx.plain.example.\nmx.plain.example. A 192.0.2.2\nmx.plain.example. AAAA 2001:db8::2\n\
         mixed.example. MX 10 mx.insecure.\n\
         forged.example. MX 10 mx.forged.example.\nmx.forged.example. A 192.0.2.3\n_25._tcp.mx.forged.example. TLSA 3 1 1 {KEY}\n\
         moved.example. MX 10 mx.moved.example.\nmx.moved.example. A 192.0.2.4\n\
         none.example. MX 0 .\n"
    )
}

const INSECURE: &str = "@ MX 10 mx\nmx A 192.0.2.9\n_25._tcp.mx TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n";

/// Another key for one server, another address for another, as somebody on the way would write them.
fn forge(signed: String) -> String {
    let mut lines: Vec<String> = signed.lines().map(str::to_owned).collect();
    let mut in_forged = false;
    for line in &mut lines {
        if !line.starts_with([' ', '\t']) {
            in_forged = line.starts_with("_25._tcp.mx.forged.example.");
        }
        if in_forged {
            *line = line.replace("0123456789ABCDEF", "1123456789ABCDEF");
        }
        *line = line.replace("192.0.2.4", "192.0.2.66");
    }
    lines.join("\n") + "\n"
}

#[tokio::test]
async fn a_chain_of_signatures_is_followed_to_the_root() {
    let zone = SignedZone::start(&root(), INSECURE, forge);
    let dns = ValidatedDns::at(&[zone.address], &zone.anchor()).unwrap();
    let found = dns.exchanges("good.example").await.unwrap();
    assert!(found.secure && found.items[0].host == "mx.good.example", "{found:?}");
    let found = dns.servers_by_key("mx.good.example").await.unwrap();
    assert!(found.secure && found.items.len() == 1 && found.items[0].is_some(), "{found:?}");
    let found = dns.servers_by_key("mx.plain.example").await.unwrap();
    assert!(found.secure && found.items.is_empty(), "that there is none is signed: {found:?}");
    let found = dns.addresses("mx.plain.example").await.unwrap();
    assert!(found.secure && found.items.len() == 2, "{found:?}");
    let found = dns.exchanges("nothing.example").await.unwrap();
    assert!(found.secure && found.items.is_empty(), "{found:?}");
    let found = dns.addresses("mx.insecure").await.unwrap();
    assert!(!found.secure && found.items.len() == 1, "{found:?}");
    assert_eq!(dns.servers_by_key("mx.forged.example").await, Err(NoAnswer::Bogus));
    assert_eq!(dns.addresses("mx.moved.example").await, Err(NoAnswer::Bogus));

    let to = async |domain: &str| route(domain, &dns, || async { Ok(None) }, || 0).await;
    assert!(to("good.example").await.unwrap()[0].verification.is_dane());
    for plain in ["plain.example", "mixed.example", "insecure"] {
        assert_eq!(to(plain).await.unwrap()[0].verification, Verification::Authority, "{plain}");
    }
    for forged in ["forged.example", "moved.example"] {
        assert_eq!(to(forged).await.unwrap_err(), NoRoute::Bogus, "{forged}");
    }
    assert_eq!(to("none.example").await.unwrap_err(), NoRoute::TakesNone);
    assert_eq!(to("nothing.example").await.unwrap_err(), NoRoute::Nowhere);
}

#[tokio::test]
async fn another_root_vouches_for_nothing() {
    let (zone, other) = (SignedZone::start(&root(), INSECURE, forge), SignedZone::start("", "", forge));
    let dns = ValidatedDns::at(&[zone.address], &other.anchor()).unwrap();
    for domain in ["good.example", "plain.example", "insecure"] {
        assert_eq!(dns.exchanges(domain).await, Err(NoAnswer::Bogus), "{domain}");
    }
}

#[tokio::test]
async fn who_does_not_answer_is_no_proof_of_anything() {
    let zone = SignedZone::start(&root(), INSECURE, forge);
    let (address, anchor) = (zone.address, std::fs::read(zone.anchor()).unwrap());
    drop(zone);
    let kept = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(kept.path(), anchor).unwrap();
    let dns = ValidatedDns::at(&[address], kept.path()).unwrap();
    assert_eq!(dns.exchanges("good.example").await, Err(NoAnswer::Silent));
}
