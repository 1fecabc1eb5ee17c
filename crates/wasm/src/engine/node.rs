//! `node:crypto`, where there is one: the processor's AES and SHA instructions without a copy and without a wait.

use std::ops::Range;

use envelock_seipd::engine::{Direction, Hash};
use envelock_seipd::{Cipher, Error, Progress, Rope};
use js_sys::{Array, Function, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use crate::octets::{JsOctets, rope_view};

/// What is worked on between two reports of progress.
const PIECE: usize = 256 << 10;

/// The module.
pub struct Crypto(Object);

impl Crypto {
    /// Asks the process for it, as a bundler could not see an import. `None` in browsers.
    pub fn find() -> Option<Crypto> {
        let process = Reflect::get(&js_sys::global(), &"process".into()).ok()?;
        if !process.is_object() {
            return None;
        }
        let module = call(&process, "getBuiltinModule", &["node:crypto".into()]).ok()?;
        module.dyn_into().ok().map(Crypto)
    }

    /// Hashes in parts; `None` if it cannot.
    pub fn digest(&self, hash: Hash, rope: &Rope<'_, JsOctets>) -> Option<Vec<u8>> {
        let name = match hash {
            Hash::Sha1 => "sha1",
            Hash::Sha256 => "sha256",
            Hash::Sha384 => "sha384",
            Hash::Sha512 => "sha512",
        };
        let hashing = call(&self.0, "createHash", &[name.into()]).ok()?;
        for part in parts(rope)? {
            call(&hashing, "update", &[part.into()]).ok()?;
        }
        let digest: Uint8Array = call(&hashing, "digest", &[]).ok()?.dyn_into().ok()?;
        Some(digest.to_vec())
    }

    /// AES in CFB mode with an IV of zeros.
    pub fn cfb(&self, cipher: Cipher, key: &[u8], direction: Direction) -> Option<Cfb> {
        let name = match cipher {
            Cipher::Aes128 => "aes-128-cfb",
            Cipher::Aes192 => "aes-192-cfb",
            Cipher::Aes256 => "aes-256-cfb",
        };
        let make = match direction {
            Direction::Seal => "createCipheriv",
            Direction::Open => "createDecipheriv",
        };
        let key = Uint8Array::from(key);
        let made = call(&self.0, make, &[name.into(), key.clone().into(), Uint8Array::new_with_length(16).into()]);
        key.fill(0, 0, key.length());
        made.ok().map(Cfb)
    }
}

fn parts(rope: &Rope<'_, JsOctets>) -> Option<[Uint8Array; 3]> {
    let (front, back) = (rope.before.len(), rope.len() - rope.after.len());
    Some([rope_view(rope, 0..front)?, rope_view(rope, front..back)?, rope_view(rope, back..rope.len())?])
}

/// A cipher under way.
pub struct Cfb(JsValue);

impl Cfb {
    /// Puts everything through it, into `output` from `offset` on.
    pub fn run(
        self,
        input: impl Fn(Range<usize>) -> Option<Uint8Array>,
        length: usize,
        output: &JsOctets,
        offset: usize,
        progress: &mut dyn Progress,
    ) -> Result<(), Error> {
        for start in (0..length).step_by(PIECE) {
            let end = length.min(start + PIECE);
            let piece = input(start..end).ok_or(Error::OutOfMemory)?;
            let made = call(&self.0, "update", &[piece.into()]).map_err(|_| Error::Unsupported("cipher in Node"))?;
            let made: Uint8Array = made.dyn_into().map_err(|_| Error::Unsupported("cipher in Node"))?;
            output.set(offset + start, &made).ok_or(Error::OutOfMemory)?;
            if progress.report(end as u64, length as u64).is_break() {
                return Err(Error::Cancelled);
            }
        }
        Ok(())
    }
}

fn call(object: &JsValue, method: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let method: Function = Reflect::get(object, &method.into())?.dyn_into()?;
    method.apply(object, &arguments.iter().collect::<Array>())
}
