//! Secret parameters under a derived key (RFC 9580 §3.7.2.1, §5.5.3): AES in CFB mode or with AEAD, which is what programs of today write.
//! Everything else is left to rPGP, which only reads it.

use envelock_seipd::{
    Mode,
    cfb::Cfb,
    engine::{Direction, Engine, RustCrypto, Task, at_once},
};
use hkdf::Hkdf;
use pgp::{
    composed::RawSessionKey,
    crypto::{aead::AeadAlgorithm, hash::HashAlgorithm, sym::SymmetricKeyAlgorithm},
    ser::Serialize,
    types::{EncryptedSecretParams, KeyVersion, PlainSecretParams, S2kParams, StringToKey, Tag, VerifyingKey},
};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::open::without_sum;
use crate::rest;

/// Octets of a block of AES.
const BLOCK: usize = 16;

/// How the key of such a lock is derived, and how long it is; `None` for a lock that is not known here.
pub(super) fn derivation<'a>(method: &'a S2kParams, public: &impl VerifyingKey) -> Option<(&'a StringToKey, usize)> {
    let (cipher, s2k) = match method {
        S2kParams::Cfb { sym_alg, s2k, .. } | S2kParams::MalleableCfb { sym_alg, s2k, .. }
            if public.version() == KeyVersion::V4 =>
        {
            (sym_alg, s2k)
        }
        S2kParams::Aead { sym_alg, aead_mode, s2k, .. } => {
            mode(*aead_mode).filter(|mode| rest::has_mode(*mode))?;
            // §9.5: version 6 never with a broken hash.
            let is_sound = match s2k {
                StringToKey::Argon2 { .. } => true,
                StringToKey::IteratedAndSalted { hash_alg, .. } => {
                    matches!(hash_alg, HashAlgorithm::Sha256 | HashAlgorithm::Sha384 | HashAlgorithm::Sha512)
                }
                _ => false,
            };
            (sym_alg, is_sound.then_some(s2k)?)
        }
        _ => return None,
    };
    rest::aes(*cipher).map(|_| (s2k, cipher.key_size()))
}

/// Locks, by a method that has a [`derivation`].
pub(super) fn seal<K: VerifyingKey + Serialize>(
    plain: &PlainSecretParams,
    method: S2kParams,
    key: &RawSessionKey,
    public: &K,
    tag: Tag,
) -> Option<EncryptedSecretParams> {
    let mut octets = Zeroizing::new(Vec::new());
    // Octets that grow leave copies behind; rPGP counts an octet less for some secrets. The SHA-1 hash has room, too.
    octets.reserve_exact(plain.write_len(public.version()) + 8 + 20);
    plain.to_writer(&mut *octets, public.version()).ok()?;
    if public.version() == KeyVersion::V4 {
        // The check sum of a key that is not locked.
        let length = octets.len().checked_sub(2)?;
        octets.truncate(length);
    }
    let sealed = match &method {
        S2kParams::Cfb { sym_alg, iv, .. } => {
            let checksum = Sha1::digest(&octets);
            octets.extend_from_slice(&checksum);
            encryptor(*sym_alg, key, iv)?.encrypt(&mut octets);
            octets.to_vec()
        }
        S2kParams::Aead { .. } => aead(Direction::Seal, &octets, &method, key, public, tag)?.to_vec(),
        _ => return None,
    };
    Some(EncryptedSecretParams::new(sealed.into(), method))
}

/// The secret numbers of what has a [`derivation`], as octets. `None` for a wrong key and damaged octets alike.
pub(super) fn open<K: VerifyingKey + Serialize>(
    locked: &EncryptedSecretParams,
    key: &RawSessionKey,
    public: &K,
    tag: Tag,
) -> Option<Zeroizing<Vec<u8>>> {
    match locked.string_to_key_params() {
        method @ S2kParams::Aead { .. } => aead(Direction::Open, locked.data(), method, key, public, tag),
        S2kParams::Cfb { sym_alg, iv, .. } => {
            let mut octets = decrypted(locked, *sym_alg, key, iv)?;
            let (secret, checksum) = octets.split_last_chunk::<20>()?;
            let length = secret.len();
            if Sha1::digest(secret)[..] != checksum[..] {
                return None;
            }
            octets.truncate(length);
            Some(octets)
        }
        S2kParams::MalleableCfb { sym_alg, iv, .. } => {
            let mut octets = decrypted(locked, *sym_alg, key, iv)?;
            let length = without_sum(&octets)?.len();
            octets.truncate(length);
            Some(octets)
        }
        _ => None,
    }
}

fn decrypted(
    locked: &EncryptedSecretParams,
    cipher: SymmetricKeyAlgorithm,
    key: &RawSessionKey,
    iv: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let mut octets = Zeroizing::new(locked.data().to_vec());
    let mut decryptor = Cfb::new(rest::aes(cipher)?, key.as_ref())?;
    // As the block before the first.
    let mut iv: [u8; BLOCK] = iv.try_into().ok()?;
    decryptor.decrypt(&mut iv);
    decryptor.decrypt(&mut octets);
    Some(octets)
}

/// One whose IV is behind it.
fn encryptor(cipher: SymmetricKeyAlgorithm, key: &RawSessionKey, iv: &[u8]) -> Option<Cfb> {
    let cipher = rest::aes(cipher)?;
    let iv: [u8; BLOCK] = iv.try_into().ok()?;
    // The plaintext whose first block of ciphertext is the IV.
    let mut before = [0; BLOCK];
    Cfb::new(cipher, key.as_ref())?.encrypt(&mut before);
    before.iter_mut().zip(iv).for_each(|(octet, iv)| *octet ^= iv);
    let mut encryptor = Cfb::new(cipher, key.as_ref())?;
    encryptor.encrypt(&mut before);
    Some(encryptor)
}

/// By the key that HKDF makes of the derived one, together with the public part.
fn aead<K: VerifyingKey + Serialize>(
    direction: Direction,
    input: &[u8],
    method: &S2kParams,
    key: &RawSessionKey,
    public: &K,
    tag: Tag,
) -> Option<Zeroizing<Vec<u8>>> {
    let S2kParams::Aead { sym_alg, aead_mode, nonce, .. } = method else { return None };
    let (cipher, mode) = (rest::aes(*sym_alg)?, mode(*aead_mode)?);
    let packet_type = u8::from(tag) | 0xC0;
    let info = [packet_type, public.version().into(), (*sym_alg).into(), (*aead_mode).into()];
    let mut own = Zeroizing::new(vec![0; cipher.key_len()]);
    Hkdf::<Sha256>::new(None, key.as_ref()).expand(&info, &mut own).ok()?;
    let mut associated_data = vec![packet_type];
    public.to_writer(&mut associated_data).ok()?;
    let length = match direction {
        Direction::Seal => input.len() + Mode::TAG_LEN,
        Direction::Open => input.len().checked_sub(Mode::TAG_LEN)?,
    };
    let mut output = Zeroizing::new(vec![0; length]);
    let key = at_once(RustCrypto.key(cipher, mode, &own, length))?.ok()?;
    let task = Task { direction, nonce, associated_data: &associated_data, input };
    RustCrypto.begin(&key, task, &mut output).ok()?;
    Some(output)
}

fn mode(mode: AeadAlgorithm) -> Option<Mode> {
    Mode::from_id(mode.into()).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use pgp::types::{KeyDetails, SecretParams, Timestamp};
    use rand::{SeedableRng, rngs::StdRng};

    use super::{super::open::by_pgp, *};
    use crate::{GenerateOptions, Profile, generate, secret::Passphrase};

    fn methods(version: KeyVersion) -> Vec<S2kParams> {
        let iterated = StringToKey::IteratedAndSalted { hash_alg: HashAlgorithm::Sha256, salt: [3; 8], count: 0 };
        let argon2 = StringToKey::Argon2 { salt: [5; 16], t: 1, p: 1, m_enc: 6 };
        let ciphers = [SymmetricKeyAlgorithm::AES128, SymmetricKeyAlgorithm::AES192, SymmetricKeyAlgorithm::AES256];
        let mut methods = Vec::new();
        for sym_alg in ciphers {
            if version == KeyVersion::V4 {
                methods.push(S2kParams::Cfb { sym_alg, s2k: iterated.clone(), iv: vec![9; 16].into() });
            }
            for aead_mode in [AeadAlgorithm::Eax, AeadAlgorithm::Ocb, AeadAlgorithm::Gcm] {
                for s2k in [&iterated, &argon2] {
                    let nonce = vec![7; aead_mode.nonce_size()].into();
                    methods.push(S2kParams::Aead { sym_alg, aead_mode, s2k: s2k.clone(), nonce });
                }
            }
        }
        methods
    }

    /// Both ways, to the octet: of every version, cipher and mode, and of keys whose numbers begin with zeros.
    #[test]
    fn as_rpgp_locks_and_unlocks() {
        let passphrase = Passphrase::from("harbour");
        for profile in [Profile::Compat, Profile::Rfc9580] {
            for seed in 0..3 {
                let options = GenerateOptions {
                    profile,
                    user_ids: vec!["Alice <alice@example.org>".into()],
                    passphrase: None,
                    created: Timestamp::from_secs(1_700_000_000),
                    expires: None,
                };
                let key = generate(&options, &mut StdRng::seed_from_u64(seed)).unwrap().key;
                let key = key.as_pgp();
                let subkey = &key.secret_subkeys[0].key;
                let (public, tag) = (subkey.public_key(), Tag::SecretSubkey);
                let SecretParams::Plain(plain) = subkey.secret_params() else { panic!("locked") };
                for method in methods(public.version()) {
                    let theirs = plain.encrypt(passphrase.as_bytes(), method.clone(), public, Some(tag)).unwrap();
                    let (s2k, length) = derivation(&method, public).unwrap();
                    let derived = passphrase.derive(s2k, length).unwrap();
                    let ours = seal(plain, method.clone(), &derived, public, tag).unwrap();
                    assert!(ours == theirs, "{method:?}");
                    let opened = open(&theirs, &derived, public, tag).unwrap();
                    assert!(by_pgp(&opened, public).unwrap() == *plain, "{method:?}");
                    let other = RawSessionKey::from(vec![1; length]);
                    assert!(open(&theirs, &other, public, tag).is_none(), "{method:?}");
                    let is_aead = matches!(method, S2kParams::Aead { .. });
                    assert_eq!(open(&theirs, &derived, public, Tag::SecretKey).is_none(), is_aead, "{method:?}");
                }
            }
        }
    }

    /// RFC 9580 §9.5 forbids it; rPGP refuses what is not known here.
    #[test]
    fn a_broken_hash_under_aead_is_not_known_here() {
        let options = GenerateOptions {
            profile: Profile::Rfc9580,
            user_ids: Vec::new(),
            passphrase: None,
            created: Timestamp::from_secs(1_700_000_000),
            expires: None,
        };
        let key = generate(&options, &mut StdRng::seed_from_u64(1)).unwrap().key;
        let key = key.as_pgp();
        let public = key.primary_key.public_key();
        for hash_alg in [HashAlgorithm::Md5, HashAlgorithm::Sha1, HashAlgorithm::Ripemd160] {
            let s2k = StringToKey::IteratedAndSalted { hash_alg, salt: [3; 8], count: 0 };
            let (sym_alg, aead_mode) = (SymmetricKeyAlgorithm::AES256, AeadAlgorithm::Ocb);
            let method = S2kParams::Aead { sym_alg, aead_mode, s2k, nonce: vec![7; 15].into() };
            assert!(derivation(&method, public).is_none());
        }
    }
}
