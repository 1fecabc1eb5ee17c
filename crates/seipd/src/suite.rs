//! The algorithms of a SEIPD v2 packet: cipher, AEAD mode and chunk size (RFC 9580 §9.3, §9.6, §5.13.2).

use crate::Error;

/// A block cipher (RFC 9580 §9.3). SEIPD v2 is defined for any 128-bit block cipher; we speak AES.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cipher {
    /// AES with 128-bit key, ID 7.
    Aes128,
    /// AES with 192-bit key, ID 8.
    Aes192,
    /// AES with 256-bit key, ID 9.
    Aes256,
}

impl Cipher {
    /// Reads the algorithm ID of RFC 9580 §9.3.
    pub const fn from_id(id: u8) -> Result<Self, Error> {
        match id {
            7 => Ok(Cipher::Aes128),
            8 => Ok(Cipher::Aes192),
            9 => Ok(Cipher::Aes256),
            _ => Err(Error::Unsupported("cipher")),
        }
    }

    /// The algorithm ID of RFC 9580 §9.3.
    pub const fn id(self) -> u8 {
        match self {
            Cipher::Aes128 => 7,
            Cipher::Aes192 => 8,
            Cipher::Aes256 => 9,
        }
    }

    /// Length of the key, octets.
    pub const fn key_len(self) -> usize {
        match self {
            Cipher::Aes128 => 16,
            Cipher::Aes192 => 24,
            Cipher::Aes256 => 32,
        }
    }
}

/// An AEAD mode (RFC 9580 §9.6). All have a tag of [`Mode::TAG_LEN`] octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// EAX, ID 1.
    Eax,
    /// OCB, ID 2; the mode every implementation has to know.
    Ocb,
    /// GCM, ID 3; the mode that browsers have in hardware.
    Gcm,
}

impl Mode {
    /// Length of the authentication tag, octets.
    pub const TAG_LEN: usize = 16;

    /// Reads the algorithm ID of RFC 9580 §9.6.
    pub const fn from_id(id: u8) -> Result<Self, Error> {
        match id {
            1 => Ok(Mode::Eax),
            2 => Ok(Mode::Ocb),
            3 => Ok(Mode::Gcm),
            _ => Err(Error::Unsupported("AEAD mode")),
        }
    }

    /// The algorithm ID of RFC 9580 §9.6.
    pub const fn id(self) -> u8 {
        match self {
            Mode::Eax => 1,
            Mode::Ocb => 2,
            Mode::Gcm => 3,
        }
    }

    /// Length of the nonce, octets.
    pub const fn nonce_len(self) -> usize {
        match self {
            Mode::Eax => 16,
            Mode::Ocb => 15,
            Mode::Gcm => 12,
        }
    }
}

/// The chunk size octet `c`: chunks of 2^(c+6) octets, c ≤ 16, i.e. 64 octets to 4 MiB (RFC 9580 §5.13.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChunkSize(u8);

impl ChunkSize {
    /// 256 KiB: large enough for hardware AES to matter, small enough for progress and for eight in flight.
    pub const DEFAULT: ChunkSize = ChunkSize(12);

    /// Reads a chunk size octet; more than 16 is refused.
    pub const fn new(octet: u8) -> Result<Self, Error> {
        if octet <= 16 { Ok(ChunkSize(octet)) } else { Err(Error::Malformed("chunk size octet above 16")) }
    }

    /// The octet as it stands in the packet.
    pub const fn octet(self) -> u8 {
        self.0
    }

    /// The size of a full chunk of plaintext, octets.
    pub const fn bytes(self) -> usize {
        1 << (self.0 + 6)
    }
}

impl Default for ChunkSize {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The algorithms of one SEIPD v2 packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suite {
    /// The block cipher.
    pub cipher: Cipher,
    /// The AEAD mode.
    pub mode: Mode,
    /// The chunk size.
    pub chunk: ChunkSize,
}
