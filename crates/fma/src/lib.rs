//! Montgomery's multiplication, two numbers at a time, by doubles that are multiplied and added with one rounding.
//!
//! Digits have 51 bits. Their product has 102; 2^103 added, it is rounded to multiples of 2^51, and that is the upper digit; what was
//! rounded away is the lower one. So two instructions of wasm's vectors multiply two pairs of digits, where whole numbers of 32 bits
//! take a dozen for as many bits. It is right if product and sum are rounded once, together. Wasm has an instruction for that
//! ("relaxed SIMD") and leaves it to the engine whether it rounds once or twice: [`is_fused`] finds out.
//!
//! This is compiled twice: for whoever prepares the numbers, with Rust's own `mul_add`, which is slow and right everywhere; and as a
//! module by itself, which browsers and Node take that know the instruction, and which works on the memory of the other (`module`).
#![cfg_attr(target_feature = "relaxed-simd", no_std)]

#[cfg(target_feature = "relaxed-simd")]
mod module;
mod multiply;
mod vector;

pub use multiply::{Multiplication, is_fused, start};
pub use vector::Vector;

/// Bits of a digit.
pub const BITS: u32 = 51;

#[cfg(test)]
mod tests;
