#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use rsa::{
    BigUint, RsaPrivateKey,
    traits::{PrivateKeyParts, PublicKeyParts},
};

use super::*;

/// Multiplies as the module does, by Rust's `mul_add`.
struct InRust;

impl Multiply for InRust {
    fn multiply(&self, multiplication: envelock_fma::Multiplication<'_>) {
        multiplication.run();
    }
}

/// A key's numbers, as OpenPGP has them.
struct Numbers([Vec<u8>; 6]);

impl Numbers {
    fn of(key: &RsaPrivateKey) -> Self {
        // The crate has the inverse of the second prime.
        let [q, p] = [&key.primes()[0], &key.primes()[1]];
        let u = key.crt_coefficient().unwrap();
        Self([key.n(), key.e(), key.d(), p, q, &u].map(BigUint::to_bytes_be))
    }

    fn components(&self) -> Components<'_> {
        let [modulus, public_exponent, exponent, first, second, inverse] = &self.0;
        Components { modulus, public_exponent, exponent, first, second, inverse }
    }

    /// By whole numbers and by doubles.
    fn public(&self, message: &[u8]) -> Option<Vec<u8>> {
        let [n, e, ..] = &self.0;
        let power = public(n, e, message);
        assert_eq!(power, public_by(n, e, message, Some(&InRust)));
        power.map(|power| power.to_vec())
    }

    /// By whole numbers and by doubles.
    fn secret(&self, message: &[u8]) -> Option<Vec<u8>> {
        let secret = Secret::new(self.components())?;
        let power = secret.power(message);
        assert_eq!(power, secret.power_by(message, Some(&InRust)));
        power.map(|power| power.to_vec())
    }
}

fn key(bits: usize, seed: u64) -> RsaPrivateKey {
    RsaPrivateKey::new(&mut ChaCha20Rng::seed_from_u64(seed), bits).unwrap()
}

/// As long as the modulus.
fn padded(number: &BigUint, length: usize) -> Vec<u8> {
    let octets = number.to_bytes_be();
    [vec![0; length - octets.len()], octets].concat()
}

#[test]
fn agrees_with_the_other_implementation() {
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    for (bits, seed) in [(64, 1), (120, 2), (512, 3), (513, 4), (520, 5), (1000, 6), (1024, 7), (2048, 8)] {
        let key = key(bits, seed);
        let (numbers, length) = (Numbers::of(&key), key.size());
        let last = key.n() - 1u8;
        let mut messages = vec![BigUint::from(0u8), BigUint::from(1u8), BigUint::from(2u8), last];
        messages.extend((0..20).map(|_| {
            let mut octets = vec![0; length];
            rng.fill_bytes(&mut octets);
            BigUint::from_bytes_be(&octets) % key.n()
        }));
        for message in messages {
            let octets = padded(&message, length);
            let wanted = padded(&message.modpow(key.e(), key.n()), length);
            assert_eq!(numbers.public(&octets).unwrap(), wanted, "{bits} bits, public");
            assert_eq!(numbers.secret(&wanted).unwrap(), octets, "{bits} bits, there and back");
            let wanted = padded(&message.modpow(key.d(), key.n()), length);
            assert_eq!(numbers.secret(&octets).unwrap(), wanted, "{bits} bits, secret");
        }
    }
}

/// The first prime may be shorter than the second, or much longer.
#[test]
fn primes_of_any_length() {
    for (first, second) in [(200usize, 60usize), (60, 200), (256, 255)] {
        let mut rng = ChaCha20Rng::seed_from_u64(first as u64);
        let mut prime = |bits| {
            // A key of twice the size has primes of this one.
            RsaPrivateKey::new(&mut rng, 2 * bits).unwrap().primes()[0].clone()
        };
        let key = RsaPrivateKey::from_p_q(prime(first), prime(second), BigUint::from(65537u32)).unwrap();
        let numbers = Numbers::of(&key);
        let message = padded(&(key.n() / 3u8), key.size());
        assert_eq!(numbers.secret(&numbers.public(&message).unwrap()).unwrap(), message);
    }
}

#[test]
fn other_exponents() {
    let mut rng = ChaCha20Rng::seed_from_u64(9);
    for exponent in [3u32, 17, 65539, 0xffff_fffb] {
        let Ok(key) = RsaPrivateKey::new_with_exp(&mut rng, 512, &BigUint::from(exponent)) else { continue };
        let numbers = Numbers::of(&key);
        let message = padded(&(key.n() / 3u8), key.size());
        let wanted = padded(&(key.n() / 3u8).modpow(key.e(), key.n()), key.size());
        assert_eq!(numbers.public(&message).unwrap(), wanted);
        assert_eq!(numbers.secret(&wanted).unwrap(), message);
    }
}

/// All digits at their largest: nothing overflows (the tests check for it).
#[test]
fn the_longest_modulus() {
    let modulus = vec![0xff; MAX_OCTETS];
    let (number, three) = (BigUint::from_bytes_be(&modulus), BigUint::from(3u8));
    let message = &number - 2u8;
    let wanted = padded(&message.modpow(&three, &number), MAX_OCTETS);
    assert_eq!(public(&modulus, &[3], &message.to_bytes_be()).unwrap().to_vec(), wanted);
    assert_eq!(public_by(&modulus, &[3], &message.to_bytes_be(), Some(&InRust)).unwrap().to_vec(), wanted);
    assert!(public(&[&[1], &modulus[..]].concat(), &[3], &[2]).is_none(), "one more");
}

#[test]
fn what_is_no_key_or_no_message_is_refused() {
    let numbers = Numbers::of(&key(512, 10));
    let [n, e, ..] = &numbers.0;
    assert!(numbers.public(n).is_none() && numbers.secret(n).is_none(), "the modulus is not below itself");
    assert!(numbers.public(&[&[0; 9], &[5u8][..]].concat()).is_some(), "leading zeros");
    assert!(numbers.public(&[&[1], &n[..]].concat()).is_none() && numbers.secret(&[&[1], &n[..]].concat()).is_none());
    for modulus in [&[][..], &[0], &[1], &[0, 1], &[2], &[n, &[4][..]].concat()] {
        assert!(public(modulus, e, &[1]).is_none(), "{modulus:?}");
    }
}

/// A number of a key that was changed: the result would give the primes away.
#[test]
fn a_damaged_key_gives_nothing() {
    for damaged in 1..6 {
        let mut numbers = Numbers::of(&key(512, 11));
        let message = vec![5; 63];
        assert!(numbers.secret(&message).is_some());
        *numbers.0[damaged].last_mut().unwrap() ^= 2;
        assert_eq!(numbers.secret(&message), None, "{damaged}");
    }
}
