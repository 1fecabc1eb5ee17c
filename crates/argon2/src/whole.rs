//! From a password to a key: by this thread, or with the memory filled elsewhere.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::block::{Block, OCTETS};
use crate::memory::{Memory, first_blocks};
use crate::shape::Shape;
use crate::{Error, Parameters, hash};

/// Fills `key` from a password and a salt, without a secret and associated data. The memory is wiped;
/// of the password, what BLAKE2b keeps of its last 128 octets stays on the stack, and of the memory what the last block was made of.
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
        key_of(self.0.last(), key);
    }
}

/// A derivation whose memory somebody else fills: it begins and ends here, where the password is.
pub struct Elsewhere {
    first: Zeroizing<Vec<u8>>,
    lanes: usize,
}

impl Elsewhere {
    /// Begins one for a key of that length.
    ///
    /// # Errors
    /// As [`Derivation::new`].
    pub fn new(password: &[u8], salt: &[u8], parameters: Parameters, key_len: usize) -> Result<Self, Error> {
        let start = hash::start(password, salt, parameters, key_len).ok_or(Error::Parameters)?;
        let shape = Shape::new(parameters)?;
        let length = 2 * shape.lanes * OCTETS;
        let mut first = Zeroizing::new(Vec::new());
        first.try_reserve_exact(length).map_err(|_| Error::OutOfMemory)?;
        first_blocks(&shape, &start).for_each(|block| first.extend_from_slice(block.as_slice()));
        Ok(Self { first, lanes: shape.lanes })
    }

    /// What the memory begins with: two blocks of each lane. Whoever has them has the key.
    pub fn first_blocks(&self) -> &[u8] {
        &self.first
    }

    /// Fills `key`, which has the length that was said, from the last block of each lane. Whether they were as many as there are lanes.
    pub fn finish(self, last: &[u8], key: &mut [u8]) -> bool {
        let (blocks, rest) = last.as_chunks::<OCTETS>();
        let is_whole = blocks.len() == self.lanes && rest.is_empty();
        if is_whole {
            let mut blocks: Vec<Block> = blocks.iter().map(Block::from_octets).collect();
            key_of(&blocks, key);
            blocks.fill(Block::zeros());
            core::hint::black_box(&blocks);
        }
        is_whole
    }
}

/// From the sum of the last block of each lane (RFC 9106 §3.2).
fn key_of(last: &[Block], key: &mut [u8]) {
    let mut sum = Block::zeros();
    last.iter().for_each(|block| sum.add(block));
    let octets = Zeroizing::new(sum.to_octets());
    sum = Block::zeros();
    core::hint::black_box(&sum);
    hash::long(octets.as_slice(), &[], key);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    extern crate std;

    use super::{Derivation, Elsewhere, derive};
    use crate::block::Block;
    use crate::fill::{Blocks, Lane, fill_slice};
    use crate::pair::Pair;
    use crate::shape::SLICES;
    use crate::{Error, Parameters};
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

    /// Zeros from the beginning, as memory of several threads is.
    struct Zeros(std::vec::Vec<Block>);

    impl Blocks for Zeros {
        fn word(&self, number: usize) -> u64 {
            self.0[number].word(0)
        }

        fn touch(&self, number: usize) -> Pair {
            self.0[number].touch()
        }

        fn make(&mut self, number: usize, [previous, wanted]: [usize; 2], _: bool) {
            let [block, previous, wanted] = self.0.get_disjoint_mut([number, previous, wanted]).unwrap();
            block.add_compressed(previous, wanted);
        }
    }

    #[test]
    fn filled_elsewhere_in_shares_it_is_the_same_key() {
        for (passes, lanes, memory_kib, shares) in [(3, 4, 2048, 2), (2, 5, 4096, 3), (1, 1, 8, 1), (2, 3, 100, 3)] {
            let parameters = Parameters { passes, lanes, memory_kib };
            let elsewhere = Elsewhere::new(b"password", b"salt and salt", parameters, 32).unwrap();
            let mut blocks = Zeros(elsewhere.first_blocks().as_chunks().0.iter().map(Block::from_octets).collect());
            let lanes = lanes as usize;
            blocks.0.resize(memory_kib as usize / (SLICES * lanes) * SLICES * lanes, Block::zeros());
            for (pass, slice) in (0..passes as usize).flat_map(|pass| (0..SLICES).map(move |slice| (pass, slice))) {
                for first in (0..lanes).step_by(lanes.div_ceil(shares)) {
                    let mut share = std::vec![Lane::NEW; lanes.div_ceil(shares).min(lanes - first)];
                    assert!(fill_slice(parameters, pass, slice, first, &mut share, &mut blocks));
                }
            }
            let last: std::vec::Vec<u8> =
                blocks.0[blocks.0.len() - lanes..].iter().flat_map(|block| block.to_octets()).collect();
            let (mut ours, mut theirs) = ([0; 32], [0; 32]);
            other(b"password", b"salt and salt", parameters, &mut theirs);
            assert!(elsewhere.finish(&last, &mut ours));
            assert_eq!(ours, theirs, "{parameters:?}");
        }
    }

    #[test]
    fn there_is_no_other_slice_and_no_other_end() {
        let parameters = Parameters { passes: 1, lanes: 2, memory_kib: 16 };
        let mut blocks = Zeros(std::vec![Block::zeros(); 16]);
        for (pass, slice, first) in [(1, 0, 0), (0, SLICES, 0), (0, 0, 1), (0, 0, usize::MAX)] {
            assert!(!fill_slice(parameters, pass, slice, first, &mut [Lane::NEW; 2], &mut blocks));
        }
        for length in [0, 1024, 2047, 2049, 3072] {
            let elsewhere = Elsewhere::new(b"", &[0; 8], parameters, 32).unwrap();
            assert!(!elsewhere.finish(&std::vec![0; length], &mut [0; 32]));
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
