//! Header fields: folding, encoded words, parameters, dates.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// `Name: `
pub(crate) fn start(out: &mut Vec<u8>, name: &str) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
}

/// A field whose value is ours: ASCII and short.
pub(crate) fn line(out: &mut Vec<u8>, name: &str, value: &str) {
    start(out, name);
    out.extend_from_slice(value.as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// A field of unstructured text: as it is if it is short printable ASCII that no one could take for something else.
pub(crate) fn text(out: &mut Vec<u8>, name: &str, value: &str) {
    start(out, name);
    let plain = value.len() <= 60
        && value.trim() == value
        && value.bytes().all(|b| matches!(b, b' '..=b'~'))
        && !value.contains("=?");
    if plain {
        out.extend_from_slice(value.as_bytes())
    } else {
        encoded_words(out, value)
    }
    out.extend_from_slice(b"\r\n");
}

/// `name <address>`; the name always as encoded words, which no mail program reads wrong.
pub(crate) fn mailbox(out: &mut Vec<u8>, field: &str, name: &str, address: &str) {
    start(out, field);
    if !name.is_empty() {
        encoded_words(out, name);
        out.extend_from_slice(b"\r\n ");
    }
    out.push(b'<');
    out.extend_from_slice(address.as_bytes());
    out.extend_from_slice(b">\r\n");
}

/// Something that may stand between angle brackets: visible, no space, exactly what a strict reader takes (RFC 5321, 6531).
pub(crate) fn is_address(address: &str) -> bool {
    address.len() <= 254
        && address.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
        && !address.chars().any(|c| c.is_control() || c.is_whitespace() || "<>()[],;:\\\"".contains(c))
}

/// RFC 2047 §2: at most 75 characters a word, whole characters in each; folded between words, which readers join.
pub(crate) fn encoded_words(out: &mut Vec<u8>, value: &str) {
    let mut rest = value;
    let mut first = true;
    while !rest.is_empty() {
        // 45 octets are 60 characters of base64, 72 with the frame; fewer beside the name of the field (lines of 76, RFC 2047 §2).
        let (word, after) = rest.split_at(floor_char_boundary(rest, if first { 36 } else { 45 }));
        if !first {
            out.extend_from_slice(b"\r\n ");
        }
        out.extend_from_slice(b"=?utf-8?B?");
        out.extend_from_slice(STANDARD.encode(word).as_bytes());
        out.extend_from_slice(b"?=");
        (rest, first) = (after, false);
    }
}

fn floor_char_boundary(text: &str, most: usize) -> usize {
    (0..=most.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())
}

/// `; name="value"` for plain ASCII, else RFC 2231 with percent-encoding, in sections of at most 76 characters a line.
pub(crate) fn parameter(out: &mut Vec<u8>, name: &str, value: &str) {
    if value.len() <= 50
        && value.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\')
        && !value.contains("=?")
    {
        for part in [";\r\n ", name, "=\"", value, "\""] {
            out.extend_from_slice(part.as_bytes());
        }
        return;
    }
    let mut rest = value;
    let mut section = 0;
    while section == 0 || !rest.is_empty() {
        for part in [";\r\n ", name, "*", &section.to_string(), "*=", if section == 0 { "UTF-8''" } else { "" }] {
            out.extend_from_slice(part.as_bytes());
        }
        // Between whole characters: RFC 2231 §4.1 would allow any octets, but some programs decode each section on its own.
        let (some, after) = rest.split_at(floor_char_boundary(rest, 16));
        some.bytes().for_each(|octet| percent(out, octet));
        (rest, section) = (after, section + 1);
    }
}

/// attribute-char of RFC 2231 §7 stay, the rest is `%XX`.
fn percent(out: &mut Vec<u8>, octet: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    if octet.is_ascii_alphanumeric() || b"!#$&+-.^_`{|}~".contains(&octet) {
        return out.push(octet);
    }
    out.push(b'%');
    out.extend([octet >> 4, octet & 15].iter().filter_map(|&digit| DIGITS.get(usize::from(digit))));
}

/// RFC 5322 §3.3, always in UTC. Seconds outside of the years 1970 to 9999 are brought to the nearer end.
pub(crate) fn date(seconds: i64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let seconds = seconds.clamp(0, 253_402_300_799);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Civil date from a day count; years begin in March, so that the leap day is the last day of a year.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = (shifted_month + 2) % 12;
    let year = year_of_era + era * 400 + i64::from(month < 2);
    let name = |names: &[&'static str], at: i64| {
        usize::try_from(at).ok().and_then(|at| names.get(at)).copied().unwrap_or_default()
    };
    format!(
        "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} +0000",
        name(&DAYS, days % 7),
        name(&MONTHS, month),
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}
