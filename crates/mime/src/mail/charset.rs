//! The few charsets that are told apart without tables.

use alloc::string::String;

/// Windows-1252 from 0x80 to 0x9F; holes stay control characters, as browsers read them.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// See [`decode_charset`](crate::mail::decode_charset).
pub fn decode(charset: &str, octets: &[u8]) -> Option<String> {
    let named = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(charset));
    if named(&["utf-8", "utf8", "us-ascii", "ascii", ""]) {
        return Some(String::from_utf8_lossy(octets).into_owned());
    }
    let single: fn(u8) -> char = if named(&["iso-8859-1", "latin1", "windows-1252", "cp1252"]) {
        // As browsers do: what is called Latin-1 is nearly always Windows-1252.
        |octet| match octet {
            0x80..=0x9f => WINDOWS.get(usize::from(octet - 0x80)).copied().unwrap_or(char::REPLACEMENT_CHARACTER),
            other => char::from(other),
        }
    } else if named(&["iso-8859-15", "latin9"]) {
        |octet| match octet {
            0xa4 => '€',
            0xa6 => 'Š',
            0xa8 => 'š',
            0xb4 => 'Ž',
            0xb8 => 'ž',
            0xbc => 'Œ',
            0xbd => 'œ',
            0xbe => 'Ÿ',
            other => char::from(other),
        }
    } else {
        return None;
    };
    Some(octets.iter().map(|octet| single(*octet)).collect())
}
