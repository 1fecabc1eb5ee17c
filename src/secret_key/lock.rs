//! Locks and unlocks whole keys in place, by the string-to-key method that fits the key's version.

use pgp::{
    bytes::Bytes,
    composed::SignedSecretKey,
    crypto::{aead::AeadAlgorithm, hash::HashAlgorithm, sym::SymmetricKeyAlgorithm},
    packet,
    ser::Serialize,
    types::{KeyDetails, KeyVersion, PlainSecretParams, S2kParams, SecretParams, StringToKey, Tag, VerifyingKey},
};

use super::{is_absent, unlock::open};
use crate::{error::KeyError, limits::Limits, secret::Passphrase};

/// Argon2id for v6 keys: RFC 9106 §4's second recommended option, 3 passes over 64 MiB in 4 lanes.
const ARGON2_PASSES: u8 = 3;
const ARGON2_LANES: u8 = 4;
const ARGON2_MEMORY_EXPONENT: u8 = 16;

/// Octets hashed for v4 keys, coded as RFC 9580 §3.7.1.3 says: 16 MiB, as OpenPGP.js and rPGP do; GnuPG reads any count.
const ITERATED_COUNT: u8 = 224;

/// Locks every component that has its secret part in the clear. Every new passphrase comes through here.
pub(super) fn lock<R: rand::CryptoRng + rand::Rng>(
    key: &mut SignedSecretKey,
    passphrase: &Passphrase,
    rng: &mut R,
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
        lock_primary(&mut key.primary_key, passphrase, rng)?;
    }
    for subkey in &mut key.secret_subkeys {
        if !is_absent(subkey.key.secret_params()) {
            lock_subkey(&mut subkey.key, passphrase, rng)?;
        }
    }
    Ok(())
}

fn lock_primary<R: rand::CryptoRng + rand::Rng>(
    primary: &mut packet::SecretKey,
    passphrase: &Passphrase,
    rng: &mut R,
) -> Result<(), KeyError> {
    let s2k = method(primary.version(), rng);
    primary.set_password_with_s2k(&passphrase.to_pgp(), s2k).map_err(|_| KeyError::Internal { what: "lock" })
}

/// Locks one open subkey as [`lock`] does.
pub(super) fn lock_subkey<R: rand::CryptoRng + rand::Rng>(
    subkey: &mut packet::SecretSubkey,
    passphrase: &Passphrase,
    rng: &mut R,
) -> Result<(), KeyError> {
    let s2k = method(subkey.version(), rng);
    subkey.set_password_with_s2k(&passphrase.to_pgp(), s2k).map_err(|_| KeyError::Internal { what: "lock" })
}

/// Opens every component for good, each with the first of the passphrases that fits it.
pub(super) fn unlock(key: &mut SignedSecretKey, passphrases: &[Passphrase], limits: &Limits) -> Result<(), KeyError> {
    open_all(key, passphrases, limits)
}

/// Opens every component with the old passphrase and locks it with the new one.
pub(super) fn relock<R: rand::CryptoRng + rand::Rng>(
    key: &mut SignedSecretKey,
    old: Option<&Passphrase>,
    new: &Passphrase,
    limits: &Limits,
    rng: &mut R,
) -> Result<(), KeyError> {
    open_all(key, old.map(std::slice::from_ref).unwrap_or_default(), limits)?;
    lock(key, new, rng)
}

/// As [`relock`] for the components that the old passphrase opens, or that lie open. The others stay as they are. Gives
/// whether there is any.
pub(super) fn relock_what_opens<R: rand::CryptoRng + rand::Rng>(
    key: &mut SignedSecretKey,
    old: &Passphrase,
    new: &Passphrase,
    limits: &Limits,
    rng: &mut R,
) -> Result<bool, KeyError> {
    let old = std::slice::from_ref(old);
    let mut any = false;
    if !is_absent(key.primary_key.secret_params()) && open_primary(&mut key.primary_key, old, limits).is_ok() {
        lock_primary(&mut key.primary_key, new, rng)?;
        any = true;
    }
    for subkey in &mut key.secret_subkeys {
        if !is_absent(subkey.key.secret_params()) && open_subkey(&mut subkey.key, old, limits).is_ok() {
            lock_subkey(&mut subkey.key, new, rng)?;
            any = true;
        }
    }
    Ok(any)
}

fn open_all(key: &mut SignedSecretKey, passphrases: &[Passphrase], limits: &Limits) -> Result<(), KeyError> {
    if !is_absent(key.primary_key.secret_params()) {
        open_primary(&mut key.primary_key, passphrases, limits)?;
    }
    for subkey in &mut key.secret_subkeys {
        if !is_absent(subkey.key.secret_params()) {
            open_subkey(&mut subkey.key, passphrases, limits)?;
        }
    }
    Ok(())
}

fn open_primary(key: &mut packet::SecretKey, passphrases: &[Passphrase], limits: &Limits) -> Result<(), KeyError> {
    let public = key.public_key().clone();
    let plain = open_any(key.secret_params(), &public, Tag::SecretKey, passphrases, limits)?;
    *key = packet::SecretKey::new(public, SecretParams::Plain(plain)).map_err(unlock_failed)?;
    Ok(())
}

fn open_subkey(key: &mut packet::SecretSubkey, passphrases: &[Passphrase], limits: &Limits) -> Result<(), KeyError> {
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
    others.fold(open(params, public, tag, first, limits), |opened, next| match opened {
        Err(KeyError::WrongPassphrase) => open(params, public, tag, Some(next), limits),
        settled => settled,
    })
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
