//! Makes new keys: one primary key that certifies and signs, one subkey that is encrypted to.

use pgp::{
    composed::{SignedKeyDetails, SignedPublicSubKey, SignedSecretKey, SignedSecretSubKey},
    crypto::{
        aead::AeadAlgorithm, ecc_curve::ECCCurve, ecdh, ed25519, eddsa_legacy, hash::HashAlgorithm,
        public_key::PublicKeyAlgorithm, sym::SymmetricKeyAlgorithm, x25519,
    },
    packet::{
        Features, KeyFlags, PubKeyInner, PublicKey, PublicSubkey, SecretSubkey, Signature, SignatureType,
        SubpacketData, UserId,
    },
    types::{
        CompressionAlgorithm, Duration, KeyVersion, PacketHeaderVersion, PlainSecretParams, PublicParams, SecretParams,
        SignedUser, Timestamp,
    },
};

use super::{SecretKey, revoke, signing::Draft};
use crate::{certificate::RevocationReason, error::KeyError, secret::Passphrase};

/// Which kind of key to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Profile {
    /// Version 4, Ed25519 and X25519 in the encodings GnuPG has read since 2.1. The default.
    #[default]
    Compat,
    /// Version 6, Ed25519 and X25519, as RFC 9580 recommends.
    Rfc9580,
}

/// What to make.
#[derive(Debug, Clone)]
pub struct GenerateOptions {
    /// The kind of key.
    pub profile: Profile,
    /// User IDs, the primary one first; see [`user_id`]. `Compat` needs at least one.
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
    let lifetime = check(options)?;
    let (created, profile) = (options.created, options.profile);

    let (primary_secret, subkey_secret) = draw(profile, rng)?;
    let primary = PublicKey::from_inner(public_half(profile, created, &primary_secret, true)?).map_err(failed)?;
    let subkey = PublicSubkey::from_inner(public_half(profile, created, &subkey_secret, false)?).map_err(failed)?;
    let signer = pgp::packet::SecretKey::new(primary.clone(), SecretParams::Plain(primary_secret)).map_err(failed)?;
    let secret_subkey = SecretSubkey::new(subkey.clone(), SecretParams::Plain(subkey_secret)).map_err(failed)?;

    // RFC 9580 §10.1.1: in v6 a direct-key signature speaks for the key; in v4 each user ID's certification does.
    let direct_signatures: Vec<Signature> = match profile {
        Profile::Rfc9580 => vec![describe(Draft::new(&signer, created), profile, lifetime).over_key(
            SignatureType::Key,
            &primary,
            rng,
        )?],
        Profile::Compat => Vec::new(),
    };
    let mut users = Vec::new();
    for (index, text) in options.user_ids.iter().enumerate() {
        let id = UserId::from_str(PacketHeaderVersion::New, text).map_err(failed)?;
        let mut draft = Draft::new(&signer, created);
        if profile == Profile::Compat {
            draft = describe(draft, profile, lifetime);
        }
        if index == 0 {
            draft = draft.say(SubpacketData::IsPrimary(true));
        }
        let certification = draft.over_user_id(SignatureType::CertPositive, &primary, &id, rng)?;
        users.push(SignedUser { id, signatures: vec![certification] });
    }
    let mut flags = KeyFlags::default();
    flags.set_encrypt_comms(true);
    flags.set_encrypt_storage(true);
    let binding = Draft::new(&signer, created).insist(SubpacketData::KeyFlags(flags)).over_subkey(
        SignatureType::SubkeyBinding,
        &primary,
        &subkey,
        rng,
    )?;
    let revocation = revoke::revoke_key(&signer, &primary, RevocationReason::Unspecified, created, rng)?;

    let details =
        SignedKeyDetails { revocation_signatures: Vec::new(), direct_signatures, users, user_attributes: Vec::new() };
    let mut key = SecretKey::from_pgp(SignedSecretKey {
        primary_key: signer,
        details,
        public_subkeys: Vec::<SignedPublicSubKey>::new(),
        secret_subkeys: vec![SignedSecretSubKey { key: secret_subkey, signatures: vec![binding] }],
    });
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
    if options.profile == Profile::Compat && options.user_ids.is_empty() {
        return Err(KeyError::BadOptions { reason: "a compat key needs a user ID" });
    }
    if options.user_ids.iter().any(|text| text.trim().is_empty() || text.chars().any(char::is_control)) {
        return Err(KeyError::BadOptions { reason: "a user ID is empty or has control characters" });
    }
    match options.expires {
        None => Ok(None),
        Some(end) => match end.as_secs().checked_sub(options.created.as_secs()) {
            None | Some(0) => Err(KeyError::BadOptions { reason: "the key would end before it begins" }),
            Some(seconds) => Ok(Some(Duration::from_secs(seconds))),
        },
    }
}

fn draw<R: rand::CryptoRng + rand::Rng>(
    profile: Profile,
    rng: &mut R,
) -> Result<(PlainSecretParams, PlainSecretParams), KeyError> {
    Ok(match profile {
        Profile::Compat => (
            PlainSecretParams::EdDSALegacy(eddsa_legacy::SecretKey::Ed25519(ed25519::SecretKey::generate(
                &mut *rng,
                ed25519::Mode::EdDSALegacy,
            ))),
            PlainSecretParams::ECDH(ecdh::SecretKey::generate(rng, &ECCCurve::Curve25519Legacy).map_err(failed)?),
        ),
        Profile::Rfc9580 => (
            PlainSecretParams::Ed25519(ed25519::SecretKey::generate(&mut *rng, ed25519::Mode::Ed25519)),
            PlainSecretParams::X25519(x25519::SecretKey::generate(rng)),
        ),
    })
}

fn public_half(
    profile: Profile,
    created: Timestamp,
    secret: &PlainSecretParams,
    signs: bool,
) -> Result<PubKeyInner, KeyError> {
    let (version, algorithm) = match (profile, signs) {
        (Profile::Compat, true) => (KeyVersion::V4, PublicKeyAlgorithm::EdDSALegacy),
        (Profile::Compat, false) => (KeyVersion::V4, PublicKeyAlgorithm::ECDH),
        (Profile::Rfc9580, true) => (KeyVersion::V6, PublicKeyAlgorithm::Ed25519),
        (Profile::Rfc9580, false) => (KeyVersion::V6, PublicKeyAlgorithm::X25519),
    };
    let params = PublicParams::try_from(secret).map_err(failed)?;
    PubKeyInner::new(version, algorithm, created, None, params).map_err(failed)
}

/// What the owner lets the primary key do, how long, and what the owner's software reads (§5.2.3.14 to §5.2.3.32).
fn describe<'k, K: pgp::types::SigningKey>(
    draft: Draft<'k, K>,
    profile: Profile,
    lifetime: Option<Duration>,
) -> Draft<'k, K> {
    let mut flags = KeyFlags::default();
    flags.set_certify(true);
    flags.set_sign(true);
    let mut features = Features::new();
    features.set_seipd_v1(true);
    let mut draft = draft
        .insist(SubpacketData::KeyFlags(flags))
        .say(SubpacketData::PreferredSymmetricAlgorithms(
            [SymmetricKeyAlgorithm::AES256, SymmetricKeyAlgorithm::AES192, SymmetricKeyAlgorithm::AES128]
                .into_iter()
                .collect(),
        ))
        .say(SubpacketData::PreferredHashAlgorithms(
            [HashAlgorithm::Sha512, HashAlgorithm::Sha384, HashAlgorithm::Sha256].into_iter().collect(),
        ))
        .say(SubpacketData::PreferredCompressionAlgorithms([CompressionAlgorithm::Uncompressed].into_iter().collect()));
    if profile == Profile::Rfc9580 {
        features.set_seipd_v2(true);
        // GCM first: WebCrypto has it, and the choice among good ones is ours (§5.2.3.15).
        draft = draft.say(SubpacketData::PreferredAeadAlgorithms(
            [
                (SymmetricKeyAlgorithm::AES256, AeadAlgorithm::Gcm),
                (SymmetricKeyAlgorithm::AES256, AeadAlgorithm::Ocb),
                (SymmetricKeyAlgorithm::AES128, AeadAlgorithm::Ocb),
            ]
            .into_iter()
            .collect(),
        ));
    }
    draft = draft.say(SubpacketData::Features(features));
    match lifetime {
        Some(lifetime) => draft.insist(SubpacketData::KeyExpirationTime(lifetime)),
        None => draft,
    }
}

fn failed(_: pgp::errors::Error) -> KeyError {
    KeyError::Internal { what: "generate" }
}
