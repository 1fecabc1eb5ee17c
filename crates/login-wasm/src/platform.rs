//! The platform's randomness, `crypto.getRandomValues`: browsers, their workers and Node have it under one name.

use rand_core::{CryptoRng, Error, RngCore, impls};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Fills the module's own memory. Throws for more than 65536 octets, which nobody asks for here; what it throws ends the call.
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn get_random_values(octets: &mut [u8]);
}

/// A generator without a state of its own.
pub(crate) struct Platform;

impl RngCore for Platform {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, octets: &mut [u8]) {
        get_random_values(octets);
    }

    fn try_fill_bytes(&mut self, octets: &mut [u8]) -> Result<(), Error> {
        get_random_values(octets);
        Ok(())
    }
}

impl CryptoRng for Platform {}
