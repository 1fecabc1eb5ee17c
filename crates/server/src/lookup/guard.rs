//! Which addresses this server may be sent to by a stranger: global unicast, nothing that leads inside.
//!
//! Ranges are those of the IANA special-purpose registries (RFC 6890, RFC 8190) that are not globally reachable, and
//! every form of IPv6 address with an IPv4 address in it that could be one of them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether a host of somebody else's may be at this address.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        // "This network", private use (RFC 1918), loopback
        (0 | 10 | 127, _, _) | (172, 16..=31, _) | (192, 168, _)
        // Carrier-grade NAT (RFC 6598), link-local, which is where clouds keep their metadata (RFC 3927)
        | (100, 64..=127, _) | (169, 254, _)
        // Protocol assignments (RFC 6890), old 6to4 relays (RFC 7526), benchmarks (RFC 2544)
        | (192, 0, 0) | (192, 88, 99) | (198, 18..=19, _)
        // Documentation (RFC 5737)
        | (192, 0, 2) | (198, 51, 100) | (203, 0, 113)
        // Multicast, reserved, broadcast
        | (224..=255, _, _)
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    match segments {
        // NAT64 (RFC 6052): as public as the IPv4 address behind it.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [[a, b], [c, d]] = [high.to_be_bytes(), low.to_be_bytes()];
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Protocol assignments, Teredo among them (RFC 2928, 4380), documentation (RFC 3849), 6to4 (RFC 3056).
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x2002, ..] => false,
        // Documentation (RFC 9637)
        [0x3fff, 0..=0xfff, ..] => false,
        // Global unicast (RFC 4291 §2.4). Outside of it: unspecified, loopback, v4-mapped, v4-compatible, local NAT64
        // (RFC 8215), discard, segment routing, ULA (RFC 4193), link-local, site-local, multicast.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn public_addresses_pass() {
        for address in [
            "93.184.215.14",
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2a01:4f8::1",
            "2001:200::1",
            "3fff:1000::1",
            "64:ff9b::5db8:d70e",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn whatever_leads_inside_does_not() {
        for address in [
            // Loopback, unspecified, "this network"
            "127.0.0.1",
            "127.255.255.254",
            "0.0.0.0",
            "0.1.2.3",
            "::1",
            "::",
            // Private, carrier-grade NAT
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "100.127.255.255",
            "fc00::1",
            "fd12:3456::1",
            // Link-local, cloud metadata
            "169.254.169.254",
            "fe80::1",
            "fec0::1",
            // Multicast, broadcast, reserved
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "ff02::1",
            "ff0e::1",
            // Special purpose
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "100::1",
            "2001:db8::1",
            "3fff::1",
            "5f00::1",
            // IPv4 inside IPv6: mapped, compatible, translated, NAT64 of private ones, local NAT64, 6to4, Teredo
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:93.184.215.14",
            "::127.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::5db8:d70e",
            "2002:7f00:1::1",
            "2002:5db8:d70e::1",
            "2001:0:5db8:d70e::1",
            "2001:20::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }
}
