//! One key while its packets come in: which component each belongs to, and what is kept of it.
//!
//! Signatures belong to the component before them. A component that is repeated gathers its signatures in one place, so that a
//! revocation on one copy cannot be escaped through the other. What cannot be read is kept as octets where that harms
//! nobody, and told in any case.

use std::collections::BTreeSet;

use pgp::{
    packet::{Signature, SignatureType},
    types::{SignedUser, SignedUserAttribute},
};

use super::{
    component::{MALFORMED_PRIMARY, Primary, Subkey, read_primary},
    packets::{
        KeyPacket, SecretNumbers, Unread as Why, read_signature, read_user_attribute, read_user_id, tag,
        unread_signature,
    },
    problem::{Place, ProblemKind, Problems},
};
use crate::{
    certificate::{Names, Unread, UnreadComponent, may_be_from},
    limits::Limits,
    secret_key,
};

/// Where the next signature belongs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    Primary,
    User(usize),
    Attribute(usize),
    Subkey(usize),
    UnreadAttribute(usize),
    UnreadSubkey(usize),
    /// After a component that was left out.
    Nowhere,
}

/// A key that is being read.
pub(super) struct Draft<'l> {
    pub(super) limits: &'l Limits,
    numbers: SecretNumbers,
    pub(super) primary: Result<Primary, String>,
    pub(super) names: Option<Names>,
    pub(super) revocations: Vec<Signature>,
    pub(super) direct: Vec<Signature>,
    pub(super) users: Vec<SignedUser>,
    pub(super) attributes: Vec<SignedUserAttribute>,
    pub(super) subkeys: Vec<(Subkey, Vec<Signature>)>,
    pub(super) unread: Unread,
    slot: Slot,
    /// The signatures that are there already, by where they belong.
    seen: BTreeSet<(Target, Vec<u8>)>,
    packets: usize,
    /// Octets of the bodies of all packets, those left out included.
    octets: usize,
    /// Whether a list of signatures is longer than allowed.
    is_crowded: bool,
    pub(super) start: Place,
    pub(super) problems: Problems,
}

impl<'l> Draft<'l> {
    /// Begins with a primary key packet.
    pub(super) fn start(packet_tag: u8, body: &[u8], place: Place, limits: &'l Limits, numbers: SecretNumbers) -> Self {
        let mut problems = Problems::default();
        let (primary, names) = match KeyPacket::read(body) {
            Ok(packet) => read_primary(packet_tag, &packet, numbers, &mut |kind| problems.note(place, kind)),
            Err(Why::Unsupported(what)) => (Err(what), None),
            Err(Why::Malformed) => {
                problems.note(place, ProblemKind::MalformedPacket);
                (Err(MALFORMED_PRIMARY.to_owned()), None)
            }
        };
        let slot = if primary.is_ok() { Slot::Primary } else { Slot::Nowhere };
        Self {
            limits,
            numbers,
            primary,
            names,
            revocations: Vec::new(),
            direct: Vec::new(),
            users: Vec::new(),
            attributes: Vec::new(),
            subkeys: Vec::new(),
            unread: Unread::default(),
            slot,
            seen: BTreeSet::new(),
            packets: 1,
            octets: body.len(),
            is_crowded: false,
            start: place,
            problems,
        }
    }

    /// Tells of a problem at a packet.
    pub(super) fn note(&mut self, place: Place, kind: ProblemKind) {
        self.problems.note(place, kind);
    }

    /// Takes the next packet.
    pub(super) fn add(&mut self, packet_tag: u8, body: &[u8], place: Place) {
        if self.primary.is_err() {
            return;
        }
        if self.packets >= self.limits.key_packets {
            return self.note(place, ProblemKind::TooMany { unit: "packets", allowed: self.limits.key_packets });
        }
        self.octets = self.octets.saturating_add(body.len());
        match packet_tag {
            tag::SIGNATURE => self.add_signature(body, place),
            tag::USER_ID => self.add_user_id(body, place),
            tag::USER_ATTRIBUTE => self.add_attribute(body, place),
            tag::PUBLIC_SUBKEY | tag::SECRET_SUBKEY => self.add_subkey(packet_tag, body, place),
            _ => {
                self.note(place, ProblemKind::MisplacedPacket);
                // §4.3: an unknown critical packet voids what it stands in; any other, and one of a message, is as if it were not there.
                if packet_tag < tag::FIRST_NON_CRITICAL && !tag::OF_MESSAGES.contains(&packet_tag) {
                    self.primary = Err(format!("packet type {packet_tag} at octet {}", place.offset));
                }
            }
        }
    }

    fn add_signature(&mut self, body: &[u8], place: Place) {
        let allowed = self.limits.component_signatures;
        let readable = read_signature(body).filter(|signature| signature.typ().is_some());
        let target = readable.as_ref().and_then(Signature::typ).and_then(|typ| self.target(typ));
        if let (Slot::UnreadAttribute(index) | Slot::UnreadSubkey(index), None) = (self.slot, target) {
            let components = match self.slot {
                Slot::UnreadAttribute(_) => &mut self.unread.attributes,
                _ => &mut self.unread.subkeys,
            };
            match components.get_mut(index) {
                Some(it) if it.signatures.len() < allowed => {
                    if self.seen.insert((Target::Component(self.slot), body.to_vec())) {
                        it.signatures.push(body.to_vec());
                        self.packets += 1;
                    }
                }
                _ => self.note(place, ProblemKind::TooMany { unit: "signatures", allowed }),
            }
            return;
        }
        if self.slot == Slot::Nowhere && target.is_none() {
            return;
        }
        let signature = match readable {
            Some(signature) => {
                if target.is_none() {
                    self.note(place, ProblemKind::MisplacedSignature);
                }
                signature
            }
            None => {
                let Some((&version, rest)) = body.split_first() else {
                    return self.note(place, ProblemKind::MalformedPacket);
                };
                self.note(place, ProblemKind::UnsupportedSignature { version });
                unread_signature(version, rest)
            }
        };
        let target = target.unwrap_or(Target::Component(self.slot));
        let claims = self.claims(&signature);
        let Some(count) = self.signatures_at(target).map(|signatures| signatures.len()) else {
            return;
        };
        if count >= allowed {
            self.note(place, ProblemKind::TooMany { unit: "signatures", allowed });
            self.is_crowded = true;
        }
        // What claims to be by the key itself is looked at before it is left out (`finish`).
        let most = if claims { allowed.saturating_mul(2) } else { allowed };
        if count < most && self.seen.insert((target, body.to_vec())) {
            self.packets += 1;
            if let Some(signatures) = self.signatures_at(target) {
                signatures.push(signature);
            }
        }
    }

    /// Whether the key is certainly no larger than allowed: what is counted besides octets was counted as it came. Written again a packet is as
    /// long as it was, but for its header and zeros in front of numbers: twice is more than enough.
    pub(super) fn is_small(&self) -> bool {
        // A header has six octets at most (§4.2.1).
        let octets = self.octets.saturating_add(self.packets.saturating_mul(6));
        !self.is_crowded && octets.saturating_mul(2) <= self.limits.key_bytes
    }

    fn claims(&self, signature: &Signature) -> bool {
        self.names.as_ref().is_some_and(|names| may_be_from(signature, names))
    }

    /// The component a signature of this type speaks about here (§5.2.1).
    fn target(&self, typ: SignatureType) -> Option<Target> {
        use SignatureType as Type;
        match (self.slot, typ) {
            (Slot::Primary, Type::KeyRevocation) => Some(Target::Revocations),
            // §5.2.1.13: 0x30 may revoke a direct-key signature too.
            (Slot::Primary, Type::Key | Type::CertRevocation) => Some(Target::Direct),
            (
                slot @ (Slot::User(_) | Slot::Attribute(_)),
                Type::CertGeneric | Type::CertPersona | Type::CertCasual | Type::CertPositive | Type::CertRevocation,
            ) => Some(Target::Component(slot)),
            (slot @ Slot::Subkey(_), Type::SubkeyBinding | Type::SubkeyRevocation) => Some(Target::Component(slot)),
            // Some programs append key revocations and direct-key signatures at the end: the type says where they belong, and
            // no component that cannot be read hides them.
            (_, Type::KeyRevocation) => Some(Target::Revocations),
            (_, Type::Key) => Some(Target::Direct),
            _ => None,
        }
    }

    fn signatures_at(&mut self, target: Target) -> Option<&mut Vec<Signature>> {
        match target {
            Target::Revocations => Some(&mut self.revocations),
            Target::Direct => Some(&mut self.direct),
            Target::Component(Slot::User(index)) => self.users.get_mut(index).map(|user| &mut user.signatures),
            Target::Component(Slot::Attribute(index)) => {
                self.attributes.get_mut(index).map(|attribute| &mut attribute.signatures)
            }
            Target::Component(Slot::Subkey(index)) => self.subkeys.get_mut(index).map(|(_, signatures)| signatures),
            // Signatures that cannot be read, and those that mean nothing there, after the primary key.
            Target::Component(Slot::Primary) => Some(&mut self.direct),
            Target::Component(_) => None,
        }
    }

    fn add_user_id(&mut self, body: &[u8], place: Place) {
        self.slot = Slot::Nowhere;
        if body.len() > self.limits.user_id_bytes {
            let allowed = self.limits.user_id_bytes;
            return self.note(place, ProblemKind::TooMany { unit: "octets in a user ID", allowed });
        }
        if let Some(known) = self.users.iter().position(|user| user.id.id() == body) {
            self.slot = Slot::User(known);
            return;
        }
        if !self.has_room_for_user(place) {
            return;
        }
        match read_user_id(body) {
            Some(id) => {
                self.packets += 1;
                self.slot = Slot::User(self.users.len());
                self.users.push(SignedUser { id, signatures: Vec::new() });
            }
            None => self.note(place, ProblemKind::MalformedPacket),
        }
    }

    fn add_attribute(&mut self, body: &[u8], place: Place) {
        self.slot = Slot::Nowhere;
        let Some(attr) = read_user_attribute(body) else {
            self.note(place, ProblemKind::UnsupportedAttribute);
            if is_kept(&self.unread.attributes, body) || self.has_room_for_user(place) {
                let (index, packets) = keep(&mut self.unread.attributes, tag::USER_ATTRIBUTE, body);
                self.packets += packets;
                self.slot = Slot::UnreadAttribute(index);
            }
            return;
        };
        if let Some(known) = self.attributes.iter().position(|known| known.attr == attr) {
            self.slot = Slot::Attribute(known);
        } else if self.has_room_for_user(place) {
            self.packets += 1;
            self.slot = Slot::Attribute(self.attributes.len());
            self.attributes.push(SignedUserAttribute { attr, signatures: Vec::new() });
        }
    }

    fn has_room_for_user(&mut self, place: Place) -> bool {
        let (allowed, found) =
            (self.limits.user_ids, self.users.len() + self.attributes.len() + self.unread.attributes.len());
        if found >= allowed {
            self.note(place, ProblemKind::TooMany { unit: "user IDs", allowed });
        }
        found < allowed
    }

    fn has_room_for_subkey(&mut self, place: Place) -> bool {
        let (allowed, found) = (self.limits.subkeys, self.subkeys.len() + self.unread.subkeys.len());
        if found >= allowed {
            self.note(place, ProblemKind::TooMany { unit: "subkeys", allowed });
        }
        found < allowed
    }

    fn add_subkey(&mut self, packet_tag: u8, body: &[u8], place: Place) {
        self.slot = Slot::Nowhere;
        let packet = match KeyPacket::read(body) {
            Ok(packet) => packet,
            Err(Why::Unsupported(what)) => {
                self.note(place, ProblemKind::UnsupportedSubkey { what });
                // Nothing here could tell the secret part from the public one, or lock it.
                if packet_tag == tag::PUBLIC_SUBKEY {
                    if is_kept(&self.unread.subkeys, body) || self.has_room_for_subkey(place) {
                        let (index, packets) = keep(&mut self.unread.subkeys, packet_tag, body);
                        self.packets += packets;
                        self.slot = Slot::UnreadSubkey(index);
                    }
                } else {
                    self.note(place, ProblemKind::UnusableSecret { what: "unsupported, left out" });
                }
                return;
            }
            Err(Why::Malformed) => return self.note(place, ProblemKind::MalformedPacket),
        };
        if let Some(what) = packet.unsupported_algorithm() {
            self.note(place, ProblemKind::UnsupportedSubkey { what });
        }
        if packet_tag == tag::SECRET_SUBKEY && packet.hides_its_secret() {
            return self.note(place, ProblemKind::UnusableSecret { what: "unsupported, left out" });
        }
        let Some(subkey) = self.read_subkey(packet_tag, &packet, place) else {
            return self.note(place, ProblemKind::MalformedPacket);
        };
        let fingerprint = (!self.subkeys.is_empty()).then(|| subkey.fingerprint());
        let known = self.subkeys.iter().position(|(known, _)| Some(known.fingerprint()) == fingerprint);
        if known.is_none() && !self.has_room_for_subkey(place) {
            return;
        }
        self.slot = Slot::Subkey(known.unwrap_or(self.subkeys.len()));
        match known.and_then(|known| self.subkeys.get_mut(known)) {
            None => {
                self.packets += 1;
                self.subkeys.push((subkey, Vec::new()));
            }
            Some((known, _)) if subkey.has_secret() && !known.has_secret() => *known = subkey,
            Some(_) => {}
        }
    }

    fn read_subkey(&mut self, packet_tag: u8, packet: &KeyPacket<'_>, place: Place) -> Option<Subkey> {
        let is_secret_key = matches!(self.primary, Ok(Primary::Secret(_)));
        if packet_tag == tag::PUBLIC_SUBKEY {
            return if packet.has_rest() { None } else { packet.public_subkey().ok().map(Subkey::Public) };
        }
        if is_secret_key && let Some(subkey) = packet.secret_subkey(self.numbers) {
            if secret_key::is_absent(subkey.secret_params()) {
                self.note(place, ProblemKind::SecretAbsent);
            }
            return Some(Subkey::Secret(subkey));
        }
        let what = if is_secret_key { "malformed" } else { "in a certificate" };
        self.note(place, ProblemKind::UnusableSecret { what });
        packet.public_subkey().ok().map(Subkey::Public)
    }
}

/// A list of signatures in a draft.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Revocations,
    Direct,
    Component(Slot),
}

fn is_kept(components: &[UnreadComponent], body: &[u8]) -> bool {
    components.iter().any(|known| known.body == body)
}

/// Keeps a component that cannot be read, and says where, and how many packets came; a repeated one is the same.
fn keep(components: &mut Vec<UnreadComponent>, packet_tag: u8, body: &[u8]) -> (usize, usize) {
    if let Some(known) = components.iter().position(|known| known.body == body) {
        return (known, 0);
    }
    components.push(UnreadComponent { tag: packet_tag, body: body.to_vec(), signatures: Vec::new() });
    (components.len() - 1, 1)
}
