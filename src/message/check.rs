//! Checks one document signature against certificates (RFC 9580 §5.2) and gives the verdict.
//!
//! First the mathematics, then who the key belongs to, then whether it was entitled to sign at that moment. Certificates
//! are matched by fingerprint; a key ID only helps to find candidates and never proves anything.

use super::{
    error::ReadError,
    hashing::Hashed,
    notation::Notation,
    share::Share,
    unfold::FoundSignature,
    verdict::{CertificateSource, FromMatch, Reason, Verdict, VerdictStatus},
};
use crate::{
    Address, Certificate,
    certificate::{
        Candidate, Checked, CheckedComponent, ComponentKey, Judgements, Moment, SignatureFlaw, Status, check_signature,
        last, signature_end,
    },
    policy::{SignatureUse, Weakness},
    signature::{digest, platform},
};
use envelock_seipd::{Octets, Progress, engine::Bulk};
use pgp::{
    packet::{Signature, SignatureConfig, SignatureType, SubpacketData},
    types::{Fingerprint, KeyDetails, Timestamp},
};

/// What every signature of a message is checked against.
pub(crate) struct Checker<'c, 'a> {
    /// The certificates of possible signers, and what may still be spent on them.
    pub(crate) judgements: &'c mut Judgements<'a>,
    pub(crate) source: CertificateSource,
    /// How the signed data reached us.
    pub(crate) context: Context<'c>,
    /// Where the message claims to come from.
    pub(crate) from: Option<&'c str>,
}

/// What surrounded the signed data (RFC 9580 §5.2.3.36).
#[derive(Debug, Clone, Copy)]
pub(crate) enum Context<'a> {
    /// Nothing.
    Clear,
    /// Encryption; with the fingerprints of the secret keys at hand, of which passwords and session keys need none.
    Encrypted { own: &'a [Fingerprint] },
}

impl<'a> Checker<'_, 'a> {
    /// One verdict for each signature, in the order of the message, over data where it lies.
    pub(crate) async fn check_all_on<D: Octets + ?Sized, E: Bulk<D>>(
        &mut self,
        signatures: &[FoundSignature],
        engine: &E,
        hashed: &mut Hashed<'_, D>,
        progress: &mut dyn Progress,
    ) -> Result<Vec<Verdict>, ReadError> {
        let mut verdicts = Vec::with_capacity(signatures.len());
        for (index, found) in signatures.iter().enumerate() {
            if index > 0 {
                engine.rest().await;
            }
            let mut share = Share::of(progress, index, signatures.len(), hashed.len());
            let candidates = self.candidates(found);
            let digest = match worth_hashing(found, &candidates) {
                Some(config) => hashed.digest_on(config, engine, &mut share).await?,
                None => None,
            };
            share.end()?;
            let proven = match (&digest, candidates.as_slice()) {
                (Some(digest), [one]) => self.is_proven(found, *one, engine, hashed, digest).await,
                _ => false,
            };
            verdicts.push(self.check_known(found, &candidates, digest.as_deref(), proven));
        }
        Ok(verdicts)
    }

    /// The keys that may have made a signature.
    fn candidates(&mut self, found: &FoundSignature) -> Vec<usize> {
        match found {
            FoundSignature::Readable(signature) => self.judgements.candidates(signature),
            FoundSignature::Unusable(_) => Vec::new(),
        }
    }

    /// Whether an engine finds that the one key which may have made a signature did.
    async fn is_proven<D: Octets + ?Sized, E: Bulk<D>>(
        &self,
        found: &FoundSignature,
        candidate: usize,
        engine: &E,
        hashed: &Hashed<'_, D>,
        digest: &[u8],
    ) -> bool {
        let FoundSignature::Readable(signature) = found else { return false };
        let Some(data) = signature.typ().and_then(|typ| hashed.signed(typ)) else { return false };
        match self.judgements.candidate(candidate) {
            Some(Candidate { key, .. }) if platform::is_asked(key.public_params()) => {
                platform::is_by(signature, key, engine, data, digest).await
            }
            _ => false,
        }
    }

    /// What a signature says of itself, if there is anybody to verify it with.
    pub(super) fn terms_of<'f>(&mut self, found: &'f FoundSignature) -> Option<&'f SignatureConfig> {
        worth_hashing(found, &self.candidates(found))
    }

    /// The verdict on a signature over what has this hash.
    pub(crate) fn check(&mut self, found: &FoundSignature, digest: Option<&[u8]>) -> Verdict {
        let candidates = self.candidates(found);
        self.check_known(found, &candidates, digest, false)
    }

    /// As [`check`](Self::check); `proven`: the one key that may have made the signature did.
    fn check_known(
        &mut self,
        found: &FoundSignature,
        candidates: &[usize],
        digest: Option<&[u8]>,
        proven: bool,
    ) -> Verdict {
        match found {
            FoundSignature::Readable(signature) => self.check_readable(signature, candidates, digest, proven),
            FoundSignature::Unusable(reason) => Verdict { reason: Some(*reason), ..self.blank(VerdictStatus::Invalid) },
        }
    }

    fn check_readable(
        &mut self,
        signature: &Signature,
        candidates: &[usize],
        digest: Option<&[u8]>,
        proven: bool,
    ) -> Verdict {
        let claimed = self.claimed(signature);
        let fail = |status, reason| Verdict { status, reason: Some(reason), ..claimed.clone() };
        // §5.2.1: every other type says something about keys, or about nothing at all.
        if !matches!(signature.typ(), Some(SignatureType::Binary | SignatureType::Text)) {
            return fail(VerdictStatus::Invalid, Reason::NotADocumentSignature);
        }
        let form = check_signature(signature, self.judgements.policy(), SignatureUse::Data);
        if let Err(flaw) = form
            && flaw != SignatureFlaw::WeakHash
        {
            return fail(VerdictStatus::Invalid, reason_of(flaw));
        }
        if candidates.is_empty() {
            return fail(VerdictStatus::UnknownSigner, Reason::NoCertificate);
        }
        // Two certificates may hold the same key: one by right, one by theft. The one entitled to it decides.
        let mut best: Option<Verdict> = None;
        for candidate in candidates {
            let Some(Candidate { certificate: index, key, names }) = self.judgements.candidate(*candidate).cloned()
            else {
                continue;
            };
            if self.judgements.spend(1).is_none() {
                return best.unwrap_or_else(|| fail(VerdictStatus::Invalid, Reason::TooExpensive));
            }
            if !digest.is_some_and(|digest| digest::verify(signature, &key, digest, proven)) {
                continue;
            }
            let proven = Verdict {
                signer: self.judgements.certificates().get(index).map(Certificate::fingerprint),
                key: Some(names.fingerprint),
                key_id: Some(names.key_id),
                ..claimed.clone()
            };
            let verdict = match form {
                Ok((config, created)) => self.judge(proven, index, key, config, created),
                Err(flaw) => Verdict { status: VerdictStatus::Weak, reason: Some(reason_of(flaw)), ..proven },
            };
            if verdict.status == VerdictStatus::Valid {
                return verdict;
            }
            best = best.or(Some(verdict));
        }
        best.unwrap_or_else(|| match form {
            Ok(_) => fail(VerdictStatus::Invalid, Reason::BadSignature),
            // Not every algorithm takes such a hash (§5.2.3.4), and with none of them does it matter what it says.
            Err(flaw) => fail(VerdictStatus::Weak, reason_of(flaw)),
        })
    }

    /// The signature is mathematically right: was it made in time, by a key entitled to sign?
    fn judge(
        &mut self,
        proven: Verdict,
        index: usize,
        key: ComponentKey<'_>,
        config: &SignatureConfig,
        created: Timestamp,
    ) -> Verdict {
        let (policy, at) = (self.judgements.policy(), self.judgements.at());
        let Some(checked) = self.judgements.judge(index, Moment::Then(created)) else {
            return Verdict { status: VerdictStatus::Invalid, reason: Some(Reason::TooExpensive), ..proven };
        };
        let own = proven.key.as_ref();
        let component = checked.components().iter().find(|component| own == Some(&component.key().fingerprint()));
        let objection = entitlement(component, key, created);
        let proven = Verdict {
            signer_user_id: signer_user_id(checked, config).map(str::to_owned),
            notations: config.hashed_subpackets.iter().filter_map(Notation::of).collect(),
            intended_recipients: intended(config).cloned().collect(),
            from: self.from.map(|from| compare(from, self.judgements, index, created)),
            ..proven
        };
        let fail = |status, reason| Verdict { status, reason: Some(reason), ..proven.clone() };
        if created > policy.latest(at) {
            return fail(VerdictStatus::Invalid, Reason::FutureDated);
        }
        match policy.check_signing_key(key.public_params(), created) {
            Ok(()) => {}
            Err(Weakness::Weak(_)) => return fail(VerdictStatus::Weak, Reason::WeakKey),
            Err(_) => return fail(VerdictStatus::Invalid, Reason::Unsupported),
        }
        if let Some((status, reason)) = objection {
            return fail(status, reason);
        }
        if signature_end(config, created).is_some_and(|end| end <= at) {
            return fail(VerdictStatus::Expired, Reason::SignatureExpired);
        }
        if !self.is_intended(config) {
            return fail(VerdictStatus::Invalid, Reason::NotIntendedRecipient);
        }
        Verdict { status: VerdictStatus::Valid, reason: None, ..proven }
    }

    /// §5.2.3.36: a signer who names recipients did not sign for anybody else, nor for the open.
    fn is_intended(&self, config: &SignatureConfig) -> bool {
        let mut named = intended(config).peekable();
        match self.context {
            _ if named.peek().is_none() => true,
            Context::Clear => false,
            Context::Encrypted { own: [] } => true,
            Context::Encrypted { own } => named.any(|fingerprint| own.contains(fingerprint)),
        }
    }

    fn claimed(&self, signature: &Signature) -> Verdict {
        Verdict {
            key: signature.issuer_fingerprint().first().map(|fingerprint| (*fingerprint).clone()),
            key_id: signature.issuer_key_id().first().map(|key_id| **key_id),
            created: signature.created(),
            text: signature.typ() == Some(SignatureType::Text),
            ..self.blank(VerdictStatus::Invalid)
        }
    }

    fn blank(&self, status: VerdictStatus) -> Verdict {
        Verdict {
            status,
            signer: None,
            signer_user_id: None,
            key: None,
            key_id: None,
            created: None,
            text: false,
            reason: None,
            certificate: self.source,
            notations: Vec::new(),
            intended_recipients: Vec::new(),
            from: self.from.map(|_| FromMatch::Unknown),
        }
    }
}

/// What a signature says of itself, if there is anybody to verify it with.
fn worth_hashing<'f>(found: &'f FoundSignature, candidates: &[usize]) -> Option<&'f SignatureConfig> {
    match found {
        FoundSignature::Readable(signature) if !candidates.is_empty() => signature.config(),
        _ => None,
    }
}

/// How the owner of a certificate compares with the address a message claims to come from. A user ID counts if its owner certified
/// it when the signature was made, or has by now (certificates are renewed, and old certifications dropped).
fn compare(from: &str, judgements: &mut Judgements<'_>, index: usize, created: Timestamp) -> FromMatch {
    let Some(from) = Address::parse(from) else { return FromMatch::Mismatch };
    let mut names = |moment| judgements.judge(index, moment).map(|checked| names_address(checked, &from));
    match (names(Moment::Then(created)), names(Moment::Now)) {
        (Some(true), _) | (_, Some(true)) => FromMatch::Match,
        (Some(false), Some(false)) => FromMatch::Mismatch,
        // It was not looked at: that would have cost too much.
        _ => FromMatch::Unknown,
    }
}

fn names_address(checked: &Checked<'_>, from: &Address<'_>) -> bool {
    let mut valid = checked.user_ids().iter().filter(|id| id.status().is_valid());
    valid.any(|id| id.text().and_then(Address::of_user_id).is_some_and(|address| address.is_same(from)))
}

/// How a verdict that was given without an address compares with one.
pub(crate) fn compare_from(verdict: &Verdict, judgements: &mut Judgements<'_>, from: &str) -> FromMatch {
    let (Some(signer), Some(created)) = (&verdict.signer, verdict.created) else { return FromMatch::Unknown };
    let own = judgements.certificates().iter().enumerate().filter(|(_, it)| it.fingerprint() == *signer);
    let compared: Vec<FromMatch> = own.map(|(index, _)| compare(from, judgements, index, created)).collect();
    let most = [FromMatch::Match, FromMatch::Unknown].into_iter().find(|it| compared.contains(it));
    most.unwrap_or(FromMatch::Mismatch)
}

/// The recipients a signature names.
fn intended(config: &SignatureConfig) -> impl Iterator<Item = &Fingerprint> {
    config.hashed_subpackets.iter().filter_map(|subpacket| match &subpacket.data {
        SubpacketData::IntendedRecipientFingerprint(fingerprint) => Some(fingerprint),
        _ => None,
    })
}

/// §5.2.3.30: the user ID the signature was made under, as far as the certificate bears it out. Some programs write the bare
/// address instead of the whole text.
fn signer_user_id<'c>(checked: &Checked<'c>, config: &SignatureConfig) -> Option<&'c str> {
    let named = last(config, |data| match data {
        SubpacketData::SignersUserID(named) => Some(named.as_ref()),
        _ => None,
    });
    let fits = |text: &str, named: &[u8]| {
        text.as_bytes() == named
            || Address::of_user_id(text).is_some_and(|address| address.to_string().as_bytes() == named)
    };
    let valid = checked.user_ids().iter().filter(|id| id.status().is_valid());
    named
        .and_then(|named| valid.filter_map(|id| id.text()).find(|text| fits(text, named)))
        .or_else(|| checked.primary_user_id())
}

/// Why the key may not have signed then, if so.
fn entitlement(
    component: Option<&CheckedComponent<'_>>,
    key: ComponentKey<'_>,
    created: Timestamp,
) -> Option<(VerdictStatus, Reason)> {
    let Some(component) = component else {
        return Some((VerdictStatus::Invalid, Reason::KeyNotEntitled));
    };
    match component.status() {
        Status::Valid if component.may_sign() => None,
        Status::Expired { .. } => Some((VerdictStatus::ExpiredKey, Reason::KeyExpired)),
        Status::Revoked { .. } => Some((VerdictStatus::RevokedKey, Reason::KeyRevoked)),
        _ if key.created_at() > created => Some((VerdictStatus::Invalid, Reason::KeyNotYetMade)),
        _ => Some((VerdictStatus::Invalid, Reason::KeyNotEntitled)),
    }
}

fn reason_of(flaw: SignatureFlaw) -> Reason {
    match flaw {
        SignatureFlaw::UnsupportedVersion => Reason::Unsupported,
        SignatureFlaw::NoCreationTime => Reason::NoCreationTime,
        SignatureFlaw::UnknownCritical => Reason::UnknownCritical,
        SignatureFlaw::BadSalt => Reason::Malformed,
        SignatureFlaw::WeakHash => Reason::WeakHash,
    }
}
