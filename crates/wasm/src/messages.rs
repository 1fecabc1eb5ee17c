//! Messages: encrypt, decrypt, sign, verify.

use envelock::message::{
    self, DecryptOptionsOn, Decryptor, EncryptOptionsOn, Format, FromMatch, Notation, Note, SessionKey, SignOptionsOn,
    SignatureForm, SignedInputOn, Signer, Verdict, VerifyOptionsOn,
};
use envelock::{Certificate, Limits, Password, Policy};
use js_sys::Function;
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::Failure;
use crate::arguments::{Report, Secret, Word, read};
use crate::engine::Platform;
use crate::job::Job;
use crate::keys::{KeyArgument, Unlockable, certificates, hex, key_id, unlockables};
use crate::octets::JsOctets;
use crate::results::{Remark, milliseconds, timestamp, write};
use crate::sessions::{SessionKeyArgument, session_keys};

/// Passwords, ready for the core.
pub fn passwords(typed: &[Secret]) -> Vec<Password> {
    typed.iter().map(|secret| Password::new(secret.as_bytes())).collect()
}

/// Signers, ready for the core.
pub fn signers(keys: &[Unlockable]) -> Vec<Signer<'_>> {
    keys.iter().map(|Unlockable { key, passphrase }| Signer { key, passphrase: passphrase.as_ref() }).collect()
}

/// Decryption keys, ready for the core.
pub fn decryptors(keys: &[Unlockable]) -> Vec<Decryptor<'_>> {
    keys.iter().map(|Unlockable { key, passphrase }| Decryptor { key, passphrase: passphrase.as_ref() }).collect()
}

/// A verdict as callers see it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Judged {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    signer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signer_user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_fingerprint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    certificate: &'static str,
    notations: Vec<NotationResult>,
    intended_recipients: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'static str>,
}

/// A notation as callers give it; text is for people.
#[derive(Deserialize)]
pub struct NotationArgument {
    name: String,
    value: serde_bytes::ByteBuf,
    readable: bool,
    critical: bool,
}

#[derive(Clone, Serialize)]
struct NotationResult {
    name: String,
    #[serde(with = "serde_bytes")]
    value: Vec<u8>,
    readable: bool,
    critical: bool,
}

/// Notations, ready for the core.
pub fn notations(given: Vec<NotationArgument>) -> Vec<Notation> {
    given
        .into_iter()
        .map(|NotationArgument { name, value, readable, critical }| Notation {
            name,
            value: value.into_vec(),
            readable,
            critical,
        })
        .collect()
}

/// The rules of the house, with the notations that the caller understands.
pub fn policy_with(known_notations: Vec<String>) -> Policy {
    let mut policy = Policy::default();
    policy.known_notations = known_notations;
    policy
}

/// Verdicts as callers see them.
pub fn judged(verdicts: &[Verdict]) -> Vec<Judged> {
    verdicts
        .iter()
        .map(|verdict| Judged {
            status: verdict.status.code(),
            signer: verdict.signer.as_ref().map(hex),
            signer_user_id: verdict.signer_user_id.clone(),
            key_fingerprint: verdict.key.as_ref().map(hex).or_else(|| verdict.key_id.as_ref().map(key_id)),
            created: verdict.created.map(milliseconds),
            reason: verdict.reason.map(message::Reason::code),
            certificate: match verdict.certificate {
                message::CertificateSource::Known => "known",
                message::CertificateSource::Enclosed => "enclosed",
            },
            notations: verdict.notations.iter().map(shown).collect(),
            intended_recipients: verdict.intended_recipients.iter().map(hex).collect(),
            from: verdict.from.map(FromMatch::code),
        })
        .collect()
}

fn shown(notation: &Notation) -> NotationResult {
    NotationResult {
        name: notation.name.clone(),
        value: notation.value.clone(),
        readable: notation.readable,
        critical: notation.critical,
    }
}

/// What to encrypt, and to whom; the data of a stream comes later.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EncryptArguments {
    #[serde(default = "JsOctets::none")]
    data: JsOctets,
    filename: Option<String>,
    passwords: Vec<Secret>,
    recipients: Vec<serde_bytes::ByteBuf>,
    signers: Vec<KeyArgument>,
    armor: bool,
    format: Word<Format>,
    padding: bool,
    notations: Vec<NotationArgument>,
    from: Option<String>,
    intended_recipients: bool,
    hide_recipients: bool,
    session_key: Option<SessionKeyArgument>,
    pub at: f64,
}

/// What [`EncryptArguments`] name, read.
pub struct EncryptParts {
    recipients: Vec<Certificate>,
    passwords: Vec<Password>,
    keys: Vec<Unlockable>,
    notations: Vec<Notation>,
    session_key: Option<SessionKey>,
}

impl EncryptArguments {
    /// Reads keys, passwords and notations.
    pub fn parts(&mut self) -> Result<EncryptParts, Failure> {
        Ok(EncryptParts {
            recipients: certificates(&self.recipients)?,
            passwords: passwords(&self.passwords),
            keys: unlockables(&self.signers)?,
            notations: notations(std::mem::take(&mut self.notations)),
            session_key: self.session_key.as_ref().map(SessionKeyArgument::session_key).transpose()?,
        })
    }

    /// The core's options; `signers` are the parts' own.
    pub fn options<'a>(&'a self, parts: &'a EncryptParts, signers: &'a [Signer<'a>]) -> EncryptOptionsOn<'a, JsOctets> {
        EncryptOptionsOn {
            data: &self.data,
            filename: self.filename.as_deref(),
            recipients: &parts.recipients,
            passwords: &parts.passwords,
            signers,
            format: self.format.0,
            armor: self.armor,
            padding: self.padding,
            text: false,
            notations: &parts.notations,
            from: self.from.as_deref(),
            intended_recipients: self.intended_recipients,
            hide_recipients: self.hide_recipients,
            session_key: parts.session_key.as_ref(),
        }
    }
}

impl EncryptParts {
    /// Who signs.
    pub fn signers(&self) -> Vec<Signer<'_>> {
        signers(&self.keys)
    }
}

/// Encrypts to passwords and certificates, signed if there are signers.
#[wasm_bindgen]
pub fn encrypt(arguments: JsValue, report: Function) -> Result<Job, JsValue> {
    let mut arguments: EncryptArguments = read(arguments)?;
    Ok(Job::new(async move {
        let parts = arguments.parts()?;
        let signers = parts.signers();
        let options = arguments.options(&parts, &signers);
        let at = timestamp(arguments.at);
        let (policy, limits) = (Policy::default(), Limits::browser());
        let encrypted =
            message::encrypt(options, &policy, &limits, at, &mut OsRng, &Platform::new(), &mut Report(report)).await?;
        Ok(encrypted.into())
    }))
}

/// What to decrypt, and with what; the message of a stream comes later.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DecryptArguments {
    #[serde(default = "JsOctets::none")]
    message: JsOctets,
    pub passwords: Vec<Secret>,
    pub keys: Vec<KeyArgument>,
    pub verify_with: Vec<serde_bytes::ByteBuf>,
    pub from: Option<String>,
    pub known_notations: Vec<String>,
    pub session_keys: Vec<SessionKeyArgument>,
    pub at: f64,
}

#[derive(Serialize)]
struct Opened {
    data: JsOctets,
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<String>,
    signatures: Vec<Judged>,
    notes: Vec<Remark>,
}

/// Notes as callers see them.
pub fn remarks(notes: &[Note]) -> Vec<Remark> {
    notes.iter().map(|note| Remark { code: note.code(), message: note.to_string() }).collect()
}

/// Decrypts a message and checks its signatures.
#[wasm_bindgen]
pub fn decrypt(arguments: JsValue, report: Function) -> Result<Job, JsValue> {
    let arguments: DecryptArguments = read(arguments)?;
    Ok(Job::new(async move {
        let keys = unlockables(&arguments.keys)?;
        let verify_with = certificates(&arguments.verify_with)?;
        let session_keys = session_keys(&arguments.session_keys)?;
        let options = DecryptOptionsOn {
            message: &arguments.message,
            passwords: &passwords(&arguments.passwords),
            keys: &decryptors(&keys),
            verify_with: &verify_with,
            session_keys: &session_keys,
            from: arguments.from.as_deref(),
        };
        let at = timestamp(arguments.at);
        let (policy, limits) = (policy_with(arguments.known_notations), Limits::browser());
        let decrypted = message::decrypt(options, &policy, &limits, at, &Platform::new(), &mut Report(report)).await?;
        write(&Opened {
            data: decrypted.data,
            filename: decrypted.filename,
            signatures: judged(&decrypted.signatures),
            notes: remarks(&decrypted.notes),
        })
    }))
}

#[derive(Deserialize)]
struct SignArguments {
    data: JsOctets,
    signers: Vec<KeyArgument>,
    form: Word<SignatureForm>,
    armor: bool,
    notations: Vec<NotationArgument>,
    from: Option<String>,
    signature: Option<serde_bytes::ByteBuf>,
    at: f64,
}

/// Signs data.
#[wasm_bindgen]
pub fn sign(arguments: JsValue, report: Function) -> Result<Job, JsValue> {
    let arguments: SignArguments = read(arguments)?;
    Ok(Job::new(async move {
        let keys = unlockables(&arguments.signers)?;
        let options = SignOptionsOn {
            data: &arguments.data,
            signers: &signers(&keys),
            form: arguments.form.0,
            armor: arguments.armor,
            text: false,
            notations: &notations(arguments.notations),
            from: arguments.from.as_deref(),
            beside: arguments.signature.as_ref().map(|signature| signature.as_slice()),
        };
        let at = timestamp(arguments.at);
        let (policy, limits) = (Policy::default(), Limits::browser());
        let (engine, mut progress) = (Platform::new(), Report(report));
        let signed = message::sign_on(options, &policy, &limits, at, &mut OsRng, &engine, &mut progress).await?;
        Ok(signed.into())
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VerifyArguments {
    data: Option<JsOctets>,
    signature: Option<serde_bytes::ByteBuf>,
    message: Option<JsOctets>,
    verify_with: Vec<serde_bytes::ByteBuf>,
    from: Option<String>,
    known_notations: Vec<String>,
    at: f64,
}

#[derive(Serialize)]
struct Checked {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<JsOctets>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<String>,
    signatures: Vec<Judged>,
}

/// Checks every signature.
#[wasm_bindgen]
pub fn verify(arguments: JsValue, report: Function) -> Result<Job, JsValue> {
    let arguments: VerifyArguments = read(arguments)?;
    Ok(Job::new(async move {
        let verify_with = certificates(&arguments.verify_with)?;
        let input = match (&arguments.data, &arguments.signature, &arguments.message) {
            (Some(data), Some(signature), _) => SignedInputOn::Detached { data, signature },
            (_, _, Some(message)) => SignedInputOn::Message(message),
            _ => return Err(Failure::bad_option("data and signature, or message, are wanted")),
        };
        let options = VerifyOptionsOn { input, verify_with: &verify_with, from: arguments.from.as_deref() };
        let (policy, limits) = (policy_with(arguments.known_notations), Limits::browser());
        let at = timestamp(arguments.at);
        let verified = message::verify_on(options, &policy, &limits, at, &Platform::new(), &mut Report(report)).await?;
        write(&Checked { data: verified.data, filename: verified.filename, signatures: judged(&verified.signatures) })
    }))
}
