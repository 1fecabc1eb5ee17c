//! What multiplication does most: digits times a digit, added up.

#[cfg_attr(target_family = "wasm", path = "lanes/vector.rs")]
#[cfg_attr(not(target_family = "wasm"), path = "lanes/words.rs")]
mod kind;

pub use kind::{add_products, factor};

/// Two columns of a product, two vectors of which hold what a vector of digits gives.
pub type Columns = [u64; 2];
/// A vector of digits.
pub type Digits = [u32; 4];
