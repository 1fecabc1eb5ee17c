//! A message's packets with the long body left out: what `grammar` has to see, when the octets lie elsewhere.
//!
//! Every shape that `grammar` accepts has exactly one data packet, so one body is left out, and this knows where it stands.

use super::{
    error::ReadError,
    grammar::{self, Shape},
    literal,
    place::Place,
};
use crate::secret::extend_wiped;
use envelock_seipd::{
    Octets,
    body::Header,
    packet::{RawPacket, Tag, frames},
};
use std::{borrow::Cow, ops::Range};
use zeroize::Zeroizing;

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
    /// Of no packets yet.
    pub(super) fn new() -> Self {
        Self { heads: Zeroizing::new(Vec::new()), packets: Vec::new(), body: Vec::new() }
    }

    /// Reads the frames, and what is small.
    pub(super) fn of<D: Octets + ?Sized>(message: &D, max_packets: usize) -> Result<Self, ReadError> {
        let mut outline = Self::new();
        let mut next = 0;
        for (count, frame) in frames(message).enumerate() {
            if count >= max_packets {
                return Err(ReadError::TooMany { unit: "packets", allowed: max_packets });
            }
            let frame = frame.map_err(|_| {
                let first = message.read(next..next.saturating_add(1)).and_then(|octets| octets.first().copied());
                ReadError::malformed("the packet framing is broken").at(Place::start(first, next))
            })?;
            next = frame.span.end;
            outline.start(frame.tag, frame.span.start);
            for part in &frame.body {
                let end = part.end.min(part.start.saturating_add(outline.wanted()));
                outline.keep(&message.read(part.start..end).ok_or(ReadError::GONE)?);
                if outline.wanted() == 0 {
                    break;
                }
            }
            outline.end(frame.span.end);
            if Tag::is_data(frame.tag) {
                outline.body = frame.body;
            }
        }
        Ok(outline)
    }

    /// A packet begins.
    pub(super) fn start(&mut self, tag: u8, at: usize) {
        let end = self.heads.len();
        self.packets.push(Packet { tag, head: end..end, span: at..at });
    }

    /// How many octets of its body are still to be kept: of what is skipped anyhow, only that it is there.
    pub(super) fn wanted(&self) -> usize {
        let Some(packet) = self.packets.last() else { return 0 };
        let kept = match packet.tag {
            tag if grammar::is_skipped(tag) => 0,
            tag if Tag::is_data(tag) => KEPT,
            _ => usize::MAX,
        };
        kept - packet.head.len()
    }

    /// Some of them.
    pub(super) fn keep(&mut self, octets: &[u8]) {
        extend_wiped(&mut self.heads, octets);
        if let Some(packet) = self.packets.last_mut() {
            packet.head.end = self.heads.len();
        }
    }

    /// The packet is whole.
    pub(super) fn end(&mut self, at: usize) {
        if let Some(packet) = self.packets.last_mut() {
            packet.span.end = at;
        }
    }

    /// What was kept of the last packet.
    pub(super) fn last_head(&self) -> &[u8] {
        self.packets.last().and_then(|packet| self.heads.get(packet.head.clone())).unwrap_or_default()
    }

    /// Every packet's type, and what was kept of it.
    pub(super) fn heads(&self) -> impl Iterator<Item = (u8, &[u8])> {
        self.packets.iter().map(|packet| (packet.tag, self.heads.get(packet.head.clone()).unwrap_or_default()))
    }

    /// How many octets were kept.
    pub(super) fn kept(&self) -> usize {
        self.heads.len()
    }

    /// How many packets there are.
    pub(super) fn len(&self) -> usize {
        self.packets.len()
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
