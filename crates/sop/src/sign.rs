//! `sign` and `inline-sign`, and whoever signs for `encrypt`.

use envelock::message::{self, SignOptions, SignStream, SignatureForm, Signer, hash_algorithms};
use envelock::{KeyError, SecretKey};
use rand::rngs::OsRng;
use sop::Password;
use sop::errors::Error;
use sop::ops::{InlineSignAs, Micalg, Ready, SignAs};
use std::io::{Read, Write};

use crate::failure::{of_key, of_signing, of_verifying};
use crate::input::{Rules, check_text, pass, read};
use crate::keys::Keys;
use crate::passphrases::Passphrases;
use crate::program::Envelock;
use crate::signatures::Sigs;

/// Keys to sign with, and what may unlock them.
#[derive(Default)]
pub struct SignWith {
    pub keys: Vec<SecretKey>,
    pub passphrases: Passphrases,
}

impl SignWith {
    /// Adds a file's keys.
    pub fn add(&mut self, keys: &Keys) {
        self.keys.extend(keys.keys.iter().cloned());
    }

    /// Each key with the passphrase that opens the component it signs with.
    pub fn signers(&self, rules: &Rules) -> sop::Result<Vec<Signer<'_>>> {
        let signer = |key| {
            let component = SecretKey::signing_key_at(key, &rules.policy, rules.at).map_err(|error| match error {
                // The key as a whole cannot sign, whatever it may be for.
                KeyError::NotUsable { .. } => crate::failure::because(error, Error::KeyCannotSign),
                other => of_key(other),
            })?;
            Ok(Signer { key, passphrase: self.passphrases.opening(&component, &rules.limits)? })
        };
        self.keys.iter().map(signer).collect()
    }

    /// Signs data that is not kept.
    fn sign_passing(&self, data: &mut (dyn Read + Send + Sync)) -> sop::Result<Vec<u8>> {
        let rules = Rules::now();
        let options = SignOptions { signers: &self.signers(&rules)?, ..SignOptions::default() };
        let mut signing =
            SignStream::new(options, &rules.policy, &rules.limits, rules.at, &mut OsRng).map_err(of_signing)?;
        pass(data, |piece| {
            signing.push(piece);
            Ok(())
        })?;
        signing.finish().map_err(of_signing)
    }

    /// Signs.
    fn sign(&self, data: &[u8], form: SignatureForm, text: bool, armor: bool) -> sop::Result<Vec<u8>> {
        check_text(data, text)?;
        let rules = Rules::now();
        let signers = self.signers(&rules)?;
        let options = SignOptions { data, signers: &signers, form, armor, text, ..SignOptions::default() };
        message::sign(options, &rules.policy, &rules.limits, rules.at, &mut OsRng).map_err(of_signing)
    }
}

/// `sign`.
#[derive(Default)]
pub struct Sign {
    mode: SignAs,
    with: SignWith,
}

impl<'s> sop::ops::Sign<'s, Envelock, Keys, Sigs> for Sign {
    fn mode(mut self: Box<Self>, mode: SignAs) -> Box<dyn sop::ops::Sign<'s, Envelock, Keys, Sigs> + 's> {
        self.mode = mode;
        self
    }

    fn keys(mut self: Box<Self>, keys: &Keys) -> sop::Result<Box<dyn sop::ops::Sign<'s, Envelock, Keys, Sigs> + 's>> {
        self.with.add(keys);
        Ok(self)
    }

    fn with_key_password(
        mut self: Box<Self>,
        password: Password,
    ) -> sop::Result<Box<dyn sop::ops::Sign<'s, Envelock, Keys, Sigs> + 's>> {
        self.with.passphrases.add(&password);
        Ok(self)
    }

    fn data(self: Box<Self>, data: &mut (dyn Read + Send + Sync)) -> sop::Result<(Micalg, Sigs)> {
        let packets = match self.mode {
            SignAs::Text => self.with.sign(&read(data)?, SignatureForm::Detached, true, false)?,
            SignAs::Binary => self.with.sign_passing(data)?,
        };
        let hashes = hash_algorithms(&packets, &Rules::now().limits).map_err(of_verifying)?;
        let micalg = match hashes.as_slice() {
            [one] => Micalg::from(*one),
            // Keys of different algorithms: there is no single name (RFC 3156 §5).
            _ => Micalg::Unknown(String::new()),
        };
        Ok((micalg, Sigs::new(packets)))
    }
}

/// `inline-sign`.
pub struct InlineSign {
    armor: bool,
    mode: InlineSignAs,
    with: SignWith,
}

impl Default for InlineSign {
    fn default() -> Self {
        Self { armor: true, mode: InlineSignAs::default(), with: SignWith::default() }
    }
}

impl<'s> sop::ops::InlineSign<'s, Envelock, Keys> for InlineSign {
    fn no_armor(mut self: Box<Self>) -> Box<dyn sop::ops::InlineSign<'s, Envelock, Keys> + 's> {
        self.armor = false;
        self
    }

    fn mode(mut self: Box<Self>, mode: InlineSignAs) -> Box<dyn sop::ops::InlineSign<'s, Envelock, Keys> + 's> {
        self.mode = mode;
        self
    }

    fn keys(mut self: Box<Self>, keys: &Keys) -> sop::Result<Box<dyn sop::ops::InlineSign<'s, Envelock, Keys> + 's>> {
        self.with.add(keys);
        Ok(self)
    }

    fn with_key_password(
        mut self: Box<Self>,
        password: Password,
    ) -> sop::Result<Box<dyn sop::ops::InlineSign<'s, Envelock, Keys> + 's>> {
        self.with.passphrases.add(&password);
        Ok(self)
    }

    fn data<'d>(self: Box<Self>, data: &'d mut (dyn Read + Send + Sync)) -> sop::Result<Box<dyn Ready + 'd>>
    where
        's: 'd,
    {
        if self.mode == InlineSignAs::ClearSigned && !self.armor {
            return Err(Error::IncompatibleOptions);
        }
        Ok(Box::new(InlineSignReady { operation: *self, data }))
    }
}

struct InlineSignReady<'d> {
    operation: InlineSign,
    data: &'d mut (dyn Read + Send + Sync),
}

impl Ready for InlineSignReady<'_> {
    fn to_writer(self: Box<Self>, sink: &mut (dyn Write + Send + Sync)) -> sop::Result<()> {
        let InlineSign { armor, mode, with } = &self.operation;
        let (form, text) = match mode {
            InlineSignAs::Binary => (SignatureForm::Inline, false),
            InlineSignAs::Text => (SignatureForm::Inline, true),
            InlineSignAs::ClearSigned => (SignatureForm::Cleartext, true),
        };
        let data = read(self.data)?;
        sink.write_all(&with.sign(&data, form, text, *armor)?)?;
        Ok(())
    }
}
