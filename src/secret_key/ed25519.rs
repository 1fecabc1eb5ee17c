//! Ed25519 (RFC 8032) in both of OpenPGP's forms (RFC 9580 §5.5.5.5, §5.5.5.9). rPGP computes the public key whenever it reads a secret one, which takes as
//! long as signing; who holds a [`Seed`] knows which public key it has (`matching`).

use ed25519_dalek::{
    VerifyingKey,
    hazmat::{ExpandedSecretKey, raw_sign},
};
use pgp::{
    crypto::{
        ed25519::{KEY_LEN, Mode, SecretKey},
        eddsa_legacy::SecretKey as Legacy,
        hash::HashAlgorithm,
    },
    types::{EddsaLegacyPublicParams, Mpi, PlainSecretParams, PublicParams, SignatureBytes},
};
use sha2::Sha512;
use zeroize::Zeroizing;

/// A public key, and how OpenPGP writes what belongs to it.
pub(super) struct Public<'k> {
    key: &'k VerifyingKey,
    mode: Mode,
}

impl<'k> Public<'k> {
    /// `None` for other algorithms.
    pub(super) fn of(params: &'k PublicParams) -> Option<Self> {
        match params {
            PublicParams::Ed25519(params) => Some(Self { key: &params.key, mode: Mode::Ed25519 }),
            PublicParams::EdDSALegacy(EddsaLegacyPublicParams::Ed25519 { key }) => {
                Some(Self { key, mode: Mode::EdDSALegacy })
            }
            _ => None,
        }
    }
}

/// What a secret key is computed from (RFC 8032 §5.1.5). Wiped when dropped.
pub(crate) struct Seed(Zeroizing<[u8; KEY_LEN]>);

impl Seed {
    /// That of a key that rPGP has.
    pub(super) fn of(secret: &PlainSecretParams) -> Option<Self> {
        match secret {
            PlainSecretParams::Ed25519(key) | PlainSecretParams::EdDSALegacy(Legacy::Ed25519(key)) => {
                Some(Self(Zeroizing::new(*key.as_bytes())))
            }
            _ => None,
        }
    }

    /// That in secret numbers which rPGP read before: 32 octets, or an MPI (RFC 9580 §3.2), which drops leading zeros.
    pub(super) fn in_octets(octets: &[u8], public: &Public<'_>) -> Option<Self> {
        let number = match public.mode {
            Mode::Ed25519 => octets,
            Mode::EdDSALegacy => octets.get(2..)?,
        };
        let mut seed = Zeroizing::new([0; KEY_LEN]);
        for (place, octet) in seed.iter_mut().rev().zip(number.iter().rev()) {
            *place = *octet;
        }
        Some(Self(seed))
    }

    /// As rPGP has it, which computes the public key.
    pub(super) fn to_pgp(&self, public: &Public<'_>) -> Option<PlainSecretParams> {
        let key = SecretKey::try_from_bytes(*self.0, public.mode).ok()?;
        Some(match public.mode {
            Mode::Ed25519 => PlainSecretParams::Ed25519(key),
            Mode::EdDSALegacy => PlainSecretParams::EdDSALegacy(Legacy::Ed25519(key)),
        })
    }

    /// Signs (RFC 8032 §5.1.6) with the public key that belongs to it: with another, a signature would give the secret key away.
    pub(super) fn sign(&self, public: &Public<'_>, hash: HashAlgorithm, digest: &[u8]) -> Option<SignatureBytes> {
        // RFC 9580 §5.2.3.3, §5.2.3.4: the digest must be of at least 256 bits.
        if digest.len() < 32 || hash.digest_size() != Some(digest.len()) {
            return None;
        }
        let signature = raw_sign::<Sha512>(&ExpandedSecretKey::from(&*self.0), digest, public.key);
        Some(match public.mode {
            Mode::Ed25519 => SignatureBytes::Native(signature.to_vec().into()),
            Mode::EdDSALegacy => {
                SignatureBytes::Mpis(vec![Mpi::from_slice(signature.r_bytes()), Mpi::from_slice(signature.s_bytes())])
            }
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use pgp::{
        crypto::{Signer, public_key::PublicKeyAlgorithm, x25519},
        packet::{PubKeyInner, PublicKey},
        types::{Ed25519PublicParams, KeyVersion, Timestamp, X25519PublicParams},
    };
    use rand::{SeedableRng, rngs::StdRng};

    use super::{super::open::OpenSecret, *};
    use crate::error::KeyError;

    fn signer(secret: &PlainSecretParams) -> &dyn Signer {
        match secret {
            PlainSecretParams::Ed25519(key) | PlainSecretParams::EdDSALegacy(Legacy::Ed25519(key)) => key,
            _ => panic!("another algorithm"),
        }
    }

    /// Of 300 keys some have a secret that begins with a zero, which is left out in the old form.
    #[test]
    fn signatures_are_those_of_rpgp_in_both_forms() {
        let mut rng = StdRng::seed_from_u64(25519);
        let mut short = 0;
        for mode in [Mode::Ed25519, Mode::EdDSALegacy] {
            for number in 0..300 {
                let key = SecretKey::generate(&mut rng, mode);
                short += usize::from(matches!(mode, Mode::EdDSALegacy) && key.as_bytes()[0] == 0);
                let secret = match mode {
                    Mode::Ed25519 => PlainSecretParams::Ed25519(key),
                    Mode::EdDSALegacy => PlainSecretParams::EdDSALegacy(Legacy::Ed25519(key)),
                };
                let params = PublicParams::try_from(&secret).unwrap();
                let public = Public::of(&params).unwrap();
                let mut octets = Vec::new();
                secret.to_writer(&mut octets, KeyVersion::V6).unwrap();
                let seed = Seed::in_octets(&octets, &public).unwrap();
                assert_eq!(seed.to_pgp(&public).unwrap(), secret);
                let (hash, digest) = (HashAlgorithm::Sha512, [number as u8; 64]);
                let wanted = signer(&secret).sign(hash, &digest).unwrap();
                assert_eq!(seed.sign(&public, hash, &digest).unwrap(), wanted);
                assert_eq!(Seed::of(&secret).unwrap().sign(&public, hash, &digest).unwrap(), wanted);
            }
        }
        assert!(short > 0, "no secret with a leading zero");
    }

    /// "Victory by KO": a pair that is known says nothing about its secret beside another public key.
    #[test]
    fn a_known_secret_is_refused_beside_another_public_key() {
        let mut rng = StdRng::seed_from_u64(2);
        for (mode, algorithm) in
            [(Mode::Ed25519, PublicKeyAlgorithm::Ed25519), (Mode::EdDSALegacy, PublicKeyAlgorithm::EdDSALegacy)]
        {
            let mut pair = || {
                let key = SecretKey::generate(&mut rng, mode);
                let secret = match mode {
                    Mode::Ed25519 => PlainSecretParams::Ed25519(key),
                    Mode::EdDSALegacy => PlainSecretParams::EdDSALegacy(Legacy::Ed25519(key)),
                };
                let params = PublicParams::try_from(&secret).unwrap();
                let inner = PubKeyInner::new(KeyVersion::V4, algorithm, Timestamp::from_secs(1), None, params).unwrap();
                let mut octets = Vec::new();
                secret.to_writer(&mut octets, KeyVersion::V6).unwrap();
                (PublicKey::from_inner(inner).unwrap(), octets)
            };
            let (one, other) = (pair(), pair());
            for _ in 0..2 {
                assert!(matches!(OpenSecret::read(&one.1, &one.0), Ok(OpenSecret::Ed25519(_))));
                assert!(matches!(OpenSecret::read(&one.1, &other.0), Err(KeyError::SecretMismatch)));
            }
            let short = one.1.get(..31).unwrap();
            assert!(matches!(OpenSecret::read(short, &one.0), Err(KeyError::Malformed { .. })));
        }
    }

    /// Numbers of X25519 look the same, and what is known of them says nothing here.
    #[test]
    fn a_known_pair_is_refused_as_one_of_another_algorithm() {
        let mut rng = StdRng::seed_from_u64(3);
        let (agreeing, signing, octets) = loop {
            let secret = x25519::SecretKey::generate(&mut rng);
            let params = X25519PublicParams::from(&secret);
            // Every other number is a point of this curve as well.
            let Ok(key) = ed25519_dalek::VerifyingKey::from_bytes(params.key.as_bytes()) else { continue };
            let public = |algorithm, params| {
                let inner =
                    PubKeyInner::new(KeyVersion::V6, algorithm, Timestamp::from_secs(1), Some(32), params).unwrap();
                PublicKey::from_inner(inner).unwrap()
            };
            let signing = PublicParams::Ed25519(Ed25519PublicParams { key });
            break (
                public(PublicKeyAlgorithm::X25519, PublicParams::X25519(params)),
                public(PublicKeyAlgorithm::Ed25519, signing),
                *secret.as_bytes(),
            );
        };
        assert!(OpenSecret::read(&octets, &agreeing).is_ok());
        assert!(matches!(OpenSecret::read(&octets, &signing), Err(KeyError::SecretMismatch)));
    }

    #[test]
    fn digests_that_are_short_or_of_another_hash_are_not_signed() {
        let secret = PlainSecretParams::Ed25519(SecretKey::generate(StdRng::seed_from_u64(1), Mode::Ed25519));
        let params = PublicParams::try_from(&secret).unwrap();
        let (seed, public) = (Seed::of(&secret).unwrap(), Public::of(&params).unwrap());
        assert!(seed.sign(&public, HashAlgorithm::Sha256, &[1; 32]).is_some());
        assert!(seed.sign(&public, HashAlgorithm::Sha1, &[1; 20]).is_none());
        assert!(seed.sign(&public, HashAlgorithm::Sha256, &[1; 64]).is_none());
    }
}
