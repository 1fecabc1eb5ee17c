//! Detached signatures (RFC 9580 §10.4) over data that comes piece by piece: hashed, and not kept.

use super::{
    super::{
        check::{Checker, Context},
        error::{SignError, VerifyError},
        hashing::{Hashing, Terms},
        sign::{SignOptions, beside, finish, pending},
        signer::Pending,
        unfold::{FoundSignature, detached_signatures},
        verdict::{CertificateSource, Verdict},
    },
    content::digest,
};
use crate::{Certificate, Limits, Policy, armor::ArmorKind, certificate::Judgements};
use envelock_seipd::engine::{RustCrypto, at_once};
use pgp::types::Timestamp;
use rand::{CryptoRng, Rng};

/// Data being signed, of any length.
pub struct SignStream {
    /// The packets that the new ones are added to.
    packets: Vec<u8>,
    signatures: Vec<(Pending, Hashing)>,
    armor: bool,
}

impl SignStream {
    /// Begins. Of the options, `data` and `form` are not looked at. The signatures are dated `at`.
    ///
    /// # Errors
    /// As [`sign`](super::super::sign()).
    pub fn new<R: CryptoRng + Rng>(
        options: SignOptions<'_>,
        policy: &Policy,
        limits: &Limits,
        at: Timestamp,
        rng: &mut R,
    ) -> Result<Self, SignError> {
        let options = SignOptions { form: Default::default(), ..options };
        // This engine never waits.
        let pending =
            at_once(pending(&options, policy, limits, at, rng, &RustCrypto)).unwrap_or(Err(SignError::Gone))?;
        let packets = beside(&options, pending.len(), limits)?;
        let signatures = pending.into_iter().map(Pending::with_hashing).collect::<Result<_, _>>()?;
        Ok(Self { packets, signatures, armor: options.armor })
    }

    /// Takes the next piece of the data.
    pub fn push(&mut self, piece: &[u8]) {
        self.signatures.iter_mut().for_each(|(_, hashing)| hashing.push(piece));
    }

    /// The data is over: gives the signature.
    ///
    /// # Errors
    /// [`SignError::SigningFailed`].
    pub fn finish(self) -> Result<Vec<u8>, SignError> {
        let Self { mut packets, signatures, armor } = self;
        for (pending, hashing) in signatures {
            packets.extend(pending.sign_hashed(&hashing)?);
        }
        Ok(finish(packets, ArmorKind::Signature, armor))
    }
}

/// Data being verified, of any length.
pub struct VerifyStream<'a> {
    found: Vec<FoundSignature>,
    hashing: Vec<Hashing>,
    judgements: Judgements<'a>,
    from: Option<&'a str>,
}

impl<'a> VerifyStream<'a> {
    /// Begins with the signatures, armored or binary, to be judged at the reference time `at`. `from` is that of
    /// [`VerifyOptions`](super::super::VerifyOptions).
    ///
    /// # Errors
    /// As [`verify`](super::super::verify()).
    pub fn new(
        signature: &[u8],
        verify_with: &'a [Certificate],
        from: Option<&'a str>,
        policy: &'a Policy,
        limits: &Limits,
        at: Timestamp,
    ) -> Result<Self, VerifyError> {
        let found = detached_signatures(signature, limits)?;
        let mut judgements = Judgements::new(verify_with, policy, at, limits.verifications);
        let mut checker = checker(&mut judgements, from);
        let mut terms: Vec<Terms> = Vec::new();
        for found in &found {
            let wanted = checker.terms_of(found).and_then(Terms::of);
            terms.extend(wanted.filter(|wanted| !terms.contains(wanted)));
        }
        let hashing = terms.into_iter().filter_map(Hashing::new).collect();
        Ok(Self { found, hashing, judgements, from })
    }

    /// Takes the next piece of the data.
    pub fn push(&mut self, piece: &[u8]) {
        self.hashing.iter_mut().for_each(|hashing| hashing.push(piece));
    }

    /// The data is over: one verdict for each signature. A wrong or unknown signature is no error but a verdict.
    pub fn finish(mut self) -> Vec<Verdict> {
        let mut checker = checker(&mut self.judgements, self.from);
        self.found.iter().map(|found| checker.check(found, digest(found, &self.hashing).as_deref())).collect()
    }
}

fn checker<'c, 'a>(judgements: &'c mut Judgements<'a>, from: Option<&'c str>) -> Checker<'c, 'a> {
    Checker { judgements, source: CertificateSource::Known, context: Context::Clear, from }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_verifies_can_be_sent_to_another_thread() {
        fn is_send<T: Send>() {}
        is_send::<VerifyStream<'static>>();
    }
}
