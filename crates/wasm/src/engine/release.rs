//! Memory given back at once: what the platform's own answers leave to the garbage collector adds up, in a long stream, to more
//! than everything else.

use envelock_seipd::plan::Plan;
use js_sys::{Array, Function, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

thread_local! {
    /// One end of a channel whose other end is closed: what is moved into it is gone.
    static DRAIN: Option<JsValue> = drain().ok();
}

/// Takes the memory of an array, which nobody uses any more. Where that cannot be done, it is left to be collected.
///
/// `ArrayBuffer.prototype.transfer(0)` would say the same and does not do it: 300 MB through WebCrypto in Chromium 156 peak at 160 MiB
/// with nothing released, at 330 to 410 with `transfer(0)`, at 30 to 60 with the channel.
pub fn release(array: Uint8Array) {
    let buffer: JsValue = array.buffer().into();
    let _ = DRAIN.with(|drain| {
        let port = drain.as_ref().ok_or(JsValue::UNDEFINED)?;
        method(port, "postMessage")?.call2(port, &JsValue::NULL, &Array::of1(&buffer))
    });
}

/// The same for what the platform made of a chunk; a message of few chunks leaves all of it to be collected, plaintext as well, which the
/// caller is handed anyhow. Giving it back costs a tenth of the cipher, and the next message would be written to fresh memory. Of many
/// chunks each gets the memory of the one before.
pub fn release_chunk(plan: &Plan, made: Uint8Array) {
    const FEW: usize = 4 << 20;
    if !plan.is_whole() || plan.plaintext_len() > FEW {
        release(made);
    }
}

fn drain() -> Result<JsValue, JsValue> {
    let channel: Function = Reflect::get(&js_sys::global(), &"MessageChannel".into())?.dyn_into()?;
    let channel = Reflect::construct(&channel, &Array::new())?;
    let other = Reflect::get(&channel, &"port2".into())?;
    method(&other, "close")?.call0(&other)?;
    Reflect::get(&channel, &"port1".into())
}

fn method(object: &JsValue, name: &str) -> Result<Function, JsValue> {
    Reflect::get(object, &name.into())?.dyn_into()
}
