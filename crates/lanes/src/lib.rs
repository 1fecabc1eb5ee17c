//! The wasm module of a thread that helps with Argon2: it fills some lanes of a memory which it shares with other instances of itself.
//!
//! Nothing else: no allocator, no data, no start, and a stack where JavaScript puts it (`pkg/src/threads-script.ts`). The password is never here; what is
//! filled would give the key away, and is wiped from outside.
#![cfg_attr(target_family = "wasm", no_std)]

use envelock_argon2::Parameters;
use envelock_argon2::threads::{Block, Blocks, Lane, Pair, fill_slice};

/// Lanes of one thread at most.
const MOST: usize = 16;

/// Traps: whoever waits fills the memory alone.
#[cfg(target_family = "wasm")]
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// Blocks of which others are written by other threads at the same time.
struct Shared(*mut Block);

impl Shared {
    fn block(&self, number: usize) -> *mut Block {
        self.0.wrapping_add(number)
    }
}

impl Blocks for Shared {
    fn word(&self, number: usize) -> u64 {
        // SAFETY: as for `make`; it is the block that this thread made before this one, or one of a slice that is over.
        unsafe { &*self.block(number) }.word(0)
    }

    fn touch(&self, number: usize) -> Pair {
        // SAFETY: as for `make`; it is the block that is wanted next.
        unsafe { &*self.block(number) }.touch()
    }

    fn make(&mut self, number: usize, [previous, wanted]: [usize; 2], _is_new: bool) {
        if number == previous || number == wanted {
            return;
        }
        // SAFETY: `fill`'s caller says that all numbers of the shape are within the memory. Only this thread has this lane, and a block's place is
        // in one lane and one slice; the other two are others, which nobody writes now: they are of this lane, or of slices that are over.
        let block = unsafe { &mut *self.block(number) };
        // SAFETY: as above.
        let previous = unsafe { &*self.block(previous) };
        // SAFETY: as above.
        let wanted = unsafe { &*self.block(wanted) };
        block.add_compressed(previous, wanted);
    }
}

/// Fills `count` lanes from `first` on, in one slice of one pass. 1 if that was done, 0 if there is no such slice, or more lanes than a thread fills.
///
/// # Safety
/// At `start`, a multiple of 16, are as many blocks as the parameters ask for, with zeros where nothing was made yet. No other thread fills these
/// lanes; all are through with the slice before, and have let each other know.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fill(
    start: *mut Block,
    passes: u32,
    lanes: u32,
    memory_kib: u32,
    pass: u32,
    slice: u32,
    first: u32,
    count: u32,
) -> u32 {
    let mut own = [Lane::NEW; MOST];
    let Some(own) = own.get_mut(..count as usize) else { return 0 };
    let parameters = Parameters { passes, lanes, memory_kib };
    u32::from(fill_slice(parameters, pass as usize, slice as usize, first as usize, own, &mut Shared(start)))
}
