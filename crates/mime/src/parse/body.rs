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
    let mut rest =
        body.strip_prefix(delimiter.as_slice()).or_else(|| body.strip_prefix(delimiter.get(2..)?)).ok_or(MALFORMED)?;
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

/// Horspool's search: most steps skip the length of the delimiter, and megabytes of base64 lie between two of them.
pub(crate) fn find(bytes: &[u8], delimiter: &[u8]) -> Option<usize> {
    let (length, mut skips) = (delimiter.len(), [delimiter.len(); 256]);
    for (at, &octet) in delimiter.iter().enumerate().take(length.saturating_sub(1)) {
        if let Some(skip) = skips.get_mut(usize::from(octet)) {
            *skip = length - 1 - at;
        }
    }
    let mut at = 0;
    loop {
        let window = bytes.get(at..at + length)?;
        if window == delimiter {
            return Some(at);
        }
        at += window.last().and_then(|&last| skips.get(usize::from(last))).copied()?;
    }
}

/// Undoes the transfer encoding (RFC 2045 §6).
pub(super) fn decode(headers: &Headers<'_>, body: &[u8]) -> Result<Vec<u8>, ParseError> {
    let (mut data, mut rest) = begin(headers, body)?;
    while !rest.is_empty() {
        base64(&mut rest, &mut data)?;
    }
    Ok(data)
}

/// Begins with it: the octets that there are already, and what [`base64`] has still to decode behind them.
pub(super) fn begin<'a>(headers: &Headers<'_>, body: &'a [u8]) -> Result<(Vec<u8>, &'a [u8]), ParseError> {
    match headers.value("content-transfer-encoding")? {
        Some("base64") => {
            let mut data = Vec::new();
            data.try_reserve_exact(body.len() / 4 * 3 + 3).map_err(|_| ParseError::TooLarge("memory"))?;
            Ok((data, body))
        }
        Some("7bit") if body.is_ascii() => Ok((body.to_vec(), body.get(body.len()..).unwrap_or_default())),
        _ => Err(ParseError::Malformed("transfer encoding")),
    }
}

/// What is decoded in a step.
const STEP: usize = 1 << 20;

/// Lines of whole groups of four characters; padding only at the very end. No other character is skipped. Decodes some of them.
pub(super) fn base64(body: &mut &[u8], decoded: &mut Vec<u8>) -> Result<(), ParseError> {
    const MALFORMED: ParseError = ParseError::Malformed("base64");
    let end = decoded.len() + STEP;
    // A buffer on the stack between: one check of the vector's room a line instead of one a group.
    let mut line = [0; 57];
    let mut rest = *body;
    while !rest.is_empty() && decoded.len() < end {
        let mut length = 0;
        for place in line.chunks_exact_mut(3) {
            let Some((group, after)) = rest.split_first_chunk::<4>() else { break };
            let [a, b, c, d] = group.map(value);
            if a | b | c | d > 63 {
                break;
            }
            let [_, octets @ ..] = (a << 18 | b << 12 | c << 6 | d).to_be_bytes();
            place.copy_from_slice(&octets);
            (rest, length) = (after, length + 3);
        }
        decoded.extend_from_slice(line.get(..length).unwrap_or_default());
        rest = match rest.strip_prefix(b"\r\n") {
            Some(next) if length > 0 && !next.is_empty() => next,
            None if length > 0 => rest,
            _ => {
                last_group(rest, decoded).ok_or(MALFORMED)?;
                &[]
            }
        };
    }
    *body = rest;
    Ok(())
}

/// The group with padding: nothing behind it, and no set bits behind its last octet (RFC 4648 §3.5).
fn last_group(group: &[u8], decoded: &mut Vec<u8>) -> Option<()> {
    let (octets, [a, b, c]) = match *group {
        [a, b, b'=', b'='] => (1, [a, b, b'A'].map(value)),
        [a, b, c, b'='] => (2, [a, b, c].map(value)),
        _ => return None,
    };
    let bits = a << 26 | b << 20 | c << 14;
    if a | b | c > 63 || bits << (8 * octets) != 0 {
        return None;
    }
    decoded.extend(bits.to_be_bytes().into_iter().take(octets));
    Some(())
}

/// What a character of base64 stands for (RFC 4648 §4); above 63 if it is none.
fn value(character: u8) -> u32 {
    #[allow(clippy::indexing_slicing, reason = "every octet has its place; unchecked because it is the hot loop")]
    u32::from(VALUES[usize::from(character)])
}

const VALUES: [u8; 256] = {
    let mut values = [0xFF; 256];
    let mut value = 0;
    while value < 64u8 {
        let character = match value {
            0..26 => b'A' + value,
            26..52 => b'a' + value - 26,
            52..62 => b'0' + value - 52,
            62 => b'+',
            _ => b'/',
        };
        #[allow(clippy::indexing_slicing, reason = "computed while compiling")]
        {
            values[character as usize] = value;
        }
        value += 1;
    }
    values
};
