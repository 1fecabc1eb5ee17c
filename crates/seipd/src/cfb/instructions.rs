//! AES with the processor's instructions, where it has them, by the crates `aes` and `cfb-mode`.

use alloc::vec::Vec;

use aes::{Aes128, Aes192, Aes256};
use cfb_mode::cipher::{AsyncStreamCipher, KeyIvInit};
use cfb_mode::{Decryptor, Encryptor};
use zeroize::Zeroizing;

use super::BLOCK;
use crate::Cipher;

/// A key. Its schedule is made anew for each piece, which takes next to nothing beside it.
pub struct Aes {
    cipher: Cipher,
    key: Zeroizing<Vec<u8>>,
}

impl Aes {
    /// `None` for a key of another length.
    pub fn new(cipher: Cipher, key: &[u8]) -> Option<Self> {
        (key.len() == cipher.key_len()).then(|| Self { cipher, key: Zeroizing::new(key.to_vec()) })
    }

    /// Encrypts octets in their place, behind this block of ciphertext.
    pub fn encrypt(&self, before: &[u8; BLOCK], octets: &mut [u8]) {
        // The lengths are right.
        let _ = match self.cipher {
            Cipher::Aes128 => Encryptor::<Aes128>::new_from_slices(&self.key, before).map(|mode| mode.encrypt(octets)),
            Cipher::Aes192 => Encryptor::<Aes192>::new_from_slices(&self.key, before).map(|mode| mode.encrypt(octets)),
            Cipher::Aes256 => Encryptor::<Aes256>::new_from_slices(&self.key, before).map(|mode| mode.encrypt(octets)),
        };
    }

    /// Decrypts octets in their place, behind this block of ciphertext.
    pub fn decrypt(&self, before: &[u8; BLOCK], octets: &mut [u8]) {
        let _ = match self.cipher {
            Cipher::Aes128 => Decryptor::<Aes128>::new_from_slices(&self.key, before).map(|mode| mode.decrypt(octets)),
            Cipher::Aes192 => Decryptor::<Aes192>::new_from_slices(&self.key, before).map(|mode| mode.decrypt(octets)),
            Cipher::Aes256 => Decryptor::<Aes256>::new_from_slices(&self.key, before).map(|mode| mode.decrypt(octets)),
        };
    }
}
