//! What may be spent on one message before it is known to be genuine.

/// Limits of this crate; checked before the cost is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest plaintext, octets. Default 256 MiB: what a browser tab can hold next to its ciphertext.
    pub plaintext_bytes: u64,
    /// Most memory for Argon2, KiB. Default 1 GiB natively, 256 MiB in wasm, whose memory never shrinks again.
    pub argon2_kib: u64,
    /// Most passes of Argon2. Default 10, three times what RFC 9106 §4 recommends.
    pub argon2_passes: u8,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            plaintext_bytes: 256 << 20,
            argon2_kib: if cfg!(target_family = "wasm") { 256 << 10 } else { 1 << 20 },
            argon2_passes: 10,
        }
    }
}
