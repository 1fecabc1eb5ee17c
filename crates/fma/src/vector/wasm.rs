//! On the vectors of wasm.

use core::arch::wasm32::{
    f64x2_add, f64x2_relaxed_madd, f64x2_sub, i64x2_add, i64x2_extract_lane, i64x2_mul, i64x2_shl, i64x2_shr,
    i64x2_shuffle, u64x2, u64x2_shr, u64x2_splat, v128, v128_and, v128_any_true, v128_or, v128_xor,
};

/// Two doubles, or two whole numbers of 64 bits.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Vector(v128);

impl Vector {
    #[inline(always)]
    pub(crate) fn new(first: u64, second: u64) -> Self {
        Self(u64x2(first, second))
    }

    #[inline(always)]
    pub(crate) fn splat(bits: u64) -> Self {
        Self(u64x2_splat(bits))
    }

    #[inline(always)]
    pub(crate) fn first(self) -> u64 {
        i64x2_extract_lane::<0>(self.0).cast_unsigned()
    }

    #[inline(always)]
    pub(crate) fn fused(self, factor: Self, summand: Self) -> Self {
        Self(f64x2_relaxed_madd(self.0, factor.0, summand.0))
    }

    #[inline(always)]
    pub(crate) fn plus(self, other: Self) -> Self {
        Self(f64x2_add(self.0, other.0))
    }

    #[inline(always)]
    pub(crate) fn minus(self, other: Self) -> Self {
        Self(f64x2_sub(self.0, other.0))
    }

    #[inline(always)]
    pub(crate) fn add(self, other: Self) -> Self {
        Self(i64x2_add(self.0, other.0))
    }

    #[inline(always)]
    pub(crate) fn times(self, other: Self) -> Self {
        Self(i64x2_mul(self.0, other.0))
    }

    #[inline(always)]
    pub(crate) fn and(self, other: Self) -> Self {
        Self(v128_and(self.0, other.0))
    }

    #[inline(always)]
    pub(crate) fn or(self, other: Self) -> Self {
        Self(v128_or(self.0, other.0))
    }

    #[inline(always)]
    pub(crate) fn xor(self, other: Self) -> Self {
        Self(v128_xor(self.0, other.0))
    }

    #[inline(always)]
    pub(crate) fn doubled(self, times: u32) -> Self {
        Self(i64x2_shl(self.0, times))
    }

    #[inline(always)]
    pub(crate) fn halved(self, times: u32) -> Self {
        Self(u64x2_shr(self.0, times))
    }

    #[inline(always)]
    pub(crate) fn halved_signed(self, times: u32) -> Self {
        Self(i64x2_shr(self.0, times))
    }

    #[inline(always)]
    pub(crate) fn pick<const FIRST: usize, const SECOND: usize>(self, other: Self) -> Self {
        Self(i64x2_shuffle::<FIRST, SECOND>(self.0, other.0))
    }

    #[inline(always)]
    pub(crate) fn is_something(self) -> bool {
        v128_any_true(self.0)
    }
}
