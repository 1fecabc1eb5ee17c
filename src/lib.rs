//! OpenPGP for webmail.

pub mod armor;
mod certificate;
pub mod envelope;
mod error;
mod keyring;
pub mod keystore;
mod limits;
pub mod message;
mod policy;
mod secret;
mod secret_key;

pub use certificate::{
    Capabilities, Certificate, Checked, CheckedComponent, CheckedUserId, ComponentKey, RevocationReason, SignatureFlaw, Status,
    check_signature,
};
pub use error::KeyError;
pub use keyring::{Keyring, KeyringEntry, KeyringItem, Problem, read_keys};
pub use limits::Limits;
pub use pgp::types::{Fingerprint, KeyId, Timestamp};
pub use policy::{Policy, SignatureUse, Weakness};
pub use secret::{Passphrase, Password};
pub use secret_key::{
    GenerateOptions, Generated, Profile, SecretComponent, SecretKey, UnlockedComponent, generate, user_id,
};
