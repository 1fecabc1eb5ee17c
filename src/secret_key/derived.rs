//! The keys that were derived from a passphrase, remembered as long as the passphrase itself: deriving one is nearly all that signing and
//! decrypting with a locked key costs. Never stored, never shown, wiped when the last clone of the passphrase is dropped.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use envelock_seipd::engine::{Engine, RustCrypto, at_once};
use pgp::{composed::RawSessionKey, types::StringToKey};

use super::derive::derive_key;
use crate::{error::KeyError, secret::Passphrase};

/// As many keys are remembered, the latest. Enough for the secret keys of a person with all their subkeys.
const MOST: usize = 64;

/// What a passphrase remembers; clones share it.
#[derive(Clone, Default)]
pub(crate) struct DerivedKeys(Arc<Mutex<VecDeque<(StringToKey, RawSessionKey)>>>);

impl DerivedKeys {
    fn find(&self, s2k: &StringToKey, length: usize) -> Option<RawSessionKey> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|(its, key)| its == s2k && key.len() == length).map(|(_, key)| key.clone())
    }

    fn keep(&self, s2k: &StringToKey, key: &RawSessionKey) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.pop_front();
        }
        known.push_back((s2k.clone(), key.clone()));
    }
}

impl Passphrase {
    /// The key of `length` octets that is derived from it, now or before. What it costs was checked before.
    pub(super) async fn derive_on(
        &self,
        s2k: &StringToKey,
        length: usize,
        engine: &impl Engine,
    ) -> Result<RawSessionKey, KeyError> {
        if let Some(known) = self.derived.find(s2k, length) {
            return Ok(known);
        }
        let key = derive_key(s2k, self.as_bytes(), length, engine).await?;
        self.derived.keep(s2k, &key);
        Ok(key)
    }

    /// The same, without a rest.
    pub(super) fn derive(&self, s2k: &StringToKey, length: usize) -> Result<RawSessionKey, KeyError> {
        at_once(self.derive_on(s2k, length, &RustCrypto)).unwrap_or(Err(KeyError::Internal { what: "waiting" }))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use pgp::crypto::hash::HashAlgorithm;

    use super::*;

    fn s2k(number: u8) -> StringToKey {
        StringToKey::IteratedAndSalted { hash_alg: HashAlgorithm::Sha256, salt: [number; 8], count: 0 }
    }

    fn known(passphrase: &Passphrase) -> usize {
        passphrase.derived.0.lock().unwrap().len()
    }

    #[test]
    fn clones_remember_what_one_of_them_derived() {
        let passphrase = Passphrase::from("harbour");
        let clone = passphrase.clone();
        let first = passphrase.derive(&s2k(1), 32).unwrap();
        assert_eq!(clone.derived.find(&s2k(1), 32), Some(first));
        assert_eq!(clone.derived.find(&s2k(1), 16), None, "another length is another key");
        assert_eq!(clone.derived.find(&s2k(2), 32), None);
        assert_eq!(Passphrase::from("harbour").derived.find(&s2k(1), 32), None, "no clone");
        drop(passphrase);
        assert_eq!(known(&clone), 1);
    }

    #[test]
    fn what_is_remembered_is_bounded_and_the_latest() {
        let passphrase = Passphrase::from("harbour");
        for number in 0..=u8::try_from(MOST).unwrap() {
            passphrase.derive(&s2k(number), 32).unwrap();
            passphrase.derive(&s2k(number), 32).unwrap();
        }
        assert_eq!(known(&passphrase), MOST);
        assert_eq!(passphrase.derived.find(&s2k(0), 32), None);
        assert!(passphrase.derived.find(&s2k(1), 32).is_some());
    }

    /// The memory is freed, and with it each key wiped, only if nothing else holds it.
    #[test]
    fn nothing_is_left_when_the_last_clone_is_dropped() {
        let passphrase = Passphrase::from("harbour");
        passphrase.derive(&s2k(1), 32).unwrap();
        let memory = Arc::downgrade(&passphrase.derived.0);
        let clone = passphrase.clone();
        drop(passphrase);
        assert!(memory.upgrade().is_some());
        drop(clone);
        assert!(memory.upgrade().is_none());
    }
}
