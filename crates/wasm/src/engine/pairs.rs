//! Key pairs of RSA and of NIST curves drawn by WebCrypto, which finds them much faster than wasm does, and side by side.

use envelock::{Algorithm, Curve, KeyPair, KeyUse};
use envelock_seipd::engine::WebCrypto;
use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::CryptoKey;
use zeroize::Zeroizing;

use super::subtle::algorithm;

/// A pair for signing and one for encryption, drawn side by side; `None` where the platform has no such keys.
pub async fn draw(wanted: Algorithm) -> Option<[KeyPair; 2]> {
    let web = WebCrypto::new().ok()?;
    let (first, second) = (begin(&web, wanted, KeyUse::Sign)?, begin(&web, wanted, KeyUse::Encrypt)?);
    // Both are waited for, whatever becomes of the first.
    let (first, second) = (pair(&web, first).await, pair(&web, second).await);
    Some([first?, second?])
}

/// A pair for one use; `None` where the platform has no such keys.
pub async fn draw_one(wanted: Algorithm, key_use: KeyUse) -> Option<KeyPair> {
    let web = WebCrypto::new().ok()?;
    let drawn = begin(&web, wanted, key_use)?;
    pair(&web, drawn).await
}

fn begin(web: &WebCrypto, wanted: Algorithm, key_use: KeyUse) -> Option<JsFuture> {
    let (algorithm, use_there) = match (wanted, key_use) {
        // What the keys are for is said in their OpenPGP packets; WebCrypto has to be told something.
        (Algorithm::Rsa { bits }, _) => (rsa(bits)?, "sign"),
        (Algorithm::Nist { curve }, KeyUse::Sign) => (elliptic("ECDSA", curve)?, "sign"),
        (Algorithm::Nist { curve }, KeyUse::Encrypt) => (elliptic("ECDH", curve)?, "deriveBits"),
        _ => return None,
    };
    let uses = Array::of1(&use_there.into());
    web.subtle().generate_key_with_object(&algorithm, true, &uses).ok().map(JsFuture::from)
}

fn rsa(bits: u32) -> Option<Object> {
    let exponent = Uint8Array::from(&[1, 0, 1][..]);
    algorithm(
        "RSASSA-PKCS1-v1_5",
        &[("hash", "SHA-256".into()), ("modulusLength", bits.into()), ("publicExponent", exponent.into())],
    )
}

fn elliptic(name: &str, curve: Curve) -> Option<Object> {
    let curve = match curve {
        Curve::P256 => "P-256",
        Curve::P384 => "P-384",
        Curve::P521 => "P-521",
        _ => return None,
    };
    algorithm(name, &[("namedCurve", curve.into())])
}

async fn pair(web: &WebCrypto, drawn: JsFuture) -> Option<KeyPair> {
    let drawn = drawn.await.ok()?;
    let key: CryptoKey = Reflect::get(&drawn, &"privateKey".into()).ok()?.unchecked_into();
    let exported = JsFuture::from(web.subtle().export_key("pkcs8", &key).ok()?).await.ok()?;
    let exported = Uint8Array::new(exported.unchecked_ref::<ArrayBuffer>());
    let octets = Zeroizing::new(exported.to_vec());
    // Do not leave the platform's copy to the garbage collector.
    exported.fill(0, 0, exported.length());
    KeyPair::from_pkcs8(&octets).ok()
}
