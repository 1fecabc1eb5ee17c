//! The union of copies of one key: what one of them has, the result has, as far as there is room.
//!
//! Nothing is believed for being merged: signatures are kept as they are, and judged when the result is. A secret part is never
//! replaced by another; one that is missing (never there, or kept elsewhere) is taken in. What gives way when there is not
//! room for all is decided in `room`.

use std::collections::{BTreeMap, BTreeSet};

use pgp::{
    composed::SignedPublicSubKey,
    packet::Signature,
    ser::Serialize,
    types::{KeyDetails, SignedUser, SignedUserAttribute},
};

use super::{
    Certificate, UnreadComponent,
    room::{Held, make_room},
};
use crate::{error::KeyError, limits::Limits};

impl Certificate {
    /// This certificate with all that `update`, a copy of it, has more. What there is no room for is left out, other people's
    /// certifications and signatures that do not verify first, and [`TooLarge`](KeyError::TooLarge) if that does not suffice.
    /// Fails with [`KeyMismatch`](KeyError::KeyMismatch) when it is another certificate.
    pub fn merge(&self, update: &Self, limits: &Limits) -> Result<Self, KeyError> {
        self.merge_all([update], limits)
    }

    /// As [`merge`](Self::merge) with any number of copies, in one go.
    pub fn merge_all<'c>(
        &self,
        updates: impl IntoIterator<Item = &'c Self>,
        limits: &Limits,
    ) -> Result<Self, KeyError> {
        merge_copies(self, updates, &Held::default(), limits)
    }
}

/// A certificate with all that copies of it have more, and that there is room for. Costs no more than reading them.
pub(crate) fn merge_copies<'c>(
    first: &Certificate,
    updates: impl IntoIterator<Item = &'c Certificate>,
    held: &Held,
    limits: &Limits,
) -> Result<Certificate, KeyError> {
    let mut union = Union::of(first);
    for update in updates {
        if update.fingerprint() != first.fingerprint() {
            return Err(KeyError::KeyMismatch);
        }
        union.add(update);
    }
    make_room(&mut union.merged, first, held, limits)?;
    Ok(union.merged)
}

/// What was seen of a list, as octets.
type Seen = BTreeSet<Vec<u8>>;

/// Where a component stands, by what it is, and its signatures.
type Index = BTreeMap<Vec<u8>, (usize, Seen)>;

struct Union {
    merged: Certificate,
    revocations: Seen,
    direct: Seen,
    users: Index,
    attributes: Index,
    subkeys: Index,
    unread_attributes: Index,
    unread_subkeys: Index,
}

impl Union {
    fn of(first: &Certificate) -> Self {
        let mut union = Self {
            merged: first.bare(),
            revocations: Seen::new(),
            direct: Seen::new(),
            users: Index::new(),
            attributes: Index::new(),
            subkeys: Index::new(),
            unread_attributes: Index::new(),
            unread_subkeys: Index::new(),
        };
        union.add(first);
        union
    }

    fn add(&mut self, copy: &Certificate) {
        let Certificate { inner: into, unread } = &mut self.merged;
        let (from, into_details) = (&copy.inner.details, &mut into.details);
        add_new(&mut into_details.revocation_signatures, &mut self.revocations, &from.revocation_signatures, octets);
        add_new(&mut into_details.direct_signatures, &mut self.direct, &from.direct_signatures, octets);
        for user in &from.users {
            let bare = || SignedUser { id: user.id.clone(), signatures: Vec::new() };
            let (known, seen) = place(&mut self.users, &mut into_details.users, user.id.id().to_vec(), bare);
            known.into_iter().for_each(|known| add_new(&mut known.signatures, seen, &user.signatures, octets));
        }
        for attribute in &from.user_attributes {
            let bare = || SignedUserAttribute { attr: attribute.attr.clone(), signatures: Vec::new() };
            let name = attribute.attr.to_bytes().unwrap_or_default();
            let (known, seen) = place(&mut self.attributes, &mut into_details.user_attributes, name, bare);
            known.into_iter().for_each(|known| add_new(&mut known.signatures, seen, &attribute.signatures, octets));
        }
        for subkey in &copy.inner.public_subkeys {
            let bare = || SignedPublicSubKey { key: subkey.key.clone(), signatures: Vec::new() };
            let name = subkey.key.fingerprint().as_bytes().to_vec();
            let (known, seen) = place(&mut self.subkeys, &mut into.public_subkeys, name, bare);
            known.into_iter().for_each(|known| add_new(&mut known.signatures, seen, &subkey.signatures, octets));
        }
        for (index, into, from) in [
            (&mut self.unread_attributes, &mut unread.attributes, &copy.unread.attributes),
            (&mut self.unread_subkeys, &mut unread.subkeys, &copy.unread.subkeys),
        ] {
            for component in from {
                let UnreadComponent { tag, body, signatures } = component;
                let bare = || UnreadComponent { tag: *tag, body: body.clone(), signatures: Vec::new() };
                let name = [&[*tag], body.as_slice()].concat();
                let (known, seen) = place(index, into, name, bare);
                known.into_iter().for_each(|known| add_new(&mut known.signatures, seen, signatures, Vec::clone));
            }
        }
    }
}

/// The component of this name, made if it is not there.
fn place<'u, T>(
    index: &'u mut Index,
    components: &'u mut Vec<T>,
    name: Vec<u8>,
    bare: impl FnOnce() -> T,
) -> (Option<&'u mut T>, &'u mut Seen) {
    let next = components.len();
    let (place, seen) = index.entry(name).or_insert_with(|| (next, Seen::new()));
    if *place == next {
        components.push(bare());
    }
    (components.get_mut(*place), seen)
}

fn add_new<S: Clone>(into: &mut Vec<S>, seen: &mut Seen, from: &[S], octets: impl Fn(&S) -> Vec<u8>) {
    into.extend(from.iter().filter(|signature| seen.insert(octets(signature))).cloned());
}

fn octets(signature: &Signature) -> Vec<u8> {
    signature.to_bytes().unwrap_or_default()
}
