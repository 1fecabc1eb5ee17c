//! RSA as OpenPGP has it (RFC 9580 §12.1): the paddings of PKCS #1 (RFC 8017 §7.2, §9.2) around the numbers of `envelock_rsa`.
//!
//! Not here: which keys are good (`policy`), and asking a platform first (`message`).

mod numbers;

use envelock_rsa::{Components, Secret};
use envelock_seipd::engine::Hash;
use pgp::{
    crypto::hash::HashAlgorithm,
    types::{Mpi, RsaPublicParams},
};
use rand::{CryptoRng, Rng};
use rsa::traits::PublicKeyParts;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

pub(crate) use self::numbers::Numbers;

/// At least so many octets pad a message (RFC 8017 §7.2.1).
const PADDING: u32 = 8;

/// Encrypts (§7.2.1); `None` if the message is too long, or the key is none.
pub(crate) fn encrypt<R: CryptoRng + Rng>(rng: R, key: &RsaPublicParams, plain: &[u8]) -> Option<Mpi> {
    Some(Mpi::from_slice(&public(key, &padded(rng, key, plain)?)?))
}

/// What is encrypted, as long as the modulus.
pub(crate) fn padded<R: CryptoRng + Rng>(
    mut rng: R,
    key: &RsaPublicParams,
    plain: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let length = key.key.size();
    let padding = length.checked_sub(plain.len() + 3).filter(|padding| *padding >= PADDING as usize)?;
    let mut padded = Zeroizing::new(Vec::with_capacity(length));
    padded.extend([0, 2]);
    padded.resize(2 + padding, 0);
    let random = padded.get_mut(2..)?;
    rng.fill_bytes(random);
    for octet in random {
        while *octet == 0 {
            rng.fill_bytes(std::slice::from_mut(octet));
        }
    }
    padded.push(0);
    padded.extend_from_slice(plain);
    Some(padded)
}

/// Whether that is the signature (§8.2.2); `None` for hashes that are left to rPGP.
pub(crate) fn verify(key: &RsaPublicParams, hash: HashAlgorithm, digest: &[u8], signature: &Mpi) -> Option<bool> {
    let wanted = encoded(hash, digest, key.key.size())?;
    Some(public(key, signature.as_ref()).is_some_and(|found| *found == wanted))
}

/// Signs (§8.2.1); `None` for hashes that are left to rPGP, and keys whose numbers do not belong together.
pub(crate) fn sign(secret: &Numbers, key: &RsaPublicParams, hash: HashAlgorithm, digest: &[u8]) -> Option<Mpi> {
    let power = power(secret, key, &encoded(hash, digest, key.key.size())?)?;
    Some(Mpi::from_slice(&power))
}

/// Decrypts (§7.2.2).
pub(crate) fn decrypt(secret: &Numbers, key: &RsaPublicParams, ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    unpadded(&power(secret, key, ciphertext)?)
}

fn public(key: &RsaPublicParams, number: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    envelock_rsa::public(&key.key.n().to_bytes_be(), &key.key.e().to_bytes_be(), number)
}

fn power(secret: &Numbers, key: &RsaPublicParams, number: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let [modulus, public_exponent] = [key.key.n(), key.key.e()].map(|number| number.to_bytes_be());
    let components = Components {
        modulus: &modulus,
        public_exponent: &public_exponent,
        exponent: &secret.exponent,
        first: &secret.first,
        second: &secret.second,
        inverse: &secret.inverse,
    };
    Secret::new(components)?.power(number)
}

/// What is signed (§9.2), as long as the modulus.
pub(crate) fn encoded(hash: HashAlgorithm, digest: &[u8], length: usize) -> Option<Vec<u8>> {
    let info = match hash {
        HashAlgorithm::Sha256 => Hash::Sha256,
        HashAlgorithm::Sha384 => Hash::Sha384,
        HashAlgorithm::Sha512 => Hash::Sha512,
        _ => return None,
    }
    .digest_info(digest)?;
    let padding = length.checked_sub(info.len() + 3).filter(|padding| *padding >= PADDING as usize)?;
    let mut encoded = vec![0xff; length - info.len()];
    encoded.splice(..2, [0, 1]);
    if let Some(end) = encoded.get_mut(padding + 2) {
        *end = 0;
    }
    encoded.extend(info);
    Some(encoded)
}

/// A number as long as the modulus: an MPI drops leading zero octets (RFC 9580 §3.2).
pub(crate) fn whole(number: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut whole = vec![0; length.checked_sub(number.len())?];
    whole.extend_from_slice(number);
    Some(whole)
}

/// Takes the padding off (§7.2.2), looking at every octet alike.
pub(crate) fn unpadded(padded: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (start, rest) = padded.split_first_chunk::<2>()?;
    let mut is_right = start.ct_eq(&[0, 2]);
    let (mut is_padding, mut length) = (Choice::from(1), 0u32);
    for (place, octet) in (0u32..).zip(rest) {
        let is_end = is_padding & octet.ct_eq(&0);
        length.conditional_assign(&place, is_end);
        is_padding &= !is_end;
    }
    is_right &= !is_padding;
    let enough = Choice::from(u8::from(length >= PADDING));
    if !bool::from(is_right & enough) {
        return None;
    }
    rest.get(length as usize + 1..).map(|plain| Zeroizing::new(plain.to_vec()))
}

#[cfg(test)]
mod tests;
