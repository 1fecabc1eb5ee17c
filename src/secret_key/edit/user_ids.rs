//! User IDs: add, revoke, choose the primary one (RFC 9580 §5.2.1.3 to §5.2.1.7, §5.2.1.13, §5.2.3.27).

use std::cmp::Reverse;

use pgp::{
    packet::{SignatureType, SubpacketData, UserId},
    types::{KeyDetails, PacketHeaderVersion, SignedUser, Timestamp},
};

use super::{Desk, EditOptions, Place, add_to_user, check_room, is_lifetime, is_primary_mark, revocations::check_text};
use crate::{
    certificate::{RevocationReason, key_flags, marks_primary},
    error::KeyError,
    secret_key::{SecretKey, generate::check_user_id, revoke::said},
};

impl SecretKey {
    /// Adds a user ID, as [`user_id`](crate::user_id) writes it, and makes it the primary one if asked to. One that was revoked
    /// or has expired is certified again. In version 4 it says about the key what the primary user ID says.
    pub fn add_user_id<R: rand::CryptoRng + rand::Rng>(
        &self,
        text: &str,
        primary: bool,
        options: &EditOptions<'_>,
        rng: &mut R,
    ) -> Result<SecretKey, KeyError> {
        check_user_id(text)?;
        check_room("octets in a user ID", text.len().saturating_sub(1), options.limits.user_id_bytes)?;
        let certificate = self.certificate();
        let desk = Desk::open(self, &certificate, options)?;
        let mut edited = self.clone();
        let (index, user) = match desk.user(text) {
            Ok((index, _)) if desk.user_status(index).is_valid() => return Err(KeyError::UserIdExists),
            Ok((index, user)) => (index, user.clone()),
            Err(_) => {
                let details = &mut edited.inner.details;
                let count = details.users.len() + details.user_attributes.len() + self.unread.attributes.len();
                check_room("user IDs", count, options.limits.user_ids)?;
                let id = UserId::from_str(PacketHeaderVersion::New, text)
                    .map_err(|_| KeyError::Internal { what: "write" })?;
                let user = SignedUser { id, signatures: Vec::new() };
                details.users.push(user.clone());
                (details.users.len() - 1, user)
            }
        };
        desk.check_room(&user.signatures)?;
        let own = desk.certificate.details.users.get(index);
        let mut created =
            own.map_or(options.at.max(self.inner.primary_key.created_at()), |user| desk.current.date_on_user(user));
        if primary {
            // Of several marks the newest counts: this one is newer than those it stands against.
            created = created.max(desk.unmark_others(&mut edited, index, rng)?);
        } else {
            desk.mark_primary(&mut edited, rng)?;
        }
        let mut draft = desk.draft(created);
        if !desk.is_v6() {
            if let Some(speaking) = desk.speaking() {
                draft = draft.restate(speaking, |data| speaks_of_key(data) && !is_lifetime(data));
            }
            if let Some(lifetime) = desk.lifetime() {
                draft = draft.insist(SubpacketData::KeyExpirationTime(lifetime));
            }
        }
        if primary {
            draft = draft.say(SubpacketData::IsPrimary(true));
        }
        let primary_key = &desk.certificate.primary_key;
        let signature = draft.over_user_id(SignatureType::CertPositive, primary_key, &user.id, rng)?.sign()?;
        add_to_user(&mut edited, index, signature);
        edited.checked_size(options.limits)
    }

    /// Revokes a user ID, with the reason "no longer valid" and a text for people. It can be added again. The last valid one
    /// of a version 4 key stays. Where the primary one of such a key goes, the next is marked as primary and says in its place
    /// when the key ends and what it is for.
    pub fn revoke_user_id<R: rand::CryptoRng + rand::Rng>(
        &self,
        user_id: &str,
        text: &str,
        options: &EditOptions<'_>,
        rng: &mut R,
    ) -> Result<SecretKey, KeyError> {
        check_text(text, options)?;
        let certificate = self.certificate();
        let desk = Desk::open(self, &certificate, options)?;
        let (index, user, _) = desk.valid_user(user_id)?;
        if !desk.is_v6() && desk.valid_users().count() == 1 {
            return Err(KeyError::LastUserId);
        }
        let draft = desk.draft(desk.current.date_on_user(user)).say(said(RevocationReason::UserIdInvalid, text));
        let signature =
            draft.over_user_id(SignatureType::CertRevocation, &desk.certificate.primary_key, &user.id, rng)?.sign()?;
        let mut edited = self.clone();
        add_to_user(&mut edited, index, signature);
        if !desk.is_v6() && desk.checked.primary_user_id() == Some(user_id) {
            let next = desk.valid_users().filter(|(other, ..)| *other != index);
            let rank = |(place, _, certification): &Place<'_>| {
                (marks_primary(certification.config), certification.created, Reverse(*place))
            };
            if let Some(next) = next.max_by_key(rank) {
                desk.make_primary(&mut edited, &next, desk.current.date_on_user(next.1), rng)?;
            }
        }
        edited.with_room(&certificate, options.limits)
    }

    /// Makes a valid user ID the primary one. User IDs that were marked as primary are certified anew without the mark; nothing
    /// else changes, when the key ends included.
    pub fn set_primary_user_id<R: rand::CryptoRng + rand::Rng>(
        &self,
        user_id: &str,
        options: &EditOptions<'_>,
        rng: &mut R,
    ) -> Result<SecretKey, KeyError> {
        let certificate = self.certificate();
        let desk = Desk::open(self, &certificate, options)?;
        let chosen = desk.valid_user(user_id)?;
        let (index, user, _) = chosen;
        desk.check_room(&user.signatures)?;
        let mut edited = self.clone();
        let unmarked = desk.unmark_others(&mut edited, index, rng)?;
        let created = desk.current.date_on_user(user).max(unmarked);
        desk.make_primary(&mut edited, &chosen, created, rng)?;
        edited.checked_size(options.limits)
    }
}

impl Desk<'_> {
    /// Certifies a user ID anew as the primary one. In version 4 it speaks for the key from then on, and says the same.
    fn make_primary<R: rand::CryptoRng + rand::Rng>(
        &self,
        edited: &mut SecretKey,
        (index, user, certification): &Place<'_>,
        created: Timestamp,
        rng: &mut R,
    ) -> Result<(), KeyError> {
        let is_v6 = self.is_v6();
        let mut draft =
            self.redraft(certification, created, |data| !is_primary_mark(data) && (is_v6 || !is_lifetime(data)));
        if !is_v6 {
            if let Some(lifetime) = self.lifetime() {
                draft = draft.insist(SubpacketData::KeyExpirationTime(lifetime));
            }
            if let (None, Some(flags)) = (key_flags(certification.config), self.speaking().and_then(key_flags)) {
                draft = draft.insist(SubpacketData::KeyFlags(flags.clone()));
            }
        }
        let draft = draft.say(SubpacketData::IsPrimary(true));
        let signature =
            draft.over_user_id(certification.config.typ, &self.certificate.primary_key, &user.id, rng)?.sign()?;
        add_to_user(edited, *index, signature);
        Ok(())
    }

    /// Certifies anew, without the mark, every other user ID that is marked as primary. Gives the newest date among them.
    fn unmark_others<R: rand::CryptoRng + rand::Rng>(
        &self,
        edited: &mut SecretKey,
        chosen: usize,
        rng: &mut R,
    ) -> Result<Timestamp, KeyError> {
        let mut newest = Timestamp::from_secs(0);
        for (index, user, certification) in self.valid_users() {
            if index == chosen || !marks_primary(certification.config) {
                continue;
            }
            self.check_room(&user.signatures)?;
            let created = self.current.date_on_user(user);
            let draft = self.redraft(&certification, created, |data| !is_primary_mark(data));
            let signature =
                draft.over_user_id(certification.config.typ, &self.certificate.primary_key, &user.id, rng)?.sign()?;
            add_to_user(edited, index, signature);
            newest = newest.max(created);
        }
        Ok(newest)
    }

    /// Marks the primary user ID as such if it is the primary one only for having been certified last.
    fn mark_primary<R: rand::CryptoRng + rand::Rng>(
        &self,
        edited: &mut SecretKey,
        rng: &mut R,
    ) -> Result<(), KeyError> {
        let Some(text) = self.unmarked_primary() else {
            return Ok(());
        };
        let (index, user, certification) = self.valid_user(text)?;
        self.check_room(&user.signatures)?;
        let created = self.current.date_on_user(user);
        let draft = self.redraft(&certification, created, |data| !is_primary_mark(data));
        let draft = draft.say(SubpacketData::IsPrimary(true));
        let signature =
            draft.over_user_id(certification.config.typ, &self.certificate.primary_key, &user.id, rng)?.sign()?;
        add_to_user(edited, index, signature);
        Ok(())
    }

    /// The primary user ID, if no mark makes it so.
    pub(super) fn unmarked_primary(&self) -> Option<&str> {
        let text = self.checked.primary_user_id()?;
        let (_, _, certification) = self.valid_user(text).ok()?;
        (!marks_primary(certification.config)).then_some(text)
    }
}

/// What a self-certification says about the key, not about its user ID (§5.2.3.13 to §5.2.3.32).
fn speaks_of_key(data: &SubpacketData) -> bool {
    matches!(
        data,
        SubpacketData::KeyExpirationTime(_)
            | SubpacketData::PreferredSymmetricAlgorithms(_)
            | SubpacketData::PreferredHashAlgorithms(_)
            | SubpacketData::PreferredCompressionAlgorithms(_)
            | SubpacketData::PreferredAeadAlgorithms(_)
            | SubpacketData::PreferredEncryptionModes(_)
            | SubpacketData::KeyServerPreferences(_)
            | SubpacketData::PreferredKeyServer(_)
            | SubpacketData::KeyFlags(_)
            | SubpacketData::Features(_)
            | SubpacketData::RevocationKey(_)
    )
}
