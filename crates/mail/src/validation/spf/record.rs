//! Records (RFC 7208 §4.5, §5, §6, §12): read by the grammar, and what does not follow it is no record.

use super::super::evidence::CheckResult;
use super::expand::DomainSpec;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A record.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// What is tried, one after the other.
    pub(super) directives: Vec<Directive>,
    /// Whose record counts if nothing matches.
    pub(super) redirect: Option<DomainSpec>,
}

/// What comes out if something matches.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Directive {
    pub(super) result: CheckResult,
    pub(super) mechanism: Mechanism,
}

/// What may match.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mechanism {
    All,
    Include(DomainSpec),
    A(Option<DomainSpec>, Prefixes),
    Mx(Option<DomainSpec>, Prefixes),
    Ptr(Option<DomainSpec>),
    Ip4(Ipv4Addr, u8),
    Ip6(Ipv6Addr, u8),
    Exists(DomainSpec),
}

/// How much of an address counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prefixes {
    pub(super) v4: u8,
    pub(super) v6: u8,
}

/// Whether a text is a record of SPF at all, sound or not (§4.5).
pub(super) fn is_record(text: &[u8]) -> bool {
    let version = text.get(..6).is_some_and(|version| version.eq_ignore_ascii_case(b"v=spf1"));
    version && text.get(6).is_none_or(|next| *next == b' ')
}

impl Record {
    /// Reads a record; `None` if it does not follow the grammar.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let text =
            std::str::from_utf8(text).ok().filter(|text| text.bytes().all(|octet| (b' '..=b'~').contains(&octet)))?;
        let (mut record, mut has_explanation) = (Self { directives: Vec::new(), redirect: None }, false);
        for term in text.get(6..)?.split(' ').filter(|term| !term.is_empty()) {
            match modifier(term) {
                Some((name, value)) if name.eq_ignore_ascii_case("redirect") => {
                    if record.redirect.replace(DomainSpec::parse(value)?).is_some() {
                        return None;
                    }
                }
                Some((name, value)) if name.eq_ignore_ascii_case("exp") => {
                    DomainSpec::parse(value)?;
                    if std::mem::replace(&mut has_explanation, true) {
                        return None;
                    }
                }
                Some((_, value)) => DomainSpec::check_macro_string(value)?,
                None => record.directives.push(directive(term)?),
            }
        }
        Some(record)
    }
}

/// `name=value`, where the name is one (§12).
fn modifier(term: &str) -> Option<(&str, &str)> {
    let (name, value) = term.split_once('=')?;
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic());
    let is_name = name.chars().all(|one| one.is_ascii_alphanumeric() || matches!(one, '-' | '_' | '.'));
    (begins && is_name).then_some((name, value))
}

fn directive(term: &str) -> Option<Directive> {
    let (result, mechanism) = match term.split_at_checked(1)? {
        ("+", rest) => (CheckResult::Pass, rest),
        ("-", rest) => (CheckResult::Fail, rest),
        ("~", rest) => (CheckResult::SoftFail, rest),
        ("?", rest) => (CheckResult::Neutral, rest),
        _ => (CheckResult::Pass, term),
    };
    Some(Directive { result, mechanism: self::mechanism(mechanism)? })
}

fn mechanism(text: &str) -> Option<Mechanism> {
    let end = text.find([':', '/']).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    let value = rest.strip_prefix(':');
    match (name.to_ascii_lowercase().as_str(), value) {
        ("all", None) if rest.is_empty() => Some(Mechanism::All),
        ("include", Some(domain)) => Some(Mechanism::Include(DomainSpec::parse(domain)?)),
        ("exists", Some(domain)) => Some(Mechanism::Exists(DomainSpec::parse(domain)?)),
        ("ptr", None) if rest.is_empty() => Some(Mechanism::Ptr(None)),
        ("ptr", Some(domain)) => Some(Mechanism::Ptr(Some(DomainSpec::parse(domain)?))),
        ("a", _) => domain_and_prefixes(rest).map(|(domain, prefixes)| Mechanism::A(domain, prefixes)),
        ("mx", _) => domain_and_prefixes(rest).map(|(domain, prefixes)| Mechanism::Mx(domain, prefixes)),
        ("ip4", Some(network)) => {
            let (address, prefix) = network_of(network, 32)?;
            Some(Mechanism::Ip4(address, prefix))
        }
        ("ip6", Some(network)) => {
            let (address, prefix) = network_of(network, 128)?;
            Some(Mechanism::Ip6(address, prefix))
        }
        _ => None,
    }
}

fn network_of<A: std::str::FromStr>(text: &str, longest: u8) -> Option<(A, u8)> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, length)) => (address, prefix(length, longest)?),
        None => (text, longest),
    };
    Some((address.parse().ok()?, prefix))
}

/// `[":" domain-spec] [dual-cidr-length]`. A domain may have slashes of its own, so that lengths are looked for from behind.
fn domain_and_prefixes(text: &str) -> Option<(Option<DomainSpec>, Prefixes)> {
    let mut prefixes = Prefixes { v4: 32, v6: 128 };
    let mut text = text;
    if let Some((before, length)) = text.rsplit_once("//").filter(|(_, length)| is_number(length)) {
        prefixes.v6 = prefix(length, 128)?;
        text = before;
    }
    if let Some((before, length)) = text.rsplit_once('/').filter(|(_, length)| is_number(length)) {
        prefixes.v4 = prefix(length, 32)?;
        text = before;
    }
    let domain = match text.strip_prefix(':') {
        Some(domain) => Some(DomainSpec::parse(domain)?),
        None if text.is_empty() => None,
        None => return None,
    };
    Some((domain, prefixes))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit())
}

/// Without leading zeros.
fn prefix(text: &str, longest: u8) -> Option<u8> {
    let canonical = is_number(text) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|length| canonical && *length <= longest)
}
