//! Account passwords: Argon2id (RFC 9106), 19 MiB, two passes, the OWASP minimum for interactive logins.

use argon2::password_hash::{Error as HashError, PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use rand::RngCore;
use std::sync::Arc;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// Hashing a password failed.
#[derive(Debug, thiserror::Error)]
#[error("a password could not be hashed: {0}")]
pub struct PasswordFault(String);

impl From<HashError> for PasswordFault {
    fn from(error: HashError) -> Self {
        Self(error.to_string())
    }
}

fn argon2() -> Result<Argon2<'static>, PasswordFault> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|error| PasswordFault(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password with a fresh salt; returns a PHC string.
pub fn hash_password(password: &str) -> Result<String, PasswordFault> {
    let mut salt = [0; 16];
    rand::rngs::OsRng.fill_bytes(&mut salt);
    let salt = SaltString::encode_b64(&salt)?;
    Ok(argon2()?.hash_password(password.as_bytes(), &salt)?.to_string())
}

/// Checks passwords off the async threads, two at a time: each costs 19 MiB.
#[derive(Clone)]
pub(super) struct Verifier {
    turns: Arc<Semaphore>,
    nobody: Arc<str>,
}

impl Verifier {
    pub(super) fn new() -> Result<Self, PasswordFault> {
        Ok(Self { turns: Arc::new(Semaphore::new(2)), nobody: hash_password("")?.into() })
    }

    /// Whether this is the password behind `hash`. Without a hash the same work is done for nothing.
    pub(super) async fn verify(
        &self,
        password: Zeroizing<String>,
        hash: Option<String>,
    ) -> Result<bool, PasswordFault> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|error| PasswordFault(error.to_string()))?;
        let nobody = Arc::clone(&self.nobody);
        tokio::task::spawn_blocking(move || {
            // Ends with the work, not with the request: whoever hangs up does not stop the hashing.
            let _turn = turn;
            // A closed account's '!' is no hash and counts as none.
            let known = hash.as_deref().and_then(|hash| PasswordHash::new(hash).ok());
            let exists = known.is_some();
            let expected = match known {
                Some(known) => known,
                None => PasswordHash::new(&nobody)?,
            };
            Ok(argon2()?.verify_password(password.as_bytes(), &expected).is_ok() && exists)
        })
        .await
        .map_err(|error| PasswordFault(error.to_string()))?
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn whoever_hangs_up_keeps_the_turn_until_the_work_is_done() {
        use std::time::Duration;
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().max_blocking_threads(1).build().unwrap();
        runtime.block_on(async {
            let verifier = Verifier::new().unwrap();
            // The only thread is busy, so what is asked of it waits.
            let (go, wait) = std::sync::mpsc::channel::<()>();
            let busy = tokio::task::spawn_blocking(move || wait.recv());
            let request = verifier.verify(Zeroizing::new("a password".to_owned()), None);
            assert!(tokio::time::timeout(Duration::ZERO, request).await.is_err(), "hung up");
            assert_eq!(verifier.turns.available_permits(), 1);
            go.send(()).unwrap();
            busy.await.unwrap().unwrap();
            let both = tokio::time::timeout(Duration::from_secs(60), verifier.turns.acquire_many(2));
            assert!(both.await.unwrap().is_ok(), "it comes back");
        });
    }

    #[tokio::test]
    async fn only_the_password_of_an_open_account_fits() {
        let verifier = Verifier::new().unwrap();
        let hash = hash_password("right").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_ne!(hash, hash_password("right").unwrap());
        let verify = async |password: &str, hash: Option<&str>| {
            verifier.verify(Zeroizing::new(password.to_owned()), hash.map(str::to_owned)).await.unwrap()
        };
        assert!(verify("right", Some(&hash)).await);
        assert!(!verify("wrong", Some(&hash)).await);
        // The password behind the hash of nobody is empty; it must not open anything.
        assert!(!verify("", None).await);
        assert!(!verify("", Some("!")).await);
    }
}
