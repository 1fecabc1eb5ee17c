//! DNS whose answers are validated by DNSSEC here (RFC 4035), whatever the servers in between say about them.

use super::{NoDns, PATIENCE, configured, no_dns, without_dot};
use crate::route::{Exchange, Found, Location, NoAnswer, Tlsa, Zones};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::dnssec::{Proof, TrustAnchors};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

/// Aliases on the way to one answer.
const MOST_ALIASES: usize = 8;

/// Answers that say whether DNSSEC vouches for them, kept as long as they may be. Servers that are asked have to pass signatures on, as all
/// but old ones do: behind one that does not nothing can be told from a forgery.
pub struct ValidatedDns {
    resolver: TokioResolver,
}

impl ValidatedDns {
    /// Asks whom this machine asks, and trusts the root's keys (IANA).
    ///
    /// # Errors
    /// If the machine names nobody.
    pub fn of_this_machine() -> Result<Self, NoDns> {
        let (config, options) = hickory_resolver::system_conf::read_system_conf().map_err(no_dns)?;
        Self::new(config, options, TrustAnchors::default())
    }

    /// Asks these servers, and trusts the root's keys of a file (DNSKEY records, as in a zone file).
    ///
    /// # Errors
    /// If there is no server, or no key.
    pub fn at(servers: &[SocketAddr], anchors: &Path) -> Result<Self, NoDns> {
        let anchors = TrustAnchors::from_file(anchors).map_err(no_dns)?;
        Self::new(configured(servers), ResolverOpts::default(), anchors)
    }

    fn new(config: ResolverConfig, mut options: ResolverOpts, anchors: TrustAnchors) -> Result<Self, NoDns> {
        options.timeout = PATIENCE.min(options.timeout);
        options.validate = true;
        // Nobody signs the file `hosts`.
        options.use_hosts_file = ResolveHosts::Never;
        let builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        let builder = builder.with_options(options).with_trust_anchor(Arc::new(anchors));
        builder.build().map(|resolver| Self { resolver }).map_err(no_dns)
    }

    /// What there is of a kind, at a name or behind it.
    async fn found<T>(
        &self,
        name: &str,
        kind: RecordType,
        pick: impl Fn(&RData) -> Option<T>,
    ) -> Result<Answer<T>, NoAnswer> {
        let mut name = Name::from_ascii(name).map_err(|_| NoAnswer::Silent)?;
        name.set_fqdn(true);
        let (mut is_secure, mut begins_secure) = (true, None);
        for _ in 0..MOST_ALIASES {
            if let Some(found) = self.standing_at(&name, kind, &pick).await? {
                let begins_secure = begins_secure.unwrap_or(found.secure);
                return Ok(Answer { items: found.items, is_secure: is_secure && found.secure, begins_secure, name });
            }
            let aliases = self.standing_at(&name, RecordType::CNAME, |data| match data {
                RData::CNAME(alias) => Some(alias.0.clone()),
                _ => None,
            });
            let found = aliases.await?.ok_or(NoAnswer::Bogus)?;
            name = found.items.into_iter().next().ok_or(NoAnswer::Bogus)?;
            is_secure &= found.secure;
            begins_secure.get_or_insert(found.secure);
        }
        Err(NoAnswer::Silent)
    }

    /// What stands at this very name; `None` if nothing validated says so: it is an alias, or forged. The resolver follows aliases itself,
    /// but may leave out those it came by, and takes a proof that nothing is behind one for no proof.
    async fn standing_at<T>(
        &self,
        name: &Name,
        kind: RecordType,
        pick: impl Fn(&RData) -> Option<T>,
    ) -> Result<Option<Found<T>>, NoAnswer> {
        let nothing = |secure| Ok(Some(Found { items: Vec::new(), secure }));
        match self.resolver.lookup(name.clone(), kind).await {
            Ok(lookup) => {
                let is_own = |record: &&Record| record.name == *name && record.record_type() == kind;
                let own: Vec<&Record> = lookup.answers().iter().filter(is_own).collect();
                if own.is_empty()
                    || own.iter().any(|record| matches!(record.proof, Proof::Bogus | Proof::Indeterminate))
                {
                    return Ok(None);
                }
                let secure = own.iter().all(|record| record.proof == Proof::Secure);
                Ok(Some(Found { items: own.into_iter().filter_map(|record| pick(&record.data)).collect(), secure }))
            }
            Err(NetError::Dns(DnsError::NoRecordsFound(none))) if *none.query.name() != *name => Ok(None),
            Err(NetError::Dns(DnsError::NoRecordsFound(none))) => {
                nothing(none.authorities.is_some_and(|records| are_secure(&records)))
            }
            // What has too many iterations of NSEC3 is proven by nobody, and forged by nobody (RFC 9276 §3.2).
            Err(NetError::Dns(DnsError::Nsec { proof: Proof::Insecure, .. })) => nothing(false),
            Err(NetError::Dns(DnsError::DnssecBogus | DnsError::Nsec { .. })) => Ok(None),
            Err(_) => Err(NoAnswer::Silent),
        }
    }
}

/// What was found behind a name.
struct Answer<T> {
    items: Vec<T>,
    /// Whether all of it is validated, and each alias on the way.
    is_secure: bool,
    /// Whether what stands at the name itself is: the first alias, or all of it.
    begins_secure: bool,
    /// The name that it was found at.
    name: Name,
}

impl<T> From<Answer<T>> for Found<T> {
    fn from(answer: Answer<T>) -> Self {
        Self { items: answer.items, secure: answer.is_secure }
    }
}

/// Whether all but signatures are, of which those that were not needed stay unproven.
fn are_secure(records: &[Record]) -> bool {
    let mut proofs =
        records.iter().filter(|record| record.record_type() != RecordType::RRSIG).map(|record| record.proof);
    proofs.clone().next().is_some() && proofs.all(|proof| proof == Proof::Secure)
}

impl Zones for ValidatedDns {
    async fn exchanges(&self, domain: &str) -> Result<Found<Exchange>, NoAnswer> {
        self.found(domain, RecordType::MX, |data| match data {
            RData::MX(mx) => {
                Some(Exchange { preference: mx.preference, host: without_dot(&mx.exchange).to_lowercase() })
            }
            _ => None,
        })
        .await
        .map(Found::from)
    }

    async fn location(&self, host: &str) -> Result<Location, NoAnswer> {
        let of_kind = async |kind| {
            self.found(host, kind, |data| match data {
                RData::A(address) => Some(IpAddr::V4(address.0)),
                RData::AAAA(address) => Some(IpAddr::V6(address.0)),
                _ => None,
            })
            .await
        };
        let (six, four) = (of_kind(RecordType::AAAA).await?, of_kind(RecordType::A).await?);
        let mut signed_names = Vec::new();
        if six.is_secure && four.is_secure {
            signed_names.push(without_dot(&four.name).to_lowercase());
        }
        if six.begins_secure && four.begins_secure && !signed_names.iter().any(|name| name == host) {
            signed_names.push(host.to_owned());
        }
        Ok(Location { addresses: [six.items, four.items].concat(), signed_names })
    }

    async fn servers_by_key(&self, host: &str) -> Result<Found<Option<Tlsa>>, NoAnswer> {
        self.found(&format!("_25._tcp.{host}"), RecordType::TLSA, |data| match data {
            RData::TLSA(tlsa) => Some(
                Tlsa::new(tlsa.cert_usage.into(), tlsa.selector.into(), tlsa.matching.into(), &tlsa.cert_data).ok(),
            ),
            _ => None,
        })
        .await
        .map(Found::from)
    }

    async fn texts(&self, name: &str) -> Result<Vec<Vec<u8>>, NoAnswer> {
        let found = self.found(name, RecordType::TXT, |data| match data {
            RData::TXT(text) => Some(text.txt_data.concat()),
            _ => None,
        });
        Ok(found.await?.items)
    }
}
