//! Who computes: RustCrypto everywhere, WebCrypto in browsers, `node:crypto` for what is large in Node. The AEAD first of all; hashes, CFB,
//! signatures and key agreement where a platform is sooner done.
//!
//! The codec asks for work in two steps, [`Engine::begin`] and [`Engine::finish`], so that an engine that works elsewhere
//! (WebCrypto: native threads) has several chunks under way while one that works here needs no copy and no allocation.

use alloc::vec::Vec;
use core::future::Future;
use core::ops::{ControlFlow, Range};
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use envelock_argon2::{Derivation, Elsewhere};
pub use envelock_argon2::{Error as Argon2Error, Parameters as Argon2Parameters};
use zeroize::Zeroizing;

use crate::SecretOctets;
use crate::plan::Plan;
use crate::{Cipher, Error, Mode, Octets, Rope, body};

mod agreement;
#[cfg(feature = "rustcrypto")]
mod rustcrypto;
mod signatures;
#[cfg(all(feature = "webcrypto", target_family = "wasm"))]
mod webcrypto;

pub use agreement::{Agreement, Curve};
#[cfg(feature = "rustcrypto")]
pub use rustcrypto::RustCrypto;
pub use signatures::{KeyForm, Scheme, Signatures, Signed};
#[cfg(all(feature = "webcrypto", target_family = "wasm"))]
pub use webcrypto::WebCrypto;

/// Which way a chunk goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Plaintext to ciphertext with its tag appended.
    Seal,
    /// Ciphertext with its tag appended to plaintext.
    Open,
}

/// One AEAD operation.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// Which way.
    pub direction: Direction,
    /// The nonce, [`Mode::nonce_len`] octets.
    pub nonce: &'a [u8],
    /// The associated data.
    pub associated_data: &'a [u8],
    /// Plaintext to seal, or ciphertext and tag to open.
    pub input: &'a [u8],
}

/// Something that computes AEADs. Futures need not be `Send`: browsers are single-threaded.
pub trait Engine {
    /// A key made ready for this engine.
    type Key;
    /// An operation under way.
    type Job;
    /// How many operations the caller should begin before it finishes the first.
    const IN_FLIGHT: usize;

    /// Makes a key ready, for operations of so many octets of plaintext at most. Fails with [`Error::Unsupported`] if this engine lacks the
    /// cipher or mode.
    fn key(
        &self,
        cipher: Cipher,
        mode: Mode,
        key: &[u8],
        octets: usize,
    ) -> impl Future<Output = Result<Self::Key, Error>>;

    /// Begins an operation. `output` has the length of the result (input ± [`Mode::TAG_LEN`]); an engine that is done at once
    /// writes it here, another writes it in [`Engine::finish`], which gets the same slice.
    fn begin(&self, key: &Self::Key, task: Task<'_>, output: &mut [u8]) -> Result<Self::Job, Error>;

    /// Waits for an operation; `output` is then filled. A tag that does not match is [`Error::DecryptionFailed`].
    fn finish(&self, job: Self::Job, output: &mut [u8]) -> impl Future<Output = Result<(), Error>>;

    /// Lets others have a turn, where there are any on this thread: between two steps of work that takes long here.
    fn rest(&self) -> impl Future<Output = ()> {
        async {}
    }

    /// The hash of `zeros` zero octets and of a secret `unit` over and over, `count` octets of it (RFC 9580 §3.7.1.3); it is the key that
    /// comes of it, or a part. `None` where Rust has to do it.
    fn hash_repeated(
        &self,
        _hash: Hash,
        _zeros: usize,
        _unit: &[u8],
        _count: usize,
    ) -> impl Future<Output = Option<Zeroizing<Vec<u8>>>> {
        async { None }
    }

    /// Whether several threads fill the memory of Argon2 with these parameters, when they are asked to.
    fn fills_argon2(&self, _parameters: Argon2Parameters) -> bool {
        false
    }

    /// Fills the memory of Argon2 from the first two blocks of each lane, which are a secret, and gives the last block of each. `None` where
    /// this thread has to do it after all.
    fn fill_argon2(
        &self,
        _parameters: Argon2Parameters,
        _first: &[u8],
    ) -> impl Future<Output = Option<Zeroizing<Vec<u8>>>> {
        async { None }
    }

    /// Whether there is any use in asking for [`decrypt_rsa`](Self::decrypt_rsa).
    fn has_rsa(&self) -> bool {
        false
    }

    /// The form in which it takes secret keys.
    fn key_form(&self) -> KeyForm {
        KeyForm::Pkcs8
    }

    /// RSA with a secret key, which the caller wipes: RSADP (RFC 8017 §5.1.2), that is with the padding, as long as the
    /// modulus. `None` where Rust has to do it: WebCrypto knows no padding that OpenPGP uses.
    fn decrypt_rsa(&self, _key: &[u8], _ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        None
    }

    /// RSA with a public key in PKCS #1 (RFC 8017 §A.1.1): RSAEP (§5.1.1) of a number that is as long as the modulus, and so is the
    /// answer. `None` where Rust has to do it.
    fn encrypt_rsa(&self, _key: &[u8], _number: &[u8]) -> Option<Vec<u8>> {
        None
    }

    /// Agrees on a secret with the owner of a point, by a pair that is drawn for it. `None` where Rust has to do it.
    fn agree(&self, _curve: Curve, _point: &[u8]) -> impl Future<Output = Option<Agreement>> {
        async { None }
    }

    /// What whoever drew a point has agreed on with the owner of a key, which is in the engine's form and the caller wipes.
    fn agreed(&self, _curve: Curve, _key: &[u8], _point: &[u8]) -> impl Future<Output = Option<Zeroizing<Vec<u8>>>> {
        async { None }
    }
}

/// Derives octets by Argon2id: on the engine's threads if it has any, else here with [rests](Engine::rest) every few milliseconds.
///
/// # Errors
/// As [`Derivation::new`].
pub async fn argon2<E: Engine>(
    engine: &E,
    passphrase: &[u8],
    salt: &[u8],
    parameters: Argon2Parameters,
    length: usize,
) -> Result<Zeroizing<Vec<u8>>, envelock_argon2::Error> {
    let mut key = Zeroizing::new(alloc::vec![0; length]);
    if engine.fills_argon2(parameters) {
        let elsewhere = Elsewhere::new(passphrase, salt, parameters, length)?;
        if let Some(last) = engine.fill_argon2(parameters, elsewhere.first_blocks()).await
            && elsewhere.finish(&last, &mut key)
        {
            return Ok(key);
        }
    }
    let mut derivation = Derivation::new(passphrase, salt, parameters, length)?;
    while derivation.step() {
        engine.rest().await;
    }
    derivation.finish(&mut key);
    Ok(key)
}

/// Hash algorithms that engines may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// SHA-1: for the modification detection code of SEIPD v1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// An engine that does the work of a whole message where the message lies.
///
/// What an engine is not better at than Rust, it answers with `None`.
pub trait Bulk<D: Octets + ?Sized>: Engine + Signatures<D> {
    /// Seals the chunks of `plan` over `rope`, behind `head`: everything that stands before the first chunk.
    fn seal(
        &self,
        head: Vec<u8>,
        plan: &Plan,
        rope: Rope<'_, D>,
        progress: &mut dyn Progress,
    ) -> impl Future<Output = Result<D::Sealed, Error>>;

    /// Opens the chunks of `plan`, which are the part `range` of `data`. Nothing is returned before the final tag is checked.
    fn open(
        &self,
        plan: &Plan,
        data: &D,
        range: Range<usize>,
        progress: &mut dyn Progress,
    ) -> impl Future<Output = Result<D::Made, Error>>;

    /// Whether there is any use in asking for [`digest`](Self::digest).
    const HASHES: bool = false;

    /// Hashes.
    fn digest(
        &self,
        _hash: Hash,
        _rope: Rope<'_, D>,
        _progress: &mut dyn Progress,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, Error>> {
        async { Ok(None) }
    }

    /// Encrypts `rope` in CFB mode with an IV of zeros (RFC 9580 §5.13.1), behind `head`.
    fn cfb_encrypt(
        &self,
        _cipher: Cipher,
        _key: &[u8],
        _head: &[u8],
        _rope: Rope<'_, D>,
        _progress: &mut dyn Progress,
    ) -> impl Future<Output = Result<Option<D::Sealed>, Error>> {
        async { Ok(None) }
    }

    /// Decrypts a part of `data` in that mode. Nobody has confirmed what comes out.
    fn cfb_decrypt(
        &self,
        _cipher: Cipher,
        _key: &[u8],
        _data: &D,
        _range: Range<usize>,
        _progress: &mut dyn Progress,
    ) -> impl Future<Output = Result<Option<D::Made>, Error>> {
        async { Ok(None) }
    }
}

/// Rust's memory: any engine that computes AEADs will do.
impl<E: Engine> Bulk<[u8]> for E {
    async fn seal(
        &self,
        mut head: Vec<u8>,
        plan: &Plan,
        rope: Rope<'_, [u8]>,
        progress: &mut dyn Progress,
    ) -> Result<Vec<u8>, Error> {
        let plaintext = SecretOctets::from(Octets::wrapped(rope).ok_or(Error::OutOfMemory)?);
        body::run_into(self, &mut head, plan, &plaintext, progress).await?;
        Ok(head)
    }

    async fn open(
        &self,
        plan: &Plan,
        data: &[u8],
        range: Range<usize>,
        progress: &mut dyn Progress,
    ) -> Result<SecretOctets, Error> {
        let mut plaintext = SecretOctets::new();
        let ciphertext = data.get(range).ok_or(Error::DecryptionFailed)?;
        body::run_into(self, &mut plaintext, plan, ciphertext, progress).await?;
        Ok(plaintext)
    }
}

/// Hears how far the work is, and may stop it.
pub trait Progress {
    /// `done` of `total` octets are through. `Break` stops with [`Error::Cancelled`]; nothing partial is returned.
    fn report(&mut self, done: u64, total: u64) -> ControlFlow<()>;
}

/// Says how far the work is; [`Error::Cancelled`] if it is to stop.
pub fn report(progress: &mut dyn Progress, done: usize, total: usize) -> Result<(), Error> {
    if progress.report(done as u64, total as u64).is_break() { Err(Error::Cancelled) } else { Ok(()) }
}

/// Nobody listens.
impl Progress for () {
    fn report(&mut self, _done: u64, _total: u64) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Runs a future of this crate that never waits, as all of them are with [`RustCrypto`].
///
/// A future that does wait (WebCrypto) is dropped and yields [`Error::Unsupported`].
pub fn ready<T, E: From<Error>>(future: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    at_once(future).unwrap_or_else(|| Err(Error::Unsupported("waiting in a synchronous call").into()))
}

/// What a future gives that never waits; `None` if it does wait.
pub fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => Some(result),
        Poll::Pending => None,
    }
}

/// One operation from start to end: for the session key inside a SKESK.
pub(crate) async fn run_one<E: Engine>(
    engine: &E,
    key: &E::Key,
    task: Task<'_>,
    output: &mut [u8],
) -> Result<(), Error> {
    let job = engine.begin(key, task, output)?;
    engine.finish(job, output).await
}
