//! Argon2id (RFC 9106) as browsers run it best: two words at a time in wasm's vectors, no array of zeros to begin with, lanes in turn.
//!
//! The crate `argon2` is written for one word at a time, which no compiler turns into vectors; the wait for a password is the wait of
//! whoever opens an envelope. The tests compare the two crates; that of the wasm that ships with OpenPGP.js is `tests/interop`.
//!
//! Not here: OpenPGP's specifier and what it may cost (`envelock_seipd::S2kArgon2`).
#![forbid(unsafe_code)]
#![no_std]
// Every index is computed from the shape of the memory; none comes from outside.
#![allow(clippy::indexing_slicing)]

extern crate alloc;

mod block;
mod hash;
mod memory;
#[cfg_attr(target_family = "wasm", path = "pair/vector.rs")]
#[cfg_attr(not(target_family = "wasm"), path = "pair/words.rs")]
mod pair;

use block::Block;
use memory::Memory;
use zeroize::Zeroizing;

/// What a derivation costs (RFC 9106 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    /// Passes over the memory, `t`.
    pub passes: u32,
    /// Degree of parallelism, `p`. All lanes are worked on by this thread.
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

/// Fills `key` from a password and a salt, without a secret and associated data. The memory is wiped;
/// of the password, what BLAKE2b keeps of its last 128 octets stays on the stack.
///
/// # Errors
/// As [`Derivation::new`].
pub fn derive(password: &[u8], salt: &[u8], parameters: Parameters, key: &mut [u8]) -> Result<(), Error> {
    Derivation::new(password, salt, parameters, key.len())?.finish(key);
    Ok(())
}

/// A derivation in steps, for those who do something else in between. Wiped when dropped, finished or not.
pub struct Derivation(Memory);

impl Derivation {
    /// Begins one for a key of that length.
    ///
    /// # Errors
    /// Before anything is computed; [`Error::OutOfMemory`] where an allocator would otherwise give up the whole program.
    pub fn new(password: &[u8], salt: &[u8], parameters: Parameters, key_len: usize) -> Result<Self, Error> {
        let start = hash::start(password, salt, parameters, key_len).ok_or(Error::Parameters)?;
        Memory::new(parameters, &start).map(Self)
    }

    /// Works for about 4 ms: on 4 MiB, once. `false` when everything is done.
    pub fn step(&mut self) -> bool {
        self.0.step()
    }

    /// Fills `key`, which has the length that was said. Does the steps that are left.
    pub fn finish(mut self, key: &mut [u8]) {
        while self.step() {}
        let mut last = self.0.last();
        let octets = Zeroizing::new(last.to_octets());
        last = Block::zeros();
        core::hint::black_box(&last);
        hash::long(octets.as_slice(), &[], key);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    extern crate std;

    use super::{Derivation, Error, Parameters, derive};
    use argon2::{Algorithm, Argon2, Params, Version};

    fn other(password: &[u8], salt: &[u8], parameters: Parameters, key: &mut [u8]) {
        let Parameters { passes, lanes, memory_kib } = parameters;
        let params = Params::new(memory_kib, passes, lanes, Some(key.len())).unwrap();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(password, salt, key).unwrap();
    }

    #[test]
    fn agrees_with_the_other_implementation() {
        // Segments of two blocks and up, memory that is no multiple of four lanes, more than one block of addresses.
        let shapes = [
            (1, 1, 8),
            (2, 1, 9),
            (1, 2, 16),
            (3, 4, 35),
            (1, 3, 100),
            (2, 1, 600),
            (1, 1, 2051),
            (3, 4, 2048),
            (2, 5, 4096),
        ];
        for (passes, lanes, memory_kib) in shapes {
            let parameters = Parameters { passes, lanes, memory_kib };
            for length in [4, 16, 32, 64, 65, 96, 97, 200] {
                let (mut ours, mut theirs) = ([0; 200], [0; 200]);
                derive(b"password", b"salt and salt", parameters, &mut ours[..length]).unwrap();
                other(b"password", b"salt and salt", parameters, &mut theirs[..length]);
                assert_eq!(ours, theirs, "{parameters:?}, {length} octets");
            }
        }
    }

    #[test]
    fn a_step_is_four_mebibytes_at_most() {
        let parameters = Parameters { passes: 2, lanes: 4, memory_kib: 40 << 10 };
        let mut derivation = Derivation::new(b"password", b"salt and salt", parameters, 32).unwrap();
        // A slice is 10 MiB: three steps, and there are eight.
        let mut steps = 1;
        while derivation.step() {
            steps += 1;
        }
        assert_eq!(steps, 24);
        assert!(!derivation.step());
        let (mut ours, mut theirs) = ([0; 32], [0; 32]);
        derivation.finish(&mut ours);
        other(b"password", b"salt and salt", parameters, &mut theirs);
        assert_eq!(ours, theirs);
    }

    #[test]
    fn refuses_what_the_standard_does_not_allow() {
        let fine = Parameters { passes: 1, lanes: 2, memory_kib: 16 };
        let mut key = [0; 32];
        assert_eq!(derive(b"", &[0; 8], fine, &mut key), Ok(()));
        let refused = [
            Parameters { passes: 0, ..fine },
            Parameters { lanes: 0, ..fine },
            Parameters { memory_kib: 15, ..fine },
            Parameters { lanes: 1 << 24, memory_kib: u32::MAX, ..fine },
        ];
        for parameters in refused {
            assert_eq!(derive(b"", &[0; 8], parameters, &mut key), Err(Error::Parameters), "{parameters:?}");
        }
        assert_eq!(derive(b"", &[0; 7], fine, &mut key), Err(Error::Parameters));
        assert_eq!(derive(b"", &[0; 8], fine, &mut key[..3]), Err(Error::Parameters));
    }
}
