//! A load balancer in front that passes TLS through says, before everything else, whom each connection comes from: the PROXY protocol,
//! versions 1 and 2, as HAProxy and nginx speak it. Only networks that the operator names are believed, and these have to say it.

use ppp::{HeaderResult, v1, v2};
use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncReadExt};

/// Longest line of version 1, in octets.
const LINE: usize = 107;

/// Signature, version, family and length of version 2, in octets.
const FIXED: usize = 16;

/// Most octets that version 2 may have after these: addresses, and what balancers add to them.
const REST: usize = 2 * 1024;

/// What both versions are told apart by: version 2 begins with these, and no line does.
const SIGNATURE: usize = v2::PROTOCOL_PREFIX.len();

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
}
