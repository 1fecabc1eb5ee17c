//! DNS, as the checks ask it, and as whoever sends does, validated.

mod validated;

pub use validated::ValidatedDns;

use hickory_resolver::config::{NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use mail_auth::MessageAuthenticator;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Answers to questions of SPF, DKIM and DMARC, kept as long as they may be.
///
/// Not for DANE: what it says has not been validated.
pub struct Dns {
    pub(crate) resolver: MessageAuthenticator,
}

/// The resolver cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("DNS cannot be asked: {cause}")]
pub struct NoDns {
    cause: String,
}

impl Dns {
    /// Asks whom this machine asks.
    ///
    /// # Errors
    /// If the machine names nobody.
    pub fn of_this_machine() -> Result<Self, NoDns> {
        let (config, options) = hickory_resolver::system_conf::read_system_conf().map_err(no_dns)?;
        Self::new(config, options)
    }

    /// Asks these servers.
    ///
    /// # Errors
    /// If there is none.
    pub fn at(servers: &[SocketAddr]) -> Result<Self, NoDns> {
        Self::new(configured(servers), ResolverOpts::default())
    }

    fn new(config: ResolverConfig, mut options: ResolverOpts) -> Result<Self, NoDns> {
        options.timeout = PATIENCE.min(options.timeout);
        MessageAuthenticator::new(config, options).map(|resolver| Self { resolver }).map_err(no_dns)
    }
}

fn configured(servers: &[SocketAddr]) -> ResolverConfig {
    let mut config = ResolverConfig::default();
    for server in servers {
        let mut one = NameServerConfig::udp_and_tcp(server.ip());
        for connection in &mut one.connections {
            connection.port = server.port();
        }
        config.add_name_server(one);
    }
    config
}

fn no_dns(cause: impl std::fmt::Display) -> NoDns {
    NoDns { cause: cause.to_string() }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DnsFailure {
    /// There is one: the name does not exist, or has nothing of that kind.
    Nothing,
    /// No server answered, or it failed.
    NoAnswer,
}

impl Dns {
    /// The texts of a name, each of one piece.
    pub(crate) async fn texts(&self, name: &str) -> Result<Vec<Vec<u8>>, DnsFailure> {
        self.found(name, RecordType::TXT, |data| match data {
            RData::TXT(text) => Some(text.txt_data.concat()),
            _ => None,
        })
        .await
    }

    /// Addresses of one kind.
    pub(crate) async fn addresses(&self, name: &str, v4: bool) -> Result<Vec<IpAddr>, DnsFailure> {
        let kind = if v4 { RecordType::A } else { RecordType::AAAA };
        self.found(name, kind, |data| match data {
            RData::A(address) => Some(IpAddr::V4(address.0)),
            RData::AAAA(address) => Some(IpAddr::V6(address.0)),
            _ => None,
        })
        .await
    }

    /// Names of mail servers.
    pub(crate) async fn exchanges(&self, name: &str) -> Result<Vec<String>, DnsFailure> {
        self.found(name, RecordType::MX, |data| match data {
            RData::MX(mx) => Some(without_dot(&mx.exchange)),
            _ => None,
        })
        .await
    }

    /// Names of an address.
    pub(crate) async fn names(&self, address: IpAddr) -> Result<Vec<String>, DnsFailure> {
        let name = Name::from(address);
        self.found(&name.to_ascii(), RecordType::PTR, |data| match data {
            RData::PTR(ptr) => Some(without_dot(&ptr.0)),
            _ => None,
        })
        .await
    }

    async fn found<T>(
        &self,
        name: &str,
        kind: RecordType,
        pick: impl Fn(&RData) -> Option<T>,
    ) -> Result<Vec<T>, DnsFailure> {
        // Whatever octets the labels have. A name that cannot be asked about has nothing.
        let labels = name.trim_end_matches('.').split('.').map(str::as_bytes);
        let mut name = Name::from_labels(labels).map_err(|_| DnsFailure::Nothing)?;
        name.set_fqdn(true);
        match self.resolver.resolver().lookup(name, kind).await {
            Ok(lookup) => Ok(lookup.answers().iter().filter_map(|record| pick(&record.data)).collect()),
            Err(error) if error.is_no_records_found() => Err(DnsFailure::Nothing),
            Err(_) => Err(DnsFailure::NoAnswer),
        }
    }
}

fn without_dot(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_owned()
}
