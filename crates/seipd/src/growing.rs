//! Octets that are made piece by piece, where they are to lie.

use alloc::vec::Vec;

use crate::Octets;

/// What there is of them so far.
pub struct Growing<D: Octets + ?Sized> {
    made: D::Made,
    used: usize,
}

impl<D: Octets + ?Sized> Growing<D> {
    /// None yet, with room for so many; `None` if there is no such room.
    pub fn with_room(octets: usize) -> Option<Self> {
        Some(Self { made: D::zeros(octets)?, used: 0 })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.used
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// The same with more behind them; `None` if there is no room.
    pub fn with(self, octets: &[u8]) -> Option<Self> {
        let Self { mut made, used } = self;
        let length = used.checked_add(octets.len())?;
        let room = D::of(&made).len();
        if length > room {
            made = D::join(Vec::from([made, D::zeros(length - room + room / 2)?]))?;
        }
        D::put(&mut made, used, octets)?;
        Some(Self { made, used: length })
    }

    /// All of them; `None` if they are not there any more.
    pub fn finish(self) -> Option<D::Made> {
        D::cut(self.made, 0..self.used)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_added_stands_behind_what_there_was() {
        for room in [0, 1, 7, 100] {
            let mut growing = Growing::<[u8]>::with_room(room).unwrap();
            let mut expected = Vec::new();
            for length in [0usize, 1, 3, 50, 2] {
                let octets: Vec<u8> = (0..length).map(|octet| octet as u8).collect();
                growing = growing.with(&octets).unwrap();
                expected.extend(octets);
                assert_eq!((growing.len(), growing.is_empty()), (expected.len(), expected.is_empty()));
            }
            assert_eq!(*growing.finish().unwrap(), expected, "room for {room}");
        }
    }
}
