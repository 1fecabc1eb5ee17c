//! The framework around text that lies elsewhere: taken in pieces, with rests between.

use super::{HEADER, Reader, check_signature, head};
use crate::message::{
    error::{ReadError, SignError},
    input::PIECE,
};
use envelock_seipd::{Engine, Growing, Octets, Progress, SecretOctets, engine::report};
use envelock_text::lines::Lines;

/// A cleartext signed message, taken apart.
pub(in crate::message) struct Unframed<D: Octets + ?Sized> {
    /// The signed text, as [`Cleartext`](super::Cleartext) has it.
    pub(in crate::message) text: D::Made,
    /// The same with CRLF: the form that is signed.
    pub(in crate::message) hashed: D::Made,
    /// The armored signature.
    pub(in crate::message) signature: SecretOctets,
}

/// A cleartext signed message without its signature.
pub(in crate::message) struct Framed<D: Octets + ?Sized> {
    /// The frame up to the signature, with the text in it.
    pub(in crate::message) text: Growing<D>,
    /// The text in the form that is signed.
    pub(in crate::message) hashed: D::Made,
}

/// What is read at once to look for the first line.
const FRONT: usize = 4 << 10;

/// As [`is_cleartext`](super::is_cleartext); where it begins, if it is.
pub(in crate::message) fn is_cleartext_on<D: Octets + ?Sized>(input: &D) -> Option<usize> {
    for start in (0..input.len()).step_by(FRONT) {
        let piece = input.read(start..input.len().min(start.saturating_add(FRONT)))?;
        let blanks = piece.len() - piece.trim_ascii_start().len();
        if blanks < piece.len() {
            let begin = start + blanks;
            let front = input.read(begin..begin.checked_add(HEADER.len())?)?;
            return (*front == *HEADER.as_bytes()).then_some(begin);
        }
    }
    None
}

/// Takes the framework apart that begins at `begin`.
pub(in crate::message) async fn unframe<D: Octets + ?Sized, E: Engine>(
    input: &D,
    begin: usize,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<Unframed<D>, ReadError> {
    let length = input.len();
    let mut whole = Growing::<D>::with_room(length - begin).ok_or(ReadError::OutOfMemory)?;
    let mut hashed = Growing::<D>::with_room(length - begin + (length - begin) / 32).ok_or(ReadError::OutOfMemory)?;
    let [mut piece, mut text, mut canonical] = <[SecretOctets; 3]>::default();
    let (mut reader, mut at, mut window) = (Reader::default(), begin, PIECE);
    loop {
        let end = length.min(at.saturating_add(window));
        piece.resize(end - at, 0);
        input.copy_to(at, &mut piece).ok_or(ReadError::GONE)?;
        let taken = reader.take(&piece, end == length, at, &mut text, &mut canonical)?;
        whole = whole.with(&text).ok_or(ReadError::OutOfMemory)?;
        hashed = hashed.with(&canonical).ok_or(ReadError::OutOfMemory)?;
        text.clear();
        canonical.clear();
        at += taken.octets;
        report(progress, at, length)?;
        if taken.is_all {
            break;
        }
        if taken.octets == 0 {
            // A line that is longer than what was read.
            window = window.saturating_mul(2);
        }
        engine.rest().await;
    }
    let signature = SecretOctets::from(input.read(at..length).ok_or(ReadError::GONE)?.to_vec());
    check_signature(&signature, at)?;
    Ok(Unframed {
        text: whole.finish().ok_or(ReadError::OutOfMemory)?,
        hashed: hashed.finish().ok_or(ReadError::OutOfMemory)?,
        signature,
    })
}

/// Puts text into the framework; `hashes` are what its signatures announce.
pub(in crate::message) async fn frame<D: Octets + ?Sized, E: Engine>(
    data: &D,
    hashes: &[&str],
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<Framed<D>, SignError> {
    const NO_ROOM: SignError = SignError::TooLarge { allowed: u32::MAX as u64 };
    let length = data.len();
    let room = length + length / 32;
    let mut whole = Growing::<D>::with_room(room + 1024).ok_or(NO_ROOM)?;
    let mut hashed = Growing::<D>::with_room(room).ok_or(NO_ROOM)?;
    let (mut piece, mut text, mut canonical) = (Vec::new(), head(hashes).into_bytes(), Vec::new());
    let (mut lines, mut at, mut window) = (Lines::default(), 0usize, PIECE);
    loop {
        let end = length.min(at.saturating_add(window));
        piece.resize(end - at, 0);
        data.copy_to(at, &mut piece).ok_or(NO_ROOM)?;
        let taken = lines.put(&piece, end == length, &mut text, &mut canonical);
        // No character has a line feed in it, so that whole lines have whole characters.
        if std::str::from_utf8(piece.get(..taken).unwrap_or_default()).is_err() {
            return Err(SignError::NotText);
        }
        whole = whole.with(&text).ok_or(NO_ROOM)?;
        hashed = hashed.with(&canonical).ok_or(NO_ROOM)?;
        text.clear();
        canonical.clear();
        at += taken;
        report(progress, at, length)?;
        if end == length {
            return Ok(Framed { text: whole, hashed: hashed.finish().ok_or(NO_ROOM)? });
        }
        if taken == 0 {
            window = window.saturating_mul(2);
        }
        engine.rest().await;
    }
}
