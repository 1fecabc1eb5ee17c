//! Whole messages in JavaScript's memory: chunks go from there to WebCrypto and back, several at a time.
//!
//! In Node the ciphers and hashes of `node:crypto` do it: they copy nothing, and know CFB and hashing in parts besides.

use std::collections::VecDeque;
use std::ops::Range;

use envelock_seipd::cfb::Cfb;
use envelock_seipd::engine::{Bulk, Direction, Engine, Hash, RustCrypto, Task};
use envelock_seipd::plan::{Chunk, Plan};
use envelock_seipd::{Cipher, Error, Mode, Progress, Rope, SecretOctets};
use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;

use super::release::{release, release_chunk};
use super::report::report;
use super::{Key, Platform, SMALL, cfb, node, subtle};
use crate::octets::{JsOctets, copy_rope, rope_view};

/// What is copied between two turns: a few milliseconds.
const COPIED: usize = 4 << 20;

impl Bulk<JsOctets> for Platform {
    async fn seal(
        &self,
        head: Vec<u8>,
        plan: &Plan,
        rope: Rope<'_, JsOctets>,
        progress: &mut dyn Progress,
    ) -> Result<JsOctets, Error> {
        let sealed = JsOctets::room(head.len() + plan.ciphertext_len()).ok_or(Error::OutOfMemory)?;
        sealed.write(0, &head).ok_or(Error::GONE)?;
        let input = |range: Range<usize>| rope_view(&rope, range);
        run(self, plan, input, &sealed, head.len(), progress).await?;
        Ok(sealed)
    }

    async fn open(
        &self,
        plan: &Plan,
        data: &JsOctets,
        range: Range<usize>,
        progress: &mut dyn Progress,
    ) -> Result<JsOctets, Error> {
        let opened = JsOctets::room(plan.plaintext_len()).ok_or(Error::OutOfMemory)?;
        let input = |part: Range<usize>| data.view(range.start + part.start..range.start + part.end);
        let result = run(self, plan, input, &opened, 0, progress).await;
        if result.is_err() {
            opened.wipe();
        }
        result.map(|()| opened)
    }

    const HASHES: bool = true;

    async fn digest(
        &self,
        hash: Hash,
        rope: Rope<'_, JsOctets>,
        progress: &mut dyn Progress,
    ) -> Result<Option<Vec<u8>>, Error> {
        if let Some(node) = node::Crypto::find() {
            return match node.digest(hash, &rope, progress).await {
                Err(Error::Unsupported(_)) => Ok(None),
                hashed => hashed.map(Some),
            };
        }
        let name = subtle::name(hash);
        // WebCrypto hashes one array in one go, and takes its copy before the call returns.
        let Some(web) = &self.web else { return Ok(None) };
        let hash = |whole: &Uint8Array| web.subtle().digest_with_str_and_buffer_source(name, whole).ok();
        let hashing = match rope.data.shown_between(rope.before, rope.after, hash) {
            Some(hashing) => hashing,
            None => {
                let whole = gathered(&rope, progress).await?;
                let hashing = hash(&whole);
                release(whole);
                hashing
            }
        };
        let Some(hashing) = hashing else { return Ok(None) };
        let Ok(digest) = JsFuture::from(hashing).await else { return Ok(None) };
        report(progress, rope.len(), rope.len()).await?;
        Ok(Some(Uint8Array::new(&digest).to_vec()))
    }

    async fn cfb_encrypt(
        &self,
        cipher: Cipher,
        key: &[u8],
        head: &[u8],
        rope: Rope<'_, JsOctets>,
        progress: &mut dyn Progress,
    ) -> Result<Option<JsOctets>, Error> {
        let input = |range: Range<usize>| rope_view(&rope, range);
        let sealed = JsOctets::room(head.len() + rope.len()).ok_or(Error::OutOfMemory)?;
        sealed.write(0, head).ok_or(Error::GONE)?;
        if let Some(node) = node::Crypto::find().and_then(|node| node.cfb(cipher, key, Direction::Seal)) {
            node.run(input, rope.len(), &sealed, head.len(), progress).await?;
            return Ok(Some(sealed));
        }
        let Some(web) = &self.web else { return Ok(None) };
        let Some(key) = cfb::key(web, cipher, key).await else { return Ok(None) };
        cfb::encrypt(web, &key, input, rope.len(), &sealed, head.len(), progress).await?;
        Ok(Some(sealed))
    }

    async fn cfb_decrypt(
        &self,
        cipher: Cipher,
        key: &[u8],
        data: &JsOctets,
        range: Range<usize>,
        progress: &mut dyn Progress,
    ) -> Result<Option<JsOctets>, Error> {
        let input = |part: Range<usize>| data.view(range.start + part.start..range.start + part.end);
        let opened = JsOctets::room(range.len()).ok_or(Error::OutOfMemory)?;
        if let Some(node) = node::Crypto::find().and_then(|node| node.cfb(cipher, key, Direction::Open)) {
            node.run(input, range.len(), &opened, 0, progress).await?;
            return Ok(Some(opened));
        }
        let Some(running) = Cfb::new(cipher, key) else { return Ok(None) };
        cfb::decrypt(running, input, range.len(), &opened, progress).await?;
        Ok(Some(opened))
    }
}

/// A copy of a whole rope in one array, others having their turns meanwhile: what hashes it will take its time without a pause. That is half
/// of the work.
async fn gathered(rope: &Rope<'_, JsOctets>, progress: &mut dyn Progress) -> Result<Uint8Array, Error> {
    let whole = JsOctets::zeros(rope.len()).ok_or(Error::OutOfMemory)?;
    for start in (0..rope.len()).step_by(COPIED) {
        let end = rope.len().min(start + COPIED);
        copy_rope(rope, start..end, &whole, start).ok_or(Error::GONE)?;
        report(progress, end, 2 * rope.len()).await?;
    }
    Ok(whole.array().clone())
}

/// Puts every chunk of the plan through the engine and writes it into `output`, from `offset` on.
async fn run(
    platform: &Platform,
    plan: &Plan,
    input: impl Fn(Range<usize>) -> Option<Uint8Array>,
    output: &JsOctets,
    offset: usize,
    progress: &mut dyn Progress,
) -> Result<(), Error> {
    let suite = plan.suite();
    let node = node::Crypto::find().filter(|_| suite.mode == Mode::Gcm && plan.largest_chunk() >= SMALL);
    if let Some(node) = node.as_ref().and_then(|node| node.gcm(suite.cipher, plan.message_key(), plan.direction())) {
        return node.run(plan, input, output, offset, progress).await;
    }
    let key = platform.key(suite.cipher, suite.mode, plan.message_key(), plan.largest_chunk()).await?;
    let mut chunks = plan.chunks();
    let mut done = 0;
    let mut jobs: VecDeque<(Begun, Chunk)> = VecDeque::with_capacity(Platform::IN_FLIGHT);
    loop {
        while jobs.len() < Platform::IN_FLIGHT {
            let Some(chunk) = chunks.next() else { break };
            let octets = input(chunk.input.clone()).ok_or(Error::GONE)?;
            let begun = match (&key, &platform.web) {
                (Key::Web(key), Some(web)) => Begun::There(web.begin_there(key, plan.direction(), &chunk, &octets)?),
                (Key::Web(_), None) => return Err(Error::Unsupported("WebCrypto")),
                (Key::Rust(key), _) => {
                    let octets = SecretOctets::from(octets.to_vec());
                    let task = Task {
                        direction: plan.direction(),
                        nonce: chunk.nonce(),
                        associated_data: chunk.associated_data(),
                        input: &octets,
                    };
                    let mut made = SecretOctets::from(vec![0; chunk.output.len()]);
                    RustCrypto.begin(key, task, &mut made)?;
                    Begun::Done(made)
                }
            };
            jobs.push_back((begun, chunk));
            if matches!(key, Key::Rust(_)) {
                break;
            }
        }
        let Some((begun, chunk)) = jobs.pop_front() else { return Ok(()) };
        let place = offset + chunk.output.start;
        match begun {
            Begun::There(job) => {
                let made = Uint8Array::new(&job.await.map_err(|_| Error::DecryptionFailed)?);
                if made.length() as usize != chunk.output.len() {
                    return Err(Error::DecryptionFailed);
                }
                output.set(place, &made).ok_or(Error::GONE)?;
                release_chunk(plan, made);
            }
            Begun::Done(made) => output.write(place, &made).ok_or(Error::GONE)?,
        }
        done += chunk.input.len().min(chunk.output.len());
        report(progress, done, plan.plaintext_len()).await?;
    }
}

/// A chunk under way.
enum Begun {
    There(JsFuture),
    Done(SecretOctets),
}
