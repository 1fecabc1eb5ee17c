//! How much a key may hold, and what gives way when there is more than that.
//!
//! What is written must be read again whole, so that whoever makes a key larger asks here. When not all of it fits, these are
//! kept, in this order:
//! 1. the primary key, secret parts, and what the primary key itself said: revocations, self-certifications, bindings, and the
//!    components they are about. That it said so is verified; a hint at its issuer proves nothing. If these alone are too
//!    much, nothing is changed and nothing is left out.
//! 2. whatever else was there before: other people's certifications, packets that cannot be read;
//! 3. whatever else is new;
//! 4. what claims to be by the primary key and does not verify.
//!
//! Of signatures that say the same, one is kept before anything else: their unhashed areas can be changed by anybody.

use std::collections::BTreeSet;

use pgp::{
    packet::{PacketTrait, Signature, SignatureType},
    ser::Serialize,
    types::{Fingerprint, KeyDetails, SignatureBytes},
};

use super::{
    Certificate, ComponentKey, UnreadComponent,
    checked::CERTIFICATIONS,
    rules::may_be_from,
    self_signatures::{Target, embedded},
};
use crate::{error::KeyError, limits::Limits};

/// What a secret key holds beside its certificate.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held {
    /// Octets of secret parts.
    pub(crate) octets: usize,
    /// The subkeys with a secret part.
    pub(crate) subkeys: Vec<Fingerprint>,
}

/// Fails if a key is larger than what is read back.
pub(crate) fn check_size(certificate: &Certificate, held: &Held, limits: &Limits) -> Result<(), KeyError> {
    let mut room = Room::new(certificate, held, limits);
    for part in parts(certificate, None, held) {
        room.add_part(&part)?;
        for (count, entry) in part.entries.iter().enumerate() {
            room.add_signature(count, entry)?;
        }
    }
    Ok(())
}

/// Leaves out what there is no room for; see above. `known` is the certificate before something was added at the ends of its
/// lists.
///
/// # Errors
/// [`KeyError::TooLarge`] if what may not be left out is too much by itself.
pub(crate) fn make_room(
    certificate: &mut Certificate,
    known: &Certificate,
    held: &Held,
    limits: &Limits,
) -> Result<(), KeyError> {
    if check_size(certificate, held, limits).is_ok() {
        return Ok(());
    }
    let mut parts = parts(certificate, Some(known), held);
    judge(&mut parts, &certificate.primary(), limits.verifications);
    let mut room = Room::new(certificate, held, limits);
    for part in parts.iter_mut().filter(|part| part.is_needed) {
        room.add_part(part)?;
        part.is_kept = true;
        part.keep(Worth::Genuine, |count, entry| room.add_signature(count, entry).map(|()| true))?;
    }
    for worth in [Worth::Known, Worth::New, Worth::False] {
        for part in parts.iter_mut().filter(|part| !part.is_kept && part.worth == worth) {
            part.is_kept = room.add_part(part).is_ok();
        }
        for part in parts.iter_mut().filter(|part| part.is_kept) {
            part.keep(worth, |count, entry| Ok(room.add_signature(count, entry).is_ok()))?;
        }
    }
    let kept: Vec<Kept> = parts.iter().map(Part::kept).collect();
    leave_out(certificate, kept);
    Ok(())
}

/// As [`make_room`] for a key that was just read, none of which is known. Of what its owner made too much of, the first counts.
pub(crate) fn fit(certificate: &mut Certificate, held: &Held, limits: &Limits) {
    if make_room(certificate, &certificate.bare(), held, limits).is_ok() {
        return;
    }
    let details = &mut certificate.inner.details;
    let primary = [&mut details.revocation_signatures, &mut details.direct_signatures];
    let users = details.users.iter_mut().map(|user| &mut user.signatures);
    let attributes = details.user_attributes.iter_mut().map(|attribute| &mut attribute.signatures);
    let subkeys = certificate.inner.public_subkeys.iter_mut().map(|subkey| &mut subkey.signatures);
    for signatures in primary.into_iter().chain(users).chain(attributes).chain(subkeys) {
        signatures.truncate(limits.component_signatures);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Worth {
    Genuine,
    Known,
    New,
    False,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Primary,
    UserId,
    Subkey,
}

/// A component and its signatures; the primary key counts as two, for its two lists.
struct Part<'a> {
    kind: Kind,
    target: Option<Target<'a>>,
    octets: usize,
    worth: Worth,
    is_needed: bool,
    is_kept: bool,
    entries: Vec<Entry<'a>>,
}

struct Entry<'a> {
    signature: Option<&'a Signature>,
    octets: usize,
    worth: Worth,
    is_kept: bool,
}

/// Whether a component is kept, and which of its signatures.
type Kept = (bool, Vec<bool>);

impl Part<'_> {
    fn keep(
        &mut self,
        worth: Worth,
        mut fits: impl FnMut(usize, &Entry<'_>) -> Result<bool, KeyError>,
    ) -> Result<(), KeyError> {
        let mut count = self.entries.iter().filter(|entry| entry.is_kept).count();
        for entry in self.entries.iter_mut().filter(|entry| entry.worth == worth) {
            entry.is_kept = fits(count, entry)?;
            count += usize::from(entry.is_kept);
        }
        Ok(())
    }

    fn kept(&self) -> Kept {
        (self.is_kept, self.entries.iter().map(|entry| entry.is_kept).collect())
    }
}

/// What may still be added.
struct Room<'l> {
    limits: &'l Limits,
    packets: usize,
    octets: usize,
    user_ids: usize,
    subkeys: usize,
}

impl<'l> Room<'l> {
    fn new(certificate: &Certificate, held: &Held, limits: &'l Limits) -> Self {
        let octets = certificate.inner.primary_key.write_len_with_header() + held.octets;
        Self { limits, packets: 1, octets, user_ids: 0, subkeys: 0 }
    }

    fn add_part(&mut self, part: &Part<'_>) -> Result<(), KeyError> {
        match part.kind {
            Kind::Primary => return Ok(()),
            Kind::UserId => count("user IDs", &mut self.user_ids, 1, self.limits.user_ids)?,
            Kind::Subkey => count("subkeys", &mut self.subkeys, 1, self.limits.subkeys)?,
        }
        self.add_packet(part.octets)
    }

    fn add_signature(&mut self, present: usize, entry: &Entry<'_>) -> Result<(), KeyError> {
        count("signatures", &mut { present }, 1, self.limits.component_signatures)?;
        self.add_packet(entry.octets)
    }

    fn add_packet(&mut self, octets: usize) -> Result<(), KeyError> {
        count("octets", &mut self.octets, octets, self.limits.key_bytes)?;
        count("packets", &mut self.packets, 1, self.limits.key_packets)
    }
}

/// Adds, unless that is more than allowed.
fn count(unit: &'static str, counted: &mut usize, more: usize, allowed: usize) -> Result<(), KeyError> {
    let found = counted.saturating_add(more);
    if found > allowed {
        return Err(KeyError::TooLarge { unit, found: found as u64, allowed: allowed as u64 });
    }
    *counted = found;
    Ok(())
}

/// All there is beside the primary key, in the order of the lists. Without `known`, all counts as known.
fn parts<'a>(certificate: &'a Certificate, known: Option<&Certificate>, held: &Held) -> Vec<Part<'a>> {
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
        part.is_needed = held.subkeys.contains(&subkey.key.fingerprint());
        parts.push(part);
    }
    for (index, subkey) in certificate.unread.subkeys.iter().enumerate() {
        parts.push(Part::unread(Kind::Subkey, subkey, known.unread.subkeys.get(index)));
    }
    parts
}

fn worth(is_known: bool) -> Worth {
    if is_known { Worth::Known } else { Worth::New }
}

impl<'a> Part<'a> {
    /// `known` is how many of the signatures were there before, or `None` if the component is new.
    fn new(kind: Kind, target: Target<'a>, octets: usize, signatures: &'a [Signature], known: Option<usize>) -> Self {
        let entries = signatures.iter().enumerate().map(|(index, signature)| Entry {
            signature: Some(signature),
            octets: signature.write_len_with_header(),
            worth: worth(known.is_some_and(|known| index < known)),
            is_kept: false,
        });
        Self {
            kind,
            target: Some(target),
            octets,
            worth: worth(known.is_some()),
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
            worth: worth(index < known_signatures),
            is_kept: false,
        });
        Self {
            kind,
            target: None,
            octets: packet_octets(&component.body),
            worth: worth(known.is_some()),
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
/// revocations first. Of what was there, the rest is taken for genuine.
fn judge(parts: &mut [Part<'_>], primary: &ComponentKey<'_>, allowed: usize) {
    let mut statements: Vec<BTreeSet<Vec<u8>>> = parts.iter().map(|_| BTreeSet::new()).collect();
    for worth in [Worth::Known, Worth::New] {
        let mut left = allowed;
        for revocations in [true, false] {
            for (part, statements) in parts.iter_mut().zip(&mut statements) {
                let Some(target) = part.target else { continue };
                for entry in &mut part.entries {
                    let Some(signature) = entry.signature.filter(|_| entry.worth == worth) else { continue };
                    if !is_claim(signature, target, revocations) || !may_be_from(signature, primary) {
                        continue;
                    }
                    let Some(rest) = left.checked_sub(1) else {
                        if worth == Worth::Known {
                            entry.worth = Worth::Genuine;
                            part.is_needed = true;
                        }
                        continue;
                    };
                    let statement = statement(signature, target, primary);
                    if statements.contains(&statement) {
                        continue;
                    }
                    left = rest;
                    if target.is_signed_by(primary, signature) {
                        statements.insert(statement);
                        entry.worth = Worth::Genuine;
                        part.is_needed = true;
                    } else {
                        entry.worth = Worth::False;
                    }
                }
            }
        }
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
        Target::Subkey(subkey) => embedded(config).any(|it| it.verify_primary_key_binding(&subkey, primary).is_ok()),
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

/// Keeps what is to be kept of each list.
fn leave_out(certificate: &mut Certificate, kept: Vec<Kept>) {
    let mut kept = kept.into_iter();
    let Certificate { inner, unread } = certificate;
    let details = &mut inner.details;
    for list in [&mut details.revocation_signatures, &mut details.direct_signatures] {
        if let Some((_, signatures)) = kept.next() {
            retain(list, signatures);
        }
    }
    details.users.retain_mut(|user| is_kept(&mut user.signatures, kept.next()));
    details.user_attributes.retain_mut(|attribute| is_kept(&mut attribute.signatures, kept.next()));
    unread.attributes.retain_mut(|attribute| is_kept(&mut attribute.signatures, kept.next()));
    inner.public_subkeys.retain_mut(|subkey| is_kept(&mut subkey.signatures, kept.next()));
    unread.subkeys.retain_mut(|subkey| is_kept(&mut subkey.signatures, kept.next()));
}

fn is_kept<S>(signatures: &mut Vec<S>, kept: Option<Kept>) -> bool {
    let (is_kept, which) = kept.unwrap_or_default();
    retain(signatures, which);
    is_kept
}

fn retain<S>(signatures: &mut Vec<S>, which: Vec<bool>) {
    let mut which = which.into_iter();
    signatures.retain(|_| which.next().unwrap_or(false));
}
