//! Argon2's memory, filled by several threads where JavaScript has some (`pkg/src/threads.ts`).

use std::cell::RefCell;

use envelock_seipd::engine::Argon2Parameters;
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use zeroize::Zeroizing;

/// Less memory than this is sooner filled here than asked for.
const SMALL_KIB: u32 = 8 << 10;

thread_local! {
    static FILL: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Has Argon2's memory filled by a function from now on. It gets the first two blocks of each lane, passes, lanes and KiB, and promises whether it wrote
/// the last block of each lane over them; where it promises nothing this thread has to do it.
#[wasm_bindgen(js_name = useThreads)]
pub fn use_threads(fill: Option<Function>) {
    FILL.set(fill);
}

/// See [`Engine::fills_argon2`](envelock_seipd::engine::Engine::fills_argon2).
pub fn fills(parameters: Argon2Parameters) -> bool {
    parameters.lanes > 1 && parameters.memory_kib >= SMALL_KIB && FILL.with_borrow(Option::is_some)
}

/// See [`Engine::fill_argon2`](envelock_seipd::engine::Engine::fill_argon2).
pub async fn fill(parameters: Argon2Parameters, first: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let fill = FILL.with_borrow(Clone::clone)?;
    let blocks = Blocks(Uint8Array::from(first));
    let Argon2Parameters { passes, lanes, memory_kib } = parameters;
    let arguments = Array::of4(&blocks.0, &passes.into(), &lanes.into(), &memory_kib.into());
    let filling = fill.apply(&JsValue::UNDEFINED, &arguments).ok()?.dyn_into::<Promise>().ok()?;
    let is_filled = JsFuture::from(filling).await.ok()?.is_truthy();
    is_filled.then(|| Zeroizing::new(blocks.0.subarray(0, blocks.0.length() / 2).to_vec()))
}

/// What both sides write to; whoever fills it may still be at it when nobody waits any more.
struct Blocks(Uint8Array);

impl Drop for Blocks {
    fn drop(&mut self) {
        // On an array of our own it cannot fail.
        let _ = Reflect::set(&self.0, &"over".into(), &JsValue::TRUE);
        self.0.fill(0, 0, self.0.length());
    }
}
