//! Policies of other domains (MTA-STS, RFC 8461): asked for, kept until they are over.

use crate::clock::Clock;
use crate::lookup::{Network, NoPolicyFile, PolicyFiles};
use crate::storage::{Database, StorageError};
use envelock_mail::dns::ValidatedDns;
use envelock_mail::route::{NoAnswer, StsPolicy, Zones, sts_id};
use envelock_mail::tls_report::TlsFault;
use futures_util::future::BoxFuture;
use std::sync::{Arc, OnceLock};

pub(super) struct Policies {
    database: Database,
    clock: Arc<dyn Clock>,
    files: PolicyFiles,
}

impl Policies {
    pub(super) fn new(database: Database, clock: Arc<dyn Clock>, network: Arc<dyn Network>) -> Self {
        Self { database, clock, files: PolicyFiles::new(network) }
    }

    /// The policy of a domain. One that was known goes on to count while there is no other: whoever keeps the answers back does not
    /// end it (§10.2). `fault` is why a new one is none, if that is so.
    pub(super) fn of<'a>(
        &'a self,
        domain: &'a str,
        zones: &'a ValidatedDns,
        fault: &'a OnceLock<TlsFault>,
    ) -> BoxFuture<'a, Result<Option<StsPolicy>, NoAnswer>> {
        Box::pin(async move {
            // What the database does not tell may be a policy.
            self.find(domain, zones, fault).await.map_err(|cause| {
                tracing::error!(%cause, "policies of MTA-STS cannot be read");
                NoAnswer::Silent
            })
        })
    }

    async fn find(
        &self,
        domain: &str,
        zones: &ValidatedDns,
        fault: &OnceLock<TlsFault>,
    ) -> Result<Option<StsPolicy>, StorageError> {
        let now = self.clock.now().as_unix();
        let kept = self.database.sts_policy(domain, now).await?;
        let named = zones.texts(&format!("_mta-sts.{domain}")).await.ok().and_then(|texts| sts_id(&texts));
        if let Some(id) = named
            && kept.as_ref().is_none_or(|(kept, _)| *kept != id)
        {
            match self.files.get(domain).await.map(|octets| (StsPolicy::parse(&octets), octets)) {
                Ok((Ok(policy), octets)) => {
                    let expires = now.saturating_add_unsigned(policy.max_age);
                    self.database.put_sts_policy(domain, (&id, &octets), expires, now).await?;
                    return Ok(Some(policy));
                }
                Ok((Err(_), _)) => _ = fault.set(TlsFault::PolicyInvalid),
                Err(NoPolicyFile::Unproven) => _ = fault.set(TlsFault::PolicyHost),
                Err(NoPolicyFile::NotFetched) => _ = fault.set(TlsFault::PolicyFetch),
            }
        }
        Ok(kept.and_then(|(_, octets)| StsPolicy::parse(&octets).ok()))
    }
}
