//! Session keys that callers hold themselves (RFC 9580 §2.1): made before encrypting, taken out when decrypting.
//!
//! For programs that keep a message readable without the recipient's secret key, as the Stateless OpenPGP interface does.
//! Whoever has the session key reads that one message. Not here: session keys inside packets (`session_key`).

use super::{container::Container, encrypt::Format, error::EncryptError, recipient::Recipients};
use crate::{Certificate, Policy};
use envelock_seipd::{
    engine::{RustCrypto, ready},
    packet::RawPacket,
};
use pgp::{
    composed::{PlainSessionKey, RawSessionKey},
    crypto::sym::SymmetricKeyAlgorithm,
    types::Timestamp,
};
use rand::{CryptoRng, Rng};
use std::fmt;
use zeroize::Zeroizing;

/// The key that one message is encrypted with, and its cipher. Wiped when dropped, never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionKey {
    cipher: SymmetricKeyAlgorithm,
    key: Zeroizing<Vec<u8>>,
}

/// Ciphers by number (RFC 9580 §9.3). Only AES is ever written.
const NAMES: [(u8, &str); 10] = [
    (2, "tripledes"),
    (3, "cast5"),
    (4, "blowfish"),
    (7, "aes128"),
    (8, "aes192"),
    (9, "aes256"),
    (10, "twofish"),
    (11, "camellia128"),
    (12, "camellia192"),
    (13, "camellia256"),
];

impl SessionKey {
    /// A session key of a cipher (RFC 9580 §9.3). `None` for an unknown cipher, IDEA, or a key of another length.
    pub fn new(cipher: u8, key: &[u8]) -> Option<Self> {
        let cipher = SymmetricKeyAlgorithm::from(cipher);
        let fits = cipher != SymmetricKeyAlgorithm::IDEA && cipher.key_size() != 0 && key.len() == cipher.key_size();
        fits.then(|| Self { cipher, key: Zeroizing::new(key.to_vec()) })
    }

    /// A session key of a cipher by name ([`algorithm_name`](Self::algorithm_name)).
    pub fn named(name: &str, key: &[u8]) -> Option<Self> {
        let (cipher, _) = NAMES.iter().find(|(_, known)| *known == name)?;
        Self::new(*cipher, key)
    }

    /// The cipher's name, as OpenPGP.js writes it: `aes256`, `aes128` …
    pub fn algorithm_name(&self) -> &'static str {
        NAMES.iter().find(|(cipher, _)| *cipher == self.cipher()).map_or("unknown", |(_, name)| name)
    }

    /// Draws a session key of the cipher that [`encrypt`](super::encrypt()) would choose for these recipients; without
    /// recipients for passwords.
    ///
    /// # Errors
    /// [`EncryptError::UnusableRecipient`] if a certificate has no key to encrypt to.
    pub fn generate<R: CryptoRng + Rng>(
        recipients: &[Certificate],
        format: Format,
        policy: &Policy,
        at: Timestamp,
        rng: &mut R,
    ) -> Result<Self, EncryptError> {
        let recipients = ready(Recipients::choose(recipients, policy, at, &RustCrypto))?;
        let cipher = match format.for_recipients(&recipients) {
            Format::SeipdV1 => recipients.cipher(),
            _ => SymmetricKeyAlgorithm::from(recipients.suite(None).cipher.id()),
        };
        Ok(Self::draw(cipher, rng))
    }

    pub(crate) fn draw<R: CryptoRng + Rng>(cipher: SymmetricKeyAlgorithm, rng: &mut R) -> Self {
        let mut key = Zeroizing::new(vec![0; cipher.key_size()]);
        rng.fill_bytes(&mut key);
        Self { cipher, key }
    }

    /// The cipher's number (RFC 9580 §9.3).
    pub fn cipher(&self) -> u8 {
        self.cipher.into()
    }

    /// The key's octets.
    pub fn as_bytes(&self) -> &[u8] {
        &self.key
    }

    pub(crate) fn algorithm(&self) -> SymmetricKeyAlgorithm {
        self.cipher
    }

    pub(crate) fn to_raw(&self) -> RawSessionKey {
        RawSessionKey::from(self.key.clone())
    }

    /// Whether it is as long as the cipher wants that the container names; one that names none takes any.
    pub(crate) fn fits(&self, named: Option<u8>) -> bool {
        named.is_none_or(|cipher| SymmetricKeyAlgorithm::from(cipher).key_size() == self.key.len())
    }

    /// In the form the container takes it.
    pub(crate) fn for_container(&self, container: Container) -> PlainSessionKey {
        match container {
            Container::SeipdV2 => PlainSessionKey::V6 { key: self.to_raw() },
            _ => PlainSessionKey::V3_4 { sym_alg: self.cipher, key: self.to_raw() },
        }
    }

    /// The key that opened a container. Version 2 and GnuPG's packet name the cipher themselves.
    pub(crate) fn that_opened(packet: &RawPacket<'_>, key: &PlainSessionKey) -> Option<Self> {
        let (cipher, key) = match key {
            PlainSessionKey::V3_4 { sym_alg, key } => (u8::from(*sym_alg), key),
            PlainSessionKey::V5 { key } | PlainSessionKey::V6 { key } => (*packet.body.get(1)?, key),
        };
        Self::new(cipher, key.as_ref())
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionKey({}, …)", self.algorithm_name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_that_fit_their_cipher() {
        assert!(SessionKey::new(9, &[1; 32]).is_some() && SessionKey::new(7, &[1; 16]).is_some());
        for (cipher, length) in [(9, 16), (7, 32), (0, 0), (1, 16), (99, 16), (9, 0)] {
            assert!(SessionKey::new(cipher, &vec![1; length]).is_none(), "{cipher} with {length} octets");
        }
    }

    #[test]
    fn ciphers_go_by_name() {
        for (cipher, name) in NAMES {
            let length = SymmetricKeyAlgorithm::from(cipher).key_size();
            let key = SessionKey::named(name, &vec![1; length]);
            assert_eq!(key.map(|key| (key.cipher(), key.algorithm_name())), Some((cipher, name)));
        }
        assert!(SessionKey::named("idea", &[1; 16]).is_none() && SessionKey::named("unknown", &[]).is_none());
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", SessionKey::new(9, &[0x41; 32])), "Some(SessionKey(aes256, …))");
    }
}
