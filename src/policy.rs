//! Which algorithms and moments are acceptable: hash cut-offs, key sizes, clock tolerance.
//!
//! A policy says what is good cryptography; it never looks at a certificate as a whole (`certificate::checked`) and never at
//! cost (`limits`). It holds no clock: moments are compared with the reference time that callers pass.

pub(crate) mod low_order;
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
            PublicParams::X25519(x25519) if low_order::x25519(x25519.key.as_bytes()) => {
                Err(Weakness::Weak("X25519 point of low order"))
            }
            PublicParams::X448(x448) if low_order::x448(x448.key.as_bytes()) => {
                Err(Weakness::Weak("X448 point of low order"))
            }
            PublicParams::X25519(_) | PublicParams::X448(_) => Ok(()),
            PublicParams::Elgamal(_) => Err(Weakness::Unsupported("Elgamal")),
            other if post_quantum::has_low_order_point(other) => Err(Weakness::Weak("point of low order")),
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

    /// As this one, for moments that no clock told.
    pub(crate) fn to_the_second(&self) -> Self {
        Self { clock_tolerance: 0, ..self.clone() }
    }

    /// The moment up to which signatures count as made, seen from `at`.
    pub(crate) fn latest(&self, at: Timestamp) -> Timestamp {
        Timestamp::from_secs(at.as_secs().saturating_add(self.clock_tolerance))
    }
}

/// RFC 9580 §11.5: supported curves, KDF hash SHA-2, key wrap AES.
fn check_ecdh(ecdh: &EcdhPublicParams) -> Result<(), Weakness> {
    let (hash, cipher) = match ecdh {
        EcdhPublicParams::Curve25519Legacy { p, .. } if low_order::x25519(p.as_bytes()) => {
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
}
