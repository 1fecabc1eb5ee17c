//! What is inside an envelope's SEIPD: one message, signed or not, and padding.
//!
//! Grammar: (OPS × n, literal, signature × n | literal), padding?. Nothing else: no compression, no nesting, no second
//! message (CVE-2025-47934's family). Signatures are only counted here, the core checks them.

use alloc::borrow::Cow;
use core::ops::Range;

use crate::Error;
use crate::packet::{RawPacket, Tag, split};

/// Most signatures of one message that we look at.
const MAX_SIGNATURES: usize = 16;

/// The message inside an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inner<'a> {
    /// The content of the literal data packet.
    pub literal: Cow<'a, [u8]>,
    /// Where that packet stands. What is borrowed of it ends where it ends.
    pub literal_packet: Range<usize>,
    /// Whether signatures stand around it; nothing has been verified.
    pub signed: bool,
    /// The packets of the message without the padding.
    pub message: Range<usize>,
}

/// Reads the decrypted packets of an envelope.
pub fn inner(packets: &[u8]) -> Result<Inner<'_>, Error> {
    const ORDER: Error = Error::Malformed("an envelope holds one message and padding");
    let mut packets = split(packets).peekable();
    let mut next_if = |tag: u8| -> Result<Option<RawPacket<'_>>, Error> {
        match packets.peek() {
            Some(Ok(packet)) if packet.tag != tag => Ok(None),
            _ => Ok(packets.next().transpose()?),
        }
    };
    let mut one_pass = 0;
    while next_if(Tag::ONE_PASS_SIGNATURE)?.is_some() {
        one_pass += 1;
        if one_pass > MAX_SIGNATURES {
            return Err(Error::Malformed("too many signatures"));
        }
    }
    let literal = next_if(Tag::LITERAL)?.ok_or(ORDER)?;
    let mut end = literal.span.end;
    let literal_packet = literal.span;
    for _ in 0..one_pass {
        end = next_if(Tag::SIGNATURE)?.ok_or(ORDER)?.span.end;
    }
    next_if(Tag::PADDING)?;
    if packets.next().is_some() {
        return Err(ORDER);
    }
    Ok(Inner { literal: literal_content(literal.body)?, literal_packet, signed: one_pass > 0, message: 0..end })
}

/// RFC 9580 §5.9: format, file name with its length, date, content. The first three are not signed, so they are skipped.
fn literal_content(body: Cow<'_, [u8]>) -> Result<Cow<'_, [u8]>, Error> {
    const CUT: Error = Error::Malformed("literal data is cut");
    let name_len = match *body.as_ref() {
        [b'b' | b'u' | b't', name_len, ..] => usize::from(name_len),
        [_, _, ..] => return Err(Error::Malformed("literal data format")),
        _ => return Err(CUT),
    };
    let start = 2 + name_len + 4;
    match body {
        Cow::Borrowed(bytes) => bytes.get(start..).map(Cow::Borrowed).ok_or(CUT),
        Cow::Owned(bytes) if bytes.len() < start => Err(CUT),
        Cow::Owned(mut bytes) => {
            bytes.drain(..start);
            Ok(Cow::Owned(bytes))
        }
    }
}
