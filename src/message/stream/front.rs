//! What stands before the container of a message that comes piece by piece: it tells how the rest is read.

use super::{
    super::grammar::is_skipped,
    packets::{Found, Packets},
};
use envelock_seipd::{Header, Octets, packet::Tag};
use std::ops::Range;

/// Most octets before the container of a message that is not held as a whole: session key packets, and what is skipped.
pub(super) const FRONT: usize = 1 << 20;
/// The packets before the container, and the octets they came in.
pub(super) struct Front {
    pub(super) packets: Packets,
    pub(super) octets: Vec<u8>,
    /// Octets of the container's body.
    body: usize,
}

/// What they turned out to be.
pub(super) enum Next {
    /// More is needed to tell.
    More,
    /// SEIPD version 2, and where in the piece its chunks begin.
    Chunks(Header, Range<usize>),
    /// Something that is not released in parts, or no message.
    Other,
}

impl Front {
    pub(super) fn new(max_packets: usize) -> Self {
        Self { packets: Packets::new(max_packets), octets: Vec::new(), body: 0 }
    }

    /// Reads on. Whatever is wrong is found again, and told, when the message is read as a whole.
    pub(super) fn next<D: Octets + ?Sized>(&mut self, piece: &D, at: &mut usize) -> Next {
        loop {
            match self.packets.next(piece, at) {
                Ok(None) => return Next::More,
                Ok(Some(Found::Start(Tag::SEIPD | Tag::PKESK | Tag::SKESK))) => {}
                Ok(Some(Found::Start(tag))) if is_skipped(tag) => {}
                Ok(Some(Found::Data(range))) => {
                    let (head, before) = (self.packets.outline().last_head(), self.body);
                    self.body += range.len();
                    match Header::parse(head) {
                        Ok((header, _)) => {
                            return Next::Chunks(header, range.start + (Header::LEN - before)..range.end);
                        }
                        Err(_) if head.first() == Some(&2) && head.len() < Header::LEN => {}
                        Err(_) => return Next::Other,
                    }
                }
                Ok(Some(_)) | Err(_) => return Next::Other,
            }
        }
    }
}
