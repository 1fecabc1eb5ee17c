//! The chunks of a SEIPD v2 body: which octets, which nonce, which associated data (RFC 9580 §5.13.2).
//!
//! The same plan serves both directions; it computes nothing but the message key. A body that comes piece by piece has a plan for
//! each part ([`Plan::following`]), of which only the last holds the final tag.

use core::ops::Range;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use crate::body::Header;
use crate::engine::Direction;
use crate::{Error, Mode, Suite};

/// One AEAD operation of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Its place in the input: plaintext when sealing, the octets after the header when opening.
    pub input: Range<usize>,
    /// Its place in the output, counted the same way.
    pub output: Range<usize>,
    nonce: [u8; 16],
    nonce_len: usize,
    associated_data: [u8; 13],
    associated_len: usize,
}

impl Chunk {
    /// The nonce: the IV of the message and the index of the chunk.
    pub fn nonce(&self) -> &[u8] {
        self.nonce.get(..self.nonce_len).unwrap_or_default()
    }

    /// The associated data: packet type, version, algorithms and, for the final tag, the number of plaintext octets.
    pub fn associated_data(&self) -> &[u8] {
        self.associated_data.get(..self.associated_len).unwrap_or_default()
    }
}

/// All the chunks of one body, or of a part of it, and the key they share.
pub struct Plan {
    suite: Suite,
    direction: Direction,
    message_key: Zeroizing<[u8; 32]>,
    iv: [u8; 8],
    /// Chunks of the parts before.
    first: u64,
    /// Octets of plaintext.
    plaintext: usize,
    /// Chunks without the final tag.
    chunks: u64,
    /// Whether the final tag is in this part.
    ends: bool,
}

impl Plan {
    /// Plans the encryption of `plaintext` octets.
    pub fn sealing(header: &Header, session_key: &[u8], plaintext: usize) -> Result<Plan, Error> {
        Plan::start(header, session_key, Direction::Seal)?.following(plaintext, true)
    }

    /// Plans the decryption of `ciphertext` octets, header excluded. A length that no plaintext has is `DecryptionFailed`:
    /// whoever cuts a message learns nothing.
    pub fn opening(header: &Header, session_key: &[u8], ciphertext: usize) -> Result<Plan, Error> {
        Plan::start(header, session_key, Direction::Open)?.following(ciphertext, true)
    }

    /// The part after this one: `octets` of plaintext when sealing, of ciphertext when opening. A part that does not end the
    /// message consists of full chunks; behind one that does, nothing follows.
    pub fn following(&self, octets: usize, ends: bool) -> Result<Plan, Error> {
        let size = self.suite.chunk.bytes();
        let full = match self.direction {
            Direction::Seal => size,
            Direction::Open => size + Mode::TAG_LEN,
        };
        if self.ends || !ends && !octets.is_multiple_of(full) {
            return Err(Error::DecryptionFailed);
        }
        let (plaintext, chunks) = match self.direction {
            Direction::Seal => (octets, octets.div_ceil(full)),
            Direction::Open => {
                let final_tag = if ends { Mode::TAG_LEN } else { 0 };
                let body = octets.checked_sub(final_tag).ok_or(Error::DecryptionFailed)?;
                let chunks = body.div_ceil(full);
                // The rest behind the last full chunk has to hold at least one octet and its tag.
                if !body.is_multiple_of(full) && body % full <= Mode::TAG_LEN {
                    return Err(Error::DecryptionFailed);
                }
                (body.checked_sub(chunks * Mode::TAG_LEN).ok_or(Error::DecryptionFailed)?, chunks)
            }
        };
        Ok(Plan {
            suite: self.suite,
            direction: self.direction,
            message_key: self.message_key.clone(),
            iv: self.iv,
            first: self.first + self.chunks,
            plaintext,
            chunks: chunks as u64,
            ends,
        })
    }

    /// The plan of no octets, for others to follow.
    pub fn start(header: &Header, session_key: &[u8], direction: Direction) -> Result<Plan, Error> {
        let suite = header.suite;
        if session_key.len() != suite.cipher.key_len() {
            return Err(Error::DecryptionFailed);
        }
        let mut output = Zeroizing::new([0u8; 40]);
        let (key_len, iv_len) = (suite.cipher.key_len(), suite.mode.nonce_len() - 8);
        let wanted = output.get_mut(..key_len + iv_len).ok_or(Error::Unsupported("cipher"))?;
        Hkdf::<Sha256>::new(Some(&header.salt), session_key)
            .expand(&header.info(), wanted)
            .map_err(|_| Error::Unsupported("cipher"))?;
        let mut message_key = Zeroizing::new([0u8; 32]);
        let mut iv = [0u8; 8];
        for (to, from) in message_key.iter_mut().zip(wanted.iter().take(key_len)) {
            *to = *from;
        }
        for (to, from) in iv.iter_mut().zip(wanted.iter().skip(key_len)) {
            *to = *from;
        }
        Ok(Plan { suite, direction, message_key, iv, first: 0, plaintext: 0, chunks: 0, ends: false })
    }

    /// Whether no chunk came before, and the final tag is here: the body is not divided into parts.
    pub fn is_whole(&self) -> bool {
        self.first == 0 && self.ends
    }

    /// The key of all chunks, [`Cipher::key_len`](crate::Cipher::key_len) octets.
    pub fn message_key(&self) -> &[u8] {
        self.message_key.get(..self.suite.cipher.key_len()).unwrap_or_default()
    }

    /// Octets of plaintext in the largest chunk.
    pub fn largest_chunk(&self) -> usize {
        self.plaintext.min(self.suite.chunk.bytes())
    }

    /// Octets of plaintext.
    pub fn plaintext_len(&self) -> usize {
        self.plaintext
    }

    /// Octets of ciphertext behind the header: every chunk, and the final tag if it is in this part.
    pub fn ciphertext_len(&self) -> usize {
        self.plaintext + (self.chunks as usize + usize::from(self.ends)) * Mode::TAG_LEN
    }

    /// Octets that come out.
    pub fn output_len(&self) -> usize {
        match self.direction {
            Direction::Seal => self.ciphertext_len(),
            Direction::Open => self.plaintext,
        }
    }

    /// The algorithms.
    pub fn suite(&self) -> Suite {
        self.suite
    }

    /// The direction this plan was made for.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// All operations in order, the final tag last if it is in this part.
    pub fn chunks(&self) -> impl Iterator<Item = Chunk> + '_ {
        (0..).map_while(|index| self.chunk(index))
    }

    /// One operation; behind the last chunk of the message follows the final tag. None behind it.
    pub fn chunk(&self, index: u64) -> Option<Chunk> {
        if index >= self.chunks + u64::from(self.ends) {
            return None;
        }
        let size = self.suite.chunk.bytes();
        let (start, last) = (index as usize * size, index == self.chunks);
        let (start, end) =
            if last { (self.plaintext, self.plaintext) } else { (start, self.plaintext.min(start + size)) };
        let sealed_start = start + index as usize * Mode::TAG_LEN;
        let (plain, sealed) = (start..end, sealed_start..sealed_start + (end - start) + Mode::TAG_LEN);

        let nonce_len = self.suite.mode.nonce_len();
        let mut nonce = [0u8; 16];
        for (to, from) in
            nonce.iter_mut().zip(self.iv.iter().take(nonce_len - 8).copied().chain((self.first + index).to_be_bytes()))
        {
            *to = from;
        }
        let mut associated_data = [0u8; 13];
        let info = crate::body::info(self.suite).into_iter();
        let total = self.first * size as u64 + self.plaintext as u64;
        for (to, from) in associated_data.iter_mut().zip(info.chain(total.to_be_bytes())) {
            *to = from;
        }
        let (input, output) = match self.direction {
            Direction::Seal => (plain, sealed),
            Direction::Open => (sealed, plain),
        };
        Some(Chunk { input, output, nonce, nonce_len, associated_data, associated_len: if last { 13 } else { 5 } })
    }
}

impl Drop for Plan {
    fn drop(&mut self) {
        self.iv.zeroize();
    }
}
