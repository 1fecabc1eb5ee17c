//! What an import would change: which keys of an input are new, which change a known one, and how. Keeps nothing.

use std::collections::BTreeMap;

use pgp::types::{Fingerprint, KeyDetails, Timestamp};

use crate::{
    certificate::{Certificate, Checked, Status},
    error::KeyError,
    inspect::{CertificateWeakness, weaknesses},
    keyring::{KeyringEntry, KeyringItem, Problem, read_keys},
    limits::Limits,
    policy::Policy,
    secret_key::{merge, merge_all},
};

/// What an import would change.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Preview {
    /// One entry a key of the input.
    pub entries: Vec<PreviewEntry>,
    /// Everything that was left out or is unusual, in and between the keys.
    pub skipped: Vec<Problem>,
}

/// What a key of an input would change.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PreviewEntry {
    /// The key as read.
    pub entry: KeyringEntry,
    /// Whether it is new.
    pub change: Change,
    /// What it brings.
    pub details: Vec<ChangeDetail>,
    /// What is weak about it.
    pub weaknesses: Vec<CertificateWeakness>,
    /// The known key with what is new, if it changes one.
    pub merged: Option<KeyringItem>,
}

/// Whether a key is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Not among the known ones.
    New,
    /// A known one with something new.
    Updated,
    /// A known one, without anything new.
    Unchanged,
    /// Of no use here.
    Unsupported,
}

impl Change {
    /// Lower case.
    pub fn code(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Unsupported => "unsupported",
        }
    }
}

/// One thing that a copy of a known key brings.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeDetail {
    /// The key is revoked now.
    Revoked,
    /// The key has another status now.
    Status(Status),
    /// The key ends at another time now, or never.
    Expiry(Option<Timestamp>),
    /// A user ID that was not there.
    UserIdAdded(String),
    /// A user ID has another status now.
    UserIdStatus(String, Status),
    /// A subkey that was not there.
    SubkeyAdded(Fingerprint),
    /// A subkey has another status now.
    SubkeyStatus(Fingerprint, Status),
    /// A secret part that was not there.
    SecretAdded,
    /// Signatures that change none of the above, other people's certifications among them.
    Signatures(usize),
}

impl ChangeDetail {
    /// Kebab-case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Status(_) => "status-changed",
            Self::Expiry(_) => "expiry-changed",
            Self::UserIdAdded(_) => "user-id-added",
            Self::UserIdStatus(..) => "user-id-changed",
            Self::SubkeyAdded(_) => "subkey-added",
            Self::SubkeyStatus(..) => "subkey-changed",
            Self::SecretAdded => "secret-added",
            Self::Signatures(_) => "signatures-added",
        }
    }
}

impl std::fmt::Display for ChangeDetail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Revoked => f.write_str("the key is revoked now"),
            Self::Status(status) => write!(f, "the key is {status} now"),
            Self::Expiry(Some(end)) => write!(f, "the key ends at {} s since 1970 now", end.as_secs()),
            Self::Expiry(None) => f.write_str("the key has no end now"),
            Self::UserIdAdded(text) => write!(f, "new user ID {}", Quoted(text)),
            Self::UserIdStatus(text, status) => write!(f, "the user ID {} is {status} now", Quoted(text)),
            Self::SubkeyAdded(fingerprint) => write!(f, "new subkey {fingerprint:X}"),
            Self::SubkeyStatus(fingerprint, status) => write!(f, "the subkey {fingerprint:X} is {status} now"),
            Self::SecretAdded => f.write_str("brings a secret part"),
            Self::Signatures(count) => write!(f, "{count} new signatures"),
        }
    }
}

/// Text of others on one line. (`{:?}` would do that too; the wasm module is built without it.)
struct Quoted<'a>(&'a str);

impl std::fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |letter: char| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter };
        write!(f, "\"{}\"", self.0.chars().map(shown).collect::<String>())
    }
}

/// Says what importing `input` beside `known` would change. Fails only when there is no key at all, or the input is too large.
/// Copies of one key in the input are one entry, where the first of them stands: judged one by one, a thousand copies would
/// cost a million judgements.
pub fn preview(
    input: &[u8],
    known: &[KeyringItem],
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
) -> Result<Preview, KeyError> {
    let keyring = read_keys(input, limits)?;
    let mut skipped = keyring.skipped;
    skipped.extend(keyring.entries.iter().flat_map(|entry| &entry.problems).cloned());
    skipped.sort_by_key(|problem| (problem.block, problem.offset));
    let mut by_fingerprint = BTreeMap::new();
    for (index, item) in known.iter().enumerate() {
        fingerprint(item).map(|name| by_fingerprint.entry(name).or_insert(index));
    }
    let entries = one_of_each(keyring.entries, limits).into_iter().map(|entry| {
        let same = fingerprint(&entry.item).and_then(|name| known.get(*by_fingerprint.get(&name)?));
        compare(entry, same, policy, limits, at)
    });
    Ok(Preview { entries: entries.collect(), skipped })
}

/// Copies of one key as one, in the place of the first; unsupported, if they are too large together.
fn one_of_each(entries: Vec<KeyringEntry>, limits: &Limits) -> Vec<KeyringEntry> {
    let mut places: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    let mut copies: Vec<Vec<KeyringEntry>> = Vec::new();
    for entry in entries {
        let place = fingerprint(&entry.item).map(|name| *places.entry(name).or_insert(copies.len()));
        match place.and_then(|place| copies.get_mut(place)) {
            Some(same) => same.push(entry),
            None => copies.push(vec![entry]),
        }
    }
    let merged = copies.into_iter().filter_map(|copies| {
        let items: Vec<&KeyringItem> = copies.iter().map(|copy| &copy.item).collect();
        let item = (items.len() > 1).then(|| merge_all(&items, limits));
        let problems = copies.iter().flat_map(|copy| &copy.problems).cloned().collect();
        let first = copies.into_iter().next()?;
        let item = match item {
            Some(Ok(item)) => item,
            Some(Err(error)) => refused(&first.item, &error),
            None => first.item,
        };
        Some(KeyringEntry { item, problems, ..first })
    });
    merged.collect()
}

fn compare(
    entry: KeyringEntry,
    known: Option<&KeyringItem>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
) -> PreviewEntry {
    let Some(certificate) = certificate(&entry.item) else {
        let (details, weaknesses) = (Vec::new(), Vec::new());
        return PreviewEntry { entry, change: Change::Unsupported, details, weaknesses, merged: None };
    };
    let weaknesses = weaknesses(&certificate, policy, at);
    let before = known.and_then(|known| Some((known, self::certificate(known)?)));
    let Some((known, before)) = before else {
        return PreviewEntry { entry, change: Change::New, details: Vec::new(), weaknesses, merged: None };
    };
    let merged = match merge(known, &entry.item, limits) {
        Ok(merged) => merged,
        // One key that does not fit spoils itself, not the rest.
        Err(error) => {
            let entry = KeyringEntry { item: refused(&entry.item, &error), ..entry };
            return PreviewEntry { entry, change: Change::Unsupported, details: Vec::new(), weaknesses, merged: None };
        }
    };
    let after = self::certificate(&merged).unwrap_or(certificate);
    let mut details = differences(&before.at(policy, at), &after.at(policy, at));
    if secrets(&merged) > secrets(known) {
        details.push(ChangeDetail::SecretAdded);
    }
    let added = signatures(&after).saturating_sub(signatures(&before));
    if added > 0 && details.is_empty() {
        details.push(ChangeDetail::Signatures(added));
    }
    let changed = after != before || secrets(&merged) > secrets(known);
    let change = if changed { Change::Updated } else { Change::Unchanged };
    PreviewEntry { entry, change, details, weaknesses, merged: changed.then_some(merged) }
}

fn differences(before: &Checked<'_>, after: &Checked<'_>) -> Vec<ChangeDetail> {
    let mut details = Vec::new();
    match after.status() {
        same if same == before.status() => {}
        Status::Revoked { .. } => details.push(ChangeDetail::Revoked),
        status => details.push(ChangeDetail::Status(status)),
    }
    if after.expires() != before.expires() {
        details.push(ChangeDetail::Expiry(after.expires()));
    }
    for user in after.user_ids() {
        let known = before.user_ids().iter().find(|known| known.octets() == user.octets());
        let text = || String::from_utf8_lossy(user.octets()).into_owned();
        match known {
            None => details.push(ChangeDetail::UserIdAdded(text())),
            Some(known) if known.status() != user.status() => {
                details.push(ChangeDetail::UserIdStatus(text(), user.status()));
            }
            Some(_) => {}
        }
    }
    for component in after.components().iter().filter(|component| !component.key().is_primary()) {
        let fingerprint = component.key().fingerprint();
        match before.components().iter().find(|known| known.key().fingerprint() == fingerprint) {
            None => details.push(ChangeDetail::SubkeyAdded(fingerprint)),
            // What the primary key's status changes was told.
            Some(known) if known.status() != component.status() && after.status() == before.status() => {
                details.push(ChangeDetail::SubkeyStatus(fingerprint, component.status()));
            }
            Some(_) => {}
        }
    }
    details
}

/// A key that cannot be taken in, and why.
fn refused(item: &KeyringItem, error: &KeyError) -> KeyringItem {
    let fingerprint = match item {
        KeyringItem::Certificate(certificate) => Some(certificate.fingerprint()),
        KeyringItem::SecretKey(key) => Some(key.fingerprint()),
        KeyringItem::Unsupported { fingerprint, .. } => fingerprint.clone(),
    };
    KeyringItem::Unsupported { reason: error.to_string(), fingerprint }
}

fn certificate(item: &KeyringItem) -> Option<Certificate> {
    match item {
        KeyringItem::Certificate(certificate) => Some(certificate.clone()),
        KeyringItem::SecretKey(key) => Some(key.certificate()),
        KeyringItem::Unsupported { .. } => None,
    }
}

fn fingerprint(item: &KeyringItem) -> Option<Vec<u8>> {
    match item {
        KeyringItem::Certificate(certificate) => Some(certificate.fingerprint().as_bytes().to_vec()),
        KeyringItem::SecretKey(key) => Some(key.fingerprint().as_bytes().to_vec()),
        KeyringItem::Unsupported { .. } => None,
    }
}

fn secrets(item: &KeyringItem) -> usize {
    if let KeyringItem::SecretKey(key) = item { key.components().count() } else { 0 }
}

fn signatures(certificate: &Certificate) -> usize {
    let inner = certificate.as_pgp();
    let users = inner.details.users.iter().map(|user| user.signatures.len());
    let attributes = inner.details.user_attributes.iter().map(|attribute| attribute.signatures.len());
    let subkeys = inner.public_subkeys.iter().map(|subkey| subkey.signatures.len());
    let primary = inner.details.direct_signatures.len() + inner.details.revocation_signatures.len();
    users.chain(attributes).chain(subkeys).sum::<usize>() + primary
}
