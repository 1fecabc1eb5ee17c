//! Whole numbers without sign, of a fixed number of digits.

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

/// Bits of a digit. A column of a product adds up two products for each digit of the shorter factor, at most 2·304 of 54 bits, and a
/// carry: below 2^64.
pub const BITS: u32 = 27;
pub const MASK: u32 = (1 << BITS) - 1;
/// Digits come in fours: a vector.
pub const LANES: usize = 4;

/// Digits, the lowest first, each below 2^27. Wiped when dropped.
#[derive(Clone)]
pub struct Number(Zeroizing<Vec<u32>>);

impl Number {
    pub fn zero(digits: usize) -> Self {
        Self(Zeroizing::new(vec![0; digits]))
    }

    /// Reads big-endian octets. `None` if they do not fit, which leading zeros always do.
    pub fn from_octets(octets: &[u8], digits: usize) -> Option<Self> {
        let mut number = Self::zero(digits);
        let (mut kept, mut bits, mut place) = (0u64, 0, 0);
        let mut rest = Choice::from(0);
        for octet in octets.iter().rev() {
            kept |= u64::from(*octet) << bits;
            bits += 8;
            if bits >= BITS {
                rest |= number.put(place, kept as u32 & MASK);
                (kept, bits, place) = (kept >> BITS, bits - BITS, place + 1);
            }
        }
        rest |= number.put(place, kept as u32);
        (!bool::from(rest)).then_some(number)
    }

    /// Whether it is lost for want of a place.
    fn put(&mut self, place: usize, digit: u32) -> Choice {
        match self.0.get_mut(place) {
            Some(target) => {
                *target = digit;
                Choice::from(0)
            }
            None => !digit.ct_eq(&0),
        }
    }

    /// Writes the lowest octets, big-endian.
    pub fn to_octets(&self, length: usize) -> Zeroizing<Vec<u8>> {
        let mut octets = Zeroizing::new(vec![0; length]);
        let (mut kept, mut bits) = (0u64, 0);
        let mut digits = self.0.iter();
        for target in octets.iter_mut().rev() {
            if bits < 8 {
                kept |= u64::from(digits.next().copied().unwrap_or(0)) << bits;
                bits += BITS;
            }
            *target = kept as u8;
            (kept, bits) = (kept >> 8, bits - 8);
        }
        octets
    }

    pub fn digits(&self) -> &[u32] {
        &self.0
    }

    pub fn digits_mut(&mut self) -> &mut [u32] {
        &mut self.0
    }

    /// Bits up to the highest that is set. Not for secrets.
    pub fn bits(&self) -> usize {
        let highest = self.0.iter().rposition(|digit| *digit != 0);
        highest.map_or(0, |place| {
            let digit = self.0.get(place).copied().unwrap_or_default();
            place * BITS as usize + (u32::BITS - digit.leading_zeros()) as usize
        })
    }

    /// The lowest digits of another size, 64 bits at most.
    pub fn to_digits(&self, bits: u32, count: usize) -> Zeroizing<Vec<u64>> {
        let mut digits = Zeroizing::new(vec![0; count]);
        divide(self.0.iter().copied().map(u64::from), BITS, &mut digits, bits);
        digits
    }

    /// From digits of another size, 64 bits at most; what is above the highest is lost.
    pub fn from_digits(digits: &[u64], bits: u32, count: usize) -> Self {
        let mut divided = Zeroizing::new(vec![0; count]);
        divide(digits.iter().copied(), bits, &mut divided, BITS);
        Self(Zeroizing::new(divided.iter().map(|digit| *digit as u32).collect()))
    }

    /// A power of two, not below the highest that is below the modulus, modulo that. It may have as many digits and four bits less than they hold.
    pub fn power_of_two(&self, exponent: usize) -> Number {
        let mut power = Number::zero(self.0.len());
        let highest = self.bits().saturating_sub(1);
        if let Some(digit) = power.0.get_mut(highest / BITS as usize) {
            *digit = 1 << (highest % BITS as usize);
        }
        (highest..exponent).for_each(|_| power.double_modulo(self));
        power
    }

    /// Twice what is below the modulus, below it.
    pub fn double_modulo(&mut self, modulus: &Number) {
        self.double(0);
        self.reduce_once(modulus);
    }

    /// Takes the digits from columns that may hold more than a digit, and carries; what is above the highest is lost.
    pub fn carry(&mut self, columns: &[u64]) {
        let mut carry = 0;
        for (digit, column) in self.0.iter_mut().zip(columns) {
            carry += column;
            *digit = carry as u32 & MASK;
            carry >>= BITS;
        }
    }

    /// Subtracts a number with as many digits; whether it was larger, and the result is too large by 2^27 for each digit.
    pub fn subtract(&mut self, other: &Number) -> Choice {
        let mut borrow = 0u32;
        for (digit, other) in self.0.iter_mut().zip(other.digits()) {
            let difference = digit.wrapping_sub(*other).wrapping_sub(borrow);
            *digit = difference & MASK;
            borrow = difference >> 31;
        }
        Choice::from(borrow as u8)
    }

    /// Twice the number, and one more or not.
    pub fn double(&mut self, mut carry: u32) {
        for digit in self.digits_mut() {
            let doubled = *digit << 1 | carry;
            *digit = doubled & MASK;
            carry = doubled >> BITS;
        }
    }

    pub fn is_below(&self, other: &Number) -> bool {
        self.clone().subtract(other).into()
    }

    pub fn assign(&mut self, other: &Number, choice: Choice) {
        for (digit, other) in self.0.iter_mut().zip(other.digits()) {
            digit.conditional_assign(other, choice);
        }
    }

    /// Subtracts `other` unless that is larger.
    pub fn reduce_once(&mut self, other: &Number) {
        let mut reduced = self.clone();
        let larger = reduced.subtract(other);
        self.assign(&reduced, !larger);
    }

    /// `self + left · right`, with `digits` digits.
    pub fn plus_product(&self, left: &Number, right: &Number, digits: usize) -> Number {
        let mut columns = Zeroizing::new(vec![0u64; digits.max(left.0.len() + right.0.len()).max(self.0.len())]);
        for (column, digit) in columns.iter_mut().zip(self.digits()) {
            *column = u64::from(*digit);
        }
        for (place, left) in left.digits().iter().enumerate() {
            for (column, right) in columns.iter_mut().skip(place).zip(right.digits()) {
                *column += u64::from(*left) * u64::from(*right);
            }
        }
        let mut sum = Number::zero(digits);
        sum.carry(&columns);
        sum
    }
}

/// Divides the same bits into digits of another size.
fn divide(digits: impl Iterator<Item = u64>, bits: u32, into: &mut [u64], other: u32) {
    let (mut kept, mut held) = (0u128, 0);
    let mut digits = digits;
    for target in into {
        while held < other {
            kept |= u128::from(digits.next().unwrap_or_default()) << held;
            held += bits;
        }
        *target = (kept & ((1 << other) - 1)) as u64;
        (kept, held) = (kept >> other, held - other);
    }
}

/// The inverse of an odd number modulo 2^64, negative; its lowest bits are that modulo less.
pub fn negative_inverse(number: u64) -> u64 {
    // Newton: each step doubles the bits that are right; three are the number's own.
    (0..5)
        .fold(number, |inverse, _| inverse.wrapping_mul(2u64.wrapping_sub(number.wrapping_mul(inverse))))
        .wrapping_neg()
}
