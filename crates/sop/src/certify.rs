//! `certify-userid` and `validate-userid`: who says that a user ID belongs to a key.

use envelock::{Address, Certificate, Certification, KeyError, SecretKey};
use rand::rngs::OsRng;
use sop::Password;
use sop::errors::Error;
use std::time::SystemTime;

use crate::certificates::Certs;
use crate::failure::{because, of_key};
use crate::input::{Rules, timestamp};
use crate::keys::Keys;
use crate::passphrases::Passphrases;
use crate::program::Envelock;
use crate::recertify::edit_options;

/// `certify-userid`.
#[derive(Default)]
pub struct CertifyUserId {
    user_ids: Vec<String>,
    passphrases: Passphrases,
    keys: Vec<SecretKey>,
    unbound: bool,
}

type Certifying<'s> = Box<dyn sop::ops::CertifyUserID<'s, Envelock, Certs, Keys> + 's>;

impl<'s> sop::ops::CertifyUserID<'s, Envelock, Certs, Keys> for CertifyUserId {
    fn userid(mut self: Box<Self>, userid: String) -> Certifying<'s> {
        self.user_ids.push(userid);
        self
    }

    fn with_key_password(mut self: Box<Self>, password: Password) -> sop::Result<Certifying<'s>> {
        self.passphrases.add(&password);
        Ok(self)
    }

    fn no_require_self_sig(mut self: Box<Self>) -> Certifying<'s> {
        self.unbound = true;
        self
    }

    fn keys(mut self: Box<Self>, keys: &Keys) -> sop::Result<Certifying<'s>> {
        self.keys.extend(keys.keys.iter().cloned());
        Ok(self)
    }

    fn certify(self: Box<Self>, certs: &Certs) -> sop::Result<Certs> {
        if self.unbound {
            // What its owner does not claim, nobody should confirm.
            return Err(because("user IDs without a self-signature are not certified", Error::UnsupportedOption));
        }
        let rules = Rules::now();
        let certified = |certificate: &Certificate| -> sop::Result<Certificate> {
            let mut certificate = certificate.clone();
            for key in &self.keys {
                let options = edit_options(key, &self.passphrases, &rules)?;
                let certification = Certification::default();
                certificate = key
                    .certify(&certificate, &self.user_ids, &certification, &options, &mut OsRng)
                    .map_err(|error| refused(error, key, &rules))?;
            }
            Ok(certificate)
        };
        certs.all_supported()?.iter().map(certified).collect::<sop::Result<_>>().map(Certs::new)
    }
}

/// What is wrong: the key that should certify, or what it should certify.
fn refused(error: KeyError, signer: &SecretKey, rules: &Rules) -> Error {
    let failure = match &error {
        KeyError::UnknownUserId => Error::CertUseridNoMatch,
        KeyError::NoCertifyingKey => Error::PrimaryKeyBad,
        KeyError::NotUsable { .. } if signer.certificate().at(&rules.policy, rules.at).status().is_valid() => {
            Error::CertUseridNoMatch
        }
        KeyError::NotUsable { .. } => Error::PrimaryKeyBad,
        _ => return of_key(error),
    };
    because(error, failure)
}

/// `validate-userid`.
#[derive(Default)]
pub struct ValidateUserId {
    authorities: Vec<Certificate>,
    targets: Vec<Certificate>,
    at: Option<SystemTime>,
}

type Validating<'s> = Box<dyn sop::ops::ValidateUserID<'s, Envelock, Certs> + 's>;

impl<'s> sop::ops::ValidateUserID<'s, Envelock, Certs> for ValidateUserId {
    fn trust_roots(mut self: Box<Self>, certs: &Certs) -> sop::Result<Validating<'s>> {
        self.authorities.extend_from_slice(&certs.certificates);
        Ok(self)
    }

    fn target_certs(mut self: Box<Self>, certs: &Certs) -> sop::Result<Validating<'s>> {
        self.targets.extend_from_slice(certs.all_supported()?);
        Ok(self)
    }

    fn validate_at(mut self: Box<Self>, at: SystemTime) -> sop::Result<Validating<'s>> {
        self.at = Some(at);
        Ok(self)
    }

    fn userid(self: Box<Self>, userid: &str) -> sop::Result<()> {
        self.validate(|text| text == userid)
    }

    fn email(self: Box<Self>, email: &str) -> sop::Result<()> {
        let wanted = Address::parse(email).ok_or_else(|| because("this is no address", Error::BadData))?;
        self.validate(|text| Address::of_user_id(text).is_some_and(|address| address.is_same(&wanted)))
    }
}

impl ValidateUserId {
    /// Every target must be certified.
    fn validate(&self, wanted: impl Fn(&str) -> bool) -> sop::Result<()> {
        let rules = Rules::now();
        let at = self.at.map_or(rules.at, timestamp);
        for target in &self.targets {
            if !target.is_certified_by(&self.authorities, &wanted, &rules.policy, at) {
                let cause = format!("no authority certifies the user ID of {:X}", target.fingerprint());
                return Err(because(cause, Error::CertUseridNoMatch));
            }
        }
        Ok(())
    }
}
