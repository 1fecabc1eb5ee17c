//! RSA decryption by an engine that does it better than `crate::rsa`.

use crate::{encoded, rsa::unpadded, secret_key::UnlockedComponent};
use envelock_seipd::engine::Engine;
use pgp::types::{KeyDetails, SecretParams};
use zeroize::Zeroizing;

/// [`decrypt`] with an engine of any kind, so that what asks for it is compiled once.
pub(super) type Rsa<'e> = dyn Fn(&UnlockedComponent, &[u8]) -> Option<Option<Zeroizing<Vec<u8>>>> + 'e;

/// What was encrypted to the key, if anything was; `None` if the engine cannot tell, and Rust has to.
pub(super) fn decrypt(
    engine: &impl Engine,
    key: &UnlockedComponent,
    ciphertext: &[u8],
) -> Option<Option<Zeroizing<Vec<u8>>>> {
    if !engine.has_rsa() {
        return None;
    }
    let SecretParams::Plain(secret) = key.secret_params() else { return None };
    let encoded = encoded::secret(secret, key.public_params(), engine.key_form())?;
    // An MPI drops leading zero octets (RFC 9580 §3.2).
    let mut whole = vec![0; encoded.length.checked_sub(ciphertext.len())?];
    whole.extend_from_slice(ciphertext);
    let padded = engine.decrypt_rsa(&encoded.octets, &whole)?;
    (padded.len() == encoded.length).then(|| unpadded(&padded))
}
