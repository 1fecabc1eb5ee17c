//! RSA by an engine that does it better than `crate::rsa`.

use crate::{
    encoded,
    rsa::{padded, unpadded, whole},
    secret_key::UnlockedComponent,
};
use envelock_seipd::engine::Engine;
use pgp::types::{KeyDetails, Mpi, PkeskBytes, RsaPublicParams};
use rand::{CryptoRng, Rng};
use rsa::traits::PublicKeyParts;
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
    let encoded = encoded::secret(key.secret(), key.public_params(), engine.key_form())?;
    let padded = engine.decrypt_rsa(&encoded.octets, &whole(ciphertext, encoded.length)?)?;
    (padded.len() == encoded.length).then(|| unpadded(&padded))
}

/// Encrypts; `None` if the engine cannot, and Rust has to.
pub(super) fn encrypt<R: CryptoRng + Rng>(
    engine: &impl Engine,
    key: &RsaPublicParams,
    plain: &[u8],
    rng: &mut R,
) -> Option<PkeskBytes> {
    if !engine.has_rsa() {
        return None;
    }
    let encrypted = engine.encrypt_rsa(&encoded::rsa_public(key), &padded(rng, key, plain)?)?;
    (encrypted.len() == key.key.size()).then(|| PkeskBytes::Rsa { mpi: Mpi::from_slice(&encrypted) })
}
