//! What stands before the data in a literal data packet (RFC 9580 §5.9): the file name, most of all.
//!
//! Mode, name and date are not covered by signatures. The mode is ignored, the date is never written (it would tell when
//! the file was made) and the name is reduced to its last path component.

use super::error::ReadError;
use envelock_seipd::packet::{Tag, write_header};

/// Longest name the one-octet length can carry.
pub(crate) const MAX_NAME: usize = 255;
const NO_DATE: [u8; 4] = [0; 4];

/// Longest part of a body that is not data: mode, name and date.
pub(crate) const MAX_HEAD: usize = 2 + MAX_NAME + NO_DATE.len();

/// Reads what comes first in a packet body, which may be cut behind it: the file name, and where the data begins.
pub(crate) fn parse_head(body: &[u8]) -> Result<(Option<String>, usize), ReadError> {
    const SHORT: ReadError = ReadError::malformed("the literal data packet is too short");
    let (_format, rest) = body.split_first().ok_or(SHORT)?;
    let (length, rest) = rest.split_first().ok_or(SHORT)?;
    let (name, rest) = rest.split_at_checked(usize::from(*length)).ok_or(SHORT)?;
    if rest.len() < NO_DATE.len() {
        return Err(SHORT);
    }
    Ok((file_name(name), 2 + name.len() + NO_DATE.len()))
}

/// The packet without its data: header, binary format, name cut to [`MAX_NAME`] octets, no date. `None` if the data is too
/// long for the four octets of a length (§4.2.1.3).
pub(crate) fn head(filename: &str, data: usize) -> Option<Vec<u8>> {
    let front = body_front(filename);
    let length = u32::try_from(front.len() + data).ok()?;
    let mut head = Vec::new();
    write_header(&mut head, Tag::LITERAL, length);
    head.extend(front);
    Some(head)
}

/// What stands before the data in the body of the packet.
pub(super) fn body_front(filename: &str) -> Vec<u8> {
    let name = filename.as_bytes();
    let name = name.get(..MAX_NAME).unwrap_or(name);
    [&[b'b', name.len() as u8], name, &NO_DATE].concat()
}

/// `_CONSOLE` asked for "eyes only" display (§5.9) and is no name.
fn file_name(name: &[u8]) -> Option<String> {
    envelock_mime::file_name(&String::from_utf8_lossy(name)).filter(|name| name != "_CONSOLE")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use super::*;

    fn body(name: &[u8], data: &[u8]) -> Vec<u8> {
        [&[b'u', name.len() as u8][..], name, &[1, 2, 3, 4], data].concat()
    }

    #[test]
    fn reads_the_name_and_where_data_begins() {
        let body = body("Grüße.txt".as_bytes(), b"text\r\n");
        let (filename, start) = parse_head(&body).unwrap();
        assert_eq!(filename.as_deref(), Some("Grüße.txt"));
        assert_eq!(&body[start..], b"text\r\n");
    }

    #[test]
    fn names_never_leave_the_directory() {
        for (given, kept) in [
            ("../../etc/passwd", Some("passwd")),
            ("C:\\Windows\\a.exe", Some("a.exe")),
            ("invoice\u{202e}fdp.exe", Some("invoicefdp.exe")),
            ("..", None),
            ("a/..", None),
            ("line\nbreak\u{0}", Some("linebreak")),
            ("_CONSOLE", None),
            ("", None),
        ] {
            assert_eq!(parse_head(&body(given.as_bytes(), b"")).unwrap().0.as_deref(), kept, "{given:?}");
        }
    }

    #[test]
    fn every_cut_in_the_head_is_malformed() {
        let whole = body(b"name", b"");
        for length in 0..whole.len() {
            assert!(parse_head(&whole[..length]).is_err(), "{length} octets");
        }
    }

    #[test]
    fn written_packets_carry_no_date() {
        let head = head("a.txt", 4).unwrap();
        assert_eq!(
            [head.as_slice(), b"data"].concat(),
            [&[0xcb, 15, b'b', 5][..], b"a.txt", &[0; 4], b"data"].concat()
        );
    }
}
