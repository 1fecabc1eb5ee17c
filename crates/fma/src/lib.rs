//! Arithmetic by doubles that are multiplied and added with one rounding (FMA), two numbers at a time: RSA's and X25519's.
//!
//! Digits have 51 bits. Their product has 102; 2^103 added, it is rounded to multiples of 2^51, and that is the upper digit; what was
//! rounded away is the lower one. So two instructions of wasm's vectors multiply two pairs of digits, where whole numbers of 32 bits
//! take a dozen for as many bits. It is right if product and sum are rounded once, together. Wasm has an instruction for that
//! ("relaxed SIMD") and leaves it to the engine whether it rounds once or twice: [`is_fused`] finds out.
//!
//! This is compiled twice: as a module by itself, which browsers and Node take that know the instruction, and which works on the memory of
//! another (`module`); and for that other one, which starts it (feature `engine`). There as everywhere else all of it can be done with Rust's own
//! `mul_add`, which is slow: for tests.
#![cfg_attr(target_feature = "relaxed-simd", no_std)]

mod digits;
#[cfg(not(target_feature = "relaxed-simd"))]
#[cfg_attr(feature = "engine", path = "engine/started.rs")]
#[cfg_attr(not(feature = "engine"), path = "engine/none.rs")]
mod engine;
mod field;
#[cfg(target_feature = "relaxed-simd")]
mod module;
mod multiply;
mod vector;
mod x25519;

pub use digits::BITS;
#[cfg(not(target_feature = "relaxed-simd"))]
pub use engine::Engine;
pub use multiply::{Multiplication, is_fused, start};
pub use vector::Vector;
pub use x25519::x25519;

#[cfg(test)]
mod tests;
