//! What relaxed canonicalization makes of the end of a body (RFC 6376 §3.4.4).

/// The message with nothing but line ends where its body, which begins at `body`, ends in lines of blanks, if it does.
///
/// Relaxed canonicalization drops such lines; the library that signs and verifies does not.
pub(crate) fn trimmed(message: &[u8], body: usize) -> Option<Vec<u8>> {
    let is_blank = |octet: &u8| matches!(octet, b' ' | b'\t' | b'\r' | b'\n');
    let text = message.get(body..)?.iter().rposition(|octet| !is_blank(octet)).map_or(0, |last| last + 1);
    let (kept, end) = message.split_at_checked(body + text)?;
    // The blanks of the last line with text are not its end.
    let line =
        end.windows(2).position(|pair| pair == b"\r\n").map(|at| at + 2).filter(|_| text > 0).unwrap_or_default();
    let (line, lines) = end.split_at_checked(line)?;
    lines.iter().any(|octet| matches!(octet, b' ' | b'\t')).then(|| [kept, line].concat())
}
