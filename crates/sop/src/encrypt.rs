//! `encrypt`.
//!
//! Of data no more than a part of it is held at a time, so any length will do; text is read as a whole, within the limits of a message, to be checked
//! first. A message larger than those limits is read again as a stream only (`envelock::message::DecryptStream`), not by `decrypt` here.

use envelock::message::{EncryptOptions, EncryptStream, Format, SessionKey};
use envelock::{Certificate, Password};
use rand::rngs::OsRng;
use sop::errors::Error;
use sop::ops::{EncryptAs, Ready};
use std::io::{Read, Write};

use crate::certificates::Certs;
use crate::failure::of_encrypting;
use crate::input::{Rules, check_text, pass, read};
use crate::keys::Keys;
use crate::passphrases::typed;
use crate::program::Envelock;
use crate::sign::SignWith;

/// The formats by name, the default first. `compatibility` and the others are the names the specification suggests.
const PROFILES: [(&str, &[&str], Format, &str); 3] = [
    (
        "auto",
        &["default"],
        Format::Auto,
        "what all recipients' certificates say they read; passwords alone: as rfc9580",
    ),
    ("rfc9580", &["security", "performance"], Format::SeipdV2, "AEAD (SEIPD version 2), Argon2 for passwords"),
    ("rfc4880", &["compatibility"], Format::SeipdV1, "CFB with a modification detection code (SEIPD version 1)"),
];

/// `encrypt`.
pub struct Encrypt {
    armor: bool,
    format: Format,
    mode: EncryptAs,
    recipients: Vec<Certificate>,
    passwords: Vec<Password>,
    sign_with: SignWith,
}

impl Default for Encrypt {
    fn default() -> Self {
        Self {
            armor: true,
            format: Format::Auto,
            mode: EncryptAs::default(),
            recipients: Vec::new(),
            passwords: Vec::new(),
            sign_with: SignWith::default(),
        }
    }
}

type Builder<'s> = Box<dyn sop::ops::Encrypt<'s, Envelock, Certs, Keys> + 's>;

impl<'s> sop::ops::Encrypt<'s, Envelock, Certs, Keys> for Encrypt {
    fn no_armor(mut self: Box<Self>) -> Builder<'s> {
        self.armor = false;
        self
    }

    fn list_profiles(&self) -> Vec<(String, String)> {
        PROFILES.iter().map(|(name, _, _, says)| ((*name).to_owned(), (*says).to_owned())).collect()
    }

    fn profile(mut self: Box<Self>, profile: &str) -> sop::Result<Builder<'s>> {
        let found = PROFILES.iter().find(|(name, aliases, ..)| *name == profile || aliases.contains(&profile));
        self.format = found.ok_or(Error::UnsupportedProfile)?.2;
        Ok(self)
    }

    fn mode(mut self: Box<Self>, mode: EncryptAs) -> Builder<'s> {
        self.mode = mode;
        self
    }

    fn sign_with_keys(mut self: Box<Self>, keys: &Keys) -> sop::Result<Builder<'s>> {
        self.sign_with.add(keys);
        Ok(self)
    }

    fn with_key_password(mut self: Box<Self>, password: sop::Password) -> sop::Result<Builder<'s>> {
        self.sign_with.passphrases.add(&password);
        Ok(self)
    }

    fn with_password(mut self: Box<Self>, password: sop::Password) -> sop::Result<Builder<'s>> {
        self.passwords.push(Password::new(typed(&password)));
        Ok(self)
    }

    fn with_certs(mut self: Box<Self>, certs: &Certs) -> sop::Result<Builder<'s>> {
        self.recipients.extend_from_slice(certs.all_supported()?);
        Ok(self)
    }

    fn plaintext<'d>(
        self: Box<Self>,
        plaintext: &'d mut (dyn Read + Send + Sync),
    ) -> sop::Result<Box<dyn Ready<Option<sop::SessionKey>> + 'd>>
    where
        's: 'd,
    {
        if self.recipients.is_empty() && self.passwords.is_empty() {
            return Err(Error::MissingArg);
        }
        Ok(Box::new(EncryptReady { operation: *self, plaintext }))
    }
}

struct EncryptReady<'d> {
    operation: Encrypt,
    plaintext: &'d mut (dyn Read + Send + Sync),
}

impl Ready<Option<sop::SessionKey>> for EncryptReady<'_> {
    fn to_writer(self: Box<Self>, sink: &mut (dyn Write + Send + Sync)) -> sop::Result<Option<sop::SessionKey>> {
        let Encrypt { armor, format, mode, recipients, passwords, sign_with } = &self.operation;
        let text = *mode == EncryptAs::Text;
        let rules = Rules::now();
        let session_key =
            SessionKey::generate(recipients, *format, &rules.policy, rules.at, &mut OsRng).map_err(of_encrypting)?;
        let options = EncryptOptions {
            recipients,
            passwords,
            signers: &sign_with.signers(&rules)?,
            format: *format,
            armor: *armor,
            text,
            session_key: Some(&session_key),
            ..EncryptOptions::default()
        };
        let begun = EncryptStream::begin_blocking(options, &rules.policy, &rules.limits, rules.at, &mut OsRng);
        let (mut encrypting, first) = begun.map_err(of_encrypting)?;
        // Nothing is written before all of the input is known to be text.
        let whole = if text { Some(read(self.plaintext)?) } else { None };
        whole.as_deref().map_or(Ok(()), |whole| check_text(whole, text))?;
        sink.write_all(&first)?;
        let mut seal = |piece: &[u8]| {
            let sealed = encrypting.push_blocking(piece, &mut ()).map_err(of_encrypting)?;
            Ok(sink.write_all(&sealed)?)
        };
        match &whole {
            Some(whole) => seal(whole)?,
            None => pass(self.plaintext, seal)?,
        }
        sink.write_all(&encrypting.finish_blocking(&mut OsRng, &mut ()).map_err(of_encrypting)?)?;
        sop::SessionKey::new(session_key.cipher(), session_key.as_bytes()).map(Some)
    }
}
