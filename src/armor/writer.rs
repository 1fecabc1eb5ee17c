//! Armor around octets that come piece by piece (RFC 9580 §6): the same text as [`write`](super::write()) gives.

use super::{ArmorKind, encoded_len, head, tail};
use envelock_text::{base64::encode_lines, crc24};

/// Octets of a line of 64 characters.
const LINE: usize = 48;

/// A block of armor under way.
pub(crate) struct ArmorWriter {
    kind: ArmorKind,
    /// Octets of text before the body.
    head: usize,
    /// What does not fill a line yet.
    rest: Vec<u8>,
    /// Where old programs may read it.
    checksum: Option<u32>,
}

impl ArmorWriter {
    /// Begins a block; the text is its first line, the headers and the blank line.
    pub(crate) fn begin(kind: ArmorKind, headers: &[(&str, &str)], checksum: bool) -> (Self, Vec<u8>) {
        let text = head(kind, headers).into_bytes();
        let checksum = checksum.then_some(crc24::START);
        (Self { kind, head: text.len(), rest: Vec::new(), checksum }, text)
    }

    /// How long the text of so many octets is.
    pub(crate) fn length(&self, octets: usize) -> usize {
        self.head + encoded_len(octets) + tail(self.kind, self.checksum).len()
    }

    /// The next octets, as whole lines.
    pub(crate) fn push(&mut self, octets: &[u8]) -> Vec<u8> {
        let mut text = Vec::with_capacity(encoded_len(self.rest.len() + octets.len()));
        self.push_into(octets, &mut text);
        text
    }

    /// The same, behind what is in `text`.
    pub(crate) fn push_into(&mut self, octets: &[u8], text: &mut Vec<u8>) {
        self.checksum = self.checksum.map(|crc| crc24::behind(crc, octets));
        let missing = (LINE - self.rest.len()).min(octets.len());
        let (first, octets) = if self.rest.is_empty() { (&[][..], octets) } else { octets.split_at(missing) };
        self.rest.extend_from_slice(first);
        if self.rest.len() == LINE {
            encode_lines(&self.rest, text);
            self.rest.clear();
        }
        let (lines, rest) = octets.split_at(octets.len() / LINE * LINE);
        encode_lines(lines, text);
        self.rest.extend_from_slice(rest);
    }

    /// The last line, the checksum and the tail line.
    pub(crate) fn finish(self) -> Vec<u8> {
        let mut text = Vec::new();
        encode_lines(&self.rest, &mut text);
        text.extend_from_slice(tail(self.kind, self.checksum).as_bytes());
        text
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use super::*;

    #[test]
    fn pieces_make_the_same_text_as_the_whole() {
        for version in [1, 2] {
            for length in [0usize, 1, 45, 46, 47, 93, 94, 200] {
                let body: Vec<u8> = [0xd2, 0xff, 0, 0, 0, length as u8 + 1, version]
                    .into_iter()
                    .chain((0..length).map(|n| n as u8))
                    .collect();
                for step in [1, 7, 48, 1000] {
                    let (mut writer, mut text) = ArmorWriter::begin(ArmorKind::Message, &[], version == 1);
                    for piece in body.chunks(step) {
                        text.extend(writer.push(piece));
                    }
                    text.extend(writer.finish());
                    assert_eq!(
                        String::from_utf8(text).unwrap(),
                        super::super::write(ArmorKind::Message, &body),
                        "{length} by {step}"
                    );
                }
            }
        }
    }
}
