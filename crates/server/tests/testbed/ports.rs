//! Addresses for servers that have to be told one before they are started.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use super::octets;

/// An address of this machine that is free now, below the ports that the system gives to connections: one of those could have it by the
/// time the server is there.
pub fn free() -> SocketAddr {
    loop {
        let drawn = octets(2);
        let port = 10_000 + u16::from_be_bytes([drawn[0], drawn[1]]) % 22_000;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}
