//! How a key is kept: locked under the passphrase of the keystore, and merged with the copy that is there already.

use envelock_seipd::Engine;
use rand::{CryptoRng, Rng};

use crate::error::KeyError;
use crate::keyring::{self, KeyringItem};
use crate::{Limits, Passphrase, SecretKey, merge};

/// A key as it is to be kept. An unlocked secret key, or a locked one whose passphrase is `own`, is locked under
/// `passphrase`, and its secret parts count; otherwise those of `present` do, the copy that is there already. Nothing
/// that either copy has is lost, and a certificate never replaces a secret key.
pub async fn keep<E: Engine, R: CryptoRng + Rng>(
    added: &[u8],
    own: Option<&Passphrase>,
    present: Option<&[u8]>,
    passphrase: &Passphrase,
    limits: &Limits,
    rng: &mut R,
    engine: &E,
) -> Result<KeyringItem, KeyError> {
    let mut added = keyring::read_one(added, limits)?;
    let mut relocked = false;
    if let KeyringItem::SecretKey(key) = &mut added {
        relocked = relock(key, own, passphrase, limits, rng, engine).await?;
    }
    let Some(present) = present else { return Ok(added) };
    let present = keyring::read_one(present, limits)?;
    if relocked { merge(&added, &present, limits) } else { merge(&present, &added, limits) }
}

async fn relock<E: Engine, R: CryptoRng + Rng>(
    key: &mut SecretKey,
    own: Option<&Passphrase>,
    passphrase: &Passphrase,
    limits: &Limits,
    rng: &mut R,
    engine: &E,
) -> Result<bool, KeyError> {
    let opens = own.is_some() || !key.is_locked();
    if opens {
        key.change_passphrase_on(own, passphrase, limits, rng, engine).await?;
    }
    Ok(opens)
}
