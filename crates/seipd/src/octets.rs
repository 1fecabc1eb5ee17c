//! Octets that lie where they are best worked on: in Rust's memory, or in JavaScript's, where WebCrypto reads them.
//!
//! What is small is read from them; what is large stays where it is, is cut and joined there, and is handed to an engine
//! ([`Bulk`](crate::engine::Bulk)) that works there.

use crate::SecretOctets;
use alloc::vec::Vec;
use core::ops::{Deref, Range};

/// A row of octets.
pub trait Octets {
    /// Octets of this kind that were made, and are secret.
    type Made;
    /// Octets of this kind that were made and are for everybody.
    type Sealed;

    /// How many there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One of them; `None` behind the end.
    fn octet(&self, index: usize) -> Option<u8>;

    /// Some of them, in Rust's memory; `None` if the range is not within.
    fn read(&self, range: Range<usize>) -> Option<Read<'_>>;

    /// Copies those from `start` on into Rust's memory; `None` if there are not so many.
    fn copy_to(&self, start: usize, buffer: &mut [u8]) -> Option<()>;

    /// Parts of them, one behind the other; `None` if one is not within, or there is no room.
    fn gather(&self, parts: &[Range<usize>]) -> Option<Self::Made> {
        self.gather_behind(&[], parts)
    }

    /// The same, with octets from Rust's memory in front.
    fn gather_behind(&self, front: &[u8], parts: &[Range<usize>]) -> Option<Self::Made>;

    /// Several that were made, in one row; `None` if there is no room.
    fn join(made: Vec<Self::Made>) -> Option<Self::Made>;

    /// Gives the memory of what was made back at once; where that is not so anyhow, quicker.
    fn release(_made: Self::Made) {}

    /// What was made, to be looked at.
    fn of(made: &Self::Made) -> &Self;

    /// A part of what was made, without a copy; `None` if it is not within.
    fn cut(made: Self::Made, range: Range<usize>) -> Option<Self::Made>;

    /// Parts of what was made, in their order and one behind the other; `None` if one is not within, or there is no room.
    fn keep(made: Self::Made, parts: &[Range<usize>]) -> Option<Self::Made> {
        let kept = Self::of(&made).gather(parts);
        Self::release(made);
        kept
    }

    /// So many zeros; `None` if there is no room.
    fn zeros(length: usize) -> Option<Self::Made>;

    /// Writes octets from Rust's memory; `None` if there are not so many.
    fn put(made: &mut Self::Made, at: usize, octets: &[u8]) -> Option<()>;

    /// Writes a part of octets that lie there as well; `None` if there are not so many, here or there.
    fn put_from(made: &mut Self::Made, at: usize, from: &Self, range: Range<usize>) -> Option<()>;

    /// Octets from Rust's memory.
    fn made(octets: SecretOctets) -> Self::Made;

    /// The same, for what is for everybody.
    fn sealed(octets: Vec<u8>) -> Self::Sealed;

    /// What was made, for everybody.
    fn published(made: Self::Made) -> Self::Sealed;

    /// What was sealed, to be looked at.
    fn of_sealed(sealed: &Self::Sealed) -> &Self;

    /// What was sealed up to a place, and what stands behind it; `None` if the place is not within.
    fn split_sealed(sealed: Self::Sealed, at: usize) -> Option<(Self::Sealed, Vec<u8>)>;

    /// Something around these octets, in one row; `None` if there is no room.
    fn wrapped(rope: Rope<'_, Self>) -> Option<Self::Sealed>;

    /// What comes of sealed octets in Rust's memory.
    fn through(sealed: Self::Sealed, work: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Self::Sealed;
}

/// Octets in Rust's memory.
pub enum Read<'a> {
    /// They lie here.
    Here(&'a [u8]),
    /// They had to be copied; wiped when dropped.
    Copied(SecretOctets),
}

impl Deref for Read<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Read::Here(octets) => octets,
            Read::Copied(octets) => octets,
        }
    }
}

impl Octets for [u8] {
    type Made = SecretOctets;
    type Sealed = Vec<u8>;

    fn len(&self) -> usize {
        self.len()
    }

    fn octet(&self, index: usize) -> Option<u8> {
        self.get(index).copied()
    }

    fn read(&self, range: Range<usize>) -> Option<Read<'_>> {
        self.get(range).map(Read::Here)
    }

    fn copy_to(&self, start: usize, buffer: &mut [u8]) -> Option<()> {
        buffer.copy_from_slice(self.get(start..start.checked_add(buffer.len())?)?);
        Some(())
    }

    fn gather_behind(&self, front: &[u8], parts: &[Range<usize>]) -> Option<Self::Made> {
        let mut joined = SecretOctets::new();
        joined.try_reserve_exact(front.len() + parts.iter().map(Range::len).sum::<usize>()).ok()?;
        joined.extend_from_slice(front);
        for part in parts {
            joined.extend_from_slice(self.get(part.clone())?);
        }
        Some(joined)
    }

    fn join(made: Vec<Self::Made>) -> Option<Self::Made> {
        let mut joined = SecretOctets::new();
        joined.try_reserve_exact(made.iter().map(|part| part.len()).sum()).ok()?;
        for part in made {
            joined.extend_from_slice(&part);
        }
        Some(joined)
    }

    fn of(made: &Self::Made) -> &Self {
        made
    }

    fn cut(mut made: Self::Made, range: Range<usize>) -> Option<Self::Made> {
        if range.start > range.end || range.end > made.len() {
            return None;
        }
        // What lies behind is wiped with the rest of the capacity.
        made.truncate(range.end);
        made.drain(..range.start);
        Some(made)
    }

    fn keep(mut made: Self::Made, parts: &[Range<usize>]) -> Option<Self::Made> {
        let mut end = 0;
        for part in parts {
            // They move to the front, each over what was there before it.
            if part.start < end || part.start > part.end || part.end > made.len() {
                return None;
            }
            made.copy_within(part.clone(), end);
            end += part.len();
        }
        made.truncate(end);
        Some(made)
    }

    fn zeros(length: usize) -> Option<Self::Made> {
        let mut zeros = SecretOctets::new();
        zeros.try_reserve_exact(length).ok()?;
        zeros.resize(length, 0);
        Some(zeros)
    }

    fn put(made: &mut Self::Made, at: usize, octets: &[u8]) -> Option<()> {
        made.get_mut(at..at.checked_add(octets.len())?)?.copy_from_slice(octets);
        Some(())
    }

    fn put_from(made: &mut Self::Made, at: usize, from: &Self, range: Range<usize>) -> Option<()> {
        Self::put(made, at, from.get(range)?)
    }

    fn made(octets: SecretOctets) -> Self::Made {
        octets
    }

    fn sealed(octets: Vec<u8>) -> Self::Sealed {
        octets
    }

    fn published(mut made: Self::Made) -> Self::Sealed {
        core::mem::take(&mut *made)
    }

    fn of_sealed(sealed: &Self::Sealed) -> &Self {
        sealed
    }

    fn split_sealed(mut sealed: Vec<u8>, at: usize) -> Option<(Vec<u8>, Vec<u8>)> {
        let behind = sealed.get(at..)?.to_vec();
        sealed.truncate(at);
        Some((sealed, behind))
    }

    fn wrapped(rope: Rope<'_, Self>) -> Option<Self::Sealed> {
        let mut joined = Vec::new();
        joined.try_reserve_exact(rope.len()).ok()?;
        for part in [rope.before, rope.data, rope.after] {
            joined.extend_from_slice(part);
        }
        Some(joined)
    }

    fn through(sealed: Self::Sealed, work: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Self::Sealed {
        work(sealed)
    }
}

/// Octets with something small before and behind them: what is put around a message's data.
pub struct Rope<'a, D: ?Sized> {
    /// What comes first.
    pub before: &'a [u8],
    /// The large part.
    pub data: &'a D,
    /// What comes last.
    pub after: &'a [u8],
}

impl<D: Octets + ?Sized> Rope<'_, D> {
    /// How many octets there are in all.
    pub fn len(&self) -> usize {
        self.before.len() + self.data.len() + self.after.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Some of them, in Rust's memory; `None` if the range is not within.
    pub fn read(&self, range: Range<usize>) -> Option<SecretOctets> {
        let mut octets = SecretOctets::new();
        octets.try_reserve_exact(range.len()).ok()?;
        octets.resize(range.len(), 0);
        self.copy_to(range.start, &mut octets)?;
        Some(octets)
    }

    /// Copies those from `start` on into Rust's memory; `None` if there are not so many.
    pub fn copy_to(&self, start: usize, buffer: &mut [u8]) -> Option<()> {
        let (front, back) = (self.before.len(), self.before.len() + self.data.len());
        let end = start.checked_add(buffer.len()).filter(|end| *end <= self.len())?;
        let (before, rest) = buffer.split_at_mut_checked(start.min(front).abs_diff(end.min(front)))?;
        let (data, after) = rest.split_at_mut_checked(start.clamp(front, back).abs_diff(end.clamp(front, back)))?;
        before.copy_from_slice(self.before.get(start.min(front)..end.min(front))?);
        self.data.copy_to(start.clamp(front, back) - front, data)?;
        let behind = start.max(back) - back;
        after.copy_from_slice(self.after.get(behind..behind + after.len())?);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use std::vec;

    #[test]
    fn parts_within_and_not() {
        let octets: &[u8] = b"0123456789";
        assert_eq!(octets.gather(&[2..4, 0..1]).unwrap().as_slice(), b"230");
        assert!(octets.gather(&[2..4, 9..11]).is_none());
        let made = || SecretOctets::from(octets.to_vec());
        assert_eq!(<[u8]>::cut(made(), 3..5).unwrap().as_slice(), b"34");
        assert!(<[u8]>::cut(made(), 3..11).is_none());
        assert!(<[u8]>::cut(made(), Range { start: 5, end: 3 }).is_none());
        assert_eq!(<[u8]>::keep(made(), &[1..3, 3..4, 8..10]).unwrap().as_slice(), b"12389");
        assert!(<[u8]>::keep(made(), &[2..4, 9..11]).is_none());
        assert!(<[u8]>::keep(made(), &[4..8, 0..2]).is_none(), "not in their order");
    }

    #[test]
    fn every_part_of_a_rope_is_read() {
        let rope = Rope { before: b"012", data: &b"3456"[..], after: b"78" };
        for start in 0..=9 {
            for end in start..=9 {
                assert_eq!(rope.read(start..end).unwrap().as_slice(), &b"012345678"[start..end], "{start} to {end}");
            }
            assert!(rope.read(start..10).is_none());
        }
    }

    #[test]
    fn cutting_moves_nothing_elsewhere() {
        let made = SecretOctets::from(vec![7u8; 1000]);
        let (place, capacity) = (made.as_ptr(), made.capacity());
        let cut = <[u8]>::cut(made, 10..900).unwrap();
        assert_eq!((cut.as_ptr(), cut.capacity()), (place, capacity));
    }
}
