//! The container of a message whose length is not known yet: SEIPD in partial lengths (RFC 9580 §4.2.1.4, §5.13).

use super::super::{
    error::EncryptError,
    given_key::SessionKey,
    seipd_v1::{CODE, CODE_HEAD, prefix},
};
use envelock_seipd::{
    self as seipd, Header, Octets, Progress, Rope, SecretOctets,
    cfb::Cfb,
    engine::{Bulk, Direction},
    packet::{Tag, partial_length, write_length},
    plan::Plan,
};
use rand::{CryptoRng, Rng};
use sha1::{Digest as _, Sha1};
use zeroize::Zeroizing;

/// One container being written. What goes in are the octets of its content, in multiples of [`Sealer::unit`].
pub(super) struct Sealer {
    cipher: Cipher,
    /// Octets of the body that are not framed yet: parts have powers of two.
    unframed: Vec<u8>,
}

enum Cipher {
    /// Version 1: CFB, and the SHA-1 of what went in (§5.13.1).
    V1 {
        key: SessionKey,
        /// What a block of zeros becomes.
        first: Zeroizing<[u8; BLOCK]>,
        /// The last block of ciphertext, which ends what is not framed yet.
        last: Option<[u8; BLOCK]>,
        code: Sha1,
    },
    /// Version 2: chunks (§5.13.2).
    V2 { plan: Plan },
}

const BLOCK: usize = 16;
/// What is hashed at a time.
const HASHED: usize = 64 << 10;

impl Sealer {
    /// Begins version 1; the octets are the prefix, which goes in before the content.
    pub(super) fn v1<R: CryptoRng + Rng>(key: SessionKey, rng: &mut R) -> Result<(Self, SecretOctets), EncryptError> {
        let mut first = Zeroizing::new([0; BLOCK]);
        cfb(&key, first.as_mut_slice())?;
        let cipher = Cipher::V1 { key, first, last: None, code: Sha1::new() };
        Ok((Self { cipher, unframed: vec![1] }, prefix(rng)))
    }

    /// Begins version 2.
    pub(super) fn v2(key: &SessionKey, header: &Header) -> Result<Self, EncryptError> {
        let plan = Plan::start(header, key.as_bytes(), Direction::Seal)?;
        let mut unframed = Vec::new();
        header.serialize(&mut unframed);
        Ok(Self { cipher: Cipher::V2 { plan }, unframed })
    }

    /// The octet that the packet begins with.
    pub(super) const TYPE: u8 = 0xC0 | Tag::SEIPD;

    /// Content that is not the end comes in multiples of this.
    pub(super) fn unit(&self) -> usize {
        match &self.cipher {
            Cipher::V1 { .. } => BLOCK,
            Cipher::V2 { plan } => plan.suite().chunk.bytes(),
        }
    }

    /// Seals the first `length` octets of the rope; with `ends`, they are the last of the content.
    pub(super) async fn seal<D: Octets + ?Sized, E: Bulk<D>>(
        &mut self,
        rope: Rope<'_, D>,
        length: usize,
        ends: bool,
        engine: &E,
        progress: &mut dyn Progress,
    ) -> Result<D::Sealed, EncryptError> {
        match &mut self.cipher {
            Cipher::V1 { key, first, last, code } => {
                let mut piece = SecretOctets::from(vec![0; HASHED.min(length)]);
                for start in (0..length).step_by(HASHED) {
                    piece.truncate(length - start);
                    rope.copy_to(start, &mut piece).ok_or(seipd::Error::GONE)?;
                    code.update(&piece);
                }
                let mut before = SecretOctets::from(Vec::with_capacity(BLOCK + rope.before.len()));
                // The mode goes on behind a block of ciphertext as if it began with what becomes that block.
                before.extend(last.iter().flatten().zip(first.iter()).map(|(last, first)| last ^ first));
                let again = before.len();
                before.extend_from_slice(rope.before);
                let mut after = SecretOctets::from(rope.after.to_vec());
                if ends {
                    // The code is over its own packet header as well.
                    code.update(CODE_HEAD);
                    let digest = code.clone().finalize();
                    after.extend(CODE_HEAD.into_iter().chain(digest));
                }
                let made = again + length + if ends { CODE } else { 0 };
                self.unframed.truncate(self.unframed.len() - again);
                let (head, cut) = frame(&mut self.unframed, made, ends, BLOCK)?;
                let end = head.len() + made;
                let data = rope.data;
                let rope = Rope { before: &before, data, after: &after };
                let cipher = seipd::Cipher::from_id(key.cipher())?;
                let sealed = match engine.cfb_encrypt(cipher, key.as_bytes(), &head, rope, progress).await? {
                    Some(sealed) => sealed,
                    None => {
                        let rope = Rope { before: &before, data, after: &after };
                        let (mut sealed, start) = (head.clone(), head.len());
                        sealed.try_reserve_exact(rope.len()).map_err(|_| EncryptError::OutOfMemory)?;
                        sealed.resize(start + rope.len(), 0);
                        let octets = sealed.get_mut(start..).ok_or(seipd::Error::GONE)?;
                        rope.copy_to(0, octets).ok_or(seipd::Error::GONE)?;
                        cfb(key, octets)?;
                        D::sealed(sealed)
                    }
                };
                // More may have been encrypted than was asked for; what depends on it was not.
                let (sealed, mut rest) = D::split_sealed(sealed, cut).ok_or(seipd::Error::GONE)?;
                rest.truncate(end - cut);
                *last = rest.last_chunk().copied();
                self.unframed = rest;
                Ok(sealed)
            }
            Cipher::V2 { plan } => {
                let part = plan.following(length, ends)?;
                let (head, cut) = frame(&mut self.unframed, part.ciphertext_len(), ends, 0)?;
                let sealed = engine.seal(head, &part, rope, progress).await?;
                *plan = part;
                let (sealed, rest) = D::split_sealed(sealed, cut).ok_or(seipd::Error::GONE)?;
                self.unframed = rest;
                Ok(sealed)
            }
        }
    }
}

/// What stands before `length` more octets of a body, and where what can be framed with them ends: a part is the largest power of
/// two there is, without the last `kept` octets, and the last part the rest.
fn frame(unframed: &mut Vec<u8>, length: usize, ends: bool, kept: usize) -> Result<(Vec<u8>, usize), EncryptError> {
    let body = unframed.len() + length;
    let mut head = Vec::new();
    let framed = if ends {
        write_length(&mut head, u32::try_from(body).map_err(|_| EncryptError::EncryptionFailed)?);
        body
    } else {
        let exponent =
            body.checked_sub(kept).and_then(usize::checked_ilog2).ok_or(EncryptError::EncryptionFailed)?.min(30);
        head.push(partial_length(exponent));
        1 << exponent
    };
    let cut = head.len() + framed;
    head.append(unframed);
    Ok((head, cut))
}

/// CFB with an IV of zeros, in place.
fn cfb(key: &SessionKey, octets: &mut [u8]) -> Result<(), EncryptError> {
    let cipher = seipd::Cipher::from_id(key.cipher())?;
    Cfb::new(cipher, key.as_bytes()).ok_or(EncryptError::EncryptionFailed)?.encrypt(octets);
    Ok(())
}
