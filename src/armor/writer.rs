//! Armor around octets that come piece by piece (RFC 9580 §6): the same text as [`write`](super::write()) gives.

use super::{
    ArmorKind, BEGIN, DASHES, END,
    checksum::{self, crc24_behind},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Octets of a line of 64 characters.
const LINE: usize = 48;

/// A block of armor under way.
pub(crate) struct ArmorWriter {
    kind: ArmorKind,
    /// What does not fill a line yet.
    rest: Vec<u8>,
    /// Where old programs may read it.
    checksum: Option<u32>,
}

impl ArmorWriter {
    /// Begins a block; the text is its first line and the blank one.
    pub(crate) fn begin(kind: ArmorKind, checksum: bool) -> (Self, Vec<u8>) {
        let text = format!("{BEGIN}{}{DASHES}\n\n", kind.label()).into_bytes();
        (Self { kind, rest: Vec::new(), checksum: checksum.then_some(checksum::START) }, text)
    }

    /// The next octets, as whole lines.
    pub(crate) fn push(&mut self, octets: &[u8]) -> Vec<u8> {
        self.checksum = self.checksum.map(|crc| crc24_behind(crc, octets));
        let mut text = Vec::with_capacity((self.rest.len() + octets.len()) / LINE * 65);
        let missing = (LINE - self.rest.len()).min(octets.len());
        let (first, octets) = octets.split_at(missing);
        self.rest.extend_from_slice(first);
        if self.rest.len() < LINE {
            return text;
        }
        push_line(&mut text, &self.rest);
        let (lines, rest) = octets.as_chunks::<LINE>();
        for line in lines {
            push_line(&mut text, line);
        }
        self.rest = rest.to_vec();
        text
    }

    /// The last line, the checksum and the tail line.
    pub(crate) fn finish(self) -> Vec<u8> {
        let mut text = Vec::new();
        if !self.rest.is_empty() {
            push_line(&mut text, &self.rest);
        }
        if let Some(crc) = self.checksum {
            let [_, checksum @ ..] = crc.to_be_bytes();
            text.push(b'=');
            push_line(&mut text, &checksum);
        }
        text.extend(format!("{END}{}{DASHES}\n", self.kind.label()).into_bytes());
        text
    }
}

fn push_line(text: &mut Vec<u8>, octets: &[u8]) {
    let mut line = [0; 64];
    // A line of 48 octets takes exactly these characters, and fewer octets take fewer.
    let length = STANDARD.encode_slice(octets, &mut line).unwrap_or_default();
    text.extend_from_slice(line.get(..length).unwrap_or_default());
    text.push(b'\n');
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
                    let (mut writer, mut text) = ArmorWriter::begin(ArmorKind::Message, version == 1);
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
