//! The engine of this module: WebCrypto for AES-GCM, RSA, ECDSA and ECDH where the platform has it, RustCrypto for everything else.
//!
//! WebCrypto has AES in hardware and works on several chunks at a time; what is small, OCB, EAX and pages without a secure
//! context are left to Rust.

mod agreement;
mod bulk;
mod cfb;
mod imported;
pub mod node;
pub mod pairs;
pub mod release;
pub mod repeated;
pub mod report;
mod signatures;
mod subtle;
mod threads;

use envelock_seipd::engine::{Agreement, Argon2Parameters, Curve, Engine, Hash, KeyForm, RustCrypto, Task, WebCrypto};
use envelock_seipd::{Cipher, Error, Mode};
use zeroize::Zeroizing;

use report::report;

/// Chunks smaller than this are encrypted sooner than a key is imported and each of them waited for.
const SMALL: usize = 4 << 10;

/// Picks per key; see the module's documentation.
pub struct Platform {
    web: Option<WebCrypto>,
    signer: imported::Signer,
}

impl Platform {
    /// Looks for `crypto.subtle`.
    pub fn new() -> Self {
        Platform { web: WebCrypto::new().ok(), signer: imported::Signer::default() }
    }
}

/// A key made ready where it will be used.
pub enum Key {
    Web(<WebCrypto as Engine>::Key),
    Rust(<RustCrypto as Engine>::Key),
}

/// An operation under way.
pub enum Job {
    Web(<WebCrypto as Engine>::Job),
    Rust,
}

impl Engine for Platform {
    type Key = Key;
    type Job = Job;
    const IN_FLIGHT: usize = WebCrypto::IN_FLIGHT;

    async fn key(&self, cipher: Cipher, mode: Mode, key: &[u8], octets: usize) -> Result<Key, Error> {
        if let Some(web) = self.web.as_ref().filter(|_| octets >= SMALL) {
            match web.key(cipher, mode, key, octets).await {
                Err(Error::Unsupported(_)) => {}
                ready => return ready.map(Key::Web),
            }
        }
        RustCrypto.key(cipher, mode, key, octets).await.map(Key::Rust)
    }

    fn begin(&self, key: &Key, task: Task<'_>, output: &mut [u8]) -> Result<Job, Error> {
        match (key, &self.web) {
            (Key::Web(key), Some(web)) => web.begin(key, task, output).map(Job::Web),
            (Key::Web(_), None) => Err(Error::Unsupported("WebCrypto")),
            (Key::Rust(key), _) => RustCrypto.begin(key, task, output).map(|()| Job::Rust),
        }
    }

    async fn finish(&self, job: Job, output: &mut [u8]) -> Result<(), Error> {
        match (job, &self.web) {
            (Job::Web(job), Some(web)) => web.finish(job, output).await,
            (Job::Web(_), None) => Err(Error::Unsupported("WebCrypto")),
            (Job::Rust, _) => Ok(()),
        }
    }

    async fn rest(&self) {
        // Nobody listens, so nobody stops it either: a job that is let go of ends here.
        let _ = report(&mut (), 0, 1).await;
    }

    async fn hash_repeated(&self, hash: Hash, zeros: usize, unit: &[u8], count: usize) -> Option<Zeroizing<Vec<u8>>> {
        repeated::hash(self.web.as_ref(), hash, zeros, unit, count).await
    }

    fn fills_argon2(&self, parameters: Argon2Parameters) -> bool {
        threads::fills(parameters)
    }

    async fn fill_argon2(&self, parameters: Argon2Parameters, first: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        threads::fill(parameters, first).await
    }

    fn has_rsa(&self) -> bool {
        node::Crypto::find().is_some()
    }

    fn key_form(&self) -> KeyForm {
        if node::Crypto::find().is_some() { KeyForm::Bare } else { KeyForm::Pkcs8 }
    }

    fn decrypt_rsa(&self, key: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        node::Crypto::find()?.decrypt_rsa(key, ciphertext)
    }
    fn encrypt_rsa(&self, key: &[u8], number: &[u8]) -> Option<Vec<u8>> {
        node::Crypto::find()?.encrypt_rsa(key, number)
    }

    async fn agree(&self, curve: Curve, point: &[u8]) -> Option<Agreement> {
        match node::Crypto::find() {
            Some(node) => node.agree(curve, None, point),
            None => agreement::agree(self.web.as_ref()?, curve, point).await,
        }
    }

    async fn agreed(&self, curve: Curve, key: &[u8], point: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        match node::Crypto::find() {
            Some(node) => node.agree(curve, Some(key), point).map(|agreement| agreement.secret),
            None => agreement::agreed(self.web.as_ref()?, curve, key, point).await,
        }
    }
}
