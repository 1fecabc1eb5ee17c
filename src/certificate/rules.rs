//! What must hold for any signature packet before its mathematics is looked at (RFC 9580 §5.2.3).
//!
//! Everything a signature claims is read from its hashed area; of several subpackets of one type the last counts
//! (§5.2.3.9).

use pgp::{
    packet::{KeyFlags, Signature, SignatureConfig, SignatureVersionSpecific, SubpacketData},
    types::{Fingerprint, KeyDetails, KeyId, Timestamp},
};

use super::component::ComponentKey;
use crate::policy::{Policy, SignatureUse};

/// Why a signature is not considered at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureFlaw {
    /// A signature version that is not read here (2, 3, 5 and unknown ones).
    UnsupportedVersion,
    /// No creation time in the hashed area (§5.2.3.11).
    NoCreationTime,
    /// A critical subpacket or notation that is not understood (§5.2.3.7, §5.2.3.24).
    UnknownCritical,
    /// The salt of a v6 signature has not the length its hash demands (§5.2.3).
    BadSalt,
    /// The hash algorithm is not accepted for this use and date.
    WeakHash,
}

impl SignatureFlaw {
    /// The stable name of this flaw.
    pub fn code(self) -> &'static str {
        match self {
            Self::UnsupportedVersion => "unsupported-version",
            Self::NoCreationTime => "no-creation-time",
            Self::UnknownCritical => "unknown-critical-subpacket",
            Self::BadSalt => "bad-salt",
            Self::WeakHash => "weak-hash",
        }
    }
}

/// Checks the form of a signature and gives its configuration and creation time. Verifies nothing.
pub fn check_signature<'s>(
    signature: &'s Signature,
    policy: &Policy,
    purpose: SignatureUse,
) -> Result<(&'s SignatureConfig, Timestamp), SignatureFlaw> {
    let config = signature.config().ok_or(SignatureFlaw::UnsupportedVersion)?;
    match &config.version_specific {
        SignatureVersionSpecific::V4 => {}
        SignatureVersionSpecific::V6 { salt } => {
            if config.hash_alg.salt_len() != Some(salt.len()) {
                return Err(SignatureFlaw::BadSalt);
            }
        }
        _ => return Err(SignatureFlaw::UnsupportedVersion),
    }
    let created = last(config, |data| match data {
        SubpacketData::SignatureCreationTime(created) => Some(*created),
        _ => None,
    })
    .ok_or(SignatureFlaw::NoCreationTime)?;
    if config.hashed_subpackets.iter().any(|subpacket| subpacket.is_critical && !is_known(&subpacket.data, policy)) {
        return Err(SignatureFlaw::UnknownCritical);
    }
    if !policy.accepts_hash(config.hash_alg, purpose, created) {
        return Err(SignatureFlaw::WeakHash);
    }
    Ok((config, created))
}

/// Notations are understood by callers only, so that a critical one they do not name voids its signature (§5.2.3.24).
fn is_known(data: &SubpacketData, policy: &Policy) -> bool {
    match data {
        SubpacketData::Notation(notation) => {
            policy.known_notations.iter().any(|known| known.as_bytes() == notation.name.as_ref())
        }
        SubpacketData::Other(..) | SubpacketData::Experimental(..) => false,
        _ => true,
    }
}

/// The last hashed subpacket that `select` picks.
pub(crate) fn last<'c, T>(
    config: &'c SignatureConfig,
    select: impl FnMut(&'c SubpacketData) -> Option<T>,
) -> Option<T> {
    config.hashed_subpackets.iter().rev().map(|subpacket| &subpacket.data).find_map(select)
}

/// What signatures call a key by (§5.2.3.12, §5.2.3.35). Computed once: a fingerprint is a hash of the whole key.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) key_id: KeyId,
}

impl Names {
    pub(crate) fn of(key: &ComponentKey<'_>) -> Self {
        let fingerprint = key.fingerprint();
        // A part of the fingerprint (§5.5.4.2, §5.5.4.3), but in version 3.
        let key_id = match &fingerprint {
            Fingerprint::V4(octets) => octets.last_chunk::<8>().map(|octets| KeyId::from(*octets)),
            Fingerprint::V6(octets) => octets.first_chunk::<8>().map(|octets| KeyId::from(*octets)),
            _ => None,
        };
        Self { key_id: key_id.unwrap_or_else(|| key.legacy_key_id()), fingerprint }
    }
}

/// Whether a signature's issuer hints fit a key (§5.2.3.12, §5.2.3.35). They may stand in the unhashed area and so prove
/// nothing: they only spare the mathematics for other keys. Fingerprints, where there are any, count more than key IDs,
/// which collide. Without a hint every key is a candidate. A key ID of zeros, a wildcard in PKESKs (§5.1.1), has no such
/// meaning here: it fits no key, as in rPGP.
pub(crate) fn may_be_from(signature: &Signature, key: &Names) -> bool {
    let fingerprints = signature.issuer_fingerprint();
    if !fingerprints.is_empty() {
        return fingerprints.into_iter().any(|hint| *hint == key.fingerprint);
    }
    let key_ids = signature.issuer_key_id();
    key_ids.is_empty() || key_ids.into_iter().any(|hint| *hint == key.key_id)
}

/// The moment a validity that started at `from` ends, if the period is not zero, which means for ever (§5.2.3.13, §5.2.3.18).
pub(crate) fn end(from: Timestamp, period: pgp::types::Duration) -> Option<Timestamp> {
    (period.as_secs() != 0).then(|| Timestamp::from_secs(from.as_secs().saturating_add(period.as_secs())))
}

/// When the signature itself ends (§5.2.3.18).
pub(crate) fn signature_end(config: &SignatureConfig, created: Timestamp) -> Option<Timestamp> {
    last(config, |data| match data {
        SubpacketData::SignatureExpirationTime(period) => Some(*period),
        _ => None,
    })
    .and_then(|period| end(created, period))
}

/// When a key that this self-signature speaks about ends (§5.2.3.13).
pub(crate) fn key_end(config: &SignatureConfig, key_created: Timestamp) -> Option<Timestamp> {
    last(config, |data| match data {
        SubpacketData::KeyExpirationTime(period) => Some(*period),
        _ => None,
    })
    .and_then(|period| end(key_created, period))
}

/// What a self-signature lets its key do (§5.2.3.29).
pub(crate) fn key_flags(config: &SignatureConfig) -> Option<&KeyFlags> {
    last(config, |data| match data {
        SubpacketData::KeyFlags(flags) => Some(flags),
        _ => None,
    })
}

/// Whether a self-certification marks its user ID as the primary one (§5.2.3.27).
pub(crate) fn marks_primary(config: &SignatureConfig) -> bool {
    last(config, |data| match data {
        SubpacketData::IsPrimary(primary) => Some(*primary),
        _ => None,
    })
    .unwrap_or(false)
}
