//! `decrypt`.

use envelock::message::{DecryptError, DecryptOptions, Decrypted, Decryptor, SessionKey, decrypt_blocking};
use envelock::{Passphrase, Password, SecretKey};
use sop::errors::Error;
use sop::ops::{Ready, Verification};
use sop::plumbing::PasswordsAreHumanReadable as _;
use std::io::{Read, Write};
use std::time::SystemTime;

use crate::certificates::Certs;
use crate::failure::{because, of_decrypting};
use crate::input::{Rules, read};
use crate::keys::Keys;
use crate::passphrases::Passphrases;
use crate::program::Envelock;
use crate::verify::VerifyWith;

/// `decrypt`.
#[derive(Default)]
pub struct Decrypt {
    verify: VerifyWith,
    session_keys: Vec<SessionKey>,
    passwords: Vec<Password>,
    keys: Vec<SecretKey>,
    passphrases: Passphrases,
}

type Builder<'s> = Box<dyn sop::ops::Decrypt<'s, Envelock, Certs, Keys> + 's>;
type Opened = (Option<sop::SessionKey>, Vec<Verification>);

impl<'s> sop::ops::Decrypt<'s, Envelock, Certs, Keys> for Decrypt {
    fn verify_not_before(mut self: Box<Self>, t: SystemTime) -> Builder<'s> {
        self.verify.not_before = Some(t);
        self
    }

    fn verify_not_after(mut self: Box<Self>, t: SystemTime) -> Builder<'s> {
        self.verify.not_after = Some(t);
        self
    }

    fn verify_with_certs(mut self: Box<Self>, certs: &Certs) -> sop::Result<Builder<'s>> {
        self.verify.signers.add(certs);
        Ok(self)
    }

    fn with_session_key(mut self: Box<Self>, sk: sop::SessionKey) -> sop::Result<Builder<'s>> {
        let given = SessionKey::new(sk.algorithm(), sk.key());
        let given = given.ok_or_else(|| because("the session key does not fit its cipher", Error::BadData))?;
        self.session_keys.push(given);
        Ok(self)
    }

    fn with_password(mut self: Box<Self>, password: sop::Password) -> sop::Result<Builder<'s>> {
        self.passwords.extend(password.variants().map(Password::new));
        Ok(self)
    }

    fn with_keys(mut self: Box<Self>, key: &Keys) -> sop::Result<Builder<'s>> {
        self.keys.extend(key.keys.iter().cloned());
        Ok(self)
    }

    fn with_key_password(mut self: Box<Self>, password: sop::Password) -> sop::Result<Builder<'s>> {
        self.passphrases.add(&password);
        Ok(self)
    }

    fn ciphertext<'d>(
        self: Box<Self>,
        ciphertext: &'d mut (dyn Read + Send + Sync),
    ) -> sop::Result<Box<dyn Ready<Opened> + 'd>>
    where
        's: 'd,
    {
        if self.keys.is_empty() && self.passwords.is_empty() && self.session_keys.is_empty() {
            return Err(Error::MissingArg);
        }
        Ok(Box::new(DecryptReady { operation: *self, ciphertext }))
    }
}

impl Decrypt {
    /// With one passphrase for all keys after the other, until one opens what the message is for.
    fn decrypt(&self, message: &[u8], rules: &Rules) -> Result<Decrypted, DecryptError> {
        let passphrases = self.passphrases.as_slice();
        let mut outcome = self.decrypt_by(passphrases.first(), message, rules);
        for passphrase in passphrases.iter().skip(1) {
            let Err(refused) = &outcome else { break };
            // "Failed" is said when passwords or keys without a lock were tried in vain: a locked key may still open it.
            let failed = *refused == DecryptError::DecryptionFailed;
            if !failed && !matches!(refused, DecryptError::PassphraseRequired | DecryptError::WrongPassphrase) {
                break;
            }
            let next = self.decrypt_by(Some(passphrase), message, rules);
            if next.is_ok() || !failed {
                outcome = next;
            }
        }
        outcome
    }

    fn decrypt_by(
        &self,
        passphrase: Option<&Passphrase>,
        message: &[u8],
        rules: &Rules,
    ) -> Result<Decrypted, DecryptError> {
        let keys: Vec<_> = self.keys.iter().map(|key| Decryptor { key, passphrase }).collect();
        let options = DecryptOptions {
            message,
            passwords: &self.passwords,
            keys: &keys,
            verify_with: &self.verify.signers.certificates,
            session_keys: &self.session_keys,
            ..DecryptOptions::default()
        };
        decrypt_blocking(options, &rules.policy, &rules.limits, rules.at, &mut ())
    }
}

struct DecryptReady<'d> {
    operation: Decrypt,
    ciphertext: &'d mut (dyn Read + Send + Sync),
}

impl Ready<Opened> for DecryptReady<'_> {
    fn to_writer(self: Box<Self>, sink: &mut (dyn Write + Send + Sync)) -> sop::Result<Opened> {
        let message = read(self.ciphertext)?.into_public();
        let mut rules = Rules::now();
        // A password may be tried in two ways of writing it ("variants" above).
        rules.limits.s2k_derivations *= 2;
        let mut decrypted = self.operation.decrypt(&message, &rules).map_err(of_decrypting)?;
        let verifications = if self.operation.verify.signers.certificates.is_empty() {
            Vec::new()
        } else {
            self.operation.verify.verifications(&decrypted.signatures)?
        };
        for note in &decrypted.notes {
            eprintln!("{note}");
        }
        let written = sink.write_all(&decrypted.data);
        // Wiped all at once, not octet by octet.
        decrypted.data.clear();
        written?;
        let session_key = decrypted.session_key.map(|key| sop::SessionKey::new(key.cipher(), key.as_bytes()));
        Ok((session_key.transpose()?, verifications))
    }
}
