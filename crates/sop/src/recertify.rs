//! Operations on keys as a whole: `extract-cert`, `change-key-password`, `revoke-key`, `update-key`.

use envelock::{Certificate, EditOptions, KeyError, Passphrase, RevocationReason, SecretKey, Status, Update};
use rand::rngs::OsRng;
use sop::Password;
use sop::errors::Error;

use crate::certificates::Certs;
use crate::failure::{because, of_key};
use crate::input::Rules;
use crate::keys::Keys;
use crate::passphrases::{Passphrases, typed};
use crate::program::Envelock;

/// What an edit by a key needs, if one of the passphrases opens its primary component.
pub fn edit_options<'a>(
    key: &SecretKey,
    passphrases: &'a Passphrases,
    rules: &'a Rules,
) -> sop::Result<EditOptions<'a>> {
    let passphrase = passphrases.opening_primary(key, &rules.limits)?;
    Ok(EditOptions { passphrase, policy: &rules.policy, limits: &rules.limits, at: rules.at })
}

/// `extract-cert`.
pub struct ExtractCert;

impl<'s> sop::ops::ExtractCert<'s, Envelock, Certs, Keys> for ExtractCert {
    fn keys(self: Box<Self>, keys: &Keys) -> sop::Result<Certs> {
        Ok(Certs::new(keys.keys.iter().map(SecretKey::certificate).collect()))
    }
}

/// `change-key-password`.
#[derive(Default)]
pub struct ChangeKeyPassword {
    old: Passphrases,
    new: Option<Passphrase>,
}

impl<'s> sop::ops::ChangeKeyPassword<'s, Envelock, Keys> for ChangeKeyPassword {
    fn new_key_password(
        mut self: Box<Self>,
        password: Password,
    ) -> sop::Result<Box<dyn sop::ops::ChangeKeyPassword<'s, Envelock, Keys> + 's>> {
        let new = Passphrase::new(typed(&password));
        if new.is_empty() {
            return Err(because("the new password is empty", Error::PasswordNotHumanReadable));
        }
        self.new = Some(new);
        Ok(self)
    }

    fn old_key_password(
        mut self: Box<Self>,
        password: Password,
    ) -> sop::Result<Box<dyn sop::ops::ChangeKeyPassword<'s, Envelock, Keys> + 's>> {
        self.old.add(&password);
        Ok(self)
    }

    fn keys(self: Box<Self>, keys: &Keys) -> sop::Result<Keys> {
        let limits = Rules::now().limits;
        let mut changed = keys.keys.clone();
        for key in &mut changed {
            key.unlock_with_any(self.old.as_slice(), &limits).map_err(of_key)?;
            if let Some(new) = &self.new {
                key.lock(new, &mut OsRng).map_err(of_key)?;
            }
        }
        Ok(Keys::new(changed))
    }
}

/// `revoke-key`.
#[derive(Default)]
pub struct RevokeKey {
    passphrases: Passphrases,
}

impl<'s> sop::ops::RevokeKey<'s, Envelock, Certs, Keys> for RevokeKey {
    fn with_key_password(
        mut self: Box<Self>,
        password: Password,
    ) -> sop::Result<Box<dyn sop::ops::RevokeKey<'s, Envelock, Certs, Keys> + 's>> {
        self.passphrases.add(&password);
        Ok(self)
    }

    fn keys(self: Box<Self>, keys: &Keys) -> sop::Result<Certs> {
        let rules = Rules::now();
        let revoked = |key: &SecretKey| -> sop::Result<Certificate> {
            let options = edit_options(key, &self.passphrases, &rules)?;
            match key.revoke(RevocationReason::Unspecified, "", &options, &mut OsRng) {
                Ok(revoked) => Ok(revoked.certificate()),
                // Revoked for all time already.
                Err(KeyError::NotUsable { status: Status::Revoked { hard: true, .. } }) => Ok(key.certificate()),
                Err(error) => Err(of_key(error)),
            }
        };
        keys.keys.iter().map(revoked).collect::<sop::Result<_>>().map(Certs::new)
    }
}

/// `update-key`.
#[derive(Default)]
pub struct UpdateKey {
    update: Update,
    passphrases: Passphrases,
    merge: Vec<Certificate>,
}

type Updating<'s> = Box<dyn sop::ops::UpdateKey<'s, Envelock, Certs, Keys> + 's>;

impl<'s> sop::ops::UpdateKey<'s, Envelock, Certs, Keys> for UpdateKey {
    fn signing_only(mut self: Box<Self>) -> Updating<'s> {
        self.update.signing_only = true;
        self
    }

    fn no_added_capabilities(mut self: Box<Self>) -> Updating<'s> {
        self.update.no_added_capabilities = true;
        self
    }

    fn with_key_password(mut self: Box<Self>, password: Password) -> sop::Result<Updating<'s>> {
        self.passphrases.add(&password);
        Ok(self)
    }

    fn merge_updates(mut self: Box<Self>, updates: &Certs) -> sop::Result<Updating<'s>> {
        self.merge.extend_from_slice(&updates.certificates);
        Ok(self)
    }

    fn update(self: Box<Self>, keys: &Keys) -> sop::Result<Keys> {
        let rules = Rules::now();
        let updated = |key: &SecretKey| -> sop::Result<SecretKey> {
            let (mut key, fingerprint) = (key.clone(), key.fingerprint());
            for update in self.merge.iter().filter(|update| update.fingerprint() == fingerprint) {
                key = key.merge_certificate(update, &rules.limits).map_err(of_key)?;
            }
            let options = edit_options(&key, &self.passphrases, &rules)?;
            key.update(self.update, &options, &mut OsRng).map_err(of_key)
        };
        keys.keys.iter().map(updated).collect::<sop::Result<_>>().map(Keys::new)
    }
}
