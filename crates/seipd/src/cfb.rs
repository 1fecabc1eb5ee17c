//! AES in CFB mode (RFC 9580 §5.13.1): with the processor's instructions, and bitsliced where there are none, which is in browsers.
//!
//! Decrypting, every block of the key stream is known beforehand. Encrypting is serial: browsers do what is long as CBC instead.

#[cfg(any(test, not(feature = "rustcrypto"), target_family = "wasm"))]
mod bitsliced;
#[cfg(all(feature = "rustcrypto", any(test, not(target_family = "wasm"))))]
mod instructions;

use zeroize::Zeroize;

use crate::Cipher;
#[cfg(any(not(feature = "rustcrypto"), target_family = "wasm"))]
use bitsliced::Aes;
#[cfg(all(feature = "rustcrypto", not(target_family = "wasm")))]
use instructions::Aes;

/// Octets of a block.
const BLOCK: usize = 16;

/// A message under way, in one direction, with an IV of zeros. It comes in pieces; all but the last are whole blocks.
pub struct Cfb {
    aes: Aes,
    /// The last block of ciphertext.
    before: [u8; BLOCK],
}

impl Cfb {
    /// Starts. `None` for a key of another length.
    pub fn new(cipher: Cipher, key: &[u8]) -> Option<Self> {
        Some(Self { aes: Aes::new(cipher, key)?, before: [0; BLOCK] })
    }

    /// Encrypts the next piece in its place. In wasm block by block, so for few of them.
    pub fn encrypt(&mut self, piece: &mut [u8]) {
        self.aes.encrypt(&self.before, piece);
        self.before = piece.last_chunk().copied().unwrap_or(self.before);
    }

    /// Decrypts the next piece in its place.
    pub fn decrypt(&mut self, piece: &mut [u8]) {
        let before = self.before;
        self.before = piece.last_chunk().copied().unwrap_or(before);
        self.aes.decrypt(&before, piece);
    }
}

impl Drop for Cfb {
    fn drop(&mut self) {
        self.before.zeroize();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use aes::cipher::generic_array::GenericArray;
    use aes::cipher::{BlockEncrypt, KeyInit};
    use aes::{Aes128, Aes192, Aes256};
    use rand::{RngCore, SeedableRng};
    use std::boxed::Box;
    use std::vec;
    use std::vec::Vec;

    type Block = Box<dyn Fn(&mut [u8])>;

    fn reference(cipher: Cipher, key: &[u8]) -> Block {
        fn of<C: BlockEncrypt + KeyInit + 'static>(key: &[u8]) -> Block {
            let cipher = C::new_from_slice(key).unwrap();
            Box::new(move |block| cipher.encrypt_block(GenericArray::from_mut_slice(block)))
        }
        match cipher {
            Cipher::Aes128 => of::<Aes128>(key),
            Cipher::Aes192 => of::<Aes192>(key),
            Cipher::Aes256 => of::<Aes256>(key),
        }
    }

    /// CFB by its definition.
    fn encrypt(cipher: Cipher, key: &[u8], plain: &[u8]) -> Vec<u8> {
        let (block, mut stream, mut out) = (reference(cipher, key), vec![0; BLOCK], Vec::new());
        for part in plain.chunks(BLOCK) {
            block(&mut stream);
            out.extend(part.iter().zip(&stream).map(|(octet, key)| octet ^ key));
            if part.len() == BLOCK {
                stream = out[out.len() - BLOCK..].to_vec();
            }
        }
        out
    }

    #[test]
    fn is_cfb_of_every_cipher_and_length() {
        let mut rng = rand::rngs::StdRng::seed_from_u64(11);
        for cipher in [Cipher::Aes128, Cipher::Aes192, Cipher::Aes256] {
            for length in (0..200).chain([1000, 4096, 65_537]) {
                let (mut key, mut plain) = (vec![0; cipher.key_len()], vec![0; length]);
                rng.fill_bytes(&mut key);
                rng.fill_bytes(&mut plain);
                let mut octets = plain.clone();
                Cfb::new(cipher, &key).unwrap().encrypt(&mut octets);
                assert_eq!(octets, encrypt(cipher, &key, &plain), "{cipher:?}, {length} octets");
                Cfb::new(cipher, &key).unwrap().decrypt(&mut octets);
                assert_eq!(octets, plain, "{cipher:?}, {length} octets");
            }
        }
    }

    #[test]
    fn pieces_of_whole_blocks_are_the_same_as_all_at_once() {
        let (key, plain) = ([7; 32], (0..5000u32).map(|n| n as u8).collect::<Vec<_>>());
        let whole = encrypt(Cipher::Aes256, &key, &plain);
        for piece in [16, 48, 64, 80, 1024] {
            let (mut octets, mut running) = (whole.clone(), Cfb::new(Cipher::Aes256, &key).unwrap());
            octets.chunks_mut(piece).for_each(|piece| running.decrypt(piece));
            assert_eq!(octets, plain, "pieces of {piece}");
            let mut running = Cfb::new(Cipher::Aes256, &key).unwrap();
            octets.chunks_mut(piece).for_each(|piece| running.encrypt(piece));
            assert_eq!(octets, whole, "pieces of {piece}");
        }
    }

    #[test]
    fn keys_of_another_length_are_refused() {
        for (cipher, length) in [(Cipher::Aes128, 32), (Cipher::Aes256, 16), (Cipher::Aes192, 0)] {
            assert!(Cfb::new(cipher, &vec![0; length]).is_none());
        }
    }
}
