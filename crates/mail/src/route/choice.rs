//! Which servers take a domain's mail, in which order, and how each proves that it is the one.

use super::verification::Verification;
use super::{StsMode, StsPolicy, Tlsa};
use rustls::pki_types::ServerName;
use std::net::IpAddr;

/// Servers of one domain that are looked at, and addresses of each. Each costs questions to DNS.
const MOST_HOSTS: usize = 10;
const MOST_ADDRESSES: usize = 4;

/// What DNS has, and whether DNSSEC vouches for it. Nothing is an answer as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// What there is.
    pub items: Vec<T>,
    /// Whether all of it, or that there is nothing, is validated. If not, the zone is one without DNSSEC.
    pub secure: bool,
}

/// A server that takes mail (RFC 5321 §5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Lower ones first.
    pub preference: u16,
    /// Its name, in lower case, without the last dot; empty: there is none (RFC 7505).
    pub host: String,
}

/// Where a server is, and under which names DNSSEC may vouch for its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// In the order in which keys are asked for (RFC 7672 §2.2.2): the name that it is an alias of, if all that leads there is validated,
    /// then its own, if what stands there is. None if nobody signs it.
    pub signed_names: Vec<String>,
}

/// Why DNS says nothing that could be gone by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// No answer, or a failure.
    Silent,
    /// Not what whoever signed the zone says.
    Bogus,
}

/// DNS, as whoever sends asks it.
pub trait Zones: Sync {
    /// MX of a domain.
    fn exchanges(&self, domain: &str) -> impl Future<Output = Result<Found<Exchange>, NoAnswer>> + Send;

    /// A and AAAA of a host, in lower case, without the last dot.
    fn location(&self, host: &str) -> impl Future<Output = Result<Location, NoAnswer>> + Send;

    /// TLSA of port 25 of a host (RFC 7672 §2.2); `None` for each that is not for mail.
    fn servers_by_key(&self, host: &str) -> impl Future<Output = Result<Found<Option<Tlsa>>, NoAnswer>> + Send;

    /// The texts of a name, each of one piece.
    fn texts(&self, name: &str) -> impl Future<Output = Result<Vec<Vec<u8>>, NoAnswer>> + Send;
}

/// A server to be tried.
#[derive(Clone, Debug)]
pub struct Hop {
    /// Its name; where DNSSEC names keys, the one that it names them for (RFC 7672 §2.2.2).
    pub host: String,
    /// Where it is.
    pub addresses: Vec<IpAddr>,
    /// How it proves that it is the one.
    pub verification: Verification,
    /// What the domain's policy says of it, if DANE does not decide and there is one: where it is enforced, or is to be reported on.
    pub policy: Option<StsPolicy>,
    /// Whether DNSSEC has records of its keys of which none can be used.
    pub has_unusable_keys: bool,
}

/// Why there is no server to be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoRoute {
    /// The domain says that it takes no mail (RFC 7505).
    #[error("the domain takes no mail")]
    TakesNone,
    /// There is no such domain, or it has no server.
    #[error("there is no such domain, or it has no mail server")]
    Nowhere,
    /// DNS did not answer.
    #[error("DNS does not answer")]
    Silent,
    /// What DNS says is not signed as it has to be: forged, or broken.
    #[error("what DNS says of the domain or its servers is not what the domain signed (DNSSEC)")]
    Bogus,
    /// The domain's policy names none of the servers that DNS names (MTA-STS).
    #[error("the domain's policy (MTA-STS) names none of its servers")]
    AgainstPolicy,
}

impl NoRoute {
    /// Whether another try is of no use.
    pub fn is_final(self) -> bool {
        matches!(self, Self::TakesNone | Self::Nowhere)
    }
}

/// The servers of a domain (A-labels), in the order in which they are tried. `policy` is what the domain's policy says, if it has one;
/// it is asked for only where DANE does not decide. Those of one preference are put in the order of what `draw` gives.
///
/// A server for which DNSSEC names keys is verified by these alone (RFC 7672 §2.2). Every other one needs a certificate of a known
/// authority, and where the domain has a policy that it enforces, a name that stands there (RFC 8461 §5): one that does not is
/// [`Verification::Unnamed`], and passed over. None is left without TLS.
///
/// # Errors
/// [`NoRoute`].
pub async fn route<P>(
    domain: &str,
    zones: &impl Zones,
    policy: impl FnOnce() -> P,
    mut draw: impl FnMut() -> u32,
) -> Result<Vec<Hop>, NoRoute>
where
    P: Future<Output = Result<Option<StsPolicy>, NoAnswer>>,
{
    let mut exchanges = zones.exchanges(domain).await.map_err(NoRoute::from)?;
    if exchanges.items.is_empty() {
        // §5.1: the domain itself.
        exchanges.items.push(Exchange { preference: 0, host: domain.to_owned() });
    }
    if let [Exchange { host, .. }] = exchanges.items.as_slice()
        && host.is_empty()
    {
        return Err(NoRoute::TakesNone);
    }
    exchanges.items.sort_by_cached_key(|exchange| (exchange.preference, draw()));
    exchanges.items.truncate(MOST_HOSTS);
    let (mut hops, mut hindrance) = (Vec::new(), None);
    for Exchange { host, .. } in exchanges.items {
        match hop(&host, domain, exchanges.secure, zones).await {
            Ok(hop) => hops.extend(hop),
            // Others may be in order: this one is as good as not there (RFC 7672 §2.1.1).
            Err(cause) => hindrance = Some(NoRoute::from(cause)),
        }
    }
    if hops.iter().any(|hop| !hop.verification.is_dane())
        && let Some(policy) = policy().await.map_err(NoRoute::from)?.filter(|policy| policy.mode != StsMode::None)
    {
        for hop in hops.iter_mut().filter(|hop| !hop.verification.is_dane()) {
            hop.policy = Some(policy.clone());
            if policy.mode == StsMode::Enforce {
                let is_named = policy.names(&hop.host);
                hop.verification = if is_named { Verification::Policy } else { Verification::Unnamed };
            }
        }
        if hops.iter().all(|hop| hop.verification == Verification::Unnamed) {
            return Err(hindrance.unwrap_or(NoRoute::AgainstPolicy));
        }
    }
    if hops.is_empty() { Err(hindrance.unwrap_or(NoRoute::Nowhere)) } else { Ok(hops) }
}

/// A server, if it is anywhere.
async fn hop(host: &str, domain: &str, is_secure: bool, zones: &impl Zones) -> Result<Option<Hop>, NoAnswer> {
    let named = |name: &str| ServerName::try_from(name.to_owned());
    if named(host).is_err() {
        return Ok(None);
    }
    let Location { mut addresses, signed_names } = zones.location(host).await?;
    if addresses.is_empty() {
        return Ok(None);
    }
    addresses.truncate(MOST_ADDRESSES);
    let mut has_unusable_keys = false;
    // Keys are asked for only where what leads to them is signed: else some servers fail at the question (§2.2.1, §2.1.2).
    for base in signed_names.into_iter().filter(|_| is_secure) {
        let keys = zones.servers_by_key(&base).await?;
        if !keys.secure || keys.items.is_empty() {
            continue;
        }
        let records: Vec<Tlsa> = keys.items.into_iter().flatten().collect();
        if records.is_empty() {
            // §2.2: with none that can be used, TLS as anywhere else.
            has_unusable_keys = true;
            break;
        }
        let names = [&base, domain].into_iter().flat_map(named).collect();
        return Ok(Some(Hop {
            host: base,
            addresses,
            verification: Verification::Dane { records, names },
            policy: None,
            has_unusable_keys,
        }));
    }
    let verification = Verification::Authority;
    Ok(Some(Hop { host: host.to_owned(), addresses, verification, policy: None, has_unusable_keys }))
}

impl From<NoAnswer> for NoRoute {
    fn from(cause: NoAnswer) -> Self {
        match cause {
            NoAnswer::Silent => Self::Silent,
            NoAnswer::Bogus => Self::Bogus,
        }
    }
}
