//! `generate-key`.

use envelock::{Algorithm, Curve, GenerateOptions, Passphrase, Profile, generate, generate_for_signing};
use rand::rngs::OsRng;
use sop::errors::Error;

use crate::failure::of_key;
use crate::input::Rules;
use crate::keys::Keys;
use crate::passphrases::typed;
use crate::program::Envelock;

/// The profiles by name, the default first, with the other names the specification suggests.
const PROFILES: [(&str, &[&str], Profile, &str); 5] = [
    (
        "compat",
        &["default", "compatibility", "draft-koch-eddsa-for-openpgp-00"],
        Profile::Compat,
        "version 4, Ed25519 and X25519, which every OpenPGP program reads",
    ),
    ("rfc9580", &["security", "performance"], Profile::Rfc9580, "version 6, Ed25519 and X25519"),
    ("rsa", &["rfc4880"], Profile::Rsa { bits: Algorithm::RSA_BITS }, "version 4, RSA with 3072 bits"),
    ("nist", &[], Profile::Nist { curve: Curve::P256 }, "version 4, ECDSA and ECDH over NIST P-256"),
    ("pqc", &["rfc9980"], Profile::Pqc, "version 6, ML-DSA-65+Ed25519 and ML-KEM-768+X25519; experimental"),
];

/// `generate-key`.
pub struct GenerateKey {
    profile: Profile,
    signing_only: bool,
    passphrase: Option<Passphrase>,
    user_ids: Vec<String>,
}

impl Default for GenerateKey {
    fn default() -> Self {
        Self { profile: Profile::Compat, signing_only: false, passphrase: None, user_ids: Vec::new() }
    }
}

type Builder<'s> = Box<dyn sop::ops::GenerateKey<'s, Envelock, Keys> + 's>;

impl<'s> sop::ops::GenerateKey<'s, Envelock, Keys> for GenerateKey {
    fn list_profiles(&self) -> Vec<(String, String)> {
        PROFILES.iter().map(|(name, _, _, says)| ((*name).to_owned(), (*says).to_owned())).collect()
    }

    fn profile(mut self: Box<Self>, profile: &str) -> sop::Result<Builder<'s>> {
        let found = PROFILES.iter().find(|(name, aliases, ..)| *name == profile || aliases.contains(&profile));
        self.profile = found.ok_or(Error::UnsupportedProfile)?.2;
        Ok(self)
    }

    fn signing_only(mut self: Box<Self>) -> Builder<'s> {
        self.signing_only = true;
        self
    }

    fn with_key_password(mut self: Box<Self>, password: sop::Password) -> sop::Result<Builder<'s>> {
        if self.passphrase.is_some() {
            return Err(Error::IncompatibleOptions);
        }
        self.passphrase = Some(Passphrase::new(typed(&password)));
        Ok(self)
    }

    fn userid(mut self: Box<Self>, userid: &str) -> Builder<'s> {
        self.user_ids.push(userid.to_owned());
        self
    }

    fn generate(self: Box<Self>) -> sop::Result<Keys> {
        let options = GenerateOptions {
            profile: self.profile,
            user_ids: self.user_ids,
            passphrase: self.passphrase,
            created: Rules::now().at,
            expires: None,
        };
        let make = if self.signing_only { generate_for_signing } else { generate };
        Ok(Keys::new(vec![make(&options, &mut OsRng).map_err(of_key)?.key]))
    }
}
