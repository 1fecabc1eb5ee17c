//! Keys looked at closely, merged, reduced for others, and previewed before they are imported.

use envelock::{
    CertificationIssuer, KeyringItem, Limits, Policy, Status, ThirdParty,
    inspect::{CertificateWeakness, InspectedComponent, InspectedUserId, Inspection, inspect},
    preview::{PreviewEntry, preview},
    read_key,
};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::Failure;
use crate::arguments::read;
use crate::keys::{Described, certificates, describe, describe_certificate, hex, key_id};
use crate::results::{Remark, milliseconds, timestamp, write};
use crate::stack::wiped;

#[derive(Deserialize)]
struct InspectArguments {
    key: serde_bytes::ByteBuf,
    known: Vec<serde_bytes::ByteBuf>,
    at: f64,
}

/// Everything about a key.
#[wasm_bindgen(js_name = inspectKey)]
pub fn inspect_key(arguments: JsValue) -> Result<JsValue, JsValue> {
    wiped(|| {
        let InspectArguments { key, known, at } = read(arguments)?;
        let key = read_key(&key, &Limits::browser()).map_err(Failure::from)?;
        let seen = inspect(&key, &certificates(&known)?, &Policy::default(), timestamp(at)).map_err(Failure::from)?;
        Ok(write(&Seen::from(&seen))?)
    })
}

#[derive(Deserialize)]
struct MergeArguments {
    key: serde_bytes::ByteBuf,
    update: serde_bytes::ByteBuf,
    at: f64,
}

/// Two copies of a key as one.
#[wasm_bindgen(js_name = mergeKeys)]
pub fn merge_keys(arguments: JsValue) -> Result<JsValue, JsValue> {
    wiped(|| {
        let MergeArguments { key, update, at } = read(arguments)?;
        let limits = Limits::browser();
        let [key, update] = [read_key(&key, &limits), read_key(&update, &limits)];
        let (key, update) = (key.map_err(Failure::from)?, update.map_err(Failure::from)?);
        let merged = envelock::merge(&key, &update, &limits).map_err(Failure::from)?;
        Ok(write(&describe(&merged, &[], timestamp(at)))?)
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MinimizeArguments {
    key: serde_bytes::ByteBuf,
    user_ids: Option<Vec<String>>,
    at: f64,
}

/// What others need of a certificate.
#[wasm_bindgen(js_name = minimizeKey)]
pub fn minimize_key(arguments: JsValue) -> Result<JsValue, JsValue> {
    wiped(|| {
        let MinimizeArguments { key, user_ids, at } = read(arguments)?;
        let certificate = envelock::Certificate::parse(&key, &Limits::browser()).map_err(Failure::from)?;
        let reduced = certificate.minimize(user_ids.as_deref(), &Policy::default(), timestamp(at));
        Ok(write(&describe_certificate(&reduced, timestamp(at)))?)
    })
}

#[derive(Deserialize)]
struct PreviewArguments {
    keys: serde_bytes::ByteBuf,
    known: Vec<serde_bytes::ByteBuf>,
    at: f64,
}

#[derive(Serialize)]
struct Previewed {
    entries: Vec<Entry>,
    skipped: Vec<Skipped>,
}

#[derive(Serialize)]
struct Entry {
    key: Described,
    change: &'static str,
    changes: Vec<Remark>,
    weaknesses: Vec<Weakness>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merged: Option<Described>,
}

#[derive(Serialize)]
struct Skipped {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<u8>,
    offset: usize,
}

/// What importing keys beside the known ones would change.
#[wasm_bindgen(js_name = previewImport)]
pub fn preview_import(arguments: JsValue) -> Result<JsValue, JsValue> {
    wiped(|| {
        let PreviewArguments { keys, known, at } = read(arguments)?;
        let (policy, limits, at) = (Policy::default(), Limits::browser(), timestamp(at));
        let known: Result<Vec<KeyringItem>, _> = known.iter().map(|binary| read_key(binary, &limits)).collect();
        let seen = preview(&keys, &known.map_err(Failure::from)?, &policy, &limits, at).map_err(Failure::from)?;
        let entry = |it: &PreviewEntry| Entry {
            key: describe(&it.entry.item, &it.entry.problems, at),
            change: it.change.code(),
            changes: it.details.iter().map(|it| Remark { code: it.code(), message: it.to_string() }).collect(),
            weaknesses: it.weaknesses.iter().map(Weakness::from).collect(),
            merged: it.merged.as_ref().map(|merged| describe(merged, &[], at)),
        };
        let skipped = seen.skipped.iter().map(|it| Skipped {
            code: it.code(),
            message: it.to_string(),
            tag: it.tag,
            offset: it.offset,
        });
        Ok(write(&Previewed { entries: seen.entries.iter().map(entry).collect(), skipped: skipped.collect() })?)
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    user_ids: Vec<UserId>,
    components: Vec<Component>,
    preferences: Preferences,
    weaknesses: Vec<Weakness>,
}

impl From<&Inspection> for Seen {
    fn from(seen: &Inspection) -> Self {
        let preferences = &seen.preferences;
        Seen {
            user_ids: seen.user_ids.iter().map(UserId::from).collect(),
            components: seen.components.iter().map(Component::from).collect(),
            preferences: Preferences {
                ciphers: preferences.ciphers.clone(),
                aead: preferences.aead.clone(),
                seipd_v2: preferences.seipd_v2,
            },
            weaknesses: seen.weaknesses.iter().map(Weakness::from).collect(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Preferences {
    ciphers: Vec<String>,
    aead: Vec<String>,
    seipd_v2: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserId {
    text: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    primary: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    certified_at: Option<f64>,
    certifications: Vec<CertificationSeen>,
    warnings: Vec<&'static str>,
}

impl From<&InspectedUserId> for UserId {
    fn from(user: &InspectedUserId) -> Self {
        UserId {
            text: user.text.clone(),
            name: user.parts.name.clone(),
            email: user.parts.email.clone(),
            status: user.status.code(),
            reason: user.status.reason(),
            primary: user.primary,
            certified_at: user.certified.map(milliseconds),
            certifications: user.certifications.iter().map(CertificationSeen::from).collect(),
            warnings: user.warnings.iter().map(|warning| warning.code()).collect(),
        }
    }
}

#[derive(Serialize)]
struct CertificationSeen {
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<f64>,
    exportable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    trust: Option<Trust>,
    status: &'static str,
}

#[derive(Serialize)]
struct Trust {
    depth: u8,
    amount: u8,
}

impl From<&ThirdParty> for CertificationSeen {
    fn from(it: &ThirdParty) -> Self {
        CertificationSeen {
            issuer: it.issuer.as_ref().map(|issuer| match issuer {
                CertificationIssuer::Fingerprint(fingerprint) => hex(fingerprint),
                CertificationIssuer::KeyId(id) => key_id(id),
            }),
            created: it.created.map(milliseconds),
            expires: it.expires.map(milliseconds),
            exportable: it.exportable,
            trust: it.trust.map(|(depth, amount)| Trust { depth, amount }),
            status: it.status.code(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Component {
    fingerprint: String,
    key_id: String,
    primary: bool,
    algorithm: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    bits: Option<usize>,
    created: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<f64>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revocation: Option<Revocation>,
    can: Can,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'static str>,
}

#[derive(Serialize)]
struct Revocation {
    code: &'static str,
    text: String,
    at: f64,
    hard: bool,
}

#[derive(Serialize)]
struct Can {
    certify: bool,
    sign: bool,
    encrypt: bool,
    authenticate: bool,
}

impl From<&InspectedComponent> for Component {
    fn from(it: &InspectedComponent) -> Self {
        let revocation = match it.status {
            Status::Revoked { hard, at, reason } => Some(Revocation {
                code: reason.code(),
                text: it.revocation_text.clone().unwrap_or_default(),
                at: milliseconds(at),
                hard,
            }),
            _ => None,
        };
        let can = it.capabilities;
        Component {
            fingerprint: hex(&it.fingerprint),
            key_id: key_id(&it.key_id),
            primary: it.primary,
            algorithm: it.algorithm,
            bits: it.bits,
            created: milliseconds(it.created),
            expires: it.expires.map(milliseconds),
            status: it.status.code(),
            reason: it.status.reason(),
            revocation,
            can: Can { certify: can.certify, sign: can.sign, encrypt: can.encrypt, authenticate: can.authenticate },
            secret: it.secret.map(|secret| secret.code()),
        }
    }
}

#[derive(Serialize)]
struct Weakness {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<String>,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<f64>,
    source: &'static str,
}

impl From<&CertificateWeakness> for Weakness {
    fn from(it: &CertificateWeakness) -> Self {
        Weakness {
            code: it.kind.code(),
            component: it.component.as_ref().map(hex),
            message: it.message.clone(),
            since: it.since.map(milliseconds),
            source: it.source,
        }
    }
}
