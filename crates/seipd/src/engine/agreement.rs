//! ECDH with NIST curves (SEC 1 §3.3.1) by whoever computes it better than Rust does in wasm.

use alloc::vec::Vec;

use zeroize::Zeroizing;

/// The curves that platforms know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// P-256.
    P256,
    /// P-384.
    P384,
    /// P-521.
    P521,
}

/// What was agreed on with the owner of a point.
pub struct Agreement {
    /// The point to send along, uncompressed (SEC 1 §2.3.3).
    pub point: Vec<u8>,
    /// The x-coordinate of the shared point, as long as the field.
    pub secret: Zeroizing<Vec<u8>>,
}
