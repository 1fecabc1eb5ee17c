//! Large rows of octets, put together where they lie, with rests between: a copy of all at once would hold the thread for as long as it takes.

use super::error::ReadError;
use envelock_seipd::{Engine, Octets, Rope};
use std::ops::Range;

/// What is copied at once: a few milliseconds, most of them for memory that nobody wrote to before.
const STEP: usize = 4 << 20;

/// A row being filled from its start.
struct Row<D: Octets + ?Sized> {
    made: D::Made,
    used: usize,
    unrested: usize,
}

impl<D: Octets + ?Sized> Row<D> {
    fn of(length: usize) -> Option<Self> {
        Some(Self { made: D::zeros(length)?, used: 0, unrested: 0 })
    }

    fn put(&mut self, octets: &[u8]) -> Option<()> {
        D::put(&mut self.made, self.used, octets)?;
        self.used += octets.len();
        Some(())
    }

    async fn take<E: Engine>(&mut self, from: &D, range: Range<usize>, engine: &E) -> Option<()> {
        for start in range.clone().step_by(STEP) {
            if self.unrested >= STEP {
                self.unrested = 0;
                engine.rest().await;
            }
            let end = range.end.min(start.saturating_add(STEP));
            D::put_from(&mut self.made, self.used, from, start..end)?;
            self.used += end - start;
            self.unrested += end - start;
        }
        Some(())
    }
}

/// Parts of octets, one behind the other.
pub(super) async fn gathered<D: Octets + ?Sized, E: Engine>(
    data: &D,
    parts: &[Range<usize>],
    engine: &E,
) -> Result<D::Made, ReadError> {
    let length: usize = parts.iter().map(Range::len).sum();
    if length <= STEP {
        return data.gather(parts).ok_or(ReadError::GONE);
    }
    let mut row = Row::<D>::of(length).ok_or(ReadError::OutOfMemory)?;
    for part in parts {
        row.take(data, part.clone(), engine).await.ok_or(ReadError::GONE)?;
    }
    Ok(row.made)
}

/// What came piece by piece. Each is given back as soon as it was copied.
pub(super) async fn joined<D: Octets + ?Sized, E: Engine>(
    pieces: Vec<D::Made>,
    engine: &E,
) -> Result<D::Made, ReadError> {
    let mut row = Row::<D>::of(pieces.iter().map(|piece| D::of(piece).len()).sum()).ok_or(ReadError::OutOfMemory)?;
    for piece in pieces {
        let length = D::of(&piece).len();
        row.take(D::of(&piece), 0..length, engine).await.ok_or(ReadError::GONE)?;
        D::release(piece);
    }
    Ok(row.made)
}

/// Octets with something around them, for everybody. `None` if there is no room, or they are not there any more.
pub(super) async fn wrapped<D: Octets + ?Sized, E: Engine>(rope: Rope<'_, D>, engine: &E) -> Option<D::Sealed> {
    if rope.len() <= STEP {
        return D::wrapped(rope);
    }
    let mut row = Row::<D>::of(rope.len())?;
    row.put(rope.before)?;
    row.take(rope.data, 0..rope.data.len(), engine).await?;
    row.put(rope.after)?;
    Some(D::published(row.made))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]
    use super::*;
    use envelock_seipd::engine::{RustCrypto, at_once};

    #[test]
    fn in_steps_is_the_same_as_at_once() {
        let octets: Vec<u8> = (0..3 * STEP as u32 + 99).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let data = octets.as_slice();
        let engine = &RustCrypto;
        let length = octets.len();
        for parts in [vec![], vec![5..9, 0..2], vec![0..0, 0..length], vec![7..STEP + 7, 3..length, 1..2]] {
            let made = at_once(gathered(data, &parts, engine)).unwrap().unwrap();
            assert_eq!(made, data.gather(&parts).unwrap());
            let pieces: Vec<_> = parts.iter().map(|part| data.gather(std::slice::from_ref(part)).unwrap()).collect();
            assert_eq!(at_once(joined::<[u8], _>(pieces, engine)).unwrap().unwrap(), made);
        }
        assert!(at_once(gathered(data, &[0..length, 1..length + 1], engine)).unwrap().is_err());
        for data in [&data[..9], data] {
            let rope = || Rope { before: b"front", data, after: b"back" };
            assert_eq!(at_once(wrapped(rope(), engine)).unwrap(), <[u8]>::wrapped(rope()));
        }
    }
}
