//! Whether somebody who is trusted certified that a user ID belongs to a key (RFC 9580 §5.2.1.3 to §5.2.1.7, §5.2.1.13).
//!
//! One step only: an authority certifies the user ID itself. Introducers of introducers (trust signatures) are not followed.

use pgp::{
    packet::{Signature, SignatureType},
    types::{KeyDetails, SignedUser, Tag, Timestamp},
};

use super::{
    Certificate,
    checked::CERTIFICATIONS,
    framed::Framed,
    rules::{Names, check_signature, may_be_from, signature_end},
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
        let users = users.filter(|(_, user)| user.status().is_valid() && user.text().is_some_and(&wanted));
        let users: Vec<&SignedUser> = users.map(|(user, _)| user).collect();
        let may_certify = |authority: &&Certificate| {
            let judged = authority.at(policy, at);
            let primary = judged.components().first();
            judged.status().is_valid() && primary.is_some_and(|primary| primary.capabilities().certify)
        };
        !users.is_empty()
            && authorities
                .iter()
                .filter(may_certify)
                .any(|authority| users.iter().any(|user| self.certifies(authority, user, policy, at)))
    }

    /// Whether `authority`, which may certify, does.
    fn certifies(&self, authority: &Certificate, user: &SignedUser, policy: &Policy, at: Timestamp) -> bool {
        if authority.fingerprint() == self.fingerprint() {
            // Its own user ID was found valid already.
            return true;
        }
        let issuer = authority.primary();
        let names = Names::of(&issuer);
        let own = Framed::new(&self.inner.primary_key, issuer.version());
        let lenient = policy.for_revocations();
        let statement = |signature: &Signature| -> Option<Statement> {
            let typ = signature.typ()?;
            let is_revocation = typ == SignatureType::CertRevocation;
            if !(is_revocation || CERTIFICATIONS.contains(&typ)) || !may_be_from(signature, &names) {
                return None;
            }
            // To forge a certification takes a collision only. A revocation is believed although its hash is outdated.
            let (policy, purpose) =
                if is_revocation { (&lenient, SignatureUse::SelfSignature) } else { (policy, SignatureUse::Data) };
            let (config, created) = check_signature(signature, policy, purpose).ok()?;
            if created > policy.latest(at) {
                return None;
            }
            signature.verify_third_party_certification(&own, &issuer, Tag::UserId, &user.id).ok()?;
            let has_ended = signature_end(config, created).is_some_and(|end| end <= at);
            Some(Statement { created, is_revocation, has_ended })
        };
        // The newest decides, though it has ended: older ones were replaced by it. Of one moment the revocation counts.
        let newest = user.signatures.iter().filter_map(statement).max_by_key(|it| (it.created, it.is_revocation));
        newest.is_some_and(|it| !it.is_revocation && !it.has_ended)
    }
}

/// What an authority said of a user ID.
struct Statement {
    created: Timestamp,
    is_revocation: bool,
    has_ended: bool,
}
