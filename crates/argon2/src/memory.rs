//! The memory, and in which order its blocks come (RFC 9106 §3.2, §3.4).

use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::block::{Block, OCTETS};
use crate::hash::{Hash, TYPE_ID};
use crate::{Error, Parameters};

/// Slices of a pass: within one, lanes do not see each other.
const SLICES: usize = 4;
/// Words of a block: so many addresses are made at a time.
const WORDS: usize = OCTETS / 8;

/// Blocks made in one step: a few milliseconds.
const STEP: usize = 4096;

/// All blocks, and how far they are made. Those with the same number stand together, one of each lane: so they come in the first pass
/// one behind the other, into room that nobody had to fill with zeros first.
pub struct Memory {
    blocks: Vec<Block>,
    passes: usize,
    lanes: usize,
    /// Blocks of a lane in one slice.
    segment: usize,
    /// What comes next, in every lane.
    next: Place,
    /// For each lane the addresses around there, where they depend on no data.
    addresses: Vec<Block>,
    /// For each lane the other block that its next one needs.
    wanted: Vec<usize>,
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
    /// Room for everything, with the first two blocks of each lane.
    pub fn new(parameters: Parameters, start: &Hash) -> Result<Self, Error> {
        let number = |number: u32| usize::try_from(number).map_err(|_| Error::Parameters);
        let (passes, lanes, memory_kib) =
            (number(parameters.passes)?, number(parameters.lanes)?, number(parameters.memory_kib)?);
        let segment = memory_kib / (SLICES * lanes);
        let mut blocks = Vec::new();
        blocks.try_reserve_exact(segment * SLICES * lanes).map_err(|_| Error::OutOfMemory)?;
        for number in 0..2 {
            for lane in 0..lanes as u64 {
                let mut octets = Zeroizing::new([0; OCTETS]);
                start.with((number | lane << 32).to_le_bytes(), octets.as_mut_slice());
                blocks.push(Block::from_octets(&octets));
            }
        }
        let next = Place { pass: 0, slice: 0, lane: 0, index: 2 };
        let mut memory = Self { blocks, passes, lanes, segment, next, addresses: Vec::new(), wanted: Vec::new() };
        memory.enter_slice();
        Ok(memory)
    }

    /// Makes the next [`STEP`] blocks or so, but goes into one slice only. `false` when none are left to make.
    ///
    /// Goes through the lanes in turn. As soon as a block is there the next one of its lane is known to need which other: that one is
    /// touched, and has come from afar when its turn is there.
    pub fn step(&mut self) -> bool {
        if self.next.pass == self.passes {
            return false;
        }
        let at = |lane: usize, index: usize| Place { lane, index, ..self.next };
        let first = self.next.index;
        let end = self.segment.min(first + STEP.div_ceil(self.lanes));
        let mut touched = Block::zeros().touch();
        for index in first..end {
            for lane in 0..self.lanes {
                let place = at(lane, index);
                let (current, previous, wanted) = (self.number(place), self.previous(place), self.wanted[lane]);
                if place.pass == 0 {
                    self.blocks.push(Block::zeros());
                }
                if let Ok([block, previous, wanted]) = self.blocks.get_disjoint_mut([current, previous, wanted]) {
                    block.add_compressed(previous, wanted);
                }
                if index + 1 < self.segment {
                    let next = at(lane, index + 1);
                    if next.index.is_multiple_of(WORDS) && !self.addresses.is_empty() {
                        self.addresses[lane] = self.addresses(next);
                    }
                    self.wanted[lane] = self.reference(next);
                    touched = crate::pair::xor(touched, self.blocks[self.wanted[lane]].touch());
                }
            }
        }
        core::hint::black_box(touched);
        self.next.index = end;
        if end == self.segment {
            let Place { pass, slice, .. } = self.next;
            let (pass, slice) = if slice + 1 < SLICES { (pass, slice + 1) } else { (pass + 1, 0) };
            self.next = Place { pass, slice, lane: 0, index: 0 };
            if pass < self.passes {
                self.enter_slice();
            }
        }
        self.next.pass < self.passes
    }

    /// What the first blocks of a slice need.
    fn enter_slice(&mut self) {
        let next = self.next;
        let at = |lane: usize| Place { lane, ..next };
        let has_addresses = next.pass == 0 && next.slice < SLICES / 2;
        self.addresses = (0..self.lanes).filter(|_| has_addresses).map(|lane| self.addresses(at(lane))).collect();
        self.wanted = (0..self.lanes).map(|lane| self.reference(at(lane))).collect();
    }

    /// The sum of the last block of each lane.
    pub fn last(&self) -> Block {
        let mut sum = Block::zeros();
        for block in self.blocks.iter().rev().take(self.lanes) {
            sum.add(block);
        }
        sum
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
    fn reference(&self, place: Place) -> usize {
        let Place { pass, slice, lane, index } = place;
        let word = match self.addresses.get(lane) {
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
