//! Changes to keys: user IDs, expiry, subkeys, revocations, certifications of others.

use envelock::{
    Algorithm, Certificate, Certification, EditOptions, KeyError, KeyUse, Limits, NewSubkey, Policy, RevocationReason,
    SecretKey, Timestamp,
};
use rand::rngs::OsRng;
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use crate::Failure;
use crate::arguments::read;
use crate::engine::{Platform, pairs};
use crate::job::Job;
use crate::keys::{KeyArgument, Unlockable, UserId, describe, describe_certificate, describe_secret_key};
use crate::results::{timestamp, write};
use crate::stack::wiped;

/// The key of a call, ready to be edited.
struct Edit {
    key: SecretKey,
    passphrase: Option<envelock::Passphrase>,
    policy: Policy,
    limits: Limits,
    at: Timestamp,
}

impl Edit {
    async fn new(key: &KeyArgument, at: f64) -> Result<Self, Failure> {
        let (Unlockable { key, passphrase }, limits) = (key.unlockable()?, Limits::browser());
        key.derive_for_edit(passphrase.as_ref(), &limits, &Platform::new()).await;
        Ok(Edit { key, passphrase, policy: Policy::default(), limits, at: timestamp(at) })
    }

    fn options(&self) -> EditOptions<'_> {
        EditOptions { passphrase: self.passphrase.as_ref(), policy: &self.policy, limits: &self.limits, at: self.at }
    }
}

/// Runs an edit and describes the key that comes out.
fn edit(
    key: KeyArgument,
    at: f64,
    change: impl FnOnce(&SecretKey, &EditOptions<'_>) -> Result<SecretKey, KeyError> + 'static,
) -> Job {
    Job::new(async move {
        let given = Edit::new(&key, at).await?;
        let edited = change(&given.key, &given.options())?;
        write(&describe_secret_key(&edited, timestamp(at)))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AddUserIdArguments {
    key: KeyArgument,
    user_id: UserId,
    primary: bool,
    at: f64,
}

/// Adds a user ID.
#[wasm_bindgen(js_name = addUserId)]
pub fn add_user_id(arguments: JsValue) -> Result<Job, JsValue> {
    let AddUserIdArguments { key, user_id, primary, at } = read(arguments)?;
    Ok(edit(key, at, move |key, options| {
        let text = envelock::user_id(&user_id.name, &user_id.email)?;
        key.add_user_id(&text, primary, options, &mut OsRng)
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserIdArguments {
    key: KeyArgument,
    user_id: String,
    #[serde(default)]
    text: String,
    at: f64,
}

/// Revokes a user ID.
#[wasm_bindgen(js_name = revokeUserId)]
pub fn revoke_user_id(arguments: JsValue) -> Result<Job, JsValue> {
    let UserIdArguments { key, user_id, text, at } = read(arguments)?;
    Ok(edit(key, at, move |key, options| key.revoke_user_id(&user_id, &text, options, &mut OsRng)))
}

/// Chooses the primary user ID.
#[wasm_bindgen(js_name = setPrimaryUserId)]
pub fn set_primary_user_id(arguments: JsValue) -> Result<Job, JsValue> {
    let UserIdArguments { key, user_id, at, .. } = read(arguments)?;
    Ok(edit(key, at, move |key, options| key.set_primary_user_id(&user_id, options, &mut OsRng)))
}

#[derive(Deserialize)]
struct ExpirationArguments {
    key: KeyArgument,
    expires: Option<f64>,
    subkey: Option<String>,
    at: f64,
}

/// Sets when a key, or one of its subkeys, ends.
#[wasm_bindgen(js_name = setExpiration)]
pub fn set_expiration(arguments: JsValue) -> Result<Job, JsValue> {
    let ExpirationArguments { key, expires, subkey, at } = read(arguments)?;
    let expires = expires.map(timestamp);
    Ok(edit(key, at, move |key, options| match subkey {
        Some(subkey) => {
            key.set_subkey_expiration(&key.certificate().subkey_fingerprint(&subkey)?, expires, options, &mut OsRng)
        }
        None => key.set_expiration(expires, options, &mut OsRng),
    }))
}

#[derive(Deserialize)]
struct AddSubkeyArguments {
    key: KeyArgument,
    #[serde(rename = "use")]
    key_use: String,
    algorithm: Option<String>,
    expires: Option<f64>,
    at: f64,
}

/// Adds a subkey.
#[wasm_bindgen(js_name = addSubkey)]
pub fn add_subkey(arguments: JsValue) -> Result<Job, JsValue> {
    let AddSubkeyArguments { key, key_use, algorithm, expires, at } = read(arguments)?;
    Ok(Job::new(async move {
        let given = Edit::new(&key, at).await?;
        let new = NewSubkey {
            key_use: KeyUse::from_code(&key_use)?,
            algorithm: algorithm.as_deref().map(Algorithm::from_code).transpose()?,
            expires: expires.map(timestamp),
        };
        let edited =
            given.key.add_subkey_on(&new, &given.options(), pairs::draw_one, &mut OsRng, &Platform::new()).await?;
        write(&describe_secret_key(&edited, timestamp(at)))
    }))
}

#[derive(Deserialize)]
struct RevocationArguments {
    key: KeyArgument,
    reason: String,
    text: String,
    at: f64,
}

#[derive(Deserialize)]
struct RevokeSubkeyArguments {
    key: KeyArgument,
    subkey: String,
    reason: String,
    text: String,
    at: f64,
}

/// Revokes a subkey.
#[wasm_bindgen(js_name = revokeSubkey)]
pub fn revoke_subkey(arguments: JsValue) -> Result<Job, JsValue> {
    let RevokeSubkeyArguments { key, subkey, reason, text, at } = read(arguments)?;
    Ok(edit(key, at, move |key, options| {
        let reason = RevocationReason::from_code(&reason)?;
        key.revoke_subkey(&key.certificate().subkey_fingerprint(&subkey)?, reason, &text, options, &mut OsRng)
    }))
}

/// Revokes a key.
#[wasm_bindgen(js_name = revokeKey)]
pub fn revoke_key(arguments: JsValue) -> Result<Job, JsValue> {
    let RevocationArguments { key, reason, text, at } = read(arguments)?;
    Ok(edit(key, at, move |key, options| key.revoke(RevocationReason::from_code(&reason)?, &text, options, &mut OsRng)))
}

/// Makes a revocation certificate for later.
#[wasm_bindgen(js_name = generateRevocation)]
pub fn generate_revocation(arguments: JsValue) -> Result<Job, JsValue> {
    let RevocationArguments { key, reason, text, at } = read(arguments)?;
    Ok(Job::new(async move {
        let given = Edit::new(&key, at).await?;
        let reason = RevocationReason::from_code(&reason)?;
        let armored = given.key.generate_revocation(reason, &text, &given.options(), &mut OsRng)?;
        Ok(armored.into())
    }))
}

#[derive(Deserialize)]
struct ApplyArguments {
    key: serde_bytes::ByteBuf,
    revocation: serde_bytes::ByteBuf,
    at: f64,
}

/// Applies a revocation to a certificate or secret key.
#[wasm_bindgen(js_name = applyRevocation)]
pub fn apply_revocation(arguments: JsValue) -> Result<JsValue, JsValue> {
    wiped(|| {
        let ApplyArguments { key, revocation, at } = read(arguments)?;
        let revoked = envelock::apply_revocation(&key, &revocation, &Policy::default(), &Limits::browser());
        Ok(write(&describe(&revoked.map_err(Failure::from)?, &[], timestamp(at)))?)
    })
}

#[derive(Deserialize)]
struct Trust {
    depth: u8,
    amount: u8,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CertifyArguments {
    certificate: serde_bytes::ByteBuf,
    user_ids: Vec<String>,
    signer: KeyArgument,
    expires: Option<f64>,
    exportable: bool,
    trust: Option<Trust>,
    at: f64,
}

/// Certifies user IDs of somebody else.
#[wasm_bindgen(js_name = certifyKey)]
pub fn certify_key(arguments: JsValue) -> Result<Job, JsValue> {
    let CertifyArguments { certificate, user_ids, signer, expires, exportable, trust, at } = read(arguments)?;
    Ok(Job::new(async move {
        let given = Edit::new(&signer, at).await?;
        let certificate = Certificate::parse(&certificate, &given.limits)?;
        let certification = Certification {
            expires: expires.map(timestamp),
            exportable,
            trust: trust.map(|trust| (trust.depth, trust.amount)),
        };
        let options = given.options();
        let certified = given.key.certify(&certificate, &user_ids, &certification, &options, &mut OsRng)?;
        write(&describe_certificate(&certified, timestamp(at)))
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RevokeCertificationArguments {
    certificate: serde_bytes::ByteBuf,
    user_ids: Vec<String>,
    signer: KeyArgument,
    text: String,
    at: f64,
}

/// Takes certifications back.
#[wasm_bindgen(js_name = revokeCertification)]
pub fn revoke_certification(arguments: JsValue) -> Result<Job, JsValue> {
    let RevokeCertificationArguments { certificate, user_ids, signer, text, at } = read(arguments)?;
    Ok(Job::new(async move {
        let given = Edit::new(&signer, at).await?;
        let certificate = Certificate::parse(&certificate, &given.limits)?;
        let revoked = given.key.revoke_certification(&certificate, &user_ids, &text, &given.options(), &mut OsRng)?;
        write(&describe_certificate(&revoked, timestamp(at)))
    }))
}
