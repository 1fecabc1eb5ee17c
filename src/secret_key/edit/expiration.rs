//! When a key ends (RFC 9580 §5.2.3.13): said anew by every signature that says it.

use pgp::{
    packet::{SignatureType, SubpacketData},
    types::{Fingerprint, KeyDetails, Timestamp},
};

use super::{Desk, EditOptions, add_to_subkey, add_to_user, is_lifetime, is_primary_mark};
use crate::{
    error::KeyError,
    secret_key::{SecretKey, generate::lifetime},
};

impl SecretKey {
    /// Sets when the key ends; `None` for never. In version 6 the direct-key signature says so, in version 4 the certification
    /// of every valid user ID, and the direct-key signature if there is one. Expired keys come back to life.
    pub fn set_expiration<R: rand::CryptoRng + rand::Rng>(
        &self,
        expires: Option<Timestamp>,
        options: &EditOptions<'_>,
        rng: &mut R,
    ) -> Result<SecretKey, KeyError> {
        check_end(expires, options)?;
        let certificate = self.certificate();
        let desk = Desk::open(self, &certificate, options)?;
        let primary_key = &desk.certificate.primary_key;
        let lifetime = lifetime(primary_key.created_at(), expires)?;
        let created = desk.current.date_on_key();
        let mut edited = self.clone();

        if let Some(direct) = desk.current.direct() {
            desk.check_room(&self.inner.details.direct_signatures)?;
            let mut draft = desk.redraft(&direct, created, |data| !is_lifetime(data));
            if let Some(lifetime) = lifetime {
                draft = draft.insist(SubpacketData::KeyExpirationTime(lifetime));
            }
            let signature = draft.over_key(SignatureType::Key, primary_key, rng)?.sign()?;
            edited.inner.details.direct_signatures.push(signature);
        }
        if desk.is_v6() {
            return edited.checked_size(options.limits);
        }
        let unmarked = desk.unmarked_primary();
        for (index, user, certification) in desk.valid_users() {
            desk.check_room(&user.signatures)?;
            // All of one date: which one is the primary user ID must not come to depend on it.
            let to_mark = unmarked.is_some() && user.id.as_str() == unmarked;
            let mut draft =
                desk.redraft(&certification, created, |data| !(is_lifetime(data) || to_mark && is_primary_mark(data)));
            if let Some(lifetime) = lifetime {
                draft = draft.insist(SubpacketData::KeyExpirationTime(lifetime));
            }
            if to_mark {
                draft = draft.say(SubpacketData::IsPrimary(true));
            }
            let signature = draft.over_user_id(certification.config.typ, primary_key, &user.id, rng)?.sign()?;
            add_to_user(&mut edited, index, signature);
        }
        edited.checked_size(options.limits)
    }

    /// Sets when a subkey ends; `None` for as long as its primary key. Its secret part need not be here.
    pub fn set_subkey_expiration<R: rand::CryptoRng + rand::Rng>(
        &self,
        subkey: &Fingerprint,
        expires: Option<Timestamp>,
        options: &EditOptions<'_>,
        rng: &mut R,
    ) -> Result<SecretKey, KeyError> {
        check_end(expires, options)?;
        let certificate = self.certificate();
        let desk = Desk::open(self, &certificate, options)?;
        let bound = desk.subkey(subkey)?;
        let binding = desk.usable_binding(bound)?;
        desk.check_room(&bound.signatures)?;
        let lifetime = lifetime(bound.key.created_at(), expires)?;
        // The consent that counts may stand in the unhashed area, among others that do not.
        let consent = desk.current.consent(bound);
        let is_replaced = |data: &SubpacketData| {
            is_lifetime(data) || consent.is_some() && matches!(data, SubpacketData::EmbeddedSignature(_))
        };
        let mut draft = desk.redraft(&binding, desk.current.date_on_subkey(bound), |data| !is_replaced(data));
        if let Some(consent) = consent {
            draft = draft.say(SubpacketData::EmbeddedSignature(Box::new(consent.clone())));
        }
        if let Some(lifetime) = lifetime {
            draft = draft.insist(SubpacketData::KeyExpirationTime(lifetime));
        }
        let primary_key = &desk.certificate.primary_key;
        let signature = draft.over_subkey(SignatureType::SubkeyBinding, primary_key, &bound.key, rng)?.sign()?;
        let mut edited = self.clone();
        add_to_subkey(&mut edited, subkey, signature);
        edited.checked_size(options.limits)
    }
}

/// An end that has passed already is a mistake.
pub(super) fn check_end(expires: Option<Timestamp>, options: &EditOptions<'_>) -> Result<(), KeyError> {
    if expires.is_some_and(|end| end <= options.at) {
        return Err(KeyError::BadOptions { reason: "this end has passed already; to end a key now, revoke it" });
    }
    Ok(())
}
