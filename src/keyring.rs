//! Reads keys as people bring them: one or many, certificates and secret keys mixed, armored or binary.
//!
//! One bad packet spoils its component, not the key; one bad key spoils itself, not the rest. What was left out is told
//! as [`Problem`]s. Not here: whether a key is any good (`certificate`), unlocking (`secret_key`).

mod assemble;
mod packets;
mod problem;

use pgp::types::Fingerprint;

pub use self::problem::Problem;
use crate::{armor, certificate::Certificate, error::KeyError, limits::Limits, secret_key::SecretKey};

/// What an input held, in its order.
#[derive(Debug, Clone)]
pub struct Keyring {
    /// One entry a key.
    pub entries: Vec<KeyringEntry>,
}

/// One key of an input.
#[derive(Debug, Clone)]
pub struct KeyringEntry {
    /// The key.
    pub item: KeyringItem,
    /// What was left out of it or is unusual about it.
    pub problems: Vec<Problem>,
}

/// A key of an input, by what it is.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[allow(clippy::large_enum_variant)] // few exist at a time, and boxing would show in every match
pub enum KeyringItem {
    /// A certificate.
    Certificate(Certificate),
    /// A secret key with its certificate.
    SecretKey(SecretKey),
    /// A key this program cannot use.
    Unsupported {
        /// Its version or algorithm, or what is wrong with it.
        reason: String,
        /// Its fingerprint, if that could be computed.
        fingerprint: Option<Fingerprint>,
    },
}

/// Reads every key of an input. Fails only when there is no key at all, or the input is too large.
pub fn read_keys(input: &[u8], limits: &Limits) -> Result<Keyring, KeyError> {
    let mut entries = Vec::new();
    if armor::is_binary(input) {
        check_size(input.len(), limits)?;
        assemble::assemble(input, limits, &mut entries)?;
    } else {
        let blocks = armor::read_all(input, limits.key_bytes).map_err(|error| match error {
            armor::ArmorError::TooLarge => too_large(limits, limits.key_bytes as u64 + 1),
            other => KeyError::BadArmor { reason: other.reason() },
        })?;
        for block in blocks {
            if matches!(block.kind, armor::ArmorKind::PublicKey | armor::ArmorKind::PrivateKey) {
                assemble::assemble(&block.octets, limits, &mut entries)?;
            }
        }
    }
    if entries.is_empty() {
        return Err(KeyError::NoKey);
    }
    Ok(Keyring { entries })
}

/// Reads an input that must hold exactly one key.
pub(crate) fn read_one(input: &[u8], limits: &Limits) -> Result<KeyringItem, KeyError> {
    let mut entries = read_keys(input, limits)?.entries;
    match (entries.pop(), entries.is_empty()) {
        (Some(entry), true) => Ok(entry.item),
        (Some(_), false) => Err(KeyError::SeveralKeys),
        (None, _) => Err(KeyError::NoKey),
    }
}

fn check_size(octets: usize, limits: &Limits) -> Result<(), KeyError> {
    if octets > limits.key_bytes { Err(too_large(limits, octets as u64)) } else { Ok(()) }
}

fn too_large(limits: &Limits, found: u64) -> KeyError {
    KeyError::TooLarge { unit: "octets", found, allowed: limits.key_bytes as u64 }
}
