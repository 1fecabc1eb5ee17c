//! The union of two copies of one key: what either has, the result has.
//!
//! Nothing is believed for being merged: signatures are kept as they are, and judged when the result is. A secret part is never
//! replaced by another; one that is missing (never there, or kept elsewhere) is taken in.

use pgp::{
    composed::{SignedKeyDetails, SignedPublicKey, SignedPublicSubKey},
    packet::Signature,
    types::KeyDetails,
};

use super::{Certificate, ComponentKey, rules::may_be_from};
use crate::{error::KeyError, limits::Limits};

impl Certificate {
    /// This certificate with all that `update`, a copy of it, has more. Fails with
    /// [`KeyMismatch`](KeyError::KeyMismatch) when it is another certificate.
    pub fn merge(&self, update: &Self, limits: &Limits) -> Result<Self, KeyError> {
        if self.fingerprint() != update.fingerprint() {
            return Err(KeyError::KeyMismatch);
        }
        let mut merged = self.clone();
        merge_details(&mut merged.inner.details, &update.inner, limits);
        for subkey in &update.inner.public_subkeys {
            merge_subkey(&mut merged.inner, subkey, limits);
        }
        merged.unread.merge(&update.unread);
        Ok(merged)
    }
}

/// Takes in all but the subkeys.
pub(crate) fn merge_details(into: &mut SignedKeyDetails, update: &SignedPublicKey, limits: &Limits) {
    let primary = ComponentKey::Primary(&update.primary_key);
    let allowed = limits.component_signatures;
    let union = |into: &mut Vec<Signature>, other: &[Signature]| merge_signatures(into, other, &primary, allowed);
    union(&mut into.revocation_signatures, &update.details.revocation_signatures);
    union(&mut into.direct_signatures, &update.details.direct_signatures);
    for user in &update.details.users {
        let is_room = into.users.len() + into.user_attributes.len() < limits.user_ids;
        match into.users.iter_mut().find(|known| known.id.id() == user.id.id()) {
            Some(known) => union(&mut known.signatures, &user.signatures),
            None if is_room => into.users.push(user.clone()),
            None => {}
        }
    }
    for attribute in &update.details.user_attributes {
        let is_room = into.users.len() + into.user_attributes.len() < limits.user_ids;
        match into.user_attributes.iter_mut().find(|known| known.attr == attribute.attr) {
            Some(known) => union(&mut known.signatures, &attribute.signatures),
            None if is_room => {
                into.user_attributes.push(attribute.clone());
            }
            None => {}
        }
    }
}

fn merge_subkey(into: &mut SignedPublicKey, subkey: &SignedPublicSubKey, limits: &Limits) {
    let primary = ComponentKey::Primary(&into.primary_key);
    let fingerprint = subkey.key.fingerprint();
    let is_room = into.public_subkeys.len() < limits.subkeys;
    match into.public_subkeys.iter_mut().find(|known| known.key.fingerprint() == fingerprint) {
        Some(known) => {
            merge_signatures(&mut known.signatures, &subkey.signatures, &primary, limits.component_signatures);
        }
        None if is_room => into.public_subkeys.push(subkey.clone()),
        None => {}
    }
}

/// Adds what is new, the key's own signatures first: whoever floods a certificate shall not keep a revocation out.
pub(crate) fn merge_signatures(
    into: &mut Vec<Signature>,
    other: &[Signature],
    primary: &ComponentKey<'_>,
    allowed: usize,
) {
    let (own, foreign): (Vec<_>, Vec<_>) = other.iter().partition(|signature| may_be_from(signature, primary));
    for signature in own.into_iter().chain(foreign) {
        if into.contains(signature) {
            continue;
        }
        if into.len() < allowed {
            into.push(signature.clone());
        } else if may_be_from(signature, primary)
            && let Some(foreign) = into.iter_mut().rev().find(|known| !may_be_from(known, primary))
        {
            *foreign = signature.clone();
        }
    }
}
