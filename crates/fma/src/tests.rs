#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
use num_bigint_dig::{BigUint, ModInverse, RandBigInt};
use num_traits::One;
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::*;

/// R for so many digits.
fn radix(digits: usize) -> BigUint {
    BigUint::one() << (digits * BITS as usize)
}

fn digits(number: &BigUint, count: usize) -> Vec<u64> {
    let mask = (BigUint::one() << BITS as usize) - 1u8;
    let digit = |place: usize| {
        let digit = (number >> (place * BITS as usize)) & &mask;
        digit.to_bytes_le().iter().rev().fold(0, |digit, octet| digit << 8 | u64::from(*octet))
    };
    (0..count).map(digit).collect()
}

fn doubles(lower: &[u64], upper: &[u64]) -> Vec<Vector> {
    lower.iter().zip(upper).map(|(lower, upper)| Vector::of([*lower, *upper])).collect()
}

fn number(digits: impl DoubleEndedIterator<Item = u64>) -> BigUint {
    digits.rev().fold(BigUint::default(), |number, digit| (number << BITS as usize) + digit)
}

/// Multiplies what is side by side, or the halves of one, each modulo its own.
fn multiply(width: usize, left: &[BigUint], right: &[BigUint], moduli: &[BigUint]) -> Vec<BigUint> {
    let is_halved = moduli.len() == 1;
    let count = if is_halved { 2 * width } else { width };
    let vectors = |numbers: &[BigUint]| {
        let digits: Vec<_> = numbers.iter().map(|number| digits(number, count)).collect();
        if is_halved { doubles(&digits[0][..width], &digits[0][width..]) } else { doubles(&digits[0], &digits[1]) }
    };
    let mut modulus = vectors(moduli);
    let inverse = |modulus: &BigUint| {
        let radix = radix(1);
        let inverse = (modulus % &radix).mod_inverse(&radix).unwrap().to_biguint().unwrap();
        digits(&(radix - inverse), 1)[0]
    };
    modulus.push(Vector([inverse(&moduli[0]), inverse(moduli.last().unwrap())]));
    let start: Vec<_> = start(width, is_halved).collect();
    let (mut columns, mut product) = (start.clone(), vec![Vector::default(); width]);
    let (left, right) = (vectors(left), vectors(right));
    Multiplication {
        left: &left,
        right: &right,
        modulus: &modulus,
        start: &start,
        columns: &mut columns,
        product: &mut product,
    }
    .run();
    let lane = |lane: usize| product.iter().map(move |vector| vector.digits()[lane]);
    if is_halved { vec![number(lane(0).chain(lane(1)))] } else { vec![number(lane(0)), number(lane(1))] }
}

#[test]
fn products_are_right_and_below_twice_the_modulus() {
    let mut rng = StdRng::seed_from_u64(1);
    for width in [1, 2, 3, 20, 31, 41] {
        for count in [1, 2] {
            let digits = if count == 1 { 2 * width } else { width };
            let radix = radix(digits);
            for round in 0..20 {
                // A sixteenth of R: as callers leave room. The first are the largest there are.
                let largest = (&radix >> 4usize) - 1u8;
                let mut drawn = |below: &BigUint| if round == 0 { below - 1u8 } else { rng.gen_biguint_below(below) };
                let moduli: Vec<_> = (0..count).map(|_| drawn(&largest) | BigUint::one()).collect();
                let mut factors = || moduli.iter().map(|modulus| drawn(&(modulus * 2u8))).collect::<Vec<_>>();
                let (left, right) = (factors(), factors());
                let products = multiply(width, &left, &right, &moduli);
                for (((product, left), right), modulus) in products.iter().zip(&left).zip(&right).zip(&moduli) {
                    assert!(*product < modulus * 2u8, "{width} {count}");
                    assert_eq!((product * &radix) % modulus, (left * right) % modulus, "{width} {count}");
                }
            }
        }
    }
}

#[test]
fn digits_are_doubles() {
    for digits in [[0, 1], [(1 << BITS) - 1, 12_345]] {
        let vector = Vector::of(digits);
        assert_eq!((vector.0.map(f64::from_bits), vector.digits()), (digits.map(|digit| digit as f64), digits));
    }
}

#[test]
fn rust_rounds_once() {
    assert!(is_fused(f64::EPSILON));
    assert!(!is_fused(0.0));
}

/// Nothing is read or written beyond what is there.
#[test]
fn what_is_too_short_stays_as_it_is() {
    let vectors = vec![Vector([1; 2]); 4];
    for (left, right, modulus, columns) in [(0, 4, 5, 8), (4, 4, 0, 8), (4, 0, 5, 8), (4, 4, 5, 7), (4, 4, 5, 0)] {
        let take = |count: usize| vec![Vector([1; 2]); count];
        let (left, right, modulus, start) = (take(left), take(right), take(modulus), take(columns));
        let (mut columns, mut product) = (start.clone(), vectors.clone());
        Multiplication {
            left: &left,
            right: &right,
            modulus: &modulus,
            start: &start,
            columns: &mut columns,
            product: &mut product,
        }
        .run();
        assert_eq!(product, vectors);
    }
}

/// `octets` as words.
fn words(octets: [u8; 32]) -> [u64; 4] {
    let (words, _) = octets.as_chunks::<8>();
    [words[0], words[1], words[2], words[3]].map(u64::from_le_bytes)
}

#[test]
fn agrees_as_the_other_implementation_does() {
    let mut rng = StdRng::seed_from_u64(2);
    // 0, 1, the points of order 8, p - 1, p, p + 1 and the largest there is; with the highest bit, which does not count.
    let p = |last: u8| -> [u8; 32] { [[last].as_slice(), &[0xFF; 30], &[0x7F]].concat().try_into().unwrap() };
    let small = |first: u8| -> [u8; 32] { [[first].as_slice(), &[0; 31]].concat().try_into().unwrap() };
    let order_8 = [
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    ]
    .map(|hex| std::array::from_fn(|place| u8::from_str_radix(&hex[2 * place..2 * place + 2], 16).unwrap()));
    let mut points: Vec<[u8; 32]> = [0, 1, 2, 9].map(small).to_vec();
    points.extend([0xEB, 0xEC, 0xED, 0xEE, 0xEF, 0xFF].map(p));
    points.extend(order_8);
    points.extend((0..500).map(|_| rng.r#gen::<[u8; 32]>()));
    let scalars = [[0; 32], [0xFF; 32], rng.r#gen()];
    for (place, point) in points.iter().enumerate() {
        for scalar in scalars.into_iter().chain([rng.r#gen()]).skip(if place < 20 { 0 } else { 3 }) {
            for top in [0, 0x80] {
                let mut point = *point;
                point[31] ^= top;
                let wanted = x25519_dalek::x25519(scalar, point);
                assert_eq!(x25519(words(scalar), words(point)), words(wanted), "{scalar:?} {point:?}");
            }
        }
    }
}
