//! The code of a keystore under a key that the password of an account gives, so that the password alone brings the keystore to
//! another device.
//!
//! A login by OPAQUE gives its client an export key, the same every time until the password changes (RFC 9807 §6.4.4, §10.4).
//! HKDF makes a key of it, and that key wraps the 18 octets of a [`RecoveryCode`] as a session key is wrapped: one SKESK v6
//! (RFC 9580 §5.3.2) with AES-256-GCM and a private S2K type (§3.7.1), which says that the key is not derived from it.
//!
//! Whoever can try passwords of the account can try them on this too; whoever cannot has nothing to try them on.
//! Not here: where it is kept, and the login.

use envelock_seipd::Tag;
use envelock_seipd::engine::Engine;
use envelock_seipd::skesk::{KeyEncryptionKey, S2k, Skesk};
use hkdf::Hkdf;
use rand::{CryptoRng, Rng};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{KeystoreError, RecoveryCode, SUITE, only};

/// Parts this key from every other use of the export key (RFC 9807 §10.4).
const ACCOUNT_INFO: &[u8] = b"envelock/v1/keystore/account";
/// A private S2K type; the octet behind it is the version of this format.
const S2K_ACCOUNT: [u8; 2] = [101, 1];

/// What a login gave its client. Wiped when dropped; no `Debug`.
pub struct AccountKey(Zeroizing<[u8; 64]>);

impl AccountKey {
    /// Takes a copy of the 64 octets, if they are 64.
    pub fn new(octets: &[u8]) -> Result<Self, KeystoreError> {
        let mut copy = Zeroizing::new([0; 64]);
        if octets.len() != copy.len() {
            return Err(KeystoreError::WrongAccountKey);
        }
        copy.copy_from_slice(octets);
        Ok(AccountKey(copy))
    }

    fn key(&self) -> Result<KeyEncryptionKey, KeystoreError> {
        let mut material = Zeroizing::new([0u8; 32]);
        // 32 octets are far below what HKDF can give, so this cannot fail.
        let _ = Hkdf::<Sha256>::new(None, self.0.as_slice()).expand(ACCOUNT_INFO, material.as_mut_slice());
        KeyEncryptionKey::derive(material.as_slice(), SUITE.cipher, SUITE.mode).map_err(KeystoreError::Codec)
    }
}

/// Seals a code for whoever can log in.
pub async fn seal_code<E: Engine, R: CryptoRng + Rng>(
    code: &RecoveryCode,
    key: &AccountKey,
    rng: &mut R,
    engine: &E,
) -> Result<Vec<u8>, KeystoreError> {
    let mut nonce = [0; 16];
    rng.fill_bytes(&mut nonce);
    let s2k = S2k::Other(S2K_ACCOUNT.to_vec());
    let wrapped = Skesk::wrap(engine, &key.key()?, s2k, nonce, code.octets().as_slice()).await;
    let mut sealed = Vec::new();
    wrapped.map_err(KeystoreError::Codec)?.serialize(&mut sealed);
    Ok(sealed)
}

/// Opens what [`seal_code`] made.
pub async fn open_code<E: Engine>(sealed: &[u8], key: &AccountKey, engine: &E) -> Result<RecoveryCode, KeystoreError> {
    const FORM: KeystoreError = KeystoreError::Malformed { what: "not a sealed code" };
    let body = only(sealed, Tag::SKESK).ok_or(FORM)?;
    let skesk = Skesk::parse(&body).ok().filter(|skesk| matches!(&skesk.s2k, S2k::Other(s2k) if *s2k == S2K_ACCOUNT));
    let opened = skesk.ok_or(FORM)?.unwrap(engine, &key.key()?).await.map_err(|error| match error {
        envelock_seipd::Error::DecryptionFailed => KeystoreError::WrongAccountKey,
        error => KeystoreError::Codec(error),
    })?;
    opened.as_slice().try_into().ok().and_then(RecoveryCode::from_octets).ok_or(FORM)
}
