//! Envelopes: seal, open, answer, derive the access token, check signatures afterwards.

use envelock::envelope::{
    self, Attachment, Content, LinkSecret, Lock, Mailbox, OpenOptions, OpenWith, ReplyOptions, ReplyTo, SealOptions,
    VerifiedInner,
};
use envelock::{Certificate, Limits, Password, Policy, Timestamp};
use js_sys::Function;
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::Failure;
use crate::arguments::{Base64Url, Report, Secret, base64url, read};
use crate::engine::Platform;
use crate::job::Job;
use crate::keys::{Described, KeyArgument, certificates, describe_certificate, unlockables};
use crate::messages::{Judged, decryptors, judged, signers};
use crate::octets::JsOctets;
use crate::results::{timestamp, write};

#[derive(Deserialize)]
struct ContentArgument {
    subject: String,
    text: String,
    html: Option<String>,
    attachments: Vec<FileArgument>,
    reply: ReplyArgument,
}

#[derive(Deserialize)]
struct FileArgument {
    name: String,
    r#type: String,
    data: serde_bytes::ByteBuf,
}

#[derive(Deserialize)]
struct ReplyArgument {
    allowed: bool,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
}

impl ContentArgument {
    fn content(self, at: Timestamp) -> Content {
        let ReplyArgument { allowed, name, email } = self.reply;
        let nobody = name.is_empty() && email.is_empty();
        let file =
            |file: FileArgument| Attachment { name: file.name, mime_type: file.r#type, data: file.data.into_vec() };
        Content {
            subject: self.subject,
            text: self.text,
            html: self.html,
            attachments: self.attachments.into_iter().map(file).collect(),
            sender_certificate: None,
            reply: ReplyTo { allowed, to: (!nobody).then_some(Mailbox { name, address: email }) },
            date: Some(at.as_secs().into()),
        }
    }
}

fn link_secret(typed: Option<&Secret>) -> Result<Option<LinkSecret>, Failure> {
    typed.map(|text| LinkSecret::parse(text.as_str()?).map_err(Failure::from)).transpose()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SealArguments {
    content: ContentArgument,
    password: Secret,
    link_secret: bool,
    signers: Vec<KeyArgument>,
    recipients: Vec<serde_bytes::ByteBuf>,
    at: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SealedEnvelope {
    ciphertext: JsOctets,
    head: Head,
    token_hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    link_secret: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    profile: u32,
    salt: String,
    link_secret: bool,
}

/// Seals an envelope.
#[wasm_bindgen(js_name = sealEnvelope)]
pub fn seal_envelope(arguments: JsValue, report: Function) -> Result<Job, JsValue> {
    let arguments: SealArguments = read(arguments)?;
    Ok(Job::new(async move {
        let at = timestamp(arguments.at);
        let keys = unlockables(&arguments.signers)?;
        let recipients = certificates(&arguments.recipients)?;
        let options = SealOptions {
            content: arguments.content.content(at),
            lock: Lock::New {
                password: &Password::new(arguments.password.as_bytes()),
                link_secret: arguments.link_secret,
            },
            recipients: &recipients,
            signers: &signers(&keys),
        };
        let (policy, limits) = (Policy::default(), Limits::browser());
        let sealed =
            envelope::seal(options, &policy, &limits, at, &mut OsRng, &Platform::new(), &mut Report(report)).await?;
        let secret = sealed.link_secret.map(|secret| secret.to_base64url().to_string());
        write(&SealedEnvelope {
            ciphertext: JsOctets::copied(&sealed.ciphertext).await?,
            head: Head {
                profile: sealed.profile.number(),
                salt: base64url(&sealed.salt),
                link_secret: secret.is_some(),
            },
            token_hash: base64url(&sealed.token_hash),
            link_secret: secret,
        })
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReplyArguments {
    content: ContentArgument,
    password: Secret,
    link_secret: Option<Secret>,
    salt: Base64Url<16>,
    sender_certificate: serde_bytes::ByteBuf,
    signers: Vec<KeyArgument>,
    at: f64,
}

/// Seals an answer to an envelope.
#[wasm_bindgen(js_name = sealReply)]
pub fn seal_reply(arguments: JsValue, report: Function) -> Result<Job, JsValue> {
    let arguments: ReplyArguments = read(arguments)?;
    Ok(Job::new(async move {
        let at = timestamp(arguments.at);
        let keys = unlockables(&arguments.signers)?;
        let secret = link_secret(arguments.link_secret.as_ref())?;
        let (password, engine) = (Password::new(arguments.password.as_bytes()), Platform::new());
        let access = envelope::derive_access(&password, secret.as_ref(), arguments.salt.0, &engine).await?;
        let options = ReplyOptions {
            content: arguments.content.content(at),
            access: &access,
            sender_certificate: &Certificate::parse(&arguments.sender_certificate, &Limits::browser())?,
            signers: &signers(&keys),
        };
        let (policy, limits) = (Policy::default(), Limits::browser());
        let sealed =
            envelope::seal_reply(options, &policy, &limits, at, &mut OsRng, &engine, &mut Report(report)).await?;
        Ok(JsOctets::copied(&sealed).await?.into())
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OpenArguments {
    ciphertext: serde_bytes::ByteBuf,
    password: Option<Secret>,
    link_secret: Option<Secret>,
    keys: Vec<KeyArgument>,
    salt: Option<Base64Url<16>>,
    verify_with: Vec<serde_bytes::ByteBuf>,
    at: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OpenedEnvelope {
    subject: String,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<f64>,
    attachments: Vec<File>,
    signatures: Vec<Judged>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_certificate: Option<Described>,
    reply: Reply,
}

#[derive(Serialize)]
struct File {
    name: String,
    r#type: String,
    data: JsOctets,
}

#[derive(Serialize)]
struct Reply {
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

/// Opens an envelope and checks its signatures.
#[wasm_bindgen(js_name = openEnvelope)]
pub fn open_envelope(arguments: JsValue, report: Function) -> Result<Job, JsValue> {
    let arguments: OpenArguments = read(arguments)?;
    Ok(Job::new(async move {
        let at = timestamp(arguments.at);
        let secret = link_secret(arguments.link_secret.as_ref())?;
        let password = arguments.password.as_ref().map(|typed| Password::new(typed.as_bytes()));
        let keys = unlockables(&arguments.keys)?;
        let decryptors = decryptors(&keys);
        let verify_with = certificates(&arguments.verify_with)?;
        let with = match &password {
            Some(password) => {
                OpenWith::Password { password, link_secret: secret.as_ref(), salt: arguments.salt.map(|salt| salt.0) }
            }
            None => OpenWith::Keys(&decryptors),
        };
        let options = OpenOptions { ciphertext: &arguments.ciphertext, with, verify_with: &verify_with };
        let (policy, limits) = (Policy::default(), Limits::browser());
        let opened = envelope::open(options, &policy, &limits, at, &Platform::new(), &mut Report(report)).await?;
        let content = opened.content;
        let to = content.reply.to;
        let stated = |text: String| (!text.is_empty()).then_some(text);
        let (name, email) = to.map_or((None, None), |to| (stated(to.name), stated(to.address)));
        let mut attachments = Vec::with_capacity(content.attachments.len());
        for Attachment { name, mime_type, data } in content.attachments {
            attachments.push(File { name, r#type: mime_type, data: JsOctets::copied(&data).await? });
        }
        write(&OpenedEnvelope {
            subject: content.subject,
            text: content.text,
            html: content.html,
            date: content.date.map(|seconds| seconds as f64 * 1000.0),
            attachments,
            signatures: judged(&opened.signatures),
            sender_certificate: opened.sender_certificate.map(|certificate| describe_certificate(&certificate, at)),
            reply: Reply { allowed: content.reply.allowed, name, email },
        })
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeriveArguments {
    salt: Base64Url<16>,
    password: Secret,
    link_secret: Option<Secret>,
}

#[derive(Serialize)]
struct Access<'a> {
    token: &'a str,
}

/// Derives the access token.
#[wasm_bindgen(js_name = deriveAccess)]
pub fn derive_access(arguments: JsValue) -> Result<Job, JsValue> {
    let DeriveArguments { salt, password, link_secret: secret } = read(arguments)?;
    Ok(Job::new(async move {
        let secret = link_secret(secret.as_ref())?;
        let password = Password::new(password.as_bytes());
        let access = envelope::derive_access(&password, secret.as_ref(), salt.0, &Platform::new()).await?;
        write(&Access { token: &access.token_base64url() })
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VerifyArguments {
    signed_message: serde_bytes::ByteBuf,
    verify_with: Vec<serde_bytes::ByteBuf>,
    at: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Verified {
    signatures: Vec<Judged>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_certificate: Option<Described>,
}

/// Checks the signatures of an envelope that the reader module opened.
#[wasm_bindgen(js_name = verifyEnvelope)]
pub fn verify_envelope(arguments: JsValue) -> Result<Job, JsValue> {
    let arguments: VerifyArguments = read(arguments)?;
    Ok(Job::new(async move {
        let at = timestamp(arguments.at);
        let verify_with = certificates(&arguments.verify_with)?;
        let (policy, limits) = (Policy::default(), Limits::browser());
        let (message, engine) = (&arguments.signed_message, Platform::new());
        let verifying = envelope::verify_inner_on(message, &verify_with, &policy, &limits, at, &engine);
        let VerifiedInner { signatures, sender_certificate } = verifying.await?;
        write(&Verified {
            signatures: judged(&signatures),
            sender_certificate: sender_certificate.map(|certificate| describe_certificate(&certificate, at)),
        })
    }))
}
