//! Armor that comes piece by piece (RFC 9580 §6): the rules of [`read_all`](super::read_all) for one block, with nothing kept but
//! a line.

use super::{ArmorError, ArmorKind, BEGIN, CLEARTEXT, END, label, trim};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use envelock_text::{
    base64::{decode, decode_lines},
    lines::find_line_feed,
};

/// A line of the text around, or of headers, is looked at as far as this.
const LINE: usize = 4096;

/// One block of armor being read, with the text around it.
pub(crate) struct ArmorReader {
    place: Place,
    line: Vec<u8>,
    /// How lines end; the first end tells.
    ending: Option<u8>,
    /// The line's beginning was taken as body already.
    continued: bool,
    /// Characters that make no whole octets yet.
    body: Vec<u8>,
    /// The body came to its end: padding or a checksum.
    closed: bool,
    /// The text around it has the header line of a cleartext signed message.
    beside_cleartext: bool,
    /// Names and values of the headers, if somebody wants them.
    headers: Option<Vec<(String, String)>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    Headers(ArmorKind),
    Body(ArmorKind),
    Behind(ArmorKind),
}

impl ArmorReader {
    pub(crate) fn new() -> Self {
        Self {
            place: Place::Before,
            line: Vec::new(),
            ending: None,
            continued: false,
            body: Vec::new(),
            closed: false,
            beside_cleartext: false,
            headers: None,
        }
    }

    /// One that keeps the headers, of whatever length.
    pub(crate) fn with_headers() -> Self {
        Self { headers: Some(Vec::new()), ..Self::new() }
    }

    /// The next piece of text, and what octets it gives.
    pub(crate) fn push(&mut self, text: &[u8]) -> Result<Vec<u8>, ArmorError> {
        let mut octets = Vec::new();
        self.push_into(text, &mut octets)?;
        Ok(octets)
    }

    /// The same, behind what is in `octets`.
    pub(crate) fn push_into(&mut self, text: &[u8], octets: &mut Vec<u8>) -> Result<(), ArmorError> {
        let mut rest = text;
        while !rest.is_empty() {
            if self.is_at_plain_line() {
                let taken = decode_lines(rest, octets);
                rest = rest.get(taken..).unwrap_or_default();
            }
            // A CR is the end of a line only if no LF follows.
            if self.ending.is_none() && self.line.last() == Some(&b'\r') {
                let ending = if rest.first() == Some(&b'\n') { b'\n' } else { b'\r' };
                self.ending = Some(ending);
                if ending == b'\r' {
                    self.line.pop();
                    self.end_line(octets)?;
                    continue;
                }
            }
            let end = match self.ending {
                Some(b'\n') => find_line_feed(rest),
                Some(ending) => rest.iter().position(|octet| *octet == ending),
                None => rest.iter().position(|octet| matches!(octet, b'\n' | b'\r')),
            };
            let Some(end) = end else { return self.more(rest, octets) };
            let (line, more) = rest.split_at(end);
            self.more(line, octets)?;
            let (first, more) = more.split_first().unwrap_or((&b'\n', &[]));
            rest = more;
            match (self.ending, first) {
                (None, b'\r') => self.line.push(b'\r'),
                _ => {
                    self.ending = Some(*first);
                    self.end_line(octets)?;
                }
            }
        }
        Ok(())
    }

    /// Whether a line of a body begins, and all that came before it is decoded.
    fn is_at_plain_line(&self) -> bool {
        let is_whole = self.line.is_empty() && !self.continued && self.body.is_empty() && !self.closed;
        is_whole && self.ending == Some(b'\n') && matches!(self.place, Place::Body(_))
    }

    /// The text is over: the kind of block there was, `None` without one, and its last octets.
    pub(crate) fn finish(&mut self) -> Result<(Option<ArmorKind>, Vec<u8>), ArmorError> {
        let mut octets = Vec::new();
        self.end_line(&mut octets)?;
        match self.place {
            Place::Before => Ok((None, octets)),
            Place::Behind(kind) => Ok((Some(kind), octets)),
            Place::Headers(_) | Place::Body(_) => Err(ArmorError::NoTail),
        }
    }

    /// The kind of block, once it has begun.
    pub(crate) fn kind(&self) -> Option<ArmorKind> {
        match self.place {
            Place::Before => None,
            Place::Headers(kind) | Place::Body(kind) | Place::Behind(kind) => Some(kind),
        }
    }

    /// The headers in their order, if they were to be kept.
    pub(crate) fn into_headers(self) -> Vec<(String, String)> {
        self.headers.unwrap_or_default()
    }

    /// Whether the text around the block has the header line of a cleartext signed message.
    pub(crate) fn is_beside_cleartext(&self) -> bool {
        self.beside_cleartext
    }

    /// More of the same line. Nothing but a body may have long ones.
    fn more(&mut self, part: &[u8], octets: &mut Vec<u8>) -> Result<(), ArmorError> {
        match self.place {
            Place::Body(_) => {
                for part in part.chunks(LINE) {
                    self.line.extend_from_slice(part);
                    if self.line.len() >= LINE {
                        self.take_long(octets)?;
                    }
                }
            }
            Place::Headers(_) if self.headers.is_some() => self.line.extend_from_slice(part),
            _ => {
                let room = LINE.saturating_sub(self.line.len());
                self.line.extend_from_slice(part.get(..room).unwrap_or(part));
            }
        }
        Ok(())
    }

    /// The beginning of a long line of a body, up to blanks that may turn out to end it.
    fn take_long(&mut self, octets: &mut Vec<u8>) -> Result<(), ArmorError> {
        let taken = self.line.trim_ascii_end().len();
        let blanks = self.line.split_off(taken);
        let line = std::mem::replace(&mut self.line, blanks);
        let line = if self.continued { &line } else { line.trim_ascii_start() };
        if line.is_empty() {
            self.line.clear();
            return Ok(());
        }
        if !self.continued && line.starts_with(b"-") {
            return Err(ArmorError::BadBody);
        }
        self.continued = true;
        self.decode(line, octets)
    }

    fn end_line(&mut self, octets: &mut Vec<u8>) -> Result<(), ArmorError> {
        let line = std::mem::take(&mut self.line);
        if std::mem::take(&mut self.continued) {
            return self.decode(line.trim_ascii_end(), octets);
        }
        let line = trim(&line);
        if matches!(self.place, Place::Before | Place::Behind(_)) {
            self.beside_cleartext |= label(line, BEGIN) == Some(CLEARTEXT);
        }
        match self.place {
            Place::Before => self.place = opening(line)?.map_or(self.place, Place::Headers),
            Place::Behind(_) if opening(line)?.is_some() => return Err(ArmorError::NotOneBlock),
            Place::Behind(_) => {}
            Place::Headers(_) | Place::Body(_) if label(line, BEGIN).is_some() => return Err(ArmorError::NoTail),
            Place::Headers(kind) if line.is_empty() => self.place = Place::Body(kind),
            // §6.2.2: "Key: value"; a line without a colon is body text that lost its blank line.
            Place::Headers(_) if line.contains(&b':') => {
                let line = String::from_utf8_lossy(line);
                let header = line.split_once(':').map(|(name, value)| (name.trim().into(), value.trim().into()));
                self.headers.iter_mut().for_each(|headers| headers.extend(header.clone()));
            }
            Place::Headers(_) => return Err(ArmorError::NoBlankLine),
            Place::Body(kind) => match label(line, END) {
                Some(label) if label != kind.label() => return Err(ArmorError::OtherTail),
                Some(_) if !self.body.is_empty() => return Err(ArmorError::BadBody),
                Some(_) => self.place = Place::Behind(kind),
                None if line.starts_with(b"=") && line.len() == 5 => self.closed = true,
                None => return self.decode(line, octets),
            },
        }
        Ok(())
    }

    fn decode(&mut self, line: &[u8], octets: &mut Vec<u8>) -> Result<(), ArmorError> {
        if line.is_empty() {
            return Ok(());
        }
        if self.closed {
            return Err(ArmorError::BadBody);
        }
        self.body.extend_from_slice(line);
        let rest = self.body.split_off(self.body.len() / 4 * 4);
        if decode(&self.body, octets).is_none() {
            STANDARD.decode_vec(&self.body, octets).map_err(|_| ArmorError::BadBody)?;
        }
        self.closed = self.body.ends_with(b"=");
        self.body = rest;
        if self.closed && !self.body.is_empty() { Err(ArmorError::BadBody) } else { Ok(()) }
    }
}

/// The kind of block that a line opens, if it opens one. Certificates of other systems and the head of a cleartext-signed
/// message are text around the blocks.
fn opening(line: &[u8]) -> Result<Option<ArmorKind>, ArmorError> {
    match label(line, BEGIN) {
        Some(label) if label != CLEARTEXT && label.starts_with("PGP ") => {
            ArmorKind::from_label(label).map(Some).ok_or(ArmorError::UnknownKind)
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use super::*;
    use crate::armor::{ArmorBlock, read_all, write, write_with};

    const BODY: &[u8] = b"two lines of octets, so that the sixty-four characters of one are not enough";

    fn by(text: &[u8], step: usize) -> Result<Vec<ArmorBlock>, ArmorError> {
        let mut reader = ArmorReader::new();
        let mut octets = Vec::new();
        for piece in text.chunks(step) {
            octets.extend(reader.push(piece)?);
        }
        let (kind, last) = reader.finish()?;
        octets.extend(last);
        Ok(kind.map(|kind| ArmorBlock { kind, octets }).into_iter().collect())
    }

    /// Every way of cutting the text gives what the whole text gives.
    fn same(text: &str) {
        let whole = read_all(text.as_bytes(), 1 << 20);
        for step in [1, 2, 3, 5, 64, 1000, 1 << 20] {
            assert_eq!(by(text.as_bytes(), step), whole, "by {step}: {text}");
        }
    }

    #[test]
    fn pieces_read_as_the_whole() {
        for length in 0..BODY.len() {
            same(&write(ArmorKind::Message, &BODY[..length]));
        }
        let text = write_with(ArmorKind::Message, &[("Comment", "as: sent")], BODY);
        for variant in [
            text.replace('\n', "\r\n"),
            text.replace('\n', "  \t\n"),
            text.replace('\n', "\r"),
            format!("Hello\n\n-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n{text}\n-- \nA. B.\n"),
            format!("\u{feff}{text}"),
            text.replace("-----END", "=0000\n-----END"),
            "no armor at all\n".into(),
            String::new(),
        ] {
            same(&variant);
        }
        // One line, longer than is kept.
        let long = write(ArmorKind::Message, &BODY.repeat(300));
        let (head, body) = long.split_once("\n\n").unwrap();
        let (body, tail) = body.split_once("\n=").or(body.split_once("\n-----END")).unwrap();
        let tail = tail.find("-----").map_or(tail, |at| &tail[at..]);
        let tail = if tail.starts_with("-----END") { tail.to_owned() } else { format!("-----END{tail}") };
        same(&format!("{head}\n\n{}  \n{tail}", body.replace('\n', "")));
    }

    #[test]
    fn what_is_refused_is_refused_in_pieces() {
        let text = write(ArmorKind::Message, BODY);
        for variant in [
            text.replace("-----END PGP MESSAGE-----", ""),
            text.replace("END PGP MESSAGE", "END PGP SIGNATURE"),
            text.replace("PGP MESSAGE", "PGP SECRETS"),
            text.replace("\n\n", "\n"),
            text.replace("-----END", "*\n-----END"),
            text.replace("-----END", "A\n-----END"),
            text.replace("-----END", "AAAA\n-----END"),
        ] {
            same(&variant);
        }
        assert_eq!(by((text.clone() + &text).as_bytes(), 7), Err(ArmorError::NotOneBlock));
    }
}
