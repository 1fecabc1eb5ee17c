//! One key of a certificate, primary or subkey, with signature verification stricter than rPGP's.

use pgp::{
    crypto::{ecc_curve::ECCCurve, hash::HashAlgorithm, public_key::PublicKeyAlgorithm},
    errors::{Error, Result as PgpResult},
    packet::{PublicKey, PublicSubkey},
    ser::Serialize,
    types::{
        EcdhPublicParams, EddsaLegacyPublicParams, EncryptionKey, EskType, Fingerprint, KeyDetails, KeyId, KeyVersion,
        PkeskBytes, PublicParams, SignatureBytes, Timestamp, VerifyingKey,
    },
};

use crate::{post_quantum, rest, rsa, x25519};

/// A key of a certificate. As a [`VerifyingKey`] it verifies strictly: Ed25519 signatures with a non-canonical S, or with a
/// small-order key or R, are refused (RFC 8032 §5.1.7; rPGP alone lets the latter two pass).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComponentKey<'a> {
    /// The primary key.
    Primary(&'a PublicKey),
    /// A subkey.
    Subkey(&'a PublicSubkey),
}

impl ComponentKey<'_> {
    /// Whether this is the primary key.
    pub fn is_primary(&self) -> bool {
        matches!(self, Self::Primary(_))
    }

    /// The key ID; never proof of identity.
    pub fn key_id(&self) -> KeyId {
        self.legacy_key_id()
    }

    /// The algorithm with its curve or size class, as people know it.
    pub fn algorithm_name(&self) -> &'static str {
        match self.public_params() {
            PublicParams::RSA(_) => "RSA",
            PublicParams::DSA(_) => "DSA",
            PublicParams::Elgamal(_) => "Elgamal",
            PublicParams::Ed25519(_) => "Ed25519",
            PublicParams::Ed448(_) => "Ed448",
            PublicParams::X25519(_) => "X25519",
            PublicParams::X448(_) => "X448",
            PublicParams::EdDSALegacy(EddsaLegacyPublicParams::Ed25519 { .. }) => "Ed25519",
            PublicParams::EdDSALegacy(_) => "EdDSA",
            PublicParams::ECDH(EcdhPublicParams::Curve25519Legacy { .. }) => "X25519",
            PublicParams::ECDH(params) => curve_name(&params.curve()),
            PublicParams::ECDSA(params) => curve_name(&params.curve()),
            other => post_quantum::name(other).unwrap_or("unknown algorithm"),
        }
    }

    /// Verifies a signature over an already computed digest, strictly.
    pub fn verify_strict(&self, hash: HashAlgorithm, digest: &[u8], signature: &SignatureBytes) -> PgpResult<()> {
        match (self.public_params(), signature) {
            (PublicParams::Ed25519(params), SignatureBytes::Native(octets)) => {
                verify_ed25519(&params.key, hash, digest, octets)
            }
            (PublicParams::EdDSALegacy(EddsaLegacyPublicParams::Ed25519 { key }), SignatureBytes::Mpis(mpis)) => {
                let [r, s] = mpis.as_slice() else {
                    return Err(refused("EdDSA signature without R and S"));
                };
                let mut octets = [0u8; 64];
                let (left, right) = octets.split_at_mut(32);
                place(left, r.as_ref())?;
                place(right, s.as_ref())?;
                verify_ed25519(key, hash, digest, &octets)
            }
            (PublicParams::Ed25519(_) | PublicParams::EdDSALegacy(_), _) => {
                Err(refused("signature of another algorithm"))
            }
            (PublicParams::RSA(params), SignatureBytes::Mpis(mpis)) => {
                if let [signature] = mpis.as_slice()
                    && let Some(verifies) = rsa::verify(params, hash, digest, signature)
                {
                    return if verifies { Ok(()) } else { Err(refused("RSA signature does not verify")) };
                }
                self.verify_by_rpgp(hash, digest, signature)
            }
            (params, _) => {
                if let Some((key, half)) = post_quantum::ed25519_half(params, signature) {
                    verify_ed25519(key, hash, digest, half)?;
                }
                self.verify_by_rpgp(hash, digest, signature)
            }
        }
    }

    fn verify_by_rpgp(&self, hash: HashAlgorithm, digest: &[u8], signature: &SignatureBytes) -> PgpResult<()> {
        match self {
            Self::Primary(key) => key.verify(hash, digest, signature),
            Self::Subkey(key) => key.verify(hash, digest, signature),
        }
    }

    fn details(&self) -> &dyn KeyDetails {
        match self {
            Self::Primary(key) => *key,
            Self::Subkey(key) => *key,
        }
    }
}

fn curve_name(curve: &ECCCurve) -> &'static str {
    match curve {
        ECCCurve::P256 => "NIST P-256",
        ECCCurve::P384 => "NIST P-384",
        ECCCurve::P521 => "NIST P-521",
        ECCCurve::Secp256k1 => "secp256k1",
        ECCCurve::BrainpoolP256r1 | ECCCurve::BrainpoolP384r1 | ECCCurve::BrainpoolP512r1 => "Brainpool",
        _ => "unknown curve",
    }
}

fn refused(reason: &str) -> Error {
    std::io::Error::other(reason.to_owned()).into()
}

/// An MPI drops leading zero octets (RFC 9580 §3.2): put them back.
fn place(target: &mut [u8], octets: &[u8]) -> PgpResult<()> {
    let start = target.len().checked_sub(octets.len()).ok_or_else(|| refused("EdDSA value too long"))?;
    let (_, low) = target.split_at_mut(start);
    low.copy_from_slice(octets);
    Ok(())
}

fn verify_ed25519(
    key: &ed25519_dalek::VerifyingKey,
    hash: HashAlgorithm,
    digest: &[u8],
    signature: &[u8],
) -> PgpResult<()> {
    // RFC 9580 §5.2.3.4: the digest must be of at least 256 bits.
    if hash.digest_size().is_none_or(|size| size < 32) {
        return Err(refused("hash too short for Ed25519"));
    }
    let signature =
        ed25519_dalek::Signature::from_slice(signature).map_err(|_| refused("Ed25519 signature of wrong length"))?;
    key.verify_strict(digest, &signature).map_err(|_| refused("Ed25519 signature does not verify"))
}

impl KeyDetails for ComponentKey<'_> {
    fn version(&self) -> KeyVersion {
        self.details().version()
    }
    fn legacy_key_id(&self) -> KeyId {
        self.details().legacy_key_id()
    }
    fn fingerprint(&self) -> Fingerprint {
        self.details().fingerprint()
    }
    fn algorithm(&self) -> PublicKeyAlgorithm {
        self.details().algorithm()
    }
    fn created_at(&self) -> Timestamp {
        self.details().created_at()
    }
    fn legacy_v3_expiration_days(&self) -> Option<u16> {
        self.details().legacy_v3_expiration_days()
    }
    fn public_params(&self) -> &PublicParams {
        self.details().public_params()
    }
}

impl VerifyingKey for ComponentKey<'_> {
    fn verify(&self, hash: HashAlgorithm, digest: &[u8], signature: &SignatureBytes) -> PgpResult<()> {
        self.verify_strict(hash, digest, signature)
    }
}

impl EncryptionKey for ComponentKey<'_> {
    fn encrypt<R: rand::CryptoRng + rand::Rng>(&self, mut rng: R, plain: &[u8], typ: EskType) -> PgpResult<PkeskBytes> {
        if let PublicParams::RSA(params) = self.public_params() {
            let encrypted = rsa::encrypt(rng, params, plain).ok_or_else(|| refused("nothing that RSA encrypts"))?;
            return Ok(PkeskBytes::Rsa { mpi: encrypted });
        }
        let (params, fingerprint) = (self.public_params(), self.fingerprint());
        if let Some(engine) = rest::fma()
            && let Some(encrypted) = x25519::encrypt(&mut rng, &engine, params, fingerprint.as_bytes(), plain, typ)
        {
            return Ok(encrypted);
        }
        match self {
            Self::Primary(key) => key.encrypt(rng, plain, typ),
            Self::Subkey(key) => key.encrypt(rng, plain, typ),
        }
    }
}

impl Serialize for ComponentKey<'_> {
    fn to_writer<W: std::io::Write>(&self, writer: &mut W) -> PgpResult<()> {
        match self {
            Self::Primary(key) => key.to_writer(writer),
            Self::Subkey(key) => key.to_writer(writer),
        }
    }
    fn write_len(&self) -> usize {
        match self {
            Self::Primary(key) => key.write_len(),
            Self::Subkey(key) => key.write_len(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use ed25519_dalek::{Signer, SigningKey, VerifyingKey as Ed25519Key};
    use pgp::{
        packet::PubKeyInner,
        types::{Ed25519PublicParams, Mpi},
    };

    use super::*;

    const DIGEST: [u8; 32] = [0x17; 32];
    /// The order of the base point, little-endian (RFC 8032 §5.1).
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];

    fn packet(key: Ed25519Key, legacy: bool) -> PublicKey {
        let (algorithm, params) = if legacy {
            (PublicKeyAlgorithm::EdDSALegacy, PublicParams::EdDSALegacy(EddsaLegacyPublicParams::Ed25519 { key }))
        } else {
            (PublicKeyAlgorithm::Ed25519, PublicParams::Ed25519(Ed25519PublicParams { key }))
        };
        PublicKey::from_inner(
            PubKeyInner::new(KeyVersion::V4, algorithm, Timestamp::from_secs(1), None, params).unwrap(),
        )
        .unwrap()
    }

    /// Both encodings of a signature: native, and as two integers.
    fn verifies(key: Ed25519Key, signature: [u8; 64]) -> [bool; 2] {
        [false, true].map(|legacy| {
            let octets = if legacy {
                SignatureBytes::Mpis(vec![Mpi::from_slice(&signature[..32]), Mpi::from_slice(&signature[32..])])
            } else {
                SignatureBytes::Native(signature.to_vec().into())
            };
            let packet = packet(key, legacy);
            ComponentKey::Primary(&packet).verify(HashAlgorithm::Sha256, &DIGEST, &octets).is_ok()
        })
    }

    #[test]
    fn good_signatures_verify_in_both_encodings_even_with_leading_zeros() {
        for seed in 0..=255u8 {
            let key = SigningKey::from_bytes(&[seed; 32]);
            assert_eq!(verifies(key.verifying_key(), key.sign(&DIGEST).to_bytes()), [true, true], "{seed}");
        }
    }

    #[test]
    fn a_second_form_of_s_is_refused() {
        let key = SigningKey::from_bytes(&[3; 32]);
        let mut signature = key.sign(&DIGEST).to_bytes();
        let mut carry = 0u16;
        for (octet, order) in signature[32..].iter_mut().zip(ORDER) {
            carry += u16::from(*octet) + u16::from(order);
            *octet = carry as u8;
            carry >>= 8;
        }
        assert_eq!(verifies(key.verifying_key(), signature), [false, false]);
    }

    /// With the neutral element as key, R the neutral element and S zero "sign" everything.
    #[test]
    fn small_order_keys_sign_nothing() {
        let mut neutral = [0; 32];
        neutral[0] = 1;
        let key = Ed25519Key::from_bytes(&neutral).unwrap();
        let mut signature = [0; 64];
        signature[0] = 1;
        let octets = SignatureBytes::Native(signature.to_vec().into());
        assert!(packet(key, false).verify(HashAlgorithm::Sha256, &DIGEST, &octets).is_ok(), "rPGP alone takes it");
        assert_eq!(verifies(key, signature), [false, false]);
    }

    #[test]
    fn short_hashes_and_foreign_encodings_are_refused() {
        let key = SigningKey::from_bytes(&[3; 32]);
        let packet = packet(key.verifying_key(), false);
        let component = ComponentKey::Primary(&packet);
        let native = |length: usize| SignatureBytes::Native(key.sign(&DIGEST).to_bytes()[..length].to_vec().into());
        assert!(component.verify(HashAlgorithm::Sha1, &DIGEST, &native(64)).is_err());
        assert!(component.verify(HashAlgorithm::Sha256, &DIGEST, &native(63)).is_err());
        assert!(component.verify(HashAlgorithm::Sha256, &DIGEST, &SignatureBytes::Mpis(Vec::new())).is_err());
    }
}
