//! X25519 as OpenPGP has it (RFC 9580 §5.1.6; in version 4 also §11.4), where something agrees faster than rPGP does. Whatever is not as it always is, rPGP
//! is left to say what is wrong with it.

use envelock_fma::Engine;
use pgp::{
    composed::PlainSessionKey,
    crypto::{
        aes_kw,
        ecdh::{self, build_ecdh_param, kdf},
        hash::HashAlgorithm,
        sym::SymmetricKeyAlgorithm,
        x25519::{derive_session_key, hkdf},
    },
    types::{EcdhKdfType, EcdhPublicParams, EskType, Mpi, PkeskBytes, PlainSecretParams, PublicParams},
};
use rand::{CryptoRng, Rng};
use subtle::ConstantTimeEq;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::session_key;

/// Whoever agrees faster.
pub(crate) trait Agree {
    /// What scalar and point make (RFC 7748 §5).
    fn agree(&self, scalar: &[u8; 32], point: &[u8; 32]) -> Zeroizing<[u8; 32]>;
}

impl Agree for Engine {
    fn agree(&self, scalar: &[u8; 32], point: &[u8; 32]) -> Zeroizing<[u8; 32]> {
        self.x25519(scalar, point)
    }
}

/// Of §11.5.1, for this curve.
const HASH: HashAlgorithm = HashAlgorithm::Sha256;
const CIPHER: SymmetricKeyAlgorithm = SymmetricKeyAlgorithm::AES128;
/// What is encrypted is padded to a multiple of so many octets (§11.4).
const BLOCK: usize = 8;
/// Longer things than session keys are left to rPGP.
const MOST: usize = 128;

/// Encrypts what rPGP would encrypt; `None` if it has to.
pub(crate) fn encrypt<R: CryptoRng + Rng>(
    mut rng: R,
    engine: &impl Agree,
    key: &PublicParams,
    fingerprint: &[u8],
    plain: &[u8],
    typ: EskType,
) -> Option<PkeskBytes> {
    if plain.len() > MOST {
        return None;
    }
    let theirs = match key {
        PublicParams::X25519(params) => &params.key,
        params => legacy(params)?,
    };
    let mut scalar = Zeroizing::new([0; 32]);
    rng.fill_bytes(&mut *scalar);
    let shared = not_zero(engine.agree(&scalar, theirs.as_bytes()))?;
    let ephemeral = PublicKey::from(&StaticSecret::from(*scalar)).to_bytes();
    let PublicParams::X25519(_) = key else {
        let padding = BLOCK - plain.len() % BLOCK;
        let mut padded = Zeroizing::new(Vec::with_capacity(plain.len() + padding));
        padded.extend_from_slice(plain);
        padded.resize(plain.len() + padding, padding as u8);
        let encrypted_session_key = aes_kw::wrap(&legacy_key(&shared, key, fingerprint)?, &padded).ok()?.into();
        let public_point = Mpi::from_slice(&[&[0x40], ephemeral.as_slice()].concat());
        return Some(PkeskBytes::Ecdh { public_point, encrypted_session_key });
    };
    // The cipher stands beside it (§5.1.6).
    let (sym_alg, plain) = match typ {
        EskType::V6 => (None, plain),
        EskType::V3_4 => plain.split_first().map(|(cipher, plain)| (Some((*cipher).into()), plain))?,
    };
    let wrapping = hkdf(&ephemeral, theirs.as_bytes(), &shared).ok()?;
    let session_key = aes_kw::wrap(&*wrapping, plain).ok()?.into();
    Some(PkeskBytes::X25519 { ephemeral, session_key, sym_alg })
}

/// Decrypts what rPGP would decrypt; `None` if it has to, and if it would fail.
pub(crate) fn decrypt(
    engine: &impl Agree,
    secret: &PlainSecretParams,
    key: &PublicParams,
    fingerprint: &[u8],
    values: &PkeskBytes,
    typ: EskType,
) -> Option<PlainSessionKey> {
    match (secret, key, values) {
        (
            PlainSecretParams::X25519(secret),
            PublicParams::X25519(params),
            PkeskBytes::X25519 { ephemeral, session_key, sym_alg },
        ) => {
            let shared = not_zero(engine.agree(secret.as_bytes(), ephemeral))?;
            let key = derive_session_key(*ephemeral, params.key.to_bytes(), *shared, session_key).ok()?.into();
            match (typ, *sym_alg) {
                (EskType::V3_4, Some(sym_alg)) => Some(PlainSessionKey::V3_4 { key, sym_alg }),
                (EskType::V6, None) => Some(PlainSessionKey::V6 { key }),
                _ => None,
            }
        }
        (
            PlainSecretParams::ECDH(ecdh::SecretKey::Curve25519Legacy(secret)),
            PublicParams::ECDH(params),
            PkeskBytes::Ecdh { public_point, encrypted_session_key },
        ) => {
            legacy(key)?;
            let (0x40, point) = public_point.as_ref().split_first()? else { return None };
            let shared = not_zero(engine.agree(secret.as_bytes(), point.try_into().ok()?))?;
            let (wrapped, curve) = (encrypted_session_key, params.curve());
            let plain =
                ecdh::derive_session_key(&*shared, wrapped, wrapped.len(), curve, HASH, CIPHER, fingerprint).ok()?;
            session_key::checked(&plain, typ)
        }
        _ => None,
    }
}

/// The point of a key of version 4, if keys are derived from it as the curve's are.
fn legacy(params: &PublicParams) -> Option<&PublicKey> {
    match params {
        PublicParams::ECDH(EcdhPublicParams::Curve25519Legacy {
            p,
            hash: HASH,
            alg_sym: CIPHER,
            ecdh_kdf_type: EcdhKdfType::Native,
        }) => Some(p),
        _ => None,
    }
}

/// What a session key is wrapped with for a key of version 4.
fn legacy_key(shared: &[u8; 32], key: &PublicParams, fingerprint: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let PublicParams::ECDH(params) = key else { return None };
    let param = build_ecdh_param(&params.curve().oid(), CIPHER, HASH, fingerprint);
    kdf(HASH, shared, CIPHER.key_size(), &param).ok().map(Zeroizing::new)
}

/// Nothing but zeros is what a point of low order makes.
fn not_zero(shared: Zeroizing<[u8; 32]>) -> Option<Zeroizing<[u8; 32]>> {
    (!bool::from(shared.ct_eq(&[0; 32]))).then_some(shared)
}

#[cfg(test)]
mod tests;
