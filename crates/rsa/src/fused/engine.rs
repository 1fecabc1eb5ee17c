//! The module that multiplies (`envelock_fma`), in the memory of this one.

use envelock_fma::{Multiplication, Vector};
use js_sys::{Object, Reflect, Uint8Array, WebAssembly};
use wasm_bindgen::{JsCast, prelude::wasm_bindgen};

use super::Multiply;

/// The module, as the build makes it before this.
const OCTETS: &[u8] = include_bytes!(env!("ENVELOCK_FMA", "`cargo xtask build` makes it and says where it is"));

#[wasm_bindgen]
extern "C" {
    /// What the module exports.
    #[derive(Clone)]
    pub type Engine;

    #[wasm_bindgen(method)]
    fn fused(this: &Engine, epsilon: f64) -> u32;

    #[wasm_bindgen(method)]
    #[allow(clippy::too_many_arguments, reason = "they are the module's")]
    fn multiply(
        this: &Engine,
        width: usize,
        count: usize,
        left: usize,
        right: usize,
        modulus: usize,
        start: usize,
        columns: usize,
        product: usize,
    );
}

thread_local! {
    static FOUND: Option<Engine> = Engine::start();
}

impl Engine {
    /// The one of this thread; `None` where the platform cannot read the module, or rounds twice.
    pub fn find() -> Option<Self> {
        FOUND.with(Clone::clone)
    }

    fn start() -> Option<Self> {
        let module = WebAssembly::Module::new(&Uint8Array::from(OCTETS).into()).ok()?;
        let (imports, memory) = (Object::new(), Object::new());
        Reflect::set(&memory, &"memory".into(), &wasm_bindgen::memory()).ok()?;
        Reflect::set(&imports, &"env".into(), &memory).ok()?;
        let instance = WebAssembly::Instance::new(&module, &imports).ok()?;
        let engine: Self = instance.exports().unchecked_into();
        (engine.fused(f64::EPSILON) == 1).then_some(engine)
    }
}

impl Multiply for Engine {
    fn multiply(&self, multiplication: Multiplication<'_>) {
        let Multiplication { left, right, modulus, start, columns, product } = multiplication;
        let width = right.len();
        let is_whole = left.len() == width
            && product.len() == width
            && modulus.len() == width + 1
            && start.len() == columns.len()
            && [2 * width, 3 * width].contains(&columns.len());
        if !is_whole {
            return;
        }
        let read = |vectors: &[Vector]| vectors.as_ptr().expose_provenance();
        let write = |vectors: &mut [Vector]| vectors.as_mut_ptr().expose_provenance();
        let (left, right, modulus, count) = (read(left), read(right), read(modulus), columns.len());
        Self::multiply(self, width, count, left, right, modulus, read(start), write(columns), write(product));
    }
}
