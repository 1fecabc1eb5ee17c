//! What the tests of edits share: keys to edit, and the comparison of packets before and after.

use envelock::{
    Certificate, EditOptions, GenerateOptions, Limits, Passphrase, Policy, Profile, SecretKey, Timestamp, generate,
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

use crate::forge::{DAY, START, day};

pub const ANNA: &str = "Anna Berg <anna@demo.example>";
pub const BERG: &str = "<berg@demo.example>";
pub const PASSPHRASE: &str = "harbour 5";

/// Versions 4 and 6.
pub const BOTH: [Profile; 2] = [Profile::Compat, Profile::Rfc9580];

pub struct Bench {
    pub passphrase: Passphrase,
    pub policy: Policy,
    pub limits: Limits,
    pub at: Timestamp,
}

impl Bench {
    pub fn at(days: u32) -> Self {
        Self {
            passphrase: PASSPHRASE.into(),
            policy: Policy::default(),
            limits: Limits::default(),
            at: Timestamp::from_secs(START + days * DAY),
        }
    }

    pub fn options(&self) -> EditOptions<'_> {
        EditOptions { passphrase: Some(&self.passphrase), policy: &self.policy, limits: &self.limits, at: self.at }
    }

    pub fn without_passphrase(&self) -> EditOptions<'_> {
        EditOptions { passphrase: None, ..self.options() }
    }
}

pub fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(77)
}

/// Made and locked on day 0, with two user IDs.
pub fn locked(profile: Profile) -> SecretKey {
    made(profile, &[ANNA, BERG], None)
}

pub fn made(profile: Profile, user_ids: &[&str], expires: Option<Timestamp>) -> SecretKey {
    let options = GenerateOptions {
        profile,
        user_ids: user_ids.iter().map(|text| (*text).to_owned()).collect(),
        passphrase: Some(PASSPHRASE.into()),
        created: day(0),
        expires,
    };
    generate(&options, &mut ChaCha20Rng::seed_from_u64(user_ids.len() as u64 + 40)).unwrap().key
}

/// The packets of a key: type and body.
pub fn packets(octets: &[u8]) -> Vec<(u8, Vec<u8>)> {
    envelock_seipd::packet::split(octets)
        .map(|packet| packet.unwrap())
        .map(|packet| (packet.tag, packet.body.to_vec()))
        .collect()
}

/// Every packet is still there, octet for octet and in order; gives the types of those that came, and where they stand:
/// after which packet that was there before.
pub fn added(before: &[u8], after: &[u8]) -> Vec<(u8, usize)> {
    let (before, after) = (packets(before), packets(after));
    let mut rest = before.iter().peekable();
    let (mut new, mut seen) = (Vec::new(), 0);
    for packet in &after {
        if rest.peek() == Some(&packet) {
            rest.next();
            seen += 1;
        } else {
            new.push((packet.0, seen));
        }
    }
    assert!(rest.next().is_none(), "a packet was lost or changed: {:?}", rest.next());
    new
}

/// As [`added`] for keys; the result opens with the same passphrase, is as locked, and is read back as it is.
pub fn changes(before: &SecretKey, after: &SecretKey) -> Vec<(u8, usize)> {
    assert_eq!(after.is_locked(), before.is_locked());
    let read = SecretKey::parse(&after.to_bytes(), &Limits::default()).unwrap();
    assert_eq!(read.to_bytes(), after.to_bytes());
    read.unlock_check(Some(&PASSPHRASE.into()), &Limits::default()).unwrap();
    added(&before.certificate().to_bytes(), &after.certificate().to_bytes());
    added(&before.to_bytes(), &after.to_bytes())
}

/// User IDs with their status.
pub fn users(certificate: &Certificate, at: Timestamp) -> Vec<(String, &'static str)> {
    let checked = certificate.at(&Policy::default(), at);
    checked.user_ids().iter().map(|user| (user.text().unwrap().to_owned(), user.status().code())).collect()
}

pub fn primary_user(key: &SecretKey, at: Timestamp) -> String {
    key.certificate().at(&Policy::default(), at).primary_user_id().unwrap().to_owned()
}
