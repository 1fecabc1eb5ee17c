//! RSA key pairs drawn by WebCrypto, whose threads find primes much faster than wasm does, and side by side.

use envelock::RsaKeyPair;
use envelock_seipd::engine::WebCrypto;
use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::CryptoKey;
use zeroize::Zeroizing;

/// A pair for signing and one for encryption; `None` where the platform has no such keys.
pub async fn pairs(bits: u32) -> Option<[RsaKeyPair; 2]> {
    let web = WebCrypto::new().ok()?;
    let (first, second) = (draw(&web, bits)?, draw(&web, bits)?);
    // Both are waited for, whatever becomes of the first.
    let (first, second) = (pair(&web, first).await, pair(&web, second).await);
    Some([first?, second?])
}

/// Begins. What the keys are for is said in their OpenPGP packets; WebCrypto has to be told something.
fn draw(web: &WebCrypto, bits: u32) -> Option<JsFuture> {
    let algorithm = Object::new();
    let set = |name: &str, value: JsValue| Reflect::set(&algorithm, &name.into(), &value).ok();
    set("name", "RSASSA-PKCS1-v1_5".into())?;
    set("hash", "SHA-256".into())?;
    set("modulusLength", bits.into())?;
    set("publicExponent", Uint8Array::from(&[1, 0, 1][..]).into())?;
    web.subtle().generate_key_with_object(&algorithm, true, &Array::of1(&"sign".into())).ok().map(JsFuture::from)
}

async fn pair(web: &WebCrypto, drawn: JsFuture) -> Option<RsaKeyPair> {
    let drawn = drawn.await.ok()?;
    let key: CryptoKey = Reflect::get(&drawn, &"privateKey".into()).ok()?.unchecked_into();
    let exported = JsFuture::from(web.subtle().export_key("pkcs8", &key).ok()?).await.ok()?;
    let exported = Uint8Array::new(exported.unchecked_ref::<ArrayBuffer>());
    let octets = Zeroizing::new(exported.to_vec());
    // Do not leave the platform's copy to the garbage collector.
    exported.fill(0, 0, exported.length());
    RsaKeyPair::from_pkcs8(&octets).ok()
}
