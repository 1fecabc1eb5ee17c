//! The small wasm module of a login: the client's half of OPAQUE, and nothing else.
//!
//! Convert in, one call, convert out. What the octets mean is `envelock-login`'s; where they go is the page's. Randomness is the platform's.
//!
//! Passwords come as UTF-8 in NFC, by whoever has `String.prototype.normalize`. Errors are JavaScript `Error` objects with a `code`, no more:
//! this module carries no text formatting, the package has the words.
#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

use alloc::vec::Vec;

#[cfg(target_family = "wasm")]
use dlmalloc::GlobalDlmalloc;
use envelock_login::{ClientError, ExportKey, Ke1, RegistrationRequest};
use js_sys::{Array, Error, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use zeroize::{Zeroize, Zeroizing};
#[cfg(target_family = "wasm")]
use zeroizing_alloc::ZeroAlloc;

mod platform;

use platform::Platform;

/// What is freed is wiped: the password leaves nothing behind where a vector grew or a value moved.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: ZeroAlloc<GlobalDlmalloc> = ZeroAlloc(GlobalDlmalloc);

/// Traps: whoever runs this starts it again. Without a look at the message, so that the linker can drop all of them.
#[cfg(target_family = "wasm")]
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// A login under way; holds the password until it is finished or freed.
#[wasm_bindgen]
pub struct Login {
    login: envelock_login::Login,
    request: Ke1,
}

#[wasm_bindgen]
impl Login {
    /// Begins one. Throws with code `wrong-password` where nobody can have that password.
    pub fn start(password: Vec<u8>) -> Result<Self, JsValue> {
        let started = envelock_login::Login::start(text(&Zeroizing::new(password))?, &mut Platform);
        forget();
        let (login, request) = started.map_err(thrown)?;
        Ok(Login { login, request })
    }

    /// The first message, 96 octets.
    pub fn request(&self) -> Uint8Array {
        Uint8Array::from(self.request.as_slice())
    }

    /// Takes the server's answer, 320 octets; returns the last message, 64 octets, and the export key, 64. About 0.2 s and 64 MiB. Throws with code
    /// `wrong-password`, `malformed` or `out-of-memory`.
    pub fn finish(self, response: &[u8]) -> Result<Array, JsValue> {
        let finished = self.login.finish(&message(response)?, &mut Platform);
        forget();
        let finished = finished.map_err(thrown)?;
        Ok(result(&finished.ke3, &finished.export_key))
    }
}

/// A password being registered; held until it is finished or freed.
#[wasm_bindgen]
pub struct Registration {
    registration: envelock_login::Registration,
    request: RegistrationRequest,
}

#[wasm_bindgen]
impl Registration {
    /// Begins one. Throws with code `password-too-short` or `password-too-long`.
    pub fn start(password: Vec<u8>) -> Result<Self, JsValue> {
        let started = envelock_login::Registration::start(text(&Zeroizing::new(password))?, &mut Platform);
        forget();
        let (registration, request) = started.map_err(thrown)?;
        Ok(Registration { registration, request })
    }

    /// The first message, 32 octets.
    pub fn request(&self) -> Uint8Array {
        Uint8Array::from(self.request.as_slice())
    }

    /// Takes the server's answer, 64 octets; returns the record, 192 octets, and the export key, 64. About 0.2 s and 64 MiB. Throws with code
    /// `malformed` or `out-of-memory`.
    pub fn finish(self, response: &[u8]) -> Result<Array, JsValue> {
        let registered = self.registration.finish(&message(response)?, &mut Platform);
        forget();
        let registered = registered.map_err(thrown)?;
        Ok(result(&registered.record, &registered.export_key))
    }
}

/// Wipes what calls left on the stack: hashes keep the last block of what they were given, and that is the password.
#[inline(never)]
fn forget() {
    // They reach 12 KiB down.
    let mut below = [0_u8; 64 << 10];
    below.zeroize();
}

/// What there is for the server, and what is for the client alone.
fn result(message: &[u8], export_key: &ExportKey) -> Array {
    Array::of2(&Uint8Array::from(message), &Uint8Array::from(export_key.as_octets().as_slice()))
}

fn text(octets: &[u8]) -> Result<&str, JsValue> {
    core::str::from_utf8(octets).map_err(|_| thrown(ClientError::Malformed))
}

fn message<const N: usize>(octets: &[u8]) -> Result<[u8; N], JsValue> {
    octets.try_into().map_err(|_| thrown(ClientError::Malformed))
}

/// The error that the package puts into words.
fn thrown(error: ClientError) -> JsValue {
    let thrown = Error::new(error.code());
    match Reflect::set(&thrown, &"code".into(), &error.code().into()) {
        Ok(_) => thrown.into(),
        Err(cause) => cause,
    }
}
