//! No engine: Rust's own `mul_add` is slow where the processor's instruction is not known to be there.

use crate::Multiplication;

/// Whoever does it faster than Rust.
#[derive(Clone, Copy, Debug)]
pub enum Engine {}

impl Engine {
    /// There is none.
    pub fn find() -> Option<Self> {
        None
    }

    /// Multiplies ([`Multiplication`]).
    pub fn multiply(&self, _: Multiplication<'_>) {
        match *self {}
    }

    /// Agrees ([`x25519`](crate::x25519())), on octets.
    pub fn x25519(&self, _: &[u8; 32], _: &[u8; 32]) -> zeroize::Zeroizing<[u8; 32]> {
        match *self {}
    }
}
