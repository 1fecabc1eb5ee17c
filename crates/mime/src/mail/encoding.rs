//! Transfer encodings (RFC 2045 §6), read as mail programs do: what is no part of the encoding is skipped.

use alloc::vec::Vec;
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Undoes the encoding of that name; unknown ones leave the octets as they are.
pub(super) async fn decode(name: &str, body: &[u8], rest: &impl AsyncFn()) -> Vec<u8> {
    if name.eq_ignore_ascii_case("base64") {
        base64(body, rest).await
    } else if name.eq_ignore_ascii_case("quoted-printable") {
        quoted_printable(body)
    } else {
        copied(body, rest).await
    }
}

async fn copied(body: &[u8], rest: &impl AsyncFn()) -> Vec<u8> {
    let mut copy = Vec::with_capacity(body.len());
    for (index, step) in body.chunks(COPIED).enumerate() {
        if index > 0 {
            rest().await;
        }
        copy.extend_from_slice(step);
    }
    copy
}

/// What is decoded between two rests: a few milliseconds.
const STEP: usize = 1 << 20;
/// What is copied between two rests.
const COPIED: usize = 4 << 20;

/// Characters outside of the alphabet are skipped; what follows padding is not read.
pub(super) async fn base64(body: &[u8], rest: &impl AsyncFn()) -> Vec<u8> {
    let is_base64 = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/');
    let body = body.split(|octet| *octet == b'=').next().unwrap_or_default();
    let (mut characters, mut octets) = (Vec::new(), Vec::with_capacity(body.len() / 4 * 3));
    for (index, step) in body.chunks(STEP).enumerate() {
        if index > 0 {
            rest().await;
        }
        characters.extend(step.iter().copied().filter(is_base64));
        let whole = characters.len() / 4 * 4;
        // There is nothing in it that could be refused.
        let _ = LENIENT.decode_vec(characters.get(..whole).unwrap_or_default(), &mut octets);
        characters.drain(..whole);
    }
    if characters.len() > 1 {
        let _ = LENIENT.decode_vec(&characters, &mut octets);
    }
    octets
}

/// RFC 2045 §6.7. An equals sign that begins nothing stays.
fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|octet| *octet == b'\n') {
        let (text, end) = match line {
            [text @ .., b'\r', b'\n'] => (text, &b"\r\n"[..]),
            [text @ .., b'\n'] => (text, &b"\n"[..]),
            text => (text, &b""[..]),
        };
        // Blanks at the end were added on the way.
        let length = text.iter().rposition(|octet| !matches!(octet, b' ' | b'\t')).map_or(0, |last| last + 1);
        let text = text.get(..length).unwrap_or_default();
        let (text, end) = match text {
            [text @ .., b'='] => (text, &b""[..]),
            text => (text, end),
        };
        escapes(text, b'=', &mut out);
        out.extend_from_slice(end);
    }
    out
}

/// `=XX`, or `%XX` (RFC 2231), to octets.
pub(super) fn escapes(text: &[u8], mark: u8, out: &mut Vec<u8>) {
    let digit = |octet: &u8| char::from(*octet).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        match after {
            [high, low, after @ ..] if *first == mark => {
                if let (Some(high), Some(low)) = (digit(high), digit(low)) {
                    out.push(high << 4 | low);
                    rest = after;
                    continue;
                }
            }
            _ => {}
        }
        out.push(*first);
        rest = after;
    }
}
