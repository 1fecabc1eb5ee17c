//! Locks and unlocks whole keys in place, by the string-to-key method that fits the key's version.

use envelock_seipd::engine::Engine;
use pgp::{
    bytes::Bytes,
    composed::SignedSecretKey,
    crypto::{aead::AeadAlgorithm, hash::HashAlgorithm, sym::SymmetricKeyAlgorithm},
    packet,
    ser::Serialize,
    types::{KeyVersion, PlainSecretParams, S2kParams, SecretParams, StringToKey, Tag, VerifyingKey},
};

use super::{
    SecretComponent, is_absent,
    open::{OpenSecret, unread_in},
    sealed,
    unlock::open,
};
use crate::{error::KeyError, limits::Limits, secret::Passphrase};

/// Argon2id for v6 keys: RFC 9106 §4's second recommended option, 3 passes over 64 MiB in 4 lanes.
const ARGON2_PASSES: u8 = 3;
const ARGON2_LANES: u8 = 4;
const ARGON2_MEMORY_EXPONENT: u8 = 16;

/// Octets hashed for v4 keys, coded as RFC 9580 §3.7.1.3 says: 16 MiB, as OpenPGP.js and rPGP do; GnuPG reads any count.
const ITERATED_COUNT: u8 = 224;

/// Locks every component that has its secret part in the clear. Every new passphrase comes through here.
pub(super) async fn lock<R: rand::CryptoRng + rand::Rng>(
    key: &mut SignedSecretKey,
    passphrase: &Passphrase,
    rng: &mut R,
    engine: &impl Engine,
) -> Result<(), KeyError> {
    if passphrase.is_empty() {
        return Err(KeyError::BadOptions { reason: "the passphrase is empty" });
    }
    let packets = std::iter::once(key.primary_key.secret_params())
        .chain(key.secret_subkeys.iter().map(|it| it.key.secret_params()));
    if packets.into_iter().any(|params| params.is_encrypted() && !is_absent(params)) {
        return Err(KeyError::PassphraseRequired);
    }
    if !is_absent(key.primary_key.secret_params()) {
        lock_primary(&mut key.primary_key, passphrase, rng, engine).await?;
    }
    for subkey in &mut key.secret_subkeys {
        if !is_absent(subkey.key.secret_params()) {
            lock_subkey(&mut subkey.key, passphrase, rng, engine).await?;
        }
    }
    Ok(())
}

async fn lock_primary<R: rand::CryptoRng + rand::Rng>(
    primary: &mut packet::SecretKey,
    passphrase: &Passphrase,
    rng: &mut R,
    engine: &impl Engine,
) -> Result<(), KeyError> {
    let public = primary.public_key().clone();
    let locked = locked(primary.secret_params(), &public, Tag::SecretKey, passphrase, rng, engine).await?;
    *primary = packet::SecretKey::new(public, locked).map_err(lock_failed)?;
    Ok(())
}

/// Locks one open subkey as [`lock`] does.
pub(super) async fn lock_subkey<R: rand::CryptoRng + rand::Rng>(
    subkey: &mut packet::SecretSubkey,
    passphrase: &Passphrase,
    rng: &mut R,
    engine: &impl Engine,
) -> Result<(), KeyError> {
    let public = subkey.public_key().clone();
    let locked = locked(subkey.secret_params(), &public, Tag::SecretSubkey, passphrase, rng, engine).await?;
    *subkey = packet::SecretSubkey::new(public, locked).map_err(lock_failed)?;
    Ok(())
}

async fn locked<K: VerifyingKey + Serialize, R: rand::CryptoRng + rand::Rng>(
    params: &SecretParams,
    public: &K,
    tag: Tag,
    passphrase: &Passphrase,
    rng: &mut R,
    engine: &impl Engine,
) -> Result<SecretParams, KeyError> {
    const FAILED: KeyError = KeyError::Internal { what: "lock" };
    let SecretParams::Plain(plain) = params else { return Err(FAILED) };
    if let Some(octets) = unread_in(plain, public) {
        OpenSecret::read(octets, public)?;
    }
    let method = method(public.version(), rng);
    let (s2k, length) = sealed::derivation(&method, public).ok_or(FAILED)?;
    let key = passphrase.derive_on(s2k, length, engine).await?;
    sealed::seal(plain, method, &key, public, tag).map(SecretParams::Encrypted).ok_or(FAILED)
}

fn lock_failed(_: pgp::errors::Error) -> KeyError {
    KeyError::Internal { what: "lock" }
}

/// Opens every component for good, each with the first of the passphrases that fits it.
pub(super) async fn unlock(
    key: &mut SignedSecretKey,
    passphrases: &[Passphrase],
    limits: &Limits,
    engine: &impl Engine,
) -> Result<(), KeyError> {
    if !is_absent(key.primary_key.secret_params()) {
        open_primary(&mut key.primary_key, passphrases, limits, engine).await?;
    }
    for subkey in &mut key.secret_subkeys {
        if !is_absent(subkey.key.secret_params()) {
            open_subkey(&mut subkey.key, passphrases, limits, engine).await?;
        }
    }
    Ok(())
}

/// Opens every component with the old passphrase and locks it with the new one.
pub(super) async fn relock<R: rand::CryptoRng + rand::Rng>(
    key: &mut SignedSecretKey,
    old: Option<&Passphrase>,
    new: &Passphrase,
    limits: &Limits,
    rng: &mut R,
    engine: &impl Engine,
) -> Result<(), KeyError> {
    unlock(key, old.map(std::slice::from_ref).unwrap_or_default(), limits, engine).await?;
    lock(key, new, rng, engine).await
}

/// As [`relock`] for the components that the old passphrase opens, or that lie open. The others stay as they are. Gives
/// whether there is any.
pub(super) async fn relock_what_opens<R: rand::CryptoRng + rand::Rng>(
    key: &mut SignedSecretKey,
    old: &Passphrase,
    new: &Passphrase,
    limits: &Limits,
    rng: &mut R,
    engine: &impl Engine,
) -> Result<bool, KeyError> {
    let old = std::slice::from_ref(old);
    let mut any = false;
    if !is_absent(key.primary_key.secret_params())
        && fits(open_primary(&mut key.primary_key, old, limits, engine).await)?
    {
        lock_primary(&mut key.primary_key, new, rng, engine).await?;
        any = true;
    }
    for subkey in &mut key.secret_subkeys {
        if !is_absent(subkey.key.secret_params()) && fits(open_subkey(&mut subkey.key, old, limits, engine).await)? {
            lock_subkey(&mut subkey.key, new, rng, engine).await?;
            any = true;
        }
    }
    Ok(any)
}

/// Whether a component was opened; without memory nobody knows.
fn fits(opened: Result<(), KeyError>) -> Result<bool, KeyError> {
    match opened {
        Err(KeyError::OutOfMemory) => Err(KeyError::OutOfMemory),
        opened => Ok(opened.is_ok()),
    }
}

async fn open_primary(
    key: &mut packet::SecretKey,
    passphrases: &[Passphrase],
    limits: &Limits,
    engine: &impl Engine,
) -> Result<(), KeyError> {
    SecretComponent::primary(key).derive_on(passphrases.first(), limits, engine).await;
    let public = key.public_key().clone();
    let plain = open_any(key.secret_params(), &public, Tag::SecretKey, passphrases, limits)?;
    *key = packet::SecretKey::new(public, SecretParams::Plain(plain)).map_err(unlock_failed)?;
    Ok(())
}

async fn open_subkey(
    key: &mut packet::SecretSubkey,
    passphrases: &[Passphrase],
    limits: &Limits,
    engine: &impl Engine,
) -> Result<(), KeyError> {
    SecretComponent::subkey(key).derive_on(passphrases.first(), limits, engine).await;
    let public = key.public_key().clone();
    let plain = open_any(key.secret_params(), &public, Tag::SecretSubkey, passphrases, limits)?;
    *key = packet::SecretSubkey::new(public, SecretParams::Plain(plain)).map_err(unlock_failed)?;
    Ok(())
}

fn unlock_failed(_: pgp::errors::Error) -> KeyError {
    KeyError::Internal { what: "unlock" }
}

fn open_any<K: VerifyingKey + Serialize>(
    params: &SecretParams,
    public: &K,
    tag: Tag,
    passphrases: &[Passphrase],
    limits: &Limits,
) -> Result<PlainSecretParams, KeyError> {
    let (first, others) = (passphrases.first(), passphrases.iter().skip(1));
    let opened = others.fold(open(params, public, tag, first, limits), |opened, next| match opened {
        Err(KeyError::WrongPassphrase) => open(params, public, tag, Some(next), limits),
        settled => settled,
    });
    opened?.into_pgp(public)
}

/// v6: Argon2id and AEAD (S2K usage 253, RFC 9580 §3.7.2.1). v4: iterated SHA-256 and CFB with a SHA-1 check (254), which
/// every program reads.
fn method<R: rand::CryptoRng + rand::Rng>(version: KeyVersion, rng: &mut R) -> S2kParams {
    let sym_alg = SymmetricKeyAlgorithm::AES256;
    if version == KeyVersion::V6 {
        let aead_mode = AeadAlgorithm::Ocb;
        let mut salt = [0; 16];
        rng.fill(&mut salt);
        let s2k = StringToKey::Argon2 { salt, t: ARGON2_PASSES, p: ARGON2_LANES, m_enc: ARGON2_MEMORY_EXPONENT };
        S2kParams::Aead { sym_alg, aead_mode, s2k, nonce: random(aead_mode.nonce_size(), rng) }
    } else {
        let mut salt = [0; 8];
        rng.fill(&mut salt);
        let s2k = StringToKey::IteratedAndSalted { hash_alg: HashAlgorithm::Sha256, salt, count: ITERATED_COUNT };
        S2kParams::Cfb { sym_alg, s2k, iv: random(sym_alg.block_size(), rng) }
    }
}

fn random<R: rand::CryptoRng + rand::Rng>(length: usize, rng: &mut R) -> Bytes {
    let mut octets = vec![0; length];
    rng.fill_bytes(&mut octets);
    octets.into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A component that is left out keeps its old passphrase: only where that is known not to be the one that was given.
    #[test]
    fn without_memory_nobody_knows_whether_a_passphrase_fits() {
        assert!(fits(Ok(())).unwrap());
        assert!(!fits(Err(KeyError::WrongPassphrase)).unwrap());
        assert_eq!(fits(Err(KeyError::OutOfMemory)), Err(KeyError::OutOfMemory));
    }
}
