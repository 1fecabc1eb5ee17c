//! Which algorithms and moments are acceptable: hash cut-offs, key sizes, clock tolerance.
//!
//! A policy says what is good cryptography; it never looks at a certificate as a whole (`certificate::checked`) and never at
//! cost (`limits`). It holds no clock: moments are compared with the reference time that callers pass.

mod rsa;

use pgp::{
    crypto::{hash::HashAlgorithm, sym::SymmetricKeyAlgorithm},
    types::{EcdhPublicParams, EcdsaPublicParams, EddsaLegacyPublicParams, PublicParams, Timestamp},
};

pub(crate) use self::rsa::size as rsa_size;
use crate::post_quantum;

/// What a signature speaks about; self-signatures and data signatures have different hash cut-offs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureUse {
    /// A certificate's signature about itself. Forging one from an old one needs a second preimage.
    SelfSignature,
    /// A signature over data or about someone else's key. A collision suffices to forge one.
    Data,
}

/// The rules certificates and signatures are judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// SHA-1 is accepted in self-signatures made before this moment. 2023-02-01, the date of Sequoia's StandardPolicy for
    /// second-preimage resistance. SHA-1 over data is never accepted (RFC 9580 §9.5).
    pub sha1_self_signatures_before: Timestamp,
    /// DSA signatures are accepted when made before this moment. 2023-02-03, when FIPS 186-5 withdrew DSA.
    pub dsa_signatures_before: Timestamp,
    /// The shortest RSA modulus accepted, in bits. 2048 (RFC 9580 §12.4).
    pub rsa_bits: usize,
    /// How many seconds a signature's date may lie after the reference time: clocks of correspondents differ. 300.
    pub clock_tolerance: u32,
    /// Names of the notations that the caller understands: a signature with any other critical notation is not valid (RFC 9580
    /// §5.2.3.24). None.
    pub known_notations: Vec<String>,
    /// Whether hashes that are broken are accepted, too.
    broken_hashes: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            sha1_self_signatures_before: Timestamp::from_secs(1_675_209_600),
            dsa_signatures_before: Timestamp::from_secs(1_675_382_400),
            rsa_bits: 2048,
            clock_tolerance: 300,
            known_notations: Vec::new(),
            broken_hashes: false,
        }
    }
}

/// Why an algorithm is not accepted; the text names it as RFC 9580 does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// The algorithm was sound once and is too weak today.
    Weak(&'static str),
    /// The algorithm is not implemented here.
    Unsupported(&'static str),
}

impl Weakness {
    /// The algorithm in question.
    pub fn algorithm(&self) -> &'static str {
        match self {
            Self::Weak(name) | Self::Unsupported(name) => name,
        }
    }
}

impl Policy {
    /// Whether a signature made at `created` may use `hash` (RFC 9580 §9.5).
    pub fn accepts_hash(&self, hash: HashAlgorithm, purpose: SignatureUse, created: Timestamp) -> bool {
        match hash {
            HashAlgorithm::Sha224
            | HashAlgorithm::Sha256
            | HashAlgorithm::Sha384
            | HashAlgorithm::Sha512
            | HashAlgorithm::Sha3_256
            | HashAlgorithm::Sha3_512 => true,
            HashAlgorithm::Sha1 => purpose == SignatureUse::SelfSignature && created < self.sha1_self_signatures_before,
            HashAlgorithm::Md5 | HashAlgorithm::Ripemd160 => self.broken_hashes,
            _ => false,
        }
    }

    /// Whether signatures made at `created` by a key with these parameters are accepted.
    pub fn check_signing_key(&self, params: &PublicParams, created: Timestamp) -> Result<(), Weakness> {
        match params {
            PublicParams::RSA(rsa) => rsa::check(rsa, self.rsa_bits),
            PublicParams::DSA(dsa) => {
                if created < self.dsa_signatures_before && dsa.key.components().p().bits() >= self.rsa_bits {
                    Ok(())
                } else {
                    Err(Weakness::Weak("DSA"))
                }
            }
            PublicParams::ECDSA(EcdsaPublicParams::Unsupported { .. }) => Err(Weakness::Unsupported("ECDSA curve")),
            PublicParams::EdDSALegacy(EddsaLegacyPublicParams::Unsupported { .. }) => {
                Err(Weakness::Unsupported("EdDSA curve"))
            }
            PublicParams::ECDSA(_)
            | PublicParams::EdDSALegacy(_)
            | PublicParams::Ed25519(_)
            | PublicParams::Ed448(_) => Ok(()),
            PublicParams::Elgamal(_) => Err(Weakness::Unsupported("Elgamal")),
            other if post_quantum::signs(other) => Ok(()),
            _ => Err(Weakness::Unsupported("not a signing algorithm")),
        }
    }

    /// Whether new messages may be encrypted to a key with these parameters.
    pub fn check_encryption_key(&self, params: &PublicParams) -> Result<(), Weakness> {
        match params {
            PublicParams::RSA(rsa) => rsa::check(rsa, self.rsa_bits),
            PublicParams::ECDH(ecdh) => check_ecdh(ecdh),
            PublicParams::X25519(x25519) if is_low_order(x25519.key.as_bytes()) => {
                Err(Weakness::Weak("X25519 point of low order"))
            }
            PublicParams::X25519(_) | PublicParams::X448(_) => Ok(()),
            PublicParams::Elgamal(_) => Err(Weakness::Unsupported("Elgamal")),
            other if post_quantum::x25519_point(other).is_some_and(is_low_order) => {
                Err(Weakness::Weak("X25519 point of low order"))
            }
            other if post_quantum::encrypts(other) => Ok(()),
            _ => Err(Weakness::Unsupported("not an encryption algorithm")),
        }
    }

    /// As this one, with any hash and without cut-offs by date: for revocations. Not to believe a real one is worse than to
    /// believe one that somebody forged with what was sound once.
    pub(crate) fn for_revocations(&self) -> Self {
        let never = Timestamp::from_secs(u32::MAX);
        Self { sha1_self_signatures_before: never, dsa_signatures_before: never, broken_hashes: true, ..self.clone() }
    }

    /// The moment up to which signatures count as made, seen from `at`.
    pub(crate) fn latest(&self, at: Timestamp) -> Timestamp {
        Timestamp::from_secs(at.as_secs().saturating_add(self.clock_tolerance))
    }
}

/// RFC 9580 §11.5: supported curves, KDF hash SHA-2, key wrap AES.
fn check_ecdh(ecdh: &EcdhPublicParams) -> Result<(), Weakness> {
    let (hash, cipher) = match ecdh {
        EcdhPublicParams::Curve25519Legacy { p, .. } if is_low_order(p.as_bytes()) => {
            return Err(Weakness::Weak("X25519 point of low order"));
        }
        EcdhPublicParams::Curve25519Legacy { hash, alg_sym, .. }
        | EcdhPublicParams::P256 { hash, alg_sym, .. }
        | EcdhPublicParams::P384 { hash, alg_sym, .. }
        | EcdhPublicParams::P521 { hash, alg_sym, .. } => (hash, alg_sym),
        _ => return Err(Weakness::Unsupported("ECDH curve")),
    };
    match hash {
        HashAlgorithm::Sha256 | HashAlgorithm::Sha384 | HashAlgorithm::Sha512 => {}
        _ => return Err(Weakness::Weak("ECDH KDF hash")),
    }
    match cipher {
        SymmetricKeyAlgorithm::AES128 | SymmetricKeyAlgorithm::AES192 | SymmetricKeyAlgorithm::AES256 => Ok(()),
        _ => Err(Weakness::Weak("ECDH key-wrap cipher")),
    }
}

/// The u-coordinates of Curve25519's small subgroups, with their non-canonical encodings (RFC 7748 §6.1 asks for an all-zero
/// check, which these points fail; list as in libsodium). The top bit is ignored by X25519.
fn is_low_order(point: &[u8; 32]) -> bool {
    const LOW_ORDER: [[u8; 32]; 7] = {
        const fn with_ends(first: u8, middle: u8, last: u8) -> [u8; 32] {
            let mut octets = [middle; 32];
            octets[0] = first;
            octets[31] = last;
            octets
        }
        [
            with_ends(0, 0, 0),
            with_ends(1, 0, 0),
            [
                0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda,
                0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
            ],
            [
                0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04,
                0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
            ],
            with_ends(0xec, 0xff, 0x7f),
            with_ends(0xed, 0xff, 0x7f),
            with_ends(0xee, 0xff, 0x7f),
        ]
    };
    let mut masked = *point;
    if let Some(top) = masked.last_mut() {
        *top &= 0x7f;
    }
    LOW_ORDER.contains(&masked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_cut_offs() {
        let policy = Policy::default();
        let (before, after) = (Timestamp::from_secs(1_600_000_000), Timestamp::from_secs(1_700_000_000));
        assert!(policy.accepts_hash(HashAlgorithm::Sha1, SignatureUse::SelfSignature, before));
        assert!(!policy.accepts_hash(HashAlgorithm::Sha1, SignatureUse::SelfSignature, after));
        assert!(!policy.accepts_hash(HashAlgorithm::Sha1, SignatureUse::Data, before));
        for hash in [HashAlgorithm::Md5, HashAlgorithm::Ripemd160, HashAlgorithm::Other(99)] {
            assert!(!policy.accepts_hash(hash, SignatureUse::SelfSignature, before), "{hash:?}");
        }
        assert!(policy.accepts_hash(HashAlgorithm::Sha3_512, SignatureUse::Data, after));
    }

    #[test]
    fn low_order_points_with_any_top_bit() {
        let mut one = [0u8; 32];
        one[0] = 1;
        assert!(is_low_order(&[0; 32]) && is_low_order(&one));
        one[31] = 0x80;
        assert!(is_low_order(&one));
        one[0] = 9;
        assert!(!is_low_order(&one));
    }
}
