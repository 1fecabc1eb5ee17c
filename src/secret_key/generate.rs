//! Makes new keys: one primary key that certifies and signs, one subkey that is encrypted to.

use std::collections::HashSet;

use pgp::{
    composed::{SignedKeyDetails, SignedPublicSubKey, SignedSecretKey, SignedSecretSubKey},
    crypto::{aead::AeadAlgorithm, hash::HashAlgorithm, sym::SymmetricKeyAlgorithm},
    packet::{
        Features, KeyFlags, PublicKey, PublicSubkey, SecretSubkey, Signature, SignatureType, SubpacketData, UserId,
    },
    types::{CompressionAlgorithm, Duration, KeyVersion, PacketHeaderVersion, SecretParams, SignedUser, Timestamp},
};

use super::{
    SecretKey,
    algorithm::{KeyUse, draw, public_half, public_key},
    drawn::KeyPair,
    profile::Profile,
    revoke,
    signing::Draft,
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
    make(options, true, Vec::new(), rng)
}

/// Makes a key of key pairs that were drawn elsewhere, one for signing and one for encryption.
///
/// # Errors
/// As [`generate`], and [`KeyError::BadOptions`] if the profile asks for other keys.
pub fn generate_with_pairs<R: rand::CryptoRng + rand::Rng>(
    options: &GenerateOptions,
    pairs: [KeyPair; 2],
    rng: &mut R,
) -> Result<Generated, KeyError> {
    make(options, true, pairs.into(), rng)
}

/// Makes a key that certifies and signs, and that nobody can encrypt to.
pub fn generate_for_signing<R: rand::CryptoRng + rand::Rng>(
    options: &GenerateOptions,
    rng: &mut R,
) -> Result<Generated, KeyError> {
    make(options, false, Vec::new(), rng)
}

fn make<R: rand::CryptoRng + rand::Rng>(
    options: &GenerateOptions,
    encrypts: bool,
    pairs: Vec<KeyPair>,
    rng: &mut R,
) -> Result<Generated, KeyError> {
    let lifetime = check(options)?;
    let (created, profile) = (options.created, options.profile);

    let (version, algorithm) = (profile.version(), profile.algorithm());

    let mut pairs = pairs.into_iter();
    let mut halves = |key_use, rng: &mut R| match pairs.next() {
        Some(pair) => {
            let (secret, params) = pair.of_kind(algorithm, key_use)?;
            let public = public_key(version, created, &secret, params)?;
            Ok::<_, KeyError>((secret, public))
        }
        None => {
            let secret = draw(algorithm, key_use, version, rng)?;
            let public = public_half(version, created, &secret)?;
            Ok((secret, public))
        }
    };
    let (primary_secret, primary) = halves(KeyUse::Sign, rng)?;
    let primary = PublicKey::from_inner(primary).map_err(failed)?;
    let made = pgp::packet::SecretKey::new(primary.clone(), SecretParams::Plain(primary_secret)).map_err(failed)?;
    let signer = UnlockedComponent::from(made.clone());
    let own = ComponentKey::Primary(&primary);

    // RFC 9580 §10.1.1: in v6 a direct-key signature speaks for the key; in v4 each user ID's certification does.
    let is_v6 = version == KeyVersion::V6;
    let direct_signatures: Vec<Signature> = if is_v6 {
        let draft = describe(Draft::new(&signer, created), is_v6, lifetime);
        let signature = draft.over_key(SignatureType::Key, &primary, rng)?;
        Target::Primary.was_signed_by(&own, &signature);
        vec![signature]
    } else {
        Vec::new()
    };
    let mut users = Vec::new();
    for (index, text) in options.user_ids.iter().enumerate() {
        let id = UserId::from_str(PacketHeaderVersion::New, text).map_err(failed)?;
        let mut draft = Draft::new(&signer, created);
        if !is_v6 {
            draft = describe(draft, is_v6, lifetime);
        }
        if index == 0 {
            draft = draft.say(SubpacketData::IsPrimary(true));
        }
        let certification = draft.over_user_id(SignatureType::CertPositive, &primary, &id, rng)?;
        Target::UserId(&id).was_signed_by(&own, &certification);
        users.push(SignedUser { id, signatures: vec![certification] });
    }
    let mut secret_subkeys = Vec::new();
    if encrypts {
        let (secret, subkey) = halves(KeyUse::Encrypt, rng)?;
        let subkey = PublicSubkey::from_inner(subkey).map_err(failed)?;
        let draft = Draft::new(&signer, created).insist(SubpacketData::KeyFlags(encryption_flags()));
        let binding = draft.over_subkey(SignatureType::SubkeyBinding, &primary, &subkey, rng)?;
        Target::Subkey(ComponentKey::Subkey(&subkey)).was_signed_by(&own, &binding);
        let key = SecretSubkey::new(subkey, SecretParams::Plain(secret)).map_err(failed)?;
        secret_subkeys.push(SignedSecretSubKey { key, signatures: vec![binding] });
    }
    let revocation = revoke::revoke_key(&signer, &primary, RevocationReason::Unspecified, "", created, rng)?;

    let details =
        SignedKeyDetails { revocation_signatures: Vec::new(), direct_signatures, users, user_attributes: Vec::new() };
    let inner = SignedSecretKey {
        primary_key: made,
        details,
        public_subkeys: Vec::<SignedPublicSubKey>::new(),
        secret_subkeys,
    };
    let mut key = SecretKey::from_pgp(inner, Unread::default());
    if let Some(passphrase) = &options.passphrase {
        key.lock(passphrase, rng)?;
    }
    Ok(Generated { key, revocation_certificate: revoke::to_armored(&revocation)? })
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
