//! X25519 (RFC 7748 §5), both points of a step side by side.

use crate::digits::{BITS, MASK};
use crate::field::{Digits, Elements};

/// (A - 2) / 4, of the curve.
const A24: u64 = 121_665;

/// What whoever has the scalar and whoever has the point agree on; nothing but zeros if the point is of low order. All are octets of numbers, the lowest first, eight to
/// a word. Takes the same time for all of them.
#[inline(always)]
pub fn x25519(scalar: [u64; 4], point: [u64; 4]) -> [u64; 4] {
    let (point, one, none) = (digits(point), [1, 0, 0, 0, 0], [0; 5]);
    let scalar = [scalar[0] & !7, scalar[1], scalar[2], scalar[3] & (u64::MAX >> 1) | 1 << 62];
    let (u, small) = (point, [A24, 0, 0, 0, 0]);
    let constants = Elements::new(u, small);
    // Numerators and denominators of both.
    let (mut xs, mut zs) = (Elements::new(one, point), Elements::new(none, one));
    let mut swapped = 0;
    let mut words = scalar;
    for _ in 0..256u32 {
        // The highest bit first; of 256 the first is none.
        let [a, b, c, d] = words;
        let bit = d >> 63;
        words = [a << 1, b << 1 | a >> 63, c << 1 | b >> 63, d << 1 | c >> 63];
        let mask = (bit ^ swapped).wrapping_neg();
        swapped = bit;
        (xs, zs) = (xs.swap(mask), zs.swap(mask));
        // In the names of the RFC: A and C, B and D.
        let (sums, differences) = (xs.add(zs), xs.subtract(zs));
        let ab = sums.pick::<0, 2>(differences);
        let da_cb = differences.pick::<1, 3>(sums).multiply(ab);
        let squares = ab.square();
        let cb_da = da_cb.pick::<1, 0>(da_cb);
        let x_t = da_cb.add(cb_da).pick::<0, 2>(da_cb.subtract(cb_da)).square();
        let e = squares.subtract(squares.pick::<1, 0>(squares));
        let z_e = constants.multiply(x_t.pick::<1, 2>(e));
        let nothing = Elements::new(none, none);
        let factors = squares.pick::<1, 0>(squares).add(nothing.pick::<0, 3>(z_e));
        let doubled = squares.pick::<0, 2>(e).multiply(factors);
        xs = doubled.pick::<0, 2>(x_t);
        zs = doubled.pick::<1, 2>(z_e);
    }
    // The scalar is even: nothing is swapped now.
    octets(xs.multiply(zs.invert()).first())
}

/// Without the highest bit.
#[inline(always)]
fn digits([a, b, c, d]: [u64; 4]) -> Digits {
    [a & MASK, (a >> BITS | b << 13) & MASK, (b >> 38 | c << 26) & MASK, (c >> 25 | d << 39) & MASK, d >> 12 & MASK]
}

#[inline(always)]
fn octets([a, b, c, d, e]: Digits) -> [u64; 4] {
    [a | b << 51, b >> 13 | c << 38, c >> 26 | d << 25, d >> 39 | e << 12]
}
