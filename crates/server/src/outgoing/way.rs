//! The way of a message: to the servers of a domain, or to the one that passes everything on.

use super::NoOutgoing;
use super::conversation::{Broken, Talked, begin_in_clear, begin_with_tls};
use super::policies::Policies;
use super::reports::{Counts, of_hop, of_route, of_unnamed, unasked};
use crate::clock::Clock;
use crate::lookup::{Network, is_public};
use crate::public_name::PublicName;
use crate::settings::{OutgoingSettings, Settings, Smarthost};
use crate::storage::Database;
use crate::tls::{authorities, connect_to_first};
use envelock_mail::deliver::{Content, Delivery, Failure, Job, Outcome, Reply};
use envelock_mail::dns::ValidatedDns;
use envelock_mail::route::{Hop, NoAnswer, NoRoute, Verification, Zones, route};
use envelock_mail::tls_report::{PolicyKind, Sessions, TlsFault};
use envelock_wire::{OutgoingReason, Transport};
use futures_util::future::BoxFuture;
use rand::RngCore;
use rustls::RootCertStore;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::ServerName;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;

/// Where servers take mail from each other.
const SMTP: u16 = 25;

/// Where TLS comes first (RFC 8314 §3).
const SUBMISSIONS: u16 = 465;

/// Most of another server's words that are kept.
const WORDS: usize = 500;

/// Why a message did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Why {
    pub(super) reason: OutgoingReason,
    /// What the other server said.
    pub(super) reply: Option<String>,
}

impl From<OutgoingReason> for Why {
    fn from(reason: OutgoingReason) -> Self {
        Self { reason, reply: None }
    }
}

/// What came of a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fared {
    Sent,
    /// Another try may do better.
    Late(Why),
    Failed(Why),
}

/// What is to be delivered, to recipients of one domain.
pub(super) struct Load<'a> {
    pub(super) sender: &'a str,
    pub(super) domain: &'a str,
    pub(super) recipients: &'a [String],
    pub(super) content: &'a Content,
    /// Whether the domain is told how TLS with its servers fared.
    pub(super) is_counted: bool,
    /// Whether TLS with whoever answers is enough.
    pub(super) is_for_whoever: bool,
}

pub(super) struct Way {
    /// What other servers know us by.
    name: String,
    zones: ValidatedDns,
    policies: Policies,
    /// None, if nobody is told.
    counts: Option<Counts>,
    roots: Arc<RootCertStore>,
    smarthost: Option<Smarthost>,
    port: u16,
    /// Whether inner addresses are servers of others.
    is_anywhere: bool,
}

impl Way {
    pub(super) fn open(
        database: &Database,
        clock: Arc<dyn Clock>,
        network: Arc<dyn Network>,
        settings: &Settings,
        chosen: &OutgoingSettings,
    ) -> Result<Self, NoOutgoing> {
        let name = settings.public_name.as_ref().filter(|name| PublicName::is_domain(name));
        let name = name.ok_or(NoOutgoing::NoName)?.host().to_string();
        let counts = chosen.tls_reports.then(|| Counts::new(database.clone(), Arc::clone(&clock)));
        let policies = Policies::new(database.clone(), clock, network);
        let smarthost = chosen.smarthost.clone();
        #[cfg(feature = "test-network")]
        if let Some(test) = &chosen.test {
            let zones = ValidatedDns::at(&[test.dns], &test.anchor)?;
            let roots = authorities(Some(&test.authority)).map_err(|_| NoOutgoing::NoAuthorities)?;
            return Ok(Self {
                name,
                zones,
                policies,
                counts,
                roots: Arc::new(roots),
                smarthost,
                port: test.port,
                is_anywhere: true,
            });
        }
        let roots = authorities(None).ok().filter(|roots| !roots.is_empty()).ok_or(NoOutgoing::NoAuthorities)?;
        let zones = ValidatedDns::of_this_machine()?;
        Ok(Self { name, zones, policies, counts, roots: Arc::new(roots), smarthost, port: SMTP, is_anywhere: false })
    }

    /// What other servers know us by.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Tries to deliver; says what came of each recipient, in their order.
    pub(super) fn deliver<'a>(&'a self, load: &'a Load<'a>) -> BoxFuture<'a, Vec<Fared>> {
        Box::pin(async move {
            let fared = match &self.smarthost {
                Some(smarthost) => self.deliver_by(smarthost, load).await,
                None => self.deliver_directly(load).await,
            };
            fared.unwrap_or_else(|all| vec![all; load.recipients.len()])
        })
    }

    /// How mail to a domain would be protected.
    pub(super) async fn protection(&self, domain: &str) -> Transport {
        match self.hops(domain, &OnceLock::new()).await {
            // That of the server that is tried first.
            Ok(hops) => match hops.iter().map(|hop| &hop.verification).find(|one| **one != Verification::Unnamed) {
                Some(Verification::Dane { .. }) => Transport::Dane,
                Some(Verification::Policy) => Transport::MtaSts,
                Some(Verification::Authority) => Transport::Tls,
                Some(Verification::Unnamed | Verification::Whoever) | None => Transport::None,
            },
            Err(cause) if cause.is_final() => Transport::None,
            Err(_) => Transport::Unknown,
        }
    }

    /// The texts of a name.
    pub(super) fn texts<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<Vec<u8>>, NoAnswer>> {
        Box::pin(self.zones.texts(name))
    }

    /// The servers of a domain; `fault` is why its policy is not to be had, if that is so.
    fn hops<'a>(&'a self, domain: &'a str, fault: &'a OnceLock<TlsFault>) -> BoxFuture<'a, Result<Vec<Hop>, NoRoute>> {
        let draw = || rand::rngs::OsRng.next_u32();
        Box::pin(route(domain, &self.zones, move || self.policies.of(domain, &self.zones, fault), draw))
    }

    /// The same, where none has to prove anything: TLS is all that is asked.
    fn unproven_hops<'a>(&'a self, domain: &'a str) -> BoxFuture<'a, Result<Vec<Hop>, NoRoute>> {
        Box::pin(async move {
            let draw = || rand::rngs::OsRng.next_u32();
            let hops = route(domain, &self.zones, async || Ok(None), draw).await?;
            Ok(hops.into_iter().map(|hop| Hop { verification: Verification::Whoever, ..hop }).collect())
        })
    }

    /// Counts how TLS fared, if that is told: beside what goes on, so that nobody waits for it between a server's answer and its being
    /// written down.
    fn count(&self, load: &Load<'_>, fared: impl IntoIterator<Item = Sessions>) {
        let Some(counts) = self.counts.as_ref().filter(|_| load.is_counted) else { return };
        for one in fared {
            let (counts, domain) = (counts.clone(), load.domain.to_owned());
            tokio::spawn(async move { counts.add(&domain, &one).await });
        }
    }

    async fn deliver_directly(&self, load: &Load<'_>) -> Result<Vec<Fared>, Fared> {
        let fault = OnceLock::new();
        let hops = match load.is_for_whoever {
            true => self.unproven_hops(load.domain).await,
            false => self.hops(load.domain, &fault).await,
        };
        self.count(load, fault.get().map(|fault| unasked(PolicyKind::Sts, *fault)));
        let hops = match hops {
            Ok(hops) => hops,
            Err(cause) => {
                self.count(load, of_route(cause));
                let why = Why::from(no_route(cause));
                return Err(if cause.is_final() { Fared::Failed(why) } else { Fared::Late(why) });
            }
        };
        let mut last = Fared::Late(OutgoingReason::Unreachable.into());
        for hop in hops {
            if hop.verification == Verification::Unnamed {
                self.count(load, [of_unnamed(&hop)]);
                continue;
            }
            let addresses = hop.addresses.iter().filter(|address| self.is_anywhere || is_public(**address));
            let addresses: Vec<SocketAddr> = addresses.map(|address| SocketAddr::new(*address, self.port)).collect();
            let Ok(stream) = connect_to_first(addresses, connect).await else { continue };
            let require_tls = !matches!(hop.verification, Verification::Authority | Verification::Whoever);
            let delivery = Delivery::new(Job { require_tls, ..self.job(load, None) });
            let talked = self.converse(delivery, stream, &hop.host, &hop.verification, false).await;
            self.count(load, of_hop(&hop, &talked));
            match came_of(talked) {
                Ok(fared) => return Ok(fared),
                Err(Stopped::Here(fared)) => last = fared,
                Err(Stopped::Everywhere(fared)) => return Err(fared),
            }
        }
        Err(last)
    }

    async fn deliver_by(&self, smarthost: &Smarthost, load: &Load<'_>) -> Result<Vec<Fared>, Fared> {
        let unreachable = || Fared::Late(OutgoingReason::Unreachable.into());
        let addresses: Vec<SocketAddr> =
            lookup_host(format!("{}:{}", smarthost.host, smarthost.port)).await.map_err(|_| unreachable())?.collect();
        let stream = connect_to_first(addresses, connect).await.map_err(|_| unreachable())?;
        let job = self.job(load, smarthost.login.as_deref());
        let is_tls_first = smarthost.port == SUBMISSIONS;
        let delivery = if is_tls_first { Delivery::over_tls(job) } else { Delivery::new(job) };
        let talked = self.converse(delivery, stream, &smarthost.host, &Verification::Authority, is_tls_first).await;
        came_of(talked).map_err(|(Stopped::Here(fared) | Stopped::Everywhere(fared))| fared)
    }

    fn job<'a>(&'a self, load: &Load<'a>, login: Option<&'a envelock_mail::deliver::Login>) -> Job<'a> {
        let Load { sender, recipients, content, .. } = *load;
        Job { name: &self.name, sender, recipients, content, require_tls: false, login }
    }

    async fn converse(
        &self,
        delivery: Delivery<'_>,
        stream: TcpStream,
        host: &str,
        verification: &Verification,
        is_tls_first: bool,
    ) -> Talked {
        let without = |reason| Talked { outcome: Err(Broken::Tls(reason)), is_sealed: false };
        let Ok(name) = ServerName::try_from(host.to_owned()) else { return without(OutgoingReason::CertificateName) };
        let Ok(config) = verification.config(&self.roots, Arc::new(default_provider())) else {
            return without(OutgoingReason::TlsFailed);
        };
        let tls = TlsConnector::from(Arc::new(config));
        if is_tls_first {
            begin_with_tls(delivery, stream, &tls, &name).await
        } else {
            begin_in_clear(delivery, stream, &tls, &name).await
        }
    }
}

/// What came of each recipient, or where the message got stuck.
fn came_of(talked: Talked) -> Result<Vec<Fared>, Stopped> {
    let late = |reason: OutgoingReason| Stopped::Here(Fared::Late(reason.into()));
    match talked.outcome {
        Ok(Outcome::Answered(answers)) => Ok(answers.into_iter().map(answered).collect()),
        Ok(Outcome::Failed(failure)) => Err(failed(failure)),
        Err(Broken::Tls(reason)) => Err(late(reason)),
        // Another server would be told the same once more.
        Err(Broken::Off { may_have_it: true }) => {
            Err(Stopped::Everywhere(Fared::Late(OutgoingReason::BrokenOff.into())))
        }
        Err(Broken::Off { may_have_it: false }) => Err(late(OutgoingReason::BrokenOff)),
    }
}

async fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    TcpStream::connect(address).await
}

/// Where a message got stuck, for all of its recipients.
enum Stopped {
    /// Another server may take it.
    Here(Fared),
    Everywhere(Fared),
}

fn answered(answer: Result<Reply, Reply>) -> Fared {
    match answer {
        Ok(_) => Fared::Sent,
        Err(reply) => refused(&reply),
    }
}

fn refused(reply: &Reply) -> Fared {
    let words = format!("{} {}", reply.code, reply.lines.join(" "));
    let reply_words = Some(words.chars().take(WORDS).collect());
    let why = Why { reason: OutgoingReason::Refused, reply: reply_words };
    if reply.is_permanent() { Fared::Failed(why) } else { Fared::Late(why) }
}

fn failed(failure: Failure) -> Stopped {
    let late = |reason: OutgoingReason| Stopped::Here(Fared::Late(reason.into()));
    match failure {
        Failure::NoTls => late(OutgoingReason::NoTls),
        Failure::TlsRefused(_) => late(OutgoingReason::TlsRefused),
        Failure::Injected => late(OutgoingReason::Injected),
        Failure::Refused(reply) => Stopped::Here(refused(&reply)),
        // The operator's to mend.
        Failure::LoginRefused(_) | Failure::NoLogin => {
            tracing::error!("the smarthost refuses the login: no mail is sent");
            late(OutgoingReason::Refused)
        }
        Failure::TooLarge => Stopped::Here(Fared::Failed(OutgoingReason::TooLarge.into())),
        Failure::Lacks(_) => Stopped::Here(Fared::Failed(OutgoingReason::Unsupported.into())),
        _ => late(OutgoingReason::BrokenOff),
    }
}

fn no_route(cause: NoRoute) -> OutgoingReason {
    match cause {
        NoRoute::TakesNone => OutgoingReason::TakesNoMail,
        NoRoute::Nowhere => OutgoingReason::NoSuchDomain,
        NoRoute::Bogus => OutgoingReason::DnsBogus,
        NoRoute::AgainstPolicy => OutgoingReason::AgainstPolicy,
        _ => OutgoingReason::DnsSilent,
    }
}
