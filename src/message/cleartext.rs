//! The cleartext signature framework (RFC 9580 §7): text that stays readable, with its signature below.
//!
//! Read strictly, because people see the frame: one message and nothing before or after it, no header but `Hash` with known
//! names, every line that begins with a dash escaped. What is returned is exactly the text the signature covers.

mod elsewhere;

use super::{error::ReadError, place::Place};
use envelock_text::lines::{self, Lines, find_line_feed, trimmed};
use std::borrow::Cow;

pub(super) use self::elsewhere::{Framed, Unframed, frame, is_cleartext_on, unframe};

pub(crate) const HEADER: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE_HEADER: &[u8] = b"-----BEGIN PGP SIGNATURE-----";
const SIGNATURE_TAIL: &[u8] = b"-----END PGP SIGNATURE-----";
/// The text names of §9.5 that a `Hash` header may list.
const HASH_NAMES: [&str; 9] =
    ["MD5", "SHA1", "RIPEMD160", "SHA224", "SHA256", "SHA384", "SHA512", "SHA3-256", "SHA3-512"];

/// A cleartext signed message, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cleartext<'a> {
    /// The signed text: unescaped, without trailing blanks of lines, line ends as LF, without the last line end.
    pub(crate) text: Vec<u8>,
    /// The armored signature, which ends the input.
    pub(crate) signature: &'a [u8],
}

/// Whether input is, or pretends to be, a cleartext signed message.
pub(crate) fn is_cleartext(input: &[u8]) -> bool {
    input.trim_ascii_start().starts_with(HEADER.as_bytes())
}

/// Whether a cleartext signed message begins somewhere in the text.
pub(crate) fn begins_in(text: &[u8]) -> bool {
    text.split(|octet| *octet == b'\n').any(|line| line.trim_ascii() == HEADER.as_bytes())
}

/// Takes the framework apart.
pub(crate) fn parse(input: &[u8]) -> Result<Cleartext<'_>, ReadError> {
    let framed = input.trim_ascii_start();
    let mut text = Vec::with_capacity(framed.len());
    // The reader gives both forms; this one is not wanted here.
    let mut hashed = Vec::new();
    let before = input.len() - framed.len();
    let taken = Reader::default().take(framed, true, before, &mut text, &mut hashed)?;
    let signature = framed.get(taken.octets..).unwrap_or_default();
    check_signature(signature, before + taken.octets)?;
    Ok(Cleartext { text, signature })
}

/// The framework being taken apart.
#[derive(Default)]
struct Reader {
    stage: Stage,
    lines: Lines,
}

#[derive(Default)]
enum Stage {
    #[default]
    Before,
    Headers,
    Text,
}

/// What a reader has taken of a piece.
struct Taken {
    octets: usize,
    /// What follows is the signature.
    is_all: bool,
}

impl Reader {
    /// Takes whole lines, and what comes last even without an end, up to the signature: appends the signed text to `text`, and to `hashed`
    /// in the form that is signed. The piece stands at `at` in the input.
    fn take(
        &mut self,
        piece: &[u8],
        is_last: bool,
        at: usize,
        text: &mut Vec<u8>,
        hashed: &mut Vec<u8>,
    ) -> Result<Taken, ReadError> {
        let mut rest = piece;
        loop {
            if matches!(self.stage, Stage::Text) {
                rest = rest.get(self.lines.take(rest, text, hashed)..).unwrap_or_default();
            }
            let octets = piece.len() - rest.len();
            if !is_last && find_line_feed(rest).is_none() {
                return Ok(Taken { octets, is_all: false });
            }
            let place = Place::octet(at + octets);
            let is_over = rest.is_empty();
            let line = without_blanks(next_line(&mut rest));
            match self.stage {
                Stage::Before if line == HEADER.as_bytes() => self.stage = Stage::Headers,
                Stage::Before => {
                    let what = "a cleartext signed message begins with its header line";
                    return Err(ReadError::malformed(what).at(place));
                }
                Stage::Headers if line.is_empty() => self.stage = Stage::Text,
                Stage::Headers => check_header(line).map_err(|error| error.at(place))?,
                Stage::Text if is_over => {
                    return Err(ReadError::malformed("a cleartext signed message has no signature"));
                }
                Stage::Text if line == SIGNATURE_HEADER => return Ok(Taken { octets, is_all: true }),
                Stage::Text => {
                    self.lines.push(trimmed(unescaped(line).map_err(|error| error.at(place))?), text, hashed)
                }
            }
        }
    }
}

fn unescaped(line: &[u8]) -> Result<&[u8], ReadError> {
    match line.strip_prefix(b"- ") {
        Some(escaped) => Ok(escaped),
        // The blanks after the escape may all have been trimmed away.
        None if line == b"-" => Ok(b""),
        None if line.starts_with(b"-") => {
            Err(ReadError::malformed("a line of the signed text begins with an unescaped dash"))
        }
        None => Ok(line),
    }
}

/// What follows the signature would be shown beneath the signed text, so nothing may. The signature stands at `at` in the input.
fn check_signature(signature: &[u8], at: usize) -> Result<(), ReadError> {
    let place = |left: &[u8]| Place::octet(at + signature.len() - left.len());
    let mut rest = signature;
    while !rest.is_empty() {
        if without_blanks(next_line(&mut rest)) == SIGNATURE_TAIL {
            return match rest.trim_ascii_start() {
                [] => Ok(()),
                after => Err(ReadError::malformed("something follows the cleartext signature").at(place(after))),
            };
        }
    }
    Err(ReadError::malformed("the cleartext signature has no end"))
}

/// §7.1: `Hash` with names of hash algorithms is ignored; everything else might be read as part of the message.
fn check_header(line: &[u8]) -> Result<(), ReadError> {
    let names = std::str::from_utf8(line).ok().and_then(|line| line.strip_prefix("Hash: "));
    let known = names.is_some_and(|names| {
        names.split(',').all(|name| HASH_NAMES.iter().any(|known| known.eq_ignore_ascii_case(name.trim_matches(' '))))
    });
    if known { Ok(()) } else { Err(ReadError::malformed("a cleartext signed message has a header other than Hash")) }
}

/// Cuts the next line off, without its LF or CRLF.
fn next_line<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let (line, after) = match find_line_feed(rest) {
        Some(end) => (rest.get(..end).unwrap_or_default(), rest.get(end + 1..).unwrap_or_default()),
        None => (*rest, &[][..]),
    };
    *rest = after;
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// §7: spaces and tabs at the end of a line are not signed. No other white space is.
fn without_blanks(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|octet| !matches!(octet, b' ' | b'\t')).map_or(0, |last| last + 1);
    line.get(..end).unwrap_or_default()
}

/// The form that is hashed: line ends as CRLF.
pub(crate) fn to_crlf(text: &[u8]) -> Cow<'_, [u8]> {
    if find_line_feed(text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::new();
    lines::to_crlf(text, &mut false, &mut out);
    Cow::Owned(out)
}

/// What stands before the text. `hashes` are named for readers that need them before the signature (v4 only).
fn head(hashes: &[&str]) -> String {
    let mut head = [HEADER, "\n"].concat();
    if !hashes.is_empty() {
        head.push_str(&["Hash: ", &hashes.join(","), "\n"].concat());
    }
    head.push('\n');
    head
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use super::*;
    use envelock_seipd::engine::{RustCrypto, at_once};

    const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----\n\nwsA=\n-----END PGP SIGNATURE-----\n";

    fn framed(headers: &str, body: &str) -> String {
        format!("{HEADER}\n{headers}\n{body}\n{SIGNATURE}")
    }

    #[test]
    fn text_round_trips() {
        let framed = |text: &str| {
            let engine = &RustCrypto;
            let framing = at_once(frame(text.as_bytes(), &["SHA512"], engine, &mut ())).unwrap().unwrap();
            let framed = framing.text.with(SIGNATURE.as_bytes()).unwrap().finish().unwrap();
            String::from_utf8(framed.to_vec()).unwrap()
        };
        for text in [
            "",
            "one line",
            "- dash\n-----BEGIN PGP SIGNATURE-----\n",
            "From here\n\n\n-",
            "trailing  \t\nblanks\t",
            "a\r\nb\r\n",
            "a\r\r\nb \r",
        ] {
            let lines: Vec<&str> = text.split('\n').map(|line| line.trim_end_matches([' ', '\t', '\r'])).collect();
            let framed = framed(text);
            let parsed = parse(framed.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(parsed.text).unwrap(), lines.join("\n"), "{text:?}");
            assert_eq!(parsed.signature, SIGNATURE.as_bytes());
        }
    }

    /// Anybody could put them there without breaking the signature.
    #[test]
    fn what_is_not_signed_at_the_end_of_a_line_is_not_returned() {
        for line in ["one\r\r", "one \r\t\r", "one\t"] {
            assert_eq!(parse(framed("", &format!("{line}\r\ntwo")).as_bytes()).unwrap().text, b"one\ntwo", "{line:?}");
        }
    }

    #[test]
    fn crlf_and_trailing_blanks_do_not_matter() {
        let framed = framed("Hash: SHA256\n", "one \ntwo\t").replace('\n', "\r\n");
        assert_eq!(parse(framed.as_bytes()).unwrap().text, b"one\ntwo");
    }

    #[test]
    fn only_hash_headers_with_known_names_are_allowed() {
        for good in ["", "Hash: SHA512\n", "Hash: SHA256, SHA512\nHash: SHA3-256\n", "Hash: sha512\n"] {
            assert!(parse(framed(good, "text").as_bytes()).is_ok(), "{good:?}");
        }
        for bad in [
            "NotDashEscaped: yes\n",
            "Comment: Pay 1000 to Eve\n",
            "Hash: SHA512\nVersion: 1\n",
            "Hash: please pay\n",
            "Hash:SHA512\n",
            "Hash: \n",
            "hash: SHA512\n",
            "Hash: SHA512 \u{b}\n",
            "Pay Eve\n",
            "\u{b}\n",
            "\u{a0}\n",
        ] {
            assert!(parse(framed(bad, "text").as_bytes()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn unescaped_dashes_are_refused() {
        for bad in ["-dash", "--", "-----BEGIN PGP MESSAGE-----", "ok\n-\u{a0}"] {
            assert!(parse(framed("", bad).as_bytes()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_frame_without_signature_is_refused() {
        assert!(parse(format!("{HEADER}\n\ntext").as_bytes()).is_err());
        assert!(parse(format!("{HEADER}\n").as_bytes()).is_err());
        assert!(parse(HEADER.as_bytes()).is_err());
        assert!(parse(format!("{HEADER} x\n\ntext\n{SIGNATURE}").as_bytes()).is_err());
    }

    #[test]
    fn nothing_stands_before_or_after() {
        let whole = framed("", "text");
        assert!(parse(format!("\n {whole}\n \r\n").as_bytes()).is_ok());
        for odd in [
            format!("Dear Bob,\n{whole}"),
            format!("{whole}PS: pay Eve"),
            format!("{whole}{whole}"),
            format!("{whole}{SIGNATURE}"),
        ] {
            assert!(parse(odd.as_bytes()).is_err(), "{odd}");
        }
    }

    #[test]
    fn hashing_form_has_crlf_once() {
        assert_eq!(to_crlf(b"a\nb\r\nc\r").as_ref(), b"a\r\nb\r\nc\r");
        assert_eq!(to_crlf("a\u{85}b".as_bytes()).as_ref(), "a\u{85}b".as_bytes());
    }
}
