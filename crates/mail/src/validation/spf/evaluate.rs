//! Goes through records (RFC 7208 §4).

use super::super::evidence::CheckResult;
use super::expand::{DomainSpec, Values};
use super::record::{Mechanism, Prefixes, Record, is_record};
use crate::dns::{Dns, DnsFailure};
use std::net::IpAddr;
use std::pin::Pin;

/// Terms that ask DNS (§4.6.4).
const MOST_TERMS: u32 = 10;
/// Answers with nothing in them (§4.6.4).
const MOST_VOID: u32 = 2;
/// Names of MX and PTR that are looked at (§4.6.4).
const MOST_NAMES: usize = 10;

/// What is asked.
#[derive(Clone, Copy)]
pub(in super::super) struct Asked<'a> {
    /// The client's address.
    pub(in super::super) address: IpAddr,
    /// The domain.
    pub(in super::super) domain: &'a str,
    /// The address in MAIL FROM, or `postmaster@` the client's name.
    pub(in super::super) sender: &'a str,
    /// The name the client gave itself.
    pub(in super::super) helo: &'a str,
}

/// Whether an address may send for a domain (§4.1). Costs at most a few dozen questions.
pub(in super::super) async fn check_host(asked: Asked<'_>, dns: &Dns) -> CheckResult {
    if !is_domain(asked.domain) || !asked.domain.trim_end_matches('.').contains('.') {
        return CheckResult::None;
    }
    let mut walk = Walk { asked, dns, terms: 0, void: 0, validated: None };
    match walk.record_of(asked.domain).await {
        Ok(result) => result,
        Err(Stop(result)) => result,
    }
}

/// A walk through records, which ends when too much is asked.
struct Walk<'a> {
    asked: Asked<'a>,
    dns: &'a Dns,
    terms: u32,
    void: u32,
    /// The validated name of the address, once it was asked for.
    validated: Option<Option<String>>,
}

/// The result is known, whatever else the records say.
struct Stop(CheckResult);

const TEMPORARY: Stop = Stop(CheckResult::TempError);
const PERMANENT: Stop = Stop(CheckResult::PermError);

impl Walk<'_> {
    fn record_of<'s>(
        &'s mut self,
        domain: &'s str,
    ) -> Pin<Box<dyn Future<Output = Result<CheckResult, Stop>> + Send + 's>> {
        Box::pin(async move {
            let texts = match self.dns.texts(domain).await {
                Ok(texts) => texts,
                Err(DnsFailure::Nothing) => return Ok(CheckResult::None),
                Err(DnsFailure::NoAnswer) => return Err(TEMPORARY),
            };
            let mut records = texts.iter().filter(|text| is_record(text));
            let record = match (records.next(), records.next()) {
                (None, _) => return Ok(CheckResult::None),
                (Some(record), None) => Record::parse(record).ok_or(PERMANENT)?,
                (Some(_), Some(_)) => return Err(PERMANENT),
            };
            for directive in &record.directives {
                if self.matches(&directive.mechanism, domain).await? {
                    return Ok(directive.result);
                }
            }
            let Some(redirect) = &record.redirect else { return Ok(CheckResult::Neutral) };
            self.term()?;
            let target = self.expand(redirect, domain).await?;
            match self.record_of(&target).await? {
                CheckResult::None => Err(PERMANENT),
                result => Ok(result),
            }
        })
    }

    async fn matches(&mut self, mechanism: &Mechanism, domain: &str) -> Result<bool, Stop> {
        match mechanism {
            Mechanism::All => Ok(true),
            Mechanism::Ip4(network, prefix) => Ok(self.is_within((*network).into(), Prefixes { v4: *prefix, v6: 128 })),
            Mechanism::Ip6(network, prefix) => Ok(self.is_within((*network).into(), Prefixes { v4: 32, v6: *prefix })),
            Mechanism::Include(spec) => {
                self.term()?;
                let target = self.expand(spec, domain).await?;
                match self.record_of(&target).await? {
                    CheckResult::Pass => Ok(true),
                    CheckResult::None => Err(PERMANENT),
                    _ => Ok(false),
                }
            }
            Mechanism::A(spec, prefixes) => {
                self.term()?;
                let target = self.target(spec.as_ref(), domain).await?;
                let addresses = self.addresses(&target).await?;
                Ok(addresses.into_iter().any(|address| self.is_within(address, *prefixes)))
            }
            Mechanism::Mx(spec, prefixes) => {
                self.term()?;
                let target = self.target(spec.as_ref(), domain).await?;
                if !is_domain(&target) {
                    return Ok(false);
                }
                let exchanges = self.dns.exchanges(&target).await;
                let exchanges = self.counted(exchanges)?;
                if exchanges.len() > MOST_NAMES {
                    return Err(PERMANENT);
                }
                for exchange in exchanges {
                    let addresses = self.addresses(&exchange).await?;
                    if addresses.into_iter().any(|address| self.is_within(address, *prefixes)) {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Mechanism::Ptr(spec) => {
                self.term()?;
                let target = self.target(spec.as_ref(), domain).await?;
                Ok(self.validated_name(&target, true).await?.is_some())
            }
            Mechanism::Exists(spec) => {
                self.term()?;
                let target = self.expand(spec, domain).await?;
                if !is_domain(&target) {
                    return Ok(false);
                }
                let found = self.dns.addresses(&target, true).await;
                Ok(!self.counted(found)?.is_empty())
            }
        }
    }

    fn term(&mut self) -> Result<(), Stop> {
        self.terms += 1;
        if self.terms > MOST_TERMS { Err(PERMANENT) } else { Ok(()) }
    }

    /// What was found; nothing found is counted.
    fn counted<T>(&mut self, found: Result<Vec<T>, DnsFailure>) -> Result<Vec<T>, Stop> {
        match found {
            Ok(found) if !found.is_empty() => Ok(found),
            Ok(_) | Err(DnsFailure::Nothing) => {
                self.void += 1;
                if self.void > MOST_VOID { Err(PERMANENT) } else { Ok(Vec::new()) }
            }
            Err(DnsFailure::NoAnswer) => Err(TEMPORARY),
        }
    }

    /// Addresses of the client's kind.
    async fn addresses(&mut self, name: &str) -> Result<Vec<IpAddr>, Stop> {
        if !is_domain(name) {
            return Ok(Vec::new());
        }
        let found = self.dns.addresses(name, self.asked.address.is_ipv4()).await;
        self.counted(found)
    }

    fn is_within(&self, network: IpAddr, prefixes: Prefixes) -> bool {
        match (self.asked.address, network) {
            (IpAddr::V4(address), IpAddr::V4(network)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(prefixes.v4)).unwrap_or(0);
                (u32::from(address) ^ u32::from(network)) & mask == 0
            }
            (IpAddr::V6(address), IpAddr::V6(network)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(prefixes.v6)).unwrap_or(0);
                (u128::from(address) ^ u128::from(network)) & mask == 0
            }
            _ => false,
        }
    }

    async fn target(&mut self, spec: Option<&DomainSpec>, domain: &str) -> Result<String, Stop> {
        match spec {
            Some(spec) => self.expand(spec, domain).await,
            None => Ok(domain.to_owned()),
        }
    }

    async fn expand(&mut self, spec: &DomainSpec, domain: &str) -> Result<String, Stop> {
        if spec.asks_for_validated() && self.validated.is_none() {
            let name = self.validated_name(domain, false).await?;
            self.validated = Some(name);
        }
        let Asked { address, sender, helo, .. } = self.asked;
        let validated = self.validated.as_ref().and_then(|name| name.as_deref());
        Ok(spec.expand(Values { sender, domain, address, helo, validated }))
    }

    /// A name of the address that leads back to it (§5.5): the domain itself, else one below it, else (`within` unset) any.
    async fn validated_name(&mut self, domain: &str, within: bool) -> Result<Option<String>, Stop> {
        let names = match self.dns.names(self.asked.address).await {
            Ok(names) => names,
            Err(_) => return Ok(None),
        };
        let is_below = |name: &str| {
            name.strip_suffix(&domain.to_ascii_lowercase()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let mut best: Option<String> = None;
        for name in names.into_iter().take(MOST_NAMES) {
            let name = name.to_ascii_lowercase();
            if (within && !is_below(&name)) || !is_domain(&name) {
                continue;
            }
            // An answer that fails is skipped (§5.5).
            let leads_back = match self.dns.addresses(&name, self.asked.address.is_ipv4()).await {
                Ok(addresses) => addresses.contains(&self.asked.address),
                Err(_) => false,
            };
            if leads_back {
                let rank = |name: &str| (name.eq_ignore_ascii_case(domain), is_below(name));
                if best.as_deref().is_none_or(|best| rank(&name) > rank(best)) {
                    best = Some(name);
                }
            }
        }
        Ok(best)
    }
}

/// Whether a question can be asked about it: labels of 1 to 63 octets, 253 in all, one dot at the end or none, and no address literal.
fn is_domain(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    (1..=253).contains(&name.len())
        && name.split('.').all(|label| (1..=63).contains(&label.len()))
        && !name.starts_with('[')
        && name.bytes().all(|octet| octet.is_ascii_graphic())
}
