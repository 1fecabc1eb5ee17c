//! Where a connection comes from, as far as rate limits need to know: an IPv4 address or an IPv6 /64, which is what
//! one household or one server gets.

use super::rate::Counted;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};

/// The network a request comes from. Headers like `X-Forwarded-For` are not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Peer(u64);

impl From<IpAddr> for Peer {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            // 0000::/64 holds no global address, so the two families do not meet.
            IpAddr::V4(v4) => Self(u64::from(u32::from(v4))),
            IpAddr::V6(v6) => Self((u128::from(v6) >> 64) as u64),
        }
    }
}

impl Peer {
    /// What a provider may have given somebody as one: of an IPv6 network the /56 and the /48 it is in; of an IPv4 address nothing wider.
    pub(crate) fn wider(self) -> Option<[Wider; 2]> {
        let is_ipv6 = self.0 >> 32 > 0;
        is_ipv6.then_some([Wider(56, self.0 >> 8), Wider(48, self.0 >> 16)])
    }
}

/// An IPv6 network of so many bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Wider(u8, u64);

impl Counted for Wider {
    fn octets(&self) -> Vec<u8> {
        [vec![self.0], self.1.to_be_bytes().to_vec()].concat()
    }
}

impl Counted for Peer {
    fn octets(&self) -> Vec<u8> {
        self.0.to_be_bytes().to_vec()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // Put there with the connection (`connection`); without one (in-process callers) all share one bucket.
        Ok(parts.extensions.get().copied().unwrap_or_else(|| IpAddr::V4(Ipv4Addr::UNSPECIFIED).into()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    fn peer(address: &str) -> Peer {
        address.parse::<IpAddr>().unwrap().into()
    }

    #[test]
    fn an_ipv6_network_is_one_peer_and_a_mapped_address_is_ipv4() {
        assert_eq!(peer("2001:db8:1:2::1"), peer("2001:db8:1:2:ffff::9"));
        assert_ne!(peer("2001:db8:1:2::1"), peer("2001:db8:1:3::1"));
        assert_eq!(peer("::ffff:192.0.2.1"), peer("192.0.2.1"));
        assert_ne!(peer("192.0.2.1"), peer("192.0.2.2"));
        let wider = |address| peer(address).wider();
        assert_eq!(wider("192.0.2.1"), None);
        assert_eq!(wider("2001:db8:1:200::1"), wider("2001:db8:1:2ff::1"));
        let (one, other) = (wider("2001:db8:1:200::1").unwrap(), wider("2001:db8:1:300::1").unwrap());
        assert!(one[0] != other[0] && one[1] == other[1]);
        assert_ne!(other[1], wider("2001:db8:2:300::1").unwrap()[1]);
    }
}
