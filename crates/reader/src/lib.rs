//! The small wasm module of the decrypt page: opens password envelopes, and nothing else.
//!
//! Convert in, one call, convert out. The work is done by `envelock-seipd` (with the platform's AES) and `envelock-mime`; whether a
//! signature is good is for the full module, which gets `signedMessage`.
//!
//! Errors are JavaScript `Error` objects with a `code`, no more: this module carries no text formatting, the page has the words.
#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::ControlFlow;

use envelock_mime::{Content, ParseError};
use envelock_seipd::engine::WebCrypto;
use envelock_seipd::link::{self, LinkSecret, Profile};
use envelock_seipd::{Error, Limits, Progress, inner, sealed};
use js_sys::{Array, Function, JsString, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// Traps: the page starts the module again. Without a look at the message, so that the linker can drop all of them.
#[cfg(target_family = "wasm")]
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// What a password and a salt give: the token for the server, and the key, which stays in here.
#[wasm_bindgen]
pub struct Access(link::Access);

#[wasm_bindgen]
impl Access {
    /// The token that the server wants before it hands out ciphertext, base64url.
    pub fn token(&self) -> String {
        self.0.token_base64url().to_string()
    }
}

/// Derives token and key: about 0.2 s and 64 MiB, so do it in a worker. `salt` has 16 octets; `link_secret` is the link's fragment,
/// if the envelope has one; the password is brought to NFC. Throws with code `malformed` or `out-of-memory`.
#[wasm_bindgen(js_name = deriveAccess)]
pub fn derive_access(salt: &[u8], link_secret: Option<String>, password: JsString) -> Result<Access, JsValue> {
    let secret = link_secret.map(Zeroizing::new);
    let secret = secret.as_ref().map(|text| LinkSecret::parse(text)).transpose().map_err(thrown)?;
    let password = Zeroizing::new(String::from(password.normalize("NFC")));
    let salt = salt.try_into().map_err(|_| thrown(Error::Malformed("salt")))?;
    link::derive(Profile::V1, &link::passphrase_from_nfc(secret.as_ref(), &password), salt).map(Access).map_err(thrown)
}

/// Opens an envelope's ciphertext. Rejects with code `decryption-failed` for a wrong password or damaged octets alike,
/// `profile-mismatch` if the message was not made with the salt that `access` was derived from, `unsupported` where there is no
/// WebCrypto, `cancelled` once `is_cancelled` returns true. `on_progress` hears `(done, total)` in octets.
///
/// Resolves to `{ subject, text, html?, date?, attachments: [{ name, type, data }], senderCertificate?, reply: { allowed, name?,
/// email? }, signed, signedMessage }`; `signed` says that there are signatures, not that they are good.
#[wasm_bindgen(js_name = openEnvelope)]
pub async fn open_envelope(
    ciphertext: Vec<u8>,
    access: &Access,
    on_progress: Option<Function>,
    is_cancelled: Option<Function>,
) -> Result<Object, JsValue> {
    let mut listener = Listener { on_progress, is_cancelled };
    let engine = WebCrypto::new().map_err(thrown)?;
    let limits = Limits::default();
    let packets = sealed::open_sealed(&engine, &ciphertext, &access.0, &limits, &mut listener).await.map_err(thrown)?;
    drop(ciphertext);
    let inner = inner::inner(&packets).map_err(thrown)?;
    let content = envelock_mime::parse(&inner.literal, &envelock_mime::Limits::default()).map_err(thrown)?;
    let opened = object(content)?;
    set(&opened, "signed", inner.signed)?;
    set(&opened, "signedMessage", Uint8Array::from(packets.get(inner.message).unwrap_or_default()))?;
    Ok(opened)
}

struct Listener {
    on_progress: Option<Function>,
    is_cancelled: Option<Function>,
}

impl Progress for Listener {
    fn report(&mut self, done: u64, total: u64) -> ControlFlow<()> {
        if let Some(heard) = &self.on_progress {
            // A listener that throws does not stop the work.
            let _ = heard.call2(&JsValue::NULL, &(done as f64).into(), &(total as f64).into());
        }
        match &self.is_cancelled {
            Some(asked) if asked.call0(&JsValue::NULL).is_ok_and(|answer| answer.is_truthy()) => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }
}

fn object(content: Content) -> Result<Object, JsValue> {
    let opened = Object::new();
    set(&opened, "subject", content.subject)?;
    set(&opened, "text", content.text)?;
    if let Some(html) = content.html {
        set(&opened, "html", html)?;
    }
    if let Some(seconds) = content.date {
        set(&opened, "date", js_sys::Date::new(&(seconds as f64 * 1000.0).into()))?;
    }
    let attachments = Array::new();
    // One after the other into JavaScript's memory, so that there are never two copies of all of them.
    for attachment in content.attachments {
        let file = Object::new();
        set(&file, "name", attachment.name)?;
        set(&file, "type", attachment.mime_type)?;
        set(&file, "data", Uint8Array::from(attachment.data.as_slice()))?;
        attachments.push(&file);
    }
    set(&opened, "attachments", attachments)?;
    if let Some(certificate) = content.sender_certificate {
        set(&opened, "senderCertificate", Uint8Array::from(certificate.as_slice()))?;
    }
    let reply = Object::new();
    set(&reply, "allowed", content.reply.allowed)?;
    if let Some(to) = content.reply.to {
        set(&reply, "name", to.name)?;
        set(&reply, "email", to.address)?;
    }
    set(&opened, "reply", reply)?;
    Ok(opened)
}

fn set(object: &Object, name: &str, value: impl Into<JsValue>) -> Result<(), JsValue> {
    Reflect::set(object, &name.into(), &value.into()).map(|_| ())
}

/// The codes of both rooms below.
trait Coded {
    fn code(&self) -> &'static str;
}

impl Coded for Error {
    fn code(&self) -> &'static str {
        Error::code(self)
    }
}

impl Coded for ParseError {
    fn code(&self) -> &'static str {
        ParseError::code(self)
    }
}

fn thrown(error: impl Coded) -> JsValue {
    let code = error.code();
    let thrown = js_sys::Error::new(code);
    match Reflect::set(&thrown, &"code".into(), &code.into()) {
        Ok(_) => thrown.into(),
        Err(error) => error,
    }
}
