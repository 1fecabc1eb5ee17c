//! Passwords of the command line: several may be given, and each is tried on each key.

use envelock::{KeyError, Limits, Passphrase, SecretComponent, SecretKey};
use sop::Password;
use sop::plumbing::PasswordsAreHumanReadable as _;

use crate::failure::of_key;

/// The passwords that may unlock keys, each in every form it may have been meant (with or without the final line end).
#[derive(Default)]
pub struct Passphrases(Vec<Passphrase>);

impl Passphrases {
    /// One more.
    pub fn add(&mut self, password: &Password) {
        self.0.extend(password.variants().map(Passphrase::new));
    }

    /// All of them.
    pub fn as_slice(&self) -> &[Passphrase] {
        &self.0
    }

    /// The one that opens a component; `None` for a component without a lock.
    pub fn opening(&self, component: &SecretComponent<'_>, limits: &Limits) -> sop::Result<Option<&Passphrase>> {
        if !component.is_locked() {
            return Ok(None);
        }
        let mut refused = KeyError::PassphraseRequired;
        for passphrase in &self.0 {
            match component.unlock(Some(passphrase), limits) {
                Ok(_) => return Ok(Some(passphrase)),
                Err(error) => refused = error,
            }
        }
        Err(of_key(refused))
    }

    /// The one that opens a key's primary component.
    pub fn opening_primary(&self, key: &SecretKey, limits: &Limits) -> sop::Result<Option<&Passphrase>> {
        match key.components().find(|component| component.key().is_primary()) {
            Some(component) => self.opening(&component, limits),
            None => Err(of_key(KeyError::SecretAbsent)),
        }
    }
}

/// A password that something is made with: as people type it, without the final line end.
pub fn typed(password: &Password) -> &[u8] {
    password.normalized()
}
