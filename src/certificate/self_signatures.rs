//! Picks, among the signatures on a component, those its own primary key really made and that count at the reference time.

use pgp::{
    packet::{Signature, SignatureConfig, SignatureType, SubpacketData},
    types::{KeyDetails, Tag, Timestamp},
};

use super::{
    component::ComponentKey,
    proven::{Role, is_genuine, remember},
    rules::{Names, check_signature, last, may_be_from, signature_end},
    status::{RevocationReason, Status},
};
use crate::policy::{Policy, SignatureUse};

/// What a signature is made over, besides the primary key.
#[derive(Clone, Copy)]
pub(crate) enum Target<'a> {
    /// The primary key alone: direct-key signatures and key revocations.
    Primary,
    /// A user ID.
    UserId(&'a pgp::packet::UserId),
    /// A user attribute.
    Attribute(&'a pgp::packet::UserAttribute),
    /// A subkey.
    Subkey(ComponentKey<'a>),
}

impl Target<'_> {
    /// Whether `primary` made this signature over the target: the mathematics alone, whatever a policy thinks of it.
    pub(super) fn is_signed_by(&self, primary: &ComponentKey<'_>, signature: &Signature) -> bool {
        match self {
            Self::Primary => is_genuine(Role::Key, primary, None, signature, || signature.verify_key(primary).is_ok()),
            Self::UserId(user_id) => is_genuine(Role::UserId, primary, Some(*user_id), signature, || {
                signature.verify_certification(primary, Tag::UserId, user_id).is_ok()
            }),
            Self::Attribute(attribute) => is_genuine(Role::Attribute, primary, Some(*attribute), signature, || {
                signature.verify_certification(primary, Tag::UserAttribute, attribute).is_ok()
            }),
            Self::Subkey(subkey) => is_genuine(Role::Subkey, primary, Some(subkey), signature, || {
                signature.verify_subkey_binding(primary, subkey).is_ok()
            }),
        }
    }

    /// Says that it does: it was made a moment ago, with the secret part of `primary`.
    pub(crate) fn was_signed_by(&self, primary: &ComponentKey<'_>, signature: &Signature) {
        match self {
            Self::Primary => remember(Role::Key, primary, None, signature),
            Self::UserId(user_id) => remember(Role::UserId, primary, Some(*user_id), signature),
            Self::Attribute(attribute) => remember(Role::Attribute, primary, Some(*attribute), signature),
            Self::Subkey(subkey) => remember(Role::Subkey, primary, Some(subkey), signature),
        }
    }
}

/// A verified self-signature that counts at the reference time.
#[derive(Clone, Copy)]
pub(crate) struct SelfSignature<'a> {
    pub(crate) signature: &'a Signature,
    pub(crate) config: &'a SignatureConfig,
    pub(crate) created: Timestamp,
}

/// A verified revocation.
#[derive(Clone, Copy)]
pub(super) struct Revocation {
    pub(super) created: Timestamp,
    pub(super) reason: RevocationReason,
}

impl Revocation {
    pub(super) fn status(self) -> Status {
        Status::Revoked { hard: self.reason.is_hard(), at: self.created, reason: self.reason }
    }
}

/// The primary key as the judge of signatures, at one moment and by one policy.
#[derive(Clone)]
pub(super) struct Issuer<'a> {
    pub(super) primary: ComponentKey<'a>,
    pub(super) names: Names,
    pub(super) policy: &'a Policy,
    pub(super) at: Timestamp,
}

impl<'a> Issuer<'a> {
    pub(super) fn new(primary: ComponentKey<'a>, policy: &'a Policy, at: Timestamp) -> Self {
        Self { names: Names::of(&primary), primary, policy, at }
    }

    /// Whether a signature's hints name the primary key, or nobody.
    pub(super) fn may_have_made(&self, signature: &Signature) -> bool {
        may_be_from(signature, &self.names)
    }

    /// The newest signature of one of `types` over `target` that verifies, has begun and has not ended. Older ones do not
    /// count (RFC 9580 §5.2.3.10).
    pub(super) fn newest<'s>(
        &self,
        signatures: &'s [Signature],
        types: &[SignatureType],
        target: Target<'_>,
    ) -> Option<SelfSignature<'s>> {
        let mut candidates: Vec<SelfSignature<'s>> = signatures
            .iter()
            .filter(|signature| signature.typ().is_some_and(|typ| types.contains(&typ)))
            .filter(|signature| self.may_have_made(signature))
            .filter_map(|signature| {
                let (config, created) = check_signature(signature, self.policy, SignatureUse::SelfSignature).ok()?;
                Some(SelfSignature { signature, config, created })
            })
            .filter(|candidate| self.counts(candidate))
            .collect();
        candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.created));
        candidates.into_iter().find(|candidate| self.verifies(candidate.signature, candidate.created, target))
    }

    /// The gravest revocation of type `typ` over `target`: any hard one, else the latest soft one made by now.
    ///
    /// A revocation is believed although its hash is outdated (a forgery would need a second preimage, and ignoring a real
    /// one is worse), and a hard one of a key although its date lies ahead: the key is out of its owner's hands. A user ID can
    /// be certified again, so that its revocations all count from their dates on.
    pub(super) fn revocation(
        &self,
        signatures: &[Signature],
        typ: SignatureType,
        target: Target<'_>,
    ) -> Option<Revocation> {
        let lenient = self.policy.for_revocations();
        let ends_for_good = |reason: RevocationReason| reason.is_hard() && !matches!(target, Target::UserId(_));
        let mut found: Option<Revocation> = None;
        for signature in signatures.iter().filter(|signature| signature.typ() == Some(typ)) {
            if !self.may_have_made(signature) {
                continue;
            }
            let Ok((config, created)) = check_signature(signature, &lenient, SignatureUse::SelfSignature) else {
                continue;
            };
            let reason = RevocationReason::from_wire(last(config, |data| match data {
                SubpacketData::RevocationReason(code, _) => Some(*code),
                _ => None,
            }));
            let is_final = ends_for_good(reason);
            let counts = is_final
                || created <= self.policy.latest(self.at)
                    && signature_end(config, created).is_none_or(|end| self.at < end);
            let graver = found.is_none_or(|known| (is_final, created) > (ends_for_good(known.reason), known.created));
            if counts && graver && self.made(&lenient, signature, created, target) {
                found = Some(Revocation { created, reason });
            }
        }
        found
    }

    /// Begun, not ended, and not made before the primary key was.
    fn counts(&self, candidate: &SelfSignature<'_>) -> bool {
        candidate.created <= self.policy.latest(self.at)
            && candidate.created >= self.primary.created_at()
            && signature_end(candidate.config, candidate.created).is_none_or(|end| self.at < end)
    }

    pub(super) fn verifies(&self, signature: &Signature, created: Timestamp, target: Target<'_>) -> bool {
        self.made(self.policy, signature, created, target)
    }

    fn made(&self, policy: &Policy, signature: &Signature, created: Timestamp, target: Target<'_>) -> bool {
        policy.check_signing_key(self.primary.public_params(), created).is_ok()
            && target.is_signed_by(&self.primary, signature)
    }

    /// The primary-key binding signature by `subkey` (0x19) that `binding` carries: without it anyone could adopt someone else's
    /// signing key (RFC 9580 §5.2.1.9, §10.1.5). It may stand in the unhashed area, which anybody can change, so that every form
    /// of the binding among `signatures` is looked at.
    pub(super) fn consent<'s>(
        &self,
        binding: &SelfSignature<'_>,
        signatures: &'s [Signature],
        subkey: ComponentKey<'_>,
    ) -> Option<&'s Signature> {
        let forms = signatures.iter().filter_map(Signature::config).filter(|form| is_form_of(form, binding.config));
        forms.flat_map(embedded).take(CONSENTS).find(|signature| {
            let Ok((config, created)) = check_signature(signature, self.policy, SignatureUse::SelfSignature) else {
                return false;
            };
            created <= self.policy.latest(self.at)
                && created >= subkey.created_at()
                && signature_end(config, created).is_none_or(|end| self.at < end)
                && self.policy.check_signing_key(subkey.public_params(), created).is_ok()
                && consents(&subkey, &self.primary, signature)
        })
    }
}

/// Whether `subkey` made this signature over `primary`.
pub(super) fn consents(subkey: &ComponentKey<'_>, primary: &ComponentKey<'_>, signature: &Signature) -> bool {
    is_genuine(Role::Consent, subkey, Some(primary), signature, || {
        signature.verify_primary_key_binding(subkey, primary).is_ok()
    })
}

/// Whether two signatures say the same: they may differ in what is not hashed.
fn is_form_of(one: &SignatureConfig, other: &SignatureConfig) -> bool {
    (one.typ, one.pub_alg, one.hash_alg) == (other.typ, other.pub_alg, other.hash_alg)
        && one.version_specific == other.version_specific
        && one.hashed_subpackets == other.hashed_subpackets
}

/// At most so many of them are tried for one subkey. Whoever floods a copy with more keeps the subkey from signing, no more.
pub(super) const CONSENTS: usize = 64;

/// At most so many embedded signatures of one binding are tried: one is what is needed, and anybody can fill the unhashed area.
const EMBEDDED: usize = 4;

/// The signatures embedded in a binding. Each proves itself, so that it may stand in the unhashed area as well.
pub(super) fn embedded(config: &SignatureConfig) -> impl Iterator<Item = &Signature> {
    let subpackets = config.hashed_subpackets.iter().chain(&config.unhashed_subpackets);
    let embedded = subpackets.filter_map(|subpacket| match &subpacket.data {
        SubpacketData::EmbeddedSignature(signature) => Some(&**signature),
        _ => None,
    });
    embedded.take(EMBEDDED)
}
