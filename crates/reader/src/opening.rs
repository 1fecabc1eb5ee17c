//! One envelope being opened: says what to decrypt next, takes what came out.

use alloc::vec::Vec;
use core::mem;

use envelock_seipd::plan::Plan;
use envelock_seipd::sealed::Sealed;
use envelock_seipd::skesk::KeyEncryptionKey;
use envelock_seipd::{Error, Limits, link};
use js_sys::{Array, Object, Uint8Array};
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

use crate::content::Reading;
use crate::thrown;

/// The state between two steps of `drive.js`.
#[wasm_bindgen]
pub struct Opening {
    sealed: Sealed,
    /// For the session key, before there is a plan.
    key: KeyEncryptionKey,
    plan: Option<Plan>,
    begun: u64,
    finished: u64,
    /// All of it goes to JavaScript as it is, whose copies nobody can wipe.
    packets: Vec<u8>,
    /// Once all of them are there.
    reading: Option<Reading>,
}

impl Opening {
    pub(crate) fn new(ciphertext: &Uint8Array, access: &link::Access) -> Result<Self, Error> {
        // Its owner may have taken it away; what is not there cannot be copied.
        if ciphertext.length() == 0 {
            return Err(Error::GONE);
        }
        // A copy, but for a moment only, and before the plaintext needs room.
        let sealed = Sealed::parse(&ciphertext.to_vec(), access)?;
        Ok(Opening {
            sealed,
            key: access.key().clone(),
            plan: None,
            begun: 0,
            finished: 0,
            packets: Vec::new(),
            reading: None,
        })
    }
}

#[wasm_bindgen]
impl Opening {
    /// The AES key of the tasks to come: first the one that wraps the session key, then that of the chunks.
    pub fn key(&self) -> Uint8Array {
        Uint8Array::from(self.plan.as_ref().map_or(self.key.expose(), Plan::message_key))
    }

    /// The next decryption, `[iv, additionalData, from, to]` with the last two in the ciphertext; undefined if there is none.
    pub fn next(&mut self) -> Option<Array> {
        let task = |iv: &[u8], data: &[u8], from: usize, to: usize| {
            Array::of4(
                &Uint8Array::from(iv),
                &Uint8Array::from(data),
                &JsValue::from_f64(from as f64),
                &JsValue::from_f64(to as f64),
            )
        };
        let Some(plan) = &self.plan else {
            let (skesk, place) = (&self.sealed.skesk, &self.sealed.wrapped_session_key);
            return Some(task(skesk.nonce(), &skesk.associated_data(), place.start, place.end));
        };
        let chunk = plan.chunk(self.begun)?;
        self.begun += 1;
        let start = self.sealed.body.start + envelock_seipd::Header::LEN;
        Some(task(chunk.nonce(), chunk.associated_data(), start + chunk.input.start, start + chunk.input.end))
    }

    /// Takes the session key; from now on the tasks are the chunks.
    pub fn unlock(&mut self, session_key: Vec<u8>) -> Result<(), JsValue> {
        let chunks = self.sealed.body.len().saturating_sub(envelock_seipd::Header::LEN);
        let plan = Plan::opening(&self.sealed.header, &Zeroizing::new(session_key), chunks).map_err(thrown)?;
        let (size, allowed) = (plan.plaintext_len() as u64, Limits::default().plaintext_bytes);
        if size > allowed {
            return Err(thrown(Error::TooLarge { size, allowed }));
        }
        self.packets.try_reserve_exact(plan.plaintext_len()).map_err(|_| thrown(Error::OutOfMemory))?;
        self.plan = Some(plan);
        Ok(())
    }

    /// Takes the plaintext of a chunk, in the order of [`Opening::next`].
    pub fn put(&mut self, plaintext: &[u8]) -> Result<(), JsValue> {
        let expected = self.plan.as_ref().and_then(|plan| plan.chunk(self.finished)).map(|chunk| chunk.output);
        if expected != Some(self.packets.len()..self.packets.len() + plaintext.len()) {
            return Err(thrown(Error::DecryptionFailed));
        }
        self.packets.extend_from_slice(plaintext);
        self.finished += 1;
        Ok(())
    }

    /// Goes on with the content for a few milliseconds, once every chunk and the final tag are there. Undefined until all of it is there.
    pub fn finish(&mut self) -> Result<Option<Object>, JsValue> {
        if self.plan.as_ref().is_none_or(|plan| plan.chunk(self.finished).is_some()) {
            return Err(thrown(Error::DecryptionFailed));
        }
        if let Some(reading) = &mut self.reading {
            return reading.step();
        }
        self.reading = Some(Reading::begin(mem::take(&mut self.packets))?);
        Ok(None)
    }
}
