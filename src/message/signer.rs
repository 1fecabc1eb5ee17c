//! Makes signature packets over data (RFC 9580 §5.2) with any number of keys.

use super::{
    error::SignError,
    hashing::{self, Hashed, Hashing},
    notation::Notation,
};
use crate::{
    Address, Limits, Passphrase, Policy, SecretKey,
    error::KeyError,
    secret_key::UnlockedComponent,
    signature::{digest, platform},
};
use envelock_seipd::{
    Octets, Progress,
    engine::{Bulk, Engine},
};
use pgp::{
    crypto::{hash::HashAlgorithm, public_key::PublicKeyAlgorithm},
    packet::{
        OnePassSignature, PacketTrait, SignatureConfig, SignatureType, SignatureVersionSpecific, Subpacket,
        SubpacketData,
    },
    types::{Fingerprint, KeyDetails, KeyVersion, SigningKey, Timestamp},
};
use rand::{CryptoRng, Rng};

/// A secret key to sign with, and its passphrase if it is locked.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    /// The key; which of its components signs is decided by what is valid at the time of signing.
    pub key: &'a SecretKey,
    /// Unlocks it. Not needed for a key that is not locked.
    pub passphrase: Option<&'a Passphrase>,
}

/// The signing component of one signer, with the signature it is about to make.
///
/// Configured before the data is hashed, since a one-pass packet in front of the data carries the salt.
pub(crate) struct Pending {
    key: UnlockedComponent,
    config: SignatureConfig,
}

/// What the signatures of one message have in common.
#[derive(Clone, Copy)]
pub(crate) struct Terms<'a> {
    pub(crate) signature_type: SignatureType,
    pub(crate) at: Timestamp,
    /// Fingerprints of the recipients' certificates, when the message is encrypted to keys only (§5.2.3.36).
    pub(crate) intended: &'a [Fingerprint],
    pub(crate) notations: &'a [Notation],
    /// The sender's bare address: the signer's user ID with it is named in the signature (§5.2.3.30).
    pub(crate) from: Option<&'a str>,
}

/// Chooses each signer's component, unlocks it and prepares its signature.
pub(crate) async fn prepare<R: CryptoRng + Rng>(
    signers: &[Signer<'_>],
    terms: Terms<'_>,
    policy: &Policy,
    limits: &Limits,
    rng: &mut R,
    engine: &impl Engine,
) -> Result<Vec<Pending>, SignError> {
    check_number(signers.len(), limits)?;
    let mut prepared = Vec::with_capacity(signers.len());
    for (index, signer) in signers.iter().enumerate() {
        if index > 0 {
            engine.rest().await;
        }
        prepared.push(Pending::new(signer, terms, policy, limits, rng, engine).await?);
    }
    Ok(prepared)
}

/// Refuses more signatures than anybody would read again.
pub(crate) fn check_number(found: usize, limits: &Limits) -> Result<(), SignError> {
    let allowed = limits.message_signatures;
    if found > allowed { Err(SignError::TooManySigners { found, allowed }) } else { Ok(()) }
}

impl Pending {
    async fn new<R: CryptoRng + Rng>(
        signer: &Signer<'_>,
        terms: Terms<'_>,
        policy: &Policy,
        limits: &Limits,
        rng: &mut R,
        engine: &impl Engine,
    ) -> Result<Self, SignError> {
        let certificate = signer.key.fingerprint();
        let key_error = |source: KeyError| SignError::Key { fingerprint: certificate.clone(), source };
        let (component, at) = signer.key.signing_key_and_date(policy, terms.at).map_err(key_error)?;
        let terms = Terms { at, ..terms };
        let key = component.unlock_on(signer.passphrase, limits, engine).await.map_err(key_error)?;
        let mut config =
            configure(&key, terms, rng).ok_or_else(|| SignError::SigningFailed { fingerprint: key.fingerprint() })?;
        config.hashed_subpackets.extend(user_id_for(signer, terms, policy));
        for notation in terms.notations {
            config.hashed_subpackets.push(notation.subpacket()?);
        }
        Ok(Self { key, config })
    }

    /// The one-pass packet that announces the signature (§5.4). `more` says that another one follows.
    pub(crate) fn one_pass(&self, more: bool) -> Result<Vec<u8>, SignError> {
        let config = &self.config;
        let mut packet = match (&config.version_specific, self.key.fingerprint()) {
            (SignatureVersionSpecific::V6 { salt }, Fingerprint::V6(fingerprint)) => {
                OnePassSignature::v6(config.typ, config.hash_alg, config.pub_alg, salt.clone(), fingerprint)
            }
            _ => OnePassSignature::v3(config.typ, config.hash_alg, config.pub_alg, self.key.legacy_key_id()),
        };
        if more {
            packet.set_is_nested();
        }
        self.serialize(&packet)
    }

    /// The hash algorithm's text name, for the cleartext framework; v6 signatures need none (§7.1).
    pub(crate) fn announced_hash(&self) -> Option<&'static str> {
        match (&self.config.version_specific, self.config.hash_alg) {
            (SignatureVersionSpecific::V6 { .. }, _) => None,
            (_, HashAlgorithm::Sha256) => Some("SHA256"),
            (_, HashAlgorithm::Sha384) => Some("SHA384"),
            (_, HashAlgorithm::Sha512) => Some("SHA512"),
            _ => None,
        }
    }

    /// Signs: hashes the data, by the engine where it can, and gives the signature packet.
    pub(crate) async fn sign_on<D: Octets + ?Sized, E: Bulk<D>>(
        self,
        engine: &E,
        hashed: &mut Hashed<'_, D>,
        progress: &mut dyn Progress,
    ) -> Result<Vec<u8>, SignError> {
        let digest = hashed.digest_on(&self.config, engine, progress).await?;
        let failed = || SignError::SigningFailed { fingerprint: self.key.fingerprint() };
        let digest = digest.ok_or_else(failed)?;
        let signature = match hashed.signed(self.config.typ) {
            Some(data) if platform::is_asked(self.key.public_params()) => {
                platform::sign(&self.config, &self.key, engine, data, &digest).await
            }
            _ => None,
        };
        match signature {
            Some(signature) => self.serialize(&signature),
            None => self.sign_digest(&digest),
        }
    }

    /// With the hash of data that comes piece by piece.
    pub(super) fn with_hashing(self) -> Result<(Self, Hashing), SignError> {
        match hashing::Terms::of(&self.config).and_then(Hashing::new) {
            Some(hashing) => Ok((self, hashing)),
            None => Err(SignError::SigningFailed { fingerprint: self.key.fingerprint() }),
        }
    }

    /// Signs data that was hashed piece by piece.
    pub(super) fn sign_hashed(self, hashing: &Hashing) -> Result<Vec<u8>, SignError> {
        let failed = || SignError::SigningFailed { fingerprint: self.key.fingerprint() };
        let digest = hashing.digest(&self.config).ok_or_else(failed)?;
        self.sign_digest(&digest)
    }

    /// Signs data that was hashed already.
    fn sign_digest(self, digest: &[u8]) -> Result<Vec<u8>, SignError> {
        let signature = digest::sign(self.config.clone(), &self.key, digest);
        let failed = || SignError::SigningFailed { fingerprint: self.key.fingerprint() };
        self.serialize(&signature.ok_or_else(failed)?)
    }

    fn serialize(&self, packet: &impl PacketTrait) -> Result<Vec<u8>, SignError> {
        let mut octets = Vec::new();
        packet
            .to_writer_with_header(&mut octets)
            .map_err(|_| SignError::SigningFailed { fingerprint: self.key.fingerprint() })?;
        Ok(octets)
    }
}

fn configure<R: CryptoRng + Rng>(key: &UnlockedComponent, terms: Terms<'_>, rng: &mut R) -> Option<SignatureConfig> {
    let hash = hash_for(key);
    let mut config = match key.version() {
        KeyVersion::V6 => SignatureConfig::v6(&mut *rng, terms.signature_type, key.algorithm(), hash).ok()?,
        _ => SignatureConfig::v4(terms.signature_type, key.algorithm(), hash),
    };
    let mut hashed = vec![
        // Critical: a reader that does not understand when it was made must not take it for valid.
        Subpacket::critical(SubpacketData::SignatureCreationTime(terms.at)).ok()?,
        Subpacket::regular(SubpacketData::IssuerFingerprint(key.fingerprint())).ok()?,
    ];
    for fingerprint in terms.intended {
        hashed.push(Subpacket::regular(SubpacketData::IntendedRecipientFingerprint(fingerprint.clone())).ok()?);
    }
    config.hashed_subpackets = hashed;
    if key.version() == KeyVersion::V4 {
        // §5.2.3.12: for readers from before fingerprints; forbidden in v6.
        config.unhashed_subpackets = vec![Subpacket::regular(SubpacketData::IssuerKeyId(key.legacy_key_id())).ok()?];
    }
    Some(config)
}

/// Names the signer's valid user ID with the sender's address, if there is one.
fn user_id_for(signer: &Signer<'_>, terms: Terms<'_>, policy: &Policy) -> Option<Subpacket> {
    let from = Address::parse(terms.from?)?;
    let certificate = signer.key.certificate();
    let checked = certificate.at(policy, terms.at);
    let mut valid = checked.user_ids().iter().filter(|id| id.status().is_valid()).filter_map(|id| id.text());
    let named = valid.find(|text| Address::of_user_id(text).is_some_and(|address| address.is_same(&from)))?;
    Subpacket::regular(SubpacketData::SignersUserID(named.as_bytes().to_vec().into())).ok()
}

/// SHA-256 where it is as strong as the key: processors have instructions for it, so large data is signed and verified in half the
/// time of SHA-512. ECDSA takes the hash of its curve's size (§9.2); the others are stronger than SHA-256.
fn hash_for(key: &UnlockedComponent) -> HashAlgorithm {
    use PublicKeyAlgorithm as Key;
    match key.algorithm() {
        Key::ECDSA | Key::DSA => key.hash_alg(),
        Key::Ed25519 | Key::EdDSALegacy | Key::RSA | Key::RSASign => HashAlgorithm::Sha256,
        _ => HashAlgorithm::Sha512,
    }
}
