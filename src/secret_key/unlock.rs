//! Opens one component of a secret key: cost first, then derivation, then the check against the public part.

use std::fmt;

use envelock_seipd::engine::Engine;
use pgp::{
    composed::PlainSessionKey,
    crypto::{
        Signer, eddsa_legacy::SecretKey as EddsaLegacy, hash::HashAlgorithm, public_key::PublicKeyAlgorithm,
        sym::SymmetricKeyAlgorithm,
    },
    errors::Result as PgpResult,
    packet,
    ser::Serialize,
    types::{
        DecryptionKey, EncryptedSecretParams, EskType, Fingerprint, KeyDetails, KeyId, KeyVersion, Password,
        PkeskBytes, PlainSecretParams, PublicParams, S2kParams, SecretParams, SignatureBytes, SigningKey, StringToKey,
        Tag, Timestamp, VerifyingKey,
    },
};

use super::{ecdsa, is_absent, matching, sealed};
use crate::{certificate::ComponentKey, error::KeyError, limits::Limits, post_quantum, rest, rsa, secret::Passphrase};

/// A component of a secret key, as locked as it came.
#[derive(Clone, Copy)]
pub enum SecretComponent<'a> {
    /// The primary key.
    Primary(&'a packet::SecretKey),
    /// A subkey.
    Subkey(&'a packet::SecretSubkey),
}

impl<'a> SecretComponent<'a> {
    /// Its public half.
    pub fn key(&self) -> ComponentKey<'a> {
        match self {
            Self::Primary(key) => ComponentKey::Primary(key.public_key()),
            Self::Subkey(key) => ComponentKey::Subkey(key.public_key()),
        }
    }

    /// Its fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        self.key().fingerprint()
    }

    /// Whether a passphrase is needed.
    pub fn is_locked(&self) -> bool {
        self.params().is_encrypted()
    }

    /// Whether the secret part is in the file at all.
    pub fn is_present(&self) -> bool {
        !is_absent(self.params())
    }

    /// Whether its algorithm decrypts session keys.
    pub fn can_decrypt(&self) -> bool {
        match self.key().public_params() {
            PublicParams::RSA(_) | PublicParams::ECDH(_) | PublicParams::X25519(_) | PublicParams::X448(_) => true,
            other => post_quantum::encrypts(other),
        }
    }

    /// Opens the component and checks that its parts belong together. A passphrase is ignored when there is no lock.
    pub fn unlock(&self, passphrase: Option<&Passphrase>, limits: &Limits) -> Result<UnlockedComponent, KeyError> {
        // As it is, it need not be put together again, for which rPGP would write it to learn how long it is.
        if let SecretParams::Plain(plain) = self.params() {
            return match self {
                Self::Primary(key) => matching::check(key.public_key(), plain).map(|()| (*key).clone().into()),
                Self::Subkey(key) => matching::check(key.public_key(), plain).map(|()| (*key).clone().into()),
            };
        }
        match self {
            Self::Primary(key) => {
                let plain = open(key.secret_params(), key.public_key(), Tag::SecretKey, passphrase, limits)?;
                let open = packet::SecretKey::new(key.public_key().clone(), SecretParams::Plain(plain));
                Ok(UnlockedComponent(Open::Primary(open.map_err(|_| KeyError::Internal { what: "unlock" })?)))
            }
            Self::Subkey(key) => {
                let plain = open(key.secret_params(), key.public_key(), Tag::SecretSubkey, passphrase, limits)?;
                let open = packet::SecretSubkey::new(key.public_key().clone(), SecretParams::Plain(plain));
                Ok(UnlockedComponent(Open::Subkey(open.map_err(|_| KeyError::Internal { what: "unlock" })?)))
            }
        }
    }

    /// [`unlock`](Self::unlock) that lets others have their turns while the key is derived, by the engine where it is faster.
    pub async fn unlock_on(
        &self,
        passphrase: Option<&Passphrase>,
        limits: &Limits,
        engine: &impl Engine,
    ) -> Result<UnlockedComponent, KeyError> {
        self.derive_on(passphrase, limits, engine).await;
        self.unlock(passphrase, limits)
    }

    /// Derives what unlocking needs, for the passphrase to remember. What cannot be derived is told by who unlocks.
    pub(super) async fn derive_on(&self, passphrase: Option<&Passphrase>, limits: &Limits, engine: &impl Engine) {
        let (SecretParams::Encrypted(locked), Some(passphrase)) = (self.params(), passphrase) else { return };
        if check_cost(locked, limits).is_ok()
            && let Some((s2k, length)) = sealed::derivation(locked.string_to_key_params(), &self.key())
        {
            // Remembered, if it could be.
            let _ = passphrase.derive_on(s2k, length, engine).await;
        }
    }

    fn params(&self) -> &'a SecretParams {
        match self {
            Self::Primary(key) => key.secret_params(),
            Self::Subkey(key) => key.secret_params(),
        }
    }
}

impl fmt::Debug for SecretComponent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretComponent({})", self.fingerprint())
    }
}

/// Gives the secret parameters in the clear, checked against `public`.
pub(super) fn open<K: VerifyingKey + Serialize>(
    params: &SecretParams,
    public: &K,
    tag: Tag,
    passphrase: Option<&Passphrase>,
    limits: &Limits,
) -> Result<PlainSecretParams, KeyError> {
    let plain = match params {
        SecretParams::Plain(plain) => plain.clone(),
        SecretParams::Encrypted(_) if is_absent(params) => return Err(KeyError::SecretAbsent),
        SecretParams::Encrypted(locked) => {
            let passphrase = passphrase.ok_or(KeyError::PassphraseRequired)?;
            check_cost(locked, limits)?;
            let opened = match sealed::derivation(locked.string_to_key_params(), public) {
                Some((s2k, length)) => {
                    passphrase.derive(s2k, length).and_then(|key| sealed::open(locked, &key, public, tag))
                }
                None if !rest::is_here() => return Err(KeyError::Internal { what: "second part" }),
                None => locked.unlock(&passphrase.to_pgp(), public, Some(tag)),
            };
            opened.map_err(|_| KeyError::WrongPassphrase)?
        }
    };
    matching::check(public, &plain)?;
    Ok(plain)
}

/// Refuses what cannot be derived or would cost too much, before anything is derived (RFC 9580 §3.7.2.1).
fn check_cost(locked: &EncryptedSecretParams, limits: &Limits) -> Result<(), KeyError> {
    let (cipher, s2k, is_aead) = match locked.string_to_key_params() {
        S2kParams::Aead { sym_alg, s2k, .. } => (sym_alg, Some(s2k), true),
        S2kParams::Cfb { sym_alg, s2k, .. } | S2kParams::MalleableCfb { sym_alg, s2k, .. } => {
            (sym_alg, Some(s2k), false)
        }
        S2kParams::LegacyCfb { sym_alg, .. } => (sym_alg, None, false),
        S2kParams::Unprotected => return Err(KeyError::Malformed { reason: "locked without a lock", offset: None }),
    };
    if matches!(cipher, SymmetricKeyAlgorithm::Plaintext | SymmetricKeyAlgorithm::Other(_)) {
        return Err(KeyError::Unsupported { what: "cipher of the lock".to_owned() });
    }
    if let Some(s2k) = s2k {
        limits.check_s2k(s2k)?;
        // §3.7.2.1: Argon2 goes with AEAD only.
        if matches!(s2k, StringToKey::Argon2 { .. }) && !is_aead {
            return Err(KeyError::BadS2k { reason: "Argon2 without AEAD" });
        }
    }
    Ok(())
}

/// A component in the clear, checked to belong to its public part, wiped when dropped. Signs and decrypts by rPGP's traits;
/// the password they take is ignored.
pub struct UnlockedComponent(Open);

enum Open {
    Primary(packet::SecretKey),
    Subkey(packet::SecretSubkey),
}

impl UnlockedComponent {
    /// Its public half.
    pub fn key(&self) -> ComponentKey<'_> {
        match &self.0 {
            Open::Primary(key) => ComponentKey::Primary(key.public_key()),
            Open::Subkey(key) => ComponentKey::Subkey(key.public_key()),
        }
    }

    /// The secret parameters, in the clear.
    pub(crate) fn secret_params(&self) -> &SecretParams {
        match &self.0 {
            Open::Primary(key) => key.secret_params(),
            Open::Subkey(key) => key.secret_params(),
        }
    }

    /// Decrypts the session key of a PKESK (RFC 9580 §5.1). A wrong key and damaged octets look alike.
    pub fn decrypt_session_key(&self, values: &PkeskBytes, typ: EskType) -> PgpResult<PlainSessionKey> {
        self.decrypt(&Password::empty(), values, typ)?
    }
}

impl From<packet::SecretKey> for UnlockedComponent {
    fn from(key: packet::SecretKey) -> Self {
        Self(Open::Primary(key))
    }
}

impl From<packet::SecretSubkey> for UnlockedComponent {
    fn from(key: packet::SecretSubkey) -> Self {
        Self(Open::Subkey(key))
    }
}

impl fmt::Debug for UnlockedComponent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnlockedComponent({})", self.key().fingerprint())
    }
}

impl KeyDetails for UnlockedComponent {
    fn version(&self) -> KeyVersion {
        self.key().version()
    }
    fn legacy_key_id(&self) -> KeyId {
        self.key().legacy_key_id()
    }
    fn fingerprint(&self) -> Fingerprint {
        self.key().fingerprint()
    }
    fn algorithm(&self) -> PublicKeyAlgorithm {
        self.key().algorithm()
    }
    fn created_at(&self) -> Timestamp {
        self.key().created_at()
    }
    fn legacy_v3_expiration_days(&self) -> Option<u16> {
        self.key().legacy_v3_expiration_days()
    }
    fn public_params(&self) -> &PublicParams {
        match &self.0 {
            Open::Primary(key) => key.public_params(),
            Open::Subkey(key) => key.public_params(),
        }
    }
}

/// Not by rPGP's own dispatch, which signs with DSA, too: nothing here does (`Policy::dsa_signatures_before`).
impl SigningKey for UnlockedComponent {
    fn sign(&self, _: &Password, hash: HashAlgorithm, digest: &[u8]) -> PgpResult<SignatureBytes> {
        if let (SecretParams::Plain(PlainSecretParams::RSA(secret)), PublicParams::RSA(public)) =
            (self.secret_params(), self.public_params())
            && let Some(signature) = rsa::sign(secret, public, hash, digest)
        {
            return Ok(SignatureBytes::Mpis(vec![signature]));
        }
        if let SecretParams::Plain(PlainSecretParams::ECDSA(secret)) = self.secret_params()
            && let Some(signature) = ecdsa::sign(secret, hash, digest)
        {
            return Ok(signature);
        }
        let signer: Option<&dyn Signer> = match self.secret_params() {
            SecretParams::Plain(PlainSecretParams::RSA(key)) => Some(key),
            SecretParams::Plain(PlainSecretParams::ECDSA(key)) => Some(key),
            SecretParams::Plain(PlainSecretParams::EdDSALegacy(EddsaLegacy::Ed25519(key))) => Some(key),
            SecretParams::Plain(PlainSecretParams::Ed25519(key)) => Some(key),
            SecretParams::Plain(PlainSecretParams::Ed448(key)) => Some(key),
            SecretParams::Plain(other) => post_quantum::signer(other),
            SecretParams::Encrypted(_) => None,
        };
        let signer = signer.ok_or_else(|| pgp::errors::Error::from(std::io::Error::other("no key to sign with")))?;
        signer.sign(hash, digest)
    }
    fn hash_alg(&self) -> HashAlgorithm {
        match &self.0 {
            Open::Primary(key) => key.hash_alg(),
            Open::Subkey(key) => key.hash_alg(),
        }
    }
}

impl DecryptionKey for UnlockedComponent {
    fn decrypt(&self, _: &Password, values: &PkeskBytes, typ: EskType) -> PgpResult<PgpResult<PlainSessionKey>> {
        match &self.0 {
            Open::Primary(key) => key.decrypt(&Password::empty(), values, typ),
            Open::Subkey(key) => key.decrypt(&Password::empty(), values, typ),
        }
    }
}
