//! OpenPGP for webmail: keys, signatures, encryption and password-encrypted envelopes, on rPGP (RFC 9580).
//!
//! Bytes in, bytes out. No I/O, no clock and no hidden randomness: the time of a call and its random source are parameters,
//! as are the [`Policy`] (what is good cryptography) and the [`Limits`] (what input may cost).
//!
//! # I want to seal a message with a password, for somebody without OpenPGP
//!
//! → [`envelope::seal`]; they open it with [`envelope::open`], by a link and the password.
//!
//! ```
//! use envelock::{Limits, Password, Policy, Timestamp};
//! use envelock::envelope::{Content, Lock, OpenOptions, OpenWith, SealOptions, open_blocking, seal_blocking};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (policy, limits, now) = (Policy::default(), Limits::default(), Timestamp::from_secs(1_795_000_000));
//! let password = Password::from("seven quiet herons");
//! let content = Content { subject: "Results".into(), text: "All is well.".into(), ..Content::default() };
//!
//! let lock = Lock::New { password: &password, link_secret: true };
//! let options = SealOptions { content, lock, recipients: &[], signers: &[] };
//! let sealed = seal_blocking(options, &policy, &limits, now, &mut rand::rngs::OsRng, &mut ())?;
//!
//! let with = OpenWith::Password {
//!     password: &password,
//!     link_secret: sealed.link_secret.as_ref(),
//!     salt: Some(sealed.salt),
//! };
//! let options = OpenOptions { ciphertext: &sealed.ciphertext, with, verify_with: &[] };
//! let opened = open_blocking(options, &policy, &limits, now, &mut ())?;
//! assert_eq!(opened.content.text, "All is well.");
//! # Ok(())
//! # }
//! ```
//!
//! # I want to make a key pair, or read keys people give me
//!
//! → [`generate`], [`read_keys`], [`Certificate::parse`], [`SecretKey::parse`]
//!
//! # I want to change a key: user IDs, expiry, subkeys, revocation
//!
//! → [`SecretKey::add_user_id`] and its neighbours, with [`EditOptions`]; [`apply_revocation`]. Others' keys:
//! [`SecretKey::certify`].
//!
//! # I want to encrypt to certificates or passwords, and decrypt
//!
//! → [`message::encrypt`], [`message::decrypt`]
//!
//! ```
//! use envelock::{GenerateOptions, Limits, Passphrase, Policy, Profile, Timestamp, generate};
//! use envelock::message::{
//!     DecryptOptions, Decryptor, EncryptOptions, Overall, Signer, VerdictStatus, decrypt_blocking, encrypt_blocking, overall,
//! };
//! use rand::rngs::OsRng;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (policy, limits, now) = (Policy::default(), Limits::default(), Timestamp::from_secs(1_795_000_000));
//! let passphrase = Passphrase::from("locks the key");
//! let options = GenerateOptions {
//!     profile: Profile::Compat,
//!     user_ids: vec!["Anna Berg <anna@demo.example>".into()],
//!     passphrase: Some(passphrase.clone()),
//!     created: now,
//!     expires: None,
//! };
//! let anna = generate(&options, &mut OsRng)?.key;
//! let recipients = [anna.certificate()];
//!
//! let signers = [Signer { key: &anna, passphrase: Some(&passphrase) }];
//! let options = EncryptOptions { data: b"a note to myself", recipients: &recipients, signers: &signers, ..Default::default() };
//! let message = encrypt_blocking(options, &policy, &limits, now, &mut OsRng, &mut ())?;
//!
//! let keys = [Decryptor { key: &anna, passphrase: Some(&passphrase) }];
//! let options = DecryptOptions { message: &message, keys: &keys, verify_with: &recipients, ..Default::default() };
//! let decrypted = decrypt_blocking(options, &policy, &limits, now, &mut ())?;
//! assert_eq!(*decrypted.data, b"a note to myself");
//! assert_eq!(overall(&decrypted.signatures), Overall::Signed(VerdictStatus::Valid));
//! # Ok(())
//! # }
//! ```
//!
//! # I want to sign, or check a signature
//!
//! → [`message::sign`], [`message::verify`]; every signature gives a [`message::Verdict`].
//!
//! # I want to write or read mail with OpenPGP in it
//!
//! → [`mail::compose`], [`mail::read`]
//!
//! # I want to know whether a certificate may be used now
//!
//! → [`Certificate::at`]
//!
//! # I asked a directory or keyserver for somebody's certificate
//!
//! → [`select_for_address`]
//!
//! # I want to keep keys at rest
//!
//! → [`keystore`], [`SecretKey::lock`]
#![forbid(unsafe_code)]

/// This library's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

mod address;
pub mod armor;
mod certificate;
#[cfg(test)]
mod counting_engine;
mod discovery;
mod encoded;
pub mod envelope;
mod error;
pub mod inspect;
mod keyring;
pub mod keystore;
mod limits;
pub mod mail;
pub mod message;
mod policy;
mod post_quantum;
pub mod preview;
pub mod rest;
mod rsa;
mod secret;
mod secret_key;
mod session_key;
mod signature;
mod x25519;

pub use address::Address;
pub use certificate::{
    Capabilities, Certificate, CertificationIssuer, Checked, CheckedComponent, CheckedUserId, ComponentKey,
    RevocationReason, SignatureFlaw, Status, ThirdParty, ThirdPartyStatus, check_signature,
};
pub use discovery::{Discovered, Rejected, Rejection, select_for_address};
pub use envelock_seipd::SecretOctets;
pub use error::KeyError;
pub use keyring::{
    Keyring, KeyringEntry, KeyringItem, Problem, ProblemKind, RecentCertificates, holds_secret_key, read_key, read_keys,
};
pub use limits::Limits;
pub use pgp::VERSION as RPGP_VERSION;
pub use pgp::types::{Fingerprint, KeyId, Timestamp};
pub use policy::{Policy, SignatureUse, Weakness};
pub use secret::{Passphrase, Password};
pub use secret_key::{
    Algorithm, Certification, Curve, EditOptions, GenerateOptions, Generated, KeyPair, KeyUse, NewSubkey, Profile,
    SecretComponent, SecretKey, UnlockedComponent, Update, apply_revocation, generate, generate_for_signing,
    generate_on, merge, user_id,
};
