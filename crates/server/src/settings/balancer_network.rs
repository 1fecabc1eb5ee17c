//! Where load balancers are, as an operator says it. What they say: `connection`.

use ipnet::{IpNet, Ipv4Net};
use serde::Deserialize;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// IPv4 addresses as IPv6 ones begin with so many bits, `::ffff:0:0/96` (RFC 4291 §2.5.5.2).
const MAPPED: u8 = 96;

/// An address or a network (`10.0.0.5`, `10.0.0.0/24`) where balancers are. `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct BalancerNetwork(IpNet);

/// Why a text is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a network is an address such as 10.0.0.5, or a range such as 10.0.0.0/24 or 2001:db8::/64")]
pub struct InvalidNetwork;

impl BalancerNetwork {
    /// Whether this address is in it.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl fmt::Display for BalancerNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for BalancerNetwork {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let network: Result<IpNet, _> = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        let network = network.map_err(|_| InvalidNetwork)?;
        // Addresses are compared as what they are, so networks have to be.
        let IpAddr::V6(address) = network.addr() else { return Ok(Self(network)) };
        let Some(mapped) = address.to_ipv4_mapped() else { return Ok(Self(network)) };
        let length = network.prefix_len().checked_sub(MAPPED).ok_or(InvalidNetwork)?;
        Ipv4Net::new(mapped, length).map(|network| Self(network.into())).map_err(|_| InvalidNetwork)
    }
}

impl TryFrom<String> for BalancerNetwork {
    type Error = InvalidNetwork;

    fn try_from(text: String) -> Result<Self, InvalidNetwork> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn a_network_is_an_address_or_a_range() {
        let contains = |network: &str, address: &str| {
            network.parse::<BalancerNetwork>().unwrap().contains(address.parse().unwrap())
        };
        assert!(contains("10.0.0.5", "10.0.0.5"));
        assert!(contains("10.0.0.5", "::ffff:10.0.0.5"));
        assert!(!contains("10.0.0.5", "10.0.0.6"));
        assert!(contains("10.0.0.0/24", "10.0.0.6"));
        assert!(contains("2001:db8::/32", "2001:db8::1"));
        // It matched nobody.
        for (network, address, is_in) in [
            ("::ffff:10.0.0.0/104", "10.1.2.3", true),
            ("::ffff:10.0.0.0/104", "::ffff:10.1.2.3", true),
            ("::ffff:10.0.0.0/104", "11.0.0.1", false),
            ("::ffff:a00:5", "10.0.0.5", true),
            ("::ffff:10.0.0.5/128", "10.0.0.6", false),
            ("::ffff:0:0/96", "192.0.2.1", true),
            ("::ffff:0:0/96", "2001:db8::1", false),
        ] {
            assert_eq!(contains(network, address), is_in, "{address} in {network}");
        }
        for text in ["", "10.0.0.0/33", "balancer.example", "10.0.0", "::ffff:10.0.0.0/95", "::ffff:10.0.0.0/129"] {
            assert_eq!(text.parse::<BalancerNetwork>(), Err(InvalidNetwork), "{text}");
        }
    }
}
