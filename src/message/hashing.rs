//! What signatures are over, hashed while the data passes by, or where it lies (RFC 9580 §5.2.4).

use super::{input, share::Share};
use crate::signature::digest::{Around, around, trailer};
use envelock_seipd::{
    Engine, Error, Growing, Octets, Progress, Rope, SecretOctets,
    engine::{Bulk, report},
};
use envelock_text::lines::to_crlf;
use pgp::{
    crypto::hash::HashAlgorithm,
    packet::{SignatureConfig, SignatureType, SignatureVersionSpecific},
};
use sha2::digest::DynDigest;
use std::ops::Range;

/// What is read at once of data that lies elsewhere.
const PIECE: usize = 64 << 10;

/// What has to be known of a signature before its data is hashed.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Terms {
    hash: HashAlgorithm,
    as_text: bool,
    /// Only signatures of version 6 have one.
    salt: Vec<u8>,
}

impl Terms {
    /// `None` for a type of signature that is not over data.
    pub(super) fn new(hash: HashAlgorithm, typ: SignatureType, salt: &[u8]) -> Option<Self> {
        let is_over_data = matches!(typ, SignatureType::Binary | SignatureType::Text);
        is_over_data.then(|| Self { hash, as_text: typ == SignatureType::Text, salt: salt.to_vec() })
    }

    pub(super) fn of(config: &SignatureConfig) -> Option<Self> {
        let salt = match &config.version_specific {
            SignatureVersionSpecific::V4 => &[][..],
            SignatureVersionSpecific::V6 { salt } => salt,
            _ => return None,
        };
        Self::new(config.hash_alg, config.typ, salt)
    }
}

/// A hash under way.
pub(super) struct Hashing {
    terms: Terms,
    hasher: Box<dyn DynDigest + Send>,
    after_cr: bool,
}

impl Hashing {
    /// `None` if the hash is not implemented.
    pub(super) fn new(terms: Terms) -> Option<Self> {
        let mut hasher = terms.hash.new_hasher().ok()?;
        hasher.update(&terms.salt);
        Some(Self { terms, hasher, after_cr: false })
    }

    pub(super) fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The next octets of the data. `None` if they are not there any more.
    pub(super) fn update<D: Octets + ?Sized>(&mut self, data: &D, range: Range<usize>) -> Option<()> {
        for start in range.clone().step_by(PIECE) {
            self.push(&data.read(start..range.end.min(start.saturating_add(PIECE)))?);
        }
        Some(())
    }

    /// The same, of octets that are at hand.
    pub(super) fn push(&mut self, octets: &[u8]) {
        if !self.terms.as_text {
            return self.hasher.update(octets);
        }
        // §5.2.1.2: line ends count as CRLF.
        let mut text = SecretOctets::from(Vec::with_capacity(octets.len() * 2));
        to_crlf(octets, &mut self.after_cr, &mut text);
        self.hasher.update(&text);
    }

    /// The hash of the data and of what the signature says. The data may have several signatures of the same terms.
    pub(super) fn digest(&self, config: &SignatureConfig) -> Option<Vec<u8>> {
        let mut hasher = self.hasher.box_clone();
        hasher.update(&trailer(config)?);
        Some(hasher.finalize().into_vec())
    }
}

/// Less than this is hashed sooner than an engine is asked: reading it costs a copy, asking costs a wait.
const WORTH_ASKING: usize = 16 << 10;

/// What is hashed in here between two rests.
const STEP: usize = 1 << 20;

/// Data that lies somewhere, hashed once for all signatures of the same terms.
pub(crate) struct Hashed<'d, D: Octets + ?Sized> {
    data: &'d D,
    /// Text with CRLF at the ends of its lines: the form that is signed as text.
    canonical: Canonical<D::Made>,
    done: Vec<Hashing>,
}

enum Canonical<M> {
    Unknown,
    Same,
    Made(M),
}

impl<'d, D: Octets + ?Sized> Hashed<'d, D> {
    pub(crate) fn new(data: &'d D) -> Self {
        Self { data, canonical: Canonical::Unknown, done: Vec::new() }
    }

    /// Of text that has CRLF at the ends of its lines already.
    pub(super) fn canonical(data: &'d D) -> Self {
        Self { data, canonical: Canonical::Same, done: Vec::new() }
    }

    /// How many octets of data there are.
    pub(super) fn len(&self) -> usize {
        self.data.len()
    }

    /// The octets that a signature of this type is over, if they lie somewhere.
    pub(super) fn signed(&self, typ: SignatureType) -> Option<&D> {
        match &self.canonical {
            _ if typ != SignatureType::Text => Some(self.data),
            Canonical::Same => Some(self.data),
            Canonical::Made(made) => Some(D::of(made)),
            Canonical::Unknown => None,
        }
    }

    /// The hash a signature is over, by an engine where it can. `None` if it is not implemented, or the data is not there any more.
    pub(super) async fn digest_on<E: Bulk<D>>(
        &mut self,
        config: &SignatureConfig,
        engine: &E,
        progress: &mut dyn Progress,
    ) -> Result<Option<Vec<u8>>, Error> {
        let Some(terms) = Terms::of(config) else { return Ok(None) };
        let length = self.data.len();
        if E::HASHES
            && length >= WORTH_ASKING
            && let Some(Around { hash, before, after }) = around(config)
        {
            let needs_form = config.typ == SignatureType::Text && matches!(self.canonical, Canonical::Unknown);
            if needs_form {
                let made = canonical_on(engine, self.data, &mut Share::of(progress, 0, 2, length)).await?;
                self.canonical = Canonical::Made(made);
            }
            if let Some(data) = self.signed(config.typ) {
                let steps = if needs_form { 2 } else { 1 };
                let rope = Rope { before, data, after: &after };
                let share = &mut Share::of(progress, steps - 1, steps, length);
                let digest = engine.digest(hash, rope, share).await?;
                if let Some(digest) = digest.filter(|it| config.hash_alg.digest_size() == Some(it.len())) {
                    return Ok(Some(digest));
                }
            }
        }
        self.by_hand(terms, config, engine, progress).await
    }

    async fn by_hand<E: Engine>(
        &mut self,
        terms: Terms,
        config: &SignatureConfig,
        engine: &E,
        progress: &mut dyn Progress,
    ) -> Result<Option<Vec<u8>>, Error> {
        if let Some(done) = self.done.iter().find(|done| done.terms == terms) {
            return Ok(done.digest(config));
        }
        let Some(mut hashing) = Hashing::new(terms) else { return Ok(None) };
        let length = self.data.len();
        for start in (0..length).step_by(STEP) {
            let end = length.min(start.saturating_add(STEP));
            if hashing.update(self.data, start..end).is_none() {
                return Ok(None);
            }
            report(progress, end, length)?;
            if end < length {
                engine.rest().await;
            }
        }
        let digest = hashing.digest(config);
        self.done.push(hashing);
        Ok(digest)
    }
}

/// Text with CRLF where it has LF (§5.2.1.2), made where it lies.
async fn canonical_on<D: Octets + ?Sized, E: Engine>(
    engine: &E,
    data: &D,
    progress: &mut dyn Progress,
) -> Result<D::Made, Error> {
    let length = data.len();
    let mut canonical = Growing::<D>::with_room(length + length / 32).ok_or(Error::OutOfMemory)?;
    let (mut piece, mut text) = (SecretOctets::from(vec![0; input::PIECE]), SecretOctets::new());
    let mut after_cr = false;
    for start in (0..length).step_by(input::PIECE) {
        let end = length.min(start.saturating_add(input::PIECE));
        piece.truncate(end - start);
        data.copy_to(start, &mut piece).ok_or(Error::GONE)?;
        to_crlf(&piece, &mut after_cr, &mut text);
        canonical = canonical.with(&text).ok_or(Error::OutOfMemory)?;
        text.clear();
        report(progress, end, length)?;
        engine.rest().await;
    }
    canonical.finish().ok_or(Error::OutOfMemory)
}
