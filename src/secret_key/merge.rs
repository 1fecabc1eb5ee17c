//! Secret keys merged with newer copies of themselves or of their certificates.

use pgp::{
    composed::{SignedPublicSubKey, SignedSecretSubKey},
    types::KeyDetails,
};

use super::{SecretKey, is_absent};
use crate::{
    certificate::{Certificate, ComponentKey, merge_details, merge_signatures},
    error::KeyError,
    keyring::KeyringItem,
    limits::Limits,
};

impl SecretKey {
    /// This key with all that a copy of its certificate has more; the secret parts stay as they are.
    pub fn merge_certificate(&self, update: &Certificate, limits: &Limits) -> Result<Self, KeyError> {
        if self.fingerprint() != update.fingerprint() {
            return Err(KeyError::KeyMismatch);
        }
        let mut merged = self.clone();
        merge_details(&mut merged.inner.details, update.as_pgp(), limits);
        for subkey in &update.as_pgp().public_subkeys {
            merged.merge_subkey(subkey, limits);
        }
        merged.unread.merge(update.unread());
        Ok(merged)
    }

    /// This key with all that another copy of it has more. Its secret parts count; of the copy's only those are taken that this
    /// key does not have. They stay locked as the copy had them.
    pub fn merge(&self, update: &Self, limits: &Limits) -> Result<Self, KeyError> {
        let mut merged = self.merge_certificate(&update.certificate(), limits)?;
        if is_absent(merged.inner.primary_key.secret_params()) {
            merged.inner.primary_key = update.inner.primary_key.clone();
        }
        for subkey in &update.inner.secret_subkeys {
            let fingerprint = subkey.key.fingerprint();
            let known = merged.inner.secret_subkeys.iter_mut().find(|known| known.key.fingerprint() == fingerprint);
            match known {
                Some(known) if is_absent(known.key.secret_params()) => known.key = subkey.key.clone(),
                Some(_) => {}
                None => merged.adopt(subkey),
            }
        }
        Ok(merged)
    }

    /// Gives a public subkey its secret part.
    fn adopt(&mut self, subkey: &SignedSecretSubKey) {
        let fingerprint = subkey.key.fingerprint();
        let place = self.inner.public_subkeys.iter().position(|known| known.key.fingerprint() == fingerprint);
        if let Some(place) = place {
            let signatures = self.inner.public_subkeys.remove(place).signatures;
            self.inner.secret_subkeys.push(SignedSecretSubKey { key: subkey.key.clone(), signatures });
        }
    }

    fn merge_subkey(&mut self, subkey: &SignedPublicSubKey, limits: &Limits) {
        let primary = self.inner.primary_key.public_key();
        let primary = ComponentKey::Primary(primary);
        let fingerprint = subkey.key.fingerprint();
        let count = self.inner.secret_subkeys.len() + self.inner.public_subkeys.len();
        let secret = self.inner.secret_subkeys.iter_mut();
        let secret = secret.filter(|it| it.key.fingerprint() == fingerprint).map(|it| &mut it.signatures);
        let public = self.inner.public_subkeys.iter_mut();
        let public = public.filter(|it| it.key.fingerprint() == fingerprint).map(|it| &mut it.signatures);
        if let Some(signatures) = secret.chain(public).next() {
            merge_signatures(signatures, &subkey.signatures, &primary, limits.component_signatures);
        } else if count < limits.subkeys {
            self.inner.public_subkeys.push(subkey.clone());
        }
    }
}

/// Two copies of one key, of whatever kind, as one: a secret key if either is. The first one's secret parts count.
pub fn merge(key: &KeyringItem, update: &KeyringItem, limits: &Limits) -> Result<KeyringItem, KeyError> {
    use KeyringItem as Item;
    Ok(match (key, update) {
        (Item::Certificate(key), Item::Certificate(update)) => Item::Certificate(key.merge(update, limits)?),
        (Item::SecretKey(key), Item::Certificate(update)) => Item::SecretKey(key.merge_certificate(update, limits)?),
        (Item::Certificate(key), Item::SecretKey(update)) => Item::SecretKey(update.merge_certificate(key, limits)?),
        (Item::SecretKey(key), Item::SecretKey(update)) => Item::SecretKey(key.merge(update, limits)?),
        (Item::Unsupported { reason, .. }, _) | (_, Item::Unsupported { reason, .. }) => {
            return Err(KeyError::Unsupported { what: reason.clone() });
        }
    })
}
