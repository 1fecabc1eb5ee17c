//! What goes out: plain objects that survive `structuredClone`. Times are milliseconds since 1970, octets `Uint8Array`.

use envelock::Timestamp;
use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::Failure;

/// Makes a plain object of a result.
pub fn write<T: Serialize + ?Sized>(result: &T) -> Result<JsValue, Failure> {
    // Flattened structs are maps to serde; nothing here is meant to be a JavaScript `Map`.
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    result.serialize(&serializer).map_err(Failure::bad_option)
}

/// A moment from JavaScript's clock; OpenPGP counts seconds from 1970 to 2106 (RFC 9580 §3.5).
pub fn timestamp(milliseconds: f64) -> Timestamp {
    // A float that is out of range, or not a number, is cast to the nearest bound, or 0.
    Timestamp::from_secs((milliseconds / 1000.0) as u32)
}

/// A moment for JavaScript's clock.
pub fn milliseconds(time: Timestamp) -> f64 {
    f64::from(time.as_secs()) * 1000.0
}

/// Something beside the main result: a problem of a key, a note on a message.
#[derive(Clone, Serialize)]
pub struct Remark {
    /// Kebab-case.
    pub code: &'static str,
    /// For developers.
    pub message: String,
}
