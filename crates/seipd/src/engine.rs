//! Who computes the AEAD: RustCrypto everywhere, WebCrypto in browsers and Node.
//!
//! The codec asks for work in two steps, [`Engine::begin`] and [`Engine::finish`], so that an engine that works elsewhere
//! (WebCrypto: native threads) has several chunks under way while one that works here needs no copy and no allocation.

use core::future::Future;
use core::ops::ControlFlow;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use crate::{Cipher, Error, Mode};

#[cfg(feature = "rustcrypto")]
mod rustcrypto;
#[cfg(all(feature = "webcrypto", target_family = "wasm"))]
mod webcrypto;

#[cfg(feature = "rustcrypto")]
pub use rustcrypto::RustCrypto;
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

    /// Makes a key ready. Fails with [`Error::Unsupported`] if this engine lacks the cipher or mode.
    fn key(&self, cipher: Cipher, mode: Mode, key: &[u8]) -> impl Future<Output = Result<Self::Key, Error>>;

    /// Begins an operation. `output` has the length of the result (input ± [`Mode::TAG_LEN`]); an engine that is done at once
    /// writes it here, another writes it in [`Engine::finish`], which gets the same slice.
    fn begin(&self, key: &Self::Key, task: Task<'_>, output: &mut [u8]) -> Result<Self::Job, Error>;

    /// Waits for an operation; `output` is then filled. A tag that does not match is [`Error::DecryptionFailed`].
    fn finish(&self, job: Self::Job, output: &mut [u8]) -> impl Future<Output = Result<(), Error>>;
}

/// Hears how far the work is, and may stop it.
pub trait Progress {
    /// `done` of `total` octets are through. `Break` stops with [`Error::Cancelled`]; nothing partial is returned.
    fn report(&mut self, done: u64, total: u64) -> ControlFlow<()>;
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
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(Error::Unsupported("waiting in a synchronous call").into()),
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
