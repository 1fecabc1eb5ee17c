//! OpenPGP packet framing (RFC 9580 §4.2): where packets begin and end, nothing of what they mean.
//!
//! Strict where the standard is: partial lengths only for data packets and only from 512 octets on, indeterminate lengths
//! only in legacy headers of data packets. Bodies borrow from the input; only partial lengths are copied together.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::ops::Range;

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
}

/// Cuts a message into packets, one after the other; allocates nothing up front. Ends after the first error.
pub fn split(bytes: &[u8]) -> Packets<'_> {
    Packets { bytes, at: 0, failed: false }
}

/// The packets of a message; made by [`split`].
#[derive(Debug, Clone)]
pub struct Packets<'a> {
    bytes: &'a [u8],
    at: usize,
    failed: bool,
}

impl<'a> Iterator for Packets<'a> {
    type Item = Result<RawPacket<'a>, FramingError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.at >= self.bytes.len() {
            return None;
        }
        let packet = self.packet();
        self.failed = packet.is_err();
        Some(packet)
    }
}

impl<'a> Packets<'a> {
    fn packet(&mut self) -> Result<RawPacket<'a>, FramingError> {
        let start = self.at;
        let first = self.octet()?;
        if first & 0x80 == 0 {
            return Err(FramingError::NotAPacket);
        }
        let legacy = first & 0x40 == 0;
        let tag = if legacy { (first >> 2) & 0x0F } else { first & 0x3F };
        if tag == 0 {
            return Err(FramingError::TypeZero);
        }
        let body = if legacy { self.legacy_body(tag, first & 3)? } else { self.body(tag)? };
        Ok(RawPacket { tag, body, span: start..self.at, legacy })
    }

    /// §4.2.1: one-, two- and five-octet lengths, or partial ones.
    fn body(&mut self, tag: u8) -> Result<Cow<'a, [u8]>, FramingError> {
        let mut length = self.length()?;
        if let Length::Definite(length) = length {
            return self.take(length).map(Cow::Borrowed);
        }
        if !Tag::is_data(tag) {
            return Err(FramingError::PartialNotAllowed);
        }
        let mut joined = Vec::new();
        loop {
            match length {
                Length::Partial(part) if joined.is_empty() && part < MIN_FIRST_PARTIAL => {
                    return Err(FramingError::PartialTooShort);
                }
                Length::Partial(part) => joined.extend_from_slice(self.take(part)?),
                Length::Definite(rest) => {
                    joined.extend_from_slice(self.take(rest)?);
                    return Ok(Cow::Owned(joined));
                }
            }
            length = self.length()?;
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
    fn legacy_body(&mut self, tag: u8, length_type: u8) -> Result<Cow<'a, [u8]>, FramingError> {
        let length = match length_type {
            0 => self.number(1)?,
            1 => self.number(2)?,
            2 => self.number(4)?,
            _ if Tag::is_data(tag) => self.bytes.len() - self.at,
            _ => return Err(FramingError::IndeterminateNotAllowed),
        };
        self.take(length).map(Cow::Borrowed)
    }

    fn octet(&mut self) -> Result<u8, FramingError> {
        self.number(1).map(|octet| octet as u8)
    }

    fn number(&mut self, octets: usize) -> Result<usize, FramingError> {
        Ok(self.take(octets)?.iter().fold(0, |number, &octet| number << 8 | usize::from(octet)))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], FramingError> {
        let end = self.at.checked_add(length).ok_or(FramingError::Truncated)?;
        let taken = self.bytes.get(self.at..end).ok_or(FramingError::Truncated)?;
        self.at = end;
        Ok(taken)
    }
}

enum Length {
    Definite(usize),
    Partial(usize),
}

/// Appends a new-format header with the shortest length (RFC 9580 §4.2.1).
pub fn write_header(out: &mut Vec<u8>, tag: u8, length: u32) {
    out.push(0xC0 | tag);
    match length {
        0..192 => out.push(length as u8),
        192..8384 => out.extend_from_slice(&[((length - 192) >> 8) as u8 + 192, (length - 192) as u8]),
        _ => {
            out.push(255);
            out.extend_from_slice(&length.to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests;
