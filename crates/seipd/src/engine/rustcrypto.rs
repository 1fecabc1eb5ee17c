//! AES × EAX/OCB/GCM in Rust: constant-time, works everywhere, slower than WebCrypto where there is no AES-NI (wasm).

use alloc::boxed::Box;

use aes::{Aes128, Aes192, Aes256};
use aes_gcm::aead::consts::{U12, U15, U16};
use aes_gcm::aead::generic_array::GenericArray;
use aes_gcm::{AeadInPlace, AesGcm, KeyInit};
use eax::Eax;
use ocb3::Ocb3;

use super::{Direction, Engine, Task};
use crate::{Cipher, Error, Mode};

/// The portable engine: every cipher and mode of [`Suite`](crate::Suite), done at once.
#[derive(Debug, Clone, Copy, Default)]
pub struct RustCrypto;

/// An expanded key of [`RustCrypto`]; wiped when dropped.
pub struct Key(Box<dyn Aead>);

impl Engine for RustCrypto {
    type Key = Key;
    type Job = ();
    const IN_FLIGHT: usize = 1;

    async fn key(&self, cipher: Cipher, mode: Mode, key: &[u8], _octets: usize) -> Result<Key, Error> {
        fn expand<A: KeyInit + Aead + 'static>(key: &[u8]) -> Result<Key, Error> {
            match A::new_from_slice(key) {
                Ok(aead) => Ok(Key(Box::new(aead))),
                Err(_) => Err(Error::DecryptionFailed),
            }
        }
        match (cipher, mode) {
            (Cipher::Aes128, Mode::Eax) => expand::<Eax<Aes128>>(key),
            (Cipher::Aes192, Mode::Eax) => expand::<Eax<Aes192>>(key),
            (Cipher::Aes256, Mode::Eax) => expand::<Eax<Aes256>>(key),
            (Cipher::Aes128, Mode::Ocb) => expand::<Ocb3<Aes128, U15, U16>>(key),
            (Cipher::Aes192, Mode::Ocb) => expand::<Ocb3<Aes192, U15, U16>>(key),
            (Cipher::Aes256, Mode::Ocb) => expand::<Ocb3<Aes256, U15, U16>>(key),
            (Cipher::Aes128, Mode::Gcm) => expand::<AesGcm<Aes128, U12>>(key),
            (Cipher::Aes192, Mode::Gcm) => expand::<AesGcm<Aes192, U12>>(key),
            (Cipher::Aes256, Mode::Gcm) => expand::<AesGcm<Aes256, U12>>(key),
        }
    }

    fn begin(&self, key: &Key, task: Task<'_>, output: &mut [u8]) -> Result<(), Error> {
        match task.direction {
            Direction::Seal => key.0.seal(&task, output),
            Direction::Open => key.0.open(&task, output),
        }
    }

    async fn finish(&self, (): (), _output: &mut [u8]) -> Result<(), Error> {
        Ok(())
    }
}

/// Erases which cipher and mode it is: nine types, one virtual call a chunk.
trait Aead {
    fn seal(&self, task: &Task<'_>, output: &mut [u8]) -> Result<(), Error>;
    fn open(&self, task: &Task<'_>, output: &mut [u8]) -> Result<(), Error>;
}

impl<A: AeadInPlace<TagSize = U16>> Aead for A {
    fn seal(&self, task: &Task<'_>, output: &mut [u8]) -> Result<(), Error> {
        let Some((text, tag)) = output.split_at_mut_checked(task.input.len()) else {
            return Err(Error::Malformed("chunk length"));
        };
        if tag.len() != Mode::TAG_LEN || task.nonce.len() != nonce_len::<A>() {
            return Err(Error::Malformed("chunk length"));
        }
        text.copy_from_slice(task.input);
        match self.encrypt_in_place_detached(GenericArray::from_slice(task.nonce), task.associated_data, text) {
            Ok(made) => tag.copy_from_slice(&made),
            Err(_) => return Err(Error::Malformed("chunk length")),
        }
        Ok(())
    }

    fn open(&self, task: &Task<'_>, output: &mut [u8]) -> Result<(), Error> {
        let Some((text, tag)) = task.input.split_at_checked(output.len()) else { return Err(Error::DecryptionFailed) };
        if tag.len() != Mode::TAG_LEN || task.nonce.len() != nonce_len::<A>() {
            return Err(Error::DecryptionFailed);
        }
        output.copy_from_slice(text);
        let nonce = GenericArray::from_slice(task.nonce);
        let opened = self.decrypt_in_place_detached(nonce, task.associated_data, output, GenericArray::from_slice(tag));
        opened.map_err(|_| {
            output.fill(0);
            Error::DecryptionFailed
        })
    }
}

fn nonce_len<A: AeadInPlace>() -> usize {
    use aes_gcm::aead::generic_array::typenum::Unsigned;
    A::NonceSize::USIZE
}
