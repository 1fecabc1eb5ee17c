//! Making the blocks of some lanes, one index after the other.

use crate::Parameters;
use crate::block::Block;
use crate::pair::{self, Pair};
use crate::shape::{Place, SLICES, Shape, WORDS};

/// All blocks by their numbers, wherever they are.
pub trait Blocks {
    /// A block's first word.
    fn word(&self, number: usize) -> u64;
    /// Brings a block near; see [`Block::touch`].
    fn touch(&self, number: usize) -> Pair;
    /// Adds G of two others to a block; `is_new`: it is the first time, and nothing but zeros may be there.
    fn make(&mut self, number: usize, from: [usize; 2], is_new: bool);
}

/// What the next block of a lane needs.
#[derive(Clone, Copy)]
pub struct Lane {
    /// The addresses around there, where they depend on no data.
    addresses: Block,
    /// The other block that it needs beside the one before.
    wanted: usize,
}

impl Lane {
    /// One that no slice was entered with yet.
    pub const NEW: Lane = Lane { addresses: Block::zeros(), wanted: 0 };
}

/// Makes lanes from `place.lane` on ready for the blocks from there on: at the beginning of a slice, or where the memory begins.
pub fn enter(shape: &Shape, place: Place, lanes: &mut [Lane], blocks: &impl Blocks) {
    for (lane, next) in lanes.iter_mut().zip(place.lane..) {
        let place = Place { lane: next, ..place };
        if shape.has_addresses(place) {
            lane.addresses = shape.addresses(place);
        }
        lane.wanted = reference(shape, place, lane, blocks);
    }
}

/// Makes the blocks of these lanes, `place.lane` the first of them, from `place` until `end` within the segment.
///
/// Goes through the lanes in turn. As soon as a block is there the next one of its lane is known to need which other: that one is
/// touched, and has come from afar when its turn is there.
pub fn fill(shape: &Shape, place: Place, end: usize, lanes: &mut [Lane], blocks: &mut impl Blocks) {
    let mut touched = pair::ZERO;
    for index in place.index..end {
        for (lane, number) in lanes.iter_mut().zip(place.lane..) {
            let place = Place { lane: number, index, ..place };
            blocks.make(shape.number(place), [shape.previous(place), lane.wanted], place.pass == 0);
            let next = Place { index: index + 1, ..place };
            if next.index < shape.segment {
                if next.index.is_multiple_of(WORDS) && shape.has_addresses(next) {
                    lane.addresses = shape.addresses(next);
                }
                lane.wanted = reference(shape, next, lane, blocks);
                touched = pair::xor(touched, blocks.touch(lane.wanted));
            }
        }
    }
    core::hint::black_box(touched);
}

/// One thread's share of a slice: lanes from `first` on. All threads must be through with the slice before; blocks that are new must be zeros.
/// Whether there is such a slice, with so many lanes.
pub fn fill_slice(
    parameters: Parameters,
    pass: usize,
    slice: usize,
    first: usize,
    lanes: &mut [Lane],
    blocks: &mut impl Blocks,
) -> bool {
    let Ok(shape) = Shape::new(parameters) else { return false };
    if pass >= shape.passes || slice >= SLICES || first.saturating_add(lanes.len()) > shape.lanes {
        return false;
    }
    // The first two of a lane are there from the beginning.
    let index = if pass == 0 && slice == 0 { 2 } else { 0 };
    let place = Place { pass, slice, lane: first, index };
    enter(&shape, place, lanes, blocks);
    fill(&shape, place, shape.segment, lanes, blocks);
    true
}

fn reference(shape: &Shape, place: Place, lane: &Lane, blocks: &impl Blocks) -> usize {
    let word = if shape.has_addresses(place) {
        lane.addresses.word(place.index % WORDS)
    } else {
        blocks.word(shape.previous(place))
    };
    shape.reference(place, word)
}
