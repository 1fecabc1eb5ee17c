//! DNS, as the checks ask it.

use hickory_resolver::config::{NameServerConfig, ResolverConfig, ResolverOpts};
use mail_auth::MessageAuthenticator;
use std::net::SocketAddr;
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
        let mut config = ResolverConfig::default();
        for server in servers {
            let mut one = NameServerConfig::udp_and_tcp(server.ip());
            for connection in &mut one.connections {
                connection.port = server.port();
            }
            config.add_name_server(one);
        }
        Self::new(config, ResolverOpts::default())
    }

    fn new(config: ResolverConfig, mut options: ResolverOpts) -> Result<Self, NoDns> {
        options.timeout = PATIENCE.min(options.timeout);
        MessageAuthenticator::new(config, options).map(|resolver| Self { resolver }).map_err(no_dns)
    }
}

fn no_dns(cause: impl std::fmt::Display) -> NoDns {
    NoDns { cause: cause.to_string() }
}
