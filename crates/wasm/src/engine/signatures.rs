//! RSA and ECDSA signatures by `node:crypto`, where there is one, else by WebCrypto.

use envelock_seipd::engine::{Hash, Scheme, Signatures, Signed, WebCrypto};
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::CryptoKey;

use super::{Platform, node};
use crate::octets::{JsOctets, rope_view};

impl Signatures<JsOctets> for Platform {
    const SIGNS: bool = true;

    async fn sign(&self, scheme: Scheme, key: &[u8], signed: Signed<'_, JsOctets>) -> Option<Vec<u8>> {
        if let Some(node) = node::Crypto::find() {
            return node.sign(scheme, key, &signed);
        }
        let web = self.web.as_ref()?;
        let algorithm = algorithm(scheme, signed.hash).ok()?;
        let key = import(web, "pkcs8", key, &algorithm, "sign").await?;
        let whole = rope_view(&signed.rope, 0..signed.rope.len())?;
        let signing = web.subtle().sign_with_object_and_buffer_source(&algorithm, &key, &whole).ok()?;
        Some(Uint8Array::new(&JsFuture::from(signing).await.ok()?).to_vec())
    }

    async fn verify(&self, scheme: Scheme, key: &[u8], signed: Signed<'_, JsOctets>, signature: &[u8]) -> Option<bool> {
        if let Some(node) = node::Crypto::find() {
            return node.verify(key, &signed, signature);
        }
        let web = self.web.as_ref()?;
        let algorithm = algorithm(scheme, signed.hash).ok()?;
        let key = import(web, "spki", key, &algorithm, "verify").await?;
        let (signature, whole) = (Uint8Array::from(signature), rope_view(&signed.rope, 0..signed.rope.len())?);
        let subtle = web.subtle();
        let verifying =
            subtle.verify_with_object_and_buffer_source_and_buffer_source(&algorithm, &key, &signature, &whole);
        JsFuture::from(verifying.ok()?).await.ok()?.as_bool()
    }
}

/// What WebCrypto is told when a key is imported and when it is used; each time it reads what it needs.
fn algorithm(scheme: Scheme, hash: Hash) -> Result<Object, JsValue> {
    let algorithm = Object::new();
    let (name, curve) = match scheme {
        Scheme::Rsa => ("RSASSA-PKCS1-v1_5", None),
        Scheme::P256 => ("ECDSA", Some("P-256")),
        Scheme::P384 => ("ECDSA", Some("P-384")),
        Scheme::P521 => ("ECDSA", Some("P-521")),
    };
    let hash = match hash {
        Hash::Sha1 => "SHA-1",
        Hash::Sha256 => "SHA-256",
        Hash::Sha384 => "SHA-384",
        Hash::Sha512 => "SHA-512",
    };
    Reflect::set(&algorithm, &"name".into(), &name.into())?;
    Reflect::set(&algorithm, &"hash".into(), &hash.into())?;
    if let Some(curve) = curve {
        Reflect::set(&algorithm, &"namedCurve".into(), &curve.into())?;
    }
    Ok(algorithm)
}

async fn import(web: &WebCrypto, format: &str, key: &[u8], algorithm: &Object, usage: &str) -> Option<CryptoKey> {
    let octets = Uint8Array::from(key);
    let importing = web.subtle().import_key_with_object(format, &octets, algorithm, false, &Array::of1(&usage.into()));
    let imported = match importing {
        Ok(promise) => JsFuture::from(promise).await.ok(),
        Err(_) => None,
    };
    // The platform has its own copy now; do not leave ours to the garbage collector.
    octets.fill(0, 0, octets.length());
    imported.map(JsCast::unchecked_into)
}
