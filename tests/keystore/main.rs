//! The keystore: sealing, passkeys, backup.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod account;
mod backup;
mod keeping;
mod passkeys;
mod pinned;

use envelock::keystore::Keystore;
use envelock::{GenerateOptions, Limits, Passphrase, Profile, SecretKey, Timestamp};
use envelock_seipd::engine::RustCrypto;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

/// Runs a future that is always ready, as all are with [`RustCrypto`].
pub fn now<T>(future: impl Future<Output = T>) -> T {
    match std::pin::pin!(future).poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("RustCrypto never waits"),
    }
}

pub fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(4)
}

pub fn at() -> Timestamp {
    Timestamp::from_secs(1_780_000_000)
}

/// A keystore under the passphrase "harbour", and its header.
pub fn keystore(rng: &mut ChaCha20Rng) -> (Keystore, Vec<u8>) {
    let keystore = Keystore::generate(rng);
    let header = now(keystore.header(&"harbour".into(), &Limits::default(), rng, &RustCrypto)).unwrap();
    (keystore, header)
}

pub fn key(profile: Profile, passphrase: Option<&str>, rng: &mut ChaCha20Rng) -> SecretKey {
    let options = GenerateOptions {
        profile,
        user_ids: vec!["Anna Berg <anna@demo.example>".into()],
        passphrase: passphrase.map(Passphrase::from),
        created: at(),
        expires: None,
    };
    envelock::generate(&options, rng).unwrap().key
}
