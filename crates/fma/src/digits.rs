//! Digits of 51 bits, as doubles.

use crate::Vector;

/// Bits of a digit.
pub const BITS: u32 = 51;
pub const MASK: u64 = (1 << BITS) - 1;
/// 2^52, whose last bit stands for 1.
pub const WHOLE: u64 = 0x4330_0000_0000_0000;
/// One and a half times 2^103, whose last bit stands for 2^51. Products from -2^102 to 2^102 leave its exponent as it is.
pub const UPPER: u64 = 0x4668_0000_0000_0000;
/// One and a half times 2^52, which is three times 2^51.
pub const LOWER: u64 = 0x4338_0000_0000_0000;

impl Vector {
    /// The product of digits: [`LOWER`] with what is left after rounding, and [`UPPER`] with how many times 2^51 it is. As bits of doubles, to be added up as
    /// whole numbers.
    #[inline(always)]
    pub(crate) fn product(self, other: Self) -> (Self, Self) {
        let upper = self.fused(other, Self::splat(UPPER));
        (self.fused(other, Self::splat(UPPER + 3).minus(upper)), upper)
    }

    /// Whole numbers below 2^52, as doubles.
    #[inline(always)]
    pub(crate) fn double(self) -> Self {
        self.or(Self::splat(WHOLE)).minus(Self::splat(WHOLE))
    }
}
