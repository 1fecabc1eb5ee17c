//! One order, from the account to the certificate (RFC 8555 §7.1).

use super::client::{Client, roots};
use super::folder::Folder;
use super::{Acme, AcmeError};
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, Error, Identifier, NewAccount, NewOrder, Order,
    OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use zeroize::Zeroizing;

/// How long a CA may take to look at the proof, and to issue.
const POLLING: RetryPolicy =
    RetryPolicy::new().initial_delay(Duration::from_millis(500)).backoff(1.5).timeout(Duration::from_secs(120));

/// The account as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    contact: String,
    credentials: AccountCredentials,
}

/// Orders a certificate and keeps it.
pub(super) async fn order(acme: &Acme, folder: &Folder, now: i64) -> Result<(), AcmeError> {
    match order_once(acme, folder, now).await {
        // The CA has forgotten the account (RFC 8555 §6.7), or it was never there: a new one.
        Err(AcmeError::Ca(Error::Api(problem)))
            if problem.r#type.as_deref() == Some("urn:ietf:params:acme:error:accountDoesNotExist") =>
        {
            folder.forget_account()?;
            order_once(acme, folder, now).await
        }
        other => other,
    }
}

async fn order_once(acme: &Acme, folder: &Folder, now: i64) -> Result<(), AcmeError> {
    order_by(&account(acme, folder).await?, acme, folder, now).await
}

/// The account that is kept, with the contact of today, or a new one.
async fn account(acme: &Acme, folder: &Folder) -> Result<Account, AcmeError> {
    let builder = Account::builder_with_http(Box::new(Client::new(roots(acme.root.as_deref())?)?));
    let contact = format!("mailto:{}", acme.contact);
    if let Some(kept) = folder.account().and_then(|json| serde_json::from_slice::<Kept>(&json).ok()) {
        let same = kept.contact == contact;
        let (json, account) = if same {
            (None, builder.from_credentials(kept.credentials).await?)
        } else {
            let kept = Kept { contact: contact.clone(), credentials: kept.credentials };
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
    folder.keep_account(&json(&Kept { contact, credentials })?)?;
    Ok(account)
}

fn json(kept: &Kept) -> Result<Zeroizing<Vec<u8>>, AcmeError> {
    Ok(Zeroizing::new(serde_json::to_vec(kept).map_err(Error::from)?))
}

async fn order_by(account: &Account, acme: &Acme, folder: &Folder, now: i64) -> Result<(), AcmeError> {
    let name = acme.name.host().to_string();
    let mut order = account.new_order(&NewOrder::new(&[Identifier::Dns(name.clone())])).await?;
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        match authorization.status {
            AuthorizationStatus::Valid => continue,
            AuthorizationStatus::Pending => {}
            _ => return Err(AcmeError::Proof("the authorization is over".to_owned())),
        }
        let mut challenge = authorization.challenge(ChallengeType::TlsAlpn01).ok_or(AcmeError::NoChallenge)?;
        folder.keep_challenge(&proof(&name, challenge.key_authorization().digest().as_ref())?)?;
        challenge.set_ready().await?;
    }
    if order.poll_ready(&POLLING).await? != OrderStatus::Ready {
        return Err(AcmeError::Proof(why(&mut order).await));
    }
    let key = Zeroizing::new(order.finalize().await?);
    let chain = order.poll_certificate(&POLLING).await?;
    if folder.keep(&chain, &key, &acme.name, now)? { Ok(()) } else { Err(AcmeError::Unusable) }
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
