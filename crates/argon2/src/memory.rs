//! The memory, and in which order its blocks come (RFC 9106 §3.2, §3.4).

use alloc::vec::Vec;

use crate::block::{Block, OCTETS};
use crate::hash::{Hash, TYPE_ID};
use crate::{Error, Parameters};

/// Slices of a pass: within one, lanes do not see each other.
const SLICES: usize = 4;
/// Words of a block: so many addresses are made at a time.
const WORDS: usize = OCTETS / 8;

/// All blocks. Those with the same number stand together, one of each lane: so they come in the first pass one behind the other, into
/// room that nobody had to fill with zeros first.
pub struct Memory {
    blocks: Vec<Block>,
    passes: usize,
    lanes: usize,
    /// Blocks of a lane in one slice.
    segment: usize,
}

/// Where the work is.
#[derive(Clone, Copy)]
struct Place {
    pass: usize,
    slice: usize,
    lane: usize,
    /// Of the block within the segment.
    index: usize,
}

impl Memory {
    /// Room for everything.
    pub fn new(parameters: Parameters) -> Result<Self, Error> {
        let number = |number: u32| usize::try_from(number).map_err(|_| Error::Parameters);
        let (passes, lanes, memory_kib) =
            (number(parameters.passes)?, number(parameters.lanes)?, number(parameters.memory_kib)?);
        let segment = memory_kib / (SLICES * lanes);
        let mut blocks = Vec::new();
        blocks.try_reserve_exact(segment * SLICES * lanes).map_err(|_| Error::OutOfMemory)?;
        Ok(Self { blocks, passes, lanes, segment })
    }

    /// All passes.
    pub fn fill(&mut self, start: &Hash) {
        for number in 0..2 {
            for lane in 0..self.lanes as u64 {
                let mut octets = [0; OCTETS];
                start.with((number | lane << 32).to_le_bytes(), &mut octets);
                self.blocks.push(Block::from_octets(&octets));
            }
        }
        for pass in 0..self.passes {
            for slice in 0..SLICES {
                self.fill_slice(pass, slice);
            }
        }
    }

    /// The sum of the last block of each lane.
    pub fn last(&self) -> Block {
        let mut sum = Block::zeros();
        for block in self.blocks.iter().rev().take(self.lanes) {
            sum.add(block);
        }
        sum
    }

    /// Goes through the lanes in turn. As soon as a block is there the next one of its lane is known to need which other: that one is
    /// touched, and has come from afar when its turn is there.
    fn fill_slice(&mut self, pass: usize, slice: usize) {
        let first = if pass == 0 && slice == 0 { 2 } else { 0 };
        let at = |lane: usize, index: usize| Place { pass, slice, lane, index };
        let mut addresses = Vec::new();
        if pass == 0 && slice < SLICES / 2 {
            addresses.extend((0..self.lanes).map(|lane| self.addresses(at(lane, first))));
        }
        let mut wanted: Vec<usize> = (0..self.lanes).map(|lane| self.reference(at(lane, first), &addresses)).collect();
        let mut touched = Block::zeros().touch();
        for index in first..self.segment {
            for lane in 0..self.lanes {
                let place = at(lane, index);
                let (current, previous) = (self.number(place), self.previous(place));
                if pass == 0 {
                    self.blocks.push(Block::zeros());
                }
                if let Ok([block, previous, wanted]) = self.blocks.get_disjoint_mut([current, previous, wanted[lane]]) {
                    block.add_compressed(previous, wanted);
                }
                if index + 1 < self.segment {
                    let next = at(lane, index + 1);
                    if next.index.is_multiple_of(WORDS)
                        && let Some(addresses) = addresses.get_mut(lane)
                    {
                        *addresses = self.addresses(next);
                    }
                    wanted[lane] = self.reference(next, &addresses);
                    touched = crate::pair::xor(touched, self.blocks[wanted[lane]].touch());
                }
            }
        }
        core::hint::black_box(touched);
    }

    fn number(&self, Place { slice, lane, index, .. }: Place) -> usize {
        (slice * self.segment + index) * self.lanes + lane
    }

    /// The block before, which for a lane's first one is its last.
    fn previous(&self, place: Place) -> usize {
        let lane_length = self.segment * SLICES;
        let number = self.number(place);
        number.checked_sub(self.lanes).unwrap_or(number + (lane_length - 1) * self.lanes)
    }

    /// The block that goes into this one beside the one before (§3.4.1, §3.4.2).
    fn reference(&self, place: Place, addresses: &[Block]) -> usize {
        let Place { pass, slice, lane, index } = place;
        let word = match addresses.get(lane) {
            Some(addresses) => addresses.word(index % WORDS),
            None => self.blocks[self.previous(place)].word(0),
        };
        let lanes = self.lanes;
        let other = if pass == 0 && slice == 0 { lane } else { (word >> 32) as usize % lanes };
        let lane_length = self.segment * SLICES;
        // Blocks that are complete: of this pass, and from the second on the rest of the one before.
        let complete = if pass == 0 { slice * self.segment } else { lane_length - self.segment };
        let area = if other == lane { complete + index - 1 } else { complete - usize::from(index == 0) };
        let low = word & u64::from(u32::MAX);
        let back = ((area as u64 * ((low * low) >> 32)) >> 32) as usize;
        let begin = if pass == 0 || slice == SLICES - 1 { 0 } else { (slice + 1) * self.segment };
        (begin + area - 1 - back) % lane_length * lanes + other
    }

    /// Addresses that depend on no data, for `WORDS` blocks from a place on (§3.4.1.2).
    fn addresses(&self, Place { pass, slice, lane, index }: Place) -> Block {
        let number = |number: usize| number as u64;
        let counter = index / WORDS + 1;
        let input = [pass, lane, slice, self.segment * SLICES * self.lanes, self.passes].map(number);
        let [pass, lane, slice, blocks, passes] = input;
        let input = Block::from_words([pass, lane, slice, blocks, passes, TYPE_ID.into(), number(counter), 0]);
        let (mut once, mut twice) = (Block::zeros(), Block::zeros());
        once.add_compressed(&Block::zeros(), &input);
        twice.add_compressed(&Block::zeros(), &once);
        twice
    }
}

impl Drop for Memory {
    /// The blocks would give the key away. A plain fill at full speed; the black box keeps it from being optimised out.
    fn drop(&mut self) {
        self.blocks.fill(Block::zeros());
        core::hint::black_box(&self.blocks);
    }
}
