//! Signatures of keys about keys that were found genuine before, so that the same certificate pays for its mathematics once.
//!
//! Whether a key made a signature depends on octets alone: the key's, those of what it signed, and the signature's. Neither the
//! time nor a policy has a part in it; these are asked anew each time, around the mathematics (`self_signatures`). What is
//! remembered is a SHA-256 of all those octets, and only of signatures that verified: to be taken for one of them, a forgery would
//! have to collide with it. Nothing secret is kept, and no more than a fixed number.

use std::{cell::RefCell, collections::BTreeSet};

use pgp::{packet::Signature, ser::Serialize};
use sha2::{Digest, Sha256};

use super::component::ComponentKey;

/// Twice as many at most, of 32 octets each.
const GENERATION: usize = 512;

thread_local! {
    static PROVEN: RefCell<Proven> = const { RefCell::new(Proven::new()) };
}

/// What a signature is about. The same octets can be signed as one thing and not as another.
#[derive(Clone, Copy)]
pub(super) enum Role {
    Key = 1,
    UserId,
    Attribute,
    Subkey,
    /// By a subkey, about its primary key.
    Consent,
}

/// Whether `signer` made `signature` over `about`, its own key apart: known from before, or else found out by `verify`.
pub(super) fn is_genuine(
    role: Role,
    signer: &ComponentKey<'_>,
    about: Option<&dyn PacketBody>,
    signature: &Signature,
    verify: impl FnOnce() -> bool,
) -> bool {
    let Some(name) = name(role, signer, about, signature) else { return verify() };
    if PROVEN.with_borrow_mut(|proven| proven.has(&name)) {
        return true;
    }
    let genuine = verify();
    if genuine {
        PROVEN.with_borrow_mut(|proven| proven.add(name));
    }
    genuine
}

/// Remembers a signature that was made a moment ago, with the secret key itself.
pub(super) fn remember(role: Role, signer: &ComponentKey<'_>, about: Option<&dyn PacketBody>, signature: &Signature) {
    if let Some(name) = name(role, signer, about, signature) {
        PROVEN.with_borrow_mut(|proven| proven.add(name));
    }
}

/// The body of a packet (RFC 9580 §4), of whichever type.
pub(crate) trait PacketBody {
    /// `None` if it cannot be written.
    fn append(&self, octets: &mut Vec<u8>) -> Option<()>;
}

impl<T: Serialize> PacketBody for T {
    fn append(&self, octets: &mut Vec<u8>) -> Option<()> {
        self.to_writer(octets).ok()
    }
}

pub(crate) type Name = [u8; 32];

/// Everything the mathematics depends on; each part behind its length, so that none can be taken for another.
fn name(role: Role, signer: &ComponentKey<'_>, about: Option<&dyn PacketBody>, signature: &Signature) -> Option<Name> {
    let mut hash = Sha256::new_with_prefix([role as u8]);
    let mut part = Vec::new();
    for octets in [Some(signer as &dyn PacketBody), about, Some(signature)].into_iter().flatten() {
        part.clear();
        octets.append(&mut part)?;
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(&part);
    }
    Some(hash.finalize().into())
}

/// Two generations: when the younger one is full, it takes the place of the older, which is forgotten but for what was asked
/// about since.
pub(crate) struct Proven {
    younger: BTreeSet<Name>,
    older: BTreeSet<Name>,
}

impl Proven {
    pub(crate) const fn new() -> Self {
        Self { younger: BTreeSet::new(), older: BTreeSet::new() }
    }

    pub(crate) fn has(&mut self, name: &Name) -> bool {
        if self.younger.contains(name) {
            return true;
        }
        let known = self.older.contains(name);
        if known {
            self.add(*name);
        }
        known
    }

    pub(crate) fn add(&mut self, name: Name) {
        if self.younger.len() >= GENERATION {
            self.older = std::mem::take(&mut self.younger);
        }
        self.younger.insert(name);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use pgp::{
        packet::{Signature, SignatureType, Subpacket, SubpacketData, UserId},
        types::{Mpi, PacketHeaderVersion, SignatureBytes, Timestamp},
    };
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::{
        Certificate, GenerateOptions, Profile,
        certificate::self_signatures::{Target, consents},
        generate,
    };

    fn certificate(seed: u64) -> Certificate {
        let options = GenerateOptions {
            profile: Profile::Compat,
            user_ids: vec!["Alice <alice@example.org>".into()],
            passphrase: None,
            created: Timestamp::from_secs(1_700_000_000),
            expires: None,
        };
        generate(&options, &mut StdRng::seed_from_u64(seed)).unwrap().key.certificate()
    }

    /// A key, its user ID, the certification of it; found genuine twice, the second time from memory.
    struct Known {
        certificate: Certificate,
    }

    impl Known {
        fn new(seed: u64) -> Self {
            let known = Self { certificate: certificate(seed) };
            for _ in 0..2 {
                assert!(Target::UserId(known.id()).is_signed_by(&known.primary(), known.certification()));
            }
            assert!(is_genuine(Role::UserId, &known.primary(), Some(known.id()), known.certification(), || false));
            known
        }

        fn primary(&self) -> ComponentKey<'_> {
            ComponentKey::Primary(&self.certificate.as_pgp().primary_key)
        }

        fn id(&self) -> &UserId {
            &self.certificate.as_pgp().details.users[0].id
        }

        fn certification(&self) -> &Signature {
            &self.certificate.as_pgp().details.users[0].signatures[0]
        }
    }

    #[test]
    fn what_one_key_signed_is_not_signed_by_another() {
        let (alice, mallory) = (Known::new(1), Known::new(2));
        assert!(!Target::UserId(alice.id()).is_signed_by(&mallory.primary(), alice.certification()));
    }

    #[test]
    fn what_was_signed_is_not_something_else() {
        let alice = Known::new(3);
        let other = UserId::from_str(PacketHeaderVersion::New, "Mallory <mallory@example.org>").unwrap();
        assert!(!Target::UserId(&other).is_signed_by(&alice.primary(), alice.certification()));
        assert!(!Target::Primary.is_signed_by(&alice.primary(), alice.certification()));
        let subkey = &alice.certificate.as_pgp().public_subkeys[0];
        let key = ComponentKey::Subkey(&subkey.key);
        assert!(Target::Subkey(key).is_signed_by(&alice.primary(), &subkey.signatures[0]));
        assert!(!Target::Subkey(alice.primary()).is_signed_by(&alice.primary(), &subkey.signatures[0]));
        assert!(!consents(&key, &alice.primary(), &subkey.signatures[0]));
    }

    /// The same octets, once as a user ID and once as a user attribute.
    #[test]
    fn a_user_id_is_no_attribute() {
        let alice = Known::new(4);
        assert!(!is_genuine(Role::Attribute, &alice.primary(), Some(alice.id()), alice.certification(), || false));
    }

    #[test]
    fn a_signature_of_the_same_issuer_and_date_that_says_something_else_is_another() {
        let alice = Known::new(5);
        let (id, primary) = (Target::UserId(alice.id()), alice.primary());
        let genuine = alice.certification();
        let prefix = genuine.signed_hash_value().unwrap();

        let mut config = genuine.config().unwrap().clone();
        config.hashed_subpackets.push(Subpacket::regular(SubpacketData::IsPrimary(false)).unwrap());
        let says_more = Signature::from_config(config, prefix, genuine.signature().unwrap().clone()).unwrap();
        assert!(!id.is_signed_by(&primary, &says_more));

        let mut config = genuine.config().unwrap().clone();
        config.typ = SignatureType::CertRevocation;
        let revokes = Signature::from_config(config, prefix, genuine.signature().unwrap().clone()).unwrap();
        assert!(!id.is_signed_by(&primary, &revokes));

        let SignatureBytes::Mpis(mut numbers) = genuine.signature().unwrap().clone() else { panic!() };
        let mut octets = numbers[1].as_ref().to_vec();
        octets[7] ^= 1;
        numbers[1] = Mpi::from_slice(&octets);
        let config = genuine.config().unwrap().clone();
        let flipped = Signature::from_config(config, prefix, SignatureBytes::Mpis(numbers)).unwrap();
        assert!(!id.is_signed_by(&primary, &flipped));
    }

    #[test]
    fn what_does_not_verify_is_asked_again() {
        let alice = Known::new(6);
        let other = UserId::from_str(PacketHeaderVersion::New, "Mallory").unwrap();
        let mut asked = 0;
        for _ in 0..2 {
            is_genuine(Role::UserId, &alice.primary(), Some(&other), alice.certification(), || {
                asked += 1;
                false
            });
        }
        assert_eq!(asked, 2);
    }

    #[test]
    fn no_more_than_a_fixed_number_is_kept() {
        let mut proven = Proven::new();
        let name = |number: u32| {
            let mut name = [0; 32];
            name[..4].copy_from_slice(&number.to_be_bytes());
            name
        };
        for number in 0..10 * GENERATION as u32 {
            proven.add(name(number));
            assert!(proven.has(&name(0)), "what is asked for stays: {number}");
            assert!(proven.younger.len() <= GENERATION && proven.older.len() <= GENERATION);
        }
        assert!(!proven.has(&name(1)));
    }
}
