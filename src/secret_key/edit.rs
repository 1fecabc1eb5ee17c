//! Changes to a secret key that lose nothing: each adds signatures by its primary key and takes nothing away.
//!
//! An edit gives a new key, locked as before; the given one stays as it was. Older self-signatures, other people's
//! certifications and components that are not concerned are kept to the octet. A new signature is dated strictly after those it
//! takes the place of, and says what they said, but for what was asked for (RFC 9580 §5.2.3.10: the newest counts).
//!
//! Decisions:
//! - A key that was revoked, even softly, is not edited, since a newer self-signature would take a soft revocation back
//!   (`certificate::checked`). An expired key is: that is how its life is prolonged. Both can be revoked for good.
//! - Before an edit could change by accident which user ID is the primary one (none is marked, and the newest certification
//!   counts), the one that is gets the mark.
//! - A version 4 key keeps one valid user ID, since other programs can do nothing with it otherwise.
//! - What an edit gives can be read again: an edit that would make a key larger than that is refused. A revocation by the owner
//!   is not; what is worth least makes room for it (`certificate::room`).
//! - An edit in the same second as the one before is dated a second later, the next one two. Sequoia and OpenPGP.js look away until
//!   that second has come; GnuPG takes it at once. Of two signatures of one second each of them would take another one, for
//!   ever; and to replace the earlier one would be to take something away.
//! - Expiry at or before the moment of the edit is refused: to end a key now, revoke it.
//!
//! Not here: what signatures say about validity (`certificate`), new keys (`generate`), locking (`lock`).

mod certify;
mod expiration;
mod revocations;
mod subkeys;
mod update;
mod user_ids;

use pgp::{
    composed::{SignedPublicKey, SignedPublicSubKey},
    packet::{Signature, SignatureConfig, SubpacketData},
    types::{Duration, Fingerprint, KeyDetails, SignedUser, Timestamp},
};

pub use self::{certify::Certification, revocations::apply_revocation, subkeys::NewSubkey, update::Update};
use super::{SecretKey, signing::Draft, unlock::SecretComponent, unlock::UnlockedComponent};
use crate::{
    certificate::{Certificate, Checked, Current, SelfSignature, Status, signature_end},
    error::KeyError,
    limits::Limits,
    policy::Policy,
    secret::Passphrase,
};

/// What every edit needs beside its own options.
#[derive(Debug, Clone, Copy)]
pub struct EditOptions<'a> {
    /// Unlocks the primary key; `None` if it is not locked.
    pub passphrase: Option<&'a Passphrase>,
    /// Which of the present signatures count.
    pub policy: &'a Policy,
    /// What unlocking may cost, and how much a key may hold.
    pub limits: &'a Limits,
    /// The moment of the edit.
    pub at: Timestamp,
}

/// A key about to be edited: its primary key open, its certificate judged.
struct Desk<'a> {
    signer: UnlockedComponent,
    certificate: &'a SignedPublicKey,
    current: Current<'a>,
    checked: Checked<'a>,
    options: EditOptions<'a>,
}

/// A user ID: its place among them, itself, and the certification that counts.
type Place<'a> = (usize, &'a SignedUser, SelfSignature<'a>);

impl<'a> Desk<'a> {
    /// Opens the primary key, unless the key is revoked or not held together by its signatures.
    fn open(key: &SecretKey, certificate: &'a Certificate, options: &EditOptions<'a>) -> Result<Self, KeyError> {
        let checked = certificate.at(options.policy, options.at);
        match checked.status() {
            Status::Valid | Status::Expired { .. } => Self::open_judged(key, certificate, checked, options),
            status => Err(KeyError::NotUsable { status }),
        }
    }

    /// Opens the primary key, whatever became of it: for revocations.
    fn open_judged(
        key: &SecretKey,
        certificate: &'a Certificate,
        checked: Checked<'a>,
        options: &EditOptions<'a>,
    ) -> Result<Self, KeyError> {
        let primary = SecretComponent::primary(&key.inner.primary_key);
        let signer = primary.unlock(options.passphrase, options.limits)?;
        let current = Current::new(certificate.as_pgp(), options.policy, options.at);
        Ok(Self { signer, certificate: certificate.as_pgp(), current, checked, options: *options })
    }

    fn is_v6(&self) -> bool {
        self.certificate.primary_key.version() == pgp::types::KeyVersion::V6
    }

    fn draft(&self, created: Timestamp) -> Draft<'_> {
        Draft::new(&self.signer, created)
    }

    /// A draft that takes the place of `older`: says the same, as far as `keep` wants it, and ends at the same moment.
    fn redraft(
        &self,
        older: &SelfSignature<'_>,
        created: Timestamp,
        keep: impl Fn(&SubpacketData) -> bool,
    ) -> Draft<'_> {
        let draft = self.draft(created).restate(older.config, keep);
        match signature_end(older.config, older.created) {
            // It counts now, so that it ends later than now; its end may be nearer than the seconds that `created` is ahead.
            Some(end) => {
                let rest = Duration::from_secs(end.as_secs().saturating_sub(created.as_secs()).max(1));
                draft.insist(SubpacketData::SignatureExpirationTime(rest))
            }
            None => draft,
        }
    }

    /// The user ID of this text and its place.
    fn user(&self, text: &str) -> Result<(usize, &'a SignedUser), KeyError> {
        let users = self.certificate.details.users.iter().enumerate();
        users.into_iter().find(|(_, user)| user.id.id() == text.as_bytes()).ok_or(KeyError::UnknownUserId)
    }

    /// The user ID of this text, which must be valid.
    fn valid_user(&self, text: &str) -> Result<Place<'a>, KeyError> {
        let (index, user) = self.user(text)?;
        let status = self.user_status(index);
        match self.current.certification(user) {
            Some(certification) if status.is_valid() => Ok((index, user, certification)),
            _ => Err(KeyError::NotUsable { status }),
        }
    }

    /// Every valid user ID.
    fn valid_users(&self) -> impl Iterator<Item = Place<'a>> + '_ {
        let users = self.certificate.details.users.iter().enumerate();
        users
            .filter(|(index, _)| self.user_status(*index).is_valid())
            .filter_map(|(index, user)| Some((index, user, self.current.certification(user)?)))
    }

    fn user_status(&self, index: usize) -> Status {
        // Both lists are in the order of the packets.
        self.checked.user_ids().get(index).map_or(Status::Invalid { reason: "no such user ID" }, |user| user.status())
    }

    /// The signature that speaks for the key: in v6 the direct-key signature, in v4 first the primary user ID's certification.
    fn speaking(&self) -> Option<&'a SignatureConfig> {
        let direct = || self.current.direct().map(|it| it.config);
        if self.is_v6() {
            return direct();
        }
        let primary = self.checked.primary_user_id();
        let named = self.valid_users().find(|(_, user, _)| user.id.as_str() == primary && primary.is_some());
        named.map(|(_, _, certification)| certification.config).or_else(direct)
    }

    /// The lifetime that the signatures give the key now.
    fn lifetime(&self) -> Option<Duration> {
        let created = self.certificate.primary_key.created_at().as_secs();
        self.checked.expires().map(|end| Duration::from_secs(end.as_secs().saturating_sub(created)))
    }

    /// The subkey with this fingerprint.
    fn subkey(&self, fingerprint: &Fingerprint) -> Result<&'a SignedPublicSubKey, KeyError> {
        let subkeys = self.certificate.public_subkeys.iter();
        subkeys.into_iter().find(|it| it.key.fingerprint() == *fingerprint).ok_or(KeyError::UnknownSubkey)
    }

    /// Refuses a new signature on a component that has as many as are read back.
    fn check_room(&self, signatures: &[Signature]) -> Result<(), KeyError> {
        check_room("signatures", signatures.len(), self.options.limits.component_signatures)
    }
}

/// Refuses one more of what there are `count` of, when only `allowed` are read back.
fn check_room(unit: &'static str, count: usize, allowed: usize) -> Result<(), KeyError> {
    if count >= allowed {
        return Err(KeyError::TooLarge { unit, found: count as u64 + 1, allowed: allowed as u64 });
    }
    Ok(())
}

/// Adds a signature to the user ID at `index`.
fn add_to_user(key: &mut SecretKey, index: usize, signature: Signature) {
    if let Some(user) = key.inner.details.users.get_mut(index) {
        user.signatures.push(signature);
    }
}

/// Adds a signature to the subkey with this fingerprint, whether or not its secret part is here.
fn add_to_subkey(key: &mut SecretKey, fingerprint: &Fingerprint, signature: Signature) {
    let secret = key.inner.secret_subkeys.iter_mut();
    let secret = secret.filter(|it| it.key.fingerprint() == *fingerprint).map(|it| &mut it.signatures);
    let public = key.inner.public_subkeys.iter_mut();
    let public = public.filter(|it| it.key.fingerprint() == *fingerprint).map(|it| &mut it.signatures);
    if let Some(signatures) = secret.chain(public).next() {
        signatures.push(signature);
    }
}

fn is_lifetime(data: &SubpacketData) -> bool {
    matches!(data, SubpacketData::KeyExpirationTime(_))
}

fn is_primary_mark(data: &SubpacketData) -> bool {
    matches!(data, SubpacketData::IsPrimary(_))
}
