//! Answers for some minutes, so that typing an address twice asks its domain once. In memory only.

use super::NotFound;
use crate::clock::Clock;
use envelock_wire::{FoundCertificates, MailAddress};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// Seconds an answer is kept.
const FOUND: i64 = 600;
const NOT_PUBLISHED: i64 = 300;
const FAILED: i64 = 30;

/// Answers kept, and octets in them: memory that one account's lookups may fill.
const ANSWERS: usize = 1000;
const OCTETS: usize = 16 * 1024 * 1024;

type Found = Result<FoundCertificates, NotFound>;
type Key = (i64, MailAddress);

pub(super) struct Cache {
    clock: Arc<dyn Clock>,
    answers: Mutex<Answers>,
}

#[derive(Default)]
struct Answers {
    entries: HashMap<Key, Entry>,
    /// Oldest first.
    order: VecDeque<Key>,
    octets: usize,
}

struct Entry {
    found: Found,
    until: i64,
}

impl Cache {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, answers: Mutex::default() }
    }

    pub(super) fn get(&self, account: i64, address: &MailAddress) -> Option<Found> {
        let now = self.clock.now().as_unix();
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = answers.entries.get(&(account, address.clone()))?;
        (now < entry.until).then(|| entry.found.clone())
    }

    pub(super) fn put(&self, account: i64, address: MailAddress, found: Found) {
        let life = match &found {
            Ok(_) => FOUND,
            Err(NotFound::NotPublished) => NOT_PUBLISHED,
            Err(_) => FAILED,
        };
        let until = self.clock.now().as_unix() + life;
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (account, address);
        answers.remove(&key);
        answers.octets += size(&found);
        answers.order.push_back(key.clone());
        answers.entries.insert(key, Entry { found, until });
        while answers.entries.len() > ANSWERS || answers.octets > OCTETS {
            let Some(oldest) = answers.order.front().cloned() else { break };
            answers.remove(&oldest);
        }
    }
}

impl Answers {
    fn remove(&mut self, key: &Key) {
        if let Some(entry) = self.entries.remove(key) {
            self.octets = self.octets.saturating_sub(size(&entry.found));
            self.order.retain(|other| other != key);
        }
    }
}

fn size(found: &Found) -> usize {
    found.as_ref().map_or(0, |found| found.certificates.0.len())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use envelock_wire::{CertificateOrigin, Timestamp, UnreadOctets};
    use std::sync::atomic::{AtomicI64, Ordering};

    struct At(AtomicI64);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            Timestamp::from_unix(self.0.load(Ordering::SeqCst))
        }
    }

    fn address(name: &str) -> MailAddress {
        MailAddress::new(name, "example.org").unwrap()
    }

    fn found(octets: usize) -> Found {
        Ok(FoundCertificates {
            origin: CertificateOrigin::WkdDirect,
            host: "example.org".into(),
            certificates: UnreadOctets(vec![0x98; octets]),
        })
    }

    #[test]
    fn answers_are_kept_for_their_time_and_for_their_account() {
        let clock = Arc::new(At(AtomicI64::new(1000)));
        let cache = Cache::new(clock.clone());
        cache.put(1, address("anna"), found(10));
        cache.put(1, address("bert"), Err(NotFound::NotPublished));
        cache.put(1, address("cleo"), Err(NotFound::Failed));
        let known = |account, name| cache.get(account, &address(name)).is_some();
        assert!(known(1, "anna") && known(1, "bert") && known(1, "cleo"));
        assert!(!known(2, "anna"), "another account learns nothing");
        for (seconds, left) in [(FAILED, "anna bert"), (NOT_PUBLISHED, "anna"), (FOUND, "")] {
            clock.0.store(1000 + seconds, Ordering::SeqCst);
            for name in ["anna", "bert", "cleo"] {
                assert_eq!(known(1, name), left.contains(name), "{name} after {seconds}");
            }
        }
    }

    #[test]
    fn it_never_holds_more_than_it_may() {
        let cache = Cache::new(Arc::new(At(AtomicI64::new(0))));
        for number in 0..40 {
            cache.put(1, address(&format!("a{number}")), found(1024 * 1024));
        }
        assert_eq!(cache.answers.lock().unwrap().octets, OCTETS);
        for number in 0..2 * ANSWERS {
            cache.put(1, address(&format!("b{number}")), Err(NotFound::NotPublished));
        }
        let answers = cache.answers.lock().unwrap();
        assert_eq!((answers.entries.len(), answers.order.len(), answers.octets), (ANSWERS, ANSWERS, 0));
    }
}
