//! What other people certified about a user ID (RFC 9580 §5.2.1.4 to §5.2.1.7), judged by the certificates at hand.

use std::collections::BTreeMap;

use pgp::{
    packet::{Signature, SignatureType, SubpacketData},
    types::{Fingerprint, KeyId, SignedUser, Tag, Timestamp},
};

use super::{
    Certificate, Framed, Judgements, Moment, Status,
    checked::CERTIFICATIONS,
    rules::{Names, check_signature, last, may_be_from, signature_end},
};
use crate::policy::{Policy, SignatureUse};

/// One certification by another key. It says who vouches; whether that one is to be trusted is not decided here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ThirdParty {
    /// Whose it is, if a certificate at hand proves it; otherwise who it says made it, in hex.
    pub issuer: Option<Issuer>,
    /// When it says it was made.
    pub created: Option<Timestamp>,
    /// When it says it ends.
    pub expires: Option<Timestamp>,
    /// Whether others may see it (§5.2.3.19).
    pub exportable: bool,
    /// Depth and amount, of a trust signature (§5.2.3.21).
    pub trust: Option<(u8, u8)>,
    /// What it is worth.
    pub status: ThirdPartyStatus,
}

/// Who made a certification, or says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Issuer {
    /// By its fingerprint.
    Fingerprint(Fingerprint),
    /// By its key ID, which others can share.
    KeyId(KeyId),
}

/// What a certification by another key is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ThirdPartyStatus {
    /// Made by a certificate at hand that could certify then, and neither ended nor taken back.
    Valid,
    /// None of the certificates at hand made it, as far as can be told.
    Unknown,
    /// It has ended, or a newer one by its maker has, which took its place.
    Expired,
    /// Its maker took it back.
    Revoked,
    /// It does not verify, is by a broken algorithm, dated in the future, or its maker could not certify then.
    Invalid,
}

impl ThirdPartyStatus {
    /// Kebab-case.
    pub fn code(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Invalid => "invalid",
        }
    }
}

/// Signatures verified to judge the certifications of one key, those of the makers' own certificates included. 5000: a hundred
/// certifications by makers with many self-signatures. What would cost more is told as unknown.
const VERIFIED: usize = 5000;

/// The certificates at hand, found by what signatures say of their makers. One for each key that is looked at: what it may cost
/// is counted here.
pub(crate) struct Makers<'a> {
    judgements: Judgements<'a>,
    by_fingerprint: BTreeMap<Vec<u8>, usize>,
    by_key_id: BTreeMap<Vec<u8>, Vec<usize>>,
}

/// What a maker of certifications is worth at a moment.
struct Worth {
    may_certify: bool,
    is_void: bool,
}

impl<'a> Makers<'a> {
    pub(crate) fn new(known: &'a [Certificate], policy: &'a Policy, at: Timestamp) -> Self {
        let (mut by_fingerprint, mut by_key_id) = (BTreeMap::new(), BTreeMap::<Vec<u8>, Vec<usize>>::new());
        for (index, certificate) in known.iter().enumerate() {
            by_fingerprint.entry(certificate.fingerprint().as_bytes().to_vec()).or_insert(index);
            by_key_id.entry(certificate.key_id().as_ref().to_vec()).or_default().push(index);
        }
        Self { judgements: Judgements::new(known, policy, at, VERIFIED), by_fingerprint, by_key_id }
    }

    /// Those that a signature's hints name (see [`may_be_from`]).
    fn named_by(&self, signature: &Signature) -> Vec<usize> {
        let fingerprints = signature.issuer_fingerprint();
        if !fingerprints.is_empty() {
            return fingerprints.iter().filter_map(|it| self.by_fingerprint.get(it.as_bytes())).copied().collect();
        }
        signature.issuer_key_id().iter().filter_map(|it| self.by_key_id.get(it.as_ref())).flatten().copied().collect()
    }

    fn certificate(&self, maker: usize) -> Option<&'a Certificate> {
        self.judgements.certificates().get(maker)
    }

    /// What a maker is worth at a moment; `None` if that would cost too much.
    fn worth(&mut self, maker: usize, moment: Moment) -> Option<Worth> {
        let checked = self.judgements.judge(maker, moment)?;
        let primary = checked.components().first();
        Some(Worth {
            may_certify: primary.is_some_and(|it| it.status().is_valid() && it.capabilities().certify),
            is_void: matches!(checked.status(), Status::Revoked { hard: true, .. }),
        })
    }
}

/// Judges the certifications of `user`, a user ID of `subject`, by others. Each signature is verified at most once for each
/// certificate that it names.
pub(crate) fn third_party(subject: &Certificate, user: &SignedUser, makers: &mut Makers<'_>) -> Vec<ThirdParty> {
    let names = Names::of(&subject.primary());
    let mut judge = Judge { subject, user, makers, taken_back: BTreeMap::new(), is_over: false };
    let foreign = user.signatures.iter().filter(|signature| !may_be_from(signature, &names));
    // Revocations first: what cannot be told to be revoked must not be told to be valid.
    let (revocations, others): (Vec<_>, Vec<_>) =
        foreign.partition(|signature| signature.typ() == Some(SignatureType::CertRevocation));
    revocations.into_iter().for_each(|revocation| judge.take_back(revocation));
    let certifications = others.into_iter().filter(|it| it.typ().is_some_and(|typ| CERTIFICATIONS.contains(&typ)));
    let mut told: Vec<(Option<usize>, ThirdParty)> = certifications.map(|it| judge.judge(it)).collect();
    end_superseded(&mut told);
    told.into_iter().map(|(_, told)| told).collect()
}

/// Of each maker the newest word counts: when it has ended, so have those it took the place of.
fn end_superseded(told: &mut [(Option<usize>, ThirdParty)]) {
    let mut newest: BTreeMap<usize, (Timestamp, ThirdPartyStatus)> = BTreeMap::new();
    for (maker, it) in told.iter() {
        let counts = matches!(it.status, ThirdPartyStatus::Valid | ThirdPartyStatus::Expired);
        if let (Some(maker), Some(created), true) = (maker, it.created, counts) {
            let known = newest.entry(*maker).or_insert((created, it.status));
            if created > known.0 {
                *known = (created, it.status);
            }
        }
    }
    for (maker, it) in told {
        let last = maker.and_then(|maker| newest.get(&maker));
        if it.status == ThirdPartyStatus::Valid && last.is_some_and(|(_, last)| *last == ThirdPartyStatus::Expired) {
            it.status = ThirdPartyStatus::Expired;
        }
    }
}

struct Judge<'j, 'a> {
    subject: &'j Certificate,
    user: &'j SignedUser,
    makers: &'j mut Makers<'a>,
    /// When each maker took back its certifications last.
    taken_back: BTreeMap<usize, Timestamp>,
    /// Whether all that may be verified was.
    is_over: bool,
}

impl Judge<'_, '_> {
    fn judge(&mut self, signature: &Signature) -> (Option<usize>, ThirdParty) {
        let said = |select: &dyn Fn(&SubpacketData) -> Option<bool>| signature.config().and_then(|it| last(it, select));
        let exportable = said(&|data| match data {
            SubpacketData::ExportableCertification(exportable) => Some(*exportable),
            _ => None,
        });
        let created = signature.created();
        let fingerprint = signature.issuer_fingerprint().first().map(|it| Issuer::Fingerprint((*it).clone()));
        let claimed = fingerprint.or_else(|| signature.issuer_key_id().first().map(|it| Issuer::KeyId(**it)));
        let is_named = !self.makers.named_by(signature).is_empty();
        let maker = self.maker(signature);
        let status = match maker {
            Some(maker) => self.status(signature, maker),
            None if is_named && !self.is_over => Some(ThirdPartyStatus::Invalid),
            None => None,
        };
        let certificate = maker.and_then(|maker| self.makers.certificate(maker));
        let told = ThirdParty {
            issuer: certificate.map(|maker| Issuer::Fingerprint(maker.fingerprint())).or(claimed),
            created,
            expires: signature.config().zip(created).and_then(|(config, created)| signature_end(config, created)),
            exportable: exportable.unwrap_or(true),
            trust: signature.trust_signature(),
            status: status.unwrap_or(ThirdPartyStatus::Unknown),
        };
        (maker, told)
    }

    /// The certificate, of those that a signature names, that made it.
    fn maker(&mut self, signature: &Signature) -> Option<usize> {
        for named in self.makers.named_by(signature) {
            let maker = self.makers.certificate(named)?;
            if self.makers.judgements.spend(1).is_none() {
                self.is_over = true;
                return None;
            }
            let signee = Framed::new(&self.subject.inner.primary_key, maker.version());
            let id = &self.user.id;
            if signature.verify_third_party_certification(&signee, &maker.primary(), Tag::UserId, id).is_ok() {
                return Some(named);
            }
        }
        None
    }

    /// Takes note of a revocation. It is believed although its hash is outdated: not to believe a real one is worse than to
    /// believe one that somebody forged with great effort.
    fn take_back(&mut self, revocation: &Signature) {
        let policy = self.makers.judgements.policy().for_revocations();
        let Ok((_, revoked)) = check_signature(revocation, &policy, SignatureUse::SelfSignature) else { return };
        if revoked > policy.latest(self.makers.judgements.at()) {
            return;
        }
        if let Some(maker) = self.maker(revocation) {
            let known = self.taken_back.entry(maker).or_insert(revoked);
            *known = revoked.max(*known);
        }
    }

    fn status(&mut self, signature: &Signature, maker: usize) -> Option<ThirdPartyStatus> {
        let (policy, at) = (self.makers.judgements.policy(), self.makers.judgements.at());
        // As with data, a collision suffices to have somebody certify what he never saw.
        let Ok((config, created)) = check_signature(signature, policy, SignatureUse::Data) else {
            return Some(ThirdPartyStatus::Invalid);
        };
        let then = self.makers.worth(maker, Moment::Then(created))?;
        let now = self.makers.worth(maker, Moment::Now)?;
        Some(if !then.may_certify || now.is_void || created > policy.latest(at) || created < self.subject.created() {
            ThirdPartyStatus::Invalid
        } else if self.taken_back.get(&maker).is_some_and(|revoked| *revoked >= created) {
            ThirdPartyStatus::Revoked
        } else if self.is_over {
            return None;
        } else if signature_end(config, created).is_some_and(|end| end <= at) {
            ThirdPartyStatus::Expired
        } else {
            ThirdPartyStatus::Valid
        })
    }
}
