//! Header fields (RFC 5322 §2.2), encoded words (RFC 2047), parameters (RFC 2045 §5.1, RFC 2231).

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{MailLimits, charset, encoding};
use crate::{ParseError, build::at_once};

/// One header field as it stands in the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its name as written.
    pub name: &'a str,
    raw: &'a [u8],
}

impl Field<'_> {
    /// The value on one line, not decoded.
    pub fn unfolded(&self) -> String {
        let text = String::from_utf8_lossy(self.raw);
        let mut out = String::with_capacity(text.len());
        for line in text.split('\n') {
            out.push_str(line.strip_suffix('\r').unwrap_or(line));
        }
        out.trim_matches([' ', '\t']).to_owned()
    }

    /// The value as people read it: on one line, encoded words decoded where the charset is known.
    pub fn decoded(&self) -> String {
        decode_words(&self.unfolded())
    }
}

/// The header section of a message or part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields<'a>(Vec<Field<'a>>);

impl<'a> Fields<'a> {
    /// All fields in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Field<'a>> {
        self.0.iter()
    }

    /// The fields of a name, whatever its case.
    pub fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Field<'a>> {
        self.0.iter().filter(move |field| field.name.eq_ignore_ascii_case(name))
    }

    /// The field of a name, if there is exactly one: of two, programs would show different ones.
    pub fn only(&self, name: &str) -> Option<&Field<'a>> {
        let mut all = self.0.iter().filter(|field| field.name.eq_ignore_ascii_case(name));
        all.next().filter(|_| all.next().is_none())
    }
}

/// Cuts the header section off. Lines that are no field (RFC 5322 §2.2: printable ASCII without a blank before the colon)
/// are no field here either, so that none is taken for another.
pub(super) fn split<'a>(entity: &'a [u8], limits: &MailLimits) -> Result<(Fields<'a>, &'a [u8]), ParseError> {
    let mut fields: Vec<Field<'a>> = Vec::new();
    let (mut at, mut open) = (0, false);
    for line in entity.split_inclusive(|octet| *octet == b'\n') {
        let start = at;
        at += line.len();
        if at > limits.header_bytes {
            break;
        }
        if matches!(line, b"\r\n" | b"\n") {
            return Ok((Fields(fields), entity.get(at..).unwrap_or_default()));
        }
        if line.first().is_some_and(|first| matches!(first, b' ' | b'\t')) {
            if open
                && let Some(last) = fields.last_mut()
                && let Some(value_start) = offset(entity, last.raw)
            {
                last.raw = entity.get(value_start..at).unwrap_or_default();
            }
            continue;
        }
        let colon = line.iter().position(|octet| *octet == b':');
        let name = colon.and_then(|colon| line.get(..colon)).filter(|name| !name.is_empty());
        let name = name.filter(|name| name.iter().all(|octet| matches!(octet, b'!'..=b'~')));
        let name = name.and_then(|name| core::str::from_utf8(name).ok());
        open = name.is_some();
        if let (Some(name), Some(raw)) = (name, colon.and_then(|colon| entity.get(start + colon + 1..at))) {
            fields.push(Field { name, raw });
        }
    }
    if entity.len() > limits.header_bytes {
        return Err(ParseError::TooLarge("header section"));
    }
    Ok((Fields(fields), &[]))
}

/// Where a slice begins within the one it was cut from.
fn offset(whole: &[u8], part: &[u8]) -> Option<usize> {
    (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)
}

/// RFC 2047: encoded words of one charset that stand side by side are decoded together, since some programs cut characters
/// in two.
pub(super) fn decode_words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // Octets of words not yet decoded, with their charset; and the blanks behind them.
    let mut pending: Option<(String, Vec<u8>)> = None;
    let mut blanks = "";
    while !rest.is_empty() {
        if let Some((charset, octets, after)) = word(rest) {
            match &mut pending {
                Some((known, collected)) if known.eq_ignore_ascii_case(&charset) => collected.extend(octets),
                _ => {
                    flush(&mut pending, &mut out);
                    pending = Some((charset, octets));
                }
            }
            let trimmed = after.trim_start_matches([' ', '\t']);
            blanks = after.get(..after.len() - trimmed.len()).unwrap_or_default();
            rest = trimmed;
            continue;
        }
        flush(&mut pending, &mut out);
        out.push_str(blanks);
        blanks = "";
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let next = rest.get(first..).and_then(|tail| tail.find("=?")).map_or(rest.len(), |at| first + at);
        let (plain, after) = rest.split_at(next);
        out.push_str(plain);
        rest = after;
    }
    flush(&mut pending, &mut out);
    out.push_str(blanks);
    // A decoded line break would be a second header to whoever writes it out again.
    out.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn flush(pending: &mut Option<(String, Vec<u8>)>, out: &mut String) {
    if let Some((charset, octets)) = pending.take() {
        match charset::decode(&charset, &octets) {
            Some(text) => out.push_str(&text),
            None => out.push(char::REPLACEMENT_CHARACTER),
        }
    }
}

/// `=?charset?B?…?=` at the beginning of a text: charset, octets, what follows. Looks no further than the third question
/// mark, so that a text full of beginnings is read but a few times.
fn word(text: &str) -> Option<(String, Vec<u8>, &str)> {
    let inner = text.strip_prefix("=?")?;
    let (charset, inner) = inner.split_once('?')?;
    let (encoding, inner) = inner.split_once('?')?;
    let (encoded, after) = inner.split_once('?')?;
    let after = after.strip_prefix('=')?;
    if encoded.contains([' ', '\t']) || charset.contains(' ') {
        return None;
    }
    // RFC 2231 §5: a language may follow the charset.
    let charset = charset.split('*').next().unwrap_or_default();
    let octets = match encoding {
        "B" | "b" => at_once(encoding::base64(encoded.as_bytes(), &async || ())),
        "Q" | "q" => {
            let mut octets = Vec::new();
            encoding::escapes(encoded.replace('_', " ").as_bytes(), b'=', &mut octets);
            octets
        }
        _ => return None,
    };
    Some((charset.to_string(), octets, after))
}

/// A section of a parameter (RFC 2231 §3): its number, whether it is percent-encoded, its text.
type Section = (u32, bool, String);

/// A value with parameters: `type/subtype; name=value; name*0*=UTF-8''…`. Of two values for a name the first one counts,
/// and what comes in sections before what does not.
pub(super) fn parameters(value: &str) -> (String, BTreeMap<String, String>) {
    let mut pieces = pieces(value).into_iter();
    let main = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut sections: BTreeMap<String, Vec<Section>> = BTreeMap::new();
    for piece in pieces {
        let Some((name, value)) = piece.split_once('=') else { continue };
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        let value = match value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) {
            Some(quoted) => unquote(quoted),
            None => value.to_owned(),
        };
        let mut section = |base: &str, section: Section| sections.entry(base.to_owned()).or_default().push(section);
        match name.split_once('*') {
            None => {
                found.entry(name).or_insert(value);
            }
            Some((base, "")) => section(base, (0, true, value)),
            Some((base, number)) => {
                let encoded = number.ends_with('*');
                if let Ok(number) = number.trim_end_matches('*').parse() {
                    section(base, (number, encoded, value));
                }
            }
        }
    }
    for (name, mut sections) in sections {
        sections.sort_by_key(|(number, ..)| *number);
        found.insert(name, join(&sections));
    }
    (main, found)
}

fn join(sections: &[Section]) -> String {
    let mut octets = Vec::new();
    let mut charset = String::new();
    for (number, encoded, value) in sections {
        let mut value = value.as_str();
        if *number == 0 && *encoded {
            let mut parts = value.splitn(3, '\'');
            if let (Some(named), Some(_), Some(text)) = (parts.next(), parts.next(), parts.next()) {
                (charset, value) = (named.to_owned(), text);
            }
        }
        if *encoded { encoding::escapes(value.as_bytes(), b'%', &mut octets) } else { octets.extend(value.bytes()) }
    }
    charset::decode(&charset, &octets).unwrap_or_else(|| String::from_utf8_lossy(&octets).into_owned())
}

/// At semicolons outside of quotes; comments in parentheses are left out.
fn pieces(value: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let (mut quoted, mut escaped, mut comments) = (false, false, 0u32);
    for c in value.chars() {
        if escaped {
            escaped = false;
        } else if c == '\\' && (quoted || comments > 0) {
            escaped = true;
        } else if c == '"' && comments == 0 {
            quoted = !quoted;
        } else if c == '(' && !quoted {
            comments += 1;
            continue;
        } else if c == ')' && !quoted && comments > 0 {
            comments -= 1;
            continue;
        } else if c == ';' && !quoted && comments == 0 {
            pieces.push(core::mem::take(&mut piece));
            continue;
        }
        if comments == 0 {
            piece.push(c);
        }
    }
    pieces.push(piece);
    pieces
}

pub(super) fn unquote(quoted: &str) -> String {
    let mut out = String::with_capacity(quoted.len());
    let mut escaped = false;
    for c in quoted.chars() {
        if c == '\\' && !escaped {
            escaped = true;
        } else {
            out.push(c);
            escaped = false;
        }
    }
    out
}
