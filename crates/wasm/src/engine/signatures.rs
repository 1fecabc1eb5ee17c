//! RSA and ECDSA signatures by `node:crypto`, where there is one, else by WebCrypto.

use envelock_seipd::engine::{Hash, Scheme, Signatures, Signed, WebCrypto};
use js_sys::{Object, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::CryptoKey;
use zeroize::Zeroizing;

use super::subtle::{self, import};
use super::{Platform, imported, node};
use crate::octets::{JsOctets, rope_view};

impl Signatures<JsOctets> for Platform {
    const SIGNS: bool = true;

    async fn sign(&self, scheme: Scheme, key: &[u8], signed: Signed<'_, JsOctets>) -> Option<Vec<u8>> {
        if let Some(node) = node::Crypto::find() {
            return node.sign(scheme, key, &signed, &self.signer);
        }
        let web = self.web.as_ref()?;
        let algorithm = algorithm(scheme, signed.hash)?;
        let key = self.signer(web, scheme, signed.hash, key, &algorithm).await?;
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

impl Platform {
    /// A secret key that signs by WebCrypto.
    async fn signer(
        &self,
        web: &WebCrypto,
        scheme: Scheme,
        hash: Hash,
        key: &[u8],
        told: &Object,
    ) -> Option<CryptoKey> {
        let name = Zeroizing::new([&[scheme as u8, hash as u8], key].concat());
        if let Some(known) = self.signer.known(&name) {
            return Some(known.unchecked_into());
        }
        let imported = import(web, "pkcs8", key, told, Some("sign"))?.await?;
        self.signer.keep(name, imported.clone());
        Some(imported.unchecked_into())
    }
}

async fn public_key(web: &WebCrypto, scheme: Scheme, hash: Hash, key: &[u8], told: &Object) -> Option<CryptoKey> {
    let name = [&[scheme as u8, hash as u8], key].concat();
    if let Some(known) = imported::known(&name) {
        return Some(known.unchecked_into());
    }
    let imported = import(web, "spki", key, told, Some("verify"))?.await?;
    imported::keep(name, imported.clone());
    Some(imported.unchecked_into())
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
