//! Products of digits on the vectors of wasm, which multiply two pairs of 32 bits at a time.

use core::arch::wasm32::{
    i64x2_add, u32x4, u32x4_shr, u32x4_splat, u64x2, u64x2_extmul_high_u32x4, u64x2_extmul_low_u32x4,
    u64x2_extract_lane, v128, v128_xor,
};

use super::{Columns, Digits};
use crate::number::BITS;

/// A digit, four times.
#[derive(Clone, Copy)]
pub struct Factor(v128);

#[inline(always)]
pub fn factor(digit: u32) -> Factor {
    Factor(u32x4_splat(digit))
}

/// Adds to four columns what four pairs of factors and digits give.
#[inline(always)]
pub fn add_products(columns: &mut [Columns; 2], products: [(Factor, &Digits); 4]) {
    let [low, high] = columns;
    let sums = (u64x2(low[0], low[1]), u64x2(high[0], high[1]));
    let [first, second, third, fourth] = products;
    // Zero, which the compiler does not know. Without it, it widens factors before the loop they are in and digits while it loads
    // them, and multiplies 64 by 64 bits, which takes three times as long.
    let zero = u32x4_shr(vector(first.1), BITS);
    // One after the other: a loop would not be unrolled in code that is to be small.
    let sums = add_product(sums, first, zero);
    let sums = add_product(sums, second, zero);
    let sums = add_product(sums, third, zero);
    let (sum_low, sum_high) = add_product(sums, fourth, zero);
    *low = [u64x2_extract_lane::<0>(sum_low), u64x2_extract_lane::<1>(sum_low)];
    *high = [u64x2_extract_lane::<0>(sum_high), u64x2_extract_lane::<1>(sum_high)];
}

#[inline(always)]
fn add_product((low, high): (v128, v128), (Factor(factor), digits): (Factor, &Digits), zero: v128) -> (v128, v128) {
    let (factor, digits) = (v128_xor(factor, zero), v128_xor(vector(digits), zero));
    (i64x2_add(low, u64x2_extmul_low_u32x4(factor, digits)), i64x2_add(high, u64x2_extmul_high_u32x4(factor, digits)))
}

#[inline(always)]
fn vector([a, b, c, d]: &Digits) -> v128 {
    u32x4(*a, *b, *c, *d)
}
