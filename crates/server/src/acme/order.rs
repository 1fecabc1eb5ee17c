//! One order, from the account to the certificate (RFC 8555 §7.1).

use super::client::{Client, roots};
use super::folder::{Certificate, Folder};
use super::renewal::identifier;
use super::{Acme, AcmeError};
use instant_acme::{
    Account, AccountBuilder, AccountCredentials, AuthorizationStatus, ChallengeType, Error, Identifier, NewAccount,
    NewOrder, Order, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

/// How long a CA may take to look at the proof, and to issue.
const POLLING: RetryPolicy =
    RetryPolicy::new().initial_delay(Duration::from_millis(500)).backoff(1.5).timeout(Duration::from_secs(120));

/// How often an order is begun, or its certificate asked for, of which the CA refused the nonces (RFC 8555 §6.5). The library sends each message three
/// times; of a CA that refuses one nonce in twenty, as Pebble does, that is one order in a thousand.
const TIMES: usize = 3;

/// The account as it is kept.
#[derive(Serialize, Deserialize)]
struct KeptAccount {
    contact: String,
    credentials: AccountCredentials,
}

/// Orders a certificate for these names, in the place of this one, if there is one, and keeps it.
pub(super) async fn order(
    acme: &Acme,
    folder: &Folder,
    names: &[String],
    replaced: Option<&Certificate>,
    now: i64,
) -> Result<(), AcmeError> {
    again_for_nonces(|| order_with_account(acme, folder, names, replaced, now)).await
}

/// Asks once more where the CA refused the nonces, but not for ever.
async fn again_for_nonces<T, F: Future<Output = Result<T, AcmeError>>>(ask: impl Fn() -> F) -> Result<T, AcmeError> {
    let mut answer = ask().await;
    for _ in 1..TIMES {
        match &answer {
            Err(error) if is(error, "badNonce") => answer = ask().await,
            _ => break,
        }
    }
    answer
}

async fn order_with_account(
    acme: &Acme,
    folder: &Folder,
    names: &[String],
    replaced: Option<&Certificate>,
    now: i64,
) -> Result<(), AcmeError> {
    match order_once(acme, folder, names, replaced, now).await {
        // The CA has forgotten the account (RFC 8555 §6.7), or it was never there: a new one.
        Err(error) if is(&error, "accountDoesNotExist") => {
            folder.forget_account()?;
            order_once(acme, folder, names, replaced, now).await
        }
        other => other,
    }
}

/// Whether the CA said this (RFC 8555 §6.7).
fn is(error: &AcmeError, kind: &str) -> bool {
    let AcmeError::Ca(Error::Api(problem)) = error else { return false };
    problem.r#type.as_deref().and_then(|name| name.strip_prefix("urn:ietf:params:acme:error:")) == Some(kind)
}

async fn order_once(
    acme: &Acme,
    folder: &Folder,
    names: &[String],
    replaced: Option<&Certificate>,
    now: i64,
) -> Result<(), AcmeError> {
    let account = account(acme, folder).await?;
    let mut order = begin(&account, names, replaced).await?;
    prove(&mut order, folder).await?;
    if order.poll_ready(&POLLING).await? != OrderStatus::Ready {
        return Err(AcmeError::Proof(why(&mut order).await));
    }
    let key = Zeroizing::new(order.finalize().await?);
    // Another order would have another certificate issued, and CAs count them: so it is this one that is asked again.
    let order = Mutex::new(order);
    let chain = again_for_nonces(|| async { Ok(order.lock().await.poll_certificate(&POLLING).await?) }).await?;
    if folder.keep(&chain, &key, &acme.name, now)? { Ok(()) } else { Err(AcmeError::Unusable) }
}

/// The account that is kept, as it is, if there is one.
pub(super) async fn kept_account(acme: &Acme, folder: &Folder) -> Result<Option<Account>, AcmeError> {
    let Some(kept) = kept(folder) else { return Ok(None) };
    Ok(Some(builder(acme)?.from_credentials(kept.credentials).await?))
}

fn kept(folder: &Folder) -> Option<KeptAccount> {
    folder.account().and_then(|json| serde_json::from_slice(&json).ok())
}

fn builder(acme: &Acme) -> Result<AccountBuilder, AcmeError> {
    Ok(Account::builder_with_http(Box::new(Client::new(roots(acme.root.as_deref())?)?)))
}

/// The account that is kept, with the contact of today, or a new one.
async fn account(acme: &Acme, folder: &Folder) -> Result<Account, AcmeError> {
    let builder = builder(acme)?;
    let contact = format!("mailto:{}", acme.contact);
    if let Some(kept) = kept(folder) {
        let same = kept.contact == contact;
        let (json, account) = if same {
            (None, builder.from_credentials(kept.credentials).await?)
        } else {
            let kept = KeptAccount { contact: contact.clone(), credentials: kept.credentials };
            (Some(json(&kept)?), builder.from_credentials(kept.credentials).await?)
        };
        if let Some(json) = json {
            account.update_contacts(&[&contact]).await?;
            folder.keep_account(&json)?;
        }
        return Ok(account);
    }
    // That its terms are accepted was said by the operator, or there would be no `Acme`.
    let new = NewAccount { contact: &[&contact], terms_of_service_agreed: true, only_return_existing: false };
    let (account, credentials) = builder.create(&new, acme.directory.clone(), None).await?;
    folder.keep_account(&json(&KeptAccount { contact, credentials })?)?;
    Ok(account)
}

fn json(kept: &KeptAccount) -> Result<Zeroizing<Vec<u8>>, AcmeError> {
    Ok(Zeroizing::new(serde_json::to_vec(kept).map_err(Error::from)?))
}

/// Begins an order that says which certificate it is to replace (RFC 9773 §5), so that the CA counts it as no new one; without that,
/// if it has no use for it: it does not know the one of before, or has seen it replaced.
async fn begin(account: &Account, names: &[String], replaced: Option<&Certificate>) -> Result<Order, Error> {
    let names: Vec<Identifier> = names.iter().cloned().map(Identifier::Dns).collect();
    if let Some(replaced) = replaced.and_then(|certificate| identifier(&certificate.der)) {
        match account.new_order(&NewOrder::new(&names).replaces(replaced)).await {
            Err(Error::Unsupported(_)) => {}
            Err(error) => tracing::info!(%error, "the CA takes no order that replaces the certificate: a new one"),
            begun => return begun,
        }
    }
    account.new_order(&NewOrder::new(&names)).await
}

/// Shows the proof of each name, and tells the CA to look.
async fn prove(order: &mut Order, folder: &Folder) -> Result<(), AcmeError> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        match authorization.status {
            AuthorizationStatus::Valid => continue,
            AuthorizationStatus::Pending => {}
            _ => return Err(AcmeError::Proof("the authorization is over".to_owned())),
        }
        let Identifier::Dns(name) = authorization.identifier().identifier.clone() else {
            return Err(AcmeError::NoChallenge);
        };
        let mut challenge = authorization.challenge(ChallengeType::TlsAlpn01).ok_or(AcmeError::NoChallenge)?;
        folder.keep_challenge(&name, &proof(&name, challenge.key_authorization().digest().as_ref())?)?;
        challenge.set_ready().await?;
    }
    Ok(())
}

/// The certificate that answers the challenge, with its key (RFC 8737 §3).
fn proof(name: &str, digest: &[u8]) -> Result<Zeroizing<String>, AcmeError> {
    let mut params = CertificateParams::new([name.to_owned()])?;
    params.distinguished_name = DistinguishedName::new();
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    Ok(Zeroizing::new(format!("{}{}", certificate.pem(), key.serialize_pem())))
}

/// What the CA says it missed.
async fn why(order: &mut Order) -> String {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let Ok(state) = authorization.refresh().await else { continue };
        if let Some(problem) = state.challenges.iter().find_map(|challenge| challenge.error.as_ref()) {
            return problem.to_string();
        }
    }
    "it does not say why".to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use std::cell::Cell;

    fn said(kind: &str) -> AcmeError {
        let problem = serde_json::json!({"type": format!("urn:ietf:params:acme:error:{kind}"), "status": 400});
        AcmeError::Ca(Error::Api(serde_json::from_value(problem).unwrap()))
    }

    /// Three nonces in a row were refused, by chance, and the next try was five minutes later.
    #[tokio::test]
    async fn an_order_whose_nonces_were_refused_is_begun_again_but_not_for_ever() {
        for (refused, kind, times, is_done) in
            [(0, "badNonce", 1, true), (2, "badNonce", 3, true), (9, "badNonce", 3, false), (9, "malformed", 1, false)]
        {
            let tried = Cell::new(0);
            let done = again_for_nonces(|| {
                tried.set(tried.get() + 1);
                std::future::ready(if tried.get() <= refused { Err(said(kind)) } else { Ok(()) })
            });
            assert_eq!((done.await.is_ok(), tried.get()), (is_done, times), "{refused} {kind}");
        }
    }
}
