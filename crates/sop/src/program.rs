//! The program: which operation is where, and its versions.

use sop::ops::{self, VersionInfo};
use sop::{Result, SOP};

use crate::armor::{Armor, Dearmor};
use crate::certificates::Certs;
use crate::certify::{CertifyUserId, ValidateUserId};
use crate::decrypt::Decrypt;
use crate::encrypt::Encrypt;
use crate::generate::GenerateKey;
use crate::inline::InlineDetach;
use crate::keys::Keys;
use crate::merge::MergeCerts;
use crate::recertify::{ChangeKeyPassword, ExtractCert, RevokeKey, UpdateKey};
use crate::sign::{InlineSign, Sign};
use crate::signatures::Sigs;
use crate::verify::{InlineVerify, Verify};

/// The implementation that the crate `sop` drives. It has no state.
pub struct Envelock;

impl<'s> SOP<'s> for Envelock {
    type Keys = Keys;
    type Certs = Certs;
    type Sigs = Sigs;

    fn sopv_version(&'s self) -> Result<&'static str> {
        Ok("1.0")
    }

    fn version(&self) -> Result<Box<dyn ops::Version<'_>>> {
        Ok(Box::new(Version))
    }

    fn generate_key(&'s self) -> Result<Box<dyn ops::GenerateKey<'s, Self, Keys> + 's>> {
        Ok(Box::new(GenerateKey::default()))
    }

    fn change_key_password(&'s self) -> Result<Box<dyn ops::ChangeKeyPassword<'s, Self, Keys> + 's>> {
        Ok(Box::new(ChangeKeyPassword::default()))
    }

    fn revoke_key(&'s self) -> Result<Box<dyn ops::RevokeKey<'s, Self, Certs, Keys> + 's>> {
        Ok(Box::new(RevokeKey::default()))
    }

    fn extract_cert(&'s self) -> Result<Box<dyn ops::ExtractCert<'s, Self, Certs, Keys> + 's>> {
        Ok(Box::new(ExtractCert))
    }

    fn update_key(&'s self) -> Result<Box<dyn ops::UpdateKey<'s, Self, Certs, Keys> + 's>> {
        Ok(Box::new(UpdateKey::default()))
    }

    fn merge_certs(&'s self) -> Result<Box<dyn ops::MergeCerts<'s, Self, Certs> + 's>> {
        Ok(Box::new(MergeCerts::default()))
    }

    fn certify_userid(&'s self) -> Result<Box<dyn ops::CertifyUserID<'s, Self, Certs, Keys> + 's>> {
        Ok(Box::new(CertifyUserId::default()))
    }

    fn validate_userid(&'s self) -> Result<Box<dyn ops::ValidateUserID<'s, Self, Certs> + 's>> {
        Ok(Box::new(ValidateUserId::default()))
    }

    fn sign(&'s self) -> Result<Box<dyn ops::Sign<'s, Self, Keys, Sigs> + 's>> {
        Ok(Box::new(Sign::default()))
    }

    fn verify(&'s self) -> Result<Box<dyn ops::Verify<'s, Self, Certs, Sigs> + 's>> {
        Ok(Box::new(Verify::default()))
    }

    fn encrypt(&'s self) -> Result<Box<dyn ops::Encrypt<'s, Self, Certs, Keys> + 's>> {
        Ok(Box::new(Encrypt::default()))
    }

    fn decrypt(&'s self) -> Result<Box<dyn ops::Decrypt<'s, Self, Certs, Keys> + 's>> {
        Ok(Box::new(Decrypt::default()))
    }

    fn armor(&'s self) -> Result<Box<dyn ops::Armor<'s> + 's>> {
        Ok(Box::new(Armor::default()))
    }

    fn dearmor(&'s self) -> Result<Box<dyn ops::Dearmor<'s> + 's>> {
        Ok(Box::new(Dearmor))
    }

    fn inline_detach(&'s self) -> Result<Box<dyn ops::InlineDetach<'s, Sigs> + 's>> {
        Ok(Box::new(InlineDetach))
    }

    fn inline_verify(&'s self) -> Result<Box<dyn ops::InlineVerify<'s, Self, Certs> + 's>> {
        Ok(Box::new(InlineVerify::default()))
    }

    fn inline_sign(&'s self) -> Result<Box<dyn ops::InlineSign<'s, Self, Keys> + 's>> {
        Ok(Box::new(InlineSign::default()))
    }
}

struct Version;

impl<'s> ops::Version<'s> for Version {
    fn frontend(&self) -> Result<VersionInfo> {
        Ok(VersionInfo { name: "envelock-sop".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() })
    }

    fn backend(&self) -> Result<VersionInfo> {
        Ok(VersionInfo { name: "envelock".to_owned(), version: envelock::VERSION.to_owned() })
    }

    fn extended(&self) -> Result<String> {
        Ok(format!("envelock {}\nrPGP {}", envelock::VERSION, envelock::RPGP_VERSION))
    }
}
