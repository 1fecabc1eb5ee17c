//! Which servers are tried, and how each has to prove itself, by what DNS and policies say.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use envelock_mail::route::{
    Exchange, Found, Hop, Location, NoAnswer, NoRoute, StsPolicy, Tlsa, Verification, Zones, route,
};
use rustls::RootCertStore;
use rustls::crypto::aws_lc_rs::default_provider;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A zone as the tests write it: `MX example.org` → what is there. What begins with `!` fails, what with `-` is not signed.
/// `=b.example` is an alias of it, `=-b.example` a signed one of a name that is not, `-=b.example` the other way round.
struct World(HashMap<String, String>);

impl World {
    fn new(lines: &[(&str, &str)]) -> Self {
        Self(lines.iter().map(|(name, data)| ((*name).to_owned(), (*data).to_owned())).collect())
    }

    fn found<T>(&self, name: &str, parse: impl FnMut(&str) -> T) -> Result<Found<T>, NoAnswer> {
        let data = self.0.get(name).map_or("", String::as_str);
        match data {
            "!bogus" => Err(NoAnswer::Bogus),
            "!silent" => Err(NoAnswer::Silent),
            _ => {
                let (secure, data) = data.strip_prefix('-').map_or((true, data), |data| (false, data));
                Ok(Found { items: data.split_whitespace().map(parse).collect(), secure })
            }
        }
    }
}

impl Zones for World {
    async fn exchanges(&self, domain: &str) -> Result<Found<Exchange>, NoAnswer> {
        self.found(&format!("MX {domain}"), |data| {
            let (preference, host) = data.split_once(':').unwrap();
            Exchange { preference: preference.parse().unwrap(), host: host.to_owned() }
        })
    }

    async fn location(&self, host: &str) -> Result<Location, NoAnswer> {
        let mut alias = None;
        let found = self.found(&format!("A {host}"), |data| match data.strip_prefix('=') {
            Some(name) => {
                alias = Some(name.to_owned());
                None
            }
            None => Some(data.parse().unwrap()),
        })?;
        let addresses = found.items.into_iter().flatten().collect();
        let begins = found.secure.then(|| host.to_owned());
        let ends = alias.filter(|alias| found.secure && !alias.starts_with('-'));
        Ok(Location { addresses, signed_names: ends.into_iter().chain(begins).collect() })
    }

    async fn servers_by_key(&self, host: &str) -> Result<Found<Option<Tlsa>>, NoAnswer> {
        self.found(&format!("TLSA {host}"), |data| {
            let usage = data.parse().unwrap();
            Tlsa::new(usage, 1, 1, &[usage; 32]).ok()
        })
    }

    async fn texts(&self, _: &str) -> Result<Vec<Vec<u8>>, NoAnswer> {
        Ok(Vec::new())
    }
}

async fn routed(lines: &[(&str, &str)], policy: Option<&str>) -> Result<Vec<Hop>, NoRoute> {
    let policy =
        policy.map(|policy| StsPolicy::parse(format!("version: STSv1\nmax_age: 1000\n{policy}").as_bytes()).unwrap());
    route("example.org", &World::new(lines), || async move { Ok(policy) }, || 0).await
}

/// Hosts with how each is verified.
async fn hosts(lines: &[(&str, &str)], policy: Option<&str>) -> Vec<String> {
    let told = |hop: Hop| {
        let how = match hop.verification {
            Verification::Dane { records, .. } => format!("dane {}", records.len()),
            Verification::Policy => "policy".to_owned(),
            Verification::Authority => "authority".to_owned(),
            Verification::Unnamed => "unnamed".to_owned(),
            Verification::Whoever => unreachable!("{}", hop.host),
        };
        format!("{} {how}", hop.host)
    };
    routed(lines, policy).await.unwrap().into_iter().map(told).collect()
}

#[tokio::test]
async fn lower_preferences_first_and_the_domain_itself_where_there_is_none() {
    let three = [
        ("MX example.org", "-20:b.example 10:a.example 30:c.example"),
        ("A a.example", "-192.0.2.1"),
        ("A b.example", "-192.0.2.2"),
    ];
    assert_eq!(hosts(&three, None).await, ["a.example authority", "b.example authority"], "c is nowhere");
    assert_eq!(hosts(&[("A example.org", "-192.0.2.1")], None).await, ["example.org authority"]);
    // Of one preference, by chance (RFC 5321 §5.1).
    let world = World::new(&[
        ("MX example.org", "-10:a.example 10:b.example"),
        ("A a.example", "192.0.2.1"),
        ("A b.example", "192.0.2.2"),
    ]);
    let drawn = AtomicU32::new(2);
    let draw = || drawn.fetch_sub(1, Ordering::Relaxed);
    let hops = route("example.org", &world, || async { Ok(None) }, draw).await.unwrap();
    assert_eq!(hops.iter().map(|hop| hop.host.as_str()).collect::<Vec<_>>(), ["b.example", "a.example"]);
}

#[tokio::test]
async fn a_domain_without_servers() {
    assert_eq!(routed(&[("MX example.org", "0:")], None).await.unwrap_err(), NoRoute::TakesNone);
    assert_eq!(routed(&[], None).await.unwrap_err(), NoRoute::Nowhere);
    assert_eq!(routed(&[("MX example.org", "10:a.example")], None).await.unwrap_err(), NoRoute::Nowhere);
    assert!(NoRoute::TakesNone.is_final() && NoRoute::Nowhere.is_final());
    for (answer, expected) in [("!silent", NoRoute::Silent), ("!bogus", NoRoute::Bogus)] {
        assert_eq!(routed(&[("MX example.org", answer)], None).await.unwrap_err(), expected);
        assert!(!expected.is_final());
    }
}

#[tokio::test]
async fn keys_count_where_all_that_leads_to_them_is_signed() {
    let with = |mx: &'static str, a: &'static str, tlsa: &'static str| {
        [("MX example.org", mx), ("A a.example", a), ("TLSA a.example", tlsa)]
    };
    assert_eq!(hosts(&with("10:a.example", "192.0.2.1", "3 2"), None).await, ["a.example dane 2"]);
    assert_eq!(hosts(&with("10:a.example", "192.0.2.1", "3 0 1"), None).await, ["a.example dane 1"]);
    for unsigned in [
        with("-10:a.example", "192.0.2.1", "3"),
        with("10:a.example", "-192.0.2.1", "3"),
        with("10:a.example", "192.0.2.1", "-3"),
        with("10:a.example", "192.0.2.1", ""),
        with("10:a.example", "192.0.2.1", "0 1"),
        // A zone without DNSSEC is not asked, as its server may not know the question.
        with("-10:a.example", "192.0.2.1", "!silent"),
    ] {
        assert_eq!(hosts(&unsigned, None).await, ["a.example authority"], "{unsigned:?}");
    }
}

/// RFC 7672 §2.2.2.
#[tokio::test]
async fn keys_are_those_of_the_name_behind_an_alias_if_it_has_any() {
    let with = |at: &'static str, own: &'static str, other: &'static str| {
        [("MX example.org", "10:a.example"), ("A a.example", at), ("TLSA a.example", own), ("TLSA b.example", other)]
    };
    let signed = "=b.example 192.0.2.1";
    assert_eq!(hosts(&with(signed, "3", "3 2"), None).await, ["b.example dane 2"]);
    assert_eq!(hosts(&with(signed, "3", ""), None).await, ["a.example dane 1"]);
    assert_eq!(hosts(&with(signed, "3", "-3 2"), None).await, ["a.example dane 1"], "not signed");
    assert_eq!(hosts(&with(signed, "3", "1"), None).await, ["a.example authority"], "none that can be used");
    assert_eq!(hosts(&with(signed, "", ""), None).await, ["a.example authority"]);
    assert_eq!(routed(&with(signed, "3", "!bogus"), None).await.unwrap_err(), NoRoute::Bogus);
    assert_eq!(routed(&with(signed, "!silent", ""), None).await.unwrap_err(), NoRoute::Silent);
    assert_eq!(hosts(&with("=-b.example 192.0.2.1", "3", "3 2"), None).await, ["a.example dane 1"]);
    assert_eq!(hosts(&with("-=b.example 192.0.2.1", "3", "3 2"), None).await, ["a.example authority"]);
    let hops = routed(&with(signed, "", "2"), None).await.unwrap();
    let Verification::Dane { names, .. } = &hops[0].verification else { panic!("{hops:?}") };
    assert_eq!(names.iter().map(|name| name.to_str().into_owned()).collect::<Vec<_>>(), ["b.example", "example.org"]);
}

/// Whoever keeps an answer back gets nothing for it.
#[tokio::test]
async fn keys_that_cannot_be_known_are_not_done_without() {
    for (answer, expected) in [("!silent", NoRoute::Silent), ("!bogus", NoRoute::Bogus)] {
        for question in ["A a.example", "TLSA a.example"] {
            let mut lines = vec![("MX example.org", "10:a.example"), ("A a.example", "192.0.2.1")];
            lines.retain(|(name, _)| *name != question);
            lines.push((question, answer));
            assert_eq!(routed(&lines, None).await.unwrap_err(), expected, "{question}");
            // With a policy that names it neither.
            assert_eq!(routed(&lines, Some("mode: enforce\nmx: a.example")).await.unwrap_err(), expected);
            // Others are tried.
            lines[0].1 = "10:a.example 20:b.example";
            lines.push(("A b.example", "192.0.2.2"));
            assert_eq!(hosts(&lines, None).await, ["b.example authority"]);
        }
    }
}

#[tokio::test]
async fn a_policy_that_is_enforced_names_the_servers() {
    let lines = [
        ("MX example.org", "10:a.example 20:b.example"),
        ("A a.example", "192.0.2.1"),
        ("TLSA a.example", "3"),
        ("A b.example", "192.0.2.2"),
    ];
    assert_eq!(
        hosts(&lines, Some("mode: enforce\nmx: b.example")).await,
        ["a.example dane 1", "b.example policy"],
        "DANE stands above"
    );
    let hosts_of_other = hosts(&lines, Some("mode: enforce\nmx: c.example")).await;
    assert_eq!(hosts_of_other, ["a.example dane 1", "b.example unnamed"], "there is no TLS with it");
    let roots = Arc::new(RootCertStore::empty());
    assert!(Verification::Unnamed.config(&roots, Arc::new(default_provider())).is_err());
    for mode in ["mode: testing\nmx: c.example", "mode: none"] {
        assert_eq!(hosts(&lines, Some(mode)).await, ["a.example dane 1", "b.example authority"]);
    }
    let unsigned = [("MX example.org", "-10:evil.example"), ("A evil.example", "192.0.2.6")];
    let refused = routed(&unsigned, Some("mode: enforce\nmx: a.example")).await.unwrap_err();
    assert!(refused == NoRoute::AgainstPolicy && !refused.is_final(), "{refused}");
}
