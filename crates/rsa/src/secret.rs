//! RSADP with the primes (RFC 8017 §5.1.2, 2b), blinded.

use envelock_fma::Engine;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::fused::{Field, Multiply};
use crate::modulus::Modulus;
use crate::number::{BITS, Number};
use crate::trimmed;

/// The numbers of a secret key as OpenPGP has them (RFC 9580 §5.5.5.1), big-endian.
#[derive(Clone, Copy)]
pub struct Components<'a> {
    /// n
    pub modulus: &'a [u8],
    /// e
    pub public_exponent: &'a [u8],
    /// d
    pub exponent: &'a [u8],
    /// p
    pub first: &'a [u8],
    /// q
    pub second: &'a [u8],
    /// u, the inverse of p modulo q.
    pub inverse: &'a [u8],
}

/// A secret key. Wiped when dropped.
pub struct Secret<'a> {
    components: Components<'a>,
    modulus: Modulus,
    first: Prime,
    second: Prime,
    length: usize,
}

/// A prime, and d modulo one less.
struct Prime {
    modulus: Modulus,
    exponent: Zeroizing<Vec<u8>>,
}

/// How many factors a blind has, of 32 bits each.
const FACTORS: usize = 4;

impl<'a> Secret<'a> {
    /// Takes the numbers; whether they belong together, [`power`](Self::power) finds out. `None` if they cannot.
    pub fn new(components: Components<'a>) -> Option<Self> {
        let prime = |octets: &[u8]| {
            let modulus = Modulus::new(octets)?;
            let exponent = reduced(components.exponent, octets)?;
            Some(Prime { modulus, exponent })
        };
        let (first, second) = (prime(components.first)?, prime(components.second)?);
        let modulus = Modulus::new(components.modulus)?;
        Some(Self { components, modulus, first, second, length: trimmed(components.modulus).len() })
    }

    /// `number` to the power of d: below the modulus, as long as that in octets. `None` if the number is not below the modulus, or
    /// the key's numbers do not belong together.
    pub fn power(&self, number: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.power_by(number, Engine::find().as_ref())
    }

    /// The same, by an engine if there is one.
    pub(crate) fn power_by<M: Multiply>(&self, number: &[u8], engine: Option<&M>) -> Option<Zeroizing<Vec<u8>>> {
        let n = &self.modulus;
        let number = Number::from_octets(number, n.digits())?;
        if !number.is_below(n.number()) {
            return None;
        }
        let (blind, unblind) = self.blind(&number)?;
        let moduli = [n.number()];
        let mut field = engine.map(|engine| Field::new(engine, &moduli));
        let mut raised = |number: Number| match &mut field {
            Some(field) => field.public_power(&[number], self.public_exponent()).pop(),
            None => Some(n.leave(&n.public_power(&n.enter(&number), self.public_exponent()))),
        };
        let blinded = n.leave(&n.multiply(&n.enter(&number), &n.enter(&raised(n.leave(&blind))?)));

        let primes = [&self.first, &self.second];
        let parts = primes.map(|prime| prime.modulus.leave(&prime.modulus.enter_long(&blinded)));
        let exponents = primes.map(|prime| prime.exponent.as_slice());
        let powers = match engine {
            Some(engine) => {
                Field::new(engine, &primes.map(|prime| prime.modulus.number())).secret_powers(&parts, exponents)
            }
            None => {
                let power = |((prime, part), exponent): ((&Prime, &Number), &[u8])| {
                    let p = &prime.modulus;
                    p.leave(&p.secret_power(&p.enter(part), exponent))
                };
                primes.into_iter().zip(&parts).zip(exponents).map(power).collect()
            }
        };
        let [first, second] = powers.try_into().ok()?;
        // Garner: what is right modulo p, and as many p more as make it right modulo q.
        let q = &self.second.modulus;
        let inverse = q.enter(&Number::from_octets(self.components.inverse, q.digits())?);
        let steps = q.leave(&q.multiply(&q.subtract(&q.enter(&second), &q.enter_long(&first)), &inverse));
        let power = first.plus_product(&steps, self.first.modulus.number(), n.digits());

        // A fault in one of the halves would give the primes away.
        if raised(power.clone())?.digits() != blinded.digits() {
            return None;
        }
        Some(n.leave(&n.multiply(&n.enter(&power), &unblind)).to_octets(self.length))
    }

    fn public_exponent(&self) -> &[u8] {
        trimmed(self.components.public_exponent)
    }

    /// A number that nobody without the key can know, and its inverse, both inside the modulus: so nobody can choose what is raised
    /// to the power. It comes from key and number, as implicit rejection has it, not from a random source, which a caller would
    /// have to bring. Factors of 32 bits have inverses that cost a division each.
    fn blind(&self, number: &Number) -> Option<(Number, Number)> {
        let n = &self.modulus;
        let seed = Sha256::new_with_prefix(b"envelock RSA blinding")
            .chain_update(self.components.exponent)
            .chain_update(&*number.to_octets(self.length));
        let seed = Zeroizing::new(<[u8; 32]>::from(seed.finalize()));
        let (mut blind, mut unblind) = (None::<Number>, None::<Number>);
        let (factors, _) = seed.as_chunks::<4>();
        for factor in factors.iter().take(FACTORS) {
            // Odd, and not small.
            let factor = u32::from_be_bytes(*factor) | 0x8000_0001;
            let inverse = n.enter(&inverse_of(factor, n.number())?);
            let factor = n.enter(&Number::from_octets(&factor.to_be_bytes(), n.digits())?);
            blind = Some(blind.map_or_else(|| factor.clone(), |blind| n.multiply(&blind, &factor)));
            unblind = Some(unblind.map_or_else(|| inverse.clone(), |unblind| n.multiply(&unblind, &inverse)));
        }
        blind.zip(unblind)
    }
}

/// The inverse of `factor` modulo `modulus`: (1 + modulus · y) / factor, where y is the inverse of −modulus modulo the factor.
fn inverse_of(factor: u32, modulus: &Number) -> Option<Number> {
    let factor = u64::from(factor);
    let remainder = modulus.digits().iter().rev().fold(0, |rest, digit| ((rest << BITS) | u64::from(*digit)) % factor);
    // Euclid, extended.
    let (mut older, mut newer) = (factor as i64, (factor - remainder) as i64);
    let (mut older_share, mut newer_share) = (0i64, 1i64);
    while newer != 0 {
        let quotient = older / newer;
        (older, newer) = (newer, older - quotient * newer);
        (older_share, newer_share) = (newer_share, older_share - quotient * newer_share);
    }
    if older != 1 {
        return None;
    }
    let multiplier = older_share.rem_euclid(factor as i64) as u64;
    let mut dividend = Zeroizing::new(Vec::with_capacity(modulus.digits().len() + 2));
    let mut carry = 1;
    for digit in modulus.digits() {
        carry += u64::from(*digit) * multiplier;
        dividend.push(carry & u64::from(crate::number::MASK));
        carry >>= BITS;
    }
    dividend.push(carry);
    let mut inverse = Number::zero(modulus.digits().len());
    let mut rest = 0;
    for (place, digit) in dividend.iter().enumerate().rev() {
        rest = (rest << BITS) | digit;
        if let Some(target) = inverse.digits_mut().get_mut(place) {
            *target = (rest / factor) as u32;
        }
        rest %= factor;
    }
    Some(inverse)
}

/// `number` modulo `prime - 1`, as long as the prime: bit for bit.
fn reduced(number: &[u8], prime: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let prime = trimmed(prime);
    let digits = (prime.len() * 8 + 1).div_ceil(BITS as usize);
    let mut modulus = Number::from_octets(prime, digits)?;
    // It is odd.
    *modulus.digits_mut().first_mut()? ^= 1;
    // An octet less than the prime has is below it.
    let (below, octets) = number.split_at(number.len().min(prime.len().checked_sub(1)?));
    let (mut rest, mut less) = (Number::from_octets(below, digits)?, Number::zero(digits));
    for octet in octets {
        for bit in (0..8).rev() {
            rest.double(u32::from(octet >> bit & 1));
            less.digits_mut().copy_from_slice(rest.digits());
            let larger = less.subtract(&modulus);
            rest.assign(&less, !larger);
        }
    }
    Some(rest.to_octets(prime.len()))
}
