//! Paper shares of a recovery code: any `threshold` of them give it back, fewer tell nothing about it.
//!
//! Shamir's scheme over GF(256) with the polynomial of AES, octet by octet: the code is the value at 0, the shares are the
//! values at 1 to 16 of a polynomial whose other coefficients are random. Plain, without the digest that SLIP-39 adds: that
//! would let one who lacks a single share test guesses. Who joins wrong shares is told by the number of the set, by shares
//! beyond the threshold, and by the backup, which does not open. The arithmetic is that of SLIP-39 and tested with its
//! vectors; it takes the same time for all values.
//!
//! A share is printed as nine groups of `paper`: number of the set (20 bits), threshold, number of the share, how many
//! there are (5 bits each), and the value (18 octets).

use rand::{CryptoRng, Rng};
use zeroize::Zeroizing;

use super::paper::{self, Fault};
use super::recovery_code::OCTETS;
use super::{KeystoreError, RecoveryCode};

/// Most shares of one code.
pub const MAX_SHARES: u8 = 16;
const GROUPS: usize = 9;
/// Symbols of the number of the set; then threshold, number and count with one symbol each, then the value.
const SET: usize = 4;
const VALUE: usize = GROUPS * paper::DATA - SET - 3;
type Value = Zeroizing<[u8; OCTETS]>;

/// One share. Wiped when dropped; no `Debug`.
#[derive(Clone)]
struct Share {
    set: [u8; SET],
    threshold: u8,
    number: u8,
    count: u8,
    value: Value,
}

/// Splits a code in `count` shares as they are printed, of which any `threshold` join.
pub fn split<R: CryptoRng + Rng>(
    code: &RecoveryCode,
    count: u8,
    threshold: u8,
    rng: &mut R,
) -> Result<Vec<Zeroizing<String>>, KeystoreError> {
    if threshold < 2 || threshold > count || count > MAX_SHARES {
        return Err(KeystoreError::BadShareCount);
    }
    let mut set = [0; SET];
    rng.fill_bytes(&mut set);
    set.iter_mut().for_each(|symbol| *symbol &= 31);
    // The coefficients from the highest down to the code itself.
    let mut coefficients: Vec<Value> = Vec::with_capacity(threshold.into());
    for _ in 1..threshold {
        let mut random = Value::default();
        rng.fill_bytes(random.as_mut_slice());
        coefficients.push(random);
    }
    coefficients.push(code.octets());
    Ok((1..=count)
        .map(|number| {
            let mut value = Value::default();
            for coefficient in &coefficients {
                for (sum, next) in value.iter_mut().zip(coefficient.iter()) {
                    *sum = multiply(*sum, number) ^ next;
                }
            }
            Share { set, threshold, number, count, value }.print()
        })
        .collect())
}

/// Joins shares as they were typed. The same share twice counts once.
pub fn join<T: AsRef<str>>(typed: &[T]) -> Result<RecoveryCode, KeystoreError> {
    let mut shares: Vec<Share> = Vec::with_capacity(typed.len());
    for (at, text) in (1..).zip(typed) {
        let share = Share::read(text.as_ref(), at)?;
        match shares.iter().find(|known| known.number == share.number) {
            Some(known) if known.is_same(&share) => {}
            Some(_) => return Err(KeystoreError::SharesMixed),
            None => shares.push(share),
        }
    }
    let Some(first) = shares.first() else { return Err(KeystoreError::SharesMissing { needed: 2, given: 0 }) };
    if !shares.iter().all(|share| share.is_of_one_set(first)) {
        return Err(KeystoreError::SharesMixed);
    }
    let needed = usize::from(first.threshold);
    let Some((enough, more)) = shares.split_at_checked(needed) else {
        return Err(KeystoreError::SharesMissing { needed, given: shares.len() });
    };
    let points: Vec<(u8, &[u8])> = enough.iter().map(|share| (share.number, share.value.as_slice())).collect();
    let fits = |share: &Share| *interpolate::<OCTETS>(&points, share.number) == *share.value;
    let code = more.iter().all(fits).then(|| RecoveryCode::from_octets(&interpolate(&points, 0))).flatten();
    code.ok_or(KeystoreError::SharesMixed)
}

impl Share {
    fn print(&self) -> Zeroizing<String> {
        let mut symbols = Zeroizing::new(Vec::with_capacity(GROUPS * paper::DATA));
        symbols.extend_from_slice(&self.set);
        symbols.extend_from_slice(&[self.threshold, self.number, self.count]);
        symbols.extend_from_slice(&paper::symbols_of(self.value.as_slice(), VALUE));
        paper::print(&symbols)
    }

    fn read(typed: &str, at: usize) -> Result<Share, KeystoreError> {
        let symbols = paper::read(typed, GROUPS).map_err(|fault| match fault {
            Fault::Length(found) => KeystoreError::ShareLength { share: at, found, wanted: GROUPS },
            Fault::Group(group) => KeystoreError::ShareMistyped { share: at, group },
        })?;
        // Every group was checked, so what does not fit here was never a share.
        let share = || {
            let (set, rest) = symbols.split_first_chunk::<SET>()?;
            let (&[threshold, number, count], value) = rest.split_first_chunk::<3>()?;
            let sound = threshold >= 2 && threshold <= count && (1..=count).contains(&number) && count <= MAX_SHARES;
            sound.then_some(Share { set: *set, threshold, number, count, value: paper::octets_of(value)? })
        };
        share().ok_or(KeystoreError::SharesMixed)
    }

    fn is_of_one_set(&self, other: &Share) -> bool {
        (self.set, self.threshold, self.count) == (other.set, other.threshold, other.count)
    }

    fn is_same(&self, other: &Share) -> bool {
        self.is_of_one_set(other) && self.value == other.value
    }
}

/// The value at `at` of the polynomial through these points (Lagrange). The numbers of the points differ.
fn interpolate<const N: usize>(points: &[(u8, &[u8])], at: u8) -> Zeroizing<[u8; N]> {
    let mut sum = Zeroizing::new([0; N]);
    for (number, value) in points {
        let others = points.iter().map(|(other, _)| *other).filter(|other| other != number);
        let weight = others.fold(1, |weight, other| multiply(weight, multiply(at ^ other, inverse(number ^ other))));
        for (sum, octet) in sum.iter_mut().zip(value.iter()) {
            *sum ^= multiply(weight, *octet);
        }
    }
    sum
}

/// In GF(256) modulo x⁸ + x⁴ + x³ + x + 1; masks instead of tables and branches, so that the time tells nothing.
fn multiply(a: u8, b: u8) -> u8 {
    let (mut power, mut product) = (a, 0);
    for bit in 0..8 {
        product ^= power & 0u8.wrapping_sub(b >> bit & 1);
        power = (power << 1) ^ (0x1B & 0u8.wrapping_sub(power >> 7));
    }
    product
}

/// a²⁵⁴, which is 1 / a.
fn inverse(a: u8) -> u8 {
    let mut power = a;
    let mut product = 1;
    for _ in 1..8 {
        power = multiply(power, power);
        product = multiply(product, power);
    }
    product
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    use super::*;

    fn rng() -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(39)
    }

    fn refused(shares: &[&str]) -> KeystoreError {
        join(shares).err().unwrap()
    }

    #[test]
    fn any_three_of_five_join_in_any_order() {
        let mut rng = rng();
        let code = RecoveryCode::generate(&mut rng);
        let shares = split(&code, 5, 3, &mut rng).unwrap();
        assert_eq!(shares[0].split('-').map(str::len).collect::<Vec<_>>(), [5; 9]);
        for a in 0..5 {
            for b in (0..5).filter(|b| *b != a) {
                for c in (0..5).filter(|c| *c != a && *c != b) {
                    assert!(join(&[&*shares[a], &*shares[b], &*shares[c]]).unwrap() == code);
                }
            }
        }
        let lower: Vec<_> = shares.iter().map(|share| share.to_lowercase().replace('-', " ")).collect();
        assert!(join(&lower).unwrap() == code, "all five");
    }

    #[test]
    fn every_pair_of_numbers_splits_and_joins() {
        let mut rng = rng();
        for count in 2..=MAX_SHARES {
            for threshold in 2..=count {
                let code = RecoveryCode::generate(&mut rng);
                let shares = split(&code, count, threshold, &mut rng).unwrap();
                assert!(join(&shares[usize::from(count - threshold)..]).unwrap() == code, "{threshold} of {count}");
            }
        }
        for (count, threshold) in [(1, 1), (3, 1), (2, 3), (17, 2), (0, 0)] {
            let code = RecoveryCode::generate(&mut rng);
            assert_eq!(split(&code, count, threshold, &mut rng).unwrap_err(), KeystoreError::BadShareCount);
        }
    }

    /// What fewer than the threshold hold is equally likely with every code: for two shares of three that are needed, each
    /// possible octet of the code is reached by exactly one third share.
    #[test]
    fn two_of_three_needed_fit_every_code() {
        let mut rng = rng();
        let code = RecoveryCode::generate(&mut rng);
        let shares = split(&code, 3, 3, &mut rng).unwrap();
        let read: Vec<Share> = (1..).zip(&shares).map(|(at, text)| Share::read(text, at).unwrap()).collect();
        let mut reached = std::collections::BTreeSet::new();
        for third in 0..=255u8 {
            let points = [(1, &read[0].value[5..6]), (2, &read[1].value[5..6]), (3, std::slice::from_ref(&third))];
            reached.insert(interpolate::<1>(&points, 0)[0]);
        }
        assert_eq!(reached.len(), 256);
    }

    /// Draws the same octet always.
    struct Constant(u8);

    impl rand::RngCore for Constant {
        fn next_u32(&mut self) -> u32 {
            u32::from_ne_bytes([self.0; 4])
        }
        fn next_u64(&mut self) -> u64 {
            u64::from_ne_bytes([self.0; 8])
        }
        fn fill_bytes(&mut self, octets: &mut [u8]) {
            octets.fill(self.0);
        }
        fn try_fill_bytes(&mut self, octets: &mut [u8]) -> Result<(), rand::Error> {
            self.fill_bytes(octets);
            Ok(())
        }
    }

    impl CryptoRng for Constant {}

    /// Any code, split with every coefficient there is, gives every value of a share once.
    #[test]
    fn a_share_alone_is_uniform_whatever_the_code() {
        let mut rng = rng();
        for _ in 0..4 {
            let code = RecoveryCode::generate(&mut rng);
            for number in 0..3 {
                let share = |drawn| Share::read(&split(&code, 3, 2, &mut Constant(drawn)).unwrap()[number], 1).unwrap();
                let values: std::collections::BTreeSet<u8> = (0..=255).map(|drawn| share(drawn).value[5]).collect();
                assert_eq!(values.len(), 256);
            }
        }
    }

    #[test]
    fn too_few_and_foreign_shares_are_told() {
        let mut rng = rng();
        let code = RecoveryCode::generate(&mut rng);
        let (ours, theirs) = (split(&code, 5, 3, &mut rng).unwrap(), split(&code, 5, 3, &mut rng).unwrap());
        assert_eq!(refused(&[&ours[0], &ours[1]]), KeystoreError::SharesMissing { needed: 3, given: 2 });
        assert_eq!(refused(&[&ours[0], &ours[1], &ours[1]]), KeystoreError::SharesMissing { needed: 3, given: 2 });
        assert_eq!(refused(&[&ours[0], &ours[1], &theirs[2]]), KeystoreError::SharesMixed);
        assert_eq!(refused(&[&ours[0], &ours[1], &theirs[1]]), KeystoreError::SharesMixed);
        assert_eq!(refused(&[]), KeystoreError::SharesMissing { needed: 2, given: 0 });
        let mut forged = Share::read(&theirs[3], 1).unwrap();
        forged.set = Share::read(&ours[3], 1).unwrap().set;
        assert_eq!(refused(&[&ours[0], &ours[1], &ours[2], &forged.print()]), KeystoreError::SharesMixed);
    }

    #[test]
    fn a_mistyped_share_is_named_with_its_group() {
        let mut rng = rng();
        let code = RecoveryCode::generate(&mut rng);
        let shares = split(&code, 2, 2, &mut rng).unwrap();
        let mut wrong = shares[1].to_string().into_bytes();
        wrong[20] = if wrong[20] == b'7' { b'8' } else { b'7' };
        let wrong = String::from_utf8(wrong).unwrap();
        assert_eq!(refused(&[&shares[0], &wrong]), KeystoreError::ShareMistyped { share: 2, group: 4 });
        assert_eq!(refused(&[&shares[0], &wrong]).facts(), [("share", 2), ("group", 4)]);
        let missing = refused(&[&shares[0][..48]]);
        assert_eq!(missing, KeystoreError::ShareLength { share: 1, found: 40, wanted: 9 });
        assert_eq!(missing.code(), "share-mistyped");
        assert_eq!(refused(&[&code.text()]).code(), "share-mistyped", "a code is no share");
    }

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    /// The official vectors of SLIP-39 (github.com/trezor/python-shamir-mnemonic, vectors.json), taken out of their words:
    /// vector, shares as (x, value), and the secret, which SLIP-39 places at x = 255.
    #[test]
    fn the_arithmetic_is_that_of_slip_39() {
        type Vector = (u8, &'static [(u8, &'static str)], &'static str);
        let vectors: [Vector; 6] = [
            (
                4,
                &[(2, "08fb14b66e692e25dfe2edf53289ed62"), (0, "06ab48fef4bedc8ce58baeef0a73f76e")],
                "cdc017fddc829e791b1371780be0605a",
            ),
            (
                17,
                &[(0, "44e95c567b0b73d470f78e2cc4f206ee"), (4, "a0c12ed2cc2adeb32ccebec07a3c1b3a")],
                "b9b5af7bb5cb7b70d203e63496a1b47b",
            ),
            (
                17,
                &[
                    (4, "90f25bc998346d039203971999669e96"),
                    (2, "fc119ebfe32da3d688dc1f26c22c7ffc"),
                    (0, "9e6afad0e741c8c1c65b2785a942808a"),
                ],
                "e0a3c2d22270a6497c10d76edc660894",
            ),
            (
                36,
                &[
                    (0, "82a363ed145a49a4e37311253c105846c0afb13b74e5ddda9cc25d7aae49bc89"),
                    (1, "d127f1f9bc12e3856fb3983104783b71480d249d80101568def4a41100177dfb"),
                    (4, "4bde8a604105f3a6c32f2f547131aafea756725a28e80a14d59d8f05c4adcca5"),
                ],
                "09555b11c4d1cc8fc96163c81b110bbbd46c1bcb4c8488632de2dbb5c4bd9299",
            ),
            (
                41,
                &[
                    (7, "3ed2fa64acf769131509ca05437606b1"),
                    (9, "58ccc8f63e2232eb372d91241e61506b"),
                    (0, "0d5f0655e0645fad705c1e128887678f"),
                ],
                "369fea28d93fc048e6173ce2cf366fa6",
            ),
            (
                45,
                &[
                    (2, "daef18f6bfd2792749905e41a402dae0365bc2434e455226096a99f941d203bf"),
                    (0, "b4290e56271e919a44596794aef75071b07536ee113e1529299a08b19190ed81"),
                ],
                "c45ead80f047443382179457805dc18515d76efe43e02f104027fcb245bd229a",
            ),
        ];
        for (vector, shares, secret) in vectors {
            let values: Vec<(u8, Vec<u8>)> = shares.iter().map(|(x, value)| (*x, unhex(value))).collect();
            let points: Vec<(u8, &[u8])> = values.iter().map(|(x, value)| (*x, value.as_slice())).collect();
            let secret = unhex(secret);
            assert_eq!(interpolate::<32>(&points, 255)[..secret.len()], secret, "vector {vector}");
        }
    }

    #[test]
    fn the_field_is_a_field() {
        assert_eq!(multiply(0x57, 0x83), 0xC1, "FIPS 197 §4.2");
        for a in 1..=255 {
            assert_eq!(multiply(a, inverse(a)), 1);
        }
        assert_eq!(inverse(0), 0);
    }
}
