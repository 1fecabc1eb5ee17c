//! The field of Curve25519 (RFC 7748 §4.1), two elements at a time.

use crate::Vector;
use crate::digits::{BITS, LOWER, MASK, UPPER, WHOLE};

/// Digits of an element without sign.
pub type Digits = [u64; 5];
/// Those of p = 2^255 - 19.
const P: Digits = [MASK - 18, MASK, MASK, MASK, MASK];
/// What digits of elements are less than those without sign.
const HALF: u64 = 1 << (BITS - 1);

/// Two elements. Digits of what a multiplication gives are at most 2^50, with either sign; of what is multiplied they may be twice as large, as those of sums and
/// differences are, and of numbers below 2^255: so no product of digits is beyond 2^102.
#[derive(Clone, Copy)]
pub struct Elements([Vector; 5]);

impl Elements {
    /// From digits without sign.
    #[inline(always)]
    pub fn new([a, b, c, d, e]: Digits, [f, g, h, i, j]: Digits) -> Self {
        let double = |first, second| Vector::new(first, second).double();
        Self([double(a, f), double(b, g), double(c, h), double(d, i), double(e, j)])
    }

    #[inline(always)]
    pub fn add(self, other: Self) -> Self {
        self.each(other, Vector::plus)
    }

    #[inline(always)]
    pub fn subtract(self, other: Self) -> Self {
        self.each(other, Vector::minus)
    }

    /// Two of both's four elements: 0 and 1 are this one's.
    #[inline(always)]
    pub fn pick<const FIRST: usize, const SECOND: usize>(self, other: Self) -> Self {
        self.each(other, Vector::pick::<FIRST, SECOND>)
    }

    /// Swaps the two where the mask has all its bits, and does not where it has none.
    #[inline(always)]
    pub fn swap(self, mask: u64) -> Self {
        self.each(self.pick::<1, 0>(self), |digit, other| digit.xor(digit.xor(other).and(Vector::splat(mask))))
    }

    #[inline(always)]
    fn each(self, other: Self, work: impl Fn(Vector, Vector) -> Vector) -> Self {
        let ([a, b, c, d, e], [f, g, h, i, j]) = (self.0, other.0);
        Self([work(a, f), work(b, g), work(c, h), work(d, i), work(e, j)])
    }

    #[inline(always)]
    pub fn multiply(self, other: Self) -> Self {
        let ([a, b, c, d, e], [f, g, h, i, j]) = (self.0, other.0);
        reduce([
            sum([a.product(f)]),
            sum([a.product(g), b.product(f)]),
            sum([a.product(h), b.product(g), c.product(f)]),
            sum([a.product(i), b.product(h), c.product(g), d.product(f)]),
            sum([a.product(j), b.product(i), c.product(h), d.product(g), e.product(f)]),
            sum([b.product(j), c.product(i), d.product(h), e.product(g)]),
            sum([c.product(j), d.product(i), e.product(h)]),
            sum([d.product(j), e.product(i)]),
            sum([e.product(j)]),
        ])
    }

    #[inline(always)]
    pub fn square(self) -> Self {
        let [a, b, c, d, e] = self.0;
        reduce([
            sum([a.product(a)]),
            twice(sum([a.product(b)])),
            add(twice(sum([a.product(c)])), sum([b.product(b)])),
            twice(sum([a.product(d), b.product(c)])),
            add(twice(sum([a.product(e), b.product(d)])), sum([c.product(c)])),
            twice(sum([b.product(e), c.product(d)])),
            add(twice(sum([c.product(e)])), sum([d.product(d)])),
            twice(sum([d.product(e)])),
            sum([e.product(e)]),
        ])
    }

    /// Raised to 2^`times`.
    #[inline(always)]
    fn raise(mut self, times: u64) -> Self {
        for _ in 0..times {
            self = self.square();
        }
        self
    }

    /// 1 divided by them, and 0 by 0: the power of p - 2 = (2^250 - 1) · 2^5 + 11.
    #[inline(always)]
    pub fn invert(self) -> Self {
        // Each step raises to a power of two and multiplies by what was there at first, before, or kept: powers of 2^n - 1 for n = 2, 3, 5, 10, 20, 40,
        // 50, 100, 200, 250, and the last five bits. Powers and factors are octets of numbers, as a list would be data, which this module has none of.
        const POWERS: [u64; 2] = [0x320A_140A_0502_0101, 0x0001_0202_3264];
        const FACTORS: [u64; 2] = [0x0102_0101_0102_0000, 0x0000_0000_0201];
        let (mut power, mut kept) = (self, self);
        for step in 0..13u32 {
            let octet = |list: [u64; 2]| (if step < 8 { list[0] } else { list[1] }) >> (step % 8 * 8) & 0xFF;
            let raised = power.raise(octet(POWERS));
            let factor = match octet(FACTORS) {
                0 => self,
                1 => power,
                _ => kept,
            };
            power = raised.multiply(factor);
            if matches!(step, 0 | 3 | 6) {
                kept = power;
            }
        }
        power
    }

    /// The first, below p, in digits without sign.
    #[inline(always)]
    pub fn first(self) -> Digits {
        let [a, b, c, d, e] = self.0.map(|digit| digit.plus(Vector::splat(LOWER)).first().wrapping_sub(LOWER));
        // Twice p more, so that there is no sign.
        let [p, q, ..] = P.map(|digit| 2 * digit);
        let mut digits =
            [a.wrapping_add(p), b.wrapping_add(q), c.wrapping_add(q), d.wrapping_add(q), e.wrapping_add(q)];
        for _ in 0..2 {
            digits[0] += 19 * carry(&mut digits);
        }
        // If it is p or more, 19 more carry beyond 2^255, and that is left out.
        let more = digits.iter().fold(19, |carry, digit| (digit + carry) >> BITS);
        digits[0] += 19 * more;
        carry(&mut digits);
        digits
    }
}

/// Carries from digit to digit; what is left above the highest.
#[inline(always)]
fn carry(digits: &mut Digits) -> u64 {
    digits.iter_mut().fold(0, |carry, digit| {
        let sum = *digit + carry;
        *digit = sum & MASK;
        sum >> BITS
    })
}

/// What several products add to a column, and to the next.
type Column = (Vector, Vector);

#[inline(always)]
fn sum<const COUNT: usize>(products: [Column; COUNT]) -> Column {
    let nothing = Vector::splat(0);
    products.into_iter().fold((nothing, nothing), add)
}

#[inline(always)]
fn add(left: Column, right: Column) -> Column {
    (left.0.add(right.0), left.1.add(right.1))
}

#[inline(always)]
fn twice((lower, upper): Column) -> Column {
    (lower.doubled(1), upper.doubled(1))
}

/// Elements of nine columns, to which as many products were added as five digits by five have there.
#[inline(always)]
fn reduce([a, b, c, d, e, f, g, h, i]: [Column; 9]) -> Elements {
    // 2^255 is 19.
    let folded = |place, column: Vector, above: Vector| {
        let above = above.add(above.doubled(1)).add(above.doubled(4));
        column.add(above).add(Vector::splat(start(place)))
    };
    let (a, b, c, d, e) = (
        folded(0, a.0, e.1.add(f.0)),
        folded(1, a.1.add(b.0), f.1.add(g.0)),
        folded(2, b.1.add(c.0), g.1.add(h.0)),
        folded(3, c.1.add(d.0), h.1.add(i.0)),
        folded(4, d.1.add(e.0), i.1),
    );
    let b = b.add(a.halved(BITS));
    let c = c.add(b.halved(BITS));
    let d = d.add(c.halved(BITS));
    let e = e.add(d.halved(BITS));
    let above = e.halved(BITS);
    let mask = Vector::splat(MASK);
    let a = a.and(mask).add(above).add(above.doubled(1)).add(above.doubled(4));
    let b = b.and(mask).add(a.halved(BITS));
    let digit = |column: Vector| column.or(Vector::splat(WHOLE)).minus(Vector::splat(WHOLE + HALF));
    Elements([digit(a.and(mask)), digit(b), digit(c.and(mask)), digit(d.and(mask)), digit(e.and(mask))])
}

/// What is added to a column of a product so that it is right and above nothing: less the exponents of the doubles in it and in the one that is folded onto it, more a digit
/// of 2^9 times p, and more [`HALF`].
const fn start(place: usize) -> u64 {
    const fn exponents(column: usize) -> u64 {
        const fn count(column: usize) -> u64 {
            (if column < 5 { column + 1 } else { 9usize.saturating_sub(column) }) as u64
        }
        let upper = if column > 0 { count(column - 1) } else { 0 };
        LOWER.wrapping_mul(count(column)).wrapping_add(UPPER.wrapping_mul(upper))
    }
    let digit = if place == 0 { P[0] } else { P[1] };
    let exponents = exponents(place).wrapping_add(exponents(place + 5).wrapping_mul(19));
    (digit << 9).wrapping_add(HALF).wrapping_sub(exponents)
}
