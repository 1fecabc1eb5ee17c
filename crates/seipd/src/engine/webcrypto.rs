//! AES-GCM through the platform's `crypto.subtle`: hardware AES on native threads, several chunks at a time.

use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto};

use super::{Direction, Engine, Task};
use crate::plan::Chunk;
use crate::{Cipher, Error, Mode};

/// The engine of browsers (windows, workers) and Node. Knows GCM only; the platform has no OCB and no EAX.
#[derive(Debug, Clone)]
pub struct WebCrypto {
    subtle: SubtleCrypto,
}

impl WebCrypto {
    /// Finds `globalThis.crypto.subtle`. Browsers hide it from pages that came over plain HTTP: [`Error::Unsupported`], and the
    /// caller takes `RustCrypto` or says so.
    pub fn new() -> Result<Self, Error> {
        let crypto = Reflect::get(&js_sys::global(), &"crypto".into()).unwrap_or(JsValue::UNDEFINED);
        match Reflect::get(&crypto, &"subtle".into()) {
            // Not `dyn_into`: that asks `instanceof SubtleCrypto`, a name that not every global scope has.
            Ok(subtle) if subtle.is_object() => Ok(WebCrypto { subtle: subtle.unchecked_into() }),
            _ => Err(Error::Unsupported("WebCrypto")),
        }
    }
}

impl Engine for WebCrypto {
    type Key = CryptoKey;
    type Job = JsFuture;
    const IN_FLIGHT: usize = 8;

    async fn key(&self, cipher: Cipher, mode: Mode, key: &[u8], _octets: usize) -> Result<CryptoKey, Error> {
        if mode != Mode::Gcm {
            return Err(Error::Unsupported("AEAD mode in WebCrypto"));
        }
        if key.len() != cipher.key_len() {
            return Err(Error::DecryptionFailed);
        }
        let raw = Uint8Array::from(key);
        let usages = Array::of2(&"encrypt".into(), &"decrypt".into());
        let importing = self.subtle.import_key_with_str("raw", &raw, "AES-GCM", false, &usages);
        let imported = match importing {
            Ok(promise) => JsFuture::from(promise).await,
            Err(error) => Err(error),
        };
        // The platform has its own copy now; do not leave ours to the garbage collector.
        raw.fill(0, 0, raw.length());
        // Chromium has no AES-192.
        imported.map(JsCast::unchecked_into).map_err(|_| Error::Unsupported("cipher in WebCrypto"))
    }

    fn begin(&self, key: &CryptoKey, task: Task<'_>, _output: &mut [u8]) -> Result<JsFuture, Error> {
        let algorithm = gcm(task.nonce, task.associated_data)?;
        // The platform copies `input` out of the wasm memory before this call returns (WebCrypto §14.3), so no view of it
        // outlives a growth of that memory, and we need no copy of our own.
        started(match task.direction {
            Direction::Seal => self.subtle.encrypt_with_object_and_u8_array(&algorithm, key, task.input),
            Direction::Open => self.subtle.decrypt_with_object_and_u8_array(&algorithm, key, task.input),
        })
    }

    async fn finish(&self, job: JsFuture, output: &mut [u8]) -> Result<(), Error> {
        let bytes = Uint8Array::new(&job.await.map_err(|_| Error::DecryptionFailed)?);
        if bytes.length() as usize != output.len() {
            return Err(Error::DecryptionFailed);
        }
        bytes.copy_to(output);
        Ok(())
    }
}

impl WebCrypto {
    /// As [`Engine::begin`] for a chunk that lies in JavaScript's memory; the future gives an `ArrayBuffer`.
    pub fn begin_there(
        &self,
        key: &CryptoKey,
        direction: Direction,
        chunk: &Chunk,
        input: &Uint8Array,
    ) -> Result<JsFuture, Error> {
        let algorithm = gcm(chunk.nonce(), chunk.associated_data())?;
        started(match direction {
            Direction::Seal => self.subtle.encrypt_with_object_and_buffer_source(&algorithm, key, input),
            Direction::Open => self.subtle.decrypt_with_object_and_buffer_source(&algorithm, key, input),
        })
    }

    /// `crypto.subtle` itself, for what is no AEAD.
    pub fn subtle(&self) -> &SubtleCrypto {
        &self.subtle
    }
}

fn gcm(nonce: &[u8], associated_data: &[u8]) -> Result<Object, Error> {
    let algorithm = Object::new();
    let set = |name: &str, value: &JsValue| {
        Reflect::set(&algorithm, &name.into(), value).map_err(|_| Error::Unsupported("WebCrypto"))
    };
    set("name", &"AES-GCM".into())?;
    set("iv", &Uint8Array::from(nonce))?;
    set("additionalData", &Uint8Array::from(associated_data))?;
    Ok(algorithm)
}

/// Listens from now on: a job that is dropped because an earlier one failed rejects unheard, but handled.
fn started(promise: Result<Promise, JsValue>) -> Result<JsFuture, Error> {
    promise.map(JsFuture::from).map_err(|_| Error::Unsupported("WebCrypto"))
}
