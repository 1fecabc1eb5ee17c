//! SEIPD version 1 (RFC 9580 §5.13.1) through an engine: AES in CFB mode, and the modification detection code.
//!
//! In one go: nothing is returned before the code is checked. What is short, or what the engine does not know, is done here, in Rust. Old ciphers are
//! left to rPGP (`container`).

use super::{
    error::{DecryptError, EncryptError},
    outline::GONE,
};
use crate::rest;
use envelock_seipd::{
    Cipher, Octets, Progress, Rope,
    cfb::Cfb,
    engine::{Bulk, Hash, report},
    packet::{Tag, write_header},
};
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use rand::{CryptoRng, Rng};
use sha1::{Digest, Sha1};
use std::ops::Range;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// What precedes the message: a block of random octets, the last two of them twice.
const PREFIX: usize = 18;
/// The packet that ends it: type, length, SHA-1 of everything before.
const CODE_HEAD: [u8; 2] = [0xD3, 0x14];
const DIGEST: usize = 20;
const CODE: usize = CODE_HEAD.len() + DIGEST;

/// Less than this is sooner done here than an engine is asked and waited for, some times for each message.
const WORTH_ASKING: usize = 4 << 10;

/// What is worked on at a time here: whole blocks, which stay in the processor's cache from one step to the next.
const PIECE: usize = 64 << 10;

/// Decrypts and checks a packet body; `None` if the cipher is not AES.
pub(super) async fn open<D: Octets + ?Sized, E: Bulk<D>>(
    engine: &E,
    body: &D,
    range: Range<usize>,
    cipher: SymmetricKeyAlgorithm,
    key: &[u8],
    progress: &mut dyn Progress,
) -> Result<Option<D::Made>, DecryptError> {
    let Some(cipher) = rest::aes(cipher) else { return Ok(None) };
    // The version, and what the shortest message has around it.
    if key.len() != cipher.key_len() || range.len() < 1 + PREFIX + CODE {
        return Err(FAILED);
    }
    let ciphertext = range.start + 1..range.end;
    if range.len() >= WORTH_ASKING
        && let Some(opened) = engine.cfb_decrypt(cipher, key, body, ciphertext.clone(), progress).await?
    {
        let length = D::of(&opened).len();
        let Some(end) = length.checked_sub(CODE) else { return Err(FAILED) };
        let code = Zeroizing::new(D::of(&opened).read(end..length).ok_or(GONE)?.to_vec());
        let opened = D::cut(opened, 0..end + CODE_HEAD.len()).ok_or(GONE)?;
        let rope = Rope { before: &[], data: D::of(&opened), after: &[] };
        if let Some(digest) = engine.digest(Hash::Sha1, rope, &mut ()).await? {
            let opened = D::cut(opened, PREFIX..end).ok_or(GONE)?;
            return if is_code(&code, &digest) { Ok(Some(opened)) } else { Err(FAILED) };
        }
        D::release(opened);
    }
    open_here(body, ciphertext, cipher, key, progress).map(|opened| Some(D::made(opened)))
}

const FAILED: DecryptError = DecryptError::DecryptionFailed;

/// [`open`] without an engine.
fn open_here<D: Octets + ?Sized>(
    body: &D,
    ciphertext: Range<usize>,
    cipher: Cipher,
    key: &[u8],
    progress: &mut dyn Progress,
) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
    let length = ciphertext.len();
    let (mut cfb, mut hash) = (Cfb::new(cipher, key).ok_or(FAILED)?, Sha1::new());
    // With room for everything from the start, no unwiped copy is left behind by growing.
    let mut opened = Zeroizing::new(Vec::new());
    opened.try_reserve_exact(length).map_err(|_| DecryptError::TooLarge { allowed: length as u64 })?;
    let mut piece = Zeroizing::new(vec![0; PIECE.min(length)]);
    report(progress, 0, length)?;
    for start in (0..length).step_by(PIECE) {
        let end = length.min(start + PIECE);
        piece.truncate(end - start);
        body.copy_to(ciphertext.start + start, &mut piece).ok_or(GONE)?;
        cfb.decrypt(&mut piece);
        let hashed = end.min(length - DIGEST).saturating_sub(start);
        hash.update(piece.get(..hashed).ok_or(FAILED)?);
        opened.extend_from_slice(piece.get(if start == 0 { PREFIX } else { 0 }..).ok_or(FAILED)?);
        report(progress, end, length)?;
    }
    let end = opened.len().checked_sub(CODE).ok_or(FAILED)?;
    if !is_code(opened.get(end..).ok_or(FAILED)?, &hash.finalize()) {
        return Err(FAILED);
    }
    opened.truncate(end);
    Ok(opened)
}

/// Whether a message ends with the right code. The octets of the prefix that come twice are not compared: whoever could tell the two failures apart
/// would have an oracle.
fn is_code(code: &[u8], digest: &[u8]) -> bool {
    let Some((head, claimed)) = code.split_at_checked(CODE_HEAD.len()) else { return false };
    (head.ct_eq(&CODE_HEAD) & claimed.ct_eq(digest)).into()
}

/// Appends the whole packet to `message`: random prefix, `rope`, code. Only AES is written.
pub(super) async fn seal<D: Octets + ?Sized, E: Bulk<D>, R: CryptoRng + Rng>(
    engine: &E,
    message: &[u8],
    rope: &Rope<'_, D>,
    cipher: SymmetricKeyAlgorithm,
    key: &[u8],
    rng: &mut R,
    progress: &mut dyn Progress,
) -> Result<D::Sealed, EncryptError> {
    let cipher = rest::aes(cipher).ok_or(EncryptError::EncryptionFailed)?;
    let mut before = Zeroizing::new(vec![0; PREFIX]);
    if let Some((random, twice)) = before.split_last_chunk_mut::<2>() {
        rng.fill_bytes(random);
        twice.copy_from_slice(random.last_chunk::<2>().unwrap_or(&[0; 2]));
    }
    before.extend_from_slice(rope.before);
    let mut after = rope.after.to_vec();
    after.extend(CODE_HEAD);
    let hashed = || Rope { before: &before, data: rope.data, after: &after };
    let length = 1 + hashed().len() + DIGEST;
    let length = u32::try_from(length).map_err(|_| EncryptError::TooLarge { allowed: u32::MAX.into() })?;
    let mut head = message.to_vec();
    write_header(&mut head, Tag::SEIPD, length);
    head.push(1);
    if rope.len() >= WORTH_ASKING
        && let Some(digest) = engine.digest(Hash::Sha1, hashed(), &mut ()).await?
    {
        let whole = [&after, digest.as_slice()].concat();
        let rope = Rope { before: &before, data: rope.data, after: &whole };
        if let Some(sealed) = engine.cfb_encrypt(cipher, key, &head, rope, progress).await? {
            return Ok(sealed);
        }
    }
    seal_here(head, &hashed(), cipher, key, progress).map(D::sealed)
}

/// [`seal`] without an engine; `sealed` is all that precedes the ciphertext, `rope` what is hashed.
fn seal_here<D: Octets + ?Sized>(
    mut sealed: Vec<u8>,
    rope: &Rope<'_, D>,
    cipher: Cipher,
    key: &[u8],
    progress: &mut dyn Progress,
) -> Result<Vec<u8>, EncryptError> {
    const GONE: EncryptError = EncryptError::EncryptionFailed;
    let length = rope.len();
    let (mut cfb, mut hash) = (Cfb::new(cipher, key).ok_or(GONE)?, Sha1::new());
    sealed.try_reserve_exact(length + DIGEST).map_err(|_| GONE)?;
    let mut piece = Zeroizing::new(Vec::with_capacity(PIECE.min(length) + DIGEST));
    report(progress, 0, length)?;
    for start in (0..length).step_by(PIECE) {
        let end = length.min(start + PIECE);
        piece.resize(end - start, 0);
        rope.copy_to(start, &mut piece).ok_or(GONE)?;
        hash.update(&piece);
        if end == length {
            piece.extend_from_slice(&hash.finalize_reset());
        }
        cfb.encrypt(&mut piece);
        sealed.extend_from_slice(&piece);
        report(progress, end, length)?;
    }
    Ok(sealed)
}
