//! Reads keys as people bring them: one or many, certificates and secret keys mixed, armored or binary.
//!
//! One bad packet spoils its component, not the key; one bad key spoils itself, not the rest. What was left out, or kept
//! unread, is told as [`Problem`]s, with packet type and octet. Not here: whether a key is any good (`certificate`), unlocking (`secret_key`).

mod assemble;
mod component;
mod draft;
mod finish;
mod mixed;
mod packets;
mod problem;
mod recent;
mod secret;

use pgp::types::Fingerprint;
use zeroize::Zeroizing;

pub(crate) use self::packets::{SecretNumbers, read_signature};
use self::{assemble::Start, problem::Place};
pub use self::{
    problem::{Problem, ProblemKind},
    recent::RecentCertificates,
    secret::holds_secret_key,
};
use crate::{armor, certificate::Certificate, error::KeyError, limits::Limits, rest, secret_key::SecretKey};

/// What an input held, in its order.
#[derive(Debug, Clone, Default)]
pub struct Keyring {
    /// One entry a key.
    pub entries: Vec<KeyringEntry>,
    /// What belongs to no key and was left out.
    pub skipped: Vec<Problem>,
}

/// At most so many things that belong to no key are told.
const TOLD: usize = 100;

impl Keyring {
    /// What was damaged so that it is not known which keys, or how many, were in it.
    pub fn lost(&self) -> impl Iterator<Item = &Problem> {
        let is_lost =
            |problem: &&Problem| matches!(problem.kind, ProblemKind::DamagedArmor { .. } | ProblemKind::Truncated);
        self.skipped.iter().filter(is_lost)
    }

    fn skip(&mut self, place: Place, kind: ProblemKind) {
        if self.skipped.len() < TOLD {
            self.skipped.push(place.problem(kind));
        }
    }
}

/// One key of an input.
#[derive(Debug, Clone)]
pub struct KeyringEntry {
    /// The key.
    pub item: KeyringItem,
    /// What was left out of it or is unusual about it.
    pub problems: Vec<Problem>,
    /// Where its primary key packet starts: octets from the start of the input, or of the decoded block.
    pub offset: usize,
    /// Which block of armor it stands in, counted from 1; 0 in binary input.
    pub block: usize,
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

/// Reads every key of an input: binary, armored, or one behind the other. Fails only when there is no key at all, or the input is
/// too large.
pub fn read_keys(input: &[u8], limits: &Limits) -> Result<Keyring, KeyError> {
    read(input, limits, SecretNumbers::Now)
}

fn read(input: &[u8], limits: &Limits, numbers: SecretNumbers) -> Result<Keyring, KeyError> {
    if mixed::is_utf16(input) {
        return Err(KeyError::BadArmor { reason: "the text is UTF-16: save it as UTF-8" });
    }
    let mut keyring = Keyring::default();
    let (mut at, mut blocks) = (0, 0);
    let mut is_binary = armor::is_binary(input);
    while at < input.len() {
        let rest = input.get(at..).unwrap_or_default();
        if is_binary {
            check_size(rest.len(), limits)?;
            at += assemble::assemble(rest, Start { offset: at, block: 0 }, limits, numbers, &mut keyring)?;
        } else {
            let length = mixed::text_len(rest);
            at += length;
            blocks = read_text(rest.get(..length).unwrap_or_default(), blocks, limits, numbers, &mut keyring)?;
        }
        is_binary = !is_binary;
    }
    if rest::is_missed() {
        // A key with parts that were left out for it could be taken, or kept, for the whole.
        return Err(KeyError::Internal { what: "second part" });
    }
    if keyring.entries.is_empty() { Err(nothing_read(&keyring.skipped)) } else { Ok(keyring) }
}

/// Reads the blocks of armor in a text, and gives how many there were so far.
fn read_text(
    text: &[u8],
    before: usize,
    limits: &Limits,
    numbers: SecretNumbers,
    keyring: &mut Keyring,
) -> Result<usize, KeyError> {
    let mut count = before;
    for block in armor::read_each(text, limits.key_bytes) {
        count += 1;
        let place = Place { tag: None, offset: 0, block: count };
        match block {
            Ok(armor::ArmorBlock { kind: armor::ArmorKind::PublicKey | armor::ArmorKind::PrivateKey, octets }) => {
                let octets = Zeroizing::new(octets);
                assemble::assemble(&octets, Start { offset: 0, block: count }, limits, numbers, keyring)?;
            }
            Ok(_) => keyring.skip(place, ProblemKind::NotAKey),
            Err(armor::ArmorError::TooLarge) => return Err(too_large(limits, limits.key_bytes as u64 + 1)),
            Err(error) => keyring.skip(place, ProblemKind::DamagedArmor { reason: error.reason() }),
        }
    }
    if mixed::is_quoted(text) {
        let reason = "quoted with \">\" at the start of its lines";
        keyring.skip(Place { tag: None, offset: 0, block: count + 1 }, ProblemKind::DamagedArmor { reason });
    }
    Ok(count)
}

/// Why an input gave no key: the first damage met, if there was any.
fn nothing_read(skipped: &[Problem]) -> KeyError {
    skipped
        .iter()
        .find_map(|problem| match problem.kind {
            ProblemKind::DamagedArmor { reason } => Some(KeyError::BadArmor { reason }),
            ProblemKind::Truncated => {
                Some(KeyError::Malformed { reason: "not an OpenPGP packet", offset: Some(problem.offset) })
            }
            _ => None,
        })
        .unwrap_or(KeyError::NoKey)
}

/// Reads an input that must hold exactly one key. Fails with [`KeyError::Malformed`] when its primary key cannot be read.
pub fn read_key(input: &[u8], limits: &Limits) -> Result<KeyringItem, KeyError> {
    read_one(input, limits)
}

pub(crate) fn read_one(input: &[u8], limits: &Limits) -> Result<KeyringItem, KeyError> {
    let entry = read_entry(input, limits, SecretNumbers::Now)?;
    match entry.item {
        KeyringItem::Unsupported { .. } if entry.has_at_start(&ProblemKind::MalformedPacket) => {
            Err(KeyError::Malformed { reason: "the primary key packet", offset: Some(entry.offset) })
        }
        item => Ok(item),
    }
}

/// As [`read_one`], where only a secret key will do.
pub(crate) fn read_secret(input: &[u8], limits: &Limits, numbers: SecretNumbers) -> Result<SecretKey, KeyError> {
    let entry = read_entry(input, limits, numbers)?;
    let malformed = |reason| KeyError::Malformed { reason, offset: Some(entry.offset) };
    let unusable = ProblemKind::UnusableSecret { what: "malformed" };
    match entry.item {
        KeyringItem::SecretKey(key) => Ok(key),
        KeyringItem::Certificate(_) if entry.has_at_start(&unusable) => {
            Err(malformed("the secret part of the primary key packet"))
        }
        KeyringItem::Certificate(_) => Err(KeyError::NotASecretKey),
        KeyringItem::Unsupported { .. } if entry.has_at_start(&ProblemKind::MalformedPacket) => {
            Err(malformed("the primary key packet"))
        }
        KeyringItem::Unsupported { reason, .. } => Err(KeyError::Unsupported { what: reason }),
    }
}

fn read_entry(input: &[u8], limits: &Limits, numbers: SecretNumbers) -> Result<KeyringEntry, KeyError> {
    let mut entries = read(input, limits, numbers)?.entries;
    match (entries.pop(), entries.is_empty()) {
        (Some(entry), true) => Ok(entry),
        (Some(_), false) => Err(KeyError::SeveralKeys),
        (None, _) => Err(KeyError::NoKey),
    }
}

impl KeyringEntry {
    /// Whether this is wrong with the packet it starts with.
    fn has_at_start(&self, kind: &ProblemKind) -> bool {
        self.problems.iter().any(|problem| problem.offset == self.offset && problem.kind == *kind)
    }
}

fn check_size(octets: usize, limits: &Limits) -> Result<(), KeyError> {
    if octets > limits.key_bytes { Err(too_large(limits, octets as u64)) } else { Ok(()) }
}

fn too_large(limits: &Limits, found: u64) -> KeyError {
    KeyError::TooLarge { unit: "octets", found, allowed: limits.key_bytes as u64 }
}
