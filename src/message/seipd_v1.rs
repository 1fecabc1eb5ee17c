//! SEIPD version 1 (RFC 9580 §5.13.1) through an engine: AES in CFB mode, and the modification detection code.
//!
//! In one go: nothing is returned before the code is checked. Short messages are done here, in Rust. Old ciphers, and what is longer where the engine
//! does not know CFB, are left to rPGP (`container`, `encrypt`).

use super::{
    error::{DecryptError, EncryptError},
    outline::GONE,
};
use crate::rest;
use envelock_seipd::{
    Cipher, Octets, Progress, Rope,
    cfb::{self, CfbDecryptor},
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
const CODE: usize = CODE_HEAD.len() + 20;

/// Less than this is sooner done here than an engine is asked and waited for, some times for each message.
const WORTH_ASKING: usize = 4 << 10;

/// Decrypts and checks a packet body; `None` if the engine does not know how.
pub(super) async fn open<D: Octets + ?Sized, E: Bulk<D>>(
    engine: &E,
    body: &D,
    range: Range<usize>,
    cipher: SymmetricKeyAlgorithm,
    key: &[u8],
    progress: &mut dyn Progress,
) -> Result<Option<D::Made>, DecryptError> {
    const FAILED: DecryptError = DecryptError::DecryptionFailed;
    let Some(cipher) = rest::aes(cipher) else { return Ok(None) };
    // The version, and what the shortest message has around it.
    if key.len() != cipher.key_len() || range.len() < 1 + PREFIX + CODE {
        return Err(FAILED);
    }
    let ciphertext = range.start + 1..range.end;
    if range.len() < WORTH_ASKING {
        return open_short(&body.read(ciphertext).ok_or(GONE)?, cipher, key, progress)
            .map(|plain| Some(D::made(plain)));
    }
    let Some(opened) = engine.cfb_decrypt(cipher, key, body, ciphertext, progress).await? else { return Ok(None) };
    let length = D::of(&opened).len();
    let Some(end) = length.checked_sub(CODE) else { return Err(FAILED) };
    let code = Zeroizing::new(D::of(&opened).read(end..length).ok_or(GONE)?.to_vec());
    let opened = D::cut(opened, 0..end + CODE_HEAD.len()).ok_or(GONE)?;
    let rope = Rope { before: &[], data: D::of(&opened), after: &[] };
    let Some(digest) = engine.digest(Hash::Sha1, rope, &mut ()).await? else { return Ok(None) };
    if !is_code(&code, &digest) {
        return Err(FAILED);
    }
    Ok(Some(D::cut(opened, PREFIX..end).ok_or(GONE)?))
}

/// [`open`] without an engine.
fn open_short(
    ciphertext: &[u8],
    cipher: Cipher,
    key: &[u8],
    progress: &mut dyn Progress,
) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
    const FAILED: DecryptError = DecryptError::DecryptionFailed;
    report(progress, 0, ciphertext.len())?;
    let mut octets = Zeroizing::new(ciphertext.to_vec());
    CfbDecryptor::new(cipher, key).ok_or(FAILED)?.decrypt(&mut octets);
    let end = octets.len().checked_sub(CODE).ok_or(FAILED)?;
    let digest = Sha1::digest(octets.get(..end + CODE_HEAD.len()).ok_or(FAILED)?);
    if !is_code(octets.get(end..).ok_or(FAILED)?, &digest) {
        return Err(FAILED);
    }
    report(progress, ciphertext.len(), ciphertext.len())?;
    Ok(Zeroizing::new(octets.get(PREFIX..end).ok_or(FAILED)?.to_vec()))
}

/// Whether a message ends with the right code. The octets of the prefix that come twice are not compared: whoever could tell the two failures apart
/// would have an oracle.
fn is_code(code: &[u8], digest: &[u8]) -> bool {
    let Some((head, claimed)) = code.split_at_checked(CODE_HEAD.len()) else { return false };
    (head.ct_eq(&CODE_HEAD) & claimed.ct_eq(digest)).into()
}

/// Appends the whole packet to `message`: random prefix, `rope`, code. `None` if the engine does not know how.
pub(super) async fn seal<D: Octets + ?Sized, E: Bulk<D>, R: CryptoRng + Rng>(
    engine: &E,
    message: &[u8],
    rope: &Rope<'_, D>,
    cipher: SymmetricKeyAlgorithm,
    key: &[u8],
    rng: &mut R,
    progress: &mut dyn Progress,
) -> Result<Option<D::Sealed>, EncryptError> {
    let Some(cipher) = rest::aes(cipher) else { return Ok(None) };
    let mut before = Zeroizing::new(vec![0; PREFIX]);
    if let Some((random, twice)) = before.split_last_chunk_mut::<2>() {
        rng.fill_bytes(random);
        twice.copy_from_slice(random.last_chunk::<2>().unwrap_or(&[0; 2]));
    }
    before.extend_from_slice(rope.before);
    let mut after = rope.after.to_vec();
    after.extend(CODE_HEAD);
    let hashed = Rope { before: &before, data: rope.data, after: &after };
    let length = hashed.len() + 1 + CODE - CODE_HEAD.len();
    let length = u32::try_from(length).map_err(|_| EncryptError::TooLarge { allowed: u32::MAX.into() })?;
    let mut head = message.to_vec();
    write_header(&mut head, Tag::SEIPD, length);
    head.push(1);
    if rope.len() < WORTH_ASKING {
        let data = rope.data.read(0..rope.data.len()).ok_or(EncryptError::EncryptionFailed)?;
        let sealed = seal_short(head, [&before, &data, &after], cipher, key)?;
        report(progress, rope.len(), rope.len())?;
        return Ok(Some(D::sealed(sealed)));
    }
    let Some(digest) = engine.digest(Hash::Sha1, hashed, &mut ()).await? else { return Ok(None) };
    after.extend(digest);
    let rope = Rope { before: &before, data: rope.data, after: &after };
    Ok(engine.cfb_encrypt(cipher, key, &head, rope, progress).await?)
}

/// [`seal`] without an engine; `head` is all that precedes the ciphertext.
fn seal_short(head: Vec<u8>, plain: [&[u8]; 3], cipher: Cipher, key: &[u8]) -> Result<Vec<u8>, EncryptError> {
    let mut octets = Zeroizing::new(Vec::with_capacity(plain.iter().map(|part| part.len()).sum::<usize>() + CODE));
    plain.iter().for_each(|part| octets.extend_from_slice(part));
    let digest = Sha1::digest(&octets);
    octets.extend_from_slice(&digest);
    cfb::encrypt(cipher, key, &mut octets).ok_or(EncryptError::EncryptionFailed)?;
    Ok([head.as_slice(), &octets].concat())
}
