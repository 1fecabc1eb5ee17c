//! SEIPD version 1 (RFC 9580 §5.13.1) through an engine: AES in CFB mode, and the modification detection code.
//!
//! In one go: nothing is returned before the code is checked. What is short, or what the engine does not know, is done here, in Rust. Old ciphers are
//! left to rPGP (`container`).

use super::{
    container::with_room,
    error::{DecryptError, EncryptError, ReadError},
    share::Steps,
};
use crate::rest;
use envelock_seipd::{
    Cipher, Engine, Error, Octets, Progress, Rope, SecretOctets,
    cfb::Cfb,
    engine::{Bulk, Hash, report},
    packet::{Tag, write_header},
};
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use rand::{CryptoRng, Rng};
use sha1::{Digest, Sha1};
use std::ops::Range;
use subtle::ConstantTimeEq;

/// What precedes the message: a block of random octets, the last two of them twice.
const PREFIX: usize = 18;
/// The packet that ends it: type, length, SHA-1 of everything before.
pub(super) const CODE_HEAD: [u8; 2] = [0xD3, 0x14];
const DIGEST: usize = 20;
pub(super) const CODE: usize = CODE_HEAD.len() + DIGEST;

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
        && let steps = &mut Steps::of(progress, 2, range.len())
        && let Some(opened) = engine.cfb_decrypt(cipher, key, body, ciphertext.clone(), &mut steps.next()).await?
    {
        let length = D::of(&opened).len();
        let Some(end) = length.checked_sub(CODE) else { return Err(FAILED) };
        let code = SecretOctets::from(D::of(&opened).read(end..length).ok_or(ReadError::GONE)?.to_vec());
        let opened = D::cut(opened, 0..end + CODE_HEAD.len()).ok_or(ReadError::GONE)?;
        let rope = Rope { before: &[], data: D::of(&opened), after: &[] };
        if let Some(digest) = engine.digest(Hash::Sha1, rope, &mut steps.next()).await? {
            let opened = D::cut(opened, PREFIX..end).ok_or(ReadError::GONE)?;
            return if is_code(&code, &digest) { Ok(Some(opened)) } else { Err(FAILED) };
        }
        D::release(opened);
    }
    open_here(engine, body, ciphertext, cipher, key, progress).await.map(|opened| Some(D::made(opened)))
}

const FAILED: DecryptError = DecryptError::DecryptionFailed;

/// [`open`] without an engine that knows how; it has its rests.
async fn open_here<D: Octets + ?Sized, E: Engine>(
    engine: &E,
    body: &D,
    ciphertext: Range<usize>,
    cipher: Cipher,
    key: &[u8],
    progress: &mut dyn Progress,
) -> Result<SecretOctets, DecryptError> {
    let length = ciphertext.len();
    let (mut cfb, mut hash) = (Cfb::new(cipher, key).ok_or(FAILED)?, Sha1::new());
    let mut opened = with_room(length)?;
    let mut piece = SecretOctets::from(vec![0; PIECE.min(length)]);
    report(progress, 0, length)?;
    for start in (0..length).step_by(PIECE) {
        let end = length.min(start + PIECE);
        piece.truncate(end - start);
        body.copy_to(ciphertext.start + start, &mut piece).ok_or(ReadError::GONE)?;
        cfb.decrypt(&mut piece);
        let hashed = end.min(length - DIGEST).saturating_sub(start);
        hash.update(piece.get(..hashed).ok_or(FAILED)?);
        opened.extend_from_slice(piece.get(if start == 0 { PREFIX } else { 0 }..).ok_or(FAILED)?);
        report(progress, end, length)?;
        if end < length {
            engine.rest().await;
        }
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

/// What goes before the content.
pub(super) fn prefix<R: CryptoRng + Rng>(rng: &mut R) -> SecretOctets {
    let mut prefix = SecretOctets::from(vec![0; PREFIX]);
    if let Some((random, twice)) = prefix.split_last_chunk_mut::<2>() {
        rng.fill_bytes(random);
        twice.copy_from_slice(random.last_chunk::<2>().unwrap_or(&[0; 2]));
    }
    prefix
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
    let mut before = prefix(rng);
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
        && let steps = &mut Steps::of(progress, 2, rope.len())
        && let Some(digest) = engine.digest(Hash::Sha1, hashed(), &mut steps.next()).await?
    {
        let whole = [&after, digest.as_slice()].concat();
        let rope = Rope { before: &before, data: rope.data, after: &whole };
        if let Some(sealed) = engine.cfb_encrypt(cipher, key, &head, rope, &mut steps.next()).await? {
            return Ok(sealed);
        }
    }
    seal_here(engine, head, &hashed(), cipher, key, progress).await.map(D::sealed)
}

/// [`seal`] without an engine that knows how; `sealed` is all that precedes the ciphertext, `rope` what is hashed.
async fn seal_here<D: Octets + ?Sized, E: Engine>(
    engine: &E,
    mut sealed: Vec<u8>,
    rope: &Rope<'_, D>,
    cipher: Cipher,
    key: &[u8],
    progress: &mut dyn Progress,
) -> Result<Vec<u8>, EncryptError> {
    let length = rope.len();
    let (mut cfb, mut hash) = (Cfb::new(cipher, key).ok_or(EncryptError::EncryptionFailed)?, Sha1::new());
    sealed.try_reserve_exact(length + DIGEST).map_err(|_| Error::OutOfMemory)?;
    let mut piece = SecretOctets::from(Vec::with_capacity(PIECE.min(length) + DIGEST));
    report(progress, 0, length)?;
    for start in (0..length).step_by(PIECE) {
        let end = length.min(start + PIECE);
        piece.resize(end - start, 0);
        rope.copy_to(start, &mut piece).ok_or(Error::GONE)?;
        hash.update(&piece);
        if end == length {
            piece.extend_from_slice(&hash.finalize_reset());
        }
        cfb.encrypt(&mut piece);
        sealed.extend_from_slice(&piece);
        report(progress, end, length)?;
        if end < length {
            engine.rest().await;
        }
    }
    Ok(sealed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use super::*;
    use envelock_seipd::engine::{RustCrypto, at_once};
    use pgp::{composed::RawSessionKey, packet::SymEncryptedProtectedData, types::Seipdv1ReadMode};
    use rand::{RngCore, SeedableRng, rngs::StdRng};

    const CIPHER: SymmetricKeyAlgorithm = SymmetricKeyAlgorithm::AES256;

    /// The code lies in one piece, over the border of two, and in the next; and what is short of a message.
    #[test]
    fn every_length_around_the_border_of_a_piece_is_rpgps_too() {
        let mut rng = StdRng::seed_from_u64(9);
        let mut data = vec![0; PIECE + 64];
        rng.fill_bytes(&mut data);
        let key = RawSessionKey::from(&[7u8; 32][..]);
        for length in (0..20).chain(PIECE - 60..=PIECE + 5) {
            let data = &data[..length];
            let open = |body: &[u8], wanted: Result<&[u8], DecryptError>| {
                let opened = at_once(open(&RustCrypto, body, 0..body.len(), CIPHER, key.as_ref(), &mut ())).unwrap();
                assert_eq!(
                    opened.map(|opened| opened.unwrap().to_vec()),
                    wanted.map(<[u8]>::to_vec),
                    "{length} octets"
                );
            };
            let theirs = SymEncryptedProtectedData::encrypt_seipdv1(&mut rng, CIPHER, key.as_ref(), data).unwrap();
            let mut body = vec![1];
            body.extend_from_slice(theirs.data());
            open(&body, Ok(data));
            for place in [1, body.len() / 2, body.len() - 1] {
                body[place] ^= 1;
                open(&body, Err(FAILED));
                body[place] ^= 1;
            }
            let nothing = &mut ();
            let (before, after) = data.split_at(length / 2);
            let rope = Rope { before, data: &b""[..], after };
            let ours = seal(&RustCrypto, &[], &rope, CIPHER, key.as_ref(), &mut rng, nothing);
            let ours = at_once(ours).unwrap().unwrap();
            let packet = envelock_seipd::packet::split(&ours).next().unwrap().unwrap();
            open(&packet.body, Ok(data));
            let theirs = SymEncryptedProtectedData::try_from_reader(
                pgp::packet::PacketHeader::new_fixed(
                    pgp::types::Tag::SymEncryptedProtectedData,
                    packet.body.len() as u32,
                ),
                &*packet.body,
            );
            assert_eq!(
                theirs.unwrap().decrypt(key.as_ref(), Some(CIPHER), Seipdv1ReadMode::default()).unwrap(),
                data,
                "{length} octets"
            );
        }
    }

    #[test]
    fn what_there_is_no_room_for_is_not_called_too_large() {
        assert_eq!(with_room(usize::MAX), Err(DecryptError::OutOfMemory));
        let error = envelock_seipd::Error::OutOfMemory;
        assert_eq!(DecryptError::from(error.clone()).code(), "out-of-memory");
        assert_eq!(EncryptError::from(error).code(), "out-of-memory");
    }
}
