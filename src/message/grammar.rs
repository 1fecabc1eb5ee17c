//! The shape of an OpenPGP message (RFC 9580 §10.3), decided here and nowhere else.
//!
//! A packet sequence is exactly one of: encrypted (session key packets, one container), compressed, literal, or signed
//! (one-pass or prefixed, properly nested around exactly one of the others). Only marker, padding and unknown
//! non-critical packets may stand between; anything before, after or beside makes the whole sequence malformed, so that
//! no text can ride on somebody else's signature (CVE-2025-47934 and its family).

use super::{error::ReadError, input::DETACHED, place::Place};
use envelock_seipd::packet::{RawPacket, Tag, split};

/// Packet types from here on are non-critical: unknown ones are skipped (§4.3).
const FIRST_NON_CRITICAL: u8 = 40;
/// Trust packets are for local key rings and ignored elsewhere (§5.10).
const TRUST: u8 = 12;

/// One level of an OpenPGP message.
#[derive(Debug)]
pub(crate) enum Shape<'a> {
    /// Session key packets in their order, then the container.
    Encrypted { session_keys: Vec<RawPacket<'a>>, container: RawPacket<'a> },
    /// Signatures around a literal or compressed packet; without signatures it is that packet alone.
    Data { signatures: Vec<SignaturePacket<'a>>, payload: RawPacket<'a> },
}

/// A signature packet and what belongs to it, in the order of the message.
#[derive(Debug)]
pub(crate) struct SignaturePacket<'a> {
    pub(crate) body: RawPacket<'a>,
    /// Its one-pass packet, if it came that way round.
    pub(crate) one_pass: Option<RawPacket<'a>>,
    /// It covers other signatures (a nested one-pass group), not only the data.
    pub(crate) notarization: bool,
}

/// Splits and shapes one packet sequence of at most `max_packets` packets.
pub(crate) fn parse(bytes: &[u8], max_packets: usize) -> Result<Shape<'_>, ReadError> {
    shape(significant(bytes, max_packets)?)
}

/// Session key packets, with the container behind them if there is one.
pub(crate) fn parse_session_keys(
    bytes: &[u8],
    max_packets: usize,
) -> Result<(Vec<RawPacket<'_>>, Option<RawPacket<'_>>), ReadError> {
    let packets = significant(bytes, max_packets)?;
    if !packets.is_empty() && packets.iter().all(|packet| matches!(packet.tag, Tag::PKESK | Tag::SKESK)) {
        return Ok((packets, None));
    }
    let first = packets.first().map(Place::of);
    let Shape::Encrypted { session_keys, container } = shape(packets)? else {
        return Err(ReadError::Malformed { what: "there are no session key packets", place: first });
    };
    Ok((session_keys, Some(container)))
}

/// The packets of a detached signature: signature packets and nothing else (§10.4).
pub(crate) fn parse_detached(bytes: &[u8], max_packets: usize) -> Result<Vec<RawPacket<'_>>, ReadError> {
    let packets = significant(bytes, max_packets)?;
    let other = packets.iter().find(|packet| packet.tag != Tag::SIGNATURE);
    if packets.is_empty() || other.is_some() {
        let what = "a detached signature consists of signature packets only";
        return Err(ReadError::Malformed { what, place: other.map(Place::of) });
    }
    Ok(packets)
}

/// All packets but those that are skipped.
fn significant(bytes: &[u8], max_packets: usize) -> Result<Vec<RawPacket<'_>>, ReadError> {
    let mut packets = Vec::new();
    let mut next = 0;
    for (count, packet) in split(bytes).enumerate() {
        if count >= max_packets {
            return Err(ReadError::TooMany { unit: "packets", allowed: max_packets });
        }
        let packet = packet.map_err(|_| {
            ReadError::malformed("the packet framing is broken").at(Place::start(bytes.get(next).copied(), next))
        })?;
        next = packet.span.end;
        if !is_skipped(packet.tag) {
            packets.push(packet);
        }
    }
    Ok(packets)
}

/// Packets that every reader must skip (§4.3, §5.8, §5.10, §5.14).
pub(super) fn is_skipped(tag: u8) -> bool {
    matches!(tag, Tag::PADDING | Tag::MARKER | TRUST | FIRST_NON_CRITICAL..)
}

/// Shapes packets that are taken apart already.
pub(super) fn shape_of<'a>(packets: impl Iterator<Item = RawPacket<'a>>) -> Result<Shape<'a>, ReadError> {
    shape(packets.filter(|packet| !is_skipped(packet.tag)).collect())
}

fn shape(packets: Vec<RawPacket<'_>>) -> Result<Shape<'_>, ReadError> {
    let Some(first) = packets.first() else { return Err(ReadError::malformed("there is no packet")) };
    match first.tag {
        Tag::PKESK | Tag::SKESK | Tag::SEIPD | Tag::SED | Tag::GNUPG_AEAD => encrypted(packets),
        Tag::ONE_PASS_SIGNATURE | Tag::SIGNATURE | Tag::COMPRESSED | Tag::LITERAL => signed(packets),
        _ => Err(ReadError::in_packet("the first packet does not begin a message", first)),
    }
}

fn encrypted(mut packets: Vec<RawPacket<'_>>) -> Result<Shape<'_>, ReadError> {
    let last = packets.pop().ok_or(ReadError::malformed("there is no packet"))?;
    if let Some(other) = packets.iter().find(|packet| !matches!(packet.tag, Tag::PKESK | Tag::SKESK)) {
        return Err(ReadError::in_packet("only session key packets stand before the one container", other));
    }
    if !matches!(last.tag, Tag::SEIPD | Tag::SED | Tag::GNUPG_AEAD) {
        return Err(ReadError::in_packet("an encrypted message ends with its one container", &last));
    }
    let container = last;
    Ok(Shape::Encrypted { session_keys: packets, container })
}

/// `signed := literal | compressed | Sig signed | OPS signed Sig`, read from both ends at once.
fn signed(packets: Vec<RawPacket<'_>>) -> Result<Shape<'_>, ReadError> {
    let mut packets = std::collections::VecDeque::from(packets);
    // Prefixed signatures and one-pass pairs, outermost first.
    let mut prefixed = Vec::new();
    let mut one_pass = Vec::new();
    // A one-pass packet with a non-zero last octet ends its group (§5.4): what stands outside covers signatures.
    let mut open_groups: Vec<usize> = Vec::new();
    let payload = loop {
        let Some(packet) = packets.pop_front() else {
            let detached = one_pass.is_empty();
            return Err(if detached {
                ReadError::Signed(DETACHED)
            } else {
                ReadError::malformed("a signed message has no data")
            });
        };
        match packet.tag {
            Tag::SIGNATURE => prefixed.push(packet),
            Tag::ONE_PASS_SIGNATURE => {
                let Some(signature) = packets.pop_back().filter(|packet| packet.tag == Tag::SIGNATURE) else {
                    return Err(ReadError::in_packet("a one-pass signature packet has no signature", &packet));
                };
                if packet.body.last().is_some_and(|last| *last != 0) {
                    open_groups.push(one_pass.len());
                }
                one_pass.push((packet, signature));
            }
            Tag::LITERAL | Tag::COMPRESSED => break packet,
            Tag::PKESK | Tag::SKESK | Tag::SEIPD | Tag::SED | Tag::GNUPG_AEAD => {
                return Err(ReadError::Unsupported("a signature around an encrypted message"));
            }
            _ => return Err(ReadError::in_packet("a packet that cannot be part of a message", &packet)),
        }
    };
    if let Some(beside) = packets.front() {
        return Err(ReadError::in_packet("something stands beside the message's data", beside));
    }
    // The innermost group covers the data; every group closed before it covers that group's signatures too.
    let innermost_start = open_groups.iter().rev().find(|end| **end + 1 < one_pass.len()).map_or(0, |end| end + 1);
    let mut signatures: Vec<SignaturePacket<'_>> =
        prefixed.into_iter().map(|body| SignaturePacket { body, one_pass: None, notarization: false }).collect();
    let mut paired: Vec<SignaturePacket<'_>> = one_pass
        .into_iter()
        .enumerate()
        .map(|(index, (one_pass, body))| SignaturePacket {
            body,
            one_pass: Some(one_pass),
            notarization: index < innermost_start,
        })
        .collect();
    paired.reverse();
    signatures.append(&mut paired);
    Ok(Shape::Data { signatures, payload })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use super::*;
    use envelock_seipd::packet::write_header;

    const PADDING: (u8, &[u8]) = (Tag::PADDING, &[1, 2, 3]);
    const MARKER: (u8, &[u8]) = (Tag::MARKER, b"PGP");
    const UNKNOWN: (u8, &[u8]) = (61, b"experimental");
    const LITERAL: (u8, &[u8]) = (Tag::LITERAL, b"l");
    const COMPRESSED: (u8, &[u8]) = (Tag::COMPRESSED, b"c");
    const SIGNATURE: (u8, &[u8]) = (Tag::SIGNATURE, b"s");
    /// One-pass packets that announce another, and that do not.
    const MORE: (u8, &[u8]) = (Tag::ONE_PASS_SIGNATURE, &[3, 0]);
    const LAST: (u8, &[u8]) = (Tag::ONE_PASS_SIGNATURE, &[3, 1]);
    const PKESK: (u8, &[u8]) = (Tag::PKESK, &[3]);
    const SKESK: (u8, &[u8]) = (Tag::SKESK, &[4]);
    const SEIPD: (u8, &[u8]) = (Tag::SEIPD, &[1]);

    fn packets(list: &[(u8, &[u8])]) -> Vec<u8> {
        let mut out = Vec::new();
        for (tag, body) in list {
            write_header(&mut out, *tag, body.len() as u32);
            out.extend_from_slice(body);
        }
        out
    }

    /// What a sequence is: `encrypted`, `literal` or `compressed` with its number of signatures, or what is wrong.
    fn read(list: &[(u8, &[u8])]) -> Result<(&'static str, usize), ReadError> {
        Ok(match parse(&packets(list), 100)? {
            Shape::Encrypted { session_keys, .. } => ("encrypted", session_keys.len()),
            Shape::Data { signatures, payload } if payload.tag == Tag::LITERAL => ("literal", signatures.len()),
            Shape::Data { signatures, .. } => ("compressed", signatures.len()),
        })
    }

    #[test]
    fn every_form_of_a_message() {
        assert_eq!(read(&[LITERAL]), Ok(("literal", 0)));
        assert_eq!(read(&[COMPRESSED]), Ok(("compressed", 0)));
        assert_eq!(read(&[SEIPD]), Ok(("encrypted", 0)));
        assert_eq!(read(&[PKESK, SKESK, PKESK, SEIPD]), Ok(("encrypted", 3)));
        assert_eq!(read(&[LAST, LITERAL, SIGNATURE]), Ok(("literal", 1)));
        assert_eq!(read(&[MORE, MORE, LAST, LITERAL, SIGNATURE, SIGNATURE, SIGNATURE]), Ok(("literal", 3)));
        assert_eq!(read(&[SIGNATURE, SIGNATURE, LITERAL]), Ok(("literal", 2)));
        assert_eq!(read(&[SIGNATURE, LAST, COMPRESSED, SIGNATURE]), Ok(("compressed", 2)));
    }

    #[test]
    fn padding_markers_trust_and_unknown_non_critical_packets_are_skipped_anywhere() {
        for extra in [PADDING, MARKER, (Tag::MARKER, b"PG"), (TRUST, b"t"), UNKNOWN] {
            assert_eq!(
                read(&[extra, MORE, extra, LAST, extra, LITERAL, SIGNATURE, SIGNATURE, extra]),
                Ok(("literal", 2))
            );
            assert_eq!(read(&[extra, PKESK, extra, SEIPD, extra]), Ok(("encrypted", 1)));
        }
        assert!(read(&[PADDING]).is_err());
    }

    #[test]
    fn nothing_stands_beside_a_message() {
        let cases: &[&[(u8, &[u8])]] = &[
            &[],
            &[LITERAL, LITERAL],
            &[LITERAL, COMPRESSED],
            &[COMPRESSED, LITERAL],
            &[LITERAL, SIGNATURE],
            &[LITERAL, LAST, LITERAL, SIGNATURE],
            &[LAST, LITERAL, LITERAL, SIGNATURE],
            &[LAST, LITERAL, SIGNATURE, LITERAL],
            &[LAST, LITERAL, COMPRESSED, SIGNATURE],
            &[LAST, LITERAL, SIGNATURE, SIGNATURE],
            &[LAST, COMPRESSED, LITERAL, SIGNATURE],
            &[MORE, LAST, LITERAL, SIGNATURE],
            &[LAST, LITERAL],
            &[LAST, SIGNATURE],
            &[SIGNATURE],
            &[SIGNATURE, LITERAL, LITERAL],
            &[SIGNATURE, LITERAL, SIGNATURE],
            &[SEIPD, SEIPD],
            &[PKESK, SEIPD, LITERAL],
            &[PKESK, SEIPD, PKESK],
            &[PKESK, LITERAL],
            &[PKESK],
            &[LITERAL, SEIPD],
            &[PKESK, LITERAL, SEIPD],
            &[LAST, PKESK, SEIPD, SIGNATURE],
            &[PKESK, SEIPD, PKESK, SEIPD],
            &[(6, b"public key"), LITERAL],
            &[(13, b"user id")],
            // Unknown but critical (§4.3).
            &[(22, b"?"), LITERAL],
            &[LITERAL, (39, b"?")],
        ];
        for case in cases {
            assert!(read(case).is_err(), "{:?}", case.iter().map(|(tag, _)| tag).collect::<Vec<_>>());
        }
    }

    #[test]
    fn broken_framing_and_too_many_packets_are_refused() {
        let whole = packets(&[LAST, LITERAL, SIGNATURE]);
        for length in 1..whole.len() {
            assert!(parse(&whole[..length], 100).is_err(), "{length} octets");
        }
        assert!(parse(&[whole.as_slice(), &[0]].concat(), 100).is_err());
        assert_eq!(
            parse(&packets(&[PADDING, PADDING, LITERAL]), 2).err(),
            Some(ReadError::TooMany { unit: "packets", allowed: 2 })
        );
    }

    #[test]
    fn what_is_malformed_is_told_with_its_packet() {
        for (list, tag, offset) in [
            (&[LAST, LITERAL, SIGNATURE, LITERAL][..], Tag::ONE_PASS_SIGNATURE, 0),
            (&[LAST, LITERAL, LITERAL, SIGNATURE], Tag::LITERAL, 7),
            (&[PADDING, SIGNATURE, LITERAL, COMPRESSED], Tag::COMPRESSED, 11),
            (&[PKESK, LITERAL, SEIPD], Tag::LITERAL, 3),
            (&[PKESK, SEIPD, PKESK], Tag::SEIPD, 3),
            (&[LITERAL, (39, b"?")], 39, 3),
        ] {
            let Err(ReadError::Malformed { place: Some(place), .. }) = parse(&packets(list), 100) else {
                panic!("{list:?}")
            };
            assert_eq!((place.tag, place.offset, place.depth), (Some(tag), offset, 0), "{list:?}");
        }
        let whole = packets(&[LAST, LITERAL]);
        let cut = parse(&whole[..whole.len() - 1], 100).err();
        let place = Place { tag: Some(Tag::LITERAL), offset: 4, depth: 0 };
        assert_eq!(cut, Some(ReadError::malformed("the packet framing is broken").at(place)));
    }

    #[test]
    fn signatures_over_signatures_are_told_apart() {
        let notarized = |list: &[(u8, &[u8])]| match parse(&packets(list), 100).unwrap() {
            Shape::Data { signatures, .. } => signatures.iter().map(|found| found.notarization).collect::<Vec<_>>(),
            Shape::Encrypted { .. } => panic!("not encrypted"),
        };
        // Innermost first, as the signature packets stand in the message.
        assert_eq!(notarized(&[MORE, LAST, LITERAL, SIGNATURE, SIGNATURE]), [false, false]);
        assert_eq!(notarized(&[LAST, LAST, LITERAL, SIGNATURE, SIGNATURE]), [false, true]);
        assert_eq!(notarized(&[LAST, MORE, LAST, LITERAL, SIGNATURE, SIGNATURE, SIGNATURE]), [false, false, true]);
        assert_eq!(notarized(&[LAST, LITERAL, SIGNATURE]), [false]);
        // A single packet that announces a follower that never comes: old writers did that.
        assert_eq!(notarized(&[MORE, LITERAL, SIGNATURE]), [false]);
    }

    #[test]
    fn detached_signatures_are_signatures_only() {
        assert_eq!(parse_detached(&packets(&[SIGNATURE, PADDING, SIGNATURE]), 9).unwrap().len(), 2);
        for case in [&[][..], &[LITERAL], &[SIGNATURE, LITERAL], &[LAST, LITERAL, SIGNATURE], &[PADDING]] {
            assert!(parse_detached(&packets(case), 9).is_err());
        }
    }
}
