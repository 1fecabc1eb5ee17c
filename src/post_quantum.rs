//! Post-quantum algorithms (RFC 9980): what they are for, and the checks rPGP leaves to us. Experimental.
//!
//! Compiled in by the feature `pqc`, which the full wasm module leaves out for its size. Without it every question here is
//! answered as for an algorithm nobody knows.

use pgp::{
    crypto::{Signer, public_key::PublicKeyAlgorithm},
    types::{KeyVersion, PlainSecretParams, PublicParams, SignatureBytes},
};

#[cfg(feature = "pqc")]
use crate::policy::low_order;
use crate::{error::KeyError, secret_key::KeyUse};

/// The name people know the algorithm by; `None` when it is not of this family.
pub(crate) fn name(params: &PublicParams) -> Option<&'static str> {
    kind(params).map(|(name, _)| name)
}

/// Whether the algorithm signs.
pub(crate) fn signs(params: &PublicParams) -> bool {
    matches!(kind(params), Some((_, Use::Sign)))
}

/// Whether the algorithm is encrypted to.
pub(crate) fn encrypts(params: &PublicParams) -> bool {
    matches!(kind(params), Some((_, Use::Encrypt)))
}

#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "pqc"), allow(dead_code, reason = "nothing is of this family then"))]
enum Use {
    Sign,
    Encrypt,
}

#[cfg(feature = "pqc")]
fn kind(params: &PublicParams) -> Option<(&'static str, Use)> {
    Some(match params {
        PublicParams::MlDsa65Ed25519(_) => ("ML-DSA-65+Ed25519", Use::Sign),
        PublicParams::MlDsa87Ed448(_) => ("ML-DSA-87+Ed448", Use::Sign),
        PublicParams::SlhDsaShake128s(_) => ("SLH-DSA-SHAKE-128s", Use::Sign),
        PublicParams::SlhDsaShake128f(_) => ("SLH-DSA-SHAKE-128f", Use::Sign),
        PublicParams::SlhDsaShake256s(_) => ("SLH-DSA-SHAKE-256s", Use::Sign),
        PublicParams::MlKem768X25519(_) => ("ML-KEM-768+X25519", Use::Encrypt),
        PublicParams::MlKem1024X448(_) => ("ML-KEM-1024+X448", Use::Encrypt),
        _ => return None,
    })
}

#[cfg(not(feature = "pqc"))]
fn kind(_: &PublicParams) -> Option<(&'static str, Use)> {
    None
}

/// Whether `secret` is the secret part of `public`; `None` when they are not of this family, or not of one algorithm.
pub(crate) fn belong_together(public: &PublicParams, secret: &PlainSecretParams) -> Option<bool> {
    kind(public)?;
    let computed = PublicParams::try_from(secret).ok()?;
    (kind(&computed)?.0 == kind(public)?.0).then_some(computed == *public)
}

/// Draws a secret part: ML-DSA-65+Ed25519 to sign, ML-KEM-768+X25519 to be encrypted to. The former exists in version 6 only
/// (RFC 9980 §3).
#[cfg(feature = "pqc")]
pub(crate) fn draw<R: rand::CryptoRng + rand::Rng>(
    key_use: KeyUse,
    version: KeyVersion,
    rng: &mut R,
) -> Result<PlainSecretParams, KeyError> {
    use pgp::crypto::{ml_dsa65_ed25519, ml_kem768_x25519};
    match key_use {
        KeyUse::Encrypt => Ok(PlainSecretParams::MlKem768X25519(ml_kem768_x25519::SecretKey::generate(rng))),
        KeyUse::Sign if version == KeyVersion::V6 => {
            Ok(PlainSecretParams::MlDsa65Ed25519(ml_dsa65_ed25519::SecretKey::generate(rng)))
        }
        KeyUse::Sign => Err(KeyError::BadOptions { reason: "post-quantum signing keys are of version 6 only" }),
    }
}

#[cfg(not(feature = "pqc"))]
pub(crate) fn draw<R: rand::CryptoRng + rand::Rng>(
    _: KeyUse,
    _: KeyVersion,
    _: &mut R,
) -> Result<PlainSecretParams, KeyError> {
    Err(KeyError::Unsupported { what: "post-quantum keys, which this build leaves out".to_owned() })
}

/// The algorithm's number, of what [`draw`] gives.
#[cfg(feature = "pqc")]
pub(crate) fn algorithm(secret: &PlainSecretParams) -> Option<PublicKeyAlgorithm> {
    match secret {
        PlainSecretParams::MlDsa65Ed25519(_) => Some(PublicKeyAlgorithm::MlDsa65Ed25519),
        PlainSecretParams::MlKem768X25519(_) => Some(PublicKeyAlgorithm::MlKem768X25519),
        _ => None,
    }
}

#[cfg(not(feature = "pqc"))]
pub(crate) fn algorithm(_: &PlainSecretParams) -> Option<PublicKeyAlgorithm> {
    None
}

/// What signs, of the secret parts of this family.
#[cfg(feature = "pqc")]
pub(crate) fn signer(secret: &PlainSecretParams) -> Option<&dyn Signer> {
    match secret {
        PlainSecretParams::MlDsa65Ed25519(key) => Some(key),
        PlainSecretParams::MlDsa87Ed448(key) => Some(key),
        PlainSecretParams::SlhDsaShake128s(key) => Some(key),
        PlainSecretParams::SlhDsaShake128f(key) => Some(key),
        PlainSecretParams::SlhDsaShake256s(key) => Some(key),
        _ => None,
    }
}

#[cfg(not(feature = "pqc"))]
pub(crate) fn signer(_: &PlainSecretParams) -> Option<&dyn Signer> {
    None
}

/// Whether the elliptic curve half that is encrypted to hides nothing.
#[cfg(feature = "pqc")]
pub(crate) fn has_low_order_point(params: &PublicParams) -> bool {
    match params {
        PublicParams::MlKem768X25519(params) => low_order::x25519(params.x25519_key.as_bytes()),
        PublicParams::MlKem1024X448(params) => low_order::x448(params.x448_key.as_bytes()),
        _ => false,
    }
}

#[cfg(not(feature = "pqc"))]
pub(crate) fn has_low_order_point(_: &PublicParams) -> bool {
    false
}

/// The Ed25519 key and signature inside a composite one (RFC 9980 §5.2.1: 64 octets in front), to be verified strictly.
#[cfg(feature = "pqc")]
pub(crate) fn ed25519_half<'a>(
    params: &'a PublicParams,
    signature: &'a SignatureBytes,
) -> Option<(&'a ed25519_dalek::VerifyingKey, &'a [u8])> {
    match (params, signature) {
        (PublicParams::MlDsa65Ed25519(params), SignatureBytes::Native(octets)) => {
            Some((&params.ed25519, octets.get(..64)?))
        }
        _ => None,
    }
}

#[cfg(not(feature = "pqc"))]
pub(crate) fn ed25519_half<'a>(
    _: &'a PublicParams,
    _: &'a SignatureBytes,
) -> Option<(&'a ed25519_dalek::VerifyingKey, &'a [u8])> {
    None
}
