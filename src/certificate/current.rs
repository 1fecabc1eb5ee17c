//! The self-signatures that count at a moment, for those who are about to make newer ones.
//!
//! Not here: what they make of the certificate as a whole (`checked`).

use pgp::{
    composed::{SignedPublicKey, SignedPublicSubKey},
    packet::{Signature, SignatureType},
    types::{KeyDetails, SignedUser, Timestamp},
};

use super::{
    checked::CERTIFICATIONS,
    component::ComponentKey,
    self_signatures::{Issuer, SelfSignature, Target},
    status::Status,
};
use crate::policy::Policy;

/// The current self-signatures of a certificate.
pub(crate) struct Current<'a> {
    issuer: Issuer<'a>,
    inner: &'a SignedPublicKey,
}

impl<'a> Current<'a> {
    pub(crate) fn new(inner: &'a SignedPublicKey, policy: &'a Policy, at: Timestamp) -> Self {
        Self { issuer: Issuer::new(ComponentKey::Primary(&inner.primary_key), policy, at), inner }
    }

    /// The direct-key signature that counts.
    pub(crate) fn direct(&self) -> Option<SelfSignature<'a>> {
        self.issuer.newest(&self.inner.details.direct_signatures, &[SignatureType::Key], Target::Primary)
    }

    /// The self-certification of a user ID that counts, unless there is a later revocation of it: see [`Status`].
    pub(crate) fn certification(&self, user: &'a SignedUser) -> Option<SelfSignature<'a>> {
        self.issuer.newest(&user.signatures, CERTIFICATIONS, Target::UserId(&user.id))
    }

    /// The binding of a subkey that counts.
    pub(crate) fn binding(&self, subkey: &'a SignedPublicSubKey) -> Option<SelfSignature<'a>> {
        let target = Target::Subkey(ComponentKey::Subkey(&subkey.key));
        self.issuer.newest(&subkey.signatures, &[SignatureType::SubkeyBinding], target)
    }

    /// The consent of a signing subkey to be one, in its binding that counts.
    pub(crate) fn consent(&self, subkey: &'a SignedPublicSubKey) -> Option<&'a Signature> {
        let key = ComponentKey::Subkey(&subkey.key);
        self.issuer.consent(&self.binding(subkey)?, &subkey.signatures, key)
    }

    /// Whether a subkey was revoked, and how.
    pub(crate) fn subkey_revocation(&self, subkey: &'a SignedPublicSubKey) -> Option<Status> {
        let target = Target::Subkey(ComponentKey::Subkey(&subkey.key));
        let revocation = self.issuer.revocation(&subkey.signatures, SignatureType::SubkeyRevocation, target)?;
        let is_taken_back =
            !revocation.reason.is_hard() && self.binding(subkey).is_some_and(|it| it.created > revocation.created);
        (!is_taken_back).then(|| revocation.status())
    }

    /// What its owner wrote when revoking a key with this status.
    pub(crate) fn revocation_text(&self, key: ComponentKey<'_>, status: Status) -> Option<String> {
        let Status::Revoked { at, .. } = status else {
            return None;
        };
        let (signatures, typ, target) = match key {
            ComponentKey::Primary(_) => {
                (&self.inner.details.revocation_signatures, SignatureType::KeyRevocation, Target::Primary)
            }
            ComponentKey::Subkey(subkey) => {
                let signed =
                    self.inner.public_subkeys.iter().find(|it| it.key.fingerprint() == subkey.fingerprint())?;
                (&signed.signatures, SignatureType::SubkeyRevocation, Target::Subkey(key))
            }
        };
        signatures
            .iter()
            .filter(|signature| signature.typ() == Some(typ))
            .find(|signature| {
                let alone = self.issuer.revocation(std::slice::from_ref(signature), typ, target);
                alone.is_some_and(|revocation| revocation.created == at && revocation.status() == status)
            })
            .and_then(Signature::revocation_reason_string)
            .map(|text| String::from_utf8_lossy(text).into_owned())
    }

    /// Whether this is a revocation of the primary key that its owner made, whenever.
    pub(crate) fn is_key_revocation(&self, signature: &Signature) -> bool {
        let always = Issuer { at: Timestamp::from_secs(u32::MAX), ..self.issuer.clone() };
        let signatures = std::slice::from_ref(signature);
        always.revocation(signatures, SignatureType::KeyRevocation, Target::Primary).is_some()
    }

    /// The date of a signature on the primary key that is made now: strictly after all it takes the place of.
    pub(crate) fn date_on_key(&self) -> Timestamp {
        let direct = self.direct();
        let users = self.inner.details.users.iter().filter_map(|user| self.certification(user));
        self.after(direct.into_iter().chain(users), self.inner.primary_key.created_at())
    }

    /// The same for a signature on a user ID.
    pub(crate) fn date_on_user(&self, user: &'a SignedUser) -> Timestamp {
        let types: Vec<SignatureType> = CERTIFICATIONS.iter().copied().chain([SignatureType::CertRevocation]).collect();
        let newest = self.issuer.newest(&user.signatures, &types, Target::UserId(&user.id));
        self.after(newest, self.inner.primary_key.created_at())
    }

    /// The same for a signature on a subkey.
    pub(crate) fn date_on_subkey(&self, subkey: &'a SignedPublicSubKey) -> Timestamp {
        let types = [SignatureType::SubkeyBinding, SignatureType::SubkeyRevocation];
        let target = Target::Subkey(ComponentKey::Subkey(&subkey.key));
        self.after(self.issuer.newest(&subkey.signatures, &types, target), subkey.key.created_at())
    }

    fn after(&self, older: impl IntoIterator<Item = SelfSignature<'a>>, key_created: Timestamp) -> Timestamp {
        let newest = older.into_iter().map(|signature| signature.created.as_secs()).max();
        let next = newest.map_or(0, |newest| newest.saturating_add(1));
        Timestamp::from_secs(next.max(self.issuer.at.as_secs()).max(key_created.as_secs()))
    }
}
