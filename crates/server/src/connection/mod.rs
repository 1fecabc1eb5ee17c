//! Connections, so that a few slow or many idle ones cannot keep others out.
//!
//! - How many: in all, and of one network (an IPv4 address or an IPv6 /64). More are closed before their handshake.
//! - How slow: a client that takes an answer must take it at 2 KiB a second, averaged, with one pause of `stall`. Seen on
//!   the socket, and per answer, since HTTP/2 clients can hold back one answer while the connection looks alive.
//! - How idle: a connection without a request for `idle` is closed, whether it answers pings or not.
//!
//! Not here: how slowly a request may come (its head in `serve`, its body in `request`).

mod answer;
mod stream;

pub(crate) use answer::watch_answers;

use crate::request::Peer;
use crate::settings::Settings;
use crate::status::Metrics;
use answer::Answers;
use axum::Extension;
use axum_server::accept::Accept;
use std::collections::HashMap;
use std::future::{Ready, ready};
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use stream::GuardedStream;
use tokio::net::TcpStream;
use tower::Layer;

/// What connections may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowed {
    /// Connections in all.
    pub(crate) connections: usize,
    /// Connections of one network.
    pub(crate) of_one_network: usize,
    /// Longest pause in taking an answer.
    pub(crate) stall: Duration,
    /// Slowest reader of an answer, in octets per second, averaged.
    pub(crate) slowest_reader: NonZeroU32,
    /// Longest time without a request.
    pub(crate) idle: Duration,
}

impl Allowed {
    pub(crate) fn by(settings: &Settings) -> Self {
        let number = |count: NonZeroU32| usize::try_from(count.get()).unwrap_or(usize::MAX);
        Self {
            connections: number(settings.connections),
            of_one_network: number(settings.connections_of_one_network),
            stall: settings.stall,
            slowest_reader: settings.slowest_reader,
            idle: settings.idle,
        }
    }
}

impl Allowed {
    /// Time in which even the slowest reader has taken this many octets.
    fn time_to_take(&self, octets: usize) -> Duration {
        Duration::from_secs_f64(octets as f64 / f64::from(self.slowest_reader.get()))
    }
}

/// Lets connections in, and watches them.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Guarded>);

struct Guarded {
    allowed: Allowed,
    metrics: Metrics,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    total: usize,
    by_network: HashMap<Peer, usize>,
}

impl Gate {
    pub(crate) fn new(allowed: Allowed, metrics: Metrics) -> Self {
        Self(Arc::new(Guarded { allowed, metrics, inside: Mutex::default() }))
    }

    fn enter(&self, address: SocketAddr) -> Option<Place> {
        let network = Peer::from(address.ip());
        let allowed = &self.0.allowed;
        let mut inside = self.0.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let of_network = inside.by_network.get(&network).copied().unwrap_or(0);
        if inside.total >= allowed.connections || of_network >= allowed.of_one_network {
            self.0.metrics.refused.inc();
            return None;
        }
        inside.total += 1;
        inside.by_network.insert(network, of_network + 1);
        self.0.metrics.connections.inc();
        Some(Place { gate: self.clone(), network })
    }

    fn leave(&self, network: Peer) {
        let mut inside = self.0.inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.total = inside.total.saturating_sub(1);
        self.0.metrics.connections.dec();
        if let Some(left) = inside.by_network.get_mut(&network) {
            *left = left.saturating_sub(1);
            if *left == 0 {
                inside.by_network.remove(&network);
            }
        }
    }
}

/// One connection's place; free again when dropped.
struct Place {
    gate: Gate,
    network: Peer,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.gate.leave(self.network);
    }
}

impl<S> Accept<TcpStream, S> for Gate
where
    Extension<Answers>: Layer<S>,
{
    type Stream = GuardedStream;
    type Service = <Extension<Answers> as Layer<S>>::Service;
    type Future = Ready<io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        // Head and body of an answer are written apart: without this the body waits until the client has said, 40 ms later,
        // that it got the head.
        let place = stream.set_nodelay(true).and_then(|()| stream.peer_addr()).and_then(|address| {
            self.enter(address).ok_or_else(|| io::Error::new(io::ErrorKind::ConnectionRefused, "too many connections"))
        });
        ready(place.map(|place| {
            let answers = Answers::new(self.0.allowed);
            (GuardedStream::new(stream, place, answers.clone(), self.0.allowed), Extension(answers).layer(service))
        }))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn places_are_counted_by_network_and_given_back() {
        let time = Duration::from_secs(1);
        let gate = Gate::new(
            Allowed { connections: 3, of_one_network: 2, stall: time, slowest_reader: NonZeroU32::MIN, idle: time },
            Metrics::new(),
        );
        let enter = |address: &str| gate.enter(address.parse().unwrap());
        let first = enter("192.0.2.1:1000").unwrap();
        let _second = enter("[::ffff:192.0.2.1]:1001").unwrap();
        assert!(enter("192.0.2.1:1002").is_none(), "two of one address");
        let third = enter("[2001:db8::1]:1000").unwrap();
        assert!(enter("192.0.2.2:1000").is_none(), "three in all");
        drop(first);
        let _again = enter("192.0.2.1:1003").unwrap();
        drop(third);
        let _v6 = enter("[2001:db8::2]:1000").unwrap();
        drop((_second, _again, _v6));
        assert!(gate.0.inside.lock().unwrap().by_network.is_empty(), "nothing is remembered");
    }
}
