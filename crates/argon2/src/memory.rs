//! The memory of one thread.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::block::{Block, OCTETS};
use crate::fill::{Blocks, Lane, enter, fill};
use crate::hash::Hash;
use crate::pair::Pair;
use crate::shape::{Place, SLICES, Shape};
use crate::{Error, Parameters};

/// Blocks made in one step: a few milliseconds.
const STEP: usize = 4096;

/// All blocks, and how far they are made.
pub struct Memory {
    shape: Shape,
    blocks: Vec<Block>,
    /// What comes next, in every lane.
    next: Place,
    lanes: Vec<Lane>,
}

/// The first two blocks of each lane, as octets, in the order in which blocks stand (RFC 9106 §3.2).
pub fn first_blocks(shape: &Shape, start: &Hash) -> impl Iterator<Item = Zeroizing<[u8; OCTETS]>> {
    let numbers = (0..2).flat_map(|number| (0..shape.lanes as u64).map(move |lane| number | lane << 32));
    numbers.map(|number| {
        let mut octets = Zeroizing::new([0; OCTETS]);
        start.with(number.to_le_bytes(), octets.as_mut_slice());
        octets
    })
}

impl Memory {
    /// Room for everything, with the first two blocks of each lane.
    pub fn new(parameters: Parameters, start: &Hash) -> Result<Self, Error> {
        let shape = Shape::new(parameters)?;
        let mut blocks = Vec::new();
        blocks.try_reserve_exact(shape.blocks()).map_err(|_| Error::OutOfMemory)?;
        blocks.extend(first_blocks(&shape, start).map(|octets| Block::from_octets(&octets)));
        let next = Place { pass: 0, slice: 0, lane: 0, index: 2 };
        let mut lanes = alloc::vec![Lane::NEW; shape.lanes];
        enter(&shape, next, &mut lanes, &blocks);
        Ok(Self { shape, blocks, next, lanes })
    }

    /// Makes the next [`STEP`] blocks or so, but goes into one slice only. `false` when none are left to make.
    pub fn step(&mut self) -> bool {
        let Self { shape, blocks, next, lanes } = self;
        if next.pass == shape.passes {
            return false;
        }
        let end = shape.segment.min(next.index + STEP.div_ceil(shape.lanes));
        fill(shape, *next, end, lanes, blocks);
        next.index = end;
        if end == shape.segment {
            let (pass, slice) = if next.slice + 1 < SLICES { (next.pass, next.slice + 1) } else { (next.pass + 1, 0) };
            *next = Place { pass, slice, lane: 0, index: 0 };
            if pass < shape.passes {
                enter(shape, *next, lanes, blocks);
            }
        }
        next.pass < shape.passes
    }

    /// The last block of each lane.
    pub fn last(&self) -> &[Block] {
        &self.blocks[self.blocks.len() - self.shape.lanes..]
    }
}

impl Blocks for Vec<Block> {
    #[inline(always)]
    fn word(&self, number: usize) -> u64 {
        self[number].word(0)
    }

    #[inline(always)]
    fn touch(&self, number: usize) -> Pair {
        self[number].touch()
    }

    #[inline(always)]
    fn make(&mut self, number: usize, [previous, wanted]: [usize; 2], is_new: bool) {
        if is_new {
            self.push(Block::zeros());
        }
        if let Ok([block, previous, wanted]) = self.get_disjoint_mut([number, previous, wanted]) {
            block.add_compressed(previous, wanted);
        }
    }
}

impl Drop for Memory {
    /// The blocks would give the key away. A plain fill at full speed; the black box keeps it from being optimised out.
    fn drop(&mut self) {
        self.blocks.fill(Block::zeros());
        core::hint::black_box(&self.blocks);
    }
}
