//! Input of several kinds one behind the other: binary keys, and text with blocks of armor. Files are joined like that.

use std::ops::Range;

use envelock_seipd::packet::split;

use super::packets::tag;
use crate::armor;

const BEGIN: &[u8] = b"-----BEGIN PGP ";
const END: &[u8] = b"-----END PGP ";

/// Where the text at the start of `input` ends: behind the block of armor that a binary key follows, or where the input does.
pub(super) fn text(input: &[u8]) -> Range<usize> {
    let mut at = 0;
    for line in input.split_inclusive(|octet| *octet == b'\n') {
        at += line.len();
        let rest = input.get(at..).unwrap_or_default();
        let blank = rest.len() - rest.trim_ascii_start().len();
        if line.trim_ascii().starts_with(END) && is_key(rest.trim_ascii_start()) {
            return 0..at + blank;
        }
    }
    0..input.len()
}

/// Whether a binary key begins here. Letters beyond ASCII have bit 7 set as well, but no such octet behind the length.
fn is_key(rest: &[u8]) -> bool {
    let first = || split(rest).next()?.ok();
    armor::is_binary(rest)
        && first().is_some_and(|packet| {
            matches!(packet.tag, tag::PUBLIC_KEY | tag::SECRET_KEY) && matches!(packet.body.first(), Some(2..=6))
        })
}

/// Whether a block of armor begins here.
pub(super) fn is_armor(rest: &[u8]) -> bool {
    rest.trim_ascii_start().starts_with(BEGIN)
}

/// Whether a block of armor begins in a line that was quoted, as answers to mails do.
pub(super) fn is_quoted(text: &[u8]) -> bool {
    text.split(|octet| *octet == b'\n').any(|line| {
        let quoted = line.trim_ascii_start().strip_prefix(b">");
        let mut inner = quoted.unwrap_or_default();
        while let [b'>' | b' ' | b'\t', more @ ..] = inner {
            inner = more;
        }
        quoted.is_some() && inner.starts_with(BEGIN)
    })
}

/// Whether the input is UTF-16, as its byte order mark says.
pub(super) fn is_utf16(input: &[u8]) -> bool {
    input.starts_with(b"\xFF\xFE") || input.starts_with(b"\xFE\xFF")
}
