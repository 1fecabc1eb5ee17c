//! Opens the encrypted container of a message with a session key: SEIPD v1 and v2 (RFC 9580 §5.13), GnuPG's OCB packet.
//!
//! Nothing is returned before integrity is confirmed (§13.7). Packets without integrity protection (§5.7) and version
//! numbers unknown here are refused before any key is looked for.

use super::{
    error::{DecryptError, ReadError},
    seipd_v1,
};
use crate::{Limits, rest};
use envelock_seipd::{
    self as seipd, Header, Octets, Progress, SecretOctets,
    engine::{Bulk, report},
    packet::{RawPacket, Tag},
    plan::Plan,
};
use pgp::{
    composed::PlainSessionKey,
    crypto::sym::SymmetricKeyAlgorithm,
    packet::{GnupgAeadDataConfig, StreamDecryptor},
    types::Seipdv1ReadMode,
};
use std::{io::Read, ops::Range};

/// The kinds of container this library opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Container {
    /// Version 1: CFB with a modification detection code (§5.13.1).
    SeipdV1,
    /// Version 2: AEAD in chunks (§5.13.2).
    SeipdV2,
    /// GnuPG's own OCB packet (type 20), read only.
    GnupgOcb,
}

impl Container {
    /// Stable name for other languages: `seipd-v1`, `seipd-v2`, `gnupg-ocb`.
    pub fn code(self) -> &'static str {
        match self {
            Self::SeipdV1 => "seipd-v1",
            Self::SeipdV2 => "seipd-v2",
            Self::GnupgOcb => "gnupg-ocb",
        }
    }

    /// What kind a packet is; its first octets will do.
    pub(crate) fn of(packet: &RawPacket<'_>) -> Result<Self, DecryptError> {
        match (packet.tag, packet.body.first()) {
            (Tag::SED, _) => Err(DecryptError::NotIntegrityProtected),
            (Tag::SEIPD, Some(1)) => Ok(Self::SeipdV1),
            (Tag::SEIPD, Some(2)) => Ok(Self::SeipdV2),
            (Tag::GNUPG_AEAD, Some(1)) => Ok(Self::GnupgOcb),
            (_, Some(_)) => Err(DecryptError::Unsupported { feature: "an unknown version of encrypted data" }),
            (_, None) => Err(ReadError::in_packet("the encrypted data packet is empty", packet).into()),
        }
    }

    /// Decrypts and checks a packet body. The wrong key and damaged data are the same [`DecryptError::DecryptionFailed`].
    pub(crate) async fn open<D: Octets + ?Sized, E: Bulk<D>>(
        self,
        engine: &E,
        body: &D,
        range: Range<usize>,
        session_key: &PlainSessionKey,
        limits: &Limits,
        progress: &mut dyn Progress,
    ) -> Result<D::Made, DecryptError> {
        match (self, session_key) {
            (Self::SeipdV1, PlainSessionKey::V3_4 { sym_alg, key }) => {
                check_size(range.len(), limits)?;
                if !rest::has_cipher(*sym_alg) {
                    return Err(DecryptError::DecryptionFailed);
                }
                if let Some(opened) =
                    seipd_v1::open(engine, body, range.clone(), *sym_alg, key.as_ref(), progress).await?
                {
                    return Ok(opened);
                }
                open_v1(&body.read(range).ok_or(ReadError::GONE)?, *sym_alg, key.as_ref(), limits, progress)
                    .map(D::made)
            }
            (Self::SeipdV2, PlainSessionKey::V6 { key }) => {
                let front = body.read(range.start..range.end.min(range.start + Header::LEN)).ok_or(ReadError::GONE)?;
                let (header, _) = Header::parse(&front)?;
                if !rest::has_mode(header.suite.mode) {
                    return Err(DecryptError::DecryptionFailed);
                }
                let chunks = range.start + Header::LEN..range.end;
                let plan = Plan::opening(&header, key.as_ref(), chunks.len())?;
                if plan.plaintext_len() as u64 > limits.plaintext_bytes {
                    return Err(DecryptError::TooLarge { allowed: limits.plaintext_bytes });
                }
                Ok(engine.open(&plan, body, chunks, progress).await?)
            }
            (Self::GnupgOcb, _) if !rest::is_here() => Err(DecryptError::DecryptionFailed),
            (Self::GnupgOcb, PlainSessionKey::V3_4 { key, .. } | PlainSessionKey::V5 { key }) => {
                open_gnupg(&body.read(range).ok_or(ReadError::GONE)?, key.as_ref(), limits).map(D::made)
            }
            // RFC 9580 §10.3.2.1: versions that do not belong together are not combined.
            _ => Err(DecryptError::DecryptionFailed),
        }
    }
}

/// The octet that follows the version in a v2 or OCB packet names the cipher; in v1 the session key packet does.
pub(crate) fn weak_cipher(cipher: SymmetricKeyAlgorithm) -> Option<&'static str> {
    match cipher {
        SymmetricKeyAlgorithm::TripleDES => Some("3DES"),
        SymmetricKeyAlgorithm::CAST5 => Some("CAST5"),
        SymmetricKeyAlgorithm::Blowfish => Some("Blowfish"),
        SymmetricKeyAlgorithm::Twofish => Some("Twofish"),
        SymmetricKeyAlgorithm::Camellia128
        | SymmetricKeyAlgorithm::Camellia192
        | SymmetricKeyAlgorithm::Camellia256 => Some("Camellia"),
        _ => None,
    }
}

/// Old ciphers, by rPGP; in the second part, as [`open_gnupg`] is ([`rest`]).
#[inline(never)]
fn open_v1(
    body: &[u8],
    cipher: SymmetricKeyAlgorithm,
    key: &[u8],
    limits: &Limits,
    progress: &mut dyn Progress,
) -> Result<SecretOctets, DecryptError> {
    let ciphertext = body.get(1..).unwrap_or_default();
    let allowed = check_size(ciphertext.len(), limits)?;
    if !is_readable(cipher) || key.len() != cipher.key_size() {
        return Err(DecryptError::DecryptionFailed);
    }
    report(progress, 0, ciphertext.len())?;
    // This mode buffers everything and yields nothing before the modification detection code is checked.
    let mode = Seipdv1ReadMode::CheckFirst { max_message_size: allowed };
    let decryptor = StreamDecryptor::v1(cipher, mode, key, ciphertext);
    let plaintext = read_all(decryptor.map_err(|_| DecryptError::DecryptionFailed)?, ciphertext.len())?;
    report(progress, ciphertext.len(), ciphertext.len())?;
    Ok(plaintext)
}

#[inline(never)]
fn open_gnupg(body: &[u8], key: &[u8], limits: &Limits) -> Result<SecretOctets, DecryptError> {
    let mut rest = body;
    let config = GnupgAeadDataConfig::try_from_reader(&mut rest)
        .map_err(|_| DecryptError::Unsupported { feature: "an unknown form of GnuPG's OCB packet" })?;
    check_size(rest.len(), limits)?;
    if !is_readable(config.sym_alg) || key.len() != config.sym_alg.key_size() {
        return Err(DecryptError::DecryptionFailed);
    }
    let decryptor = StreamDecryptor::gnupg_aead(config.sym_alg, config.aead, config.chunk_size, key, &config.iv, rest);
    read_all(decryptor.map_err(|_| DecryptError::DecryptionFailed)?, rest.len())
}

fn check_size(ciphertext: usize, limits: &Limits) -> Result<usize, DecryptError> {
    if ciphertext as u64 > limits.plaintext_bytes.saturating_add(CONTAINER_OVERHEAD) {
        return Err(DecryptError::TooLarge { allowed: limits.plaintext_bytes });
    }
    Ok(ciphertext)
}

/// More than prefix, modification detection code and tags of the smallest chunks can add to a small message.
const CONTAINER_OVERHEAD: u64 = 1 << 20;

/// IDEA and unknown ciphers are not read (RFC 9580 §9.3).
fn is_readable(cipher: SymmetricKeyAlgorithm) -> bool {
    cipher.key_size() != 0 && cipher != SymmetricKeyAlgorithm::IDEA
}

/// With room for everything from the start, no unwiped copy is left behind by growing.
pub(super) fn with_room(octets: usize) -> Result<SecretOctets, DecryptError> {
    let mut plaintext = SecretOctets::new();
    plaintext.try_reserve_exact(octets).map_err(|_| DecryptError::OutOfMemory)?;
    Ok(plaintext)
}

fn read_all(mut from: impl Read, capacity: usize) -> Result<SecretOctets, DecryptError> {
    let mut plaintext = with_room(capacity)?;
    from.read_to_end(&mut plaintext).map_err(|_| DecryptError::DecryptionFailed)?;
    Ok(plaintext)
}

impl From<seipd::Error> for DecryptError {
    fn from(error: seipd::Error) -> Self {
        match error {
            seipd::Error::DecryptionFailed => Self::DecryptionFailed,
            seipd::Error::Framing(_) => Self::Malformed { what: "the packet framing is broken", place: None },
            seipd::Error::Malformed(what) => Self::Malformed { what, place: None },
            seipd::Error::Unsupported(feature) => Self::Unsupported { feature },
            seipd::Error::S2kTooExpensive { required_kib, allowed_kib, .. } => {
                Self::S2kTooExpensive { required_kib, allowed_kib }
            }
            seipd::Error::TooLarge { allowed, .. } => Self::TooLarge { allowed },
            seipd::Error::OutOfMemory => Self::OutOfMemory,
            seipd::Error::Cancelled => Self::Cancelled,
            _ => Self::DecryptionFailed,
        }
    }
}
