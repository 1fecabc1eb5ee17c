//! What a key consists of beside its primary key, each part with its size, and what it is worth when there is not room for all.

use std::collections::BTreeSet;

use pgp::{
    packet::{PacketTrait, Signature, SignatureType},
    ser::Serialize,
    types::{KeyDetails, SignatureBytes},
};

use super::{
    Certificate, ComponentKey, UnreadComponent,
    checked::CERTIFICATIONS,
    room::Held,
    rules::{Names, may_be_from},
    self_signatures::{self, Target, embedded},
    status::RevocationReason,
};
use crate::error::KeyError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worth {
    /// A revocation for all time, by the primary key.
    Hard,
    /// Another revocation by the primary key.
    Revocation,
    /// The newest of what else it said of a component.
    Current,
    /// What it said before.
    Genuine,
    /// What may be by the primary key, unverified.
    Claimed,
    /// What is by others, or cannot be read.
    Other,
    /// What is not by whom it says.
    False,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Primary,
    UserId,
    Subkey,
}

/// A component and its signatures; the primary key counts as two, for its two lists.
pub(super) struct Part<'a> {
    pub(super) kind: Kind,
    pub(super) target: Option<Target<'a>>,
    pub(super) octets: usize,
    pub(super) is_known: bool,
    /// Whether it has a secret part.
    pub(super) is_held: bool,
    pub(super) is_needed: bool,
    pub(super) is_kept: bool,
    pub(super) entries: Vec<Entry<'a>>,
}

pub(super) struct Entry<'a> {
    pub(super) signature: Option<&'a Signature>,
    pub(super) octets: usize,
    pub(super) is_known: bool,
    pub(super) worth: Worth,
    pub(super) is_kept: bool,
}

/// Whether a component is kept, and which of its signatures.
pub(super) type Kept = (bool, Vec<bool>);

impl Part<'_> {
    pub(super) fn keep(
        &mut self,
        worth: Worth,
        is_known: bool,
        mut fits: impl FnMut(usize, &Entry<'_>) -> Result<bool, KeyError>,
    ) -> Result<(), KeyError> {
        let mut count = self.entries.iter().filter(|entry| entry.is_kept).count();
        for entry in self.entries.iter_mut().filter(|entry| entry.worth == worth && entry.is_known == is_known) {
            entry.is_kept = fits(count, entry)?;
            count += usize::from(entry.is_kept);
        }
        Ok(())
    }

    pub(super) fn kept(&self) -> Kept {
        (self.is_kept, self.entries.iter().map(|entry| entry.is_kept).collect())
    }
}

/// All there is beside the primary key, in the order of the lists. Without `known`, all counts as known.
pub(super) fn parts<'a>(certificate: &'a Certificate, known: Option<&Certificate>, held: &Held) -> Vec<Part<'a>> {
    let known = known.unwrap_or(certificate);
    let (details, known_details) = (&certificate.inner.details, &known.inner.details);
    let primary = |signatures, known| Part::new(Kind::Primary, Target::Primary, 0, signatures, Some(known));
    let mut parts = vec![
        primary(&details.revocation_signatures, known_details.revocation_signatures.len()),
        primary(&details.direct_signatures, known_details.direct_signatures.len()),
    ];
    for (index, user) in details.users.iter().enumerate() {
        let known = known_details.users.get(index).map(|user| user.signatures.len());
        let octets = user.id.write_len_with_header();
        parts.push(Part::new(Kind::UserId, Target::UserId(&user.id), octets, &user.signatures, known));
    }
    for (index, user) in details.user_attributes.iter().enumerate() {
        let known = known_details.user_attributes.get(index).map(|user| user.signatures.len());
        let octets = user.attr.write_len_with_header();
        parts.push(Part::new(Kind::UserId, Target::Attribute(&user.attr), octets, &user.signatures, known));
    }
    for (index, attribute) in certificate.unread.attributes.iter().enumerate() {
        parts.push(Part::unread(Kind::UserId, attribute, known.unread.attributes.get(index)));
    }
    for (index, subkey) in certificate.inner.public_subkeys.iter().enumerate() {
        let known = known.inner.public_subkeys.get(index).map(|subkey| subkey.signatures.len());
        let (octets, target) = (subkey.key.write_len_with_header(), Target::Subkey(ComponentKey::Subkey(&subkey.key)));
        let mut part = Part::new(Kind::Subkey, target, octets, &subkey.signatures, known);
        part.is_held = held.subkeys.contains(&subkey.key.fingerprint());
        part.is_needed = part.is_held;
        parts.push(part);
    }
    for (index, subkey) in certificate.unread.subkeys.iter().enumerate() {
        parts.push(Part::unread(Kind::Subkey, subkey, known.unread.subkeys.get(index)));
    }
    parts
}

impl<'a> Part<'a> {
    /// `known` is how many of the signatures were there before, or `None` if the component is new.
    fn new(kind: Kind, target: Target<'a>, octets: usize, signatures: &'a [Signature], known: Option<usize>) -> Self {
        let entries = signatures.iter().enumerate().map(|(index, signature)| Entry {
            signature: Some(signature),
            octets: signature.write_len_with_header(),
            is_known: known.is_some_and(|known| index < known),
            worth: Worth::Other,
            is_kept: false,
        });
        Self {
            kind,
            target: Some(target),
            octets,
            is_known: known.is_some(),
            is_held: false,
            is_needed: kind == Kind::Primary,
            is_kept: false,
            entries: entries.collect(),
        }
    }

    fn unread(kind: Kind, component: &UnreadComponent, known: Option<&UnreadComponent>) -> Self {
        let known_signatures = known.map_or(0, |known| known.signatures.len());
        let entries = component.signatures.iter().enumerate().map(|(index, signature)| Entry {
            signature: None,
            octets: packet_octets(signature),
            is_known: index < known_signatures,
            worth: Worth::Other,
            is_kept: false,
        });
        Self {
            kind,
            target: None,
            octets: packet_octets(&component.body),
            is_known: known.is_some(),
            is_held: false,
            is_needed: false,
            is_kept: false,
            entries: entries.collect(),
        }
    }
}

/// With its header (RFC 9580 §4.2.1).
fn packet_octets(body: &[u8]) -> usize {
    let header = match body.len() {
        0..=191 => 2,
        192..=8383 => 3,
        _ => 6,
    };
    header + body.len()
}

/// Finds out what the primary key said. At most `allowed` signatures are verified of what was there, and as many of what is new,
/// revocations first; embedded ones count as well.
pub(super) fn judge(parts: &mut [Part<'_>], primary: &ComponentKey<'_>, allowed: usize) {
    let names = Names::of(primary);
    let mut statements: Vec<BTreeSet<Vec<u8>>> = parts.iter().map(|_| BTreeSet::new()).collect();
    for is_known in [true, false] {
        let mut left = allowed;
        for revocations in [true, false] {
            for (part, statements) in parts.iter_mut().zip(&mut statements) {
                let Some(target) = part.target else { continue };
                for entry in part.entries.iter_mut().filter(|entry| entry.is_known == is_known) {
                    let Some(signature) = entry.signature else { continue };
                    if !is_claim(signature, target, revocations) || !may_be_from(signature, &names) {
                        continue;
                    }
                    let cost = 1 + signature.config().map_or(0, |config| embedded(config).count());
                    let Some(rest) = left.checked_sub(cost) else {
                        entry.worth = if is_known { Worth::Claimed } else { Worth::Other };
                        continue;
                    };
                    left = rest;
                    let statement = statement(signature, target, primary);
                    if statements.contains(&statement) {
                        continue;
                    }
                    if target.is_signed_by(primary, signature) {
                        statements.insert(statement);
                        entry.worth = worth(signature, revocations);
                        part.is_needed = true;
                    } else {
                        entry.worth = Worth::False;
                    }
                }
            }
        }
    }
    for part in parts {
        let said = part.entries.iter_mut().filter(|entry| entry.worth == Worth::Genuine);
        if let Some(newest) = said.max_by_key(|entry| entry.signature.and_then(Signature::created)) {
            newest.worth = Worth::Current;
        }
    }
}

fn worth(signature: &Signature, revocation: bool) -> Worth {
    let reason = RevocationReason::from_wire(signature.revocation_reason_code().copied());
    match (revocation, reason.is_hard()) {
        (true, true) => Worth::Hard,
        (true, false) => Worth::Revocation,
        (false, _) => Worth::Genuine,
    }
}

/// Whether the signature is of a type by which a primary key speaks about the target, and a revocation or not.
fn is_claim(signature: &Signature, target: Target<'_>, revocation: bool) -> bool {
    use SignatureType as Type;
    let Some(typ) = signature.typ() else { return false };
    match target {
        Target::Primary => typ == if revocation { Type::KeyRevocation } else { Type::Key },
        Target::UserId(_) | Target::Attribute(_) if revocation => typ == Type::CertRevocation,
        Target::UserId(_) | Target::Attribute(_) => CERTIFICATIONS.contains(&typ),
        Target::Subkey(_) => typ == if revocation { Type::SubkeyRevocation } else { Type::SubkeyBinding },
    }
}

/// What a signature says, without what anybody can change about it: its unhashed area, and the octets of the signature itself.
/// Whether a subkey's consent stands in the unhashed area (§5.2.1.9) counts, too.
fn statement(signature: &Signature, target: Target<'_>, primary: &ComponentKey<'_>) -> Vec<u8> {
    let Some(config) = signature.config() else { return Vec::new() };
    let consents = match target {
        Target::Subkey(subkey) => embedded(config).any(|it| self_signatures::consents(&subkey, primary, it)),
        _ => false,
    };
    let mut config = config.clone();
    config.unhashed_subpackets.clear();
    let nothing = SignatureBytes::Mpis(Vec::new());
    let bare = Signature::from_config(config, [0; 2], nothing).and_then(|it| it.to_bytes());
    let mut octets = bare.unwrap_or_default();
    octets.push(consents.into());
    octets
}
