//! Two doubles, or two whole numbers of 64 bits.

#[cfg_attr(target_feature = "relaxed-simd", path = "vector/wasm.rs")]
#[cfg_attr(not(target_feature = "relaxed-simd"), path = "vector/words.rs")]
mod kind;

pub use kind::Vector;
