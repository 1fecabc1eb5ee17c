//! Finding certificates on behalf of pages, which may not ask other servers themselves.
//!
//! Whoever is logged in names an address; this room asks where its certificate is published and hands on what it gets,
//! unread. The order is draft-koch-openpgp-webkey-service §3.1's: the advanced method, the direct one only if the host of
//! the first does not exist, then the keyservers the operator chose. A stranger thereby chooses a host this server talks
//! to, so what it does is narrow: `https` on port 443 of a public name, one path shape, verified certificates, vetted
//! addresses (`guard`), no redirects, little time, 1 MiB.
//!
//! Not here: OpenPGP. Whether the octets hold a certificate for the address is for the client to decide.

mod cache;
mod fetch;
mod guard;
mod network;
#[cfg(test)]
mod tests;

pub(crate) use guard::is_public;
#[cfg(feature = "test-network")]
pub use network::TestNetwork;
pub(crate) use network::{Network, SystemNetwork};

use crate::clock::Clock;
use crate::mail_address::mail_address as parse;
use crate::settings::Settings;
use cache::Cache;
use envelock_wire::{
    CertificateOrigin, FoundCertificates, InvalidAddress, Keyserver, LookupUrl, MailAddress, UnreadOctets,
    wkd_advanced, wkd_direct,
};
use fetch::{Answer, Cause, Client, Wanted};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// One lookup with all its requests may take this long.
const PATIENCE: Duration = Duration::from_secs(20);

/// Lookups under way at a time, of all accounts; each may hold 1 MiB.
const AT_A_TIME: usize = 16;

/// Why a lookup gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotFound {
    /// The operator does not want this server to ask others.
    #[error("lookups are switched off")]
    Off,
    /// Not an address whose certificate can be looked up.
    #[error(transparent)]
    Address(#[from] InvalidAddress),
    /// Everybody asked said that there is none.
    #[error("no certificate is published")]
    NotPublished,
    /// Somebody gave no usable answer, and nobody else had one; or nobody could be asked.
    #[error("the address's domain or a keyserver gave no usable answer")]
    Failed,
    /// Too many lookups are under way.
    #[error("too many lookups at a time")]
    Busy,
}

/// Policies that other domains publish about their mail, fetched in the same narrow way (RFC 8461 §3.3).
pub(crate) struct PolicyFiles(Client);

/// Why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoPolicyFile {
    /// Whoever answers does not prove to be the one.
    Unproven,
    NotFetched,
}

impl PolicyFiles {
    pub(crate) fn new(network: Arc<dyn Network>) -> Self {
        Self(Client::new(network, Wanted::Text, fetch::PATIENCE))
    }

    /// What a domain (A-labels) has there.
    pub(crate) async fn get(&self, domain: &str) -> Result<Vec<u8>, NoPolicyFile> {
        let target = "/.well-known/mta-sts.txt".to_owned();
        match self.0.get(&LookupUrl { host: format!("mta-sts.{domain}"), port: 443, target }).await {
            Answer::Octets(octets) => Ok(octets),
            Answer::Nothing | Answer::NoHost => Err(NoPolicyFile::NotFetched),
            Answer::Failed(cause) => {
                tracing::info!(domain, ?cause, "a policy of MTA-STS was not fetched");
                Err(if cause == Cause::Certificate { NoPolicyFile::Unproven } else { NoPolicyFile::NotFetched })
            }
        }
    }
}

/// Looks certificates up.
pub(crate) struct Lookup {
    client: Option<Client>,
    keyservers: Vec<Keyserver>,
    cache: Cache,
    turns: Semaphore,
}

impl Lookup {
    pub(crate) fn new(settings: &Settings, network: Arc<dyn Network>, clock: Arc<dyn Clock>) -> Self {
        Self {
            client: settings.lookup.then(|| Client::new(network, Wanted::OpenPgp, fetch::PATIENCE)),
            keyservers: settings.keyservers.clone(),
            cache: Cache::new(clock),
            turns: Semaphore::new(AT_A_TIME),
        }
    }

    /// What is published for this address. Answers are kept for minutes, for this account alone: nobody learns from the
    /// time an answer takes whom somebody else writes to.
    pub(crate) async fn find(&self, account: i64, address: &str) -> Result<FoundCertificates, NotFound> {
        let client = self.client.as_ref().ok_or(NotFound::Off)?;
        let address = parse(address)?;
        if let Some(known) = self.cache.get(account, &address) {
            return known;
        }
        let _turn = self.turns.try_acquire().map_err(|_| NotFound::Busy)?;
        let found = timeout(PATIENCE, self.ask_everybody(client, &address)).await.unwrap_or(Err(NotFound::Failed));
        self.cache.put(account, address, found.clone());
        found
    }

    async fn ask_everybody(&self, client: &Client, address: &MailAddress) -> Result<FoundCertificates, NotFound> {
        // That nothing is published is somebody's answer. Where no host exists at all, nobody gave one: a machine without a
        // network, whose resolver knows no name, looks the same.
        let (mut failed, mut answered) = (false, false);
        let advanced = wkd_advanced(address);
        let mut answer = client.get(&advanced).await;
        let mut asked = (CertificateOrigin::WkdAdvanced, advanced);
        // "Only if the required sub-domain does not exist": a broken or empty directory is an answer.
        if matches!(answer, Answer::NoHost) {
            let direct = wkd_direct(address);
            answer = client.get(&direct).await;
            asked = (CertificateOrigin::WkdDirect, direct);
        }
        let mut keyservers = self.keyservers.iter();
        loop {
            let (origin, url) = asked;
            match answer {
                Answer::Octets(octets) => return Ok(found(origin, &url, octets)),
                Answer::Nothing => answered = true,
                Answer::NoHost => {}
                Answer::Failed(cause) => {
                    failed = true;
                    tracing::info!(host = url.host, ?cause, "a lookup failed");
                }
            }
            let Some(keyserver) = keyservers.next() else { break };
            asked = (CertificateOrigin::Keyserver, keyserver.url(address));
            answer = client.get(&asked.1).await;
        }
        Err(if failed || !answered { NotFound::Failed } else { NotFound::NotPublished })
    }
}

fn found(origin: CertificateOrigin, url: &LookupUrl, octets: Vec<u8>) -> FoundCertificates {
    FoundCertificates { origin, host: url.host.clone(), certificates: UnreadOctets(octets) }
}
