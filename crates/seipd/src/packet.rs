//! OpenPGP packet framing (RFC 9580 §4.2): where packets begin and end, nothing of what they mean.
//!
//! Strict where the standard is: partial lengths only for data packets and only from 512 octets on, indeterminate lengths
//! only in legacy headers of data packets. Bodies borrow from the input; only partial lengths are copied together.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::ops::Range;

use crate::Octets;

/// Packet type IDs (RFC 9580 §5), as constants: unknown ones must be representable.
#[derive(Debug)]
pub struct Tag;

impl Tag {
    /// Public-key encrypted session key.
    pub const PKESK: u8 = 1;
    /// Signature.
    pub const SIGNATURE: u8 = 2;
    /// Symmetric-key encrypted session key.
    pub const SKESK: u8 = 3;
    /// One-pass signature.
    pub const ONE_PASS_SIGNATURE: u8 = 4;
    /// Compressed data.
    pub const COMPRESSED: u8 = 8;
    /// Symmetrically encrypted data without integrity protection.
    pub const SED: u8 = 9;
    /// Marker.
    pub const MARKER: u8 = 10;
    /// Literal data.
    pub const LITERAL: u8 = 11;
    /// Symmetrically encrypted and integrity-protected data.
    pub const SEIPD: u8 = 18;
    /// GnuPG's AEAD-encrypted data, not in RFC 9580.
    pub const GNUPG_AEAD: u8 = 20;
    /// Padding.
    pub const PADDING: u8 = 21;

    /// Data packets: the only ones whose length may be partial or indeterminate (RFC 9580 §4.2.1.4).
    pub const fn is_data(tag: u8) -> bool {
        matches!(tag, Self::COMPRESSED | Self::SED | Self::LITERAL | Self::SEIPD | Self::GNUPG_AEAD)
    }
}

/// Longest packet header [`write_header`] makes, octets.
pub const MAX_HEADER_LEN: usize = 6;

/// Smallest first partial body (RFC 9580 §4.2.1.4).
const MIN_FIRST_PARTIAL: usize = 512;

/// One packet as it stands in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawPacket<'a> {
    /// Packet type ID, 1 to 63.
    pub tag: u8,
    /// The body; borrowed unless it came in partial lengths.
    pub body: Cow<'a, [u8]>,
    /// Where header and body stand in the input.
    pub span: Range<usize>,
    /// Whether the header is of the legacy format (RFC 9580 §4.2.2).
    pub legacy: bool,
}

/// A rule of RFC 9580 §4.2 that the input breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FramingError {
    /// The first octet has bit 7 clear (§4.2).
    #[error("not a packet header")]
    NotAPacket,
    /// Packet type ID 0 is reserved (§5).
    #[error("packet type 0")]
    TypeZero,
    /// The input ends inside a header or a body.
    #[error("packet is cut")]
    Truncated,
    /// A partial length on a packet that is not data (§4.2.1.4).
    #[error("partial length on a packet that is not data")]
    PartialNotAllowed,
    /// The first partial length is below 512 octets (§4.2.1.4).
    #[error("first partial length below 512 octets")]
    PartialTooShort,
    /// An indeterminate length on a packet that is not data (§4.2.2.1).
    #[error("indeterminate length on a packet that is not data")]
    IndeterminateNotAllowed,
    /// More partial lengths than anybody writes.
    #[error("packet in too many parts")]
    TooManyParts,
}

/// Cuts a message into packets, one after the other; allocates nothing up front. Ends after the first error.
pub fn split(bytes: &[u8]) -> Packets<'_> {
    Packets { cursor: Cursor { octets: bytes, at: 0 }, failed: false }
}

/// The packets of a message; made by [`split`].
#[derive(Debug, Clone)]
pub struct Packets<'a> {
    cursor: Cursor<'a, [u8]>,
    failed: bool,
}

impl<'a> Iterator for Packets<'a> {
    type Item = Result<RawPacket<'a>, FramingError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.cursor.is_at_end() {
            return None;
        }
        let packet = self.packet();
        self.failed = packet.is_err();
        Some(packet)
    }
}

impl<'a> Packets<'a> {
    fn packet(&mut self) -> Result<RawPacket<'a>, FramingError> {
        let start = self.cursor.at;
        let bytes = self.cursor.octets;
        let mut body: Option<Cow<'a, [u8]>> = None;
        let (tag, legacy) = self.cursor.packet(|part| {
            let part = bytes.get(part).ok_or(FramingError::Truncated)?;
            match &mut body {
                Some(joined) => joined.to_mut().extend_from_slice(part),
                None => body = Some(Cow::Borrowed(part)),
            }
            Ok(())
        })?;
        Ok(RawPacket { tag, body: body.unwrap_or_default(), span: start..self.cursor.at, legacy })
    }
}

/// One packet of octets that are not read: where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Packet type ID, 1 to 63.
    pub tag: u8,
    /// The parts of the body: one, unless it came in partial lengths.
    pub body: Vec<Range<usize>>,
    /// Where header and body stand.
    pub span: Range<usize>,
}

/// Most parts of one body that [`frames`] keeps. 65 536: a GiB in GnuPG's parts of 8 to 16 KiB.
const MAX_PARTS: usize = 1 << 16;

/// As [`split`], for octets that stay where they are. A body in more parts than anybody writes is [`FramingError::TooManyParts`].
pub fn frames<O: Octets + ?Sized>(octets: &O) -> impl Iterator<Item = Result<Frame, FramingError>> + '_ {
    let mut cursor = Cursor { octets, at: 0 };
    let mut failed = false;
    core::iter::from_fn(move || {
        if failed || cursor.is_at_end() {
            return None;
        }
        let (start, mut body) = (cursor.at, Vec::new());
        let packet = cursor.packet(|part| {
            if body.len() == MAX_PARTS {
                return Err(FramingError::TooManyParts);
            }
            body.push(part);
            Ok(())
        });
        failed = packet.is_err();
        Some(packet.map(|(tag, _)| Frame { tag, body, span: start..cursor.at }))
    })
}

#[derive(Debug)]
struct Cursor<'a, O: ?Sized> {
    octets: &'a O,
    at: usize,
}

impl<O: ?Sized> Clone for Cursor<'_, O> {
    fn clone(&self) -> Self {
        Cursor { octets: self.octets, at: self.at }
    }
}

impl<O: Octets + ?Sized> Cursor<'_, O> {
    fn is_at_end(&self) -> bool {
        self.at >= self.octets.len()
    }

    /// Reads one packet's header, and gives the parts of its body; returns its type and whether it is of the legacy format.
    fn packet(
        &mut self,
        mut part: impl FnMut(Range<usize>) -> Result<(), FramingError>,
    ) -> Result<(u8, bool), FramingError> {
        let first = self.octet()?;
        if first & 0x80 == 0 {
            return Err(FramingError::NotAPacket);
        }
        let legacy = first & 0x40 == 0;
        let tag = if legacy { (first >> 2) & 0x0F } else { first & 0x3F };
        if tag == 0 {
            return Err(FramingError::TypeZero);
        }
        if legacy {
            part(self.legacy_body(tag, first & 3)?)?
        } else {
            self.body(tag, part)?
        }
        Ok((tag, legacy))
    }

    /// §4.2.1: one-, two- and five-octet lengths, or partial ones.
    fn body(
        &mut self,
        tag: u8,
        mut part: impl FnMut(Range<usize>) -> Result<(), FramingError>,
    ) -> Result<(), FramingError> {
        let mut is_first = true;
        loop {
            match self.length()? {
                Length::Definite(rest) => return part(self.take(rest)?),
                Length::Partial(_) if !Tag::is_data(tag) => return Err(FramingError::PartialNotAllowed),
                Length::Partial(length) if is_first && length < MIN_FIRST_PARTIAL => {
                    return Err(FramingError::PartialTooShort);
                }
                Length::Partial(length) => part(self.take(length)?)?,
            }
            is_first = false;
        }
    }

    fn length(&mut self) -> Result<Length, FramingError> {
        Ok(match self.octet()? {
            short @ 0..192 => Length::Definite(short.into()),
            high @ 192..224 => Length::Definite(((usize::from(high) - 192) << 8) + usize::from(self.octet()?) + 192),
            exponent @ 224..255 => Length::Partial(1 << (exponent & 0x1F)),
            255 => Length::Definite(self.number(4)?),
        })
    }

    /// §4.2.2: one, two or four octets of length, or the rest of the input.
    fn legacy_body(&mut self, tag: u8, length_type: u8) -> Result<Range<usize>, FramingError> {
        let length = match length_type {
            0 => self.number(1)?,
            1 => self.number(2)?,
            2 => self.number(4)?,
            _ if Tag::is_data(tag) => self.octets.len() - self.at,
            _ => return Err(FramingError::IndeterminateNotAllowed),
        };
        self.take(length)
    }

    fn octet(&mut self) -> Result<u8, FramingError> {
        let octet = self.octets.octet(self.at).ok_or(FramingError::Truncated)?;
        self.at += 1;
        Ok(octet)
    }

    fn number(&mut self, octets: usize) -> Result<usize, FramingError> {
        (0..octets).try_fold(0, |number, _| Ok(number << 8 | usize::from(self.octet()?)))
    }

    fn take(&mut self, length: usize) -> Result<Range<usize>, FramingError> {
        let (start, end) = (self.at, self.at.checked_add(length).ok_or(FramingError::Truncated)?);
        if end > self.octets.len() {
            return Err(FramingError::Truncated);
        }
        self.at = end;
        Ok(start..end)
    }
}

enum Length {
    Definite(usize),
    Partial(usize),
}

/// Appends a new-format header with the shortest length (RFC 9580 §4.2.1).
pub fn write_header(out: &mut Vec<u8>, tag: u8, length: u32) {
    out.push(0xC0 | tag);
    write_length(out, length);
}

/// Appends the length of a body, or of its last part, in as few octets as possible (RFC 9580 §4.2.1).
pub fn write_length(out: &mut Vec<u8>, length: u32) {
    match length {
        0..192 => out.push(length as u8),
        192..8384 => out.extend_from_slice(&[((length - 192) >> 8) as u8 + 192, (length - 192) as u8]),
        _ => {
            out.push(255);
            out.extend_from_slice(&length.to_be_bytes());
        }
    }
}

/// The octet that announces a part of 2^`exponent` octets, with another part behind it (RFC 9580 §4.2.1.4).
pub const fn partial_length(exponent: u32) -> u8 {
    0xE0 | (exponent & 0x1F) as u8
}

mod framer;

pub use framer::{Event, Framer};

#[cfg(test)]
mod tests;
