//! Packet framing of octets that come piece by piece (RFC 9580 §4.2): the rules of [`split`](super::split), with nothing kept but
//! a header.

use core::ops::Range;

use super::{FramingError, MIN_FIRST_PARTIAL, Tag};
use crate::Octets;

/// Longest header, octets: type and a length of five.
const LONGEST: usize = 6;

/// What comes next in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A packet begins.
    Start {
        /// Packet type ID, 1 to 63.
        tag: u8,
        /// Where in the message, octets.
        at: u64,
    },
    /// Some of its body: where in the piece.
    Body(Range<usize>),
    /// The packet is whole.
    End {
        /// Where in the message, octets.
        at: u64,
    },
}

/// Cuts a message into packets as it comes.
#[derive(Debug)]
pub struct Framer {
    state: State,
    header: [u8; LONGEST],
    /// Octets of `header` that are there.
    held: usize,
    /// Octets of the message so far.
    at: u64,
    /// Where the last packet starts.
    start: u64,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// In a header, or before one.
    Header,
    /// In the length of a part that is not the first.
    Length,
    /// In a body, with so much of this part to come.
    Body { left: u64, is_last: bool },
    /// In a body that ends with the message.
    Rest,
}

enum Length {
    Definite(u64),
    Partial(u64),
    Rest,
}

impl Default for Framer {
    fn default() -> Self {
        Self { state: State::Header, header: [0; LONGEST], held: 0, at: 0, start: 0 }
    }
}

impl Framer {
    /// What comes next in `piece`, from `at` on, which is moved behind it; `None` at the piece's end.
    pub fn next<O: Octets + ?Sized>(&mut self, piece: &O, at: &mut usize) -> Result<Option<Event>, FramingError> {
        loop {
            match self.state {
                State::Body { left: 0, is_last: true } => {
                    self.state = State::Header;
                    return Ok(Some(Event::End { at: self.at }));
                }
                State::Body { left: 0, is_last: false } => self.state = State::Length,
                State::Body { left, is_last } => {
                    let there = piece.len() - *at;
                    let taken = usize::try_from(left).map_or(there, |left| left.min(there));
                    self.state = State::Body { left: left - taken as u64, is_last };
                    return Ok(self.body(at, taken));
                }
                State::Rest => {
                    let there = piece.len() - *at;
                    return Ok(self.body(at, there));
                }
                State::Header | State::Length => {
                    let Some(octet) = piece.octet(*at) else { return Ok(None) };
                    *at += 1;
                    if let Some(event) = self.octet(octet)? {
                        return Ok(Some(event));
                    }
                }
            }
        }
    }

    /// The message is over. Tells whether that ends a packet.
    pub fn finish(&mut self) -> Result<Option<Event>, FramingError> {
        match self.state {
            State::Header if self.held == 0 => Ok(None),
            State::Rest | State::Body { left: 0, is_last: true } => {
                self.state = State::Header;
                Ok(Some(Event::End { at: self.at }))
            }
            _ => Err(FramingError::Truncated),
        }
    }

    /// Where the packet starts that is being read, or comes next.
    pub fn start(&self) -> u64 {
        match (self.state, self.held) {
            (State::Header, 0) => self.at,
            _ => self.start,
        }
    }

    fn body(&mut self, at: &mut usize, taken: usize) -> Option<Event> {
        let start = *at;
        *at += taken;
        self.at += taken as u64;
        (taken > 0).then_some(Event::Body(start..*at))
    }

    /// One more octet of a header.
    fn octet(&mut self, octet: u8) -> Result<Option<Event>, FramingError> {
        let is_header = matches!(self.state, State::Header);
        if is_header && self.held == 0 {
            self.start = self.at;
        }
        self.at += 1;
        if let Some(place) = self.header.get_mut(self.held) {
            *place = octet;
            self.held += 1;
        }
        let held = self.header.get(..self.held).unwrap_or_default();
        let (tag, length) = match (is_header, held) {
            (true, [first, ..]) if first & 0x80 == 0 => return Err(FramingError::NotAPacket),
            (true, [first, rest @ ..]) => {
                let legacy = first & 0x40 == 0;
                let tag = if legacy { (first >> 2) & 0x0F } else { first & 0x3F };
                if tag == 0 {
                    return Err(FramingError::TypeZero);
                }
                (tag, if legacy { legacy_length(first & 3, rest) } else { length(rest) })
            }
            (_, rest) => (0, length(rest)),
        };
        let Some(length) = length else { return Ok(None) };
        self.held = 0;
        self.state = match length {
            Length::Partial(_) if is_header && !Tag::is_data(tag) => return Err(FramingError::PartialNotAllowed),
            Length::Partial(left) if is_header && left < MIN_FIRST_PARTIAL as u64 => {
                return Err(FramingError::PartialTooShort);
            }
            Length::Rest if !Tag::is_data(tag) => return Err(FramingError::IndeterminateNotAllowed),
            Length::Partial(left) => State::Body { left, is_last: false },
            Length::Definite(left) => State::Body { left, is_last: true },
            Length::Rest => State::Rest,
        };
        Ok(is_header.then_some(Event::Start { tag, at: self.start }))
    }
}

/// §4.2.1; `None` if octets are missing.
fn length(octets: &[u8]) -> Option<Length> {
    Some(match *octets {
        [short @ 0..192] => Length::Definite(short.into()),
        [high @ 192..224, low] => Length::Definite((u64::from(high) - 192) * 256 + u64::from(low) + 192),
        [exponent @ 224..=254] => Length::Partial(1 << (exponent & 0x1F)),
        [255, a, b, c, d] => Length::Definite(u32::from_be_bytes([a, b, c, d]).into()),
        _ => return None,
    })
}

/// §4.2.2: one, two or four octets of length, or the rest of the input.
fn legacy_length(length_type: u8, octets: &[u8]) -> Option<Length> {
    Some(match (length_type, octets) {
        (0, &[length]) => Length::Definite(length.into()),
        (1, &[a, b]) => Length::Definite(u16::from_be_bytes([a, b]).into()),
        (2, &[a, b, c, d]) => Length::Definite(u32::from_be_bytes([a, b, c, d]).into()),
        (3, []) => Length::Rest,
        _ => return None,
    })
}
