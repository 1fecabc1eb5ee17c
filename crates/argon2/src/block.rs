//! A block of memory, and the compression function G (RFC 9106 §3.5).

use crate::pair::{self, Pair};

/// Octets of a block.
pub const OCTETS: usize = 1024;
const PAIRS: usize = OCTETS / 16;

/// 128 words, two by two.
#[derive(Clone, Copy)]
pub struct Block([Pair; PAIRS]);

impl Block {
    /// Zeros.
    pub const fn zeros() -> Self {
        Self([pair::ZERO; PAIRS])
    }

    /// From octets, little end first.
    pub fn from_octets(octets: &[u8; OCTETS]) -> Self {
        let mut block = Self::zeros();
        for (pair, octets) in block.0.iter_mut().zip(octets.as_chunks::<16>().0) {
            let [low, high] = [0, 1].map(|word| u64::from_le_bytes(octets.as_chunks().0[word]));
            *pair = pair::from_words([low, high]);
        }
        block
    }

    /// As octets, little end first.
    pub fn to_octets(&self) -> [u8; OCTETS] {
        let mut octets = [0; OCTETS];
        for (octets, pair) in octets.as_chunks_mut::<16>().0.iter_mut().zip(&self.0) {
            for (octets, word) in octets.as_chunks_mut().0.iter_mut().zip(pair::to_words(*pair)) {
                *octets = word.to_le_bytes();
            }
        }
        octets
    }

    /// From its first words; the rest is zero.
    pub fn from_words(words: [u64; 8]) -> Self {
        let mut block = Self::zeros();
        for (pair, words) in block.0.iter_mut().zip(words.as_chunks::<2>().0) {
            *pair = pair::from_words(*words);
        }
        block
    }

    /// The word there; the number is taken within the block.
    pub fn word(&self, index: usize) -> u64 {
        pair::to_words(self.0[index / 2 % PAIRS])[index % 2]
    }

    /// Reads an octet of every cache line. What comes out is good for nothing but to be kept from the optimiser.
    pub fn touch(&self) -> Pair {
        self.0.iter().step_by(4).fold(pair::ZERO, |sum, pair| pair::xor(sum, *pair))
    }

    /// Adds (exclusive or) another block.
    pub fn add(&mut self, other: &Block) {
        for (pair, other) in self.0.iter_mut().zip(other.0) {
            *pair = pair::xor(*pair, other);
        }
    }

    /// Adds G of two blocks.
    #[inline(never)]
    pub fn add_compressed(&mut self, one: &Block, other: &Block) {
        let mut rows = [pair::ZERO; PAIRS];
        for row in 0..8 {
            let at = |column: usize| pair::xor(one.0[8 * row + column], other.0[8 * row + column]);
            let permuted = permute([at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)]);
            rows[8 * row..8 * row + 8].copy_from_slice(&permuted);
        }
        for column in 0..8 {
            let at = |row: usize| rows[8 * row + column];
            let permuted = permute([at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)]);
            for (row, permuted) in permuted.into_iter().enumerate() {
                let at = 8 * row + column;
                self.0[at] = pair::xor(pair::xor(self.0[at], permuted), pair::xor(one.0[at], other.0[at]));
            }
        }
    }
}

/// The permutation P (§3.6): a round of BLAKE2b with multiplications, on a matrix of 4 × 4 words.
#[inline(always)]
fn permute([a, a1, b, b1, c, c1, d, d1]: [Pair; 8]) -> [Pair; 8] {
    let [a, b, c, d] = mix([[a, a1], [b, b1], [c, c1], [d, d1]]);
    // The diagonals stand below each other once row r is turned by r words; afterwards everything goes back.
    let [a, b, c, d] = mix([a, turned_left(b), [c[1], c[0]], turned_right(d)]);
    let (b, d) = (turned_right(b), turned_left(d));
    [a[0], a[1], b[0], b[1], c[1], c[0], d[0], d[1]]
}

/// Four words.
type Row = [Pair; 2];

/// GB (§3.6) on the four columns.
#[inline(always)]
fn mix([a, b, c, d]: [Row; 4]) -> [Row; 4] {
    let a = pair::multiply_add(a, b);
    let d = each(d, a, pair::rotate_right_32);
    let c = pair::multiply_add(c, d);
    let b = each(b, c, pair::rotate_right_24);
    let a = pair::multiply_add(a, b);
    let d = each(d, a, pair::rotate_right_16);
    let c = pair::multiply_add(c, d);
    let b = each(b, c, pair::rotate_right_63);
    [a, b, c, d]
}

#[inline(always)]
fn each(row: Row, other: Row, rotate: impl Fn(Pair) -> Pair) -> Row {
    [rotate(pair::xor(row[0], other[0])), rotate(pair::xor(row[1], other[1]))]
}

#[inline(always)]
fn turned_left(row: Row) -> Row {
    [pair::middle(row[0], row[1]), pair::middle(row[1], row[0])]
}

#[inline(always)]
fn turned_right(row: Row) -> Row {
    [pair::middle(row[1], row[0]), pair::middle(row[0], row[1])]
}
