//! One block of armor with its headers (RFC 9580 §6.2.2), for callers that handle armor themselves.

use super::{ArmorError, ArmorKind, ArmorReader, ArmorWriter, kind_of, read_on, wants_checksum, write_on, write_with};
use crate::{Limits, message::Whole};
use envelock_seipd::{
    Engine, Error, Octets, Progress,
    engine::{RustCrypto, at_once},
};

/// One block of armor, with what its headers say. Headers are not covered by any signature. `Debug` shows no octets: they may
/// be a secret key.
#[derive(Clone, PartialEq, Eq)]
pub struct SingleBlock<M = Vec<u8>> {
    /// What the header line says it holds.
    pub kind: ArmorKind,
    /// Names and values in their order.
    pub headers: Vec<(String, String)>,
    /// The decoded octets.
    pub octets: M,
}

impl<M> std::fmt::Debug for SingleBlock<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SingleBlock").field("kind", &self.kind).field("headers", &self.headers).finish_non_exhaustive()
    }
}

impl ArmorKind {
    /// Every kind, for lists that must be complete.
    pub const ALL: [ArmorKind; 4] = [Self::Message, Self::PublicKey, Self::PrivateKey, Self::Signature];

    /// Stable name for other languages: `message`, `public-key`, `private-key`, `signature`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::PublicKey => "public-key",
            Self::PrivateKey => "private-key",
            Self::Signature => "signature",
        }
    }

    /// The kind of that name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// The one block of armor in a text.
///
/// # Errors
/// [`ArmorError`]; text without a block, or with several, is [`ArmorError::NotOneBlock`].
pub fn read_one(text: &[u8], limits: &Limits) -> Result<SingleBlock, ArmorError> {
    // This engine never waits.
    let block = at_once(read_one_on(text, limits, &RustCrypto, &mut ())).unwrap_or(Err(ArmorError::Gone))?;
    let SingleBlock { kind, headers, mut octets } = block;
    Ok(SingleBlock { kind, headers, octets: std::mem::take(&mut *octets) })
}

/// [`read_one`] of text that lies elsewhere, with rests between; `progress` hears octets of it.
///
/// # Errors
/// As [`read_one`], and [`ArmorError::Cancelled`].
pub async fn read_one_on<D: Octets + ?Sized, E: Engine>(
    text: &D,
    limits: &Limits,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<SingleBlock<D::Made>, ArmorError> {
    let mut reader = ArmorReader::with_headers();
    let mut whole = Whole::of(progress);
    let octets = read_on(&mut reader, text, limits.plaintext_bytes, engine, &mut whole).await?;
    whole.end(text.len()).map_err(of_writing)?;
    let kind = reader.kind().ok_or(ArmorError::NotOneBlock)?;
    Ok(SingleBlock { kind, headers: reader.into_headers(), octets })
}

/// Octets in armor of a kind, with headers that come from callers.
///
/// # Errors
/// [`ArmorError::BadHeader`] for a name or value that would not come back as it is, or would end the headers;
/// [`ArmorError::OtherKind`] for packets that belong in armor of another kind. Octets that are no packets are not judged.
pub fn write_checked(kind: ArmorKind, headers: &[(&str, &str)], octets: &[u8]) -> Result<String, ArmorError> {
    check(kind, headers, octets)?;
    Ok(write_with(kind, headers, octets))
}

/// [`write_checked`] of octets that lie elsewhere, with rests between; `progress` hears of them. The text is ASCII but for its headers, which are UTF-8.
///
/// # Errors
/// As [`write_checked`], and [`ArmorError::Cancelled`].
pub async fn write_checked_on<D: Octets + ?Sized, E: Engine>(
    kind: ArmorKind,
    headers: &[(&str, &str)],
    octets: &D,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<D::Made, ArmorError> {
    check(kind, headers, octets)?;
    let begun = ArmorWriter::begin(kind, headers, wants_checksum(octets));
    let mut whole = Whole::of(progress);
    let text = write_on(begun, octets, engine, &mut whole).await.map_err(of_writing)?;
    whole.end(octets.len()).map_err(of_writing)?;
    Ok(text)
}

fn of_writing(error: Error) -> ArmorError {
    match error {
        Error::Cancelled => ArmorError::Cancelled,
        Error::OutOfMemory => ArmorError::OutOfMemory,
        _ => ArmorError::Gone,
    }
}

fn check<D: Octets + ?Sized>(kind: ArmorKind, headers: &[(&str, &str)], octets: &D) -> Result<(), ArmorError> {
    let sound = |(name, value): &(&str, &str)| {
        let is_name = !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-');
        is_name && value.trim() == *value && !value.is_empty() && !value.chars().any(char::is_control)
    };
    // Revocations of keys are signatures, and travel as public keys.
    let is_kind = match kind_of(octets) {
        Some(ArmorKind::Signature) => matches!(kind, ArmorKind::Signature | ArmorKind::PublicKey),
        found => found.is_none_or(|found| found == kind),
    };
    if !is_kind {
        return Err(ArmorError::OtherKind);
    }
    if headers.iter().all(sound) { Ok(()) } else { Err(ArmorError::BadHeader) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use super::*;
    use crate::armor::read_all;

    /// Whatever lies elsewhere is the same text, and the same block.
    #[test]
    fn elsewhere_is_the_same() {
        let octets: Vec<u8> = (0..600_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let long = "y".repeat(5000);
        let headers = [("Comment", "for Bert: soon"), ("Version", long.as_str())];
        for length in [0, 1, 47, 48, 49, (256 << 10) - 1, 256 << 10, octets.len()] {
            for first in [0xd2, 0] {
                let mut octets = octets[..length].to_vec();
                octets.iter_mut().take(1).for_each(|octet| *octet = first);
                let text = write_checked(ArmorKind::Message, &headers, &octets).unwrap();
                let nobody = &mut ();
                let made = write_checked_on(ArmorKind::Message, &headers, octets.as_slice(), &RustCrypto, nobody);
                assert_eq!(at_once(made).unwrap().unwrap().as_slice(), text.as_bytes(), "{length} octets");
                let block = read_one(text.as_bytes(), &Limits::default()).unwrap();
                let expected = read_all(text.as_bytes(), 1 << 20).unwrap();
                assert_eq!((block.kind, block.octets), (expected[0].kind, expected[0].octets.clone()));
                assert_eq!(block.headers[1].1, long, "no header is cut");
            }
        }
    }

    #[test]
    fn a_progress_that_says_so_stops_both() {
        struct Stops;
        impl Progress for Stops {
            fn report(&mut self, _done: u64, _total: u64) -> std::ops::ControlFlow<()> {
                std::ops::ControlFlow::Break(())
            }
        }
        let (stops, stops_too) = (&mut Stops, &mut Stops);
        let written = write_checked_on(ArmorKind::Message, &[], &b"x"[..], &RustCrypto, stops);
        assert_eq!(at_once(written).unwrap().err(), Some(ArmorError::Cancelled));
        let limits = Limits::default();
        let read = read_one_on(&b"x"[..], &limits, &RustCrypto, stops_too);
        assert_eq!(at_once(read).unwrap().err(), Some(ArmorError::Cancelled));
    }

    #[test]
    fn no_more_octets_come_out_than_are_allowed() {
        let text = write_checked(ArmorKind::Message, &[], &[7; 100]).unwrap();
        for (allowed, fits) in [(100, true), (99, false)] {
            let limits = Limits { plaintext_bytes: allowed, ..Limits::default() };
            let read = read_one(text.as_bytes(), &limits);
            assert_eq!(read.err(), (!fits).then_some(ArmorError::TooLarge));
        }
    }

    #[test]
    fn headers_come_back() {
        let headers = [("Comment", "for Bert: soon"), ("Passphrase-Begin", "17")];
        for kind in ArmorKind::ALL {
            let text = write_checked(kind, &headers, b"octets").unwrap();
            let block = read_one(format!("Dear Bert,\r\n{text}").replace('\n', "\r\n").as_bytes(), &Limits::default());
            let block = block.unwrap();
            assert_eq!((block.kind, block.octets.as_slice()), (kind, &b"octets"[..]));
            let found: Vec<_> = block.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(found, headers);
            assert_eq!(ArmorKind::from_code(kind.code()), Some(kind));
        }
    }

    #[test]
    fn headers_that_would_break_the_frame_are_refused() {
        for bad in
            [("Comment", "a\n\nb"), ("Comment", ""), ("", "x"), ("Com ment", "x"), ("A:B", "x"), ("Comment", " x")]
        {
            assert_eq!(write_checked(ArmorKind::Message, &[bad], b"x"), Err(ArmorError::BadHeader), "{bad:?}");
        }
    }

    #[test]
    fn a_secret_key_does_not_travel_as_a_public_one() {
        let (secret_key, literal, signature) = (b"\xc5\x01\x04", b"\xcb\x01b", b"\xc2\x01\x04");
        let cases =
            [(secret_key, ArmorKind::PrivateKey), (literal, ArmorKind::Message), (signature, ArmorKind::Signature)];
        for (octets, own) in cases {
            for kind in ArmorKind::ALL {
                let is_revocation = own == ArmorKind::Signature && kind == ArmorKind::PublicKey;
                let refused = (kind != own && !is_revocation).then_some(ArmorError::OtherKind);
                assert_eq!(write_checked(kind, &[], octets).err(), refused, "{own:?} as {kind:?}");
            }
        }
    }

    #[test]
    fn a_secret_key_is_not_shown() {
        let text = write_checked(ArmorKind::PrivateKey, &[], b"secret").unwrap();
        let octets = format!("{:?}", b"secret");
        for shown in [
            format!("{:?}", read_one(text.as_bytes(), &Limits::default()).unwrap()),
            format!("{:?}", read_all(text.as_bytes(), 99).unwrap()),
        ] {
            assert!(shown.contains("PrivateKey") && !shown.contains(&octets), "{shown}");
        }
    }

    #[test]
    fn exactly_one_block() {
        let one = write_checked(ArmorKind::Message, &[], b"x").unwrap();
        assert_eq!(read_one(one.repeat(2).as_bytes(), &Limits::default()), Err(ArmorError::NotOneBlock));
        assert_eq!(read_one(b"no armor", &Limits::default()), Err(ArmorError::NotOneBlock));
    }
}
