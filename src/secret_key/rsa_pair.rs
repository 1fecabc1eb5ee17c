//! RSA key pairs that were drawn elsewhere: the platform finds the primes many times faster than this code does in wasm.

use pgp::{
    bytes::Buf,
    crypto::public_key::PublicKeyAlgorithm,
    types::{KeyVersion, PlainSecretParams, PublicParams},
};
use rsa::{pkcs1, pkcs8, traits::PublicKeyParts};
use zeroize::Zeroizing;

use super::algorithm::Algorithm;
use crate::error::KeyError;

/// An RSA key pair, to make a key of ([`generate_with_rsa`](super::generate_with_rsa)). Wiped when dropped; `Debug` shows
/// its size only.
pub struct RsaKeyPair {
    secret: PlainSecretParams,
    bits: usize,
}

impl std::fmt::Debug for RsaKeyPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RsaKeyPair({} bits)", self.bits)
    }
}

impl RsaKeyPair {
    /// Reads PKCS #8 in DER (RFC 5958 §2, RFC 8017 §A.1.2), as WebCrypto exports it. Whether the numbers belong together is
    /// checked, whether the primes are such is not: whoever draws them answers for that.
    ///
    /// # Errors
    /// [`KeyError::BadOptions`] for anything else.
    pub fn from_pkcs8(octets: &[u8]) -> Result<Self, KeyError> {
        let refused = KeyError::BadOptions { reason: "not an RSA key in PKCS #8" };
        read(octets).ok_or(refused)
    }

    /// The secret part, if the modulus has `bits` bits, which have to be enough.
    pub(super) fn of_size(self, bits: u32) -> Result<PlainSecretParams, KeyError> {
        Algorithm::rsa(bits)?;
        if self.bits == bits as usize {
            Ok(self.secret)
        } else {
            Err(KeyError::BadOptions { reason: "the RSA key pair is of another size" })
        }
    }
}

fn read(octets: &[u8]) -> Option<RsaKeyPair> {
    let info = pkcs8::PrivateKeyInfo::try_from(octets).ok()?;
    info.algorithm.assert_algorithm_oid(pkcs1::ALGORITHM_OID).ok()?;
    let numbers = pkcs1::RsaPrivateKey::try_from(info.private_key).ok()?;
    let public = mpis(&[numbers.modulus, numbers.public_exponent])?;
    let algorithm = PublicKeyAlgorithm::RSA;
    let public = PublicParams::try_from_reader(algorithm, None, &mut &public[..]).ok()?;
    // PKCS #1 has the inverse of the second prime modulo the first, OpenPGP that of the first modulo the second
    // (RFC 9580 §5.5.5.1): the primes change places.
    let secret = mpis(&[numbers.private_exponent, numbers.prime2, numbers.prime1, numbers.coefficient])?;
    let secret =
        PlainSecretParams::try_from_reader_no_checksum(secret[..].reader(), KeyVersion::V4, algorithm, &public).ok()?;
    let PublicParams::RSA(public) = public else { return None };
    Some(RsaKeyPair { secret, bits: public.key.n().bits() })
}

/// Numbers as RFC 9580 §3.2 writes them; rPGP's own `Mpi` would leave copies behind.
fn mpis(numbers: &[pkcs1::UintRef<'_>]) -> Option<Zeroizing<Vec<u8>>> {
    let mut octets = Zeroizing::new(Vec::with_capacity(numbers.iter().map(|number| number.as_bytes().len() + 2).sum()));
    for number in numbers.iter().map(pkcs1::UintRef::as_bytes) {
        let bits = number.len() * 8 - number.first()?.leading_zeros() as usize;
        octets.extend(u16::try_from(bits).ok()?.to_be_bytes());
        octets.extend_from_slice(number);
    }
    Some(octets)
}
