//! In Rust's own words.

use zeroize::DefaultIsZeroes;

/// Two doubles, or two whole numbers of 64 bits.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
#[repr(C, align(16))]
pub struct Vector(pub [u64; 2]);

impl DefaultIsZeroes for Vector {}

/// 2^52, whose last bit stands for 1.
const WHOLE: f64 = 4_503_599_627_370_496.0;

impl Vector {
    /// Two digits as doubles. Not by conversion, which may take a time that depends on them.
    pub fn of(digits: [u64; 2]) -> Self {
        Self(digits.map(|digit| (f64::from_bits(WHOLE.to_bits() | digit) - WHOLE).to_bits()))
    }

    /// The digits that these doubles are.
    pub fn digits(self) -> [u64; 2] {
        self.0.map(|double| (f64::from_bits(double) + WHOLE).to_bits() ^ WHOLE.to_bits())
    }

    /// The same twice.
    pub(crate) fn splat(bits: u64) -> Self {
        Self([bits; 2])
    }

    /// Doubles: the product and a summand, rounded once.
    pub(crate) fn fused(self, factor: Self, summand: Self) -> Self {
        let [first, second] = [0, 1].map(|lane| {
            let [number, factor, summand] = [self, factor, summand].map(|vector| f64::from_bits(vector.0[lane]));
            number.mul_add(factor, summand).to_bits()
        });
        Self([first, second])
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

    /// Whole numbers with a sign, without their lowest bits.
    pub(crate) fn shift(self, bits: u32) -> Self {
        Self(self.0.map(|number| (number.cast_signed() >> bits).cast_unsigned()))
    }

    pub(crate) fn first_twice(self) -> Self {
        Self([self.0[0]; 2])
    }

    pub(crate) fn second_twice(self) -> Self {
        Self([self.0[1]; 2])
    }

    pub(crate) fn first_and_nothing(self) -> Self {
        Self([self.0[0], 0])
    }

    pub(crate) fn nothing_and_first(self) -> Self {
        Self([0, self.0[0]])
    }

    pub(crate) fn is_something(self) -> bool {
        self.0 != [0; 2]
    }

    fn each(self, other: Self, work: impl Fn(u64, u64) -> u64) -> Self {
        Self([work(self.0[0], other.0[0]), work(self.0[1], other.0[1])])
    }
}
