//! The small wasm module of the decrypt page: opens password envelopes, and nothing else.
//!
//! Convert in, one call, convert out. What the octets mean is `envelock-seipd`'s and `envelock-mime`'s; the AES is the platform's, asked by
//! `drive.js`, which saves this module every kind of future; whether a signature is good is for the full module, which gets `signedMessage`.
//!
//! Errors are JavaScript `Error` objects with a `code`, no more: this module carries no text formatting, the page has the words.
#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

use alloc::string::{String, ToString};

#[cfg(target_family = "wasm")]
use dlmalloc::GlobalDlmalloc;
use envelock_mime::ParseError;
use envelock_seipd::Error;
use envelock_seipd::link::{self, LinkSecret, Profile};
use js_sys::{Function, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use zeroize::{Zeroize, Zeroizing};
#[cfg(target_family = "wasm")]
use zeroizing_alloc::ZeroAlloc;

mod content;
mod opening;

use opening::Opening;

/// What is freed is wiped: the password and what it opens leave nothing behind where a vector grew or a value moved.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: ZeroAlloc<GlobalDlmalloc> = ZeroAlloc(GlobalDlmalloc);

/// Traps: the page starts the module again. Without a look at the message, so that the linker can drop all of them.
#[cfg(target_family = "wasm")]
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

#[wasm_bindgen(module = "/src/drive.js")]
extern "C" {
    fn drive(opening: Opening, ciphertext: Uint8Array, on_progress: Function, is_cancelled: Function) -> Promise;
    fn coded(code: &str) -> JsValue;
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
/// if the envelope has one; the password is in NFC. Throws with code `malformed` or `out-of-memory`.
#[wasm_bindgen(js_name = deriveAccess)]
pub fn derive_access(salt: &[u8], link_secret: Option<String>, password: String) -> Result<Access, JsValue> {
    let (secret, password) = (link_secret.map(Zeroizing::new), Zeroizing::new(password));
    let secret = secret.as_ref().map(|text| LinkSecret::parse(text)).transpose().map_err(thrown)?;
    let salt = salt.try_into().map_err(|_| thrown(Error::Malformed("salt")))?;
    let access = link::derive(Profile::V1, &link::passphrase(secret.as_ref(), &password), salt);
    forget();
    access.map(Access).map_err(thrown)
}

/// Wipes what calls left on the stack: hashes keep the last block of what they were given, and that is the password.
#[inline(never)]
fn forget() {
    let mut below = [0_u8; 64 << 10];
    below.zeroize();
}

/// Opens an envelope's ciphertext. Rejects (or throws) with code `decryption-failed` for a wrong password or damaged octets alike,
/// `profile-mismatch` if the message was not made with the salt that `access` was derived from, `unsupported` where there is no
/// WebCrypto, `cancelled` once `is_cancelled` returns true, `malformed` if `ciphertext` was taken away. `on_progress` hears `(done, total)` in
/// octets; the next step waits for what it returns, if that is a promise.
///
/// Resolves to `{ subject, text, html?, date?, attachments: [{ name, type, data }], senderCertificate?, reply: { allowed, name?,
/// email? }, signed, signedMessage }`; `signed` says that there are signatures, not that they are good.
#[wasm_bindgen(js_name = openEnvelope)]
pub fn open_envelope(
    ciphertext: Uint8Array,
    access: &Access,
    on_progress: Function,
    is_cancelled: Function,
) -> Result<Promise, JsValue> {
    let opening = Opening::new(&ciphertext, &access.0).map_err(thrown)?;
    Ok(drive(opening, ciphertext, on_progress, is_cancelled))
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
    coded(error.code())
}
