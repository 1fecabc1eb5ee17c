//! The outermost layer of input: size, and armor (RFC 9580 §6) where there is any.

use super::{cleartext, error::ReadError};
use crate::{
    Limits,
    armor::{self, ArmorError, ArmorKind, ArmorReader},
};
use envelock_seipd::{Engine, Octets, Progress};
use std::borrow::Cow;

/// What is read at once of a message that lies elsewhere: a millisecond's work at most.
pub(super) const PIECE: usize = 256 << 10;

/// Room for session key packets, signatures, tags and padding beside the largest plaintext.
const OVERHEAD: u64 = 1 << 20;

/// Refuses input that could not hold an allowed message even in armor.
pub(crate) fn check_size(length: usize, limits: &Limits) -> Result<(), ReadError> {
    // Base64 with line ends takes less than one and a half octets for one.
    let allowed = limits.plaintext_bytes.saturating_add(OVERHEAD).saturating_mul(3) / 2;
    if length as u64 > allowed { Err(ReadError::TooLarge(allowed)) } else { Ok(()) }
}

/// Refuses a binary message that could not hold an allowed plaintext.
pub(super) fn check_binary_size(length: u64, limits: &Limits) -> Result<(), ReadError> {
    let allowed = limits.plaintext_bytes.saturating_add(OVERHEAD);
    if length > allowed { Err(ReadError::TooLarge(allowed)) } else { Ok(()) }
}

/// Whether it is binary OpenPGP, wherever it lies.
pub(super) fn is_binary<D: Octets + ?Sized>(input: &D) -> bool {
    input.read(0..input.len().min(8)).is_some_and(|front| armor::is_binary(&front))
}

/// The packets of a message. Text around one block of armor is ignored, a second block is not.
pub(crate) fn read_message<'a>(input: &'a [u8], limits: &Limits) -> Result<Cow<'a, [u8]>, ReadError> {
    read(input, limits, MESSAGE)
}

/// [`read_message`] of armor that lies elsewhere, with rests between.
pub(super) async fn dearmor<D: Octets + ?Sized, E: Engine>(
    engine: &E,
    input: &D,
    limits: &Limits,
    progress: &mut dyn Progress,
) -> Result<D::Made, ReadError> {
    dearmor_as(engine, input, MESSAGE, limits, progress).await
}

/// The same for a message, a signature, or a revocation of a key, which travels as a public key.
pub(super) async fn dearmor_any<D: Octets + ?Sized, E: Engine>(
    engine: &E,
    input: &D,
    limits: &Limits,
    progress: &mut dyn Progress,
) -> Result<D::Made, ReadError> {
    dearmor_as(engine, input, &[ArmorKind::Signature, ArmorKind::Message, ArmorKind::PublicKey], limits, progress).await
}

const MESSAGE: &[ArmorKind] = &[ArmorKind::Message];

async fn dearmor_as<D: Octets + ?Sized, E: Engine>(
    engine: &E,
    input: &D,
    kinds: &[ArmorKind],
    limits: &Limits,
    progress: &mut dyn Progress,
) -> Result<D::Made, ReadError> {
    let length = input.len();
    check_size(length, limits)?;
    if length == 0 {
        return Err(EMPTY);
    }
    let allowed = limits.plaintext_bytes.saturating_add(OVERHEAD);
    let mut reader = ArmorReader::new();
    let packets = armor::read_on(&mut reader, input, allowed, engine, progress).await;
    let packets = packets.map_err(|error| refused(error, allowed))?;
    match reader.kind() {
        Some(ArmorKind::Signature) if reader.is_beside_cleartext() => Err(ReadError::Signed(NOT_ALONE)),
        Some(kind) if kinds.contains(&kind) => Ok(packets),
        Some(kind) => Err(other_kind(kind)),
        None => Err(NEITHER),
    }
}

/// The packets of a signature. Some programs armor detached signatures as messages.
pub(crate) fn read_signature<'a>(input: &'a [u8], limits: &Limits) -> Result<Cow<'a, [u8]>, ReadError> {
    read(input, limits, &[ArmorKind::Signature, ArmorKind::Message])
}

/// What to say of armor where another kind is wanted.
pub(super) fn other_kind(kind: ArmorKind) -> ReadError {
    match kind {
        ArmorKind::Signature => ReadError::Signed(DETACHED),
        ArmorKind::PublicKey | ArmorKind::PrivateKey => ReadError::malformed("it is a key, not a message"),
        ArmorKind::Message => ReadError::malformed("it is a message, not a signature"),
    }
}

/// What to say of a cleartext signed message with text before it, which would be shown as if it were signed, too.
const NOT_ALONE: &str = "a cleartext signed message is read alone: leave out the text before its header line";
/// What to say of a detached signature where a message is wanted.
pub(super) const DETACHED: &str = "it is a detached signature, which is verified together with the data";

fn read<'a>(input: &'a [u8], limits: &Limits, kinds: &[ArmorKind]) -> Result<Cow<'a, [u8]>, ReadError> {
    check_size(input.len(), limits)?;
    if input.is_empty() {
        return Err(EMPTY);
    }
    if armor::is_binary(input) {
        return Ok(Cow::Borrowed(input));
    }
    let allowed = limits.plaintext_bytes.saturating_add(OVERHEAD);
    let blocks = armor::read_all(input, usize::try_from(allowed).unwrap_or(usize::MAX));
    let blocks = blocks.map_err(|error| refused(error, allowed))?;
    let mut blocks = blocks.into_iter();
    match (blocks.next(), blocks.next()) {
        (Some(block), None) if block.kind == ArmorKind::Signature && cleartext::begins_in(input) => {
            Err(ReadError::Signed(NOT_ALONE))
        }
        (Some(block), None) if kinds.contains(&block.kind) => Ok(Cow::Owned(block.octets)),
        (Some(block), None) => Err(other_kind(block.kind)),
        (Some(_), Some(_)) => Err(SEVERAL),
        (None, _) => Err(NEITHER),
    }
}

const EMPTY: ReadError = ReadError::malformed("the input is empty");
const SEVERAL: ReadError = ReadError::malformed("the text holds several blocks of armor");
const NEITHER: ReadError = ReadError::malformed("the input is neither armored nor binary");

fn refused(error: ArmorError, allowed: u64) -> ReadError {
    match error {
        ArmorError::TooLarge => ReadError::TooLarge(allowed),
        ArmorError::NotOneBlock => SEVERAL,
        ArmorError::OutOfMemory => ReadError::OutOfMemory,
        ArmorError::Cancelled => ReadError::Cancelled,
        other => ReadError::malformed(other.reason()),
    }
}
