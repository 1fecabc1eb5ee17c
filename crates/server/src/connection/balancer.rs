//! A load balancer in front that passes TLS through says, before everything else, whom each connection comes from: the PROXY protocol,
//! versions 1 and 2, as HAProxy and nginx speak it. Only networks that the operator names are believed, and these have to say it.

use ipnet::{IpNet, Ipv4Net};
use ppp::{HeaderResult, v1, v2};
use serde::Deserialize;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use tokio::io::{AsyncRead, AsyncReadExt};

/// Longest line of version 1, in octets.
const LINE: usize = 107;

/// Signature, version, family and length of version 2, in octets.
const FIXED: usize = 16;

/// Most octets that version 2 may have after these: addresses, and what balancers add to them.
const REST: usize = 2 * 1024;

/// What both versions are told apart by: version 2 begins with these, and no line does.
const SIGNATURE: usize = v2::PROTOCOL_PREFIX.len();

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
    pub(super) fn contains(&self, address: IpAddr) -> bool {
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

/// Reads what a balancer says first, and not one octet more. `None`: the connection is the balancer's own, to see whether somebody
/// is there. The caller limits how long this may take.
pub(super) async fn read_source(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<SocketAddr>> {
    let mut said = vec![0; SIGNATURE];
    stream.read_exact(&mut said).await?;
    if said == v2::PROTOCOL_PREFIX {
        read_more(stream, &mut said, FIXED - SIGNATURE).await?;
        let length = said.get(FIXED - 2..).and_then(|last| last.try_into().ok()).map_or(0, u16::from_be_bytes);
        if usize::from(length) > REST {
            return Err(unreadable());
        }
        read_more(stream, &mut said, length.into()).await?;
    } else {
        while !said.ends_with(b"\r\n") {
            if said.len() == LINE {
                return Err(unreadable());
            }
            read_more(stream, &mut said, 1).await?;
        }
    }
    match HeaderResult::parse(&said) {
        HeaderResult::V1(Ok(header)) => Ok(match header.addresses {
            v1::Addresses::Tcp4(from) => Some((from.source_address, from.source_port).into()),
            v1::Addresses::Tcp6(from) => Some((from.source_address, from.source_port).into()),
            v1::Addresses::Unknown => None,
        }),
        HeaderResult::V2(Ok(header)) => Ok(match (header.command, header.addresses) {
            (v2::Command::Proxy, v2::Addresses::IPv4(from)) => Some((from.source_address, from.source_port).into()),
            (v2::Command::Proxy, v2::Addresses::IPv6(from)) => Some((from.source_address, from.source_port).into()),
            _ => None,
        }),
        _ => Err(unreadable()),
    }
}

async fn read_more(stream: &mut (impl AsyncRead + Unpin), said: &mut Vec<u8>, octets: usize) -> io::Result<()> {
    let before = said.len();
    said.resize(before + octets, 0);
    stream.read_exact(said.get_mut(before..).unwrap_or_default()).await?;
    Ok(())
}

fn unreadable() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the balancer does not say whom a connection comes from (PROXY protocol)",
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    /// Version 2 with this second octet of version and command, family, and what follows.
    fn binary(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).unwrap();
        [v2::PROTOCOL_PREFIX, &[command, family], &length.to_be_bytes(), rest].concat()
    }

    async fn source(said: &[u8]) -> (io::Result<Option<SocketAddr>>, usize) {
        let mut all = [said, b"\x16\x03\x01"].concat();
        all.extend([0; 3000]);
        let whole = all.len();
        let mut stream = all.as_slice();
        (read_source(&mut stream).await, whole - stream.len())
    }

    #[tokio::test]
    async fn both_versions_say_whom_a_connection_comes_from_and_nothing_after_them_is_read() {
        let v4 = [203, 0, 113, 7, 127, 0, 0, 1, 0x1f, 0x90, 0x01, 0xbb];
        let v6 = [&"2001:db8::7".parse::<std::net::Ipv6Addr>().unwrap().octets()[..], &[0; 16], &[0, 9, 0, 1]].concat();
        for (said, from) in [
            (b"PROXY TCP4 203.0.113.7 127.0.0.1 8080 443\r\n".to_vec(), Some("203.0.113.7:8080")),
            (b"PROXY TCP6 2001:db8::7 ::1 9 443\r\n".to_vec(), Some("[2001:db8::7]:9")),
            (b"PROXY UNKNOWN\r\n".to_vec(), None),
            (b"PROXY UNKNOWN a b c d\r\n".to_vec(), None),
            (binary(0x21, 0x11, &v4), Some("203.0.113.7:8080")),
            (binary(0x21, 0x11, &[&v4[..], &[4, 0, 1, 42]].concat()), Some("203.0.113.7:8080")),
            (binary(0x21, 0x21, &v6), Some("[2001:db8::7]:9")),
            // LOCAL: the balancer's own.
            (binary(0x20, 0x00, &[]), None),
            (binary(0x20, 0x11, &v4), None),
        ] {
            let (read, taken) = source(&said).await;
            assert_eq!(read.unwrap(), from.map(|from| from.parse().unwrap()), "{}", said.escape_ascii());
            assert_eq!(taken, said.len());
        }
    }

    #[tokio::test]
    async fn what_says_something_else_is_refused_within_its_bounds() {
        for said in [
            b"GET / HTTP/1.1\r\n\r\n".to_vec(),
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03abcdefgh".to_vec(),
            b"PROXY TCP4 203.0.113.777 127.0.0.1 8080 443\r\n".to_vec(),
            b"PROXY TCP4 203.0.113.7\r\n".to_vec(),
            [b"PROXY TCP4 ".to_vec(), vec![b'1'; 200]].concat(),
            binary(0x11, 0x11, &[0; 12]),
            binary(0x21, 0x11, &[0; 5]),
            binary(0x21, 0x11, &[0; REST + 1]),
        ] {
            let (read, taken) = source(&said).await;
            assert!(read.is_err(), "{}", said.escape_ascii());
            assert!(taken <= LINE.max(FIXED + REST));
        }
        assert!(read_source(&mut &b"PROXY TCP4"[..]).await.is_err(), "broken off");
    }

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
