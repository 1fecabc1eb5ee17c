//! Secret octets in Rust's memory, as many as a message may have.

use alloc::vec::Vec;
use core::fmt;
use core::ops::{Deref, DerefMut};

use zeroize::{Zeroize, ZeroizeOnDrop};

/// Octets that are wiped when dropped, all at once. `Zeroizing<Vec<u8>>` wipes them one by one: for 50 MB in wasm, that is longer than a
/// cancelled call may take to end.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecretOctets(Vec<u8>);

impl SecretOctets {
    /// None yet.
    pub const fn new() -> Self {
        Self(Vec::new())
    }
}

impl Drop for SecretOctets {
    fn drop(&mut self) {
        // A vector's elements are wiped one by one, the room behind them in one piece.
        self.0.clear();
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for SecretOctets {}

impl From<Vec<u8>> for SecretOctets {
    fn from(octets: Vec<u8>) -> Self {
        Self(octets)
    }
}

impl Deref for SecretOctets {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

impl DerefMut for SecretOctets {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

impl AsRef<[u8]> for SecretOctets {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretOctets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretOctets(…)")
    }
}
