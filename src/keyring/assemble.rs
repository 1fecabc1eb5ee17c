//! Puts packets together into transferable keys (RFC 9580 §10.1, §10.2).
//!
//! Signatures belong to the component before them. A component that is repeated gathers its signatures in one place, so that a
//! revocation on one copy cannot be escaped through the other.

use envelock_seipd::packet::split;
use pgp::{
    composed::{SignedKeyDetails, SignedPublicKey, SignedPublicSubKey, SignedSecretKey, SignedSecretSubKey},
    packet::{PublicKey, PublicSubkey, SecretKey, SecretSubkey, Signature, SignatureType},
    types::{Fingerprint, KeyDetails, SignedUser, SignedUserAttribute},
};

use super::{
    KeyringEntry, KeyringItem,
    packets::{KeyPacket, Unread, read_signature, read_user_attribute, read_user_id, tag},
    problem::Problem,
};
use crate::{certificate::Certificate, error::KeyError, limits::Limits, secret_key};

/// Reads the keys in binary `octets` and appends them to `entries`.
pub(super) fn assemble(octets: &[u8], limits: &Limits, entries: &mut Vec<KeyringEntry>) -> Result<(), KeyError> {
    let mut draft: Option<Draft<'_>> = None;
    for packet in split(octets) {
        let Ok(packet) = packet else {
            match draft.as_mut() {
                Some(draft) => draft.note(Problem::Truncated),
                None => return Err(KeyError::Malformed { reason: "not an OpenPGP packet" }),
            }
            break;
        };
        let body: &[u8] = &packet.body;
        match packet.tag {
            tag::PUBLIC_KEY | tag::SECRET_KEY => {
                if let Some(finished) = draft.replace(Draft::start(packet.tag, body, limits)) {
                    entries.push(finished.finish());
                }
                if entries.len() >= limits.keys {
                    let allowed = limits.keys as u64;
                    return Err(KeyError::TooLarge { unit: "keys", found: allowed + 1, allowed });
                }
            }
            // §5.8, §5.10, §5.14: to be ignored wherever they stand.
            tag::MARKER | tag::TRUST | tag::PADDING => {}
            // What stands before the first key belongs to none.
            _ => {
                if let Some(draft) = draft.as_mut() {
                    draft.add(packet.tag, body);
                }
            }
        }
    }
    entries.extend(draft.map(Draft::finish));
    Ok(())
}

#[allow(clippy::large_enum_variant)] // one exists at a time
enum Primary {
    Public(PublicKey),
    Secret(SecretKey),
}

#[allow(clippy::large_enum_variant)] // few exist at a time
enum Subkey {
    Public(PublicSubkey),
    Secret(SecretSubkey),
}

impl Subkey {
    fn fingerprint(&self) -> Fingerprint {
        match self {
            Self::Public(key) => key.fingerprint(),
            Self::Secret(key) => key.fingerprint(),
        }
    }
}

/// Where the next signature belongs.
#[derive(Clone, Copy)]
enum Slot {
    Primary,
    User(usize),
    Attribute(usize),
    Subkey(usize),
    /// After a component that was left out.
    Nowhere,
}

struct Draft<'l> {
    limits: &'l Limits,
    primary: Result<Primary, String>,
    fingerprint: Option<Fingerprint>,
    revocations: Vec<Signature>,
    direct: Vec<Signature>,
    users: Vec<SignedUser>,
    attributes: Vec<SignedUserAttribute>,
    subkeys: Vec<(Subkey, Vec<Signature>)>,
    slot: Slot,
    packets: usize,
    problems: Vec<Problem>,
}

impl<'l> Draft<'l> {
    fn start(packet_tag: u8, body: &[u8], limits: &'l Limits) -> Self {
        let mut problems = Vec::new();
        let (primary, fingerprint) = match KeyPacket::read(body) {
            Ok(packet) => read_primary(packet_tag, &packet, &mut problems),
            Err(Unread::Unsupported(what)) => (Err(what), None),
            Err(Unread::Malformed) => (Err("malformed primary key".to_owned()), None),
        };
        let slot = if primary.is_ok() { Slot::Primary } else { Slot::Nowhere };
        Self {
            limits,
            primary,
            fingerprint,
            revocations: Vec::new(),
            direct: Vec::new(),
            users: Vec::new(),
            attributes: Vec::new(),
            subkeys: Vec::new(),
            slot,
            packets: 1,
            problems,
        }
    }

    fn note(&mut self, problem: Problem) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn add(&mut self, packet_tag: u8, body: &[u8]) {
        if self.primary.is_err() {
            return;
        }
        self.packets += 1;
        if self.packets > self.limits.key_packets {
            return self.note(Problem::TooMany { unit: "packets", allowed: self.limits.key_packets });
        }
        match packet_tag {
            tag::SIGNATURE => self.add_signature(body),
            tag::USER_ID => self.add_user_id(body),
            tag::USER_ATTRIBUTE => self.add_attribute(body),
            tag::PUBLIC_SUBKEY | tag::SECRET_SUBKEY => self.add_subkey(packet_tag, body),
            _ => {
                self.slot = Slot::Nowhere;
                self.note(Problem::MisplacedPacket { tag: packet_tag });
                // §4.3: an unknown critical packet voids what it stands in.
                if packet_tag < tag::FIRST_NON_CRITICAL {
                    self.primary = Err(format!("packet type {packet_tag} in a key"));
                }
            }
        }
    }

    fn add_signature(&mut self, body: &[u8]) {
        if matches!(self.slot, Slot::Nowhere) {
            return;
        }
        let Some(signature) = read_signature(body) else {
            return self.note(Problem::MalformedPacket { tag: tag::SIGNATURE });
        };
        let Some(typ) = signature.typ() else {
            return self.note(Problem::UnsupportedSignature);
        };
        let Some(place) = self.place(typ) else {
            return self.note(Problem::MisplacedSignature);
        };
        let allowed = self.limits.component_signatures;
        let Some(signatures) = self.signatures_at(place) else {
            return;
        };
        if signatures.len() >= allowed {
            self.note(Problem::TooMany { unit: "signatures", allowed });
        } else if !signatures.contains(&signature) {
            signatures.push(signature);
        }
    }

    /// The component a signature of this type speaks about here (§5.2.1).
    fn place(&self, typ: SignatureType) -> Option<Place> {
        use SignatureType as Type;
        match (self.slot, typ) {
            (Slot::Primary, Type::KeyRevocation) => Some(Place::Revocations),
            // §5.2.1.14: 0x30 may revoke a direct-key signature too.
            (Slot::Primary, Type::Key | Type::CertRevocation) => Some(Place::Direct),
            (
                slot @ (Slot::User(_) | Slot::Attribute(_)),
                Type::CertGeneric | Type::CertPersona | Type::CertCasual | Type::CertPositive | Type::CertRevocation,
            ) => Some(Place::Component(slot)),
            (slot @ Slot::Subkey(_), Type::SubkeyBinding | Type::SubkeyRevocation) => Some(Place::Component(slot)),
            // Some programs append key revocations and direct-key signatures at the end: the type says where they belong.
            (_, Type::KeyRevocation) => Some(Place::Revocations),
            (_, Type::Key) => Some(Place::Direct),
            _ => None,
        }
    }

    fn signatures_at(&mut self, place: Place) -> Option<&mut Vec<Signature>> {
        match place {
            Place::Revocations => Some(&mut self.revocations),
            Place::Direct => Some(&mut self.direct),
            Place::Component(Slot::User(index)) => self.users.get_mut(index).map(|user| &mut user.signatures),
            Place::Component(Slot::Attribute(index)) => {
                self.attributes.get_mut(index).map(|attribute| &mut attribute.signatures)
            }
            Place::Component(Slot::Subkey(index)) => self.subkeys.get_mut(index).map(|(_, signatures)| signatures),
            Place::Component(_) => None,
        }
    }

    fn add_user_id(&mut self, body: &[u8]) {
        self.slot = Slot::Nowhere;
        if body.len() > self.limits.user_id_bytes {
            return self.note(Problem::TooMany { unit: "octets in a user ID", allowed: self.limits.user_id_bytes });
        }
        if let Some(known) = self.users.iter().position(|user| user.id.id() == body) {
            self.slot = Slot::User(known);
            return;
        }
        if self.users.len() + self.attributes.len() >= self.limits.user_ids {
            return self.note(Problem::TooMany { unit: "user IDs", allowed: self.limits.user_ids });
        }
        match read_user_id(body) {
            Some(id) => {
                self.slot = Slot::User(self.users.len());
                self.users.push(SignedUser { id, signatures: Vec::new() });
            }
            None => self.note(Problem::MalformedPacket { tag: tag::USER_ID }),
        }
    }

    fn add_attribute(&mut self, body: &[u8]) {
        self.slot = Slot::Nowhere;
        if self.users.len() + self.attributes.len() >= self.limits.user_ids {
            return self.note(Problem::TooMany { unit: "user IDs", allowed: self.limits.user_ids });
        }
        match read_user_attribute(body) {
            Some(attr) => {
                self.slot = Slot::Attribute(self.attributes.len());
                self.attributes.push(SignedUserAttribute { attr, signatures: Vec::new() });
            }
            None => self.note(Problem::MalformedPacket { tag: tag::USER_ATTRIBUTE }),
        }
    }

    fn add_subkey(&mut self, packet_tag: u8, body: &[u8]) {
        self.slot = Slot::Nowhere;
        let packet = match KeyPacket::read(body) {
            Ok(packet) => packet,
            Err(Unread::Unsupported(what)) => return self.note(Problem::UnsupportedSubkey { what }),
            Err(Unread::Malformed) => return self.note(Problem::MalformedPacket { tag: packet_tag }),
        };
        if let Some(what) = packet.unsupported_algorithm() {
            self.note(Problem::UnsupportedSubkey { what });
        }
        let Some(subkey) = self.read_subkey(packet_tag, &packet) else {
            return self.note(Problem::MalformedPacket { tag: packet_tag });
        };
        let fingerprint = subkey.fingerprint();
        if let Some(known) = self.subkeys.iter().position(|(known, _)| known.fingerprint() == fingerprint) {
            self.slot = Slot::Subkey(known);
        } else if self.subkeys.len() >= self.limits.subkeys {
            self.note(Problem::TooMany { unit: "subkeys", allowed: self.limits.subkeys });
        } else {
            self.slot = Slot::Subkey(self.subkeys.len());
            self.subkeys.push((subkey, Vec::new()));
        }
    }

    fn read_subkey(&mut self, packet_tag: u8, packet: &KeyPacket<'_>) -> Option<Subkey> {
        let is_secret_key = matches!(self.primary, Ok(Primary::Secret(_)));
        if packet_tag == tag::PUBLIC_SUBKEY {
            return if packet.has_rest() { None } else { packet.public_subkey().ok().map(Subkey::Public) };
        }
        if is_secret_key && let Some(subkey) = packet.secret_subkey() {
            if secret_key::is_absent(subkey.secret_params()) {
                self.note(Problem::SecretAbsent);
            }
            return Some(Subkey::Secret(subkey));
        }
        self.note(Problem::UnusableSecret { what: if is_secret_key { "malformed" } else { "in a certificate" } });
        packet.public_subkey().ok().map(Subkey::Public)
    }

    fn finish(self) -> KeyringEntry {
        let item = match self.primary {
            Err(reason) => KeyringItem::Unsupported { reason, fingerprint: self.fingerprint },
            Ok(primary) => {
                let details = SignedKeyDetails {
                    revocation_signatures: self.revocations,
                    direct_signatures: self.direct,
                    users: self.users,
                    user_attributes: self.attributes,
                };
                let (mut public_subkeys, mut secret_subkeys) = (Vec::new(), Vec::new());
                for (subkey, signatures) in self.subkeys {
                    match subkey {
                        Subkey::Public(key) => public_subkeys.push(SignedPublicSubKey { key, signatures }),
                        Subkey::Secret(key) => secret_subkeys.push(SignedSecretSubKey { key, signatures }),
                    }
                }
                match primary {
                    Primary::Public(primary_key) => KeyringItem::Certificate(Certificate::from_pgp(SignedPublicKey {
                        primary_key,
                        details,
                        public_subkeys,
                    })),
                    Primary::Secret(primary_key) => {
                        KeyringItem::SecretKey(secret_key::SecretKey::from_pgp(SignedSecretKey {
                            primary_key,
                            details,
                            public_subkeys,
                            secret_subkeys,
                        }))
                    }
                }
            }
        };
        KeyringEntry { item, problems: self.problems }
    }
}

/// A list of signatures in a draft.
#[derive(Clone, Copy)]
enum Place {
    Revocations,
    Direct,
    Component(Slot),
}

type ReadPrimary = (Result<Primary, String>, Option<Fingerprint>);

fn read_primary(packet_tag: u8, packet: &KeyPacket<'_>, problems: &mut Vec<Problem>) -> ReadPrimary {
    let Ok(public) = packet.public_key() else {
        return (Err("malformed primary key".to_owned()), None);
    };
    let fingerprint = Some(public.fingerprint());
    if let Some(what) = packet.unsupported_algorithm() {
        return (Err(what), fingerprint);
    }
    if packet_tag == tag::PUBLIC_KEY {
        let primary =
            if packet.has_rest() { Err("malformed primary key".to_owned()) } else { Ok(Primary::Public(public)) };
        return (primary, fingerprint);
    }
    let primary = match packet.secret_key() {
        Some(secret) => {
            if secret_key::is_absent(secret.secret_params()) {
                problems.push(Problem::SecretAbsent);
            }
            Primary::Secret(secret)
        }
        None => {
            problems.push(Problem::UnusableSecret { what: "malformed" });
            Primary::Public(public)
        }
    };
    (Ok(primary), fingerprint)
}
