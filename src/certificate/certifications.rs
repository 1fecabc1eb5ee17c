//! What other people certified about a user ID (RFC 9580 §5.2.1.4 to §5.2.1.7), judged by the certificates at hand.

use pgp::{
    packet::{Signature, SignatureType, SubpacketData},
    types::{Fingerprint, KeyId, SignedUser, Tag, Timestamp},
};

use super::{
    Certificate, ComponentKey, Framed, Status,
    checked::CERTIFICATIONS,
    rules::{check_signature, last, may_be_from, signature_end},
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
    /// It has ended.
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

/// At most so many certifications of one user ID are verified; the rest are told as unknown.
const VERIFIED: usize = 100;

/// Judges the certifications of `user`, a user ID of `subject`, by others.
pub(crate) fn third_party(
    subject: &Certificate,
    user: &SignedUser,
    known: &[Certificate],
    policy: &Policy,
    at: Timestamp,
) -> Vec<ThirdParty> {
    let primary = ComponentKey::Primary(&subject.inner.primary_key);
    let is_foreign = |signature: &&Signature| {
        signature.typ().is_some_and(|typ| CERTIFICATIONS.contains(&typ)) && !may_be_from(signature, &primary)
    };
    let judge = Judge { subject, user, known, policy, at };
    let foreign = user.signatures.iter().filter(is_foreign).enumerate();
    foreign.map(|(number, signature)| judge.judge(signature, number < VERIFIED)).collect()
}

struct Judge<'a> {
    subject: &'a Certificate,
    user: &'a SignedUser,
    known: &'a [Certificate],
    policy: &'a Policy,
    at: Timestamp,
}

impl Judge<'_> {
    fn judge(&self, signature: &Signature, verify: bool) -> ThirdParty {
        let said = |select: &dyn Fn(&SubpacketData) -> Option<bool>| signature.config().and_then(|it| last(it, select));
        let exportable = said(&|data| match data {
            SubpacketData::ExportableCertification(exportable) => Some(*exportable),
            _ => None,
        });
        let created = signature.created();
        let fingerprint = signature.issuer_fingerprint().first().map(|it| Issuer::Fingerprint((*it).clone()));
        let claimed = fingerprint.or_else(|| signature.issuer_key_id().first().map(|it| Issuer::KeyId(**it)));
        let candidates = self.known.iter().filter(|known| may_be_from(signature, &primary_of(known)));
        let maker = verify.then(|| candidates.clone().find(|known| self.is_by(signature, known))).flatten();
        let status = match maker {
            Some(maker) => self.status(signature, maker),
            None if verify && candidates.clone().next().is_some() => ThirdPartyStatus::Invalid,
            None => ThirdPartyStatus::Unknown,
        };
        ThirdParty {
            issuer: maker.map(|maker| Issuer::Fingerprint(maker.fingerprint())).or(claimed),
            created,
            expires: signature.config().zip(created).and_then(|(config, created)| signature_end(config, created)),
            exportable: exportable.unwrap_or(true),
            trust: signature.trust_signature(),
            status,
        }
    }

    fn is_by(&self, signature: &Signature, maker: &Certificate) -> bool {
        let signee = Framed::new(&self.subject.inner.primary_key, maker.version());
        signature.verify_third_party_certification(&signee, &primary_of(maker), Tag::UserId, &self.user.id).is_ok()
    }

    fn status(&self, signature: &Signature, maker: &Certificate) -> ThirdPartyStatus {
        // As with data, a collision suffices to have somebody certify what he never saw.
        let Ok((config, created)) = check_signature(signature, self.policy, SignatureUse::Data) else {
            return ThirdPartyStatus::Invalid;
        };
        let then = maker.at(self.policy, created);
        let could = then.components().first().is_some_and(|it| it.status().is_valid() && it.capabilities().certify);
        let is_void = matches!(maker.at(self.policy, self.at).status(), Status::Revoked { hard: true, .. });
        if !could || is_void || created > self.policy.latest(self.at) || created < self.subject.created() {
            ThirdPartyStatus::Invalid
        } else if self.is_revoked(maker, created) {
            ThirdPartyStatus::Revoked
        } else if signature_end(config, created).is_some_and(|end| end <= self.at) {
            ThirdPartyStatus::Expired
        } else {
            ThirdPartyStatus::Valid
        }
    }

    fn is_revoked(&self, maker: &Certificate, created: Timestamp) -> bool {
        let signatures = self.user.signatures.iter();
        signatures
            .filter(|it| it.typ() == Some(SignatureType::CertRevocation) && may_be_from(it, &primary_of(maker)))
            .filter(|it| {
                check_signature(it, self.policy, SignatureUse::Data)
                    .is_ok_and(|(_, revoked)| revoked >= created && revoked <= self.policy.latest(self.at))
            })
            .any(|it| self.is_by(it, maker))
    }
}

fn primary_of(certificate: &Certificate) -> ComponentKey<'_> {
    ComponentKey::Primary(&certificate.inner.primary_key)
}
