//! What binary packets say of the armor they belong in.

use super::ArmorKind;
use envelock_seipd::{
    Octets,
    packet::{Tag, frames},
};
use std::ops::Range;

/// The kind of armor that binary packets belong in (RFC 9580 §6.2.1). `None` if they are none, or begin like nothing that is
/// armored.
pub fn kind_of<D: Octets + ?Sized>(packets: &D) -> Option<ArmorKind> {
    const SECRET_KEY: u8 = 5;
    const PUBLIC_KEY: u8 = 6;
    let mut tags = frames(packets).map(|packet| packet.map(|packet| packet.tag));
    match tags.next()?.ok()? {
        SECRET_KEY => Some(ArmorKind::PrivateKey),
        PUBLIC_KEY => Some(ArmorKind::PublicKey),
        // Signatures alone are detached; before data they are part of a message (§10.3).
        Tag::SIGNATURE if tags.all(|tag| tag == Ok(Tag::SIGNATURE)) => Some(ArmorKind::Signature),
        Tag::SIGNATURE
        | Tag::ONE_PASS_SIGNATURE
        | Tag::PKESK
        | Tag::SKESK
        | Tag::SEIPD
        | Tag::SED
        | Tag::GNUPG_AEAD
        | Tag::COMPRESSED
        | Tag::LITERAL
        | Tag::MARKER => Some(ArmorKind::Message),
        _ => None,
    }
}

/// Version 6 packets and SEIPD v2 are read by RFC 9580 programs only.
pub(crate) fn wants_checksum<D: Octets + ?Sized>(octets: &D) -> bool {
    const KEYS: [u8; 4] = [5, 6, 7, 14];
    let first = |body: &[Range<usize>]| octets.octet(body.iter().find(|part| !part.is_empty())?.start);
    !frames(octets).map_while(Result::ok).any(|packet| match (packet.tag, first(&packet.body)) {
        (Tag::SEIPD, Some(2)) => true,
        (Tag::SIGNATURE | Tag::ONE_PASS_SIGNATURE | Tag::SKESK | Tag::PKESK, Some(6)) => true,
        (tag, Some(6)) => KEYS.contains(&tag),
        _ => false,
    })
}
