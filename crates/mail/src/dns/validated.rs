//! DNS whose answers are validated by DNSSEC here (RFC 4035), whatever the servers in between say about them.

use super::{NoDns, PATIENCE, configured, no_dns, without_dot};
use crate::route::{Exchange, Found, NoAnswer, Tlsa, Zones};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::dnssec::{Proof, TrustAnchors};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

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

    async fn found<T>(
        &self,
        name: &str,
        kind: RecordType,
        pick: impl Fn(&RData) -> Option<T>,
    ) -> Result<Found<T>, NoAnswer> {
        let mut name = Name::from_ascii(name).map_err(|_| NoAnswer::Silent)?;
        name.set_fqdn(true);
        let is_secure = |records: &[Record]| {
            let mut proofs = proofs(records).peekable();
            proofs.peek().is_some() && proofs.all(|proof| proof == Proof::Secure)
        };
        match self.resolver.lookup(name, kind).await {
            // The records of an alias on the way have to be sound as well.
            Ok(lookup) => {
                let answers = lookup.answers();
                if proofs(answers).any(|proof| matches!(proof, Proof::Bogus | Proof::Indeterminate)) {
                    return Err(NoAnswer::Bogus);
                }
                let items: Vec<T> = answers.iter().filter_map(|record| pick(&record.data)).collect();
                // That there is nothing is told otherwise.
                if items.is_empty() { Err(NoAnswer::Silent) } else { Ok(Found { items, secure: is_secure(answers) }) }
            }
            Err(NetError::Dns(DnsError::NoRecordsFound(nothing))) => {
                let secure = nothing.authorities.is_some_and(|records| is_secure(&records));
                Ok(Found { items: Vec::new(), secure })
            }
            // What has too many iterations of NSEC3 is proven by nobody, and forged by nobody (RFC 9276 §3.2).
            Err(NetError::Dns(DnsError::Nsec { proof: Proof::Insecure, .. })) => {
                Ok(Found { items: Vec::new(), secure: false })
            }
            Err(NetError::Dns(DnsError::DnssecBogus | DnsError::Nsec { .. })) => Err(NoAnswer::Bogus),
            Err(_) => Err(NoAnswer::Silent),
        }
    }
}

/// Of all but signatures, of which those that were not needed stay unproven.
fn proofs(records: &[Record]) -> impl Iterator<Item = Proof> {
    records.iter().filter(|record| record.record_type() != RecordType::RRSIG).map(|record| record.proof)
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
    }

    async fn addresses(&self, host: &str) -> Result<Found<IpAddr>, NoAnswer> {
        let of_kind = async |kind| {
            self.found(host, kind, |data| match data {
                RData::A(address) => Some(IpAddr::V4(address.0)),
                RData::AAAA(address) => Some(IpAddr::V6(address.0)),
                _ => None,
            })
            .await
        };
        let (six, four) = (of_kind(RecordType::AAAA).await?, of_kind(RecordType::A).await?);
        Ok(Found { secure: six.secure && four.secure, items: [six.items, four.items].concat() })
    }

    async fn servers_by_key(&self, host: &str) -> Result<Found<Option<Tlsa>>, NoAnswer> {
        self.found(&format!("_25._tcp.{host}"), RecordType::TLSA, |data| match data {
            RData::TLSA(tlsa) => Some(
                Tlsa::new(tlsa.cert_usage.into(), tlsa.selector.into(), tlsa.matching.into(), &tlsa.cert_data).ok(),
            ),
            _ => None,
        })
        .await
    }

    async fn texts(&self, name: &str) -> Result<Vec<Vec<u8>>, NoAnswer> {
        let found = self.found(name, RecordType::TXT, |data| match data {
            RData::TXT(text) => Some(text.txt_data.concat()),
            _ => None,
        });
        Ok(found.await?.items)
    }
}
