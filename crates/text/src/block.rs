//! A line's characters and their octets (RFC 4648 §4), all at once.

#[cfg_attr(target_family = "wasm", path = "block/vector.rs")]
#[cfg_attr(not(target_family = "wasm"), path = "block/words.rs")]
mod ways;

pub use ways::{decode_block, encode_block};

/// Characters of a line that is written, and what is read at a time.
pub const LINE: usize = 64;
/// The octets in them.
pub const OCTETS: usize = LINE / 4 * 3;
