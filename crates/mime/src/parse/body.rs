//! Bodies: the parts of a multipart, and transfer encodings.

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

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

/// Lines of whole groups of four; padding only at the very end. No other character is skipped.
fn base64(body: &[u8]) -> Result<Vec<u8>, ParseError> {
    const MALFORMED: ParseError = ParseError::Malformed("base64");
    let mut decoded = Vec::new();
    decoded.try_reserve_exact(body.len() / 4 * 3 + 3).map_err(|_| ParseError::TooLarge("memory"))?;
    let mut rest = body;
    // A full line: 76 characters, 57 octets.
    let mut octets = [0; 57];
    while !rest.is_empty() {
        let line_end = rest.iter().take(77).position(|&byte| byte == b'\r').unwrap_or(rest.len());
        let (line, after) = rest.split_at_checked(line_end).ok_or(MALFORMED)?;
        rest = if after.is_empty() { after } else { after.strip_prefix(b"\r\n").ok_or(MALFORMED)? };
        if line.len() > 76 || (line.last() == Some(&b'=') && !rest.is_empty()) {
            return Err(MALFORMED);
        }
        let length = STANDARD.decode_slice(line, &mut octets).map_err(|_| MALFORMED)?;
        decoded.extend_from_slice(octets.get(..length).unwrap_or_default());
    }
    Ok(decoded)
}
