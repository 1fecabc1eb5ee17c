//! AES in CFB mode in browsers, which do not know it.
//!
//! Encrypting is CBC in disguise: CBC over a block `c` and the plaintext `p` behind it gives `E(c)`, `E(p₀ ⊕ E(c))` = `E(c₀)`, and so
//! on: the key stream. Decrypting would need `E` of blocks that no mode of WebCrypto takes as they are; Rust does that.

use std::ops::Range;

use envelock_seipd::cfb::Cfb;
use envelock_seipd::engine::WebCrypto;
use envelock_seipd::{Cipher, Error, Progress};
use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::CryptoKey;
use zeroize::Zeroizing;

use super::report::report;
use super::subtle;
use crate::octets::JsOctets;

const BLOCK: usize = 16;
/// What is encrypted at a time: large beside the wait for it.
const ENCRYPTED: usize = 1 << 20;
/// What is decrypted at a time: stays in the processor's cache.
const DECRYPTED: usize = 64 << 10;
/// WebCrypto refused what it can do.
const LACKING: Error = Error::Unsupported("cipher in WebCrypto");

/// The key for [`encrypt`]; `None` if the platform does not know the cipher.
pub async fn key(web: &WebCrypto, cipher: Cipher, key: &[u8]) -> Option<CryptoKey> {
    if key.len() != cipher.key_len() {
        return None;
    }
    let algorithm = subtle::algorithm("AES-CBC", &[])?;
    subtle::import(web, "raw", key, &algorithm, Some("encrypt"))?.await.map(JsCast::unchecked_into)
}

/// Encrypts `length` octets of `input` into `output`, from `offset` on.
pub async fn encrypt(
    web: &WebCrypto,
    key: &CryptoKey,
    input: impl Fn(Range<usize>) -> Option<Uint8Array>,
    length: usize,
    output: &JsOctets,
    offset: usize,
    progress: &mut dyn Progress,
) -> Result<(), Error> {
    let iv = Uint8Array::new_with_length(BLOCK as u32);
    let algorithm = subtle::algorithm("AES-CBC", &[("iv", iv.into())]).ok_or(LACKING)?;
    let mut before = [0u8; BLOCK];
    for start in (0..length).step_by(ENCRYPTED) {
        let end = length.min(start + ENCRYPTED);
        let mut piece = Zeroizing::new(vec![0; BLOCK + (end - start)]);
        let (front, plain) = piece.split_at_mut(BLOCK);
        front.copy_from_slice(&before);
        input(start..end).ok_or(Error::GONE)?.copy_to(plain);
        let started = web.subtle().encrypt_with_object_and_u8_array(&algorithm, key, &piece).map_err(|_| LACKING)?;
        let stream = Uint8Array::new(&JsFuture::from(started).await.map_err(|_| LACKING)?);
        // CBC pads: what is behind the piece is not wanted.
        let mut sealed = vec![0; end - start];
        stream.subarray(0, (end - start) as u32).copy_to(&mut sealed);
        for (octet, plain) in sealed.iter_mut().zip(piece.get(BLOCK..).unwrap_or_default()) {
            *octet ^= plain;
        }
        before = sealed.last_chunk().copied().unwrap_or_default();
        output.write(offset + start, &sealed).ok_or(Error::GONE)?;
        report(progress, end, length).await?;
    }
    Ok(())
}

/// Decrypts `length` octets of `input` into `output`.
pub async fn decrypt(
    mut running: Cfb,
    input: impl Fn(Range<usize>) -> Option<Uint8Array>,
    length: usize,
    output: &JsOctets,
    progress: &mut dyn Progress,
) -> Result<(), Error> {
    let mut piece = Zeroizing::new(vec![0; DECRYPTED.min(length)]);
    for start in (0..length).step_by(DECRYPTED) {
        let end = length.min(start + DECRYPTED);
        let octets = piece.get_mut(..end - start).ok_or(Error::GONE)?;
        input(start..end).ok_or(Error::GONE)?.copy_to(octets);
        running.decrypt(octets);
        output.write(start, octets).ok_or(Error::GONE)?;
        report(progress, end, length).await?;
    }
    Ok(())
}
