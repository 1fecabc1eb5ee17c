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
         alias.example. MX 10 mx.alias.example.\nmx.alias.example. CNAME mx.good.example.\n\
         outer.example. MX 10 out.example.\nout.example. CNAME mx.insecure.\n_25._tcp.out.example. TLSA 3 1 1 {KEY}\ndangling.example. CNAME nothing.example.\n\
         turned.example. CNAME mx.good.example.\nfar.example. CNAME mx.alias.example.\n\
         round.example. CNAME about.example.\nabout.example. CNAME round.example.\n\
         none.example. MX 0 .\n"
    )
}

const INSECURE: &str = "@ MX 10 mx\nmx A 192.0.2.9\nalias CNAME mx\nin CNAME mx.good.example.\n_25._tcp.mx TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n";

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
        if line.starts_with("turned.example.") {
            *line = line.replace("mx.good.example.", "mx.plain.example.");
        }
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
    let found = dns.location("mx.plain.example").await.unwrap();
    assert!(found.signed_names == ["mx.plain.example"] && found.addresses.len() == 2, "{found:?}");
    let found = dns.exchanges("nothing.example").await.unwrap();
    assert!(found.secure && found.items.is_empty(), "{found:?}");
    let found = dns.location("mx.insecure").await.unwrap();
    assert!(found.signed_names.is_empty() && found.addresses.len() == 1, "{found:?}");
    assert_eq!(dns.servers_by_key("mx.forged.example").await, Err(NoAnswer::Bogus));
    assert_eq!(dns.location("mx.moved.example").await, Err(NoAnswer::Bogus));

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

/// Nothing behind an alias is an answer as well: a server with an address of one kind alone was taken for one whose DNS is forged.
#[tokio::test]
async fn nothing_behind_an_alias_is_no_forgery() {
    let zone = SignedZone::start(&root(), INSECURE, forge);
    let dns = ValidatedDns::at(&[zone.address], &zone.anchor()).unwrap();
    for (alias, addresses, signed_names) in [
        ("mx.alias.example", 1, ["mx.good.example", "mx.alias.example"].as_slice()),
        ("far.example", 1, &["mx.good.example", "far.example"]),
        ("dangling.example", 0, &["nothing.example", "dangling.example"]),
        ("out.example", 1, &["out.example"]),
        ("alias.insecure", 1, &[]),
        ("in.insecure", 1, &[]),
    ] {
        let found = dns.location(alias).await.unwrap();
        assert_eq!(
            (found.addresses.len(), found.signed_names),
            (addresses, signed_names.iter().map(|name| (*name).to_owned()).collect()),
            "{alias}"
        );
        let found = dns.exchanges(alias).await.unwrap();
        assert_eq!((found.items.len(), found.secure), (0, signed_names.len() == 2), "{alias}");
    }
    assert_eq!(dns.location("turned.example").await, Err(NoAnswer::Bogus), "the alias is forged");
    assert_eq!(dns.location("round.example").await, Err(NoAnswer::Silent), "it leads nowhere");
    let to = async |domain: &str| route(domain, &dns, || async { Ok(None) }, || 0).await;
    for (domain, host) in
        [("alias.example", "mx.good.example"), ("far.example", "mx.good.example"), ("outer.example", "out.example")]
    {
        let hop = &to(domain).await.unwrap()[0];
        assert!(hop.verification.is_dane() && hop.host == host && hop.addresses.len() == 1, "{hop:?}");
    }
    assert!(!to("in.insecure").await.unwrap()[0].verification.is_dane(), "the alias is not signed");
    assert_eq!(to("dangling.example").await.unwrap_err(), NoRoute::Nowhere);
}
