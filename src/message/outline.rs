//! A message's packets with the long body left out: what `grammar` has to see, when the octets lie elsewhere.
//!
//! Every shape that `grammar` accepts has exactly one data packet, so one body is left out, and this knows where it stands.

use super::{error::ReadError, literal};
use envelock_seipd::{
    Octets,
    body::Header,
    packet::{Tag, frames, write_header},
};
use std::ops::Range;
use zeroize::Zeroizing;

/// The octets are not there any more: JavaScript took them away while they were worked on.
pub(super) const GONE: ReadError = ReadError::Malformed("the input changed while it was read");

/// What is kept of a data packet's body: enough for the head of a literal or a SEIPD packet.
const KEPT: usize = if literal::MAX_HEAD > Header::LEN { literal::MAX_HEAD } else { Header::LEN };

/// The packets of a message, for `grammar`; the body of a data packet is cut to [`KEPT`] octets.
pub(super) struct Outline {
    pub(super) packets: Zeroizing<Vec<u8>>,
    /// Where the parts of the data packet's body stand in the message.
    body: Vec<Range<usize>>,
}

impl Outline {
    /// Reads the frames, and what is small.
    pub(super) fn of<D: Octets + ?Sized>(message: &D, max_packets: usize) -> Result<Self, ReadError> {
        let mut outline = Self { packets: Zeroizing::new(Vec::new()), body: Vec::new() };
        for (count, frame) in frames(message).enumerate() {
            if count >= max_packets {
                return Err(ReadError::TooLarge(max_packets as u64));
            }
            let frame = frame.map_err(|_| ReadError::Malformed("the packet framing is broken"))?;
            // Of padding and of what is skipped anyhow, only that it is there.
            let skipped = frame.tag == Tag::PADDING || frame.tag >= super::grammar::FIRST_NON_CRITICAL;
            let kept = match frame.tag {
                _ if skipped => 0,
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
            write_header(&mut outline.packets, frame.tag, head.len() as u32);
            outline.packets.extend_from_slice(&head);
            if Tag::is_data(frame.tag) {
                outline.body = frame.body;
            }
        }
        Ok(outline)
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
