//! RSA and ECDSA signatures by `node:crypto`, where there is one, else by WebCrypto.

use std::cell::RefCell;

use envelock_seipd::engine::{Hash, Scheme, Signatures, Signed, WebCrypto};
use js_sys::{Object, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::CryptoKey;

use super::subtle::{self, import};
use super::{Platform, node};
use crate::octets::{JsOctets, rope_view};

impl Signatures<JsOctets> for Platform {
    const SIGNS: bool = true;

    async fn sign(&self, scheme: Scheme, key: &[u8], signed: Signed<'_, JsOctets>) -> Option<Vec<u8>> {
        if let Some(node) = node::Crypto::find() {
            return node.sign(scheme, key, &signed);
        }
        let web = self.web.as_ref()?;
        let algorithm = algorithm(scheme, signed.hash)?;
        let key: CryptoKey = import(web, "pkcs8", key, &algorithm, Some("sign"))?.await?.unchecked_into();
        let whole = rope_view(&signed.rope, 0..signed.rope.len())?;
        let signing = web.subtle().sign_with_object_and_buffer_source(&algorithm, &key, &whole).ok()?;
        Some(Uint8Array::new(&JsFuture::from(signing).await.ok()?).to_vec())
    }

    async fn verify(&self, scheme: Scheme, key: &[u8], signed: Signed<'_, JsOctets>, signature: &[u8]) -> Option<bool> {
        if let Some(node) = node::Crypto::find() {
            return node.verify(key, &signed, signature);
        }
        let web = self.web.as_ref()?;
        let algorithm = algorithm(scheme, signed.hash)?;
        let key = public_key(web, scheme, signed.hash, key, &algorithm).await?;
        let (signature, whole) = (Uint8Array::from(signature), rope_view(&signed.rope, 0..signed.rope.len())?);
        let platform = web.subtle();
        let verifying =
            platform.verify_with_object_and_buffer_source_and_buffer_source(&algorithm, &key, &signature, &whole);
        JsFuture::from(verifying.ok()?).await.ok()?.as_bool()
    }
}

/// So many are kept: importing one takes as long as an elliptic curve's signature, and mail comes from the same people again and again.
const KEPT: usize = 16;

thread_local! {
    /// Public keys that were imported, by scheme, hash and octets; the last one that was asked for in front. They outlive the call, and a
    /// keystore that locks: they are public, and only octets that are the same find them.
    static IMPORTED: RefCell<Vec<(Vec<u8>, CryptoKey)>> = const { RefCell::new(Vec::new()) };
}

async fn public_key(web: &WebCrypto, scheme: Scheme, hash: Hash, key: &[u8], algorithm: &Object) -> Option<CryptoKey> {
    let name = [&[scheme as u8, hash as u8], key].concat();
    if let Some(known) = known(&name) {
        return Some(known);
    }
    let imported: CryptoKey = import(web, "spki", key, algorithm, Some("verify"))?.await?.unchecked_into();
    keep(name, imported.clone());
    Some(imported)
}

fn known(name: &[u8]) -> Option<CryptoKey> {
    IMPORTED.with_borrow_mut(|keys| {
        let at = keys.iter().position(|it| it.0 == name)?;
        let it = keys.remove(at);
        let key = it.1.clone();
        keys.insert(0, it);
        Some(key)
    })
}

fn keep(name: Vec<u8>, key: CryptoKey) {
    IMPORTED.with_borrow_mut(|keys| {
        if keys.len() == KEPT {
            keys.pop();
        }
        keys.insert(0, (name, key));
    });
}

/// What WebCrypto is told when a key is imported and when it is used; each time it reads what it needs.
fn algorithm(scheme: Scheme, hash: Hash) -> Option<Object> {
    let (name, curve) = match scheme {
        Scheme::Rsa => ("RSASSA-PKCS1-v1_5", JsValue::UNDEFINED),
        Scheme::P256 => ("ECDSA", "P-256".into()),
        Scheme::P384 => ("ECDSA", "P-384".into()),
        Scheme::P521 => ("ECDSA", "P-521".into()),
    };
    subtle::algorithm(name, &[("hash", subtle::name(hash).into()), ("namedCurve", curve)])
}
