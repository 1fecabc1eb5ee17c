//! A message or part: its header fields, its body, and the parts in it (RFC 2045, 2046).

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::field::{Fields, decode_words, parameters, split};
use super::{MailLimits, charset, encoding};
use crate::{ParseError, build::at_once, file_name::file_name, parse::body::find};

/// Longest half of a media type (RFC 6838 §4.2).
const LONGEST_NAME: usize = 127;
/// Longest boundary. RFC 2046 §5.1.1 allows 70; some programs write more.
const LONGEST_BOUNDARY: usize = 256;

/// A media type with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentType {
    /// `type/subtype` in lower case.
    pub mime_type: String,
    parameters: BTreeMap<String, String>,
}

impl ContentType {
    /// A parameter by its name in lower case.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// Whether it is `type/…`.
    pub fn is(&self, top: &str) -> bool {
        self.mime_type.split('/').next() == Some(top)
    }
}

/// A message or part, taken apart. Borrows the octets it was read from.
#[derive(Debug, Clone)]
pub struct Entity<'a> {
    /// Its header fields.
    pub fields: Fields<'a>,
    /// What follows the blank line, as it stands there.
    pub body: &'a [u8],
    /// Its type; `text/plain` unless stated soundly (RFC 2045 §5.2).
    pub content_type: ContentType,
}

impl<'a> Entity<'a> {
    /// Takes a message or part apart.
    pub fn parse(octets: &'a [u8], limits: &MailLimits) -> Result<Self, ParseError> {
        let (fields, body) = split(octets, limits)?;
        let stated = fields.only("content-type").map(|field| parameters(&field.unfolded()));
        let is_name = |name: &str| (1..=LONGEST_NAME).contains(&name.len()) && !name.contains('/');
        let stated = stated
            .filter(|(mime_type, _)| mime_type.split_once('/').is_some_and(|(top, sub)| is_name(top) && is_name(sub)));
        let (mime_type, parameters) = stated.unwrap_or_else(|| ("text/plain".to_string(), BTreeMap::new()));
        Ok(Self { fields, body, content_type: ContentType { mime_type, parameters } })
    }

    /// The octets of each part of a multipart: exactly what stands between the delimiters (RFC 2046 §5.1.1), without the line
    /// end that belongs to the delimiter. What stands before the first and behind the last one is nothing. None at all without
    /// a sound boundary.
    pub fn parts(&self) -> Parts<'a> {
        let boundary = self.content_type.parameter("boundary").unwrap_or_default();
        let is_sound = (1..=LONGEST_BOUNDARY).contains(&boundary.len());
        let mut parts = Parts { rest: if is_sound { self.body } else { &[] }, boundary: boundary.into(), begun: false };
        parts.begun = parts.next().is_some();
        parts
    }

    /// The body without its transfer encoding.
    pub fn data(&self) -> Vec<u8> {
        at_once(self.data_resting(&async || ()))
    }

    /// The same with rests: `rest` is waited for again and again.
    pub async fn data_resting(&self, rest: &impl AsyncFn()) -> Vec<u8> {
        let encoding = self.fields.only("content-transfer-encoding").map(|field| field.unfolded());
        encoding::decode(encoding.as_deref().unwrap_or_default(), self.body, rest).await
    }

    /// The text of octets in the charset the type states; `None` if it is unknown here.
    pub fn text(&self, data: &[u8]) -> Option<String> {
        charset::decode(self.content_type.parameter("charset").unwrap_or_default(), data)
    }

    /// The file name, from the disposition or else the type. A stranger's words: reduced to its last path component.
    pub fn name(&self) -> Option<String> {
        let disposition = self.fields.only("content-disposition").map(|field| parameters(&field.unfolded()).1);
        let stated = disposition.and_then(|mut parameters| parameters.remove("filename"));
        let name = stated.or_else(|| self.content_type.parameter("name").map(ToString::to_string))?;
        // Not by the book, but everywhere: encoded words in parameters.
        file_name(&decode_words(&name))
    }

    /// Whether the part says it is to be kept apart (RFC 2183).
    pub fn is_attachment(&self) -> bool {
        self.fields.only("content-disposition").is_some_and(|field| parameters(&field.unfolded()).0 == "attachment")
    }

    /// The Content-ID without its brackets.
    pub fn content_id(&self) -> Option<String> {
        let id = self.fields.only("content-id")?.unfolded();
        Some(id.strip_prefix('<').and_then(|id| id.strip_suffix('>')).unwrap_or(&id).to_string())
    }
}

/// See [`Entity::parts`]. Each line is looked at once, and none before it is asked for.
#[derive(Debug, Clone)]
pub struct Parts<'a> {
    rest: &'a [u8],
    boundary: String,
    /// The first delimiter is passed.
    begun: bool,
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let whole = core::mem::take(&mut self.rest);
        let mark = ["--", &self.boundary].concat();
        let mut from = 0;
        while let Some(found) = whole.get(from..).and_then(|rest| find(rest, mark.as_bytes())) {
            let before = from + found;
            from = before + 1;
            let (part, rest) = whole.split_at(before);
            if !part.is_empty() && !part.ends_with(b"\n") {
                continue;
            }
            let length = rest.iter().position(|octet| *octet == b'\n').map_or(rest.len(), |end| end + 1);
            let (line, rest) = rest.split_at(length);
            let Some(is_last) = delimiter(line, self.boundary.as_bytes()) else { continue };
            if !is_last {
                self.rest = rest;
            }
            let part = part.strip_suffix(b"\n").unwrap_or(part);
            return Some(part.strip_suffix(b"\r").unwrap_or(part));
        }
        // Cut off on the way: what there is of the last part is better than nothing.
        (self.begun && !whole.is_empty()).then_some(whole)
    }
}

/// Whether a line is the delimiter, and the last one.
fn delimiter(line: &[u8], boundary: &[u8]) -> Option<bool> {
    let rest = line.strip_prefix(b"--")?.strip_prefix(boundary)?;
    let (rest, is_last) = rest.strip_prefix(b"--").map_or((rest, false), |rest| (rest, true));
    rest.iter().all(|octet| matches!(octet, b' ' | b'\t' | b'\r' | b'\n')).then_some(is_last)
}
