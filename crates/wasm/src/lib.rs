//! The wasm bindings of the Envelock core.
//!
//! Every export converts in, makes one call of the core, and converts out. It takes one plain object, whose shape is the
//! business of `pkg` alone (`pkg/src/calls.ts`), and a callback for progress. Decisions about keys and messages belong in
//! the core; loading, workers and public types belong in `pkg`.
//!
//! Secrets come as octets, are wiped when dropped, and never go back out. Exports that meet secrets, or wait for
//! WebCrypto, return a [`job::Job`].

mod arguments;
mod autocrypt;
mod backups;
mod edits;
mod engine;
mod envelopes;
mod failure;
mod inspections;
mod job;
mod keys;
mod keystores;
mod lookups;
mod mails;
mod messages;
mod octets;
mod results;
mod sessions;
mod stack;
mod streams;

use failure::Failure;
use js_sys::JsString;
use wasm_bindgen::prelude::*;
use zeroizing_alloc::ZeroAlloc;

/// What is freed is wiped: moves and growing vectors of the crates below leave secret numbers behind that no owner wipes.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<std::alloc::System> = ZeroAlloc(std::alloc::System);

/// Whether the last turn of work missed the module's second part. Then nothing that came out of it counts: the call is to be made again, with that part.
#[wasm_bindgen(js_name = missedRest)]
pub fn missed_rest() -> bool {
    envelock::rest::take_missed()
}

/// Every code a failure of this module can carry.
#[wasm_bindgen(js_name = errorCodes)]
pub fn error_codes() -> Vec<JsString> {
    failure::codes().map(JsString::from).collect()
}
