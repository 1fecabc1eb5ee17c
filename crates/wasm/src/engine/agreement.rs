//! ECDH with NIST curves by WebCrypto.

use envelock_seipd::engine::{Agreement, Curve, WebCrypto};
use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::CryptoKey;
use zeroize::Zeroizing;

use super::subtle::{self, import, settled};

/// Agrees with the owner of a point, by a pair that is drawn.
pub async fn agree(web: &WebCrypto, curve: Curve, point: &[u8]) -> Option<Agreement> {
    let (algorithm, platform) = (algorithm(curve)?, web.subtle());
    // Each wait is a turn of the page's: what can begin begins at once.
    let drawing = platform.generate_key_with_object(&algorithm, false, &Array::of1(&"deriveBits".into()));
    let drawing = settled(drawing.ok()?);
    let theirs = import(web, "raw", point, &algorithm, None)?;
    let (drawn, theirs) = (drawing.await, theirs.await);
    let drawn = drawn?;
    let half = |name: &str| Reflect::get(&drawn, &name.into()).ok().map(JsCast::unchecked_into::<CryptoKey>);
    let exporting = settled(platform.export_key("raw", &half("publicKey")?).ok()?);
    let secret = derive(web, curve, &half("privateKey")?, &theirs?).await;
    let point = Uint8Array::new(exporting.await?.unchecked_ref::<ArrayBuffer>()).to_vec();
    Some(Agreement { point, secret: secret? })
}

/// What whoever drew a point has agreed on with the owner of a key in PKCS #8.
pub async fn agreed(web: &WebCrypto, curve: Curve, key: &[u8], point: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let algorithm = algorithm(curve)?;
    let own = import(web, "pkcs8", key, &algorithm, Some("deriveBits"))?;
    let theirs = import(web, "raw", point, &algorithm, None)?;
    let (own, theirs) = (own.await, theirs.await);
    derive(web, curve, &own?.unchecked_into(), &theirs?).await
}

fn algorithm(curve: Curve) -> Option<Object> {
    let name = match curve {
        Curve::P256 => "P-256",
        Curve::P384 => "P-384",
        Curve::P521 => "P-521",
    };
    subtle::algorithm("ECDH", &[("namedCurve", name.into())])
}

async fn derive(web: &WebCrypto, curve: Curve, own: &CryptoKey, theirs: &JsValue) -> Option<Zeroizing<Vec<u8>>> {
    let algorithm = subtle::algorithm("ECDH", &[("public", theirs.clone())])?;
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
