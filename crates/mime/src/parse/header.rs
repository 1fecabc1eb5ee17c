//! Header sections: fields, encoded words (RFC 2047), parameters (RFC 2045 §5.1, RFC 2231), dates (RFC 5322 §3.3).

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Limits, ParseError, body};

/// The fields of one header section, unfolded, names in lower case.
pub(super) struct Headers<'a> {
    fields: Vec<(String, Cow<'a, str>)>,
}

/// Cuts a message or a part into its header section and its body.
pub(super) fn split<'a>(part: &'a [u8], limits: &Limits) -> Result<(Headers<'a>, &'a [u8]), ParseError> {
    let within = part.get(..part.len().min(limits.header_bytes)).unwrap_or_default();
    let end = within
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .ok_or(ParseError::Malformed("headers do not end"))?;
    let section = within.get(..end).and_then(|section| core::str::from_utf8(section).ok());
    let section = section.ok_or(ParseError::Malformed("headers are not UTF-8"))?;
    Ok((Headers::parse(section)?, part.get(end + 4..).unwrap_or_default()))
}

impl<'a> Headers<'a> {
    fn parse(section: &'a str) -> Result<Self, ParseError> {
        let mut fields: Vec<(String, Cow<'a, str>)> = Vec::new();
        let mut lines = section.split('\n').peekable();
        while let Some(line) = lines.next() {
            // The last CR LF is cut off already; every other LF has a CR before it.
            let line = if lines.peek().is_none() {
                line
            } else {
                line.strip_suffix('\r').ok_or(ParseError::Malformed("line end"))?
            };
            if line.bytes().any(|byte| byte < b' ' && byte != b'\t') {
                return Err(ParseError::Malformed("control character in a header"));
            }
            if line.starts_with([' ', '\t']) {
                // Unfolding takes away the line end and nothing else (RFC 5322 §2.2.3).
                let (_, value) = fields.last_mut().ok_or(ParseError::Malformed("header begins folded"))?;
                value.to_mut().push_str(line);
                continue;
            }
            let (name, value) = line
                .split_once(':')
                .and_then(|(name, value)| Some((name, value.strip_prefix(' ')?)))
                .ok_or(ParseError::Malformed("header without a name"))?;
            // Nothing but letters and dashes: `Sub ject:` must not pass for something else.
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-') {
                return Err(ParseError::Malformed("header name"));
            }
            fields.push((name.to_ascii_lowercase(), value.into()));
        }
        Ok(Headers { fields })
    }

    /// The value of a field. Twice the same field is refused: two programs could choose differently.
    pub(super) fn value(&self, name: &str) -> Result<Option<&str>, ParseError> {
        let mut found = self.fields.iter().filter(|(field, _)| field == name);
        let value = found.next().map(|(_, value)| value.as_ref());
        if found.next().is_some() { Err(ParseError::Malformed("header twice")) } else { Ok(value) }
    }

    /// A field of unstructured text.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, ParseError> {
        self.value(name)?.map(encoded_words).transpose()
    }

    /// A field of the form `value; name=parameter`.
    pub(super) fn structured(&self, name: &str) -> Result<Option<Structured<'_>>, ParseError> {
        let Some(field) = self.value(name)? else { return Ok(None) };
        let (value, parameters) = field.split_once(';').unwrap_or((field, ""));
        Ok(Some(Structured { value, parameters }))
    }
}

/// A value and its parameters.
pub(super) struct Structured<'a> {
    pub(super) value: &'a str,
    parameters: &'a str,
}

impl Structured<'_> {
    /// The parameter: `name="value"`, or in sections `name*0*=UTF-8''per%20cent; name*1*=…` (RFC 2231 §3, §4).
    pub(super) fn parameter(&self, wanted: &str) -> Result<String, ParseError> {
        const MALFORMED: ParseError = ParseError::Malformed("header parameter");
        let mut sections = Vec::new();
        let mut count = 0;
        // Quoted values hold no quotes and no backslashes, but they may hold a semicolon.
        let mut rest = self.parameters.trim_start_matches(' ');
        while !rest.is_empty() {
            let (name, after) = rest.split_once('=').ok_or(MALFORMED)?;
            let (value, after) = match after.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').ok_or(MALFORMED)?,
                None => after.split_at(after.find(';').unwrap_or(after.len())),
            };
            rest = match after.strip_prefix(';') {
                Some(next) => next.trim_start_matches(' '),
                None if after.is_empty() => after,
                None => return Err(MALFORMED),
            };
            let Some(section) = name.strip_prefix(wanted) else { continue };
            if section.is_empty() && count == 0 && rest.is_empty() {
                return Ok(value.into());
            }
            let number: usize = section
                .strip_prefix('*')
                .and_then(|s| s.strip_suffix('*'))
                .and_then(|s| s.parse().ok())
                .ok_or(MALFORMED)?;
            let value = if number == 0 { value.strip_prefix("UTF-8''").ok_or(MALFORMED)? } else { value };
            if number != count {
                return Err(MALFORMED);
            }
            percent_decode(value, &mut sections).ok_or(MALFORMED)?;
            count += 1;
        }
        if count == 0 {
            return Err(ParseError::Malformed("missing header parameter"));
        }
        String::from_utf8(sections).map_err(|_| MALFORMED)
    }
}

fn percent_decode(value: &str, out: &mut Vec<u8>) -> Option<()> {
    let mut octets = value.bytes();
    while let Some(octet) = octets.next() {
        out.push(if octet == b'%' { hex(octets.next()?)? << 4 | hex(octets.next()?)? } else { octet });
    }
    Some(())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

/// Text as it is, or encoded words from end to end: `=?utf-8?B?…?= =?utf-8?B?…?=`, joined without the blanks between.
pub(super) fn encoded_words(value: &str) -> Result<String, ParseError> {
    const MALFORMED: ParseError = ParseError::Malformed("encoded word");
    if !value.as_bytes().windows(2).any(|pair| pair == b"=?") {
        return Ok(value.into());
    }
    let mut octets = Vec::new();
    for word in value.split(' ').filter(|word| !word.is_empty()) {
        let encoded = word.strip_prefix("=?utf-8?B?").and_then(|w| w.strip_suffix("?=")).ok_or(MALFORMED)?;
        let mut encoded = encoded.as_bytes();
        while !encoded.is_empty() {
            body::base64(&mut encoded, &mut octets).map_err(|_| MALFORMED)?;
        }
    }
    String::from_utf8(octets).map_err(|_| MALFORMED)
}

/// `Thu, 01 Jan 1970 00:00:00 +0000` to seconds since then; fixed columns, always UTC.
pub(super) fn date(value: &str) -> Result<i64, ParseError> {
    civil(value.as_bytes()).ok_or(ParseError::Malformed("date"))
}

fn civil(text: &[u8]) -> Option<i64> {
    const MONTHS: &[u8; 36] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    if text.len() != 31 || text.get(25..)? != b" +0000" || text.get(3..5)? != b", " {
        return None;
    }
    let number = |from: usize, digits: usize| {
        let digits = text.get(from..from + digits)?;
        digits.iter().try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0')))
    };
    let month = MONTHS.chunks(3).position(|name| text.get(8..11) == Some(name))? as i64;
    let (day, year, hour, minute, second) =
        (number(5, 2)?, number(12, 4)?, number(17, 2)?, number(20, 2)?, number(23, 2)?);
    if !(1..=31).contains(&day) || year < 1970 || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Day count from a civil date; years begin in March (see the writing side).
    let year = if month < 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 10) % 12) + 2) / 5 + day - 1;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}
