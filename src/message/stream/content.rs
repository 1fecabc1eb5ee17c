//! The content of a container, as it is opened: signatures, and the literal data that they are over (RFC 9580 §5.4, §5.9).
//!
//! What is compressed is held to its end, under the limits of a whole message. What breaks the rules of the grammar is told once
//! all of the message was confirmed: before that, nobody knows who wrote it.

use super::{
    super::{
        check::Checker,
        error::{DecryptError, ReadError},
        gathering::joined,
        grammar::{Shape, is_skipped},
        hashing::{Hashed, Hashing, Terms},
        literal,
        unfold::{FoundSignature, Unfolded, read_one_pass, read_signature, read_signature_body, unfold},
        verdict::Verdict,
    },
    packets::{Found, Packets},
};
use crate::Limits;
use envelock_seipd::{Octets, SecretOctets, engine::Bulk, packet::Tag};
use pgp::packet::OpsVersionSpecific;
use std::ops::Range;

/// Most octets before the data of a signed message; more are held like a compressed one.
const FRONT: usize = 1 << 20;

/// Content being read.
pub(super) struct Content<D: Octets + ?Sized> {
    packets: Packets,
    /// Everything before the data.
    front: SecretOctets,
    stage: Stage<D>,
    /// Octets of the literal packet's body.
    literal: usize,
    hashing: Vec<Hashing>,
    /// Whether anybody could have signed it, as far as is known: else nothing is hashed.
    verifies: bool,
}

enum Stage<D: Octets + ?Sized> {
    /// Before the data packet, or within the head of a literal one.
    Front,
    /// In the literal data, or behind it.
    Literal { filename: Option<String>, is_over: bool },
    /// Everything so far, octets of it.
    Held(Vec<D::Made>, u64),
    /// It will be refused, but not before its end.
    Refused(DecryptError),
}

/// What there is to say at the end.
pub(super) struct Finished<D: Octets + ?Sized> {
    pub(super) filename: Option<String>,
    pub(super) data: Option<D::Made>,
    pub(super) signatures: Vec<Verdict>,
}

impl<D: Octets + ?Sized> Content<D> {
    pub(super) fn new(limits: &Limits, verifies: bool) -> Self {
        Self {
            packets: Packets::new(limits.message_packets),
            front: SecretOctets::new(),
            stage: Stage::Front,
            literal: 0,
            hashing: Vec::new(),
            verifies,
        }
    }

    /// The file name, once the literal data has begun.
    pub(super) fn filename(&self) -> Option<Option<&str>> {
        match &self.stage {
            Stage::Literal { filename, .. } => Some(filename.as_deref()),
            _ => None,
        }
    }

    /// Takes the next authenticated octets; gives what of them is data.
    pub(super) fn take(&mut self, opened: D::Made, limits: &Limits) -> Result<Option<D::Made>, DecryptError> {
        if matches!(self.stage, Stage::Held(..)) {
            self.hold(opened, limits)?;
            return Ok(None);
        }
        if matches!(self.stage, Stage::Refused(_)) {
            return Ok(None);
        }
        let piece = D::of(&opened);
        let mut data = Vec::new();
        let mut at = 0;
        loop {
            match self.packets.next(piece, &mut at) {
                Ok(None) => break,
                Ok(Some(found)) => {
                    data.extend(self.found(found, limits).filter(|range| !range.is_empty()));
                }
                Err(error) => self.stage = Stage::Refused(error.inside(1).into()),
            }
            match &self.stage {
                Stage::Held(..) => {
                    // Nothing of this piece was given out.
                    self.hold(opened, limits)?;
                    return Ok(None);
                }
                Stage::Refused(_) => return Ok(None),
                _ => {}
            }
        }
        if matches!(self.stage, Stage::Front) {
            self.front.extend_from_slice(&piece.read(0..piece.len()).ok_or(ReadError::GONE)?);
            if self.front.len() > FRONT {
                self.stage = self.held();
            }
            return Ok(None);
        }
        self.front = SecretOctets::new();
        for hashing in &mut self.hashing {
            for range in &data {
                hashing.update(piece, range.clone()).ok_or(ReadError::GONE)?;
            }
        }
        let data = match data.as_slice() {
            [] => return Ok(None),
            [range] => D::cut(opened, range.clone()),
            parts => {
                let gathered = piece.gather(parts);
                D::release(opened);
                gathered
            }
        };
        Ok(Some(data.ok_or(ReadError::GONE)?))
    }

    /// What a packet of the content changes; the range that is data, if it is.
    fn found(&mut self, found: Found, limits: &Limits) -> Option<Range<usize>> {
        match (found, &mut self.stage) {
            (Found::Start(Tag::LITERAL), Stage::Front) => {
                self.start_hashing(limits);
                None
            }
            // Whatever it is, it is judged when it is whole.
            (Found::Start(tag), Stage::Front) if !is_skipped(tag) && !is_signature(tag) => {
                self.stage = self.held();
                None
            }
            (Found::Data(range), Stage::Front) => {
                let before = self.literal;
                self.literal += range.len();
                // What was kept of the body is enough for the longest head.
                let Ok((filename, start)) = literal::parse_head(self.packets.outline().last_head()) else {
                    return None;
                };
                self.stage = Stage::Literal { filename, is_over: false };
                Some(range.start + (start - before)..range.end)
            }
            (Found::Data(range), Stage::Literal { is_over: false, .. }) => Some(range),
            (Found::End, Stage::Literal { is_over, .. }) => {
                *is_over = true;
                None
            }
            // The head of a literal packet is cut: refused when it is whole.
            (Found::End, Stage::Front) => {
                self.stage = self.held();
                None
            }
            _ => None,
        }
    }

    /// What signatures will be over is known from what stands before the data.
    fn start_hashing(&mut self, limits: &Limits) {
        let mut terms: Vec<Terms> = Vec::new();
        for (tag, body) in self.packets.outline().heads().filter(|_| self.verifies) {
            let found = match tag {
                Tag::ONE_PASS_SIGNATURE => read_one_pass(body).and_then(|announced| {
                    let salt = match announced.version_specific() {
                        OpsVersionSpecific::V6 { salt, .. } => salt,
                        _ => &[][..],
                    };
                    Terms::new(announced.hash_algorithm(), announced.typ(), salt)
                }),
                Tag::SIGNATURE => match read_signature_body(body) {
                    FoundSignature::Readable(signature) => signature.config().and_then(Terms::of),
                    FoundSignature::Unusable(_) => None,
                },
                _ => None,
            };
            terms.extend(found.filter(|found| !terms.contains(found)));
        }
        // More signatures than are allowed are refused in the end.
        self.hashing = terms.into_iter().take(limits.message_signatures).filter_map(Hashing::new).collect();
    }

    /// What came so far is held, as what comes will be.
    fn held(&mut self) -> Stage<D> {
        let front = std::mem::take(&mut self.front);
        let length = front.len() as u64;
        Stage::Held(vec![D::made(front)], length)
    }

    fn hold(&mut self, opened: D::Made, limits: &Limits) -> Result<(), DecryptError> {
        if let Stage::Held(pieces, length) = &mut self.stage {
            *length += D::of(&opened).len() as u64;
            if *length > limits.plaintext_bytes {
                return Err(DecryptError::TooLarge { allowed: limits.plaintext_bytes });
            }
            pieces.push(opened);
        }
        Ok(())
    }

    /// The content is over, and all of it was authenticated.
    pub(super) async fn finish<E: Bulk<D>>(
        mut self,
        checker: &mut Checker<'_, '_>,
        limits: &Limits,
        engine: &E,
    ) -> Result<Finished<D>, DecryptError> {
        let inside = |error: ReadError| error.inside(1);
        if matches!(self.stage, Stage::Front) {
            self.stage = self.held();
        }
        match self.stage {
            Stage::Literal { filename, .. } => {
                self.packets.finish().map_err(inside)?;
                let Shape::Data { signatures, .. } = self.packets.outline().shape().map_err(inside)? else {
                    return Err(ReadError::Encrypted.into());
                };
                if signatures.len() > limits.message_signatures {
                    return Err(DecryptError::TooMany { unit: "signatures", allowed: limits.message_signatures });
                }
                let signatures = signatures.iter().map(read_signature);
                let verdicts = signatures.map(|found| checker.check(&found, digest(&found, &self.hashing).as_deref()));
                Ok(Finished { filename, data: None, signatures: verdicts.collect() })
            }
            Stage::Held(pieces, _) => {
                let joined = joined::<D, E>(pieces, engine).await?;
                let unfolded = unfold(D::of(&joined), limits, engine).await.map_err(inside)?;
                let Unfolded { filename, data, signatures, .. } = unfolded;
                let data = data.cut::<D>(joined)?;
                let hashed = &mut Hashed::new(D::of(&data));
                let signatures = checker.check_all_on(&signatures, engine, hashed, &mut ()).await?;
                Ok(Finished { filename, data: Some(data), signatures })
            }
            Stage::Refused(error) => Err(error),
            Stage::Front => Err(ReadError::GONE.into()),
        }
    }
}

/// What a signature is over, of what was hashed.
pub(super) fn digest(found: &FoundSignature, hashing: &[Hashing]) -> Option<Vec<u8>> {
    let FoundSignature::Readable(signature) = found else { return None };
    let config = signature.config()?;
    let terms = Terms::of(config)?;
    hashing.iter().find(|hashing| *hashing.terms() == terms)?.digest(config)
}

fn is_signature(tag: u8) -> bool {
    matches!(tag, Tag::SIGNATURE | Tag::ONE_PASS_SIGNATURE)
}
