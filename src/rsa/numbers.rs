//! The numbers of a secret key (RFC 9580 §5.5.5.1), once it is known that they belong to its public key.
//!
//! rPGP computes an inverse modulo a prime each time it reads them, writes them, or would say how long they are. In a file it is there, and is
//! looked at.

use pgp::{
    crypto::rsa::SecretKey,
    ser::Serialize,
    types::{Mpi, RsaPublicParams},
};
use rsa::{BigUint, traits::PublicKeyParts};
use zeroize::Zeroizing;

type Octets = Zeroizing<Vec<u8>>;

/// Big-endian. Wiped when dropped.
pub(crate) struct Numbers {
    /// d
    pub(crate) exponent: Octets,
    /// p
    pub(crate) first: Octets,
    /// q
    pub(crate) second: Octets,
    /// u, the inverse of p modulo q.
    pub(crate) inverse: Octets,
    /// d modulo p − 1.
    pub(crate) first_exponent: Octets,
    /// d modulo q − 1.
    pub(crate) second_exponent: Octets,
}

impl Numbers {
    /// Reads what stands in a secret key packet. `None` if that is malformed, or does not belong to the public key.
    pub(crate) fn read(mut octets: &[u8], public: &RsaPublicParams) -> Option<Self> {
        let mut next = || mpi(&mut octets).map(|number| Zeroizing::new(number.to_vec()));
        let (exponent, first, second, inverse) = (next()?, next()?, next()?, next()?);
        let numbers = Self::new(exponent, first, second, inverse)?;
        (octets.is_empty() && numbers.belong_to(public)).then_some(numbers)
    }

    /// Those of a key that rPGP has read, and with that compared.
    pub(crate) fn of(secret: &SecretKey) -> Option<Self> {
        let (exponent, first, second, inverse) = secret.to_bytes();
        let [exponent, first, second, inverse] = [exponent, first, second, inverse].map(Zeroizing::new);
        Self::new(exponent, first, second, inverse)
    }

    /// As they stand in a packet.
    pub(crate) fn to_octets(&self) -> Octets {
        let numbers = [&self.exponent, &self.first, &self.second, &self.inverse];
        let length: usize = numbers.iter().map(|number| 2 + number.len()).sum();
        // Octets that grow leave copies behind.
        let mut octets = Zeroizing::new(Vec::with_capacity(length));
        for number in numbers {
            // Writing to a Vec does not fail.
            let _ = Mpi::from_slice(number).to_writer(&mut *octets);
        }
        octets
    }

    fn new(exponent: Octets, first: Octets, second: Octets, inverse: Octets) -> Option<Self> {
        let (d, p, q) = (number(&exponent), number(&first), number(&second));
        let reduced = |prime: &BigUint| {
            let less = Zeroizing::new(prime - BigUint::from(1u8));
            Zeroizing::new((&*d % &*less).to_bytes_be())
        };
        let two = BigUint::from(2u8);
        if *p <= two || *q <= two {
            return None;
        }
        let (first_exponent, second_exponent) = (reduced(&p), reduced(&q));
        Some(Self { exponent, first, second, inverse, first_exponent, second_exponent })
    }

    /// Whether n = p·q, d inverts e modulo p − 1 and q − 1, and u inverts p modulo q: with a wrong u, a signature would give the primes away.
    fn belong_to(&self, public: &RsaPublicParams) -> bool {
        let one = BigUint::from(1u8);
        let (p, q, u) = (number(&self.first), number(&self.second), number(&self.inverse));
        let inverts = |exponent: &[u8], prime: &BigUint| {
            let less = Zeroizing::new(prime - &one);
            let product = Zeroizing::new(&*number(exponent) * public.key.e());
            *Zeroizing::new(&*product % &*less) == one
        };
        *Zeroizing::new(&*p * &*q) == *public.key.n()
            && inverts(&self.first_exponent, &p)
            && inverts(&self.second_exponent, &q)
            && *u < *q
            && *Zeroizing::new(&*Zeroizing::new(&*p * &*u) % &*q) == one
    }
}

fn number(octets: &[u8]) -> Zeroizing<BigUint> {
    Zeroizing::new(BigUint::from_bytes_be(octets))
}

/// Takes an MPI (RFC 9580 §3.2) off the front, without leading zeros.
fn mpi<'o>(octets: &mut &'o [u8]) -> Option<&'o [u8]> {
    let (bits, rest) = octets.split_first_chunk()?;
    let (number, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*bits)).div_ceil(8))?;
    *octets = rest;
    let zeros = number.iter().take_while(|octet| **octet == 0).count();
    number.get(zeros..)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;

    fn mpis(numbers: [&BigUint; 4]) -> Vec<u8> {
        let mut octets = Vec::new();
        for number in numbers {
            Mpi::from_slice(&number.to_bytes_be()).to_writer(&mut octets).unwrap();
        }
        octets
    }

    #[test]
    fn numbers_are_read_if_they_belong_together() {
        let secret = SecretKey::generate(StdRng::seed_from_u64(1), 1024).unwrap();
        let public = RsaPublicParams::from(&secret);
        let of = Numbers::of(&secret).unwrap();
        let octets = of.to_octets();
        let read = Numbers::read(&octets, &public).unwrap();
        assert_eq!(read.to_octets(), octets);
        assert_eq!(read.first_exponent, of.first_exponent);
        let [d, p, q, u] = [&of.exponent, &of.first, &of.second, &of.inverse].map(|octets| number(octets));
        assert_eq!(mpis([&d, &p, &q, &u]), *octets);

        let (n, one, zero) = (public.key.n(), BigUint::from(1u8), BigUint::from(0u8));
        for (what, wrong) in [
            ("another exponent", [&(&*d + &one), &p, &q, &u]),
            ("primes that changed places", [&d, &q, &p, &u]),
            ("another inverse", [&d, &p, &q, &(&*u + &one)]),
            ("an inverse that is not the least", [&d, &p, &q, &(&*u + &*q)]),
            ("no inverse", [&d, &p, &q, &zero]),
            ("primes of another key", [&d, &(&*p + BigUint::from(2u8)), &q, &u]),
            ("one prime", [&d, n, &one, &one]),
            ("no prime", [&d, &zero, &zero, &zero]),
        ] {
            assert!(Numbers::read(&mpis(wrong), &public).is_none(), "{what}");
        }
        let other = RsaPublicParams::from(&SecretKey::generate(StdRng::seed_from_u64(2), 1024).unwrap());
        assert!(Numbers::read(&octets, &other).is_none(), "another public key");
        assert!(Numbers::read(&octets[..octets.len() - 1], &public).is_none(), "cut");
        assert!(Numbers::read(&[&octets[..], &[0]].concat(), &public).is_none(), "longer");
        assert!(Numbers::read(&[], &public).is_none());
    }
}
