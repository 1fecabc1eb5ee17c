//! Certificates that were read a moment ago: whoever writes mail reads the same ones again and again, as octets each time.

use std::collections::VecDeque;

use crate::{certificate::Certificate, error::KeyError, limits::Limits};

/// Kept at most.
const CERTIFICATES: usize = 256;
/// Octets of input kept at most.
const OCTETS: usize = 256 << 10;

/// Reads certificates, and knows the last ones by their octets: the very same input gives what it gave before. What is kept is
/// public: of input that holds anything beside one certificate, such as a secret key, nothing is.
#[derive(Debug)]
pub struct RecentCertificates {
    limits: Limits,
    /// The last one asked for first.
    kept: VecDeque<(Vec<u8>, Certificate)>,
}

impl RecentCertificates {
    /// Reads within these limits.
    pub fn new(limits: Limits) -> Self {
        Self { limits, kept: VecDeque::new() }
    }

    /// As [`Certificate::parse`].
    ///
    /// # Errors
    /// As [`Certificate::parse`].
    pub fn parse(&mut self, input: &[u8]) -> Result<Certificate, KeyError> {
        let known = self.kept.iter().position(|(octets, _)| octets == input);
        if let Some(known) = known.and_then(|index| self.kept.remove(index)) {
            let certificate = known.1.clone();
            self.kept.push_front(known);
            return Ok(certificate);
        }
        let certificate = Certificate::parse(input, &self.limits)?;
        // Nothing but what a certificate is written as: no secret parts, no text around it.
        if input.len() <= OCTETS && certificate.to_bytes() == input {
            self.kept.push_front((input.to_vec(), certificate.clone()));
            self.make_room();
        }
        Ok(certificate)
    }

    fn make_room(&mut self) {
        let size = |kept: &VecDeque<(Vec<u8>, Certificate)>| kept.iter().map(|(octets, _)| octets.len()).sum::<usize>();
        while self.kept.len() > CERTIFICATES || size(&self.kept) > OCTETS {
            self.kept.pop_back();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use pgp::types::Timestamp;
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::{GenerateOptions, Profile, SecretKey, generate};

    fn key(seed: u64) -> SecretKey {
        let options = GenerateOptions {
            profile: Profile::Compat,
            user_ids: vec!["Alice <alice@example.org>".into()],
            passphrase: None,
            created: Timestamp::from_secs(1_700_000_000),
            expires: None,
        };
        generate(&options, &mut StdRng::seed_from_u64(seed)).unwrap().key
    }

    fn recent() -> RecentCertificates {
        RecentCertificates::new(Limits::default())
    }

    #[test]
    fn the_same_input_gives_the_same_and_any_other_is_read() {
        let (mut recent, certificate) = (recent(), key(1).certificate());
        let octets = certificate.to_bytes();
        for _ in 0..2 {
            assert_eq!(recent.parse(&octets).unwrap(), certificate);
        }
        assert_eq!(recent.kept.len(), 1);
        // Of the same fingerprint and length.
        let mut altered = octets.clone();
        *altered.last_mut().unwrap() ^= 1;
        let other = recent.parse(&altered).unwrap();
        assert_eq!(other.fingerprint(), certificate.fingerprint());
        assert_eq!(other, Certificate::parse(&altered, &Limits::default()).unwrap());
        assert_ne!(other, certificate);
    }

    #[test]
    fn nothing_secret_is_kept() {
        let (mut recent, key) = (recent(), key(2));
        assert_eq!(recent.parse(&key.to_bytes()).unwrap(), key.certificate());
        assert_eq!(recent.parse(key.to_armored().as_bytes()).unwrap(), key.certificate());
        assert!(recent.kept.is_empty());
    }

    #[test]
    fn the_ones_asked_for_last_are_kept() {
        let mut recent = recent();
        let first = key(0).certificate().to_bytes();
        for seed in 1..=CERTIFICATES as u64 + 3 {
            recent.parse(&first).unwrap();
            recent.parse(&key(seed).certificate().to_bytes()).unwrap();
        }
        assert_eq!(recent.kept.len(), CERTIFICATES);
        assert!(recent.kept.iter().any(|(octets, _)| *octets == first));
    }
}
