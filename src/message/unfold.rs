//! Unfolds signed and compressed layers down to the one literal packet, collecting the signatures on the way.

use super::{
    compression::{Budget, decompress},
    error::ReadError,
    gathering::gathered,
    grammar::{self, Shape, SignaturePacket},
    input,
    literal::{self, Literal},
    outline::Outline,
    place::Place,
    verdict::Reason,
};
use crate::{Limits, keyring};
use envelock_seipd::{Engine, Octets, SecretOctets, packet};
use pgp::{
    packet::{OnePassSignature, PacketHeader, Signature},
    types::Tag,
};
use std::ops::Range;

/// A message without its layers.
pub(crate) struct Unfolded {
    pub(crate) literal: Literal,
    pub(crate) signatures: Vec<FoundSignature>,
    /// The same as packets.
    pub(crate) signature_packets: Vec<u8>,
}

/// A signature as it was found: readable, or the reason why it proves nothing.
pub(crate) enum FoundSignature {
    Readable(Box<Signature>),
    Unusable(Reason),
}

/// Unfolds one message that is not encrypted.
pub(crate) fn unfold(message: &[u8], limits: &Limits) -> Result<Unfolded, ReadError> {
    let mut budget = Budget::new();
    let mut signatures = Vec::new();
    let mut signature_packets = Vec::new();
    let mut layers = 0;
    let mut inner: Option<SecretOctets> = None;
    loop {
        let bytes = inner.as_ref().map_or(message, |bytes| bytes.as_slice());
        let shape = grammar::parse(bytes, limits.message_packets).map_err(|error| error.inside(layers))?;
        let Shape::Data { signatures: found, payload } = shape else {
            return Err(ReadError::Encrypted);
        };
        let place = Place::of(&payload).inside(layers);
        layers += 1;
        if layers > limits.nesting {
            return Err(ReadError::TooMany { unit: "layers", allowed: limits.nesting });
        }
        if signatures.len() + found.len() > limits.message_signatures {
            return Err(ReadError::TooMany { unit: "signatures", allowed: limits.message_signatures });
        }
        signatures.extend(found.iter().map(read_signature));
        for signature in &found {
            let body = &signature.body.body;
            packet::write_header(&mut signature_packets, packet::Tag::SIGNATURE, body.len() as u32);
            signature_packets.extend_from_slice(body);
        }
        if payload.tag == packet::Tag::LITERAL {
            let literal = literal::parse(&payload.body).map_err(|error| error.at(place))?;
            return Ok(Unfolded { literal, signatures, signature_packets });
        }
        let next = decompress(&payload.body, &mut budget, limits).map_err(|error| error.at(place))?;
        inner = Some(next);
    }
}

/// A message without its layers, whose data may lie elsewhere.
pub(crate) struct UnfoldedOn<M> {
    pub(crate) filename: Option<String>,
    pub(crate) data: Whereabouts<M>,
    pub(crate) signatures: Vec<FoundSignature>,
}

/// Where the data of a message is.
pub(crate) enum Whereabouts<M> {
    /// In the message itself, in these parts.
    Within(Vec<Range<usize>>),
    /// It had to be unpacked.
    Apart(M),
}

impl<M> Whereabouts<M> {
    /// The data, copied out of the message.
    pub(crate) async fn copy<D: Octets<Made = M> + ?Sized, E: Engine>(
        self,
        message: &D,
        engine: &E,
    ) -> Result<M, ReadError> {
        match self {
            Self::Within(parts) => gathered(message, &parts, engine).await,
            Self::Apart(data) => Ok(data),
        }
    }

    /// The data, cut out of a message that nobody needs any more.
    pub(crate) fn cut<D: Octets<Made = M> + ?Sized>(self, message: M) -> Result<M, ReadError> {
        match self {
            Self::Within(parts) if parts.len() <= 1 => {
                D::cut(message, parts.first().cloned().unwrap_or_default()).ok_or(ReadError::GONE)
            }
            Self::Within(parts) => D::keep(message, &parts).ok_or(ReadError::GONE),
            Self::Apart(data) => {
                D::release(message);
                Ok(data)
            }
        }
    }
}

/// [`unfold`] for a message that stays where it is, unless it is compressed.
pub(crate) fn unfold_on<D: Octets + ?Sized>(message: &D, limits: &Limits) -> Result<UnfoldedOn<D::Made>, ReadError> {
    let outline = Outline::of(message, limits.message_packets)?;
    let Shape::Data { signatures, payload } = outline.shape()? else {
        return Err(ReadError::Encrypted);
    };
    if payload.tag != packet::Tag::LITERAL {
        let octets = message.read(0..message.len()).ok_or(ReadError::GONE)?;
        let Unfolded { literal: Literal { filename, data }, signatures, .. } = unfold(&octets, limits)?;
        return Ok(UnfoldedOn { filename, data: Whereabouts::Apart(D::made(data)), signatures });
    }
    if signatures.len() > limits.message_signatures {
        return Err(ReadError::TooMany { unit: "signatures", allowed: limits.message_signatures });
    }
    let (filename, start) = literal::parse_head(&payload.body).map_err(|error| error.at(Place::of(&payload)))?;
    let signatures = signatures.iter().map(read_signature).collect();
    Ok(UnfoldedOn { filename, data: Whereabouts::Within(outline.body_from(start)), signatures })
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
