//! Connections, so that a few slow or many idle ones cannot keep others out.
//!
//! - How many: in all, and of one network (an IPv4 address or an IPv6 /64). More are closed before their handshake.
//! - How slow: a client that takes an answer must take it at 2 KiB a second, averaged, with one pause of `stall`. Seen on
//!   the socket, and per answer, since HTTP/2 clients can hold back one answer while the connection looks alive.
//! - How idle: a connection without a request for `idle` is closed, whether it answers pings or not.
//! - Whose: what limits and rates are counted by, behind a balancer whom that names.
//!
//! Not here: how slowly a request may come (its head in `serve`, its body in `request`).

mod answer;
mod balancer;
mod stream;

pub(crate) use answer::watch_answers;
pub use balancer::{BalancerNetwork, InvalidNetwork};

use crate::request::Peer;
use crate::serve::HEADER;
use crate::settings::Settings;
use crate::status::Metrics;
use answer::Answers;
use axum::Extension;
use axum_server::accept::Accept;
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::io;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use stream::GuardedStream;
use tokio::net::TcpStream;
use tokio::time::timeout;
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
    balancers: Vec<BalancerNetwork>,
    metrics: Metrics,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    total: usize,
    by_network: HashMap<Peer, usize>,
}

impl Gate {
    /// Connections from `balancers` are those of whom they name.
    pub(crate) fn new(allowed: Allowed, balancers: Vec<BalancerNetwork>, metrics: Metrics) -> Self {
        Self(Arc::new(Guarded { allowed, balancers, metrics, inside: Mutex::default() }))
    }

    /// Whom a connection comes from.
    async fn source(&self, stream: &mut TcpStream) -> io::Result<Peer> {
        let address = stream.peer_addr()?.ip();
        if !self.0.balancers.iter().any(|network| network.contains(address)) {
            return Ok(address.into());
        }
        let named = timeout(HEADER, balancer::read_source(stream)).await.map_err(io::Error::other)?;
        match &named {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                tracing::warn!(%error, "a connection is closed")
            }
            _ => {}
        }
        Ok(named?.map_or(address, |source| source.ip()).into())
    }

    fn enter(&self, network: Peer) -> Option<Place> {
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

/// A service that is told how its answers are taken, and whom its requests come from.
type Told<S> = <Extension<Peer> as Layer<<Extension<Answers> as Layer<S>>::Service>>::Service;

impl<S> Accept<TcpStream, S> for Gate
where
    S: Send + 'static,
    Extension<Answers>: Layer<S>,
    Extension<Peer>: Layer<<Extension<Answers> as Layer<S>>::Service>,
{
    type Stream = GuardedStream;
    type Service = Told<S>;
    type Future = BoxFuture<'static, io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, mut stream: TcpStream, service: S) -> Self::Future {
        let gate = self.clone();
        Box::pin(async move {
            // Head and body of an answer are written apart: without this the body waits until the client has said, 40 ms later,
            // that it got the head.
            stream.set_nodelay(true)?;
            let source = gate.source(&mut stream).await?;
            let place = gate
                .enter(source)
                .ok_or_else(|| io::Error::new(io::ErrorKind::ConnectionRefused, "too many connections"))?;
            let answers = Answers::new(gate.0.allowed);
            let stream = GuardedStream::new(stream, place, answers.clone(), gate.0.allowed);
            Ok((stream, Extension(source).layer(Extension(answers).layer(service))))
        })
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
            Vec::new(),
            Metrics::new(),
        );
        let enter = |address: &str| gate.enter(address.parse::<std::net::IpAddr>().unwrap().into());
        let first = enter("192.0.2.1").unwrap();
        let _second = enter("::ffff:192.0.2.1").unwrap();
        assert!(enter("192.0.2.1").is_none(), "two of one address");
        let third = enter("2001:db8::1").unwrap();
        assert!(enter("192.0.2.2").is_none(), "three in all");
        drop(first);
        let _again = enter("192.0.2.1").unwrap();
        drop(third);
        let _v6 = enter("2001:db8::2").unwrap();
        drop((_second, _again, _v6));
        assert!(gate.0.inside.lock().unwrap().by_network.is_empty(), "nothing is remembered");
    }
}
