//! Mails: write and read PGP/MIME.

use envelock::mail::{self, Attachment, ComposeOptions, Draft, Mail, MailPart, Mailbox, ReadOptions};
use envelock::message::Format;
use envelock::{Limits, Policy};
use js_sys::Function;
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::Failure;
use crate::arguments::{Report, Secret, Word, read};
use crate::autocrypt::{AutocryptArgument, Learned, Peer, learned, peer};
use crate::engine::Platform;
use crate::job::Job;
use crate::keys::{KeyArgument, certificates, unlockables};
use crate::messages::{Judged, NotationArgument, decryptors, judged, notations, passwords, policy_with, signers};
use crate::octets::JsOctets;
use crate::results::{Remark, timestamp, write};

#[derive(Deserialize, Serialize)]
struct Person {
    #[serde(default)]
    name: String,
    address: String,
}

impl From<Person> for Mailbox {
    fn from(Person { name, address }: Person) -> Self {
        Mailbox { name, address }
    }
}

fn people(given: Vec<Person>) -> Vec<Mailbox> {
    given.into_iter().map(Mailbox::from).collect()
}

#[derive(Deserialize)]
struct FileArgument {
    name: String,
    r#type: String,
    data: serde_bytes::ByteBuf,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DraftArgument {
    from: Option<Person>,
    to: Vec<Person>,
    cc: Vec<Person>,
    reply_to: Vec<Person>,
    subject: String,
    text: String,
    html: Option<String>,
    attachments: Vec<FileArgument>,
    message_id: Option<String>,
    in_reply_to: Option<String>,
    references: Option<String>,
}

impl From<DraftArgument> for Draft {
    fn from(given: DraftArgument) -> Self {
        let file =
            |file: FileArgument| Attachment { name: file.name, mime_type: file.r#type, data: file.data.into_vec() };
        Draft {
            from: given.from.map(Mailbox::from),
            to: people(given.to),
            cc: people(given.cc),
            reply_to: people(given.reply_to),
            subject: given.subject,
            text: given.text,
            html: given.html,
            attachments: given.attachments.into_iter().map(file).collect(),
            message_id: given.message_id,
            in_reply_to: given.in_reply_to,
            references: given.references,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ComposeArguments {
    draft: DraftArgument,
    signers: Vec<KeyArgument>,
    recipients: Vec<serde_bytes::ByteBuf>,
    passwords: Vec<Secret>,
    format: Word<Format>,
    hide_subject: bool,
    hide_recipients: bool,
    notations: Vec<NotationArgument>,
    autocrypt: Option<AutocryptArgument>,
    gossip: Vec<AutocryptArgument>,
    at: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ComposedMail {
    mail: JsOctets,
    message_id: String,
}

/// Writes a mail.
#[wasm_bindgen(js_name = composeMail)]
pub fn compose_mail(arguments: JsValue, report: Function) -> Result<Job, JsValue> {
    let arguments: ComposeArguments = read(arguments)?;
    Ok(Job::new(async move {
        let keys = unlockables(&arguments.signers)?;
        let autocrypt = arguments.autocrypt.as_ref().map(|given| given.header(arguments.at)).transpose()?;
        let gossip: Result<Vec<_>, Failure> = arguments.gossip.iter().map(|given| given.header(arguments.at)).collect();
        let options = ComposeOptions {
            draft: &Draft::from(arguments.draft),
            signers: &signers(&keys),
            recipients: &certificates(&arguments.recipients)?,
            passwords: &passwords(&arguments.passwords),
            format: arguments.format.0,
            hide_subject: arguments.hide_subject,
            hide_recipients: arguments.hide_recipients,
            notations: &notations(arguments.notations),
            autocrypt: autocrypt.as_ref(),
            gossip: &gossip?,
        };
        let (policy, limits, at) = (Policy::default(), Limits::browser(), timestamp(arguments.at));
        let (engine, mut progress) = (Platform::new(), Report(report));
        let composed =
            mail::compose::<JsOctets, _, _>(options, &policy, &limits, at, &mut OsRng, &engine, &mut progress).await?;
        write(&ComposedMail { mail: composed.mail, message_id: composed.message_id })
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReadArguments {
    mail: serde_bytes::ByteBuf,
    keys: Vec<KeyArgument>,
    passwords: Vec<Secret>,
    verify_with: Vec<serde_bytes::ByteBuf>,
    known_notations: Vec<String>,
    at: f64,
}

#[derive(Serialize)]
struct ShownField {
    name: String,
    value: String,
    protection: &'static str,
}

#[derive(Serialize)]
struct Mismatch {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    outer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inner: Option<String>,
}

#[derive(Serialize)]
struct Group {
    r#type: String,
    path: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Part<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<Group>,
    r#type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    charset: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    attachment: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_id: Option<&'a str>,
    layer: usize,
    protection: &'static str,
    data: JsOctets,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Remark>,
}

impl<'a> Part<'a> {
    async fn of(part: &'a MailPart) -> Result<Self, Failure> {
        Ok(Part {
            path: &part.path,
            group: part.group.clone().map(|(r#type, path)| Group { r#type, path }),
            r#type: &part.mime_type,
            charset: part.charset.as_deref(),
            name: part.name.as_deref(),
            attachment: part.attachment,
            content_id: part.content_id.as_deref(),
            layer: part.layer,
            protection: part.protection.code(),
            data: JsOctets::copied(&part.data).await?,
            text: part.text.as_deref(),
            problem: part.problem.as_ref().map(|it| Remark { code: it.code, message: it.message.clone() }),
        })
    }
}

#[derive(Serialize)]
struct ReadMail<'a> {
    fields: Vec<ShownField>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Person>,
    protection: &'static str,
    signatures: Vec<Judged>,
    mismatches: Vec<Mismatch>,
    /// The signatures of each layer, once.
    layers: Vec<Vec<Judged>>,
    parts: Vec<Part<'a>>,
    autocrypt: Learned,
    gossip: Vec<Peer>,
}

async fn described(mail: &Mail, at: f64) -> Result<ReadMail<'_>, Failure> {
    let field = |field: &mail::ShownField| ShownField {
        name: field.name.clone(),
        value: field.value.clone(),
        protection: field.protection.code(),
    };
    let mismatch = |found: &mail::Mismatch| Mismatch {
        name: found.name.clone(),
        outer: found.outer.clone(),
        inner: found.inner.clone(),
    };
    let mut parts = Vec::with_capacity(mail.parts.len());
    for part in &mail.parts {
        parts.push(Part::of(part).await?);
    }
    Ok(ReadMail {
        fields: mail.fields.iter().map(field).collect(),
        from: mail.from.as_ref().map(|from| Person { name: from.name.clone(), address: from.address.clone() }),
        protection: mail.protection.code(),
        signatures: judged(&mail.signatures),
        mismatches: mail.mismatches.iter().map(mismatch).collect(),
        layers: mail.layers.iter().map(|layer| judged(&layer.signatures)).collect(),
        parts,
        autocrypt: learned(&mail.autocrypt, at),
        gossip: mail.gossip.iter().map(|header| peer(header, at)).collect(),
    })
}

/// Reads a mail.
#[wasm_bindgen(js_name = readMail)]
pub fn read_mail(arguments: JsValue, report: Function) -> Result<Job, JsValue> {
    let arguments: ReadArguments = read(arguments)?;
    Ok(Job::new(async move {
        let keys = unlockables(&arguments.keys)?;
        let options = ReadOptions {
            mail: &arguments.mail,
            keys: &decryptors(&keys),
            passwords: &passwords(&arguments.passwords),
            verify_with: &certificates(&arguments.verify_with)?,
        };
        let (policy, limits) = (policy_with(arguments.known_notations), Limits::browser());
        let at = timestamp(arguments.at);
        let mail = mail::read(options, &policy, &limits, at, &Platform::new(), &mut Report(report)).await?;
        write(&described(&mail, arguments.at).await?)
    }))
}
