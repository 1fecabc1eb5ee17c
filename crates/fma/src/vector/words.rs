//! In Rust's own words.

use zeroize::DefaultIsZeroes;

use crate::digits::WHOLE;

/// Two doubles, or two whole numbers of 64 bits.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
#[repr(C, align(16))]
pub struct Vector(pub [u64; 2]);

impl DefaultIsZeroes for Vector {}

impl Vector {
    /// Two digits as doubles. Not by conversion, which may take a time that depends on them.
    pub fn of(digits: [u64; 2]) -> Self {
        Self(digits).double()
    }

    /// The digits that these doubles are.
    pub fn digits(self) -> [u64; 2] {
        self.plus(Self::splat(WHOLE)).xor(Self::splat(WHOLE)).0
    }

    pub(crate) fn new(first: u64, second: u64) -> Self {
        Self([first, second])
    }

    /// The same twice.
    pub(crate) fn splat(bits: u64) -> Self {
        Self([bits; 2])
    }

    pub(crate) fn first(self) -> u64 {
        self.0[0]
    }

    /// Doubles: the product and a summand, rounded once.
    pub(crate) fn fused(self, factor: Self, summand: Self) -> Self {
        let product = |number: u64, factor: u64, summand: u64| {
            f64::from_bits(number).mul_add(f64::from_bits(factor), f64::from_bits(summand)).to_bits()
        };
        Self([product(self.0[0], factor.0[0], summand.0[0]), product(self.0[1], factor.0[1], summand.0[1])])
    }

    /// The sum of doubles.
    pub(crate) fn plus(self, other: Self) -> Self {
        self.each(other, |left, right| (f64::from_bits(left) + f64::from_bits(right)).to_bits())
    }

    /// The difference of doubles.
    pub(crate) fn minus(self, other: Self) -> Self {
        self.each(other, |left, right| (f64::from_bits(left) - f64::from_bits(right)).to_bits())
    }

    /// The sum of whole numbers, without what is above 64 bits.
    pub(crate) fn add(self, other: Self) -> Self {
        self.each(other, u64::wrapping_add)
    }

    /// The product of whole numbers, without what is above 64 bits.
    pub(crate) fn times(self, other: Self) -> Self {
        self.each(other, u64::wrapping_mul)
    }

    pub(crate) fn and(self, other: Self) -> Self {
        self.each(other, |left, right| left & right)
    }

    pub(crate) fn or(self, other: Self) -> Self {
        self.each(other, |left, right| left | right)
    }

    pub(crate) fn xor(self, other: Self) -> Self {
        self.each(other, |left, right| left ^ right)
    }

    /// Whole numbers, doubled so many times.
    pub(crate) fn doubled(self, times: u32) -> Self {
        Self(self.0.map(|number| number << times))
    }

    /// Whole numbers without sign, without their lowest bits.
    pub(crate) fn halved(self, times: u32) -> Self {
        Self(self.0.map(|number| number >> times))
    }

    /// Whole numbers with a sign, without their lowest bits.
    pub(crate) fn halved_signed(self, times: u32) -> Self {
        Self(self.0.map(|number| (number.cast_signed() >> times).cast_unsigned()))
    }

    /// Two of both vectors' four halves: 0 and 1 are this one's.
    pub(crate) fn pick<const FIRST: usize, const SECOND: usize>(self, other: Self) -> Self {
        let half = |number: usize| match number {
            0 => self.0[0],
            1 => self.0[1],
            2 => other.0[0],
            _ => other.0[1],
        };
        Self([half(FIRST), half(SECOND)])
    }

    pub(crate) fn is_something(self) -> bool {
        self.0 != [0; 2]
    }

    fn each(self, other: Self, work: impl Fn(u64, u64) -> u64) -> Self {
        Self([work(self.0[0], other.0[0]), work(self.0[1], other.0[1])])
    }
}
