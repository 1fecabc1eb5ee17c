//! ASCII armor (RFC 9580 §6): from text to octets and back.
//!
//! Reading takes what mail programs leave of armor: text around it, indented lines, CRLF or LF, any header, several blocks
//! in one text. The checksum is never required and never trusted (§6.1). What could be read in two ways is refused:
//! characters outside Base64 in the body, a missing or different tail line.

mod elsewhere;
mod packets;
mod reader;
mod single;
mod writer;

use std::iter::Peekable;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use envelock_text::{base64::encode_lines, crc24};
use zeroize::Zeroizing;

use crate::secret::extend_wiped;

pub use self::packets::kind_of;
pub use self::single::{SingleBlock, read_one, read_one_on, write_checked, write_checked_on};
pub(crate) use self::{
    elsewhere::{read_on, write_on},
    packets::wants_checksum,
    reader::ArmorReader,
    writer::ArmorWriter,
};

/// Why armor was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArmorError {
    /// The header line names no kind this program knows (§6.2.1).
    #[error("unknown kind of armor")]
    UnknownKind,
    /// No blank line between headers and body (§6.2).
    #[error("no blank line after the armor headers")]
    NoBlankLine,
    /// The text ends before the tail line.
    #[error("armor without an end")]
    NoTail,
    /// The tail line names another kind than the header line (§6.2.4).
    #[error("armor ends as another kind than it began")]
    OtherTail,
    /// The body is not Base64 (§6.3).
    #[error("armor body is not Base64")]
    BadBody,
    /// The body decodes to more than allowed.
    #[error("armor too large")]
    TooLarge,
    /// The text holds no block of armor, or several, where one is wanted.
    #[error("not exactly one block of armor")]
    NotOneBlock,
    /// The octets to be written are of another kind than the armor.
    #[error("the octets are not what this kind of armor holds")]
    OtherKind,
    /// A header to be written has no sound name, or a value that is empty or more than a line (§6.2.2).
    #[error("an armor header cannot be written")]
    BadHeader,
    /// The octets are not there any more: their owner took them away while they were worked on.
    #[error("the input changed while it was read")]
    Gone,
    /// No memory for the octets.
    #[error("out of memory")]
    OutOfMemory,
    /// The caller's progress function asked to stop.
    #[error("cancelled")]
    Cancelled,
}

impl ArmorError {
    /// Every code this error can have.
    pub const CODES: &'static [&'static str] = &["bad-armor", "too-large", "out-of-memory", "cancelled"];

    /// Stable kebab-case name for other languages.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::OutOfMemory => "out-of-memory",
            Self::Cancelled => "cancelled",
            _ => "bad-armor",
        }
    }

    /// The cause as static text.
    pub fn reason(self) -> &'static str {
        match self {
            Self::UnknownKind => "unknown kind of armor",
            Self::NoBlankLine => "no blank line after the armor headers",
            Self::NoTail => "armor without an end",
            Self::OtherTail => "armor ends as another kind than it began",
            Self::BadBody => "armor body is not Base64",
            Self::TooLarge => "armor too large",
            Self::NotOneBlock => "not exactly one block of armor",
            Self::OtherKind => "the octets are not what this kind of armor holds",
            Self::BadHeader => "an armor header cannot be written",
            Self::Gone => "the input changed while it was read",
            Self::OutOfMemory => "out of memory",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What a block of armor holds (§6.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArmorKind {
    /// `PGP MESSAGE`.
    Message,
    /// `PGP PUBLIC KEY BLOCK`.
    PublicKey,
    /// `PGP PRIVATE KEY BLOCK`.
    PrivateKey,
    /// `PGP SIGNATURE`.
    Signature,
}

impl ArmorKind {
    fn label(self) -> &'static str {
        match self {
            Self::Message => "PGP MESSAGE",
            Self::PublicKey => "PGP PUBLIC KEY BLOCK",
            Self::PrivateKey => "PGP PRIVATE KEY BLOCK",
            Self::Signature => "PGP SIGNATURE",
        }
    }

    fn from_label(label: &str) -> Option<Self> {
        [Self::Message, Self::PublicKey, Self::PrivateKey, Self::Signature]
            .into_iter()
            .find(|kind| kind.label() == label)
    }
}

/// One block of armor, decoded. `Debug` shows no octets: they may be a secret key.
#[derive(Clone, PartialEq, Eq)]
pub struct ArmorBlock {
    /// What the header line says it holds.
    pub kind: ArmorKind,
    /// The decoded octets.
    pub octets: Vec<u8>,
}

impl std::fmt::Debug for ArmorBlock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ArmorBlock").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Whether the input is binary OpenPGP: its first octet has bit 7 set, which text in ASCII never has (§4.2).
pub fn is_binary(input: &[u8]) -> bool {
    input.first().is_some_and(|first| first & 0x80 != 0) && !input.starts_with(BYTE_ORDER_MARK)
}

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";
/// What the header line of a cleartext signed message names.
const CLEARTEXT: &str = "PGP SIGNED MESSAGE";

/// All blocks of armor in a text, in order. Cleartext-signed messages are no blocks; the signature at their end is one.
/// `max_octets` bounds the decoded size of all blocks together and is checked before decoding.
pub fn read_all(text: &[u8], max_octets: usize) -> Result<Vec<ArmorBlock>, ArmorError> {
    read_each(text, max_octets).into_iter().collect()
}

/// As [`read_all`], block by block: a damaged block spoils itself, not the blocks after it.
pub fn read_each(text: &[u8], max_octets: usize) -> Vec<Result<ArmorBlock, ArmorError>> {
    // Some programs of old ended lines with CR alone.
    let ending = if text.contains(&b'\n') { b'\n' } else { b'\r' };
    let mut lines = text.split(|octet| *octet == ending).map(trim).peekable();
    let mut blocks = Vec::new();
    let mut budget = max_octets;
    while let Some(line) = lines.next() {
        let Some(label) = label(line, BEGIN) else {
            continue;
        };
        // Certificates of other systems and the head of a cleartext-signed message are text around the blocks.
        if label == CLEARTEXT || !label.starts_with("PGP ") {
            continue;
        }
        let block = ArmorKind::from_label(label)
            .ok_or(ArmorError::UnknownKind)
            .and_then(|kind| Ok(ArmorBlock { kind, octets: read_body(&mut lines, kind, budget)? }));
        budget -= block.as_ref().map_or(0, |block| block.octets.len()).min(budget);
        let too_large = block == Err(ArmorError::TooLarge);
        blocks.push(block);
        if too_large {
            break;
        }
    }
    blocks
}

/// The headers up to a blank line, the body, the optional checksum and the tail line.
fn read_body<'t>(
    lines: &mut Peekable<impl Iterator<Item = &'t [u8]>>,
    kind: ArmorKind,
    budget: usize,
) -> Result<Vec<u8>, ArmorError> {
    // The head of the next block stays where it is, to be read as such.
    let mut inside = || lines.next_if(|line| label(line, BEGIN).is_none());
    loop {
        match inside() {
            None => return Err(ArmorError::NoTail),
            Some([]) => break,
            // §6.2.2: "Key: value"; a line without a colon is body text that lost its blank line.
            Some(line) if line.contains(&b':') => {}
            Some(_) => return Err(ArmorError::NoBlankLine),
        }
    }
    // Wiped, since it may be a secret key that is not locked.
    let mut body: Zeroizing<Vec<u8>> = Zeroizing::default();
    let mut checksum_seen = false;
    while let Some(line) = inside() {
        if let Some(label) = label(line, END) {
            return if label == kind.label() { decode(&body) } else { Err(ArmorError::OtherTail) };
        }
        if line.starts_with(b"=") && line.len() == 5 {
            checksum_seen = true;
        } else if !line.is_empty() {
            if checksum_seen {
                return Err(ArmorError::BadBody);
            }
            if (body.len() + line.len()) / 4 * 3 > budget.saturating_add(3) {
                return Err(ArmorError::TooLarge);
            }
            extend_wiped(&mut body, line);
        }
    }
    Err(ArmorError::NoTail)
}

fn decode(body: &[u8]) -> Result<Vec<u8>, ArmorError> {
    STANDARD.decode(body).map_err(|_| ArmorError::BadBody)
}

/// The text between `start` and the closing dashes, if the line is such a line.
fn label<'l>(line: &'l [u8], start: &str) -> Option<&'l str> {
    std::str::from_utf8(line).ok()?.strip_prefix(start)?.strip_suffix(DASHES)
}

fn trim(line: &[u8]) -> &[u8] {
    line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line).trim_ascii()
}

/// Octets in armor of a kind, without headers. A checksum follows only where older programs may read it: GnuPG 2.2 takes the
/// tail line for data without one, and RFC 9580 §6.1 forbids it where the content shows that the reader needs none.
pub fn write(kind: ArmorKind, octets: &[u8]) -> String {
    write_with(kind, &[], octets)
}

/// As [`write()`], with header lines. Values must be single lines.
pub fn write_with(kind: ArmorKind, headers: &[(&str, &str)], octets: &[u8]) -> String {
    let mut text = head(kind, headers).into_bytes();
    // All that will be needed, so that no copy of a secret key is left behind.
    text.reserve_exact(encoded_len(octets.len()) + 256);
    encode_lines(octets, &mut text);
    let checksum = wants_checksum(octets).then(|| crc24::behind(crc24::START, octets));
    text.extend_from_slice(tail(kind, checksum).as_bytes());
    // Headers, Base64 and labels are UTF-8.
    String::from_utf8(text).unwrap_or_default()
}

/// What stands before the body.
fn head(kind: ArmorKind, headers: &[(&str, &str)]) -> String {
    let mut head = [BEGIN, kind.label(), DASHES, "\n"].concat();
    for (key, value) in headers {
        head.push_str(&[key, ": ", value, "\n"].concat());
    }
    head.push('\n');
    head
}

/// What stands behind it.
fn tail(kind: ArmorKind, checksum: Option<u32>) -> String {
    let checksum = checksum.map(|crc| {
        let [_, checksum @ ..] = crc.to_be_bytes();
        ["=", &STANDARD.encode(checksum), "\n"].concat()
    });
    [&checksum.unwrap_or_default(), END, kind.label(), DASHES, "\n"].concat()
}

/// How long the body is in lines of 64 characters.
fn encoded_len(octets: usize) -> usize {
    let characters = octets.div_ceil(3) * 4;
    characters + characters.div_ceil(64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use super::*;

    const BODY: &[u8] = b"two lines of octets, so that the sixty-four characters of one are not enough";

    #[test]
    fn the_checksum_is_only_for_old_content() {
        let checked = |octets: &[u8]| write(ArmorKind::Message, octets).contains("\n=");
        assert!(
            checked(&[0xcb, 3, 1, 2, 3]) && checked(&[0xd2, 1, 1]) && checked(&[0xc2, 1, 4]) && checked(&[0xc6, 1, 4])
        );
        assert!(
            !checked(&[0xd2, 1, 2]) && !checked(&[0xc2, 1, 6]) && !checked(&[0xc6, 1, 6]) && !checked(&[0xc3, 1, 6])
        );
    }

    #[test]
    fn round_trip() {
        for length in 0..BODY.len() {
            let text = write(ArmorKind::PublicKey, &BODY[..length]);
            let blocks = read_all(text.as_bytes(), 1000).unwrap();
            assert_eq!(blocks, [ArmorBlock { kind: ArmorKind::PublicKey, octets: BODY[..length].to_vec() }]);
        }
    }

    #[test]
    fn what_mail_programs_do_to_armor() {
        let text = write_with(ArmorKind::Message, &[("Comment", "as: sent")], BODY);
        let crlf = text.replace('\n', "\r\n");
        let blanks = text.replace('\n', "  \t\n");
        let around =
            format!("Hello\n\n-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n{text}\n-- \nA. B.\n");
        let bom = format!("\u{feff}{text}");
        let end = text.find("\n=").map_or(0, |place| place + 1);
        let without = format!("{}-----END PGP MESSAGE-----\n", &text[..end]);
        let checksum = without.replace("-----END", "=0000\n-----END");
        let cr = text.replace('\n', "\r");
        for variant in [crlf, blanks, around, bom, without, checksum, cr] {
            assert_eq!(read_all(variant.as_bytes(), 1000).unwrap()[0].octets, BODY, "{variant}");
        }
    }

    #[test]
    fn several_blocks() {
        let text = write(ArmorKind::PublicKey, b"one") + "text\n" + &write(ArmorKind::PrivateKey, b"two");
        let kinds: Vec<_> =
            read_all(text.as_bytes(), 1000).unwrap().into_iter().map(|block| (block.kind, block.octets)).collect();
        assert_eq!(kinds, [(ArmorKind::PublicKey, b"one".to_vec()), (ArmorKind::PrivateKey, b"two".to_vec())]);
    }

    #[test]
    fn a_damaged_block_spoils_itself_only() {
        let (one, two) = (write(ArmorKind::PublicKey, b"one"), write(ArmorKind::PrivateKey, b"two"));
        let cut = one.split_inclusive('\n').take(3).collect::<String>();
        let damaged = one.replace("\n\n", "\n\n*");
        let unknown = one.replace("PUBLIC KEY BLOCK", "SECRETS");
        for (bad, error) in
            [(cut, ArmorError::NoTail), (damaged, ArmorError::BadBody), (unknown, ArmorError::UnknownKind)]
        {
            let blocks = read_each((bad + &two).as_bytes(), 1000);
            let good = ArmorBlock { kind: ArmorKind::PrivateKey, octets: b"two".to_vec() };
            assert_eq!(blocks, [Err(error), Ok(good)]);
        }
    }

    #[test]
    fn ambiguous_armor_is_refused() {
        let text = write(ArmorKind::Message, BODY);
        let cases = [
            (text.replace("-----END PGP MESSAGE-----", ""), ArmorError::NoTail),
            (text.replace("END PGP MESSAGE", "END PGP SIGNATURE"), ArmorError::OtherTail),
            (text.replace("PGP MESSAGE", "PGP SECRETS"), ArmorError::UnknownKind),
            (text.replace("\n\n", "\n"), ArmorError::NoBlankLine),
            (text.replace("-----END", "*\n-----END"), ArmorError::BadBody),
        ];
        for (variant, error) in cases {
            assert_eq!(read_all(variant.as_bytes(), 1000), Err(error), "{variant}");
        }
        assert_eq!(read_all(text.as_bytes(), BODY.len() - 4), Err(ArmorError::TooLarge));
    }
}
