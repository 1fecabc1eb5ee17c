//! Lines of a conversation: they end with CR LF and with nothing else (RFC 5321 §2.3.8), and are no longer than they may be.

/// The longest command line that is read, CR LF and extensions included: more than RFC 5321 §4.5.3.1.4 asks for, as parameters of
/// extensions lengthen it.
pub(crate) const LONGEST: usize = 4096;

/// What the front of the octets at hand is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A whole line without its end, and how many octets it took.
    Whole(Vec<u8>, usize),
    /// Not whole yet.
    Unfinished,
    /// Has a CR or LF, or a NUL, where none may be; that many octets are of it.
    Malformed(usize),
    /// No end within [`LONGEST`] octets.
    TooLong,
}

/// Takes one line from the front. `octets` is not changed: the caller drops what was taken.
pub(crate) fn take(octets: &[u8]) -> Line {
    let within = octets.get(..LONGEST).unwrap_or(octets);
    let Some(end) = within.iter().position(|octet| *octet == b'\n') else {
        return if octets.len() >= LONGEST { Line::TooLong } else { Line::Unfinished };
    };
    let (line, _) = within.split_at(end);
    match line.strip_suffix(b"\r") {
        Some(line) if !line.iter().any(|octet| matches!(octet, b'\r' | 0)) => Line::Whole(line.to_vec(), end + 1),
        _ => Line::Malformed(end + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, Line, take};

    #[test]
    fn a_line_ends_with_cr_lf_alone() {
        assert_eq!(take(b"NOOP\r\nQUIT\r\n"), Line::Whole(b"NOOP".to_vec(), 6));
        assert_eq!(take(b"NOOP\r"), Line::Unfinished);
        assert_eq!(take(b"NOOP\nQUIT\r\n"), Line::Malformed(5));
        assert_eq!(take(b"NO\rOP\r\n"), Line::Malformed(7));
        assert_eq!(take(b"NO\0OP\r\n"), Line::Malformed(7));
    }

    #[test]
    fn a_line_without_end_is_not_gathered() {
        assert_eq!(take(&[b'a'; LONGEST - 1]), Line::Unfinished);
        assert_eq!(take(&[b'a'; LONGEST]), Line::TooLong);
    }
}
