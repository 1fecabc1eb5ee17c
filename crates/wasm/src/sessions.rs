//! Session keys, the packets that carry them, armor, and messages looked at from outside.

use envelock::armor::{self, ArmorKind};
use envelock::message::{self, DecryptOptionsOn, Format, MessageKind, Named, SessionKey, SessionKeyOptions};
use envelock::{Limits, Policy};
use js_sys::{Function, Uint8Array};
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::Failure;
use crate::arguments::{Report, Secret, Word, read};
use crate::engine::Platform;
use crate::job::Job;
use crate::keys::{KeyArgument, certificates, hex, key_id, unlockables};
use crate::messages::{decryptors, passwords};
use crate::octets::JsOctets;
use crate::results::{milliseconds, timestamp, write};

/// A session key as callers hold it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionKeyArgument {
    algorithm: String,
    session_key: Secret,
}

impl SessionKeyArgument {
    /// Ready for the core.
    pub fn session_key(&self) -> Result<SessionKey, Failure> {
        SessionKey::named(&self.algorithm, self.session_key.as_bytes())
            .ok_or_else(|| Failure::bad_option("the session key does not fit its algorithm"))
    }
}

/// Session keys, ready for the core.
pub fn session_keys(given: &[SessionKeyArgument]) -> Result<Vec<SessionKey>, Failure> {
    given.iter().map(SessionKeyArgument::session_key).collect()
}

#[derive(Serialize)]
struct SessionKeyResult<'a> {
    algorithm: &'static str,
    #[serde(with = "serde_bytes")]
    data: &'a [u8],
}

impl<'a> From<&'a SessionKey> for SessionKeyResult<'a> {
    fn from(key: &'a SessionKey) -> Self {
        SessionKeyResult { algorithm: key.algorithm_name(), data: key.as_bytes() }
    }
}

#[derive(Deserialize)]
struct GenerateArguments {
    recipients: Vec<serde_bytes::ByteBuf>,
    format: Word<Format>,
    at: f64,
}

/// Draws a session key.
#[wasm_bindgen(js_name = generateSessionKey)]
pub fn generate_session_key(arguments: JsValue) -> Result<Job, JsValue> {
    let arguments: GenerateArguments = read(arguments)?;
    Ok(Job::new(async move {
        let recipients = certificates(&arguments.recipients)?;
        let (policy, at) = (Policy::default(), timestamp(arguments.at));
        let key = SessionKey::generate(&recipients, arguments.format.0, &policy, at, &mut OsRng)?;
        write(&SessionKeyResult::from(&key))
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrapArguments {
    session_key: SessionKeyArgument,
    recipients: Vec<serde_bytes::ByteBuf>,
    passwords: Vec<Secret>,
    format: Word<Format>,
    hide_recipients: bool,
    armor: bool,
    at: f64,
}

/// Writes session key packets.
#[wasm_bindgen(js_name = encryptSessionKey)]
pub fn encrypt_session_key(arguments: JsValue) -> Result<Job, JsValue> {
    let arguments: WrapArguments = read(arguments)?;
    Ok(Job::new(async move {
        let options = SessionKeyOptions {
            session_key: &arguments.session_key.session_key()?,
            recipients: &certificates(&arguments.recipients)?,
            passwords: &passwords(&arguments.passwords),
            format: arguments.format.0,
            hide_recipients: arguments.hide_recipients,
            armor: arguments.armor,
        };
        let (policy, limits, at) = (Policy::default(), Limits::browser(), timestamp(arguments.at));
        let packets = message::encrypt_session_key(options, &policy, &limits, at, &mut OsRng, &Platform::new()).await?;
        Ok(Uint8Array::from(packets.as_slice()).into())
    }))
}

#[derive(Deserialize)]
struct UnwrapArguments {
    message: JsOctets,
    keys: Vec<KeyArgument>,
    passwords: Vec<Secret>,
}

/// Finds session keys.
#[wasm_bindgen(js_name = decryptSessionKeys)]
pub fn decrypt_session_keys(arguments: JsValue, report: Function) -> Result<Job, JsValue> {
    let arguments: UnwrapArguments = read(arguments)?;
    Ok(Job::new(async move {
        let keys = unlockables(&arguments.keys)?;
        let options = DecryptOptionsOn {
            message: &arguments.message,
            keys: &decryptors(&keys),
            passwords: &passwords(&arguments.passwords),
            verify_with: &[],
            session_keys: &[],
            from: None,
        };
        let limits = Limits::browser();
        let found = message::decrypt_session_keys(options, &limits, &Platform::new(), &mut Report(report)).await?;
        write(&found.iter().map(SessionKeyResult::from).collect::<Vec<_>>())
    }))
}

#[derive(Deserialize)]
struct InspectArguments {
    message: JsOctets,
}

#[derive(Serialize)]
struct Inspected {
    format: &'static str,
    encrypted: bool,
    recipients: Vec<KeyName>,
    passwords: usize,
    signers: Vec<KeyName>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeyName {
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<f64>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    signature_type: Option<&'static str>,
}

impl KeyName {
    fn of(named: &Named) -> Self {
        let Named { fingerprint, key_id: id } = named;
        let (fingerprint, key_id) = (fingerprint.as_ref().map(hex), id.as_ref().map(key_id));
        KeyName { fingerprint, key_id, created: None, signature_type: None }
    }
}

/// Looks at a message from outside.
#[wasm_bindgen(js_name = inspectMessage)]
pub fn inspect_message(arguments: JsValue, report: Function) -> Result<Job, JsValue> {
    let InspectArguments { message } = read(arguments)?;
    Ok(Job::new(async move {
        let (limits, engine) = (Limits::browser(), Platform::new());
        let seen = message::inspect_on(&message, &limits, &engine, &mut Report(report)).await?;
        let signers = seen.signers.iter().zip(&seen.signed_at).zip(&seen.signature_types);
        let signers = signers.map(|((named, at), signature_type)| KeyName {
            created: at.map(milliseconds),
            signature_type: *signature_type,
            ..KeyName::of(named)
        });
        write(&Inspected {
            format: seen.kind.code(),
            encrypted: matches!(seen.kind, MessageKind::Encrypted(_) | MessageKind::Unreadable),
            recipients: seen.recipients.iter().map(KeyName::of).collect(),
            passwords: seen.passwords,
            signers: signers.collect(),
        })
    }))
}

#[derive(Deserialize)]
struct ArmorArguments {
    data: JsOctets,
    kind: String,
    headers: Vec<(String, String)>,
}

/// Puts octets in armor; the text as octets.
#[wasm_bindgen(js_name = armor)]
pub fn armor(arguments: JsValue, report: Function) -> Result<Job, JsValue> {
    let ArmorArguments { data, kind, headers } = read(arguments)?;
    let kind = ArmorKind::from_code(&kind).ok_or_else(|| Failure::bad_option("unknown kind of armor"))?;
    Ok(Job::new(async move {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let armored = armor::write_checked_on(kind, &headers, &data, &Platform::new(), &mut Report(report)).await?;
        Ok(armored.into())
    }))
}

#[derive(Deserialize)]
struct DearmorArguments {
    armored: JsOctets,
}

#[derive(Serialize)]
struct Dearmored {
    kind: &'static str,
    headers: Vec<(String, String)>,
    data: JsOctets,
}

/// Takes octets out of armor.
#[wasm_bindgen(js_name = dearmor)]
pub fn dearmor(arguments: JsValue, report: Function) -> Result<Job, JsValue> {
    let DearmorArguments { armored } = read(arguments)?;
    Ok(Job::new(async move {
        let block = armor::read_one_on(&armored, &Limits::browser(), &Platform::new(), &mut Report(report)).await?;
        write(&Dearmored { kind: block.kind.code(), headers: block.headers, data: block.octets })
    }))
}
