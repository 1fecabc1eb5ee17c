//! The packets of a message that comes piece by piece: an [`Outline`] that grows, and the body of the data packet passed on.

use super::super::{error::ReadError, outline::Outline, place::Place};
use envelock_seipd::{
    Octets,
    packet::{Event, Framer, Tag},
};
use std::ops::Range;

/// What is kept of all packets but the data: thirty-two signatures of the largest kind there is take half of it.
const KEPT_AT_MOST: usize = 4 << 20;

/// A message being read.
pub(super) struct Packets {
    framer: Framer,
    outline: Outline,
    max_packets: usize,
    /// The first octet of the packet that is being read and where it stands, for the place of an error.
    first: Option<u8>,
    first_at: Option<u64>,
    tag: u8,
}

/// What was found in a piece.
pub(super) enum Found {
    /// A packet of this type begins; the ones before are whole.
    Start(u8),
    /// Some of a data packet's body.
    Data(Range<usize>),
    /// A data packet is whole.
    End,
}

impl Packets {
    pub(super) fn new(max_packets: usize) -> Self {
        Self { framer: Framer::default(), outline: Outline::new(), max_packets, first: None, first_at: None, tag: 0 }
    }

    /// What comes next in a piece, from `at` on; `None` at its end.
    pub(super) fn next<D: Octets + ?Sized>(&mut self, piece: &D, at: &mut usize) -> Result<Option<Found>, ReadError> {
        loop {
            let start = self.framer.start();
            if *at < piece.len() && self.first_at != Some(start) {
                self.first_at = Some(start);
                self.first = piece.octet(*at);
            }
            let event = self.framer.next(piece, at).map_err(|_| self.broken())?;
            match event {
                None => return Ok(None),
                Some(Event::Start { tag, at }) => {
                    if self.outline.len() >= self.max_packets {
                        return Err(ReadError::TooMany { unit: "packets", allowed: self.max_packets });
                    }
                    self.tag = tag;
                    self.outline.start(tag, place(at));
                    return Ok(Some(Found::Start(tag)));
                }
                Some(Event::Body(range)) => {
                    let end = range.end.min(range.start.saturating_add(self.outline.wanted()));
                    if end > range.start {
                        if self.outline.kept() + (end - range.start) > KEPT_AT_MOST {
                            return Err(ReadError::TooLarge(KEPT_AT_MOST as u64));
                        }
                        self.outline.keep(&piece.read(range.start..end).ok_or(ReadError::GONE)?);
                    }
                    if Tag::is_data(self.tag) {
                        return Ok(Some(Found::Data(range)));
                    }
                }
                Some(Event::End { at }) => {
                    self.outline.end(place(at));
                    if Tag::is_data(self.tag) {
                        return Ok(Some(Found::End));
                    }
                }
            }
        }
    }

    /// The message is over. Tells whether that ends its data packet, as it does one without a length.
    pub(super) fn finish(&mut self) -> Result<bool, ReadError> {
        match self.framer.finish().map_err(|_| self.broken())? {
            Some(Event::End { at }) => {
                self.outline.end(place(at));
                Ok(Tag::is_data(self.tag))
            }
            _ => Ok(false),
        }
    }

    /// What is known of the packets.
    pub(super) fn outline(&self) -> &Outline {
        &self.outline
    }

    fn broken(&self) -> ReadError {
        let at = Place::start(self.first, place(self.framer.start()));
        ReadError::malformed("the packet framing is broken").at(at)
    }
}

/// Only errors tell of places; nobody minds where exactly behind the address space.
fn place(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
