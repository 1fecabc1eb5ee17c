//! Where in a message something is wrong: which packet, at which octet.
//!
//! Told of what is open for all to see, and of content whose integrity was confirmed; never of why something did not decrypt.

use envelock_seipd::packet::RawPacket;
use std::fmt;

/// A place in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// The packet type ID (RFC 9580 §5), if a packet could be made out.
    pub tag: Option<u8>,
    /// Where the packet starts: octets from the start of the message (decoded, if it was armored), or of the content of the
    /// packet it lies in.
    pub offset: usize,
    /// In how many packets it lies: encrypted and compressed data hold packets.
    pub depth: usize,
}

impl Place {
    /// An octet of the input itself.
    pub(crate) fn octet(offset: usize) -> Self {
        Self { tag: None, offset, depth: 0 }
    }

    /// The packet that starts at `offset` with this octet, as far as that tells (§4.2).
    pub(crate) fn start(first: Option<u8>, offset: usize) -> Self {
        let tag = first.filter(|first| first & 0x80 != 0).map(|first| {
            let is_legacy = first & 0x40 == 0;
            if is_legacy { (first >> 2) & 0x0f } else { first & 0x3f }
        });
        Self { tag, offset, depth: 0 }
    }

    /// A packet.
    pub(crate) fn of(packet: &RawPacket<'_>) -> Self {
        Self { tag: Some(packet.tag), offset: packet.span.start, depth: 0 }
    }

    /// The same, seen from outside of `packets` packets.
    pub(crate) fn inside(self, packets: usize) -> Self {
        Self { depth: self.depth + packets, ..self }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tag {
            Some(tag) => write!(f, "packet {tag} at octet {}", self.offset)?,
            None => write!(f, "octet {}", self.offset)?,
        }
        match self.depth {
            0 => Ok(()),
            1 => f.write_str(" of the content"),
            depth => write!(f, " of the content, {depth} packets deep"),
        }
    }
}

/// How an error's text goes on when its place is known.
pub(super) fn at(place: Option<Place>) -> String {
    place.map(|place| format!(" ({place})")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_words() {
        let place = |tag, depth| Place { tag, offset: 17, depth }.to_string();
        assert_eq!(place(Some(11), 0), "packet 11 at octet 17");
        assert_eq!(place(None, 1), "octet 17 of the content");
        assert_eq!(place(Some(8), 2), "packet 8 at octet 17 of the content, 2 packets deep");
    }

    #[test]
    fn the_first_octet_tells_the_type() {
        for (first, tag) in [(0xcb, Some(11)), (0xac, Some(11)), (0xfc, Some(60)), (0x4b, None)] {
            assert_eq!(Place::start(Some(first), 1).tag, tag, "{first:#x}");
        }
        assert_eq!(Place::start(None, 0).tag, None);
    }
}
