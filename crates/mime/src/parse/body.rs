//! Bodies: the parts of a multipart, and transfer encodings.

use alloc::string::String;
use alloc::vec::Vec;

use super::header::Headers;
use super::{Limits, ParseError};

/// Cuts a multipart body at its delimiters (RFC 2046 §5.1.1). Each part comes with its headers; nothing may stand before the
/// first delimiter or behind the last one.
pub(super) fn parts<'a>(body: &'a [u8], boundary: String, limits: &Limits) -> Result<Vec<&'a [u8]>, ParseError> {
    const MALFORMED: ParseError = ParseError::Malformed("multipart delimiters");
    if boundary.is_empty() || boundary.len() > 70 {
        return Err(ParseError::Malformed("multipart boundary"));
    }
    let delimiter = [b"\r\n--", boundary.as_bytes()].concat();
    let mut rest = body.strip_prefix(delimiter.as_slice()).or_else(|| body.strip_prefix(delimiter.get(2..)?)).ok_or(MALFORMED)?;
    let mut parts = Vec::new();
    loop {
        if rest == b"--\r\n" || rest == b"--" {
            return Ok(parts);
        }
        let part = rest.strip_prefix(b"\r\n").ok_or(MALFORMED)?;
        let end = find(part, &delimiter).ok_or(MALFORMED)?;
        if parts.len() == limits.parts {
            return Err(ParseError::TooLarge("parts"));
        }
        parts.push(part.get(..end).unwrap_or_default());
        rest = part.get(end + delimiter.len()..).unwrap_or_default();
    }
}

/// Looks for the dash first: base64, the bulk of it all, has none.
fn find(bytes: &[u8], delimiter: &[u8]) -> Option<usize> {
    let mut from = 2;
    loop {
        let dash = from + bytes.get(from..)?.iter().position(|&byte| byte == b'-')?;
        if bytes.get(dash - 2..).is_some_and(|here| here.starts_with(delimiter)) {
            return Some(dash - 2);
        }
        from = dash + 1;
    }
}

/// Undoes the transfer encoding (RFC 2045 §6).
pub(super) fn decode(headers: &Headers<'_>, body: &[u8]) -> Result<Vec<u8>, ParseError> {
    match headers.value("content-transfer-encoding")? {
        Some("base64") => base64(body),
        Some("7bit") if body.is_ascii() => Ok(body.to_vec()),
        _ => Err(ParseError::Malformed("transfer encoding")),
    }
}

/// Lines of whole groups of four characters; padding only at the very end. No other character is skipped.
pub(super) fn base64(body: &[u8]) -> Result<Vec<u8>, ParseError> {
    const MALFORMED: ParseError = ParseError::Malformed("base64");
    let mut decoded = Vec::new();
    decoded.try_reserve_exact(body.len() / 4 * 3 + 3).map_err(|_| ParseError::TooLarge("memory"))?;
    let mut rest = body;
    let mut line_begun = false;
    while let Some((group, after)) = rest.split_first_chunk::<4>() {
        let values = group.map(|character| VALUES.get(usize::from(character)).copied().unwrap_or(NONE));
        let [a, b, c, d] = values.map(u32::from);
        if a | b | c | d < 64 {
            let bits = a << 18 | b << 12 | c << 6 | d;
            decoded.extend_from_slice(&[(bits >> 16) as u8, (bits >> 8) as u8, bits as u8]);
            (rest, line_begun) = (after, true);
        } else if let Some(next) = rest.strip_prefix(b"\r\n").filter(|_| line_begun) {
            (rest, line_begun) = (next, false);
        } else {
            last_group(*group, after, &mut decoded).ok_or(MALFORMED)?;
            rest = after;
        }
    }
    if rest.is_empty() { Ok(decoded) } else { Err(MALFORMED) }
}

/// The group with padding: nothing behind it, and no set bits behind its last octet (RFC 4648 §3.5).
fn last_group(group: [u8; 4], after: &[u8], decoded: &mut Vec<u8>) -> Option<()> {
    let value = |character: u8| VALUES.get(usize::from(character)).copied().filter(|&value| value < 64).map(u32::from);
    let [a, b, c, d] = group;
    if d != b'=' || !after.is_empty() {
        return None;
    }
    let bits = value(a)? << 18 | value(b)? << 12 | if c == b'=' { 0 } else { value(c)? << 6 };
    let (octets, unused) = if c == b'=' { (1, bits & 0xFFFF) } else { (2, bits & 0xFF) };
    if unused != 0 {
        return None;
    }
    decoded.extend(bits.to_be_bytes().into_iter().skip(1).take(octets));
    Some(())
}

/// Not a character of base64.
const NONE: u8 = 0xFF;

/// What the characters of base64 stand for (RFC 4648 §4).
const VALUES: [u8; 128] = {
    let mut values = [NONE; 128];
    let mut value = 0;
    while value < 64u8 {
        let character = match value {
            0..26 => b'A' + value,
            26..52 => b'a' + value - 26,
            52..62 => b'0' + value - 52,
            62 => b'+',
            _ => b'/',
        };
        #[allow(clippy::indexing_slicing, reason = "ASCII, computed while compiling")]
        {
            values[character as usize] = value;
        }
        value += 1;
    }
    values
};
