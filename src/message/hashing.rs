//! What signatures are over, hashed while the data passes by, or where it lies (RFC 9580 §5.2.4).

use super::digest::trailer;
use envelock_seipd::Octets;
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

    fn push(&mut self, octets: &[u8]) {
        if !self.terms.as_text {
            return self.hasher.update(octets);
        }
        // §5.2.1.2: line ends count as CRLF.
        for line in octets.split_inclusive(|octet| *octet == b'\n') {
            match line.strip_suffix(b"\n") {
                Some(text) => {
                    let has_cr = text.last().map_or(self.after_cr, |last| *last == b'\r');
                    self.hasher.update(text);
                    self.hasher.update(if has_cr { b"\n" } else { b"\r\n" });
                    self.after_cr = false;
                }
                None => {
                    self.hasher.update(line);
                    self.after_cr = line.ends_with(b"\r");
                }
            }
        }
    }

    /// The hash of the data and of what the signature says. The data may have several signatures of the same terms.
    pub(super) fn digest(&self, config: &SignatureConfig) -> Option<Vec<u8>> {
        let mut hasher = self.hasher.box_clone();
        hasher.update(&trailer(config)?);
        Some(hasher.finalize().into_vec())
    }
}

/// Data that lies somewhere, hashed once for all signatures of the same terms.
pub(super) struct Hashed<'d, D: ?Sized> {
    data: &'d D,
    done: Vec<Hashing>,
}

impl<'d, D: Octets + ?Sized> Hashed<'d, D> {
    pub(super) fn new(data: &'d D) -> Self {
        Self { data, done: Vec::new() }
    }

    /// The hash a signature is over. `None` if it is not implemented, or the data is not there any more.
    pub(super) fn digest(&mut self, config: &SignatureConfig) -> Option<Vec<u8>> {
        let terms = Terms::of(config)?;
        if let Some(done) = self.done.iter().find(|done| done.terms == terms) {
            return done.digest(config);
        }
        let mut hashing = Hashing::new(terms)?;
        hashing.update(self.data, 0..self.data.len())?;
        let digest = hashing.digest(config);
        self.done.push(hashing);
        digest
    }
}
