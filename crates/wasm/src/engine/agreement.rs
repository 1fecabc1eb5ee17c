//! ECDH with NIST curves by WebCrypto.

use envelock_seipd::engine::{Agreement, Curve, WebCrypto};
use js_sys::{Array, ArrayBuffer, Object, Promise, Reflect, Uint8Array};
use std::future::Future;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::CryptoKey;
use zeroize::Zeroizing;

/// Agrees with the owner of a point, by a pair that is drawn.
pub async fn agree(web: &WebCrypto, curve: Curve, point: &[u8]) -> Option<Agreement> {
    let (algorithm, subtle) = (algorithm(curve)?, web.subtle());
    // Each wait is a turn of the page's: what can begin begins at once.
    let drawing = subtle.generate_key_with_object(&algorithm, false, &Array::of1(&"deriveBits".into()));
    let drawing = settled(drawing.ok()?);
    let theirs = import(web, "raw", point, &algorithm, &Array::new())?;
    let (drawn, theirs) = (drawing.await, theirs.await);
    let drawn = drawn?;
    let half = |name: &str| Reflect::get(&drawn, &name.into()).ok().map(JsCast::unchecked_into::<CryptoKey>);
    let exporting = settled(subtle.export_key("raw", &half("publicKey")?).ok()?);
    let secret = derive(web, curve, &half("privateKey")?, &theirs?).await;
    let point = Uint8Array::new(exporting.await?.unchecked_ref::<ArrayBuffer>()).to_vec();
    Some(Agreement { point, secret: secret? })
}

/// What whoever drew a point has agreed on with the owner of a key in PKCS #8.
pub async fn agreed(web: &WebCrypto, curve: Curve, key: &[u8], point: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let algorithm = algorithm(curve)?;
    let own = import(web, "pkcs8", key, &algorithm, &Array::of1(&"deriveBits".into()))?;
    let theirs = import(web, "raw", point, &algorithm, &Array::new())?;
    let (own, theirs) = (own.await, theirs.await);
    derive(web, curve, &own?.unchecked_into(), &theirs?).await
}

fn algorithm(curve: Curve) -> Option<Object> {
    let name = match curve {
        Curve::P256 => "P-256",
        Curve::P384 => "P-384",
        Curve::P521 => "P-521",
    };
    let algorithm = Object::new();
    Reflect::set(&algorithm, &"name".into(), &"ECDH".into()).ok()?;
    Reflect::set(&algorithm, &"namedCurve".into(), &name.into()).ok()?;
    Some(algorithm)
}

/// WebCrypto copies what it is given before it answers, so that ours is wiped at once.
fn import(
    web: &WebCrypto,
    format: &str,
    key: &[u8],
    algorithm: &Object,
    uses: &Array,
) -> Option<impl Future<Output = Option<JsValue>> + use<>> {
    let octets = Uint8Array::from(key);
    let importing = web.subtle().import_key_with_object(format, &octets, algorithm, false, uses);
    octets.fill(0, 0, octets.length());
    importing.ok().map(settled)
}

async fn derive(web: &WebCrypto, curve: Curve, own: &CryptoKey, theirs: &JsValue) -> Option<Zeroizing<Vec<u8>>> {
    let algorithm = Object::new();
    Reflect::set(&algorithm, &"name".into(), &"ECDH".into()).ok()?;
    Reflect::set(&algorithm, &"public".into(), theirs).ok()?;
    let octets = match curve {
        Curve::P256 => 32,
        Curve::P384 => 48,
        Curve::P521 => 66,
    };
    let deriving = web.subtle().derive_bits_with_object(&algorithm, own, octets * 8).ok()?;
    let secret = Uint8Array::new(settled(deriving).await?.unchecked_ref::<ArrayBuffer>());
    let copy = Zeroizing::new(secret.to_vec());
    secret.fill(0, 0, secret.length());
    Some(copy)
}

/// Hears of the promise at once: one that fails while another is waited for would be reported as heard by nobody.
fn settled(promise: Promise) -> impl Future<Output = Option<JsValue>> + use<> {
    let future = JsFuture::from(promise);
    async { future.await.ok() }
}
