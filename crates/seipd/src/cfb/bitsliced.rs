//! AES bitsliced in 64-bit words, which a wasm module has whatever its pointers measure: four blocks at a time; no table, no branch and no index
//! depends on a secret.

use zeroize::Zeroize;

use super::BLOCK;
use crate::Cipher;

/// Blocks that are worked on together.
const LANES: usize = 4;

/// A key.
pub struct Aes {
    /// Round keys, bitsliced, the same for all lanes.
    rounds: [[u64; 8]; 15],
    count: usize,
}

impl Aes {
    /// `None` for a key of another length.
    pub fn new(cipher: Cipher, key: &[u8]) -> Option<Self> {
        if key.len() != cipher.key_len() {
            return None;
        }
        let words = key.len() / 4;
        let count = words + 6;
        let mut schedule = [0u8; 15 * BLOCK];
        expand(key, schedule.get_mut(..(count + 1) * BLOCK)?);
        let mut rounds = [[0; 8]; 15];
        for (round, key) in rounds.iter_mut().zip(schedule.as_chunks::<BLOCK>().0) {
            *round = pack(&[*key; LANES]);
        }
        schedule.zeroize();
        Some(Self { rounds, count })
    }

    /// Encrypts octets in their place, behind this block of ciphertext. Block by block, so for few of them.
    pub fn encrypt(&self, before: &[u8; BLOCK], octets: &mut [u8]) {
        let mut before = *before;
        for block in octets.chunks_mut(BLOCK) {
            let mut stream = [before; LANES];
            self.blocks(&mut stream);
            for ((octet, key), last) in block.iter_mut().zip(stream.as_flattened()).zip(&mut before) {
                *octet ^= key;
                *last = *octet;
            }
        }
    }

    /// Decrypts octets in their place, behind this block of ciphertext.
    pub fn decrypt(&self, before: &[u8; BLOCK], octets: &mut [u8]) {
        let mut before = *before;
        for group in octets.chunks_mut(LANES * BLOCK) {
            let mut stream = [[0u8; BLOCK]; LANES];
            for (input, block) in stream.iter_mut().zip(group.chunks(BLOCK)) {
                *input = before;
                for (to, from) in before.iter_mut().zip(block) {
                    *to = *from;
                }
            }
            self.blocks(&mut stream);
            for (octet, key) in group.iter_mut().zip(stream.as_flattened()) {
                *octet ^= key;
            }
        }
    }

    fn blocks(&self, blocks: &mut [[u8; BLOCK]; LANES]) {
        let mut state = pack(blocks);
        let (mut keys, last) = (self.rounds.iter().take(self.count), self.rounds.get(self.count));
        if let Some(key) = keys.next() {
            add(&mut state, key);
        }
        for key in keys {
            substitute(&mut state);
            shift_rows(&mut state);
            mix_columns(&mut state);
            add(&mut state, key);
        }
        substitute(&mut state);
        shift_rows(&mut state);
        if let Some(key) = last {
            add(&mut state, key);
        }
        unpack(state, blocks);
    }
}

impl Drop for Aes {
    fn drop(&mut self) {
        self.rounds.zeroize();
    }
}

/// FIPS 197 §5.2.
fn expand(key: &[u8], schedule: &mut [u8]) {
    let (mut constant, words) = (1u8, key.len() / 4);
    if let Some(front) = schedule.get_mut(..key.len()) {
        front.copy_from_slice(key);
    }
    for word in words..schedule.len() / 4 {
        let (done, rest) = schedule.split_at_mut(word * 4);
        let mut next = *done.last_chunk::<4>().unwrap_or(&[0; 4]);
        if word % words == 0 {
            next.rotate_left(1);
            next = substitute_word(next);
            next[0] ^= constant;
            constant = (constant << 1) ^ ((constant >> 7) * 0x1B);
        } else if words == 8 && word % words == 4 {
            next = substitute_word(next);
        }
        let earlier = done.get((word - words) * 4..).unwrap_or_default();
        for ((to, next), earlier) in rest.iter_mut().zip(next).zip(earlier) {
            *to = next ^ earlier;
        }
        next.zeroize();
    }
}

fn substitute_word(word: [u8; 4]) -> [u8; 4] {
    let mut blocks = [[0; BLOCK]; LANES];
    for (octet, from) in blocks[0].iter_mut().zip(word) {
        *octet = from;
    }
    let mut state = pack(&blocks);
    substitute(&mut state);
    unpack(state, &mut blocks);
    let [a, b, c, d, ..] = blocks[0];
    blocks.zeroize();
    [a, b, c, d]
}

/// Bit `i` of every octet into word `i`: within one, bits stand by row, column and block (BearSSL's order).
fn pack(blocks: &[[u8; BLOCK]; LANES]) -> [u64; 8] {
    let mut state = [0; 8];
    let (first, second) = state.split_at_mut(LANES);
    for ((block, first), second) in blocks.iter().zip(first).zip(second) {
        (*first, *second) = interleave(block);
    }
    transpose(&mut state);
    state
}

fn unpack(mut state: [u64; 8], blocks: &mut [[u8; BLOCK]; LANES]) {
    transpose(&mut state);
    let (low, high) = state.split_at(LANES);
    for ((block, low), high) in blocks.iter_mut().zip(low).zip(high) {
        *block = separate(*low, *high);
    }
}

/// Columns 0 and 2 into one word, 1 and 3 into another, octet by octet.
fn interleave(block: &[u8; BLOCK]) -> (u64, u64) {
    let columns = block.as_chunks::<4>().0;
    let spread = |index: usize| {
        let column = columns.get(index).map_or(0, |column| u64::from(u32::from_le_bytes(*column)));
        let halves = (column | column << 16) & 0x0000_FFFF_0000_FFFF;
        (halves | halves << 8) & 0x00FF_00FF_00FF_00FF
    };
    (spread(0) | spread(2) << 8, spread(1) | spread(3) << 8)
}

fn separate(low: u64, high: u64) -> [u8; BLOCK] {
    let gather = |word: u64| {
        let octets = word & 0x00FF_00FF_00FF_00FF;
        let pairs = (octets | octets >> 8) & 0x0000_FFFF_0000_FFFF;
        (pairs | pairs >> 16) as u32
    };
    let mut block = [0; BLOCK];
    let columns = [gather(low), gather(high), gather(low >> 8), gather(high >> 8)];
    for (to, from) in block.as_chunks_mut::<4>().0.iter_mut().zip(columns) {
        *to = from.to_le_bytes();
    }
    block
}

/// Transposes 8 × 8 bits in each octet position; its own inverse.
fn transpose(state: &mut [u64; 8]) {
    let swap =
        |a: u64, b: u64, mask: u64, shift: u32| ((a & mask) | (b & mask) << shift, (a & !mask) >> shift | (b & !mask));
    let [mut q0, mut q1, mut q2, mut q3, mut q4, mut q5, mut q6, mut q7] = *state;
    for (a, b) in [(&mut q0, &mut q1), (&mut q2, &mut q3), (&mut q4, &mut q5), (&mut q6, &mut q7)] {
        (*a, *b) = swap(*a, *b, 0x5555_5555_5555_5555, 1);
    }
    for (a, b) in [(&mut q0, &mut q2), (&mut q1, &mut q3), (&mut q4, &mut q6), (&mut q5, &mut q7)] {
        (*a, *b) = swap(*a, *b, 0x3333_3333_3333_3333, 2);
    }
    for (a, b) in [(&mut q0, &mut q4), (&mut q1, &mut q5), (&mut q2, &mut q6), (&mut q3, &mut q7)] {
        (*a, *b) = swap(*a, *b, 0x0F0F_0F0F_0F0F_0F0F, 4);
    }
    *state = [q0, q1, q2, q3, q4, q5, q6, q7];
}

fn add(state: &mut [u64; 8], key: &[u64; 8]) {
    for (word, key) in state.iter_mut().zip(key) {
        *word ^= key;
    }
}

/// Row `r` turns by `r` columns.
fn shift_rows(state: &mut [u64; 8]) {
    for word in state {
        let x = *word;
        *word = (x & 0x0000_0000_0000_FFFF)
            | (x & 0x0000_0000_FFF0_0000) >> 4
            | (x & 0x0000_0000_000F_0000) << 12
            | (x & 0x0000_FF00_0000_0000) >> 8
            | (x & 0x0000_00FF_0000_0000) << 8
            | (x & 0xF000_0000_0000_0000) >> 12
            | (x & 0x0FFF_0000_0000_0000) << 4;
    }
}

/// Each row plus the next, times x, plus the next, plus the two behind it (modulo x⁸ + x⁴ + x³ + x + 1).
fn mix_columns(state: &mut [u64; 8]) {
    let q = *state;
    let r = q.map(|word| word.rotate_right(16));
    let [s0, s1, s2, s3, s4, s5, s6, s7] = core::array::from_fn(|index| match (q.get(index), r.get(index)) {
        (Some(q), Some(r)) => q ^ r,
        _ => 0,
    });
    let [r0, r1, r2, r3, r4, r5, r6, r7] = r;
    *state = [
        s7 ^ r0 ^ s0.rotate_right(32),
        s0 ^ s7 ^ r1 ^ s1.rotate_right(32),
        s1 ^ r2 ^ s2.rotate_right(32),
        s2 ^ s7 ^ r3 ^ s3.rotate_right(32),
        s3 ^ s7 ^ r4 ^ s4.rotate_right(32),
        s4 ^ r5 ^ s5.rotate_right(32),
        s5 ^ r6 ^ s6.rotate_right(32),
        s6 ^ r7 ^ s7.rotate_right(32),
    ];
}

/// The S-box as a circuit of 113 gates: J. Boyar, R. Peralta, "A new combinational logic minimization technique with applications to
/// cryptology", 2010, figures 5 to 8.
fn substitute(state: &mut [u64; 8]) {
    let [x7, x6, x5, x4, x3, x2, x1, x0] = *state;

    let (y14, y13, y9, y8, t0) = (x3 ^ x5, x0 ^ x6, x0 ^ x3, x0 ^ x5, x1 ^ x2);
    let y1 = t0 ^ x7;
    let (y4, y12, y2, y5) = (y1 ^ x3, y13 ^ y14, y1 ^ x0, y1 ^ x6);
    let (y3, t1) = (y5 ^ y8, x4 ^ y12);
    let (y15, y20) = (t1 ^ x5, t1 ^ x1);
    let (y6, y10, y11) = (y15 ^ x7, y15 ^ t0, y20 ^ y9);
    let (y7, y17, y19, y16) = (x7 ^ y11, y10 ^ y11, y10 ^ y8, t0 ^ y11);
    let (y21, y18) = (y13 ^ y16, x0 ^ y16);

    let (t2, t7, t12) = (y12 & y15, y13 & y16, y9 & y11);
    let (t4, t6) = (y3 & y6 ^ t2, y4 & x7 ^ t2);
    let (t9, t11) = (y5 & y1 ^ t7, y2 & y7 ^ t7);
    let (t14, t16) = (y14 & y17 ^ t12, y8 & y10 ^ t12);
    let (t21, t22) = (t4 ^ t14 ^ y20, t6 ^ t16 ^ y19);
    let (t23, t24) = (t9 ^ t14 ^ y21, t11 ^ t16 ^ y18);

    let (t25, t26, t30) = (t21 ^ t22, t21 & t23, t23 ^ t24);
    let (t27, t31) = (t24 ^ t26, t22 ^ t26);
    let (t29, t33) = (t25 & t27 ^ t22, t31 & t30 ^ t24);
    let t36 = t24 & (t27 ^ t33);
    let (t37, t38) = (t36 ^ t23 ^ t33, t27 ^ t36);
    let t40 = t25 ^ t29 & t38;
    let (t41, t42, t43, t44) = (t40 ^ t37, t29 ^ t33, t29 ^ t40, t33 ^ t37);
    let t45 = t42 ^ t41;

    let (z0, z1, z2, z3, z4, z5) = (t44 & y15, t37 & y6, t33 & x7, t43 & y16, t40 & y1, t29 & y7);
    let (z6, z7, z8, z9, z10, z11) = (t42 & y11, t45 & y17, t41 & y10, t44 & y12, t37 & y3, t33 & y4);
    let (z12, z13, z14, z15, z16, z17) = (t43 & y13, t40 & y5, t29 & y2, t42 & y9, t45 & y14, t41 & y8);

    let (t46, t48, t50, t53, t54) = (z15 ^ z16, z5 ^ z13, z2 ^ z12, z0 ^ z3, z6 ^ z7);
    let (t57, t58, t59) = (t50 ^ t53, z4 ^ t46, z3 ^ t54);
    let (t60, t61, t62, t63, t64) = (t46 ^ t57, z14 ^ t57, z7 ^ z8 ^ t58, z9 ^ z10 ^ t58, z4 ^ t59);
    let (t65, t66) = (t61 ^ t62, z1 ^ t63);
    let s3 = t53 ^ t66;
    *state = [
        t48 ^ !t60,
        z12 ^ t48 ^ !t62,
        z10 ^ z11 ^ t65,
        z2 ^ z5 ^ t66,
        s3,
        z16 ^ z17 ^ !(t64 ^ t65),
        t64 ^ !s3,
        t59 ^ t63,
    ];
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::cfb::instructions;
    use rand::{RngCore, SeedableRng};
    use std::vec;
    use std::vec::Vec;

    #[test]
    fn it_is_what_processors_compute() {
        let mut rng = rand::rngs::StdRng::seed_from_u64(12);
        for cipher in [Cipher::Aes128, Cipher::Aes192, Cipher::Aes256] {
            for length in (0..200).chain([1000, 4096, 65_537]) {
                let (mut key, mut plain, mut before) = (vec![0; cipher.key_len()], vec![0; length], [0; BLOCK]);
                rng.fill_bytes(&mut key);
                rng.fill_bytes(&mut plain);
                rng.fill_bytes(&mut before);
                let (own, other) = (Aes::new(cipher, &key).unwrap(), instructions::Aes::new(cipher, &key).unwrap());
                let (mut octets, mut expected) = (plain.clone(), plain.clone());
                own.encrypt(&before, &mut octets);
                other.encrypt(&before, &mut expected);
                assert_eq!(octets, expected, "{cipher:?}, {length} octets");
                own.decrypt(&before, &mut octets);
                assert_eq!(octets, plain, "{cipher:?}, {length} octets");
            }
        }
    }

    #[test]
    fn the_circuit_is_the_s_box() {
        let known: Vec<u8> = (0..=255u8).map(s_box).collect();
        for (octet, wanted) in known.iter().enumerate() {
            assert_eq!(substitute_word([octet as u8, 0, 0xFF, octet as u8])[3], *wanted, "{octet:#x}");
        }
    }

    /// FIPS 197 §5.1.1: the inverse in GF(2⁸), then the affine map.
    fn s_box(octet: u8) -> u8 {
        fn times(mut a: u8, mut b: u8) -> u8 {
            let mut product = 0;
            while b != 0 {
                product ^= a * (b & 1);
                a = (a << 1) ^ ((a >> 7) * 0x1B);
                b >>= 1;
            }
            product
        }
        let inverse = (1..=255).find(|other| times(octet, *other) == 1).unwrap_or(0);
        (0..5).fold(0x63, |sum, turn| sum ^ inverse.rotate_left(turn))
    }
}
