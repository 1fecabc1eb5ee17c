//! Makes new keys: one primary key that certifies and signs, one subkey that is encrypted to.

use std::collections::HashSet;

use envelock_seipd::{
    Octets,
    engine::{Engine, RustCrypto, Signatures},
};
use pgp::{
    composed::{SignedKeyDetails, SignedSecretKey, SignedSecretSubKey},
    crypto::{aead::AeadAlgorithm, hash::HashAlgorithm, sym::SymmetricKeyAlgorithm},
    packet::{
        self, Features, KeyFlags, PublicKey, PublicSubkey, SecretSubkey, Signature, SignatureType, SubpacketData,
        UserId,
    },
    types::{CompressionAlgorithm, Duration, KeyVersion, PacketHeaderVersion, SecretParams, SignedUser, Timestamp},
};

use super::{
    SecretKey,
    algorithm::{KeyUse, halves},
    drawn::KeyPair,
    here,
    profile::Profile,
    revoke,
    signing::{Draft, Statement},
    unlock::UnlockedComponent,
};
use crate::{
    certificate::{ComponentKey, RevocationReason, Target, Unread},
    error::KeyError,
    secret::Passphrase,
};

/// What to make.
#[derive(Debug, Clone)]
pub struct GenerateOptions {
    /// The kind of key.
    pub profile: Profile,
    /// User IDs, the primary one first, each once; see [`user_id`]. Version 4 keys need at least one.
    pub user_ids: Vec<String>,
    /// Locks the key at once. Without it the key lies open in its octets.
    pub passphrase: Option<Passphrase>,
    /// The date of key and signatures.
    pub created: Timestamp,
    /// When the key ends; must be later than `created`.
    pub expires: Option<Timestamp>,
}

/// A new key.
#[derive(Debug, Clone)]
pub struct Generated {
    /// The key, locked if a passphrase was given.
    pub key: SecretKey,
    /// Armored, without a reason: it ends the key for all time, and whoever has it can do that. Keep it apart from the key.
    pub revocation_certificate: String,
}

/// Makes a key.
pub fn generate<R: rand::CryptoRng + rand::Rng>(options: &GenerateOptions, rng: &mut R) -> Result<Generated, KeyError> {
    here(make::<[u8], _, _>(options, true, None, rng, &RustCrypto))
}

/// [`generate`] with an engine, which signs for RSA and NIST curves if it does so over octets of kind `D`; of key pairs that were
/// drawn elsewhere, one for signing and one for encryption, if there are any.
///
/// # Errors
/// As [`generate`], and [`KeyError::BadOptions`] if the profile asks for other keys than the pairs are.
pub async fn generate_on<D: Octets + ?Sized, E: Engine + Signatures<D>, R: rand::CryptoRng + rand::Rng>(
    options: &GenerateOptions,
    pairs: Option<[KeyPair; 2]>,
    rng: &mut R,
    engine: &E,
) -> Result<Generated, KeyError> {
    make(options, true, pairs, rng, engine).await
}

/// Makes a key that certifies and signs, and that nobody can encrypt to.
pub fn generate_for_signing<R: rand::CryptoRng + rand::Rng>(
    options: &GenerateOptions,
    rng: &mut R,
) -> Result<Generated, KeyError> {
    here(make::<[u8], _, _>(options, false, None, rng, &RustCrypto))
}

async fn make<D: Octets + ?Sized, E: Engine + Signatures<D>, R: rand::CryptoRng + rand::Rng>(
    options: &GenerateOptions,
    encrypts: bool,
    pairs: Option<[KeyPair; 2]>,
    rng: &mut R,
    engine: &E,
) -> Result<Generated, KeyError> {
    let lifetime = check(options)?;
    let mut pairs = pairs.into_iter().flatten();
    let (version, algorithm) = (options.profile.version(), options.profile.algorithm());
    let (secret, primary) = halves(version, options.created, algorithm, KeyUse::Sign, pairs.next(), rng)?;
    let primary = PublicKey::from_inner(primary).map_err(failed)?;
    let signer = UnlockedComponent::primary(primary.clone(), secret.clone())?;
    let primary = packet::SecretKey::new(primary, SecretParams::Plain(secret)).map_err(failed)?;
    let subkey = if encrypts {
        let (secret, subkey) = halves(version, options.created, algorithm, KeyUse::Encrypt, pairs.next(), rng)?;
        let subkey = PublicSubkey::from_inner(subkey).map_err(failed)?;
        Some(SecretSubkey::new(subkey, SecretParams::Plain(secret)).map_err(failed)?)
    } else {
        None
    };
    let parts = Parts::new(options, lifetime, &signer, primary, subkey, rng)?;
    parts.sign_on(engine).await?.assemble(options, rng, engine).await
}

/// The parts of a new key, each with what the primary key says about it: not yet signed, or signed.
struct Parts<S> {
    primary: packet::SecretKey,
    direct: Option<S>,
    users: Vec<(UserId, S)>,
    subkey: Option<(SecretSubkey, S)>,
    revocation: S,
}

impl<'k> Parts<Statement<'k>> {
    fn new<R: rand::CryptoRng + rand::Rng>(
        options: &GenerateOptions,
        lifetime: Option<Duration>,
        signer: &'k UnlockedComponent,
        primary: packet::SecretKey,
        subkey: Option<SecretSubkey>,
        rng: &mut R,
    ) -> Result<Self, KeyError> {
        let (created, public) = (options.created, primary.public_key());
        // RFC 9580 §10.1.1: in v6 a direct-key signature speaks for the key; in v4 each user ID's certification does.
        let is_v6 = options.profile.version() == KeyVersion::V6;
        let direct = if is_v6 {
            let draft = describe(Draft::new(signer, created), is_v6, lifetime);
            Some(draft.over_key(SignatureType::Key, public, rng)?)
        } else {
            None
        };
        let mut users = Vec::new();
        for (index, text) in options.user_ids.iter().enumerate() {
            let id = UserId::from_str(PacketHeaderVersion::New, text).map_err(failed)?;
            let mut draft = Draft::new(signer, created);
            if !is_v6 {
                draft = describe(draft, is_v6, lifetime);
            }
            if index == 0 {
                draft = draft.say(SubpacketData::IsPrimary(true));
            }
            let certification = draft.over_user_id(SignatureType::CertPositive, public, &id, rng)?;
            users.push((id, certification));
        }
        let subkey = match subkey {
            Some(subkey) => {
                let draft = Draft::new(signer, created).insist(SubpacketData::KeyFlags(encryption_flags()));
                let binding = draft.over_subkey(SignatureType::SubkeyBinding, public, subkey.public_key(), rng)?;
                Some((subkey, binding))
            }
            None => None,
        };
        let revocation = revoke::revoke_key(signer, public, RevocationReason::Unspecified, "", created, rng)?;
        Ok(Self { primary, direct, users, subkey, revocation })
    }

    async fn sign_on<D: Octets + ?Sized, E: Engine + Signatures<D>>(
        self,
        engine: &E,
    ) -> Result<Parts<Signature>, KeyError> {
        let direct = match self.direct {
            Some(direct) => Some(direct.sign_on(engine).await?),
            None => None,
        };
        let mut users = Vec::new();
        for (id, certification) in self.users {
            users.push((id, certification.sign_on(engine).await?));
        }
        let subkey = match self.subkey {
            Some((subkey, binding)) => Some((subkey, binding.sign_on(engine).await?)),
            None => None,
        };
        let revocation = self.revocation.sign_on(engine).await?;
        Ok(Parts { primary: self.primary, direct, users, subkey, revocation })
    }
}

impl Parts<Signature> {
    /// The whole key, locked if a passphrase was given.
    async fn assemble<R: rand::CryptoRng + rand::Rng>(
        self,
        options: &GenerateOptions,
        rng: &mut R,
        engine: &impl Engine,
    ) -> Result<Generated, KeyError> {
        self.remember();
        let details = SignedKeyDetails {
            revocation_signatures: Vec::new(),
            direct_signatures: self.direct.into_iter().collect(),
            users: self
                .users
                .into_iter()
                .map(|(id, signature)| SignedUser { id, signatures: vec![signature] })
                .collect(),
            user_attributes: Vec::new(),
        };
        let subkeys = self.subkey.into_iter();
        let inner = SignedSecretKey {
            primary_key: self.primary,
            details,
            public_subkeys: Vec::new(),
            secret_subkeys: subkeys
                .map(|(key, binding)| SignedSecretSubKey { key, signatures: vec![binding] })
                .collect(),
        };
        let mut key = SecretKey::from_pgp(inner, Unread::default());
        if let Some(passphrase) = &options.passphrase {
            key.lock_on(passphrase, rng, engine).await?;
        }
        Ok(Generated { key, revocation_certificate: revoke::to_armored(&self.revocation)? })
    }

    /// Whoever looks at the key next need not verify what was just signed.
    fn remember(&self) {
        let own = ComponentKey::Primary(self.primary.public_key());
        self.direct.iter().for_each(|signature| Target::Primary.was_signed_by(&own, signature));
        for (id, signature) in &self.users {
            Target::UserId(id).was_signed_by(&own, signature);
        }
        if let Some((subkey, signature)) = &self.subkey {
            Target::Subkey(ComponentKey::Subkey(subkey.public_key())).was_signed_by(&own, signature);
        }
    }
}

/// A user ID in the customary form `Name <email>`; either part may be empty, not both.
pub fn user_id(name: &str, email: &str) -> Result<String, KeyError> {
    let (name, email) = (name.trim(), email.trim());
    let is_plain = |text: &str| !text.chars().any(|c| c.is_control() || matches!(c, '<' | '>'));
    if !is_plain(name) || !is_plain(email) {
        return Err(KeyError::BadOptions { reason: "control characters or angle brackets in a user ID" });
    }
    if !email.is_empty() && (!email.contains('@') || email.contains(char::is_whitespace)) {
        return Err(KeyError::BadOptions { reason: "not an e-mail address" });
    }
    match (name.is_empty(), email.is_empty()) {
        (true, true) => Err(KeyError::BadOptions { reason: "empty user ID" }),
        (true, false) => Ok(format!("<{email}>")),
        (false, true) => Ok(name.to_owned()),
        (false, false) => Ok(format!("{name} <{email}>")),
    }
}

/// Gives the key's lifetime, if it has an end.
fn check(options: &GenerateOptions) -> Result<Option<Duration>, KeyError> {
    if options.profile.version() == KeyVersion::V4 && options.user_ids.is_empty() {
        return Err(KeyError::BadOptions { reason: "a version 4 key needs a user ID" });
    }
    options.user_ids.iter().try_for_each(|text| check_user_id(text))?;
    let mut seen = HashSet::new();
    if !options.user_ids.iter().all(|text| seen.insert(text)) {
        return Err(KeyError::UserIdExists);
    }
    lifetime(options.created, options.expires)
}

/// What RFC 9580 §5.11 allows in a user ID and people can read.
pub(super) fn check_user_id(text: &str) -> Result<(), KeyError> {
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        return Err(KeyError::BadOptions { reason: "a user ID is empty or has control characters" });
    }
    Ok(())
}

/// The lifetime of a key made at `created` that ends at `expires`; `None` for ever.
pub(super) fn lifetime(created: Timestamp, expires: Option<Timestamp>) -> Result<Option<Duration>, KeyError> {
    match expires {
        None => Ok(None),
        Some(end) => match end.as_secs().checked_sub(created.as_secs()) {
            None | Some(0) => Err(KeyError::BadOptions { reason: "the key would end before it begins" }),
            Some(seconds) => Ok(Some(Duration::from_secs(seconds))),
        },
    }
}

/// What an encryption subkey may do (§5.2.3.29).
pub(super) fn encryption_flags() -> KeyFlags {
    let mut flags = KeyFlags::default();
    flags.set_encrypt_comms(true);
    flags.set_encrypt_storage(true);
    flags
}

/// What the owner lets the primary key do, how long, and what the owner's software reads (§5.2.3.14 to §5.2.3.32).
fn describe(draft: Draft<'_>, is_v6: bool, lifetime: Option<Duration>) -> Draft<'_> {
    let mut flags = KeyFlags::default();
    flags.set_certify(true);
    flags.set_sign(true);
    let draft = preferences(is_v6).into_iter().fold(draft.insist(SubpacketData::KeyFlags(flags)), Draft::say);
    match lifetime {
        Some(lifetime) => draft.insist(SubpacketData::KeyExpirationTime(lifetime)),
        None => draft,
    }
}

/// What the owner's software reads, best first.
pub(super) fn preferences(is_v6: bool) -> Vec<SubpacketData> {
    use SymmetricKeyAlgorithm::{AES128, AES192, AES256};
    let hashes = [HashAlgorithm::Sha512, HashAlgorithm::Sha384, HashAlgorithm::Sha256];
    let mut preferences = vec![
        SubpacketData::PreferredSymmetricAlgorithms([AES256, AES192, AES128].into_iter().collect()),
        SubpacketData::PreferredHashAlgorithms(hashes.into_iter().collect()),
        SubpacketData::PreferredCompressionAlgorithms([CompressionAlgorithm::Uncompressed].into_iter().collect()),
    ];
    let mut features = Features::new();
    features.set_seipd_v1(true);
    if is_v6 {
        features.set_seipd_v2(true);
        // GCM first: WebCrypto has it, and the choice among good ones is ours (§5.2.3.15).
        let suites = [(AES256, AeadAlgorithm::Gcm), (AES256, AeadAlgorithm::Ocb), (AES128, AeadAlgorithm::Ocb)];
        preferences.push(SubpacketData::PreferredAeadAlgorithms(suites.into_iter().collect()));
    }
    preferences.push(SubpacketData::Features(features));
    preferences
}

fn failed(_: pgp::errors::Error) -> KeyError {
    KeyError::Internal { what: "generate" }
}
