//! Two words of 64 bits in a vector of wasm.
//!
//! Which instructions are used was measured in V8: a shuffle of octets costs several more than two shifts, and the low halves of
//! four words are brought together once for two multiplications.

use core::arch::wasm32::{
    i16x8_shuffle, i64x2_add, i64x2_shl, u32x4_shuffle, u64x2, u64x2_extmul_high_u32x4, u64x2_extmul_low_u32x4,
    u64x2_extract_lane, u64x2_shr, u64x2_shuffle, v128, v128_or, v128_xor,
};

/// Two words of 64 bits.
pub type Pair = v128;

pub const ZERO: Pair = u64x2(0, 0);

#[inline(always)]
pub fn from_words([first, second]: [u64; 2]) -> Pair {
    u64x2(first, second)
}

#[inline(always)]
pub fn to_words(pair: Pair) -> [u64; 2] {
    [u64x2_extract_lane::<0>(pair), u64x2_extract_lane::<1>(pair)]
}

#[inline(always)]
pub fn xor(one: Pair, other: Pair) -> Pair {
    v128_xor(one, other)
}

/// `a + b + 2 · low(a) · low(b)` for each of four words.
#[inline(always)]
pub fn multiply_add(a: [Pair; 2], b: [Pair; 2]) -> [Pair; 2] {
    let (low_a, low_b) = (u32x4_shuffle::<0, 2, 4, 6>(a[0], a[1]), u32x4_shuffle::<0, 2, 4, 6>(b[0], b[1]));
    let products = [u64x2_extmul_low_u32x4(low_a, low_b), u64x2_extmul_high_u32x4(low_a, low_b)];
    let sum = |at: usize| i64x2_add(i64x2_add(a[at], b[at]), i64x2_add(products[at], products[at]));
    [sum(0), sum(1)]
}

/// The second word of one and the first of the next.
#[inline(always)]
pub fn middle(one: Pair, next: Pair) -> Pair {
    u64x2_shuffle::<1, 2>(one, next)
}

#[inline(always)]
pub fn rotate_right_32(pair: Pair) -> Pair {
    u32x4_shuffle::<1, 0, 3, 2>(pair, pair)
}

#[inline(always)]
pub fn rotate_right_24(pair: Pair) -> Pair {
    v128_or(u64x2_shr(pair, 24), i64x2_shl(pair, 40))
}

#[inline(always)]
pub fn rotate_right_16(pair: Pair) -> Pair {
    i16x8_shuffle::<1, 2, 3, 0, 5, 6, 7, 4>(pair, pair)
}

#[inline(always)]
pub fn rotate_right_63(pair: Pair) -> Pair {
    v128_or(u64x2_shr(pair, 63), i64x2_add(pair, pair))
}
