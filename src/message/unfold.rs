//! Unfolds signed and compressed layers down to the one literal packet, collecting the signatures on the way.

use super::{
    compression::{Budget, decompress},
    error::ReadError,
    gathering::gathered,
    grammar::{self, Shape, SignaturePacket},
    input, literal,
    outline::Outline,
    place::Place,
    verdict::Reason,
};
use crate::{Limits, keyring};
use envelock_seipd::{Engine, Octets, packet};
use pgp::{
    packet::{OnePassSignature, PacketHeader, Signature},
    types::Tag,
};
use std::ops::Range;

/// A message without its layers.
pub(crate) struct Unfolded<M> {
    pub(crate) filename: Option<String>,
    pub(crate) data: Whereabouts<M>,
    pub(crate) signatures: Vec<FoundSignature>,
    /// The same as packets.
    pub(crate) signature_packets: Vec<u8>,
}

/// Where the data of a message is: in these parts of its innermost layer.
pub(crate) struct Whereabouts<M> {
    /// The innermost layer if it had to be unpacked; else that is the message itself.
    unpacked: Option<M>,
    parts: Vec<Range<usize>>,
}

/// A signature as it was found: readable, or the reason why it proves nothing.
pub(crate) enum FoundSignature {
    Readable(Box<Signature>),
    Unusable(Reason),
}

impl<M> Whereabouts<M> {
    /// The data, copied out of the message.
    pub(crate) async fn copy<D: Octets<Made = M> + ?Sized, E: Engine>(
        self,
        message: &D,
        engine: &E,
    ) -> Result<M, ReadError> {
        match self.unpacked {
            None => gathered(message, &self.parts, engine).await,
            Some(unpacked) => cut::<D>(unpacked, &self.parts),
        }
    }

    /// The data, cut out of a message that nobody needs any more.
    pub(crate) fn cut<D: Octets<Made = M> + ?Sized>(self, message: M) -> Result<M, ReadError> {
        match self.unpacked {
            None => cut::<D>(message, &self.parts),
            Some(unpacked) => {
                D::release(message);
                cut::<D>(unpacked, &self.parts)
            }
        }
    }
}

fn cut<D: Octets + ?Sized>(made: D::Made, parts: &[Range<usize>]) -> Result<D::Made, ReadError> {
    let cut = match parts {
        [] => D::cut(made, 0..0),
        [part] => D::cut(made, part.clone()),
        parts => D::keep(made, parts),
    };
    cut.ok_or(ReadError::GONE)
}

/// Unfolds one message that is not encrypted, with rests between. It stays where it is, unless it is compressed.
pub(crate) async fn unfold<D: Octets + ?Sized, E: Engine>(
    message: &D,
    limits: &Limits,
    engine: &E,
) -> Result<Unfolded<D::Made>, ReadError> {
    let mut budget = Budget::new();
    let mut signatures = Vec::new();
    let mut signature_packets = Vec::new();
    let mut layers = 0;
    let mut unpacked: Option<D::Made> = None;
    loop {
        let octets = unpacked.as_ref().map_or(message, D::of);
        let outline = Outline::of(octets, limits.message_packets).map_err(|error| error.inside(layers))?;
        let Shape::Data { signatures: found, payload } = outline.shape().map_err(|error| error.inside(layers))? else {
            return Err(ReadError::Encrypted);
        };
        let place = Place::of(&payload).inside(layers);
        layers += 1;
        if layers > limits.nesting {
            return Err(ReadError::TooMany { unit: "layers", allowed: limits.nesting });
        }
        signatures.extend(read_signatures(&found, signatures.len(), limits)?);
        for signature in &found {
            let body = &signature.body.body;
            packet::write_header(&mut signature_packets, packet::Tag::SIGNATURE, body.len() as u32);
            signature_packets.extend_from_slice(body);
        }
        if payload.tag == packet::Tag::LITERAL {
            let (filename, start) = literal::parse_head(&payload.body).map_err(|error| error.at(place))?;
            let data = Whereabouts { parts: outline.body_from(start), unpacked };
            return Ok(Unfolded { filename, data, signatures, signature_packets });
        }
        let next = decompress(octets, outline.body(), &mut budget, limits, engine).await;
        unpacked = Some(next.map_err(|error| error.at(place))?);
    }
}

/// Reads a detached signature, armored or binary.
pub(crate) fn detached_signatures(signature: &[u8], limits: &Limits) -> Result<Vec<FoundSignature>, ReadError> {
    read_detached(&input::read_signature(signature, limits)?, limits)
}

/// Reads the packets of a detached signature.
pub(crate) fn read_detached(bytes: &[u8], limits: &Limits) -> Result<Vec<FoundSignature>, ReadError> {
    let packets = grammar::parse_detached(bytes, limits.message_packets)?;
    if packets.len() > limits.message_signatures {
        return Err(ReadError::TooMany { unit: "signatures", allowed: limits.message_signatures });
    }
    Ok(packets.iter().map(|packet| read_signature_body(&packet.body)).collect())
}

/// The signatures of a layer, if there may be so many beside those `before`.
pub(crate) fn read_signatures(
    found: &[SignaturePacket<'_>],
    before: usize,
    limits: &Limits,
) -> Result<Vec<FoundSignature>, ReadError> {
    if before + found.len() > limits.message_signatures {
        return Err(ReadError::TooMany { unit: "signatures", allowed: limits.message_signatures });
    }
    Ok(found.iter().map(read_signature).collect())
}

pub(super) fn read_signature(packet: &SignaturePacket<'_>) -> FoundSignature {
    if packet.notarization {
        return FoundSignature::Unusable(Reason::Notarization);
    }
    let found = read_signature_body(&packet.body.body);
    match (&found, &packet.one_pass) {
        // RFC 9580 §5.4: type, algorithms and salt must agree, or a one-pass reader hashed something else.
        (FoundSignature::Readable(signature), Some(one_pass)) => match read_one_pass(&one_pass.body) {
            Some(one_pass) if one_pass.matches(signature) => found,
            Some(_) | None => FoundSignature::Unusable(Reason::Malformed),
        },
        _ => found,
    }
}

pub(super) fn read_signature_body(body: &[u8]) -> FoundSignature {
    match keyring::read_signature(body) {
        Some(signature) if signature.config().is_none() => FoundSignature::Unusable(Reason::Unsupported),
        Some(signature) => FoundSignature::Readable(Box::new(signature)),
        None => FoundSignature::Unusable(Reason::Malformed),
    }
}

pub(super) fn read_one_pass(body: &[u8]) -> Option<OnePassSignature> {
    let header = PacketHeader::new_fixed(Tag::OnePassSignature, body.len() as u32);
    let mut rest = body;
    OnePassSignature::try_from_reader(header, &mut rest).ok().filter(|_| rest.is_empty())
}
