//! The container of a message whose length is not known yet: SEIPD in partial lengths (RFC 9580 §4.2.1.4, §5.13).

use super::super::{error::EncryptError, given_key::SessionKey};
use envelock_seipd::{
    Header, Octets, Progress, Rope,
    engine::{Bulk, Direction},
    packet::{Tag, partial_length, write_length},
    plan::Plan,
};
use pgp::crypto::sym::SymmetricKeyAlgorithm;
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
    V1 { algorithm: SymmetricKeyAlgorithm, key: SessionKey, before: Vec<u8>, code: Sha1 },
    /// Version 2: chunks (§5.13.2).
    V2 { plan: Plan },
}

/// Of the random prefix of version 1: a block, the last two octets twice.
const PREFIX: usize = 18;
const BLOCK: usize = 16;

impl Sealer {
    /// Begins version 1; the octets are the prefix, which goes in before the content.
    pub(super) fn v1<R: CryptoRng + Rng>(key: SessionKey, rng: &mut R) -> (Self, Zeroizing<Vec<u8>>) {
        let mut prefix = Zeroizing::new(vec![0; PREFIX]);
        if let Some((random, twice)) = prefix.split_last_chunk_mut::<2>() {
            rng.fill_bytes(random);
            twice.copy_from_slice(random.last_chunk::<2>().unwrap_or(&[0; 2]));
        }
        let cipher = Cipher::V1 { algorithm: key.algorithm(), key, before: vec![0; BLOCK], code: Sha1::new() };
        (Self { cipher, unframed: vec![1] }, prefix)
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
            Cipher::V1 { algorithm, key, before, code } => {
                let mut octets = rope.read(0..length).ok_or(EncryptError::EncryptionFailed)?;
                code.update(&octets);
                if ends {
                    // The code is over its own packet header as well.
                    code.update([0xD3, 0x14]);
                    let digest = code.clone().finalize();
                    octets.reserve_exact(2 + digest.len());
                    octets.extend([0xD3, 0x14]);
                    octets.extend(digest);
                }
                algorithm
                    .encrypt_with_iv_regular(key.as_bytes(), before, &mut octets)
                    .map_err(|_| EncryptError::EncryptionFailed)?;
                if let Some(last) = octets.last_chunk::<BLOCK>() {
                    before.copy_from_slice(last);
                }
                // What is encrypted is for everybody.
                let (mut head, cut) = frame(&mut self.unframed, octets.len(), ends)?;
                head.extend_from_slice(&octets);
                self.unframed = head.split_off(cut);
                Ok(D::sealed(head))
            }
            Cipher::V2 { plan } => {
                let part = plan.following(length, ends)?;
                let (head, cut) = frame(&mut self.unframed, part.ciphertext_len(), ends)?;
                let sealed = engine.seal(head, &part, rope, progress).await?;
                *plan = part;
                let (sealed, rest) = D::split_sealed(sealed, cut).ok_or(EncryptError::EncryptionFailed)?;
                self.unframed = rest;
                Ok(sealed)
            }
        }
    }
}

/// What stands before `length` more octets of a body, and where what can be framed with them ends: a part is the largest power of
/// two there is, and the last part the rest.
fn frame(unframed: &mut Vec<u8>, length: usize, ends: bool) -> Result<(Vec<u8>, usize), EncryptError> {
    let body = unframed.len() + length;
    let mut head = Vec::new();
    let framed = if ends {
        write_length(&mut head, u32::try_from(body).map_err(|_| EncryptError::EncryptionFailed)?);
        body
    } else {
        let exponent = body.checked_ilog2().ok_or(EncryptError::EncryptionFailed)?.min(30);
        head.push(partial_length(exponent));
        1 << exponent
    };
    let cut = head.len() + framed;
    head.append(unframed);
    Ok((head, cut))
}
