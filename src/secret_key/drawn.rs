//! Key pairs that were drawn elsewhere: the platform finds primes and points of curves many times faster than this code does in wasm.

use pgp::{
    crypto::{ecc_curve::ECCCurve, public_key::PublicKeyAlgorithm},
    packet::PubKeyInner,
    types::{KeyDetails, KeyVersion, PlainSecretParams, PublicParams, Timestamp},
};
use rsa::{
    pkcs1,
    pkcs8::{
        self, ObjectIdentifier,
        der::{
            Decode, Reader, SliceReader, TagNumber,
            asn1::{BitStringRef, ContextSpecific, OctetStringRef},
        },
    },
    traits::PublicKeyParts,
};
use zeroize::Zeroizing;

use super::{
    algorithm::{Algorithm, Curve, KeyUse},
    open::read_numbers,
};
use crate::error::KeyError;

/// A key pair, to make a key of ([`generate_on`](super::generate_on)). Wiped when dropped; `Debug` shows its
/// size only.
pub struct KeyPair(Numbers);

enum Numbers {
    Rsa { halves: Box<Halves>, bits: usize },
    Nist { curve: Curve, secret: Zeroizing<Vec<u8>>, point: Vec<u8> },
}

/// The secret part of a key and the public one.
pub(super) type Halves = (PlainSecretParams, PublicParams);

impl std::fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Numbers::Rsa { bits, .. } => write!(f, "KeyPair({bits} bits)"),
            Numbers::Nist { curve, .. } => write!(f, "KeyPair({})", curve.code()),
        }
    }
}

impl KeyPair {
    /// Reads PKCS #8 in DER (RFC 5958 §2) of RSA (RFC 8017 §A.1.2) or a NIST curve (RFC 5915 §3), as WebCrypto exports it. Whether
    /// the numbers of RSA belong together is checked. Whether the primes are such is not, nor whether the point is that of the
    /// secret number: whoever draws them answers for that, and each unlocking looks again at the point.
    ///
    /// # Errors
    /// [`KeyError::BadOptions`] for anything else.
    pub fn from_pkcs8(octets: &[u8]) -> Result<Self, KeyError> {
        let refused = KeyError::BadOptions { reason: "not a key pair in PKCS #8" };
        let info = pkcs8::PrivateKeyInfo::try_from(octets).map_err(|_| refused.clone())?;
        let numbers = if info.algorithm.oid == pkcs1::ALGORITHM_OID { rsa(&info) } else { nist(&info) };
        numbers.map(Self).ok_or(refused)
    }

    /// The halves of a key for this use, if the pair is of the kind.
    pub(super) fn of_kind(self, algorithm: Algorithm, key_use: KeyUse) -> Result<Halves, KeyError> {
        let other = KeyError::BadOptions { reason: "the key pair is of another kind" };
        match (self.0, algorithm) {
            (Numbers::Rsa { halves, bits }, Algorithm::Rsa { bits: wanted }) if bits == wanted as usize => {
                Algorithm::rsa(wanted)?;
                Ok(*halves)
            }
            (Numbers::Nist { curve, secret, point }, Algorithm::Nist { curve: wanted }) if curve == wanted => {
                halves(curve, key_use, &secret, &point).ok_or(other)
            }
            _ => Err(other),
        }
    }
}

fn rsa(info: &pkcs8::PrivateKeyInfo<'_>) -> Option<Numbers> {
    let numbers = pkcs1::RsaPrivateKey::try_from(info.private_key).ok()?;
    let public = mpis(&[numbers.modulus, numbers.public_exponent].map(|number| number.as_bytes()))?;
    // PKCS #1 has the inverse of the second prime modulo the first, OpenPGP that of the first modulo the second
    // (RFC 9580 §5.5.5.1): the primes change places.
    let secret = [numbers.private_exponent, numbers.prime2, numbers.prime1, numbers.coefficient];
    let secret = mpis(&secret.map(|number| number.as_bytes()))?;
    let halves = Box::new(read(PublicKeyAlgorithm::RSA, &public, &secret)?);
    let PublicParams::RSA(key) = &halves.1 else { return None };
    let bits = key.key.n().bits();
    Some(Numbers::Rsa { halves, bits })
}

/// `id-ecPublicKey` (RFC 5480 §2.1.1), and the curves.
const ELLIPTIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const CURVES: [(ObjectIdentifier, Curve, usize); 3] = [
    (ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"), Curve::P256, 32),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), Curve::P384, 48),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"), Curve::P521, 66),
];

fn nist(info: &pkcs8::PrivateKeyInfo<'_>) -> Option<Numbers> {
    info.algorithm.assert_algorithm_oid(ELLIPTIC).ok()?;
    let named = info.algorithm.parameters_oid().ok()?;
    let (_, curve, length) = CURVES.into_iter().find(|(name, ..)| *name == named)?;
    let mut reader = SliceReader::new(info.private_key).ok()?;
    let (version, secret, point) = reader
        .sequence(|reader| {
            let version = u8::decode(reader)?;
            let secret = OctetStringRef::decode(reader)?;
            ContextSpecific::<ObjectIdentifier>::decode_explicit(reader, TagNumber::N0)?;
            let point = ContextSpecific::<BitStringRef<'_>>::decode_explicit(reader, TagNumber::N1)?;
            Ok((version, secret.as_bytes(), point.and_then(|point| point.value.as_bytes())))
        })
        .ok()?;
    reader.finish(()).ok()?;
    let point = point.filter(|point| point.len() == 1 + 2 * length)?;
    let secret = Zeroizing::new(secret.to_vec());
    (version == 1 && secret.len() == length).then(|| Numbers::Nist { curve, secret, point: point.to_vec() })
}

/// Both halves as packets have them (RFC 9580 §5.5.5.3, §5.5.5.6).
fn halves(curve: Curve, key_use: KeyUse, secret: &[u8], point: &[u8]) -> Option<Halves> {
    let curve: ECCCurve = curve.to_pgp();
    let name = curve.oid();
    let mut public = vec![u8::try_from(name.len()).ok()?];
    public.extend(name);
    public.extend_from_slice(&mpis(&[point])?);
    let algorithm = match key_use {
        KeyUse::Sign => PublicKeyAlgorithm::ECDSA,
        KeyUse::Encrypt => {
            public.extend([3, 1, curve.hash_algo().ok()?.into(), curve.sym_algo().ok()?.into()]);
            PublicKeyAlgorithm::ECDH
        }
    };
    let zeros = secret.iter().take_while(|octet| **octet == 0).count();
    read(algorithm, &public, &mpis(&[secret.get(zeros..)?])?)
}

fn read(algorithm: PublicKeyAlgorithm, public: &[u8], secret: &[u8]) -> Option<Halves> {
    let public = PublicParams::try_from_reader(algorithm, None, &mut &*public).ok()?;
    // When it is made is not known yet, and no matter here.
    let key = PubKeyInner::new(KeyVersion::V4, algorithm, Timestamp::from_secs(0), None, public).ok()?;
    let secret = read_numbers(secret, &key).ok()?;
    Some((secret, key.public_params().clone()))
}

/// Numbers as RFC 9580 §3.2 writes them; rPGP's own `Mpi` would leave copies behind.
fn mpis(numbers: &[&[u8]]) -> Option<Zeroizing<Vec<u8>>> {
    let mut octets = Zeroizing::new(Vec::with_capacity(numbers.iter().map(|number| number.len() + 2).sum()));
    for number in numbers {
        let bits = number.len() * 8 - number.first()?.leading_zeros() as usize;
        octets.extend(u16::try_from(bits).ok()?.to_be_bytes());
        octets.extend_from_slice(number);
    }
    Some(octets)
}
