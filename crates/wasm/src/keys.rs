//! Keys: generate, read, lock, check.

use std::cell::RefCell;

use envelock::{
    Certificate, Fingerprint, GenerateOptions, KeyError, KeyId, KeyringItem, Limits, Passphrase, Policy, Problem,
    Profile, RecentCertificates, SecretKey, Timestamp,
};
use envelock_seipd::Engine;
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::Failure;
use crate::arguments::{Secret, read};
use crate::engine::{Platform, pairs};
use crate::job::Job;
use crate::keystores;
use crate::octets::JsOctets;
use crate::results::{Remark, milliseconds, timestamp, write};

/// A secret key as callers hold it: locked octets, and what unlocks them.
#[derive(Deserialize)]
pub struct KeyArgument {
    binary: serde_bytes::ByteBuf,
    passphrase: Option<Secret>,
    /// The handle of the keystore whose passphrase counts.
    keystore: Option<u32>,
}

/// A key and its passphrase, ready for the core.
pub struct Unlockable {
    pub key: SecretKey,
    pub passphrase: Option<Passphrase>,
}

impl KeyArgument {
    /// Reads the key.
    pub fn unlockable(&self) -> Result<Unlockable, Failure> {
        self.read_by(SecretKey::parse)
    }

    fn read_by(&self, parse: fn(&[u8], &Limits) -> Result<SecretKey, KeyError>) -> Result<Unlockable, Failure> {
        let passphrase = known_passphrase(self.passphrase.as_ref(), self.keystore)?;
        Ok(Unlockable { key: parse(&self.binary, &Limits::browser())?, passphrase })
    }

    /// The key under another passphrase.
    pub async fn lock_under(&self, new: &Passphrase) -> Result<SecretKey, Failure> {
        let Unlockable { mut key, passphrase } = self.unlockable()?;
        let (limits, engine) = (Limits::browser(), Platform::new());
        key.change_passphrase_on(passphrase.as_ref(), new, &limits, &mut OsRng, &engine).await?;
        Ok(key)
    }
}

/// The passphrase that was typed, or that of the keystore.
fn known_passphrase(typed: Option<&Secret>, keystore: Option<u32>) -> Result<Option<Passphrase>, Failure> {
    match (typed, keystore) {
        (Some(typed), _) => Ok(Some(Passphrase::new(typed.as_bytes()))),
        (None, Some(handle)) => keystores::passphrase(handle).map(Some),
        (None, None) => Ok(None),
    }
}

/// Reads keys to sign or decrypt with.
pub fn unlockables(keys: &[KeyArgument]) -> Result<Vec<Unlockable>, Failure> {
    keys.iter().map(|key| key.read_by(SecretKey::parse_for_use)).collect()
}

thread_local! {
    static RECENT: RefCell<RecentCertificates> = RefCell::new(RecentCertificates::new(Limits::browser()));
}

/// Reads certificates.
pub fn certificates(keys: &[serde_bytes::ByteBuf]) -> Result<Vec<Certificate>, Failure> {
    RECENT.with_borrow_mut(|recent| keys.iter().map(|binary| Ok(recent.parse(binary)?)).collect())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GenerateArguments {
    user_ids: Vec<UserId>,
    profile: String,
    bits: Option<u32>,
    curve: Option<String>,
    passphrase: Option<Secret>,
    /// The handle of the keystore whose passphrase locks the key.
    keystore: Option<u32>,
    expires: Option<f64>,
    at: f64,
}

/// Name and address as callers give them.
#[derive(Deserialize)]
pub struct UserId {
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub email: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GeneratedKey {
    key: Described,
    revocation_certificate: String,
}

/// Makes a key pair.
#[wasm_bindgen(js_name = generateKey)]
pub fn generate_key(arguments: JsValue) -> Result<Job, JsValue> {
    let GenerateArguments { user_ids, profile, bits, curve, passphrase, keystore, expires, at } = read(arguments)?;
    let profile = Profile::from_code(&profile, bits, curve.as_deref()).map_err(Failure::from)?;
    Ok(Job::new(async move {
        let options = GenerateOptions {
            profile,
            user_ids: user_ids.iter().map(|id| envelock::user_id(&id.name, &id.email)).collect::<Result<_, _>>()?,
            passphrase: known_passphrase(passphrase.as_ref(), keystore)?,
            created: timestamp(at),
            expires: expires.map(timestamp),
        };
        let pairs = pairs::draw(profile.algorithm()).await;
        let made = envelock::generate_on::<JsOctets, _, _>(&options, pairs, &mut OsRng, &Platform::new()).await?;
        let key = describe_secret_key(&made.key, timestamp(at));
        write(&GeneratedKey { key, revocation_certificate: made.revocation_certificate })
    }))
}

#[derive(Deserialize)]
struct ReadArguments {
    keys: serde_bytes::ByteBuf,
    at: f64,
}

/// Reads every key of an input.
#[wasm_bindgen(js_name = readKeys)]
pub fn read_keys(arguments: JsValue) -> Result<Job, JsValue> {
    let ReadArguments { keys, at } = read(arguments)?;
    Ok(Job::new(async move {
        let keyring = envelock::read_keys(&keys, &Limits::browser())?;
        let engine = Platform::new();
        let mut described = Vec::new();
        for entry in &keyring.entries {
            if !described.is_empty() {
                engine.rest().await;
            }
            described.push(describe(&entry.item, &entry.problems, timestamp(at)));
        }
        described.extend(keyring.lost().map(|problem| {
            let item = KeyringItem::Unsupported { reason: problem.to_string(), fingerprint: None };
            describe(&item, std::slice::from_ref(problem), timestamp(at))
        }));
        write(&described)
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LockArguments {
    key: KeyArgument,
    new_passphrase: Secret,
    at: f64,
}

/// Locks a key, or locks it under another passphrase.
#[wasm_bindgen(js_name = lockKey)]
pub fn lock_key(arguments: JsValue) -> Result<Job, JsValue> {
    let LockArguments { key, new_passphrase, at } = read(arguments)?;
    Ok(Job::new(async move {
        let locked = key.lock_under(&Passphrase::new(new_passphrase.as_bytes())).await?;
        write(&describe_secret_key(&locked, timestamp(at)))
    }))
}

#[derive(Deserialize)]
struct CheckArguments {
    key: KeyArgument,
}

/// Whether the passphrase unlocks the key.
#[wasm_bindgen(js_name = unlockCheck)]
pub fn unlock_check(arguments: JsValue) -> Result<Job, JsValue> {
    let CheckArguments { key } = read(arguments)?;
    Ok(Job::new(async move {
        let Unlockable { key, passphrase } = key.unlockable()?;
        match key.unlock_check_on(passphrase.as_ref(), &Limits::browser(), &Platform::new()).await {
            Ok(()) => Ok(JsValue::TRUE),
            Err(envelock::KeyError::WrongPassphrase) => Ok(JsValue::FALSE),
            Err(error) => Err(error.into()),
        }
    }))
}

/// A key as callers see it; which fields there are depends on `kind`.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Described {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    info: Option<Info>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locked: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<Box<Described>>,
    problems: Vec<Remark>,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Info {
    key_id: String,
    version: u8,
    user_ids: Vec<String>,
    unverified_user_ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    primary_user_id: Option<String>,
    created: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<f64>,
    algorithm: String,
    status: &'static str,
    can_encrypt: bool,
    can_sign: bool,
    #[serde(with = "serde_bytes")]
    binary: Vec<u8>,
    armored: String,
}

/// A key as callers see it, with what was wrong with its input.
pub fn describe(item: &KeyringItem, problems: &[Problem], at: Timestamp) -> Described {
    let problems = || problems.iter().map(|problem| Remark { code: problem.code(), message: problem.to_string() });
    let mut described = match item {
        KeyringItem::Certificate(certificate) => describe_certificate(certificate, at),
        KeyringItem::SecretKey(key) => describe_secret_key(key, at),
        KeyringItem::Unsupported { reason, fingerprint } => unsupported(reason.clone(), fingerprint.as_ref()),
        _ => unsupported("a kind of key this version does not know".into(), None),
    };
    if let Some(certificate) = &mut described.certificate {
        certificate.problems.extend(problems());
    }
    described.problems.extend(problems());
    described
}

fn unsupported(reason: String, fingerprint: Option<&Fingerprint>) -> Described {
    Described {
        kind: "unsupported",
        fingerprint: fingerprint.map(hex),
        info: None,
        reason: Some(reason),
        locked: None,
        certificate: None,
        problems: Vec::new(),
    }
}

/// A certificate as callers see it.
pub fn describe_certificate(certificate: &Certificate, at: Timestamp) -> Described {
    let checked = certificate.at(&Policy::default(), at);
    let status = checked.status();
    // Both lists are in the order of the packets.
    let texts = |verified: bool| {
        let judged = certificate.user_ids().zip(checked.user_ids());
        judged.filter(|(_, id)| id.status().is_valid() == verified).map(|(text, _)| text.into_owned()).collect()
    };
    let problems =
        if status.is_valid() { vec![] } else { vec![Remark { code: status.code(), message: status.to_string() }] };
    Described {
        kind: "certificate",
        fingerprint: Some(hex(&certificate.fingerprint())),
        info: Some(Info {
            key_id: key_id(&certificate.key_id()),
            version: u8::from(certificate.version()),
            user_ids: texts(true),
            unverified_user_ids: texts(false),
            primary_user_id: checked.primary_user_id().map(Into::into),
            created: milliseconds(certificate.created()),
            expires: checked.expires().map(milliseconds),
            algorithm: certificate.algorithms(),
            status: status.code(),
            can_encrypt: !checked.encryption_keys().is_empty(),
            can_sign: !checked.signing_keys().is_empty(),
            binary: certificate.to_bytes(),
            armored: certificate.to_armored(),
        }),
        reason: None,
        locked: None,
        certificate: None,
        problems,
    }
}

/// A secret key as callers see it, as locked as it is.
pub fn describe_secret_key(key: &SecretKey, at: Timestamp) -> Described {
    let certificate = describe_certificate(&key.certificate(), at);
    let mut described = Described {
        kind: "secret-key",
        locked: Some(key.is_locked()),
        certificate: Some(Box::new(certificate.clone())),
        ..certificate
    };
    if let Some(info) = &mut described.info {
        info.binary = key.to_bytes();
        info.armored = key.to_armored();
    }
    described
}

/// A fingerprint as callers see it.
pub fn hex(fingerprint: &Fingerprint) -> String {
    format!("{fingerprint:X}")
}

/// A key ID as callers see it.
pub fn key_id(id: &KeyId) -> String {
    id.to_string().to_uppercase()
}
