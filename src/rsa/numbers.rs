//! The numbers of a secret key (RFC 9580 §5.5.5.1), once it is known that they belong to its public key.
//!
//! All that rPGP gets to see went through here: it panics where a prime has no inverse modulo the other. It also computes that inverse each time it reads
//! the numbers, writes them, or would say how long they are; in a file it is there, and is looked at.

use num_bigint_dig::ModInverse;
use pgp::{crypto::rsa::SecretKey, types::RsaPublicParams};
use rsa::{BigUint, traits::PublicKeyParts};
use zeroize::Zeroizing;

use crate::error::KeyError;

/// Octets of the longest number, as for rPGP: before anything is computed with it.
const MAX_OCTETS: usize = 2048;

/// Big-endian. Wiped when dropped.
pub(crate) struct Numbers {
    /// d
    pub(crate) exponent: Zeroizing<Vec<u8>>,
    /// p
    pub(crate) first: Zeroizing<Vec<u8>>,
    /// q
    pub(crate) second: Zeroizing<Vec<u8>>,
    /// u, the inverse of p modulo q.
    pub(crate) inverse: Zeroizing<Vec<u8>>,
    /// d modulo p − 1.
    pub(crate) first_exponent: Zeroizing<Vec<u8>>,
    /// d modulo q − 1.
    pub(crate) second_exponent: Zeroizing<Vec<u8>>,
}

impl Numbers {
    /// Reads what stands in a secret key packet. A wrong inverse, which no program minded so far, is computed anew.
    pub(crate) fn read(mut octets: &[u8], public: &RsaPublicParams) -> Result<Self, KeyError> {
        const MALFORMED: KeyError = KeyError::Malformed { reason: "secret numbers of RSA", offset: None };
        let mut next = || mpi(&mut octets).ok_or(MALFORMED);
        let [exponent, first, second, inverse] = [next()?, next()?, next()?, next()?];
        if !octets.is_empty() {
            return Err(MALFORMED);
        }
        Self::belonging_to(public, exponent, [first, second], inverse).ok_or(KeyError::SecretMismatch)
    }

    /// Those of a key that rPGP has, made from numbers that went through here.
    pub(crate) fn of(secret: &SecretKey, public: &RsaPublicParams) -> Result<Self, KeyError> {
        let (exponent, first, second, inverse) = secret.to_bytes();
        let [exponent, first, second, inverse] = [exponent, first, second, inverse].map(Zeroizing::new);
        Self::belonging_to(public, &exponent, [&first, &second], &inverse).ok_or(KeyError::SecretMismatch)
    }

    /// As they stand in a packet.
    pub(crate) fn to_octets(&self) -> Zeroizing<Vec<u8>> {
        let numbers = [&self.exponent, &self.first, &self.second, &self.inverse];
        // Octets that grow leave copies behind, as does rPGP's own `Mpi`.
        let mut octets = Zeroizing::new(Vec::with_capacity(numbers.iter().map(|number| 2 + number.len()).sum()));
        for number in numbers {
            let unused = number.first().map_or(0, |top| top.leading_zeros());
            // No number is longer than `MAX_OCTETS`.
            octets.extend((number.len() as u16 * 8 - unused as u16).to_be_bytes());
            octets.extend_from_slice(number);
        }
        octets
    }

    /// Whether n = p·q, d inverts e modulo p − 1 and q − 1, and p has an inverse modulo q: with a wrong one, a signature would give the primes away.
    fn belonging_to(public: &RsaPublicParams, exponent: &[u8], primes: [&[u8]; 2], inverse: &[u8]) -> Option<Self> {
        let (one, two) = (BigUint::from(1u8), BigUint::from(2u8));
        let (d, [p, q], u) = (number(exponent), primes.map(number), number(inverse));
        if *p <= two || *q <= two || *secret(&*p * &*q) != *public.key.n() {
            return None;
        }
        let reduced = |prime: &BigUint| {
            let less = secret(prime - &one);
            let reduced = secret(&*d % &*less);
            let inverts = *secret(&*secret(&*reduced * public.key.e()) % &*less) == one;
            inverts.then(|| Zeroizing::new(reduced.to_bytes_be()))
        };
        let (first_exponent, second_exponent) = (reduced(&p)?, reduced(&q)?);
        let is_inverse = *u < *q && *secret(&*secret(&*p * &*u) % &*q) == one;
        let inverse = if is_inverse { u } else { secret((&*p).mod_inverse(&*q)?.to_biguint()?) };
        let [exponent, first, second, inverse] = [d, p, q, inverse].map(|number| Zeroizing::new(number.to_bytes_be()));
        Some(Self { exponent, first, second, inverse, first_exponent, second_exponent })
    }
}

fn number(octets: &[u8]) -> Zeroizing<BigUint> {
    secret(BigUint::from_bytes_be(octets))
}

fn secret(number: BigUint) -> Zeroizing<BigUint> {
    Zeroizing::new(number)
}

/// Takes an MPI (RFC 9580 §3.2) off the front.
fn mpi<'o>(octets: &mut &'o [u8]) -> Option<&'o [u8]> {
    let (bits, rest) = octets.split_first_chunk()?;
    let length = usize::from(u16::from_be_bytes(*bits)).div_ceil(8);
    let (number, rest) = rest.split_at_checked(length).filter(|_| length <= MAX_OCTETS)?;
    *octets = rest;
    Some(number)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use pgp::{ser::Serialize, types::Mpi};

    fn mpis(numbers: [&BigUint; 4]) -> Vec<u8> {
        let mut octets = Vec::new();
        for number in numbers {
            Mpi::from_slice(&number.to_bytes_be()).to_writer(&mut octets).unwrap();
        }
        octets
    }

    fn pair(seed: u64) -> (Numbers, RsaPublicParams) {
        let secret = SecretKey::generate(StdRng::seed_from_u64(seed), 1024).unwrap();
        let public = RsaPublicParams::from(&secret);
        (Numbers::of(&secret, &public).unwrap(), public)
    }

    fn code(octets: &[u8], public: &RsaPublicParams) -> &'static str {
        Numbers::read(octets, public).map_or_else(|error| error.code(), |_| "read")
    }

    #[test]
    fn numbers_are_read_if_they_belong_together() {
        let (made, public) = pair(1);
        let octets = made.to_octets();
        let read = Numbers::read(&octets, &public).unwrap();
        assert_eq!((read.to_octets(), &read.first_exponent), (octets.clone(), &made.first_exponent));
        let [d, p, q, u] = [&made.exponent, &made.first, &made.second, &made.inverse].map(|octets| number(octets));
        assert_eq!(mpis([&d, &p, &q, &u]), *octets);

        let (n, one, zero) = (public.key.n(), BigUint::from(1u8), BigUint::from(0u8));
        for (what, wrong) in [
            ("another exponent", [&(&*d + &one), &p, &q, &u]),
            ("primes of another key", [&d, &(&*p + BigUint::from(2u8)), &q, &u]),
            ("one prime", [&d, n, &one, &one]),
            ("no prime", [&d, &zero, &zero, &zero]),
        ] {
            assert_eq!(code(&mpis(wrong), &public), "secret-mismatch", "{what}");
        }
        assert_eq!(code(&octets, &pair(2).1), "secret-mismatch", "another public key");
        let other_exponent = RsaPublicParams { key: rsa::RsaPublicKey::new(n.clone(), 17u8.into()).unwrap() };
        assert_eq!(code(&octets, &other_exponent), "secret-mismatch", "another public exponent");
        for (what, malformed) in [
            ("cut", &octets[..octets.len() - 1]),
            ("longer", &[&octets[..], &[0]].concat()),
            ("none", &[]),
            ("three", &octets[..octets.len() - 66]),
            ("longer than any", &[&[0x40, 1][..], &[0; 2049], &octets[130..]].concat()),
        ] {
            assert_eq!(code(malformed, &public), "malformed", "{what}");
        }
    }

    #[test]
    fn a_wrong_inverse_is_computed_anew() {
        let (made, public) = pair(1);
        let [d, p, q, u] = [&made.exponent, &made.first, &made.second, &made.inverse].map(|octets| number(octets));
        for wrong in [&*u + BigUint::from(1u8), &*u + &*q, BigUint::from(0u8)] {
            let read = Numbers::read(&mpis([&d, &p, &q, &wrong]), &public).unwrap();
            assert_eq!(read.inverse, made.inverse);
        }
        // The primes have changed places, and with them goes another inverse.
        let read = Numbers::read(&mpis([&d, &q, &p, &u]), &public).unwrap();
        assert_eq!(&*number(&read.inverse) * &*q % &*p, BigUint::from(1u8));
    }

    /// Whose "primes" have something in common there is no inverse, and rPGP panics.
    #[test]
    fn primes_that_have_no_inverse() {
        let (one, two) = (BigUint::from(1u8), BigUint::from(2u8));
        let exponent = BigUint::from(65_537u32);
        let (made, _) = pair(1);
        let p = number(&made.first);
        let other = &*p * BigUint::from(7u8);
        for (first, second) in [(&*p, &*p), (&*p, &other), (&other, &*p)] {
            let both = (first - &one) * (second - &one);
            let d = (&exponent).mod_inverse(&both).and_then(|d| d.to_biguint()).unwrap();
            let public = RsaPublicParams { key: rsa::RsaPublicKey::new(first * second, exponent.clone()).unwrap() };
            assert_eq!(code(&mpis([&d, first, second, &two]), &public), "secret-mismatch");
        }
    }
}
