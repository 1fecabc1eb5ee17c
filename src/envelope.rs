//! Envelopes: messages sealed with a password, for people without OpenPGP; what a password link leads to.
//!
//! * I want to seal a message with a password → [`seal()`] ([`seal_blocking`] without async)
//! * I want to open one with its password, or with a key it was also sealed to → [`open()`] ([`open_blocking`])
//! * I want the token that the server asks for → [`derive_access`]
//! * I want to answer somebody who sent me an envelope → [`seal_reply`]
//! * Something else opened the envelope and I want to know who signed → [`verify_inner`]
//!
//! An envelope is MIME content (`envelock_mime`), signed if there are signers, padded, then SEIPD v2 with AES-256-GCM and
//! one SKESK v6. The profile fixes every parameter: Argon2id t = 3, p = 4, 64 MiB. One Argon2 run gives the SKESK's key and
//! the access token (`envelock_seipd::link`). A saved copy opens in any RFC 9580 program, with `secret-password` as its
//! password.
//!
//! Secret keys may open an envelope, too: it can hold PKESK v6 packets for recipients and for the sender, which do not say
//! for whom, since server and link holders could read that. They are written for version 4 certificates as well, although
//! those announce SEIPD v1 only: who opens an envelope, or an answer to one, uses this library by construction.
//!
//! Not here: the server's part of an envelope's life, HTTP, links as text.

mod error;
mod open;
mod seal;

pub use self::{
    error::OpenError,
    open::{OpenOptions, OpenWith, Opened, VerifiedInner, open, open_blocking, verify_inner, verify_inner_on},
    seal::{Lock, ReplyOptions, SealOptions, Sealed, seal, seal_blocking, seal_reply, seal_reply_blocking},
};
pub use envelock_mime::{Attachment, Content, Mailbox, ReplyOptions as ReplyTo};
pub use envelock_seipd::link::{Access, LinkSecret, Profile};

use crate::{Password, message::DecryptError};
use envelock_seipd::{
    engine::{Engine, RustCrypto, ready},
    link,
};

/// Runs Argon2id once (about 0.2 s and 64 MiB) and gives the access token and the key to open with.
///
/// The password is normalised to NFC. Nothing tells whether it is right: the server or [`open()`] does.
///
/// # Errors
/// [`DecryptError::DecryptionFailed`] if the password is not UTF-8, as no envelope can have such a password.
pub async fn derive_access<E: Engine>(
    password: &Password,
    link_secret: Option<&LinkSecret>,
    salt: [u8; 16],
    engine: &E,
) -> Result<Access, DecryptError> {
    let password = password.as_str().ok_or(DecryptError::DecryptionFailed)?;
    let passphrase = link::passphrase(link_secret, password);
    Ok(link::derive_on(engine, Profile::V1, &passphrase, salt).await?)
}

/// [`derive_access`] for callers without an async runtime.
///
/// # Errors
/// As [`derive_access`].
pub fn derive_access_blocking(
    password: &Password,
    link_secret: Option<&LinkSecret>,
    salt: [u8; 16],
) -> Result<Access, DecryptError> {
    ready(derive_access(password, link_secret, salt, &RustCrypto))
}
