//! How WebCrypto is told what to do, and how keys get there.

use std::future::Future;

use envelock_seipd::engine::{Hash, WebCrypto};
use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// Its name for a hash.
pub fn name(hash: Hash) -> &'static str {
    match hash {
        Hash::Sha1 => "SHA-1",
        Hash::Sha256 => "SHA-256",
        Hash::Sha384 => "SHA-384",
        Hash::Sha512 => "SHA-512",
    }
}

/// An algorithm by its name, and what else it has to be told.
pub fn algorithm(name: &str, more: &[(&str, JsValue)]) -> Option<Object> {
    let algorithm = Object::new();
    Reflect::set(&algorithm, &"name".into(), &name.into()).ok()?;
    for (key, value) in more {
        Reflect::set(&algorithm, &(*key).into(), value).ok()?;
    }
    Some(algorithm)
}

/// A key that is not given out again, for one use or none. WebCrypto copies what it is given before it answers, so that ours is wiped at once.
pub fn import(
    web: &WebCrypto,
    format: &str,
    key: &[u8],
    algorithm: &Object,
    purpose: Option<&str>,
) -> Option<impl Future<Output = Option<JsValue>> + use<>> {
    let octets = Uint8Array::from(key);
    let uses: Array = purpose.map(JsValue::from).into_iter().collect();
    let importing = web.subtle().import_key_with_object(format, &octets, algorithm, false, &uses);
    octets.fill(0, 0, octets.length());
    importing.ok().map(settled)
}

/// Hears of the promise at once: one that fails while another is waited for would be reported as heard by nobody.
pub fn settled(promise: Promise) -> impl Future<Output = Option<JsValue>> + use<> {
    let future = JsFuture::from(promise);
    async { future.await.ok() }
}
