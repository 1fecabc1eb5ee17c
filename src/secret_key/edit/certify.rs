//! Certifying that a user ID belongs to somebody else's key, and taking that back (RFC 9580 §5.2.1.3, §5.2.1.13).

use pgp::{
    packet::{PublicKey, Signature, SignatureType, SubpacketData},
    types::{Duration, KeyDetails, SignedUser, Tag, Timestamp},
};

use super::{EditOptions, check_room, revocations::check_text};
use crate::{
    certificate::{
        CERTIFICATIONS, Certificate, ComponentKey, Framed, Held, Names, RevocationReason, Status, check_signature,
        check_size, last, may_be_from,
    },
    error::KeyError,
    policy::SignatureUse,
    secret_key::{
        SecretKey,
        revoke::said,
        signing::Draft,
        unlock::{SecretComponent, UnlockedComponent},
    },
};

/// What a certification says beside "this user ID belongs to this key".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Certification {
    /// When the certification ends; `None` for never.
    pub expires: Option<Timestamp>,
    /// Whether others may see it (§5.2.3.19). A local certification stays in the certificate for its maker only.
    pub exportable: bool,
    /// Depth and amount of a trust signature (§5.2.3.21): its bearer may introduce others. 60 is partial, 120 complete trust.
    pub trust: Option<(u8, u8)>,
}

impl Default for Certification {
    fn default() -> Self {
        Self { expires: None, exportable: true, trust: None }
    }
}

impl SecretKey {
    /// Certifies valid user IDs of somebody else's certificate, and gives the certificate with the new certifications. A newer
    /// certification takes the place of an older one by the same key.
    pub fn certify<R: rand::CryptoRng + rand::Rng>(
        &self,
        certificate: &Certificate,
        user_ids: &[String],
        certification: &Certification,
        options: &EditOptions<'_>,
        rng: &mut R,
    ) -> Result<Certificate, KeyError> {
        let checked = certificate.at(options.policy, options.at);
        if !checked.status().is_valid() {
            return Err(KeyError::NotUsable { status: checked.status() });
        }
        let mut edited = certificate.clone();
        let own = self.certificate();
        let signer = Signer::open(self, &own, options)?;
        for (index, user) in signer.users(certificate, user_ids)? {
            let status = checked.user_ids().get(index).map(|user| user.status());
            match status {
                Some(Status::Valid) => {}
                Some(status) => return Err(KeyError::NotUsable { status }),
                None => return Err(KeyError::UnknownUserId),
            }
            let created = signer.date(certificate, user);
            let mut draft = Draft::new(&signer.key, created);
            if let Some(end) = certification.expires {
                let seconds = end.as_secs().checked_sub(created.as_secs()).filter(|seconds| *seconds > 0);
                let seconds = seconds.ok_or(KeyError::BadOptions { reason: "this end has passed already" })?;
                draft = draft.insist(SubpacketData::SignatureExpirationTime(Duration::from_secs(seconds)));
            }
            if !certification.exportable {
                draft = draft.insist(SubpacketData::ExportableCertification(false));
            }
            if let Some((depth, amount)) = certification.trust {
                draft = draft.say(SubpacketData::TrustSignature(depth, amount));
            }
            signer.sign(draft, SignatureType::CertGeneric, &mut edited, index, user, rng)?;
        }
        check_size(&edited, &Held::default(), options.limits)?;
        Ok(edited)
    }

    /// Takes back this key's certifications of user IDs; each must have one. Local certifications are taken back locally.
    pub fn revoke_certification<R: rand::CryptoRng + rand::Rng>(
        &self,
        certificate: &Certificate,
        user_ids: &[String],
        text: &str,
        options: &EditOptions<'_>,
        rng: &mut R,
    ) -> Result<Certificate, KeyError> {
        check_text(text, options)?;
        let mut edited = certificate.clone();
        let own = self.certificate();
        let signer = Signer::open(self, &own, options)?;
        for (index, user) in signer.users(certificate, user_ids)? {
            let newest = signer.made(certificate, user).max_by_key(|(_, created)| *created);
            let (certification, _) = newest
                .filter(|(signature, _)| signature.typ() != Some(SignatureType::CertRevocation))
                .ok_or(KeyError::NotCertified)?;
            let draft = Draft::new(&signer.key, signer.date(certificate, user));
            let mut draft = draft.say(said(RevocationReason::UserIdInvalid, text));
            if is_local(certification) {
                draft = draft.insist(SubpacketData::ExportableCertification(false));
            }
            signer.sign(draft, SignatureType::CertRevocation, &mut edited, index, user, rng)?;
        }
        check_size(&edited, &Held::default(), options.limits)?;
        Ok(edited)
    }
}

/// A primary key that certifies others.
struct Signer<'a> {
    key: UnlockedComponent,
    public: &'a PublicKey,
    /// Since when it may.
    since: Timestamp,
    options: EditOptions<'a>,
}

impl<'a> Signer<'a> {
    fn open(key: &SecretKey, own: &'a Certificate, options: &EditOptions<'a>) -> Result<Self, KeyError> {
        let checked = own.at(options.policy, options.at);
        if !checked.status().is_valid() {
            return Err(KeyError::NotUsable { status: checked.status() });
        }
        if !checked.components().first().is_some_and(|primary| primary.capabilities().certify) {
            return Err(KeyError::NoCertifyingKey);
        }
        let primary = SecretComponent::primary(&key.inner.primary_key);
        let key = primary.unlock(options.passphrase, options.limits)?;
        let public = &own.as_pgp().primary_key;
        let since = checked.entitled_since(ComponentKey::Primary(public));
        Ok(Self { key, public, since, options: *options })
    }

    /// The named user IDs with their places.
    fn users<'c>(
        &self,
        certificate: &'c Certificate,
        user_ids: &[String],
    ) -> Result<Vec<(usize, &'c SignedUser)>, KeyError> {
        if user_ids.is_empty() {
            return Err(KeyError::BadOptions { reason: "name the user IDs" });
        }
        if certificate.fingerprint() == self.public.fingerprint() {
            return Err(KeyError::BadOptions { reason: "a key does not certify itself this way" });
        }
        let mut chosen: Vec<(usize, &'c SignedUser)> = Vec::new();
        for text in user_ids {
            let mut users = certificate.as_pgp().details.users.iter().enumerate();
            let found = users.find(|(_, user)| user.id.id() == text.as_bytes()).ok_or(KeyError::UnknownUserId)?;
            if !chosen.iter().any(|(index, _)| *index == found.0) {
                chosen.push(found);
            }
        }
        Ok(chosen)
    }

    /// The certifications and revocations this key made on a user ID, with their dates.
    fn made<'c>(
        &self,
        certificate: &'c Certificate,
        user: &'c SignedUser,
    ) -> impl Iterator<Item = (&'c Signature, Timestamp)> {
        let signer = ComponentKey::Primary(self.public);
        let names = Names::of(&signer);
        let signee = Framed::new(&certificate.as_pgp().primary_key, self.public.version());
        let policy = self.options.policy;
        user.signatures.iter().filter_map(move |signature| {
            let typ = signature.typ()?;
            if !CERTIFICATIONS.contains(&typ) && typ != SignatureType::CertRevocation {
                return None;
            }
            if !may_be_from(signature, &names) {
                return None;
            }
            let (_, created) = check_signature(signature, policy, SignatureUse::SelfSignature).ok()?;
            signature.verify_third_party_certification(&signee, &signer, Tag::UserId, &user.id).ok()?;
            Some((signature, created))
        })
    }

    /// Now, but after what this key said before, not before the key it speaks about, and not before this one was entitled to,
    /// whatever a slow clock says.
    fn date(&self, certificate: &Certificate, user: &SignedUser) -> Timestamp {
        let newest = self.made(certificate, user).map(|(_, created)| created.as_secs().saturating_add(1)).max();
        let least = newest.unwrap_or(0).max(certificate.created().as_secs()).max(self.since.as_secs());
        Timestamp::from_secs(least.max(self.options.at.as_secs()))
    }

    fn sign<R: rand::CryptoRng + rand::Rng>(
        &self,
        draft: Draft<'_>,
        typ: SignatureType,
        edited: &mut Certificate,
        index: usize,
        user: &SignedUser,
        rng: &mut R,
    ) -> Result<(), KeyError> {
        check_room("signatures", user.signatures.len(), self.options.limits.component_signatures)?;
        let signature = draft.over_user_id(typ, &edited.as_pgp().primary_key, &user.id, rng)?.sign()?;
        if let Some(user) = edited.pgp_mut().details.users.get_mut(index) {
            user.signatures.push(signature);
        }
        Ok(())
    }
}

fn is_local(certification: &Signature) -> bool {
    let exportable = certification.config().and_then(|config| {
        last(config, |data| match data {
            SubpacketData::ExportableCertification(exportable) => Some(*exportable),
            _ => None,
        })
    });
    exportable == Some(false)
}
