//! The secrets of apps as they are kept: sealed with a key that is not in the database.
//!
//! AES-256-GCM (RFC 5116 §5.2) with a random nonce before the ciphertext; the key is made from the server's login secret by HKDF
//! (RFC 5869) under a label of its own, so that nothing else is sealed with it, and the account's number is authenticated: a row
//! that is put in another's place opens nothing. Whoever has the database alone has no codes, and whoever may write to it cannot
//! give an account a secret that they know.

use crate::storage::StorageError;
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use envelock_login::ServerSecret;
use hkdf::Hkdf;
use rand::RngCore;
use sha2::Sha256;
use zeroize::Zeroizing;

const LABEL: &[u8] = b"envelock-server 1: secrets of apps that make codes";
const NONCE: usize = 12;

/// The key.
pub(crate) struct Seal(Aes256Gcm);

impl Seal {
    /// That of this secret: with another one, nothing opens that was sealed.
    pub(crate) fn of(secret: &ServerSecret) -> Result<Self, StorageError> {
        let mut key = Zeroizing::new([0; 32]);
        let failed = |_| StorageError::Corrupt("file `login-secret`");
        Hkdf::<Sha256>::new(None, secret.to_octets().as_slice()).expand(LABEL, key.as_mut()).map_err(failed)?;
        Ok(Self(Aes256Gcm::new(key.as_ref().into())))
    }

    /// Seals a secret of this account.
    pub(crate) fn seal(&self, account: i64, secret: &[u8]) -> Result<Vec<u8>, StorageError> {
        let mut nonce = [0; NONCE];
        rand::rngs::OsRng.fill_bytes(&mut nonce);
        let payload = Payload { msg: secret, aad: &account.to_be_bytes() };
        let sealed = self.0.encrypt(&Nonce::from(nonce), payload).map_err(|_| StorageError::Corrupt("secret"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed for this account.
    pub(crate) fn open(&self, account: i64, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE>()?;
        let payload = Payload { msg: ciphertext, aad: &account.to_be_bytes() };
        self.0.decrypt(&Nonce::from(*nonce), payload).ok().map(Zeroizing::new)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    #[test]
    fn a_secret_opens_for_its_account_and_with_its_key_alone() {
        let secret = ServerSecret::generate(&mut rand::rngs::OsRng);
        let seal = Seal::of(&secret).unwrap();
        let mut sealed = seal.seal(7, b"twenty octets of it!").unwrap();
        assert!(!sealed.windows(6).any(|octets| octets == b"octets"));
        assert_eq!(seal.open(7, &sealed).unwrap().as_slice(), b"twenty octets of it!");
        assert_eq!(Seal::of(&secret).unwrap().open(7, &sealed).unwrap().len(), 20, "another process");
        assert!(seal.open(8, &sealed).is_none());
        let other = ServerSecret::generate(&mut rand::rngs::OsRng);
        assert!(Seal::of(&other).unwrap().open(7, &sealed).is_none());
        sealed[20] ^= 1;
        assert!(seal.open(7, &sealed).is_none());
        assert!(seal.open(7, &[0; 11]).is_none());
    }

    /// The key of what was sealed once must be the same for ever.
    #[test]
    fn what_was_sealed_before_opens() {
        let octets = STANDARD.decode(SECRET).unwrap();
        let secret = ServerSecret::from_octets(octets.as_slice().try_into().unwrap()).unwrap();
        let sealed = STANDARD.decode(SEALED).unwrap();
        assert_eq!(Seal::of(&secret).unwrap().open(7, &sealed).unwrap().as_slice(), b"twenty octets of it!");
    }

    const SECRET: &str = "rcT+Y//lKV+Hm9hpHlMIx/Lzd323kbwDkD1cF7iCD9J6HkduW+Ps36qj45eaQCM93rtqbcvYaq7cbB58RSHXC77QJdQq7VPcvaI4jXcQRVi1rfam2rSSs9moOwm9acwNeji0D+yXr+advQioSAYSQx10fc6ctYReG+Gd0eppAyE=";
    const SEALED: &str = "WslchNiEHfzfvLIaW7Bky6yeUKjT7gvqqemQXK9zSWHOuY3WPuEx+nKqa1DVCOFC";
}
