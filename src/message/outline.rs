//! A message's packets with the long body left out: what `grammar` has to see, when the octets lie elsewhere.
//!
//! Every shape that `grammar` accepts has exactly one data packet, so one body is left out, and this knows where it stands.

use super::{
    error::ReadError,
    grammar::{self, Shape},
    literal,
    place::Place,
};
use envelock_seipd::{
    Octets,
    body::Header,
    packet::{RawPacket, Tag, frames},
};
use std::{borrow::Cow, ops::Range};
use zeroize::Zeroizing;

/// The octets are not there any more: JavaScript took them away while they were worked on.
pub(super) const GONE: ReadError = ReadError::malformed("the input changed while it was read");

/// What is kept of a data packet's body: enough for the head of a literal or a SEIPD packet.
const KEPT: usize = if literal::MAX_HEAD > Header::LEN { literal::MAX_HEAD } else { Header::LEN };

/// The packets of a message, for `grammar`; the body of a data packet is cut to [`KEPT`] octets.
pub(super) struct Outline {
    heads: Zeroizing<Vec<u8>>,
    packets: Vec<Packet>,
    /// Where the parts of the data packet's body stand in the message.
    body: Vec<Range<usize>>,
}

/// A packet: its type, where the octets that were kept stand in the outline, and where all of it stands in the message.
struct Packet {
    tag: u8,
    head: Range<usize>,
    span: Range<usize>,
}

impl Outline {
    /// Reads the frames, and what is small.
    pub(super) fn of<D: Octets + ?Sized>(message: &D, max_packets: usize) -> Result<Self, ReadError> {
        let mut outline = Self { heads: Zeroizing::new(Vec::new()), packets: Vec::new(), body: Vec::new() };
        let mut next = 0;
        for (count, frame) in frames(message).enumerate() {
            if count >= max_packets {
                return Err(ReadError::TooLarge(max_packets as u64));
            }
            let frame = frame.map_err(|_| {
                let first = message.read(next..next.saturating_add(1)).and_then(|octets| octets.first().copied());
                ReadError::malformed("the packet framing is broken").at(Place::start(first, next))
            })?;
            next = frame.span.end;
            // Of what is skipped anyhow, only that it is there.
            let kept = match frame.tag {
                tag if grammar::is_skipped(tag) => 0,
                tag if Tag::is_data(tag) => KEPT,
                _ => usize::MAX,
            };
            let mut head = Zeroizing::new(Vec::new());
            for part in &frame.body {
                let end = part.end.min(part.start.saturating_add(kept - head.len()));
                head.extend_from_slice(&message.read(part.start..end).ok_or(GONE)?);
                if head.len() == kept {
                    break;
                }
            }
            let start = outline.heads.len();
            outline.heads.extend_from_slice(&head);
            let head = start..outline.heads.len();
            outline.packets.push(Packet { tag: frame.tag, head, span: frame.span });
            if Tag::is_data(frame.tag) {
                outline.body = frame.body;
            }
        }
        Ok(outline)
    }

    /// What `grammar` says of the packets, each told to stand where it does in the message.
    pub(super) fn shape(&self) -> Result<Shape<'_>, ReadError> {
        grammar::shape_of(self.packets.iter().map(|Packet { tag, head, span }| RawPacket {
            tag: *tag,
            body: Cow::Borrowed(self.heads.get(head.clone()).unwrap_or_default()),
            span: span.clone(),
            legacy: false,
        }))
    }

    /// Where the data packet's body stands.
    pub(super) fn body(&self) -> &[Range<usize>] {
        &self.body
    }

    /// Where the data packet's body stands, without its first octets.
    pub(super) fn body_from(self, mut skip: usize) -> Vec<Range<usize>> {
        let mut parts = self.body;
        parts.retain_mut(|part| {
            let skipped = skip.min(part.len());
            skip -= skipped;
            part.start += skipped;
            part.start < part.end
        });
        parts
    }
}
