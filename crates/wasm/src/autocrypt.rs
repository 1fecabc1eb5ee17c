//! Autocrypt: headers out and in, Setup Messages.

use envelock::mail::{self, AutocryptHeader, Ignored, SetupOptions};
use envelock::{Certificate, Limits, Policy};
use js_sys::Function;
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::Failure;
use crate::arguments::{Report, Secret, read};
use crate::engine::Platform;
use crate::job::Job;
use crate::keys::{Described, KeyArgument, describe_certificate, describe_secret_key};
use crate::results::{timestamp, write};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
/// What an Autocrypt header is to say.
pub struct AutocryptArgument {
    address: String,
    prefer_encrypt: bool,
    key: serde_bytes::ByteBuf,
}

impl AutocryptArgument {
    /// The header.
    pub fn header(&self, at: f64) -> Result<AutocryptHeader, Failure> {
        let certificate = Certificate::parse(&self.key, &Limits::browser())?;
        let (policy, at) = (Policy::default(), timestamp(at));
        AutocryptHeader::of_sender(&certificate, &self.address, self.prefer_encrypt, &policy, at).ok_or_else(|| {
            Failure::bad_option(
                "the certificate has no valid user ID with this address, or the address is not ASCII before the @",
            )
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
/// A peer that an Autocrypt header told of.
pub struct Peer {
    address: String,
    prefer_encrypt: bool,
    certificate: Described,
}

#[derive(Serialize)]
/// What an Autocrypt header said, or why it is ignored.
pub struct Learned {
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<Peer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ignored: Option<&'static str>,
}

/// As callers see it.
pub fn peer(header: &AutocryptHeader, at: f64) -> Peer {
    Peer {
        address: header.address.clone(),
        prefer_encrypt: header.prefers_encryption,
        certificate: describe_certificate(&header.certificate, timestamp(at)),
    }
}

/// As callers see it.
pub fn learned(found: &Result<AutocryptHeader, Ignored>, at: f64) -> Learned {
    Learned {
        peer: found.as_ref().ok().map(|header| peer(header, at)),
        ignored: found.as_ref().err().map(|why| why.code()),
    }
}

#[derive(Deserialize)]
struct HeaderArguments {
    autocrypt: AutocryptArgument,
    at: f64,
}

/// The value of an Autocrypt header.
#[wasm_bindgen(js_name = autocryptHeader)]
pub fn autocrypt_header(arguments: JsValue) -> Result<String, JsValue> {
    let HeaderArguments { autocrypt, at } = read(arguments)?;
    Ok(autocrypt.header(at)?.value())
}

#[derive(Deserialize)]
struct LearnArguments {
    mail: serde_bytes::ByteBuf,
    at: f64,
}

/// What a mail teaches about its sender.
#[wasm_bindgen(js_name = readAutocryptHeader)]
pub fn read_autocrypt_header(arguments: JsValue) -> Result<JsValue, JsValue> {
    let LearnArguments { mail, at } = read(arguments)?;
    let found = mail::autocrypt_of_mail(&mail, &Limits::browser()).map_err(Failure::from)?;
    Ok(write(&learned(&found, at))?)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SetupArguments {
    key: KeyArgument,
    address: String,
    prefer_encrypt: bool,
    at: f64,
}

#[derive(Serialize)]
struct Setup<'a> {
    #[serde(with = "serde_bytes")]
    mail: &'a [u8],
    code: &'a str,
}

/// Writes an Autocrypt Setup Message.
#[wasm_bindgen(js_name = autocryptSetupMessage)]
pub fn autocrypt_setup_message(arguments: JsValue, report: Function) -> Result<Job, JsValue> {
    let arguments: SetupArguments = read(arguments)?;
    Ok(Job::new(async move {
        let unlockable = arguments.key.unlockable()?;
        let options = SetupOptions {
            key: &unlockable.key,
            passphrase: unlockable.passphrase.as_ref(),
            address: &arguments.address,
            prefers_encryption: arguments.prefer_encrypt,
        };
        let (policy, limits, at) = (Policy::default(), Limits::browser(), timestamp(arguments.at));
        let made =
            mail::setup_message(options, &policy, &limits, at, &mut OsRng, &Platform::new(), &mut Report(report))
                .await?;
        write(&Setup { mail: &made.mail, code: &made.code })
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OpenSetupArguments {
    mail: serde_bytes::ByteBuf,
    /// What was typed; without it only the hint is wanted.
    password: Option<Secret>,
    /// Locks the key.
    new_passphrase: Option<Secret>,
    at: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OpenedSetup {
    #[serde(skip_serializing_if = "Option::is_none")]
    code_begins: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<Described>,
    prefer_encrypt: bool,
}

/// Opens an Autocrypt Setup Message.
#[wasm_bindgen(js_name = readAutocryptSetupMessage)]
pub fn read_autocrypt_setup_message(arguments: JsValue, report: Function) -> Result<Job, JsValue> {
    let arguments: OpenSetupArguments = read(arguments)?;
    Ok(Job::new(async move {
        let (policy, limits, at) = (Policy::default(), Limits::browser(), timestamp(arguments.at));
        let code_begins = mail::setup_passphrase_hint(&arguments.mail, &limits)?;
        let Some(typed) = &arguments.password else {
            return write(&OpenedSetup { code_begins, key: None, prefer_encrypt: false });
        };
        let (code, engine) = (typed.as_str()?, Platform::new());
        let new = arguments.new_passphrase.as_ref().map(|typed| envelock::Passphrase::new(typed.as_bytes()));
        let mut report = Report(report);
        let opening = mail::open_setup_message(&arguments.mail, code, &limits, &policy, at, &engine, &mut report);
        let (mut key, prefer_encrypt) = opening.await?;
        if let Some(new) = &new {
            key.lock_on(new, &mut OsRng, &engine).await?;
        }
        write(&OpenedSetup { code_begins, key: Some(describe_secret_key(&key, at)), prefer_encrypt })
    }))
}
