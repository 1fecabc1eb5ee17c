//! The recipients of a message: which of their keys are used, what their software reads, and their PKESK packets.

use super::{asked::Asked, encrypt::append, error::EncryptError};
use crate::{
    Certificate, Limits, Policy,
    certificate::{Checked, ComponentKey, Status},
    post_quantum,
};
use envelock_seipd::{ChunkSize, Cipher, Engine, Mode, Suite};
use pgp::{
    composed::RawSessionKey,
    crypto::{aead::AeadAlgorithm, sym::SymmetricKeyAlgorithm},
    packet::PublicKeyEncryptedSessionKey,
    types::{Fingerprint, KeyDetails, KeyId, Timestamp},
};
use rand::{CryptoRng, Rng};

/// Packets behind those for recipients and passwords: the container.
const BEHIND: usize = 1;

/// Certificates that were found usable, with their encryption keys.
pub(crate) struct Recipients<'a> {
    checked: Vec<Checked<'a>>,
    keys: Vec<ComponentKey<'a>>,
    fingerprints: Vec<Fingerprint>,
}

impl<'a> Recipients<'a> {
    /// All keys of all certificates that may be encrypted to now; an error if a certificate has none. Rests between two of them.
    pub(crate) async fn choose(
        certificates: &'a [Certificate],
        policy: &Policy,
        at: Timestamp,
        engine: &impl Engine,
    ) -> Result<Self, EncryptError> {
        let mut recipients = Self { checked: Vec::new(), keys: Vec::new(), fingerprints: Vec::new() };
        for (index, certificate) in certificates.iter().enumerate() {
            if index > 0 {
                engine.rest().await;
            }
            let fingerprint = certificate.fingerprint();
            if recipients.fingerprints.contains(&fingerprint) {
                continue;
            }
            let checked = certificate.at(policy, at);
            let keys = checked.encryption_keys();
            if keys.is_empty() {
                return Err(EncryptError::UnusableRecipient { fingerprint, reason: why_unusable(&checked) });
            }
            recipients.keys.extend(strongest(keys));
            recipients.checked.push(checked);
            recipients.fingerprints.push(fingerprint);
        }
        Ok(recipients)
    }

    /// Fingerprints of the certificates.
    pub(crate) fn fingerprints(&self) -> &[Fingerprint] {
        &self.fingerprints
    }

    /// Refuses more encryption keys than a reader looks through; if none is named, more than it would try.
    pub(crate) fn check_number(&self, hidden: bool, limits: &Limits) -> Result<(), EncryptError> {
        let (found, readers) = (self.keys.len(), if hidden { limits.anonymous_attempts } else { usize::MAX });
        let allowed = readers.min(limits.message_packets.saturating_sub(limits.passwords() + BEHIND));
        if found > allowed { Err(EncryptError::TooManyRecipients { found, allowed }) } else { Ok(()) }
    }

    /// How many PKESKs there will be.
    pub(crate) fn key_count(&self) -> usize {
        self.keys.len()
    }

    /// Whether everybody's software reads SEIPD v2.
    pub(crate) fn all_read_v2(&self) -> bool {
        self.checked.iter().all(Checked::prefers_seipd_v2)
    }

    /// The cipher for SEIPD v1: AES-256 if all prefer it, else AES-128, which all must read (RFC 9580 §9.3).
    pub(crate) fn cipher(&self) -> SymmetricKeyAlgorithm {
        let preferred = SymmetricKeyAlgorithm::AES256;
        if self.checked.iter().all(|checked| checked.preferred_ciphers().contains(&preferred)) {
            preferred
        } else {
            SymmetricKeyAlgorithm::AES128
        }
    }

    /// The suite for SEIPD v2: GCM, which browsers have in hardware, if all list it; else OCB, which all must read
    /// (§5.2.3.15, §9.6). Passwords alone: GCM. With `given`, the cipher is settled and only the mode is chosen.
    pub(crate) fn suite(&self, given: Option<Cipher>) -> Suite {
        let wanted = given.unwrap_or(Cipher::Aes256);
        let listed = |mode| {
            let suite = (SymmetricKeyAlgorithm::from(wanted.id()), mode);
            self.checked.iter().all(|checked| checked.preferred_aead().contains(&suite))
        };
        let (cipher, mode) = if listed(AeadAlgorithm::Gcm) {
            (wanted, Mode::Gcm)
        } else if listed(AeadAlgorithm::Ocb) {
            (wanted, Mode::Ocb)
        } else {
            (given.unwrap_or(Cipher::Aes128), Mode::Ocb)
        };
        Suite { cipher, mode, chunk: ChunkSize::DEFAULT }
    }

    /// PKESK v3 packets, for SEIPD v1; hidden ones name no key (§5.1.1).
    pub(crate) async fn wrap_v3<R: CryptoRng + Rng>(
        &self,
        session_key: &RawSessionKey,
        cipher: SymmetricKeyAlgorithm,
        hidden: bool,
        rng: &mut R,
        engine: &impl Engine,
    ) -> Result<Vec<u8>, EncryptError> {
        let mut packets = Vec::new();
        for (index, key) in self.keys.iter().enumerate() {
            if index > 0 {
                engine.rest().await;
            }
            let key = Asked::new(engine, key, Some(cipher), session_key, rng).await;
            let mut packet = PublicKeyEncryptedSessionKey::from_session_key_v3(&mut *rng, session_key, cipher, &key);
            if let Ok(PublicKeyEncryptedSessionKey::V3 { id, .. }) = &mut packet
                && hidden
            {
                *id = KeyId::WILDCARD;
            }
            append(&mut packets, packet)?;
        }
        Ok(packets)
    }

    /// PKESK v6 packets, for SEIPD v2; hidden ones name no key (§5.1.2). Keys of version 4 can be used in them as well.
    pub(crate) async fn wrap_v6<R: CryptoRng + Rng>(
        &self,
        session_key: &RawSessionKey,
        hidden: bool,
        rng: &mut R,
        engine: &impl Engine,
    ) -> Result<Vec<u8>, EncryptError> {
        let mut packets = Vec::new();
        for (index, key) in self.keys.iter().enumerate() {
            if index > 0 {
                engine.rest().await;
            }
            let key = Asked::new(engine, key, None, session_key, rng).await;
            let mut packet = PublicKeyEncryptedSessionKey::from_session_key_v6(&mut *rng, session_key, &key);
            if let Ok(PublicKeyEncryptedSessionKey::V6 { fingerprint, .. }) = &mut packet
                && hidden
            {
                *fingerprint = None;
            }
            append(&mut packets, packet)?;
        }
        Ok(packets)
    }
}

/// RFC 9980 §4.1: who has post-quantum encryption keys is encrypted to by these alone, or the protection would be lost.
fn strongest(keys: Vec<ComponentKey<'_>>) -> Vec<ComponentKey<'_>> {
    let is_post_quantum = |key: &ComponentKey<'_>| post_quantum::encrypts(key.public_params());
    if keys.iter().any(is_post_quantum) { keys.into_iter().filter(is_post_quantum).collect() } else { keys }
}

fn why_unusable(checked: &Checked<'_>) -> &'static str {
    match checked.status() {
        Status::Expired { .. } => "expired",
        Status::Revoked { .. } => "revoked",
        Status::Invalid { reason } => reason,
        _ => "it has no valid encryption key",
    }
}
