//! What other domains are told of how TLS with their servers fared (TLSRPT, RFC 8460): counted by day of UTC, and told when it is over to
//! those who publish that they want to know. A report goes under TLS or not at all, though §3 would have it sent whatever becomes of TLS: it
//! says which domains write to each other. A domain's own servers are told whatever they prove, as whoever stands before them knows that
//! already, and what they fail to prove is what they are to be told.

use super::Outgoing;
use super::conversation::{Broken, Talked};
use super::way::{Fared, Load};
use crate::clock::Clock;
use crate::mail_address::mail_address;
use crate::storage::{Database, DayOfSessions, StorageError};
use envelock_mail::deliver::{Content, Failure, Outcome};
use envelock_mail::route::{Hop, NoRoute, Tlsa, Verification};
use envelock_mail::tls_report::{PolicyKind, Report, Sessions, TlsFault, report_addresses};
use envelock_wire::OutgoingReason;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// Seconds of a day.
const DAY: i64 = 24 * 3600;

/// Within so many seconds after the day reports go out (§4.1), a domain's always at the same time.
const SPREAD: i64 = 4 * 3600;

/// Seconds from one try to the next, and after the day to the last one (§5.4).
const PAUSE: i64 = 3600;
const LONGEST: i64 = DAY + SPREAD + PAUSE;

/// One try, however many servers it takes. Shorter than the time to the next.
const PATIENCE: Duration = Duration::from_secs(3 * 60);

/// Counts sessions.
#[derive(Clone)]
pub(super) struct Counts {
    database: Database,
    clock: Arc<dyn Clock>,
}

impl Counts {
    pub(super) fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { database, clock }
    }

    /// One with a server of this domain. That it cannot be counted keeps no mail back.
    pub(super) async fn add(&self, domain: &str, one: &Sessions) {
        let day = self.clock.now().as_unix().div_euclid(DAY);
        if let Err(cause) = self.database.count_tls_session(domain, (day, due(day, domain)), one).await {
            tracing::error!(%cause, "how TLS fared is not counted");
        }
    }
}

/// When a domain is told of a day.
fn due(day: i64, domain: &str) -> i64 {
    let hash = Sha256::digest(domain).iter().take(4).fold(0_i64, |sum, octet| sum << 8 | i64::from(*octet));
    (day + 1) * DAY + hash % SPREAD
}

/// Tells of what is due until `ended`, looking for it this often.
pub(crate) async fn report_until(outgoing: Arc<Outgoing>, look: Duration, ended: CancellationToken) {
    let always = async {
        loop {
            match outgoing.report_next().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(cause) => tracing::error!(%cause, "how TLS fared cannot be looked up"),
            }
            sleep(look).await;
        }
    };
    ended.run_until_cancelled(always).await;
}

impl Outgoing {
    /// Tells one domain of one day. Whether there may be more.
    async fn report_next(&self) -> Result<bool, StorageError> {
        let now = self.now();
        let claimed = self.database.claim_tls_sessions(now, now + PAUSE).await?;
        let Some(DayOfSessions { day, domain, sessions }) = claimed else { return Ok(false) };
        let is_wanted = self.settings.tls_reports && now <= (day + 1) * DAY + LONGEST;
        let own = self.settings.domains.first().filter(|_| is_wanted);
        let is_over = match own {
            Some(own) => {
                let report = Report {
                    domain: &domain,
                    submitter: own.as_str(),
                    server: self.way.name(),
                    day,
                    sessions: &sessions,
                };
                timeout(PATIENCE, self.tell(&report)).await.unwrap_or(false)
            }
            None => true,
        };
        if is_over {
            self.database.forget_tls_sessions(day, &domain).await?;
        }
        Ok(true)
    }

    /// Tells the first of a domain's addresses that takes it. Whether that is over: somebody was told, or nobody is to be.
    async fn tell(&self, report: &Report<'_>) -> bool {
        let Ok(texts) = self.way.texts(&format!("_smtp._tls.{}", report.domain)).await else { return false };
        let mut is_over = true;
        for address in report_addresses(&texts).iter().filter_map(|address| mail_address(address).ok()) {
            let to = format!("{}@{}", address.local_part(), address.domain());
            let Some(content) = self.signed(report, &to) else { continue };
            let (sender, recipients) = (report.postmaster(), [to]);
            let load = Load {
                sender: &sender,
                domain: address.domain(),
                recipients: &recipients,
                content: &content,
                // §3: its own session is in no report.
                is_counted: false,
                is_for_whoever: address.domain() == report.domain,
            };
            match self.way.deliver(&load).await.first() {
                Some(Fared::Sent) => {
                    tracing::info!(domain = report.domain, day = report.day, "told how TLS fared");
                    return true;
                }
                Some(Fared::Late(_)) => is_over = false,
                _ => {}
            }
        }
        is_over
    }

    fn signed(&self, report: &Report<'_>, to: &str) -> Option<Content> {
        let mut message = report.message(to, self.now()).ok()?;
        let mut whole = self.keys.sign(&message, report.submitter).ok()?.into_bytes();
        whole.append(&mut message);
        Content::new(&whole).ok()
    }
}

/// How TLS with a server fared, if it came to that, and what became of its keys in DNS.
pub(super) fn of_hop(hop: &Hop, talked: &Talked) -> impl Iterator<Item = Sessions> {
    let session = of_session(hop, talked);
    let is_unusable = hop.has_unusable_keys && session.is_some();
    let unusable = is_unusable.then(|| sessions(PolicyKind::Tlsa, Vec::new(), &hop.host, Some(TlsFault::Tlsa)));
    session.into_iter().chain(unusable)
}

fn of_session(hop: &Hop, talked: &Talked) -> Option<Sessions> {
    // A policy that is tested keeps nothing back, and is told of what it would have.
    let is_named = hop.policy.as_ref().is_none_or(|policy| policy.names(&hop.host));
    let fault = match &talked.outcome {
        _ if talked.is_sealed => (!is_named).then_some(TlsFault::Other),
        Err(Broken::Tls(reason)) => Some(fault(*reason)),
        Ok(Outcome::Failed(Failure::NoTls | Failure::TlsRefused(_))) => Some(TlsFault::NoStartTls),
        Ok(Outcome::Failed(Failure::Injected)) => Some(TlsFault::Other),
        _ => return None,
    };
    Some(of_policy(hop, fault))
}

/// A server that was passed over, as a policy that is enforced does not name it.
pub(super) fn of_unnamed(hop: &Hop) -> Sessions {
    of_policy(hop, Some(TlsFault::Other))
}

fn of_policy(hop: &Hop, fault: Option<TlsFault>) -> Sessions {
    let (kind, policy_text) = match (&hop.verification, &hop.policy) {
        (Verification::Dane { records, .. }, _) => (PolicyKind::Tlsa, records.iter().map(Tlsa::to_string).collect()),
        (_, Some(policy)) => (PolicyKind::Sts, policy.serialize().lines().map(str::to_owned).collect()),
        (_, None) => (PolicyKind::None, Vec::new()),
    };
    sessions(kind, policy_text, &hop.host, fault)
}

/// Why no server was asked, if that has to do with TLS.
pub(super) fn of_route(cause: NoRoute) -> Option<Sessions> {
    match cause {
        NoRoute::Bogus => Some(unasked(PolicyKind::Tlsa, TlsFault::Dnssec)),
        NoRoute::AgainstPolicy => Some(unasked(PolicyKind::Sts, TlsFault::Other)),
        _ => None,
    }
}

/// One where no server was asked.
pub(super) fn unasked(kind: PolicyKind, fault: TlsFault) -> Sessions {
    sessions(kind, Vec::new(), "", Some(fault))
}

fn sessions(kind: PolicyKind, policy_text: Vec<String>, server: &str, fault: Option<TlsFault>) -> Sessions {
    let fault = fault.map(TlsFault::as_str).unwrap_or_default().to_owned();
    Sessions { policy: kind.as_str().to_owned(), policy_text, server: server.to_owned(), fault, count: 1 }
}

fn fault(reason: OutgoingReason) -> TlsFault {
    match reason {
        OutgoingReason::CertificateName => TlsFault::HostMismatch,
        OutgoingReason::CertificateExpired => TlsFault::Expired,
        OutgoingReason::CertificateUnknown => TlsFault::NotTrusted,
        _ => TlsFault::Other,
    }
}
