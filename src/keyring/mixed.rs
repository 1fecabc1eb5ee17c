//! Input of several kinds one behind the other: binary keys, and text with blocks of armor. Files are joined like that.

use super::packets::tag;

const BEGIN: &[u8] = b"-----BEGIN PGP ";
const END: &[u8] = b"-----END PGP ";

/// Where the text at the start of `input` ends: behind the block of armor that a binary key follows, or where the input does.
pub(super) fn text_len(input: &[u8]) -> usize {
    let mut at = 0;
    let mut is_behind_block = false;
    for line in input.split_inclusive(|octet| *octet == b'\n') {
        let blank = line.len() - line.trim_ascii_start().len();
        if is_behind_block && is_key(input.get(at + blank..).unwrap_or_default()) {
            return at + blank;
        }
        at += line.len();
        is_behind_block = line.trim_ascii().starts_with(END) || is_behind_block && blank == line.len();
    }
    input.len()
}

/// Whether a binary key begins here, by its first octets alone: type, length and version (RFC 9580 §4.2, §5.5.2). Letters beyond ASCII
/// have bit 7 set as well, but no such version behind them.
fn is_key(rest: &[u8]) -> bool {
    let Some((&first, body)) = rest.split_first() else { return false };
    let (packet_tag, length) = match (first & 0xC0, body.first()) {
        (0xC0, Some(192..=223)) => (first & 0x3F, 2),
        (0xC0, Some(255)) => (first & 0x3F, 5),
        (0xC0, _) => (first & 0x3F, 1),
        (0x80, _) => (first >> 2 & 0x0F, [1, 2, 4, 0].get(usize::from(first & 3)).copied().unwrap_or_default()),
        _ => return false,
    };
    matches!(packet_tag, tag::PUBLIC_KEY | tag::SECRET_KEY) && matches!(body.get(length), Some(2..=6))
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
