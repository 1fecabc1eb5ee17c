//! Armor of octets, and text with armor in it, that lie elsewhere: in pieces, with rests between.

use super::{ArmorError, ArmorReader, ArmorWriter};
use envelock_seipd::{Engine, Error, Growing, Octets, Progress, SecretOctets, engine::report};
use zeroize::Zeroizing;

/// What is read at once: a millisecond's work at most.
const PIECE: usize = 256 << 10;

/// The octets of the one block of armor in a text, `allowed` at most; none if it has no block. The reader knows the rest.
pub(crate) async fn read_on<D: Octets + ?Sized, E: Engine>(
    reader: &mut ArmorReader,
    text: &D,
    allowed: u64,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<D::Made, ArmorError> {
    let length = text.len();
    let mut made: Option<Growing<D>> = None;
    let (mut piece, mut octets) = (Zeroizing::new(vec![0; PIECE.min(length)]), Zeroizing::new(Vec::new()));
    for start in (0..length).step_by(PIECE) {
        let end = length.min(start.saturating_add(PIECE));
        piece.truncate(end - start);
        text.copy_to(start, &mut piece).ok_or(ArmorError::Gone)?;
        reader.push_into(&piece, &mut octets)?;
        if end == length {
            octets.append(&mut reader.finish()?.1);
        }
        if !octets.is_empty() {
            let growing = match made {
                Some(growing) => growing,
                None => Growing::with_room(octets.len() + (length - end) / 4 * 3).ok_or(ArmorError::OutOfMemory)?,
            };
            if (growing.len() + octets.len()) as u64 > allowed {
                return Err(ArmorError::TooLarge);
            }
            made = Some(growing.with(&octets).ok_or(ArmorError::OutOfMemory)?);
            octets.clear();
        }
        report(progress, end, length).map_err(|_| ArmorError::Cancelled)?;
        if end < length {
            engine.rest().await;
        }
    }
    match made {
        Some(made) => made.finish().ok_or(ArmorError::OutOfMemory),
        None => Ok(D::made(SecretOctets::new())),
    }
}

/// Octets in armor that was begun with this text.
pub(crate) async fn write_on<D: Octets + ?Sized, E: Engine>(
    (mut writer, text): (ArmorWriter, Vec<u8>),
    octets: &D,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<D::Made, Error> {
    let length = octets.len();
    let mut whole = Growing::<D>::with_room(writer.length(length)).ok_or(Error::OutOfMemory)?;
    let (mut piece, mut text) = (Zeroizing::new(vec![0; PIECE.min(length)]), Zeroizing::new(text));
    for start in (0..length).step_by(PIECE) {
        let end = length.min(start.saturating_add(PIECE));
        piece.truncate(end - start);
        octets.copy_to(start, &mut piece).ok_or(Error::GONE)?;
        writer.push_into(&piece, &mut text);
        whole = whole.with(&text).ok_or(Error::OutOfMemory)?;
        text.clear();
        report(progress, end, length)?;
        if end < length {
            engine.rest().await;
        }
    }
    text.append(&mut writer.finish());
    whole.with(&text).and_then(Growing::finish).ok_or(Error::OutOfMemory)
}
