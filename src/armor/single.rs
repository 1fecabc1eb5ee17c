//! One block of armor with its headers (RFC 9580 §6.2.2), for callers that handle armor themselves.

use super::{ArmorError, ArmorKind, kind_of, read_all, write_with};
use crate::Limits;

/// One block of armor, with what its headers say. Headers are not covered by any signature. `Debug` shows no octets: they may
/// be a secret key.
#[derive(Clone, PartialEq, Eq)]
pub struct SingleBlock {
    /// What the header line says it holds.
    pub kind: ArmorKind,
    /// Names and values in their order.
    pub headers: Vec<(String, String)>,
    /// The decoded octets.
    pub octets: Vec<u8>,
}

impl std::fmt::Debug for SingleBlock {
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
/// As [`read_all`]; text without a block, or with several, is [`ArmorError::NotOneBlock`].
pub fn read_one(text: &[u8], limits: &Limits) -> Result<SingleBlock, ArmorError> {
    let allowed = usize::try_from(limits.plaintext_bytes).unwrap_or(usize::MAX);
    let mut blocks = read_all(text, allowed)?.into_iter();
    let (Some(block), None) = (blocks.next(), blocks.next()) else { return Err(ArmorError::NotOneBlock) };
    Ok(SingleBlock { kind: block.kind, headers: headers(text), octets: block.octets })
}

/// The lines between the header line and the blank line; their form was checked while reading the block.
fn headers(text: &[u8]) -> Vec<(String, String)> {
    let lines = text.split(|octet| *octet == b'\n').map(|line| String::from_utf8_lossy(line.trim_ascii()).into_owned());
    let is_head = |line: &String| line.trim_start_matches('\u{feff}').starts_with("-----BEGIN PGP ");
    lines
        .skip_while(|line| !is_head(line) || line.contains("SIGNED MESSAGE"))
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(':').map(|(name, value)| (name.trim().into(), value.trim().into())))
        .collect()
}

/// Octets in armor of a kind, with headers that come from callers.
///
/// # Errors
/// [`ArmorError::BadHeader`] for a name or value that would not come back as it is, or would end the headers;
/// [`ArmorError::OtherKind`] for packets that belong in armor of another kind. Octets that are no packets are not judged.
pub fn write_checked(kind: ArmorKind, headers: &[(&str, &str)], octets: &[u8]) -> Result<String, ArmorError> {
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
    if headers.iter().all(sound) { Ok(write_with(kind, headers, octets)) } else { Err(ArmorError::BadHeader) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use super::*;

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
