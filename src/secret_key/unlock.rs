//! Opens one component of a secret key: cost first, then derivation, then the check against the public part.

use std::fmt;

use envelock_seipd::engine::Engine;
use pgp::{
    composed::PlainSessionKey,
    crypto::{Signer, hash::HashAlgorithm, public_key::PublicKeyAlgorithm, sym::SymmetricKeyAlgorithm},
    errors::Result as PgpResult,
    packet,
    ser::Serialize,
    types::{
        DecryptionKey, EncryptedSecretParams, EskType, Fingerprint, KeyDetails, KeyId, KeyVersion, Password,
        PkeskBytes, PlainSecretParams, PublicParams, S2kParams, SecretParams, SignatureBytes, SigningKey, StringToKey,
        Tag, Timestamp, VerifyingKey,
    },
};

use super::{
    ecdsa, ed25519, is_absent,
    open::{OpenSecret, by_pgp, unread_in},
    rare, sealed,
};
use crate::{
    certificate::ComponentKey, error::KeyError, limits::Limits, post_quantum, rest, rsa, secret::Passphrase, x25519,
};

/// A component of a secret key, as locked as it came.
#[derive(Clone, Copy)]
pub struct SecretComponent<'a>(Packet<'a>);

/// Not for others: rPGP's `Debug` shows secret numbers that were not read.
#[derive(Clone, Copy)]
enum Packet<'a> {
    Primary(&'a packet::SecretKey),
    Subkey(&'a packet::SecretSubkey),
}

impl<'a> SecretComponent<'a> {
    pub(super) fn primary(key: &'a packet::SecretKey) -> Self {
        Self(Packet::Primary(key))
    }

    pub(super) fn subkey(key: &'a packet::SecretSubkey) -> Self {
        Self(Packet::Subkey(key))
    }

    /// Its public half.
    pub fn key(&self) -> ComponentKey<'a> {
        match self.0 {
            Packet::Primary(key) => ComponentKey::Primary(key.public_key()),
            Packet::Subkey(key) => ComponentKey::Subkey(key.public_key()),
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
        Ok(match self.0 {
            Packet::Primary(key) => UnlockedComponent {
                secret: open(key.secret_params(), key.public_key(), Tag::SecretKey, passphrase, limits)?,
                public: Public::Primary(key.public_key().clone()),
            },
            Packet::Subkey(key) => UnlockedComponent {
                secret: open(key.secret_params(), key.public_key(), Tag::SecretSubkey, passphrase, limits)?,
                public: Public::Subkey(key.public_key().clone()),
            },
        })
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
        match self.0 {
            Packet::Primary(key) => key.secret_params(),
            Packet::Subkey(key) => key.secret_params(),
        }
    }
}

impl fmt::Debug for SecretComponent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretComponent({})", self.fingerprint())
    }
}

/// Gives the secret part in the clear, checked against `public`.
pub(super) fn open<K: VerifyingKey + Serialize>(
    params: &SecretParams,
    public: &K,
    tag: Tag,
    passphrase: Option<&Passphrase>,
    limits: &Limits,
) -> Result<OpenSecret, KeyError> {
    match params {
        SecretParams::Plain(plain) => match unread_in(plain, public) {
            Some(octets) => OpenSecret::read(octets, public),
            None => OpenSecret::of(plain.clone(), public),
        },
        SecretParams::Encrypted(_) if is_absent(params) => Err(KeyError::SecretAbsent),
        SecretParams::Encrypted(locked) => {
            let passphrase = passphrase.ok_or(KeyError::PassphraseRequired)?;
            check_cost(locked, limits)?;
            let Some((s2k, length)) = sealed::derivation(locked.string_to_key_params(), public) else {
                if !rest::is_here() {
                    return Err(KeyError::Internal { what: "second part" });
                }
                let octets = rare::open(locked, public, tag, passphrase).ok_or(KeyError::WrongPassphrase)?;
                return opened(&octets, public);
            };
            let key = passphrase.derive(s2k, length)?;
            opened(&sealed::open(locked, &key, public, tag).ok_or(KeyError::WrongPassphrase)?, public)
        }
    }
}

fn opened(octets: &[u8], public: &impl VerifyingKey) -> Result<OpenSecret, KeyError> {
    OpenSecret::read(octets, public).map_err(|error| match error {
        KeyError::Malformed { .. } => KeyError::WrongPassphrase,
        error => error,
    })
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
pub struct UnlockedComponent {
    public: Public,
    secret: OpenSecret,
}

enum Public {
    Primary(packet::PublicKey),
    Subkey(packet::PublicSubkey),
}

impl UnlockedComponent {
    /// A primary key that was made just now.
    pub(super) fn primary(public: packet::PublicKey, secret: PlainSecretParams) -> Result<Self, KeyError> {
        Ok(Self { secret: OpenSecret::made(secret, &public)?, public: Public::Primary(public) })
    }

    /// A subkey that was made just now.
    pub(super) fn subkey(public: packet::PublicSubkey, secret: PlainSecretParams) -> Result<Self, KeyError> {
        Ok(Self { secret: OpenSecret::made(secret, &public)?, public: Public::Subkey(public) })
    }

    /// Its public half.
    pub fn key(&self) -> ComponentKey<'_> {
        match &self.public {
            Public::Primary(key) => ComponentKey::Primary(key),
            Public::Subkey(key) => ComponentKey::Subkey(key),
        }
    }

    /// The secret part, in the clear.
    pub(crate) fn secret(&self) -> &OpenSecret {
        &self.secret
    }

    /// Decrypts the session key of a PKESK (RFC 9580 §5.1). A wrong key and damaged octets look alike.
    pub fn decrypt_session_key(&self, values: &PkeskBytes, typ: EskType) -> PgpResult<PlainSessionKey> {
        if let OpenSecret::Other(secret) = &self.secret
            && let Some(engine) = rest::fma()
            && let Some(opened) =
                x25519::decrypt(&engine, secret, self.public_params(), self.fingerprint().as_bytes(), values, typ)
        {
            return Ok(opened);
        }
        self.with_pgp(|secret| secret.decrypt(self.public_params(), values, typ, &self.key()))
    }

    /// What is left to rPGP.
    fn with_pgp<T>(&self, work: impl FnOnce(&PlainSecretParams) -> PgpResult<T>) -> PgpResult<T> {
        match &self.secret {
            OpenSecret::Rsa(numbers) => work(&by_pgp(&numbers.to_octets(), &self.key()).map_err(failed)?),
            OpenSecret::Ed25519(_) => Err(no_key_for_this()),
            OpenSecret::Other(secret) => work(secret),
        }
    }
}

fn no_key_for_this() -> pgp::errors::Error {
    std::io::Error::other("no key for this").into()
}

fn failed(error: KeyError) -> pgp::errors::Error {
    std::io::Error::other(error.to_string()).into()
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
        match &self.public {
            Public::Primary(key) => key.public_params(),
            Public::Subkey(key) => key.public_params(),
        }
    }
}

/// Not by rPGP's own dispatch, which signs with DSA, too: nothing here does (`Policy::dsa_signatures_before`).
impl SigningKey for UnlockedComponent {
    fn sign(&self, _: &Password, hash: HashAlgorithm, digest: &[u8]) -> PgpResult<SignatureBytes> {
        match (&self.secret, self.public_params()) {
            (OpenSecret::Rsa(secret), PublicParams::RSA(public)) => {
                if let Some(signature) = rsa::sign(secret, public, hash, digest) {
                    return Ok(SignatureBytes::Mpis(vec![signature]));
                }
            }
            (OpenSecret::Ed25519(seed), params) => {
                let signature = ed25519::Public::of(params).and_then(|public| seed.sign(&public, hash, digest));
                return signature.ok_or_else(no_key_for_this);
            }
            (OpenSecret::Other(PlainSecretParams::ECDSA(secret)), _) => {
                if let Some(signature) = ecdsa::sign(secret, hash, digest) {
                    return Ok(signature);
                }
            }
            _ => {}
        }
        self.with_pgp(|secret| {
            let signer: Option<&dyn Signer> = match secret {
                PlainSecretParams::RSA(key) => Some(key),
                PlainSecretParams::ECDSA(key) => Some(key),
                PlainSecretParams::Ed448(key) => Some(key),
                other => post_quantum::signer(other),
            };
            signer.ok_or_else(no_key_for_this)?.sign(hash, digest)
        })
    }

    fn hash_alg(&self) -> HashAlgorithm {
        self.public_params().hash_alg()
    }
}

impl DecryptionKey for UnlockedComponent {
    fn decrypt(&self, _: &Password, values: &PkeskBytes, typ: EskType) -> PgpResult<PgpResult<PlainSessionKey>> {
        Ok(self.decrypt_session_key(values, typ))
    }
}
