//! A TLS client made by hand that goes no further than the server's first flight: it offers what no library would, and
//! tells what a server picks. Everything a server accepts is found by offering everything, taking away what was picked, and
//! asking again until it refuses.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

pub mod answer;
pub mod hello;

use answer::{Answer, Picked};
use hello::Hello;
use std::collections::BTreeSet;
use std::net::SocketAddr;

/// Suites or groups in one hello.
const PORTION: usize = 1024;

/// No suites, but signals: the second makes a server refuse that would rather speak a newer version (RFC 7507).
const SIGNALS: [u16; 2] = [0x00ff, 0x5600];

/// How a hello says which version it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// In its head, as up to TLS 1.2 (RFC 5246 §7.4.1.2).
    InHead,
    /// In the extension (RFC 8446 §4.2.1).
    InExtension,
    /// In the form of SSL 2.0, which later versions took as well (RFC 5246 §E.2).
    InSsl2Form,
}

fn every_number(but: &[u16]) -> Vec<u16> {
    (0..=u16::MAX).filter(|number| !but.contains(number)).collect()
}

/// Every version and suite that the server at this address picks when it is offered all suites for this version.
pub fn suites(server: SocketAddr, version: u16, said: Said) -> BTreeSet<(u16, u16)> {
    let all = every_number(&SIGNALS);
    let mut picked = BTreeSet::new();
    for portion in all.chunks(PORTION) {
        let mut offered = portion.to_vec();
        while let Answer::Picked(Picked { version, suite, .. }) = Hello::new(version, said).suites(&offered).ask(server)
        {
            let before = offered.len();
            offered.retain(|number| *number != suite);
            assert!(offered.len() < before, "it picked {suite:#06x}, which was not offered");
            picked.insert((version, suite));
        }
    }
    picked
}

/// Every group the server takes for TLS 1.3 when it is offered all of them without a key of any.
pub fn groups(server: SocketAddr) -> BTreeSet<u16> {
    let all = every_number(&[]);
    let mut taken = BTreeSet::new();
    for portion in all.chunks(PORTION) {
        let mut offered = portion.to_vec();
        while let Some(group) = preferred_group(server, &offered) {
            let before = offered.len();
            offered.retain(|number| *number != group);
            assert!(offered.len() < before, "it asked for {group:#06x}, which was not offered");
            taken.insert(group);
        }
    }
    taken
}

/// The group the server asks for, of these.
pub fn preferred_group(server: SocketAddr, offered: &[u16]) -> Option<u16> {
    match Hello::new(0x0304, Said::InExtension).groups(offered).ask(server) {
        Answer::Picked(picked) => picked.group,
        Answer::Refused => None,
    }
}
