//! How the memory is divided, and which block needs which (RFC 9106 §3.2, §3.4).

use crate::block::{Block, OCTETS};
use crate::{Error, Parameters};

/// Slices of a pass: within one, lanes do not see each other.
pub const SLICES: usize = 4;
/// Words of a block: so many addresses are made at a time.
pub const WORDS: usize = OCTETS / 8;
/// Argon2id, in the blocks of addresses and in H0.
pub const TYPE_ID: u32 = 2;

/// Passes, lanes, and the blocks of a lane in one slice.
#[derive(Clone, Copy)]
pub struct Shape {
    pub passes: usize,
    pub lanes: usize,
    pub segment: usize,
}

/// A block's place.
#[derive(Clone, Copy)]
pub struct Place {
    pub pass: usize,
    pub slice: usize,
    pub lane: usize,
    /// Within the segment.
    pub index: usize,
}

impl Shape {
    /// What these parameters make.
    pub fn new(parameters: Parameters) -> Result<Self, Error> {
        let number = |number: u32| usize::try_from(number).map_err(|_| Error::Parameters);
        let (passes, lanes, memory_kib) =
            (number(parameters.passes)?, number(parameters.lanes)?, number(parameters.memory_kib)?);
        if passes == 0 || lanes == 0 || memory_kib / 8 < lanes {
            return Err(Error::Parameters);
        }
        Ok(Self { passes, lanes, segment: memory_kib / (SLICES * lanes) })
    }

    /// Blocks in all.
    pub fn blocks(&self) -> usize {
        self.lane_length() * self.lanes
    }

    fn lane_length(&self) -> usize {
        self.segment * SLICES
    }

    /// Its number. Those of the same index stand together, one of each lane: so they come in the first pass one behind the other, into room
    /// that nobody had to fill with zeros first.
    pub fn number(&self, Place { slice, lane, index, .. }: Place) -> usize {
        (slice * self.segment + index) * self.lanes + lane
    }

    /// The block before, which for a lane's first one is its last.
    pub fn previous(&self, place: Place) -> usize {
        let number = self.number(place);
        number.checked_sub(self.lanes).unwrap_or(number + (self.lane_length() - 1) * self.lanes)
    }

    /// Whether which blocks are needed there depends on no data.
    pub fn has_addresses(&self, place: Place) -> bool {
        place.pass == 0 && place.slice < SLICES / 2
    }

    /// The block that goes into this one beside the one before, by a word of either (§3.4.1, §3.4.2).
    pub fn reference(&self, Place { pass, slice, lane, index }: Place, word: u64) -> usize {
        let other = if pass == 0 && slice == 0 { lane } else { (word >> 32) as usize % self.lanes };
        let lane_length = self.lane_length();
        // Blocks that are complete: of this pass, and from the second on the rest of the one before.
        let complete = if pass == 0 { slice * self.segment } else { lane_length - self.segment };
        let area = if other == lane { complete + index - 1 } else { complete - usize::from(index == 0) };
        let low = word & u64::from(u32::MAX);
        let back = ((area as u64 * ((low * low) >> 32)) >> 32) as usize;
        let begin = if pass == 0 || slice == SLICES - 1 { 0 } else { (slice + 1) * self.segment };
        (begin + area - 1 - back) % lane_length * self.lanes + other
    }

    /// Addresses that depend on no data, for [`WORDS`] blocks from a place on (§3.4.1.2).
    pub fn addresses(&self, Place { pass, slice, lane, index }: Place) -> Block {
        let number = |number: usize| number as u64;
        let counter = index / WORDS + 1;
        let input = [pass, lane, slice, self.blocks(), self.passes].map(number);
        let [pass, lane, slice, blocks, passes] = input;
        let input = Block::from_words([pass, lane, slice, blocks, passes, TYPE_ID.into(), number(counter), 0]);
        let (mut once, mut twice) = (Block::zeros(), Block::zeros());
        once.add_compressed(&Block::zeros(), &input);
        twice.add_compressed(&Block::zeros(), &once);
        twice
    }
}
