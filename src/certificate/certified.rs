//! Whether somebody who is trusted certified that a user ID belongs to a key (RFC 9580 §5.2.1.3 to §5.2.1.7, §5.2.1.14).
//!
//! One step only: an authority certifies the user ID itself. Introducers of introducers (trust signatures) are not followed.

use pgp::{
    packet::{Signature, SignatureType},
    types::{KeyDetails, SignedUser, Tag, Timestamp},
};

use super::{
    Certificate,
    checked::CERTIFICATIONS,
    component::ComponentKey,
    framed::Framed,
    rules::{check_signature, may_be_from, signature_end},
};
use crate::policy::{Policy, SignatureUse};

impl Certificate {
    /// Whether a user ID that `wanted` picks, valid at `at`, is certified by one of the authorities then: by a valid key that
    /// may certify, with its newest word on the matter being a certification that has not ended. An authority's own user IDs
    /// are certified by itself. Nothing is certified in a certificate that is not valid.
    pub fn is_certified_by(
        &self,
        authorities: &[Certificate],
        wanted: impl Fn(&str) -> bool,
        policy: &Policy,
        at: Timestamp,
    ) -> bool {
        let checked = self.at(policy, at);
        if !checked.status().is_valid() {
            return false;
        }
        let users = self.inner.details.users.iter().zip(checked.user_ids());
        let mut users = users.filter(|(_, user)| user.status().is_valid() && user.text().is_some_and(&wanted));
        users.any(|(user, _)| authorities.iter().any(|authority| self.certifies(authority, user, policy, at)))
    }

    fn certifies(&self, authority: &Certificate, user: &SignedUser, policy: &Policy, at: Timestamp) -> bool {
        let judged = authority.at(policy, at);
        let may_certify = judged.components().first().is_some_and(|primary| primary.capabilities().certify);
        if !judged.status().is_valid() || !may_certify {
            return false;
        }
        if authority.fingerprint() == self.fingerprint() {
            // Its own user ID was found valid already.
            return true;
        }
        let issuer = ComponentKey::Primary(&authority.inner.primary_key);
        let own = Framed::new(&self.inner.primary_key, issuer.version());
        let word = |signature: &Signature| -> Option<(Timestamp, bool)> {
            let typ = signature.typ()?;
            let is_revocation = typ == SignatureType::CertRevocation;
            if !(is_revocation || CERTIFICATIONS.contains(&typ)) || !may_be_from(signature, &issuer) {
                return None;
            }
            // A forged certification needs a collision only, a forged revocation harms nobody but the forger's aim.
            let purpose = if is_revocation { SignatureUse::SelfSignature } else { SignatureUse::Data };
            let (config, created) = check_signature(signature, policy, purpose).ok()?;
            if created > policy.latest(at) || signature_end(config, created).is_some_and(|end| end <= at) {
                return None;
            }
            signature.verify_third_party_certification(&own, &issuer, Tag::UserId, &user.id).ok()?;
            Some((created, !is_revocation))
        };
        // Of one moment the revocation counts.
        let newest = user.signatures.iter().filter_map(word).max_by_key(|(created, certifies)| (*created, !certifies));
        newest.is_some_and(|(_, certifies)| certifies)
    }
}
