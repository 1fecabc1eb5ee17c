//! Which mathematics a component key uses, and drawing its secret part.

use pgp::{
    crypto::{ecc_curve::ECCCurve, ecdh, ecdsa, ed25519, eddsa_legacy, public_key::PublicKeyAlgorithm, rsa, x25519},
    packet::PubKeyInner,
    types::{KeyVersion, PlainSecretParams, PublicParams, Timestamp},
};

use super::drawn::KeyPair;
use crate::{error::KeyError, post_quantum};

/// The mathematics of a component key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm {
    /// Ed25519 or X25519; in version 4 in the encodings GnuPG reads (RFC 9580 §9.2, EdDSALegacy and ECDH).
    Curve25519,
    /// RSA.
    Rsa {
        /// The size of the modulus, 2048 to 4096 in steps of 8.
        bits: u32,
    },
    /// ECDSA or ECDH over a NIST curve.
    Nist {
        /// The curve.
        curve: Curve,
    },
    /// ML-DSA-65+Ed25519 or ML-KEM-768+X25519 (RFC 9980). Experimental, and only with the feature `pqc`.
    PostQuantum,
}

/// A NIST curve (RFC 9580 §9.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Curve {
    /// P-256.
    #[default]
    P256,
    /// P-384.
    P384,
    /// P-521.
    P521,
}

/// What a component key is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyUse {
    /// Signs data.
    Sign,
    /// Is encrypted to.
    Encrypt,
}

impl Algorithm {
    /// The modulus unless one asks for another: what NIST SP 800-57 part 1, table 2 equates with 128 bits.
    pub const RSA_BITS: u32 = 3072;

    /// Reads `curve25519`, `rsa-2048` to `rsa-4096`, `p256`, `p384`, `p521` or `post-quantum`.
    pub fn from_code(code: &str) -> Result<Self, KeyError> {
        if code == "curve25519" {
            return Ok(Self::Curve25519);
        }
        if code == "post-quantum" {
            return Ok(Self::PostQuantum);
        }
        match code.strip_prefix("rsa-") {
            Some(bits) => {
                let bits = bits.parse().map_err(|_| KeyError::BadOptions { reason: "no such algorithm" })?;
                Self::rsa(bits)
            }
            None => Curve::from_code(code)
                .map(|curve| Self::Nist { curve })
                .map_err(|_| KeyError::BadOptions { reason: "no such algorithm" }),
        }
    }

    /// RSA with a modulus of an accepted size (RFC 9580 §12.4 asks for at least 2048 bits; over 4096 it is slow for nothing).
    pub fn rsa(bits: u32) -> Result<Self, KeyError> {
        if (2048..=4096).contains(&bits) && bits.is_multiple_of(8) {
            Ok(Self::Rsa { bits })
        } else {
            Err(KeyError::BadOptions { reason: "an RSA key has 2048 to 4096 bits, in steps of 8" })
        }
    }
}

impl Curve {
    /// `p256`, `p384` or `p521`.
    pub fn code(self) -> &'static str {
        match self {
            Self::P256 => "p256",
            Self::P384 => "p384",
            Self::P521 => "p521",
        }
    }

    /// The curve with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Result<Self, KeyError> {
        [Self::P256, Self::P384, Self::P521]
            .into_iter()
            .find(|curve| curve.code() == code)
            .ok_or(KeyError::BadOptions { reason: "no such curve" })
    }

    pub(super) fn to_pgp(self) -> ECCCurve {
        match self {
            Self::P256 => ECCCurve::P256,
            Self::P384 => ECCCurve::P384,
            Self::P521 => ECCCurve::P521,
        }
    }
}

impl KeyUse {
    /// `sign` or `encrypt`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Sign => "sign",
            Self::Encrypt => "encrypt",
        }
    }

    /// The use with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Result<Self, KeyError> {
        [Self::Sign, Self::Encrypt]
            .into_iter()
            .find(|key_use| key_use.code() == code)
            .ok_or(KeyError::BadOptions { reason: "no such use of a subkey" })
    }
}

/// Both halves of a component, of a pair if there is one.
pub(super) fn halves<R: rand::CryptoRng + rand::Rng>(
    version: KeyVersion,
    created: Timestamp,
    algorithm: Algorithm,
    key_use: KeyUse,
    pair: Option<KeyPair>,
    rng: &mut R,
) -> Result<(PlainSecretParams, PubKeyInner), KeyError> {
    match pair {
        Some(pair) => {
            let (secret, params) = pair.of_kind(algorithm, key_use)?;
            let public = public_key(version, created, &secret, params)?;
            Ok((secret, public))
        }
        None => {
            let secret = draw(algorithm, key_use, version, rng)?;
            let public = public_half(version, created, &secret)?;
            Ok((secret, public))
        }
    }
}

/// Draws a secret part, in the encoding that keys of this version use.
fn draw<R: rand::CryptoRng + rand::Rng>(
    algorithm: Algorithm,
    key_use: KeyUse,
    version: KeyVersion,
    rng: &mut R,
) -> Result<PlainSecretParams, KeyError> {
    let is_v6 = version == KeyVersion::V6;
    Ok(match (algorithm, key_use) {
        (Algorithm::Curve25519, KeyUse::Sign) if is_v6 => {
            PlainSecretParams::Ed25519(ed25519::SecretKey::generate(rng, ed25519::Mode::Ed25519))
        }
        (Algorithm::Curve25519, KeyUse::Sign) => PlainSecretParams::EdDSALegacy(eddsa_legacy::SecretKey::Ed25519(
            ed25519::SecretKey::generate(rng, ed25519::Mode::EdDSALegacy),
        )),
        (Algorithm::Curve25519, KeyUse::Encrypt) if is_v6 => {
            PlainSecretParams::X25519(x25519::SecretKey::generate(rng))
        }
        (Algorithm::Curve25519, KeyUse::Encrypt) => {
            PlainSecretParams::ECDH(ecdh::SecretKey::generate(rng, &ECCCurve::Curve25519Legacy).map_err(failed)?)
        }
        // Parsed once more: the fields are public.
        (Algorithm::Rsa { bits }, _) => {
            Algorithm::rsa(bits)?;
            PlainSecretParams::RSA(rsa::SecretKey::generate(rng, bits as usize).map_err(failed)?)
        }
        (Algorithm::PostQuantum, _) => post_quantum::draw(key_use, version, rng)?,
        (Algorithm::Nist { curve }, KeyUse::Sign) => {
            PlainSecretParams::ECDSA(ecdsa::SecretKey::generate(rng, &curve.to_pgp()).map_err(failed)?)
        }
        (Algorithm::Nist { curve }, KeyUse::Encrypt) => {
            PlainSecretParams::ECDH(ecdh::SecretKey::generate(rng, &curve.to_pgp()).map_err(failed)?)
        }
    })
}

/// The public half of a drawn secret part.
fn public_half(version: KeyVersion, created: Timestamp, secret: &PlainSecretParams) -> Result<PubKeyInner, KeyError> {
    let params = PublicParams::try_from(secret).map_err(failed)?;
    public_key(version, created, secret, params)
}

/// The public key with these parameters, which are those of the secret part.
pub(super) fn public_key(
    version: KeyVersion,
    created: Timestamp,
    secret: &PlainSecretParams,
    params: PublicParams,
) -> Result<PubKeyInner, KeyError> {
    let algorithm = match secret {
        PlainSecretParams::RSA(_) => PublicKeyAlgorithm::RSA,
        PlainSecretParams::ECDSA(_) => PublicKeyAlgorithm::ECDSA,
        PlainSecretParams::ECDH(_) => PublicKeyAlgorithm::ECDH,
        PlainSecretParams::EdDSALegacy(_) => PublicKeyAlgorithm::EdDSALegacy,
        PlainSecretParams::Ed25519(_) => PublicKeyAlgorithm::Ed25519,
        PlainSecretParams::X25519(_) => PublicKeyAlgorithm::X25519,
        other => post_quantum::algorithm(other).ok_or(KeyError::Internal { what: "generate" })?,
    };
    PubKeyInner::new(version, algorithm, created, None, params).map_err(failed)
}

fn failed(_: pgp::errors::Error) -> KeyError {
    KeyError::Internal { what: "generate" }
}
