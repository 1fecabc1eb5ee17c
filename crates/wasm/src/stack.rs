//! Overwrites the stack after work with secrets.
//!
//! What is freed is wiped by the allocator. Hashes and ciphers of other crates also keep pieces of their input in
//! local state, and wasm's stack is ordinary memory that stays as it was left; so it is overwritten below the caller.

use std::hint::black_box;

/// Deeper than any call of the core goes; the linker gives 1 MiB.
const DEPTH: usize = 256 << 10;

/// Runs the work in a frame of its own, so that nothing of it lies above what its caller overwrites.
#[inline(never)]
pub fn apart<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// Overwrites the stack below the caller. Costs some microseconds.
#[inline(never)]
pub fn overwrite() {
    // The black box keeps the array from being optimised out.
    black_box(&mut [0u8; DEPTH]);
}

/// Does in one go what meets secrets, and overwrites what it left.
pub fn wiped<T>(work: impl FnOnce() -> T) -> T {
    let done = apart(work);
    overwrite();
    done
}
