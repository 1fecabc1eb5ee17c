//! Argon2id (RFC 9106) as browsers run it best: two words at a time in wasm's vectors, no array of zeros to begin with, lanes in turn.
//!
//! The crate `argon2` is written for one word at a time, which no compiler turns into vectors; the wait for a password is the wait of
//! whoever opens an envelope. The tests compare the two crates; that of the wasm that ships with OpenPGP.js is `tests/interop`.
//!
//! Without the feature `alloc` only what fills the memory is there ([`threads`]), for a module that does nothing else.
//!
//! Not here: OpenPGP's specifier and what it may cost (`envelock_seipd::S2kArgon2`).
#![forbid(unsafe_code)]
#![no_std]
// Every index is computed from the shape of the memory; none comes from outside.
#![allow(clippy::indexing_slicing)]

#[cfg(feature = "alloc")]
extern crate alloc;

mod block;
mod fill;
#[cfg(feature = "alloc")]
mod hash;
#[cfg(feature = "alloc")]
mod memory;
#[cfg_attr(target_family = "wasm", path = "pair/vector.rs")]
#[cfg_attr(not(target_family = "wasm"), path = "pair/words.rs")]
mod pair;
mod shape;
#[cfg(feature = "alloc")]
mod whole;

#[cfg(feature = "alloc")]
pub use whole::{Derivation, Elsewhere, derive};

/// For several threads over one memory: each [fills](threads::fill_slice) lanes of its own, and waits for the others before the next slice.
pub mod threads {
    pub use crate::block::Block;
    pub use crate::fill::{Blocks, Lane, fill_slice};
    pub use crate::pair::Pair;
}

/// What a derivation costs (RFC 9106 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    /// Passes over the memory, `t`.
    pub passes: u32,
    /// Degree of parallelism, `p`: so many threads can work on it.
    pub lanes: u32,
    /// Memory in KiB, `m`; at least eight for each lane.
    pub memory_kib: u32,
}

/// Why nothing was derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// RFC 9106 §3.1 does not allow these parameters, or one of these lengths.
    Parameters,
    /// There is not so much memory.
    OutOfMemory,
}
