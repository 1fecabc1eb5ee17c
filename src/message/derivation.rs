//! Keys from the passwords of messages (RFC 9580 §3.7): what one costs, and the work.

use envelock_seipd::{S2kArgon2, engine::Engine};
use pgp::{composed::RawSessionKey, types::StringToKey};

use super::error::DecryptError;
use crate::{KeyError, Limits, Password, secret_key::derive::derive_key};

/// Hashing a MiB for an iterated S2K takes about as long as five MiB of Argon2, in the wasm module.
const ITERATED_WEIGHT: u64 = 5;

/// MiB·passes of one derivation.
pub(super) fn cost(s2k: &StringToKey) -> u64 {
    match s2k {
        StringToKey::Argon2 { t, m_enc, .. } => u64::from(*t) * (1u64 << m_enc).div_ceil(1024),
        // §3.7.1.3: the octet codes a count of up to 62 MiB.
        StringToKey::IteratedAndSalted { count, .. } => {
            let octets = (16 + u64::from(count & 15)) << (u32::from(count >> 4) + 6);
            octets.div_ceil(1 << 20) * ITERATED_WEIGHT
        }
        _ => 1,
    }
}

/// Derives `length` octets. The cost was checked before.
pub(super) async fn derive(
    s2k: &StringToKey,
    password: &Password,
    length: usize,
    limits: &Limits,
    engine: &impl Engine,
) -> Result<RawSessionKey, DecryptError> {
    let StringToKey::Argon2 { salt, t, p, m_enc } = s2k else {
        return derive_key(s2k, password.as_bytes(), length, engine).await.map_err(|error| match error {
            KeyError::OutOfMemory => DecryptError::OutOfMemory,
            _ => DecryptError::DecryptionFailed,
        });
    };
    let argon2 = S2kArgon2 { salt: *salt, passes: *t, lanes: *p, memory_exponent: *m_enc };
    let limits = envelock_seipd::Limits {
        argon2_kib: limits.argon2_kib.into(),
        argon2_passes: limits.argon2_passes,
        ..envelock_seipd::Limits::default()
    };
    Ok(argon2.derive_on(engine, password.as_bytes(), length, &limits).await?.into())
}
