//! A certificate from a CA that speaks ACME (RFC 8555): ordered, renewed in time, served without a restart.
//!
//! What proves that the name is ours is `tls-alpn-01` (RFC 8737), answered on the port that is served anyway, so that
//! nothing is listened to in clear. Several servers over one data folder share certificate, account and proof; one of them
//! orders at a time. Rooms: `folder` (what is kept), `order` (one order, from account to certificate), `client` (HTTPS),
//! `renewal` (when the CA would like it), `schedule` (when, if it does not say). Not here: the handshake (`tls`).

mod client;
mod folder;
mod order;
mod renewal;
mod schedule;

use crate::clock::Clock;
use crate::public_name::PublicName;
use crate::tls::{Challenges, Current, Offer, TlsError};
use folder::Folder;
use renewal::Renewal;
use schedule::{Tries, due};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

/// One order, with all that the CA wants to look at. While it lasts no other server over the folder may order.
const PATIENCE: Duration = Duration::from_secs(600);

/// Whom to ask for a certificate, and for which name.
#[derive(Debug, Clone)]
pub struct Acme {
    /// Where the CA's directory is: `https://…`.
    pub directory: String,
    /// Mail address of whoever runs the server, for the CA.
    pub contact: String,
    /// PEM file of the authority that certifies the CA's own host; without it those that this machine knows.
    pub root: Option<PathBuf>,
    /// The name to be certified: no address.
    pub name: PublicName,
}

/// Why there is no new certificate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AcmeError {
    /// The file with the CA's authority.
    #[error("{path} has no certificate of an authority")]
    Root {
        /// The file.
        path: PathBuf,
    },
    /// There is nobody to vouch for the CA's own host.
    #[error("this machine knows no certificate authorities (install ca-certificates)")]
    NoAuthorities,
    /// What the CA said, or that it said nothing.
    #[error("{0}")]
    Ca(#[from] instant_acme::Error),
    /// It looked at this server, and did not find what it wanted.
    #[error("the CA did not accept the proof: {0}")]
    Proof(String),
    /// It wants another proof than this server can give.
    #[error("the CA does not offer the challenge tls-alpn-01")]
    NoChallenge,
    /// What it issued is not what was asked for.
    #[error("the CA's certificate is not for this name and time")]
    Unusable,
    /// What it issued cannot be served.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// It takes longer than any order should.
    #[error("the CA did not come to an end within ten minutes")]
    Slow,
    /// An answer of the CA that the library of ACME does not survive.
    #[error("the CA sent what nobody can read: {0}")]
    Broken(#[from] tokio::task::JoinError),
    /// The data folder.
    #[error("the data folder failed: {0}")]
    File(#[from] io::Error),
    /// The proof could not be made.
    #[error("the proof could not be made: {0}")]
    Challenge(#[from] rcgen::Error),
}

impl Acme {
    /// Whether what was given can be used, without asking anybody.
    pub(crate) fn check(&self) -> Result<(), AcmeError> {
        client::roots(self.root.as_deref()).map(drop)
    }

    fn folder(&self, data_dir: &Path) -> Folder {
        Folder::of(data_dir, &self.directory)
    }

    /// Where the proofs lie while the CA looks for them: of the name, and of these.
    pub(crate) fn challenges(&self, data_dir: &Path, besides: &[String]) -> Challenges {
        let folder = self.folder(data_dir);
        let names = self.names(besides);
        Challenges { files: names.into_iter().map(|name| (name.clone(), folder.challenge(&name))).collect() }
    }

    fn names(&self, besides: &[String]) -> Vec<String> {
        [&[self.name.host().to_string()], besides].concat()
    }

    /// The offer with the certificate that is kept, if there is one for this name.
    pub(crate) fn offer(&self, data_dir: &Path) -> Option<Offer> {
        let folder = self.folder(data_dir);
        folder.certificate(&self.name)?;
        Offer::with(&folder.files()).ok()
    }
}

/// Looks every `interval` whether there is a new certificate to serve, or time to order one. A failure is logged, and tried
/// again later each time. It is to be for the names `besides` as well; where the CA does not certify one of them, for the first
/// alone, so that nobody's mistake about those takes the pages away.
pub(crate) async fn keep_certified(
    acme: Acme,
    besides: Vec<String>,
    data_dir: PathBuf,
    current: Current,
    clock: Arc<dyn Clock>,
    interval: Duration,
) {
    let folder = acme.folder(&data_dir);
    let mut tries = Tries::default();
    let mut known = folder.certificate(&acme.name);
    // One that is kept and cannot be served is as good as none.
    let mut scheduled = known.as_ref().filter(|_| acme.offer(&data_dir).is_some()).map(due);
    let mut renewal = Renewal::default();
    loop {
        let there = folder.certificate(&acme.name);
        if there != known {
            renewal = Renewal::default();
            scheduled = match Offer::with(&folder.files()) {
                Ok(offer) => {
                    current.replace(offer);
                    tracing::info!(name = %acme.name.host(), "a new certificate is served");
                    there.as_ref().map(due)
                }
                Err(error) => {
                    tracing::error!(%error, "the new certificate is not served");
                    None
                }
            };
            known = there;
        }
        let now = clock.now().as_unix();
        if let Some(certificate) = known.as_ref().filter(|_| scheduled.is_some() && renewal.may_ask(now)) {
            renewal.take(renewal::ask(&acme, &folder, certificate).await, certificate, now);
        }
        let when = scheduled.map(|scheduled| renewal.moment().unwrap_or(scheduled));
        let is_due = when.is_none_or(|when| now >= when);
        let lacks_names = known.as_ref().is_some_and(|known| !known.is_for(&besides));
        if !is_due && !lacks_names {
            tries = Tries::default();
        } else if tries.may_be(now) {
            match order_alone(&acme, &besides, is_due, &folder, known.as_ref(), now).await {
                // It is found, and served, when it is looked for next: at once. It counts as a try until it is seen not to be
                // due again, as it may be when a clock is wrong.
                Ok(true) => {
                    tries.add(now);
                    continue;
                }
                // Another server is at it.
                Ok(false) => {}
                Err(error) => {
                    let again = tries.add(now);
                    tracing::error!(%error, directory = acme.directory, again_in_seconds = again, "no certificate was issued");
                }
            }
        }
        sleep(interval).await;
    }
}

/// Orders, unless another server over this folder is at it (`false`) or was since. If one without the names `besides` is `good_enough`,
/// it is ordered where one with them is not issued.
async fn order_alone(
    acme: &Acme,
    besides: &[String],
    good_enough: bool,
    folder: &Folder,
    known: Option<&folder::Certificate>,
    now: i64,
) -> Result<bool, AcmeError> {
    let Some(_alone) = folder.lock()? else { return Ok(false) };
    if folder.certificate(&acme.name).as_ref() != known {
        return Ok(true);
    }
    match order_for(acme.names(besides), acme, folder, known, now).await {
        Err(error) if good_enough && !besides.is_empty() => {
            tracing::error!(%error, "no certificate was issued for the hosts of policies (MTA-STS) as well");
            order_for(acme.names(&[]), acme, folder, known, now).await?;
        }
        ordered => ordered?,
    }
    Ok(true)
}

async fn order_for(
    names: Vec<String>,
    acme: &Acme,
    folder: &Folder,
    known: Option<&folder::Certificate>,
    now: i64,
) -> Result<(), AcmeError> {
    // In a task of its own, so that a panic of the library is a try that failed and not the end of all renewals.
    let order = {
        let (acme, folder, names, replaced) = (acme.clone(), folder.clone(), names.clone(), known.cloned());
        async move { order::order(&acme, &folder, &names, replaced.as_ref(), now).await }
    };
    let ordered = timeout(PATIENCE, AbortOnDropHandle::new(tokio::spawn(order))).await;
    for name in &names {
        folder.forget_challenge(name);
    }
    ordered.map_err(|_| AcmeError::Slow)??
}
