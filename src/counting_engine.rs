//! An engine for tests: counts its rests, hashes nothing, and leaves the ciphers to Rust.

use std::cell::Cell;

use envelock_seipd::{
    Cipher, Error, Mode,
    engine::{Engine, RustCrypto, Task},
};

/// Has not rested yet.
#[derive(Default)]
pub(crate) struct CountingEngine(Cell<usize>);

impl CountingEngine {
    /// How often it rested.
    pub(crate) fn rests(&self) -> usize {
        self.0.get()
    }
}

impl Engine for CountingEngine {
    type Key = <RustCrypto as Engine>::Key;
    type Job = ();
    const IN_FLIGHT: usize = 1;

    async fn key(&self, cipher: Cipher, mode: Mode, key: &[u8], octets: usize) -> Result<Self::Key, Error> {
        RustCrypto.key(cipher, mode, key, octets).await
    }

    fn begin(&self, key: &Self::Key, task: Task<'_>, output: &mut [u8]) -> Result<(), Error> {
        RustCrypto.begin(key, task, output)
    }

    async fn finish(&self, job: (), output: &mut [u8]) -> Result<(), Error> {
        RustCrypto.finish(job, output).await
    }

    async fn rest(&self) {
        self.0.set(self.0.get() + 1);
    }
}
