//! The content of a message as DATA carries it (RFC 5321 §4.5.2): dots are taken off, and the end is found where every server finds it.
//!
//! The end is CR LF . CR LF and nothing else. A CR or LF alone is where servers differ, so that a message inside a message could be
//! smuggled past one of them (CVE-2023-51764): content that has one is read to its end and then refused as a whole.

/// Where a reader of content is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At the beginning of a line.
    LineStart,
    /// Behind a dot at the beginning of a line, which is not handed out yet.
    Dot,
    /// Behind such a dot and a CR.
    DotCr,
    /// Within a line.
    Within,
    /// Behind a CR that is handed out.
    Cr,
}

/// Reads content piece by piece.
#[derive(Debug)]
pub(crate) struct ContentReader {
    place: Place,
    bare: bool,
}

/// What was found in a piece.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// How many octets of the piece belong to the content, its end included.
    pub(crate) taken: usize,
    /// Whether the content has ended.
    pub(crate) ended: bool,
}

impl ContentReader {
    pub(crate) fn new() -> Self {
        Self { place: Place::LineStart, bare: false }
    }

    /// Whether a CR or LF stood alone, so far.
    pub(crate) fn has_bare_line_end(&self) -> bool {
        self.bare
    }

    /// Reads a piece; what is content goes to the end of `content`.
    pub(crate) fn read(&mut self, piece: &[u8], content: &mut Vec<u8>) -> Found {
        for (index, &octet) in piece.iter().enumerate() {
            let (place, ended) = self.step(octet, content);
            self.place = place;
            if ended {
                return Found { taken: index + 1, ended };
            }
        }
        Found { taken: piece.len(), ended: false }
    }

    fn step(&mut self, octet: u8, content: &mut Vec<u8>) -> (Place, bool) {
        match (self.place, octet) {
            (Place::LineStart, b'.') => return (Place::Dot, false),
            (Place::Dot, b'\r') => return (Place::DotCr, false),
            (Place::DotCr, b'\n') => return (Place::LineStart, true),
            (Place::DotCr, _) => {
                // The dot was one that is taken off, the CR stands alone unless an LF follows, which it does not.
                content.push(b'\r');
                self.bare = true;
            }
            _ => {}
        }
        let place = match (self.place, octet) {
            (Place::Cr, b'\n') => Place::LineStart,
            (Place::Cr, b'\r') => {
                self.bare = true;
                Place::Cr
            }
            (_, b'\r') => Place::Cr,
            (_, b'\n') => {
                self.bare = true;
                Place::Within
            }
            (Place::Cr, _) => {
                self.bare = true;
                Place::Within
            }
            _ => Place::Within,
        };
        content.push(octet);
        (place, false)
    }
}

#[cfg(test)]
mod tests {
    use super::ContentReader;

    /// What is read of octets that come in pieces of `size`: content, whether it ended, what is left, whether a line end stood alone.
    fn read(octets: &[u8], size: usize) -> (Vec<u8>, bool, usize, bool) {
        let (mut reader, mut content, mut taken) = (ContentReader::new(), Vec::new(), 0);
        for piece in octets.chunks(size) {
            let found = reader.read(piece, &mut content);
            taken += found.taken;
            if found.ended {
                return (content, true, octets.len() - taken, reader.has_bare_line_end());
            }
        }
        (content, false, octets.len() - taken, reader.has_bare_line_end())
    }

    fn each_size(octets: &[u8], expected: (&[u8], bool, usize, bool)) {
        for size in 1..=octets.len() {
            let (content, ended, left, bare) = read(octets, size);
            assert_eq!((content.as_slice(), ended, left, bare), expected, "pieces of {size}");
        }
    }

    #[test]
    fn dots_are_taken_off_and_the_end_is_found() {
        each_size(b"hi\r\n..\r\n.a\r\n\r\n.\r\nQUIT\r\n", (b"hi\r\n.\r\na\r\n\r\n", true, 6, false));
        each_size(b".\r\n", (b"", true, 0, false));
        each_size(b"...\r\n.\r\n", (b"..\r\n", true, 0, false));
    }

    #[test]
    fn only_cr_lf_dot_cr_lf_ends_it() {
        for smuggled in ["\n.\r\n", "\n.\n", "\r.\r\n", "\r.\r", "\r\n.\n", "\r\n.\r\r\n", "\r\n\0.\r\n"] {
            let octets = format!("a{smuggled}MAIL FROM:<evil@example.org>\r\n.\r\n");
            for size in 1..=octets.len() {
                let (content, ended, left, bare) = read(octets.as_bytes(), size);
                assert!(ended && left == 0, "{smuggled:?} ended the content, in pieces of {size}");
                assert!(content.ends_with(b"MAIL FROM:<evil@example.org>\r\n"));
                assert_eq!(bare, !smuggled.contains('\0'), "{smuggled:?}");
            }
        }
    }
}
