//! A certificate as it is given to others: without what is not theirs to see, and, if wanted, without what they do not need.

use pgp::{
    composed::{SignedPublicKey, SignedPublicSubKey},
    packet::{KeyFlags, Signature, SignatureType, SubpacketData},
    types::{KeyDetails, SignedUser, Timestamp},
};

use super::{
    Certificate, ComponentKey,
    checked::CERTIFICATIONS,
    rules::{check_signature, key_end, key_flags, last, signature_end},
    self_signatures::{Issuer, SelfSignature, Target},
    unread::Unread,
};
use crate::{
    keyring::read_signature,
    policy::{Policy, SignatureUse},
};

impl Certificate {
    /// Without local certifications (RFC 9580 §5.2.3.19), the user IDs that only such hold, and sensitive designated
    /// revokers (§5.2.3.23).
    pub fn to_publish(&self) -> Self {
        let mut public = self.clone();
        let details = &mut public.inner.details;
        details.direct_signatures.retain(is_exportable);
        details.revocation_signatures.retain(is_exportable);
        // A component that nobody ever certified stays: what held it, if anything, was not local.
        details.users.retain_mut(|user| retain_exportable(&mut user.signatures));
        details.user_attributes.retain_mut(|attribute| retain_exportable(&mut attribute.signatures));
        public.unread.attributes.retain_mut(|attribute| {
            let bare = attribute.signatures.is_empty();
            // A signature that cannot be read, nobody else reads as local either.
            attribute.signatures.retain(|body| read_signature(body).is_none_or(|signature| is_exportable(&signature)));
            bare || !attribute.signatures.is_empty()
        });
        public
    }

    /// What others need to use the certificate and to check what it signed, and no more: the owner's signatures that count or
    /// counted, revocations, and the user IDs that are certified or revoked by their owner. Goes without user attributes,
    /// other people's certifications, what is not for others ([`Certificate::to_publish`]), and packets nothing here reads.
    /// `user_ids` keeps only those (all, if `None`).
    pub fn minimize(&self, user_ids: Option<&[String]>, policy: &Policy, at: Timestamp) -> Self {
        let public = self.to_publish();
        let issuer = Issuer::new(ComponentKey::Primary(&public.inner.primary_key), policy, at);
        let details = &public.inner.details;
        let revoked =
            keep_own(&issuer, &details.revocation_signatures, &[SignatureType::KeyRevocation], Target::Primary);
        let direct = keep_needed(&issuer, &details.direct_signatures, &[SignatureType::Key], Target::Primary, &revoked);
        let wanted = |user: &&SignedUser| {
            user_ids.is_none_or(|wanted| wanted.iter().any(|text| text.as_bytes() == user.id.id()))
        };
        let users = details.users.iter().filter(wanted).filter_map(|user| {
            let target = Target::UserId(&user.id);
            let mut signatures = keep_own(&issuer, &user.signatures, &[SignatureType::CertRevocation], target);
            signatures.extend(keep_needed(&issuer, &user.signatures, CERTIFICATIONS, target, &signatures));
            (!signatures.is_empty()).then(|| SignedUser { id: user.id.clone(), signatures })
        });
        let subkeys = public.inner.public_subkeys.iter().filter_map(|subkey| {
            let target = Target::Subkey(ComponentKey::Subkey(&subkey.key));
            let mut signatures = keep_own(&issuer, &subkey.signatures, &[SignatureType::SubkeyRevocation], target);
            let bindings =
                keep_needed(&issuer, &subkey.signatures, &[SignatureType::SubkeyBinding], target, &signatures);
            signatures.extend(bindings);
            (!signatures.is_empty()).then(|| SignedPublicSubKey { key: subkey.key.clone(), signatures })
        });
        let inner = SignedPublicKey {
            details: pgp::composed::SignedKeyDetails {
                revocation_signatures: revoked,
                direct_signatures: direct,
                users: users.collect(),
                user_attributes: Vec::new(),
            },
            public_subkeys: subkeys.collect(),
            primary_key: public.inner.primary_key.clone(),
        };
        Self { inner, unread: Unread::default() }
    }
}

/// Whether anything is left, or never was there.
fn retain_exportable(signatures: &mut Vec<Signature>) -> bool {
    let bare = signatures.is_empty();
    signatures.retain(is_exportable);
    bare || !signatures.is_empty()
}

fn is_exportable(signature: &Signature) -> bool {
    let Some(config) = signature.config() else {
        return true;
    };
    let is_local = last(config, |data| match data {
        SubpacketData::ExportableCertification(exportable) => Some(!*exportable),
        _ => None,
    });
    let names_a_secret_revoker = config.hashed_subpackets.iter().any(|subpacket| match &subpacket.data {
        SubpacketData::RevocationKey(key) => key.class == pgp::types::RevocationKeyClass::Sensitive,
        _ => false,
    });
    is_local != Some(true) && !names_a_secret_revoker
}

/// The signatures of these types that the key itself made, whenever and with whatever hash is still believed in revocations.
fn keep_own(
    issuer: &Issuer<'_>,
    signatures: &[Signature],
    types: &[SignatureType],
    target: Target<'_>,
) -> Vec<Signature> {
    let lenient = issuer.policy.for_revocations();
    let issuer = Issuer { policy: &lenient, ..issuer.clone() };
    own(&issuer, signatures, types, target).map(|it| it.signature.clone()).collect()
}

/// The key's own signatures of these types, but for those that were superseded and never mattered: until the next one, an
/// older one that is kept would have said the same. So what the certificate signed in the past can still be checked.
fn keep_needed(
    issuer: &Issuer<'_>,
    signatures: &[Signature],
    types: &[SignatureType],
    target: Target<'_>,
    revocations: &[Signature],
) -> Vec<Signature> {
    let mut own: Vec<SelfSignature<'_>> = own(issuer, signatures, types, target).collect();
    own.sort_by_key(|it| it.created);
    let key_created = match target {
        Target::Subkey(key) => key.created_at(),
        _ => issuer.primary.created_at(),
    };
    let mut kept: Vec<SelfSignature<'_>> = Vec::new();
    for (index, signature) in own.iter().enumerate() {
        let next = own.get(index + 1).map(|next| next.created);
        let covered = kept.last().zip(next).is_some_and(|(older, next)| {
            let lasts = |end: Option<Timestamp>| end.is_none_or(|end| end >= next);
            // Which user ID is the primary one goes by the dates of all of them.
            // Which subkey signs goes by the consent in each binding as well.
            let signs = matches!(target, Target::Subkey(_)) && key_flags(signature.config).is_some_and(KeyFlags::sign);
            !matches!(target, Target::UserId(_))
                && !signs
                && revocations.is_empty()
                && lasts(signature_end(older.config, older.created))
                && lasts(signature_end(signature.config, signature.created))
                && key_end(older.config, key_created) == key_end(signature.config, key_created)
                && key_flags(older.config) == key_flags(signature.config)
        });
        if !covered {
            kept.push(*signature);
        }
    }
    // The newest first: programs that take the first one see what counts.
    kept.iter().rev().map(|it| it.signature.clone()).collect()
}

fn own<'s>(
    issuer: &Issuer<'s>,
    signatures: &'s [Signature],
    types: &'s [SignatureType],
    target: Target<'s>,
) -> impl Iterator<Item = SelfSignature<'s>> {
    let issuer = issuer.clone();
    let typed = signatures.iter().filter(|signature| signature.typ().is_some_and(|typ| types.contains(&typ)));
    typed.filter_map(move |signature| {
        if !issuer.may_have_made(signature) {
            return None;
        }
        let (config, created) = check_signature(signature, issuer.policy, SignatureUse::SelfSignature).ok()?;
        issuer.verifies(signature, created, target).then_some(SelfSignature { signature, config, created })
    })
}
