//! The module by itself, started in the memory of this one.

use js_sys::{Object, Reflect, Uint8Array, WebAssembly};
use wasm_bindgen::{JsCast, prelude::wasm_bindgen};
use zeroize::Zeroizing;

use crate::{Multiplication, Vector};

/// The module, as the build makes it before this.
const OCTETS: &[u8] = include_bytes!(env!("ENVELOCK_FMA", "`cargo xtask build` makes it and says where it is"));

#[wasm_bindgen]
extern "C" {
    /// What it exports.
    #[derive(Clone)]
    type Exports;

    #[wasm_bindgen(method)]
    fn fused(this: &Exports, epsilon: f64) -> u32;

    #[wasm_bindgen(method)]
    #[allow(clippy::too_many_arguments, reason = "they are the module's")]
    fn multiply(
        this: &Exports,
        width: usize,
        count: usize,
        left: usize,
        right: usize,
        modulus: usize,
        start: usize,
        columns: usize,
        product: usize,
    );

    #[wasm_bindgen(method)]
    fn x25519(this: &Exports, scalar: usize, point: usize, shared: usize);
}

thread_local! {
    static FOUND: Option<Engine> = Engine::start();
}

/// Whoever does it faster than Rust.
#[derive(Clone)]
pub struct Engine(Exports);

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
        let exports: Exports = instance.exports().unchecked_into();
        (exports.fused(f64::EPSILON) == 1).then_some(Self(exports))
    }

    /// Multiplies ([`Multiplication`]).
    pub fn multiply(&self, multiplication: Multiplication<'_>) {
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
        self.0.multiply(width, count, left, right, modulus, read(start), write(columns), write(product));
    }

    /// Agrees ([`x25519`](crate::x25519())), on octets.
    pub fn x25519(&self, scalar: &[u8; 32], point: &[u8; 32]) -> Zeroizing<[u8; 32]> {
        let mut shared = Zeroizing::new([0; 32]);
        let read = |octets: &[u8; 32]| octets.as_ptr().expose_provenance();
        self.0.x25519(read(scalar), read(point), shared.as_mut_ptr().expose_provenance());
        shared
    }
}
