//! Connections, so that a few slow or many idle ones cannot keep others out.
//!
//! - How many: in all, and of one network (an IPv4 address or an IPv6 /64). More are closed before their handshake.
//! - How slow: a client that takes an answer must take it at 2 KiB a second, averaged, with one pause of `stall`. Seen on
//!   the socket, and per answer, since HTTP/2 clients can hold back one answer while the connection looks alive.
//! - How idle: a connection without a request for `idle` is closed, whether it answers pings or not.
//! - Whose: what limits and rates are counted by, behind a balancer whom that names. Until it does, for ten seconds at most, a
//!   connection is one of all and one of the balancer's, which may have more of these than anybody else of theirs: it opens them
//!   for many, and names them at once.
//!
//! Not here: how slowly a request may come (`request`).

mod answer;
mod balancer;
mod stream;

pub(crate) use answer::watch_answers;

use crate::limits::Peer;
use crate::metrics::Connections;
use crate::settings::{BalancerNetwork, Settings};
use answer::Answers;
use axum::Extension;
use axum_server::accept::Accept;
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use stream::GuardedStream;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower::Layer;

/// Time in which a balancer has to name whom a connection comes from.
const NAMING: Duration = Duration::from_secs(10);

/// What connections may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowed {
    /// Connections in all.
    pub(crate) connections: usize,
    /// Connections of one network.
    pub(crate) of_one_network: usize,
    /// Time in which a balancer has to name whom one comes from.
    pub(crate) naming: Duration,
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
            naming: NAMING,
            stall: settings.stall,
            slowest_reader: settings.slowest_reader,
            idle: settings.idle,
        }
    }
}

impl Allowed {
    /// Connections that one may have at a time.
    fn of(&self, holder: Holder) -> usize {
        match holder {
            Holder::Network(_) => self.of_one_network,
            Holder::Unnamed(_) => self.of_one_network.max(self.connections / 4),
        }
    }

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
    counted: Connections,
    inside: Mutex<Inside>,
}

/// Whose connections are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Holder {
    /// Those of a network.
    Network(Peer),
    /// Those of a balancer there, until it has named whom they come from.
    Unnamed(Peer),
}

#[derive(Default)]
struct Inside {
    total: usize,
    by_holder: HashMap<Holder, usize>,
}

impl Inside {
    fn of(&self, holder: Holder) -> usize {
        self.by_holder.get(&holder).copied().unwrap_or(0)
    }

    fn add(&mut self, holder: Holder) {
        *self.by_holder.entry(holder).or_default() += 1;
    }

    fn remove(&mut self, holder: Holder) {
        if let Some(left) = self.by_holder.get_mut(&holder) {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.by_holder.remove(&holder);
            }
        }
    }
}

impl Gate {
    /// Connections from `balancers` are those of whom they name.
    pub(crate) fn new(allowed: Allowed, balancers: Vec<BalancerNetwork>, counted: Connections) -> Self {
        Self(Arc::new(Guarded { allowed, balancers, counted, inside: Mutex::default() }))
    }

    /// Gives a connection a place, and says whom it comes from.
    pub(crate) async fn admit(&self, stream: &mut TcpStream) -> io::Result<(Place, IpAddr)> {
        let address = stream.peer_addr()?.ip();
        if !self.0.balancers.iter().any(|network| network.contains(address)) {
            return Ok((self.enter(Holder::Network(address.into())).ok_or_else(too_many)?, address));
        }
        let place = self.enter(Holder::Unnamed(address.into())).ok_or_else(too_many)?;
        let named = timeout(self.0.allowed.naming, balancer::read_source(stream)).await.map_err(io::Error::other)?;
        match &named {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                tracing::warn!(%error, "a connection is closed")
            }
            _ => {}
        }
        let source = named?.map_or(address, |source| source.ip());
        Ok((place.pass_to(Holder::Network(source.into())).ok_or_else(too_many)?, source))
    }

    fn enter(&self, holder: Holder) -> Option<Place> {
        let Guarded { allowed, counted, .. } = &*self.0;
        let mut inside = self.inside();
        if inside.total >= allowed.connections || inside.of(holder) >= allowed.of(holder) {
            counted.refused.inc();
            return None;
        }
        inside.total += 1;
        inside.add(holder);
        counted.open.inc();
        Some(Place { gate: self.clone(), holder })
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection's place; free again when dropped.
pub(crate) struct Place {
    gate: Gate,
    holder: Holder,
}

impl Place {
    /// The same place for somebody else, unless they have too many.
    fn pass_to(mut self, holder: Holder) -> Option<Self> {
        let gate = self.gate.clone();
        let mut inside = gate.inside();
        if inside.of(holder) >= gate.0.allowed.of(holder) {
            // Given back when it is dropped, which takes what is locked here.
            drop(inside);
            gate.0.counted.refused.inc();
            return None;
        }
        inside.remove(self.holder);
        inside.add(holder);
        self.holder = holder;
        Some(self)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.gate.inside();
        inside.total = inside.total.saturating_sub(1);
        inside.remove(self.holder);
        self.gate.0.counted.open.dec();
    }
}

fn too_many() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionRefused, "too many connections")
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
            let (place, source) = gate.admit(&mut stream).await?;
            let answers = Answers::new(gate.0.allowed);
            let stream = GuardedStream::new(stream, place, answers.clone(), gate.0.allowed);
            Ok((stream, Extension(Peer::from(source)).layer(Extension(answers).layer(service))))
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use crate::metrics::Metrics;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    fn gate(connections: usize, of_one_network: usize, balancers: &[&str]) -> Gate {
        let (time, naming) = (Duration::from_secs(1), Duration::from_secs(1));
        let slowest_reader = NonZeroU32::MIN;
        let allowed = Allowed { connections, of_one_network, naming, stall: time, slowest_reader, idle: time };
        Gate::new(
            allowed,
            balancers.iter().map(|network| network.parse().unwrap()).collect(),
            Metrics::new().connections,
        )
    }

    fn network(address: &str) -> Holder {
        Holder::Network(address.parse::<IpAddr>().unwrap().into())
    }

    #[test]
    fn places_are_counted_by_network_and_given_back() {
        let gate = gate(3, 2, &[]);
        let enter = |address: &str| gate.enter(network(address));
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
        assert!(gate.inside().by_holder.is_empty(), "nothing is remembered");
    }

    #[test]
    fn a_place_passes_to_whom_the_balancer_names() {
        let gate = gate(2, 1, &[]);
        let balancer = Holder::Unnamed(IpAddr::from([10, 0, 0, 5]).into());
        let ella = gate.enter(balancer).unwrap().pass_to(network("192.0.2.1")).unwrap();
        let held = |holder| gate.inside().of(holder);
        assert_eq!((held(balancer), held(network("192.0.2.1"))), (0, 1));
        assert!(gate.enter(balancer).unwrap().pass_to(network("192.0.2.1")).is_none(), "she has one already");
        // The last place of all is as good for that as the first.
        let _finn = gate.enter(balancer).unwrap().pass_to(network("192.0.2.2")).unwrap();
        assert!(gate.enter(balancer).is_none(), "two in all");
        drop((ella, _finn));
        assert!(gate.inside().by_holder.is_empty());
        assert_eq!(gate.inside().total, 0);
    }

    /// Nobody had counted these.
    #[tokio::test]
    async fn what_a_balancer_does_not_name_is_bounded_in_number_and_time() {
        let gate = gate(4, 2, &["127.0.0.1"]);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connect = async || {
            let client = TcpStream::connect(address).await.unwrap();
            let (mut stream, _) = listener.accept().await.unwrap();
            let gate = gate.clone();
            (client, tokio::spawn(async move { gate.admit(&mut stream).await.map(|(place, _)| place) }))
        };
        let wait_for = async |total: usize| {
            let soon = async {
                while gate.inside().total != total {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            timeout(Duration::from_secs(5), soon).await.unwrap();
        };
        let [(mut first, admitted), (_second, silent)] = [connect().await, connect().await];
        wait_for(2).await;
        let (mut third, refused) = connect().await;
        assert_eq!(refused.await.unwrap().err().unwrap().kind(), io::ErrorKind::ConnectionRefused);
        assert_eq!(third.read(&mut [0]).await.unwrap(), 0, "it is closed");
        // A name makes room for the next.
        first.write_all(b"PROXY TCP4 192.0.2.1 127.0.0.1 8080 443\r\n").await.unwrap();
        let ella = admitted.await.unwrap().unwrap();
        assert_eq!(gate.inside().of(network("192.0.2.1")), 1);
        // An octet now and then buys no time.
        let (mut slow, late) = connect().await;
        wait_for(3).await;
        let dripping = tokio::spawn(async move {
            while slow.write_all(b"P").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        });
        assert!(silent.await.unwrap().is_err());
        let closed = timeout(Duration::from_secs(4), late).await;
        assert!(closed.unwrap().unwrap().is_err());
        dripping.abort();
        wait_for(1).await;
        drop(ella);
        wait_for(0).await;
        assert!(gate.inside().by_holder.is_empty());
    }
}
