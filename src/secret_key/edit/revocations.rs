//! Revocations of the key as a whole: made, made for later, applied (RFC 9580 §5.2.1.11, §5.2.3.31).

use envelock_seipd::packet::split;
use pgp::{
    packet::{Signature, SignatureType},
    types::{Tag, Timestamp},
};

use super::{Desk, EditOptions};
use crate::{
    armor,
    certificate::{Certificate, Current, Held, RevocationReason, Status, make_room},
    error::KeyError,
    keyring::{KeyringItem, read_one, read_signature},
    limits::Limits,
    policy::Policy,
    secret_key::{SecretKey, revoke},
};

impl SecretKey {
    /// Revokes the key. Without a reason, or when it is compromised, everything it ever signed becomes void; superseded and
    /// retired keys only end. A soft revocation can be made hard.
    pub fn revoke<R: rand::CryptoRng + rand::Rng>(
        &self,
        reason: RevocationReason,
        text: &str,
        options: &EditOptions<'_>,
        rng: &mut R,
    ) -> Result<SecretKey, KeyError> {
        let revocation = self.make_revocation(reason, text, options, rng)?;
        let mut edited = self.clone();
        edited.inner.details.revocation_signatures.push(revocation);
        edited.with_room(&self.certificate(), options.limits)
    }

    /// Makes a revocation certificate, armored, to be kept apart and applied when it is needed. The key does not change.
    pub fn generate_revocation<R: rand::CryptoRng + rand::Rng>(
        &self,
        reason: RevocationReason,
        text: &str,
        options: &EditOptions<'_>,
        rng: &mut R,
    ) -> Result<String, KeyError> {
        revoke::to_armored(&self.make_revocation(reason, text, options, rng)?)
    }

    fn make_revocation<R: rand::CryptoRng + rand::Rng>(
        &self,
        reason: RevocationReason,
        text: &str,
        options: &EditOptions<'_>,
        rng: &mut R,
    ) -> Result<Signature, KeyError> {
        check_reason(reason)?;
        check_text(text, options)?;
        let certificate = self.certificate();
        let checked = certificate.at(options.policy, options.at);
        if let status @ Status::Revoked { hard, .. } = checked.status()
            && (hard || !reason.is_hard())
        {
            return Err(KeyError::NotUsable { status });
        }
        // Whatever else is wrong with the key: its owner may always say that it is not to be used.
        let desk = Desk::open_judged(self, &certificate, checked, options)?;
        let created = desk.current.date_on_key();
        revoke::revoke_key(&desk.signer, &desk.certificate.primary_key, reason, text, created, rng)?.sign()
    }

    /// Applies a revocation certificate, or the revocations in another copy of the certificate. See [`apply_revocation`].
    pub fn apply_revocation(&self, revocation: &[u8], policy: &Policy, limits: &Limits) -> Result<Self, KeyError> {
        let certificate = self.certificate();
        let mut edited = self.clone();
        let found = own_revocations(&certificate, revocation, policy, limits)?;
        add_missing(&mut edited.inner.details.revocation_signatures, found);
        edited.with_room(&certificate, limits)
    }
}

impl Certificate {
    /// Applies a revocation certificate, or the revocations in another copy of the certificate. See [`apply_revocation`].
    pub fn apply_revocation(&self, revocation: &[u8], policy: &Policy, limits: &Limits) -> Result<Self, KeyError> {
        let found = own_revocations(self, revocation, policy, limits)?;
        let mut edited = self.clone();
        add_missing(&mut edited.pgp_mut().details.revocation_signatures, found);
        make_room(&mut edited, self, &Held::default(), limits)?;
        Ok(edited)
    }
}

/// Applies a revocation to a certificate or secret key in octets. `revocation` is armored or binary: a revocation certificate as
/// [`generate`](crate::generate) or GnuPG make it (also with the colon that GnuPG puts before its armor so that it is not
/// imported by mistake), or a revoked copy of the certificate. Only revocations that verify against the key are taken; one by
/// another key is [`KeyError::KeyMismatch`]. Needs no passphrase. Applying twice changes nothing.
pub fn apply_revocation(
    key: &[u8],
    revocation: &[u8],
    policy: &Policy,
    limits: &Limits,
) -> Result<KeyringItem, KeyError> {
    match read_one(key, limits)? {
        KeyringItem::Certificate(certificate) => {
            certificate.apply_revocation(revocation, policy, limits).map(KeyringItem::Certificate)
        }
        KeyringItem::SecretKey(key) => key.apply_revocation(revocation, policy, limits).map(KeyringItem::SecretKey),
        KeyringItem::Unsupported { reason, .. } => Err(KeyError::Unsupported { what: reason }),
    }
}

/// The key revocations in `input` that the owner of `certificate` made; at least one.
fn own_revocations(
    certificate: &Certificate,
    input: &[u8],
    policy: &Policy,
    limits: &Limits,
) -> Result<Vec<Signature>, KeyError> {
    let found = key_revocations(&dearmored(input, limits)?);
    if found.is_empty() {
        return Err(KeyError::NoRevocation);
    }
    let current = Current::new(certificate.as_pgp(), policy, Timestamp::from_secs(u32::MAX));
    let tried = found.into_iter().take(limits.component_signatures);
    let own: Vec<Signature> = tried.filter(|signature| current.is_key_revocation(signature)).collect();
    if own.is_empty() { Err(KeyError::KeyMismatch) } else { Ok(own) }
}

fn add_missing(signatures: &mut Vec<Signature>, found: Vec<Signature>) {
    for signature in found {
        if !signatures.contains(&signature) {
            signatures.push(signature);
        }
    }
}

fn key_revocations(octets: &[u8]) -> Vec<Signature> {
    let packets = split(octets).map_while(Result::ok).filter(|packet| packet.tag == u8::from(Tag::Signature));
    let read = packets.filter_map(|packet| read_signature(&packet.body));
    read.filter(|signature| signature.typ() == Some(SignatureType::KeyRevocation)).collect()
}

fn dearmored(input: &[u8], limits: &Limits) -> Result<Vec<u8>, KeyError> {
    let too_large =
        |found: usize| KeyError::TooLarge { unit: "octets", found: found as u64, allowed: limits.key_bytes as u64 };
    if armor::is_binary(input) {
        return if input.len() > limits.key_bytes { Err(too_large(input.len())) } else { Ok(input.to_vec()) };
    }
    let blocks = armor::read_all(&without_colons(input), limits.key_bytes).map_err(|error| match error {
        armor::ArmorError::TooLarge => too_large(limits.key_bytes + 1),
        other => KeyError::BadArmor { reason: other.reason() },
    })?;
    Ok(blocks.into_iter().flat_map(|block| block.octets).collect())
}

/// GnuPG writes `:-----BEGIN` into the files of `openpgp-revocs.d`; whoever applies one on purpose means it.
fn without_colons(input: &[u8]) -> Vec<u8> {
    let lines = input.split_inclusive(|octet| *octet == b'\n');
    lines
        .flat_map(|line| if line.starts_with(b":-----BEGIN PGP") { line.get(1..).unwrap_or(line) } else { line })
        .copied()
        .collect()
}

/// The reasons a key or subkey may be revoked with.
pub(super) fn check_reason(reason: RevocationReason) -> Result<(), KeyError> {
    RevocationReason::from_code(reason.code()).map(|_| ())
}

/// A text for people, of bounded size.
pub(super) fn check_text(text: &str, options: &EditOptions<'_>) -> Result<(), KeyError> {
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(KeyError::BadOptions { reason: "control characters in the text of a revocation" });
    }
    if text.len() > options.limits.user_id_bytes {
        return Err(KeyError::BadOptions { reason: "the text of a revocation is too long" });
    }
    Ok(())
}
