//! Does a secret part belong to its public part?
//!
//! The public part of a key file is not protected by the passphrase in older formats. Who can write to the file can swap it,
//! and a signature then made with mixed parts gives the secret away ("Victory by KO", KOpenPGP, 2022). So the public part is
//! computed again from the secret one, or, where that is impossible, the pair must agree on a signature.

use pgp::{
    crypto::{Signer, hash::HashAlgorithm},
    types::{EcdhPublicParams, PlainSecretParams, PublicParams, VerifyingKey},
};

use crate::{error::KeyError, post_quantum};

/// Fails unless `secret` is the secret part of `public`.
pub(super) fn check(public: &impl VerifyingKey, secret: &PlainSecretParams) -> Result<(), KeyError> {
    match (public.public_params(), secret) {
        // rPGP builds the RSA secret key around the public n and e and validates it: n = p·q, and d inverts e modulo p − 1 and
        // q − 1. The comparison makes sure of n and e.
        (PublicParams::RSA(_), PlainSecretParams::RSA(_))
        | (PublicParams::ECDSA(_), PlainSecretParams::ECDSA(_))
        | (PublicParams::EdDSALegacy(_), PlainSecretParams::EdDSALegacy(_))
        | (PublicParams::Ed25519(_), PlainSecretParams::Ed25519(_))
        | (PublicParams::Ed448(_), PlainSecretParams::Ed448(_))
        | (PublicParams::X25519(_), PlainSecretParams::X25519(_))
        | (PublicParams::X448(_), PlainSecretParams::X448(_)) => {
            let computed = PublicParams::try_from(secret).map_err(|_| KeyError::SecretMismatch)?;
            equal(computed == *public.public_params())
        }
        // The KDF parameters of ECDH are not part of the secret: compare the points.
        (PublicParams::ECDH(public), PlainSecretParams::ECDH(_)) => {
            let computed = PublicParams::try_from(secret).map_err(|_| KeyError::SecretMismatch)?;
            let PublicParams::ECDH(computed) = computed else {
                return Err(KeyError::SecretMismatch);
            };
            equal_points(public, &computed)
        }
        // DSA never signs here (`Policy::dsa_signatures_before`), so that no mixed signature can leave: the pair is only tried.
        (PublicParams::DSA(_), PlainSecretParams::DSA(dsa)) => {
            let digest = [0x5a; 32];
            let signature = dsa.sign(HashAlgorithm::Sha256, &digest).map_err(|_| KeyError::SecretMismatch)?;
            equal(public.verify(HashAlgorithm::Sha256, &digest, &signature).is_ok())
        }
        (PublicParams::Elgamal(_) | PublicParams::Unknown { .. }, _) => {
            Err(KeyError::Unsupported { what: format!("{:?}", public.algorithm()) })
        }
        (public, secret) => equal(post_quantum::belong_together(public, secret).unwrap_or(false)),
    }
}

fn equal_points(public: &EcdhPublicParams, computed: &EcdhPublicParams) -> Result<(), KeyError> {
    match (public, computed) {
        (EcdhPublicParams::Curve25519Legacy { p: a, .. }, EcdhPublicParams::Curve25519Legacy { p: b, .. }) => {
            equal(a == b)
        }
        (EcdhPublicParams::P256 { p: a, .. }, EcdhPublicParams::P256 { p: b, .. }) => equal(a == b),
        (EcdhPublicParams::P384 { p: a, .. }, EcdhPublicParams::P384 { p: b, .. }) => equal(a == b),
        (EcdhPublicParams::P521 { p: a, .. }, EcdhPublicParams::P521 { p: b, .. }) => equal(a == b),
        _ => Err(KeyError::Unsupported { what: "ECDH curve".to_owned() }),
    }
}

fn equal(equal: bool) -> Result<(), KeyError> {
    if equal { Ok(()) } else { Err(KeyError::SecretMismatch) }
}
