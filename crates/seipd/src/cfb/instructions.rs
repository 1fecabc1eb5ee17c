//! AES with the processor's instructions, where it has them, by the crates `aes` and `cfb-mode`.

use aes::{Aes128, Aes192, Aes256};
use cfb_mode::cipher::{AsyncStreamCipher, KeyIvInit};
use cfb_mode::{Decryptor, Encryptor};
use zeroize::Zeroizing;

use super::BLOCK;
use crate::Cipher;

/// A key. Its schedule is made anew for each piece, which takes next to nothing beside it, and wiped behind it.
pub struct Aes(Key);

enum Key {
    Aes128(Zeroizing<[u8; 16]>),
    Aes192(Zeroizing<[u8; 24]>),
    Aes256(Zeroizing<[u8; 32]>),
}

impl Aes {
    /// `None` for a key of another length.
    pub fn new(cipher: Cipher, key: &[u8]) -> Option<Self> {
        Some(Self(match cipher {
            Cipher::Aes128 => Key::Aes128(Zeroizing::new(key.try_into().ok()?)),
            Cipher::Aes192 => Key::Aes192(Zeroizing::new(key.try_into().ok()?)),
            Cipher::Aes256 => Key::Aes256(Zeroizing::new(key.try_into().ok()?)),
        }))
    }

    /// Encrypts octets in their place, behind this block of ciphertext.
    pub fn encrypt(&self, before: &[u8; BLOCK], octets: &mut [u8]) {
        let before = before.into();
        match &self.0 {
            Key::Aes128(key) => Encryptor::<Aes128>::new((&**key).into(), before).encrypt(octets),
            Key::Aes192(key) => Encryptor::<Aes192>::new((&**key).into(), before).encrypt(octets),
            Key::Aes256(key) => Encryptor::<Aes256>::new((&**key).into(), before).encrypt(octets),
        }
    }

    /// Decrypts octets in their place, behind this block of ciphertext.
    pub fn decrypt(&self, before: &[u8; BLOCK], octets: &mut [u8]) {
        let before = before.into();
        match &self.0 {
            Key::Aes128(key) => Decryptor::<Aes128>::new((&**key).into(), before).decrypt(octets),
            Key::Aes192(key) => Decryptor::<Aes192>::new((&**key).into(), before).decrypt(octets),
            Key::Aes256(key) => Decryptor::<Aes256>::new((&**key).into(), before).decrypt(octets),
        }
    }
}
