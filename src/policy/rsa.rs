//! RSA keys that are too short, or made wrong: any signature or message under them proves or hides nothing.

use pgp::types::RsaPublicParams;
use rsa::traits::PublicKeyParts;

use super::Weakness;

/// Judges modulus and exponent; `least` is the shortest modulus, in bits.
pub(super) fn check(rsa: &RsaPublicParams, least: usize) -> Result<(), Weakness> {
    let (modulus, exponent) = numbers(rsa);
    check_numbers(&modulus, &exponent, least)
}

/// As [`check`], for what rPGP reads and what it refuses by itself.
fn check_numbers(modulus: &[u8], exponent: &[u8], least: usize) -> Result<(), Weakness> {
    let is_even = |octets: &[u8]| octets.last().is_none_or(|last| last & 1 == 0);
    if bits(modulus) < least {
        Err(Weakness::Weak("RSA shorter than 2048 bits"))
    } else if is_even(modulus) {
        Err(Weakness::Weak("RSA with an even modulus"))
    } else if is_even(exponent) || matches!(exponent, [1 | 3]) {
        // With 1 the message is its own ciphertext; 3 is what low-exponent attacks and forgeries against lax padding need
        // (Boneh 1999 §4; Bleichenbacher 2006). GnuPG of old made keys with 41, PGP with 17.
        Err(Weakness::Weak("RSA with a small or even exponent"))
    } else if is_roca(modulus) {
        Err(Weakness::Weak("RSA of a faulty generator (ROCA)"))
    } else {
        Ok(())
    }
}

/// The length of the modulus, in bits, without leading zeros, so that it cannot be inflated.
pub(crate) fn size(rsa: &RsaPublicParams) -> usize {
    bits(&numbers(rsa).0)
}

fn bits(octets: &[u8]) -> usize {
    octets.first().map_or(0, |top| octets.len() * 8 - top.leading_zeros() as usize)
}

/// Modulus and exponent, big-endian.
fn numbers(rsa: &RsaPublicParams) -> (Vec<u8>, Vec<u8>) {
    (rsa.key.n().to_bytes_be(), rsa.key.e().to_bytes_be())
}

/// Up to 167 without those modulo which every number that they do not divide is such a power. First those modulo which fewest are: they
/// clear a key soonest.
const PRIMES: [u32; 17] = [97, 37, 79, 11, 61, 73, 127, 151, 13, 17, 19, 53, 71, 103, 107, 109, 157];

/// CVE-2017-15361: primes of Infineon's library are k·M + 65537^a mod M, M a product of small primes, so that the modulus is
/// a power of 65537 modulo each of them (Nemec et al. 2017, §2.2). By chance that is so for one key in 2^27.
fn is_roca(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|prime| {
        // Three octets at a time: primes have eight bits.
        let residue = modulus
            .rchunks(3)
            .rev()
            .fold(0, |residue, octets| octets.iter().fold(residue, |sum, octet| sum << 8 | u32::from(*octet)) % prime);
        let mut power = 1;
        (0..*prime).any(|_| {
            let hit = power == residue;
            power = power * (65_537 % prime) % prime;
            hit
        })
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use super::*;

    fn params(modulus: &[u8], exponent: &[u8]) -> Option<RsaPublicParams> {
        let mpi = |octets: &[u8]| [&(bits(octets) as u16).to_be_bytes()[..], octets].concat();
        RsaPublicParams::try_from_reader(&[mpi(modulus), mpi(exponent)].concat()[..]).ok()
    }

    /// A power of 65537, the purest of what the faulty generator made.
    fn faulty(exponent: usize) -> Vec<u8> {
        let mut number = vec![1u8];
        for _ in 0..exponent {
            let mut shifted = number.clone();
            shifted.extend([0, 0]);
            let mut carry = 0u16;
            for place in 0..shifted.len() {
                let from_end = shifted.len() - 1 - place;
                let added = number.len().checked_sub(place + 1).map_or(0, |index| u16::from(number[index]));
                carry += u16::from(shifted[from_end]) + added;
                shifted[from_end] = carry as u8;
                carry >>= 8;
            }
            number = shifted;
        }
        number
    }

    #[test]
    fn moduli_and_exponents() {
        let said = |modulus: &[u8], exponent: &[u8]| {
            let said = check_numbers(modulus, exponent, 2048).map_err(|weakness| weakness.algorithm());
            if let Some(read) = params(modulus, exponent) {
                assert_eq!(check(&read, 2048).map_err(|weakness| weakness.algorithm()), said);
            }
            said
        };
        let mut sound = vec![0xc5; 256];
        sound[255] = 0x0d;
        for exponent in [&[1, 0, 1][..], &[17], &[41]] {
            assert_eq!(said(&sound, exponent), Ok(()), "{exponent:?}");
            assert!(params(&sound, exponent).is_some());
        }
        for exponent in [&[3][..], &[1], &[1, 0, 0], &[]] {
            assert_eq!(said(&sound, exponent), Err("RSA with a small or even exponent"), "{exponent:?}");
        }
        assert_eq!(said(&sound[1..], &[1, 0, 1]), Err("RSA shorter than 2048 bits"));
        let mut even = sound.clone();
        even[255] = 0x0e;
        assert_eq!(said(&even, &[1, 0, 1]), Err("RSA with an even modulus"));
        for exponent in 128..131 {
            assert_eq!(said(&faulty(exponent), &[1, 0, 1]), Err("RSA of a faulty generator (ROCA)"), "{exponent}");
        }
    }

    /// The list is complete, and each prime in it clears keys: of those up to 167 no other does.
    #[test]
    fn primes_modulo_which_not_every_number_is_a_power_of_65537() {
        let is_prime = |number: &u32| (2..*number).all(|divisor| !number.is_multiple_of(divisor));
        let powers = |prime: u32| {
            std::iter::successors(Some(1), move |power| Some(power * (65_537 % prime) % prime)).take(prime as usize)
        };
        let count = |prime: u32| powers(prime).collect::<std::collections::BTreeSet<u32>>().len() as u32;
        let mut listed = PRIMES.to_vec();
        listed.sort_unstable();
        let wanted: Vec<u32> = (3..=167).filter(is_prime).filter(|prime| count(*prime) < prime - 1).collect();
        assert_eq!(listed, wanted);
        assert!(PRIMES.is_sorted_by_key(|prime| u64::from(count(*prime)) * 1_000_000 / u64::from(prime - 1)));
    }
}
