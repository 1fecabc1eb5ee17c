//! How much a key may hold, and what gives way when there is more than that.
//!
//! What is written must be read again whole, so that whoever makes a key larger asks here. When not all of it fits, these are
//! kept, in this order:
//! 1. the primary key, secret parts, and what the primary key itself said: revocations, self-certifications, bindings, and the
//!    components they are about. That it said so is verified; a hint at its issuer proves nothing. If these alone are too
//!    much, nothing is changed and nothing is left out. Revocations come first, hard ones before others: whoever stole a primary key
//!    can make any number of genuine signatures, and must not keep out that it is revoked. Beside a new revocation, other
//!    new ones that are too many are left out;
//! 2. what was there before and claims to be by the primary key, but was not verified, since that has an end;
//! 3. whatever else was there before: other people's certifications, packets that cannot be read;
//! 4. whatever else is new;
//! 5. what claims to be by the primary key and does not verify.
//!
//! Of signatures that say the same, one is kept before anything else: their unhashed areas can be changed by anybody.

use pgp::{packet::PacketTrait, types::Fingerprint};

use super::{
    Certificate,
    parts::{Entry, Kept, Kind, Part, Worth, judge, parts},
};
use crate::{error::KeyError, limits::Limits};

/// What a secret key holds beside its certificate.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held {
    /// Octets of secret parts.
    pub(crate) octets: usize,
    /// The subkeys with a secret part.
    pub(crate) subkeys: Vec<Fingerprint>,
}

/// Fails if a key is larger than what is read back.
pub(crate) fn check_size(certificate: &Certificate, held: &Held, limits: &Limits) -> Result<(), KeyError> {
    let mut room = Room::new(certificate, held, limits);
    for part in parts(certificate, None, held) {
        room.add_part(&part)?;
        for (count, entry) in part.entries.iter().enumerate() {
            room.add_signature(count, entry)?;
        }
    }
    Ok(())
}

/// Leaves out what there is no room for; see above. `known` is the certificate before something was added at the ends of its
/// lists.
///
/// # Errors
/// [`KeyError::TooLarge`] if what may not be left out is too much by itself.
pub(crate) fn make_room(
    certificate: &mut Certificate,
    known: &Certificate,
    held: &Held,
    limits: &Limits,
) -> Result<(), KeyError> {
    if check_size(certificate, held, limits).is_ok() {
        return Ok(());
    }
    let mut parts = parts(certificate, Some(known), held);
    judge(&mut parts, &certificate.primary(), limits.verifications);
    let mut room = Room::new(certificate, held, limits);
    let is_news = |entry: &Entry<'_>| !entry.is_known && matches!(entry.worth, Worth::Hard | Worth::Revocation);
    let brings_revocation = parts.iter().flat_map(|part| &part.entries).any(is_news);
    for part in parts.iter_mut().filter(|part| part.is_needed) {
        let added = room.add_part(part);
        part.is_kept = added.is_ok();
        if part.is_known || part.is_held || !brings_revocation {
            added?;
        }
    }
    let allowed = limits.component_signatures;
    for worth in [Worth::Hard, Worth::Revocation, Worth::Current, Worth::Genuine] {
        for is_known in [true, false] {
            for part in parts.iter_mut().filter(|part| part.is_kept) {
                part.keep(worth, is_known, |count, entry| {
                    let gives_way = match worth {
                        Worth::Genuine => brings_revocation || is_known && count >= allowed,
                        _ => brings_revocation && !is_known && !is_news(entry) || count >= allowed,
                    };
                    let added = room.add_signature(count, entry);
                    if gives_way { Ok(added.is_ok()) } else { added.map(|()| true) }
                })?;
            }
        }
    }
    for (worth, is_known) in [
        (Worth::Claimed, true),
        (Worth::Other, true),
        (Worth::Other, false),
        (Worth::False, true),
        (Worth::False, false),
    ] {
        for part in parts.iter_mut().filter(|part| !part.is_kept && part.is_known == is_known) {
            part.is_kept = room.add_part(part).is_ok();
        }
        for part in parts.iter_mut().filter(|part| part.is_kept) {
            part.keep(worth, is_known, |count, entry| Ok(room.add_signature(count, entry).is_ok()))?;
        }
    }
    let kept: Vec<Kept> = parts.iter().map(Part::kept).collect();
    leave_out(certificate, kept);
    Ok(())
}

/// As [`make_room`] for a key that was just read, none of which is known. Of what its owner made too much of, the first counts.
pub(crate) fn fit(certificate: &mut Certificate, held: &Held, limits: &Limits) {
    if make_room(certificate, &certificate.bare(), held, limits).is_ok() {
        return;
    }
    let details = &mut certificate.inner.details;
    let primary = [&mut details.revocation_signatures, &mut details.direct_signatures];
    let users = details.users.iter_mut().map(|user| &mut user.signatures);
    let attributes = details.user_attributes.iter_mut().map(|attribute| &mut attribute.signatures);
    let subkeys = certificate.inner.public_subkeys.iter_mut().map(|subkey| &mut subkey.signatures);
    for signatures in primary.into_iter().chain(users).chain(attributes).chain(subkeys) {
        signatures.truncate(limits.component_signatures);
    }
}

/// What may still be added.
struct Room<'l> {
    limits: &'l Limits,
    packets: usize,
    octets: usize,
    user_ids: usize,
    subkeys: usize,
}

impl<'l> Room<'l> {
    fn new(certificate: &Certificate, held: &Held, limits: &'l Limits) -> Self {
        let octets = certificate.inner.primary_key.write_len_with_header() + held.octets;
        Self { limits, packets: 1, octets, user_ids: 0, subkeys: 0 }
    }

    fn add_part(&mut self, part: &Part<'_>) -> Result<(), KeyError> {
        match part.kind {
            Kind::Primary => return Ok(()),
            Kind::UserId => count("user IDs", &mut self.user_ids, 1, self.limits.user_ids)?,
            Kind::Subkey => count("subkeys", &mut self.subkeys, 1, self.limits.subkeys)?,
        }
        self.add_packet(part.octets)
    }

    fn add_signature(&mut self, present: usize, entry: &Entry<'_>) -> Result<(), KeyError> {
        count("signatures", &mut { present }, 1, self.limits.component_signatures)?;
        self.add_packet(entry.octets)
    }

    fn add_packet(&mut self, octets: usize) -> Result<(), KeyError> {
        count("octets", &mut self.octets, octets, self.limits.key_bytes)?;
        count("packets", &mut self.packets, 1, self.limits.key_packets)
    }
}

/// Adds, unless that is more than allowed.
fn count(unit: &'static str, counted: &mut usize, more: usize, allowed: usize) -> Result<(), KeyError> {
    let found = counted.saturating_add(more);
    if found > allowed {
        return Err(KeyError::TooLarge { unit, found: found as u64, allowed: allowed as u64 });
    }
    *counted = found;
    Ok(())
}

/// Keeps what is to be kept of each list.
fn leave_out(certificate: &mut Certificate, kept: Vec<Kept>) {
    let mut kept = kept.into_iter();
    let Certificate { inner, unread } = certificate;
    let details = &mut inner.details;
    for list in [&mut details.revocation_signatures, &mut details.direct_signatures] {
        if let Some((_, signatures)) = kept.next() {
            retain(list, signatures);
        }
    }
    details.users.retain_mut(|user| is_kept(&mut user.signatures, kept.next()));
    details.user_attributes.retain_mut(|attribute| is_kept(&mut attribute.signatures, kept.next()));
    unread.attributes.retain_mut(|attribute| is_kept(&mut attribute.signatures, kept.next()));
    inner.public_subkeys.retain_mut(|subkey| is_kept(&mut subkey.signatures, kept.next()));
    unread.subkeys.retain_mut(|subkey| is_kept(&mut subkey.signatures, kept.next()));
}

fn is_kept<S>(signatures: &mut Vec<S>, kept: Option<Kept>) -> bool {
    let (is_kept, which) = kept.unwrap_or_default();
    retain(signatures, which);
    is_kept
}

fn retain<S>(signatures: &mut Vec<S>, which: Vec<bool>) {
    let mut which = which.into_iter();
    signatures.retain(|_| which.next().unwrap_or(false));
}
