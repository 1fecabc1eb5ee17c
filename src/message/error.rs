//! What can go wrong with a message, one enum per operation, each variant with a stable code.
//!
//! A variant says only what is safe to say: wrong key, wrong password and damaged ciphertext are the one
//! `DecryptionFailed` (RFC 9580 §13.5).

mod read;

pub(crate) use self::read::ReadError;

use super::place::{Place, at};
use crate::error::KeyError;
use pgp::types::Fingerprint;

/// Why a message was not decrypted. No plaintext is returned with any of these.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecryptError {
    /// Wrong password or key, or a damaged message: on purpose indistinguishable.
    #[error("the message could not be decrypted: wrong password or key, or it is damaged")]
    DecryptionFailed,
    /// The message is encrypted to other keys, or needs a password and none was given.
    #[error("the message is not encrypted to any of the given keys or passwords")]
    NoMatchingKey,
    /// The message is for one of the given keys, but its passphrase is missing.
    #[error("the secret key is locked and no passphrase was given")]
    PassphraseRequired,
    /// The message is for one of the given keys, but the passphrase does not unlock it.
    #[error("the passphrase does not unlock the secret key")]
    WrongPassphrase,
    /// The S2K of a session key packet would cost more memory than `limits` allow; nothing was derived.
    #[error("the message asks for {required_kib} KiB of memory, {allowed_kib} KiB are allowed")]
    S2kTooExpensive {
        /// Memory the S2K asks for, in KiB.
        required_kib: u64,
        /// Memory the limits allow, in KiB.
        allowed_kib: u64,
    },
    /// Finding the session key would take more work than `limits` allow: the packets for passwords, each tried with every
    /// password that was given.
    #[error(
        "trying the passwords would take more work than allowed: the message has too many for passwords, or too many were given"
    )]
    TooMuchWork,
    /// Input, armor or decompressed data exceeds the limit of this many octets.
    #[error("the message is larger than the {allowed} octets that are allowed")]
    TooLarge {
        /// The limit that was exceeded.
        allowed: u64,
    },
    /// The message holds more of something than the limit, so that reading it could cost too much.
    #[error("the message holds more than {allowed} {unit}")]
    TooMany {
        /// Signatures, packets or layers.
        unit: &'static str,
        /// How many are allowed.
        allowed: usize,
    },
    /// The input is not one OpenPGP message (RFC 9580 §10.3): `what` says which rule it breaks.
    #[error("not a well-formed OpenPGP message: {what}{}", at(*.place))]
    Malformed {
        /// The rule that is broken.
        what: &'static str,
        /// Where, if it is one place.
        place: Option<Place>,
    },
    /// The message uses something this library does not implement.
    #[error("the message uses {feature}, which is not supported")]
    Unsupported {
        /// What is not implemented.
        feature: &'static str,
    },
    /// A Symmetrically Encrypted Data packet (RFC 9580 §5.7): anybody could have changed it.
    #[error("the message is encrypted without integrity protection")]
    NotIntegrityProtected,
    /// A signed or plain message: [`verify`](crate::message::verify()) reads those.
    #[error("the message is not encrypted")]
    NotEncrypted,
    /// The machine has not enough memory left for this message.
    #[error("out of memory")]
    OutOfMemory,
    /// The caller's progress function asked to stop.
    #[error("cancelled")]
    Cancelled,
}

impl DecryptError {
    /// Every code this error can have.
    pub const CODES: &'static [&'static str] = &[
        "decryption-failed",
        "no-matching-key",
        "passphrase-required",
        "wrong-passphrase",
        "too-expensive",
        "too-much-work",
        "too-large",
        "malformed",
        "unsupported",
        "not-integrity-protected",
        "not-encrypted",
        "out-of-memory",
        "cancelled",
    ];

    /// Stable kebab-case name for other languages.
    pub fn code(&self) -> &'static str {
        match self {
            Self::DecryptionFailed => "decryption-failed",
            Self::NoMatchingKey => "no-matching-key",
            Self::PassphraseRequired => "passphrase-required",
            Self::WrongPassphrase => "wrong-passphrase",
            Self::S2kTooExpensive { .. } => "too-expensive",
            Self::TooMuchWork => "too-much-work",
            Self::TooLarge { .. } | Self::TooMany { .. } => "too-large",
            Self::Malformed { .. } => "malformed",
            Self::Unsupported { .. } => "unsupported",
            Self::NotIntegrityProtected => "not-integrity-protected",
            Self::NotEncrypted => "not-encrypted",
            Self::OutOfMemory => "out-of-memory",
            Self::Cancelled => "cancelled",
        }
    }

    /// Where the message is malformed, if it is and in one place.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Malformed { place, .. } => *place,
            _ => None,
        }
    }

    /// At this place, unless one is known already.
    pub(crate) fn at(self, place: Place) -> Self {
        match self {
            Self::Malformed { what, place: None } => Self::Malformed { what, place: Some(place) },
            other => other,
        }
    }
}

/// Why a signature could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// No signer was given.
    #[error("no signing key was given")]
    NoSigner,
    /// There would be more signatures than a reader checks (`Limits::message_signatures`).
    #[error("{found} signatures, at most {allowed} are read again")]
    TooManySigners {
        /// Signatures there would be.
        found: usize,
        /// How many are allowed.
        allowed: usize,
    },
    /// The key cannot sign: expired, revoked, no signing key, locked, or a wrong passphrase.
    #[error("the key {fingerprint:X} cannot sign: {source}")]
    Key {
        /// Fingerprint of the certificate.
        fingerprint: Fingerprint,
        /// What is wrong with it.
        source: KeyError,
    },
    /// The data is larger than the limits let a message be.
    #[error("the data is larger than the {allowed} octets that are allowed")]
    TooLarge {
        /// The limit, in octets.
        allowed: u64,
    },
    /// A cleartext signature covers text, and the data is not UTF-8.
    #[error("only UTF-8 text can be signed in the cleartext form")]
    NotText,
    /// A notation cannot be written (RFC 9580 §5.2.3.24).
    #[error("a notation cannot be written: {reason}")]
    BadNotation {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// What the new signature is to stand beside is no detached signature.
    #[error("not a detached signature: {what}")]
    NotASignature {
        /// The rule that is broken.
        what: &'static str,
    },
    /// The key's algorithm failed or is not implemented.
    #[error("the key {fingerprint:X} could not compute a signature")]
    SigningFailed {
        /// Fingerprint of the component key.
        fingerprint: Fingerprint,
    },
    /// The caller took the data away while it was read.
    #[error("the data changed while it was read")]
    Gone,
    /// No memory for the message.
    #[error("out of memory")]
    OutOfMemory,
    /// The caller's progress function asked to stop.
    #[error("cancelled")]
    Cancelled,
}

impl SignError {
    /// Every code of this error's own variants; `Key` passes on the codes of [`KeyError`].
    pub const CODES: &'static [&'static str] = &[
        "no-signer",
        "too-many-signers",
        "too-large",
        "not-text",
        "bad-notation",
        "malformed",
        "signing-failed",
        "out-of-memory",
        "cancelled",
    ];

    /// Stable kebab-case name for other languages.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSigner => "no-signer",
            Self::TooManySigners { .. } => "too-many-signers",
            Self::Key { source, .. } => source.code(),
            Self::TooLarge { .. } => "too-large",
            Self::NotText => "not-text",
            Self::BadNotation { .. } => "bad-notation",
            Self::NotASignature { .. } | Self::Gone => "malformed",
            Self::SigningFailed { .. } => "signing-failed",
            Self::OutOfMemory => "out-of-memory",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Why a message was not encrypted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncryptError {
    /// Neither a recipient nor a password was given.
    #[error("a message needs at least one recipient or password")]
    NoRecipient,
    /// The certificate has no key that may be encrypted to now.
    #[error("the certificate {fingerprint:X} cannot be encrypted to: {reason}")]
    UnusableRecipient {
        /// Fingerprint of the certificate.
        fingerprint: Fingerprint,
        /// Why: expired, revoked, no encryption key …
        reason: &'static str,
    },
    /// The recipients have more encryption keys than an envelope may hold, or than a reader tries.
    #[error("the recipients have {found} encryption keys, at most {allowed} are read again")]
    TooManyRecipients {
        /// Encryption keys of all recipients.
        found: usize,
        /// How many are allowed.
        allowed: usize,
    },
    /// More passwords than a reader tries: one could be the right one and not open the message.
    #[error("{found} passwords, at most {allowed} are tried when the message is read")]
    TooManyPasswords {
        /// Passwords that were given.
        found: usize,
        /// How many are allowed: [`Limits::passwords`](crate::Limits::passwords).
        allowed: usize,
    },
    /// A password that must be text, since it is typed on other machines, is not UTF-8.
    #[error("the password is not UTF-8 text")]
    PasswordNotText,
    /// A password is empty.
    #[error("a password is empty")]
    EmptyPassword,
    /// The file name is longer than the 255 octets a literal data packet can hold (RFC 9580 §5.9).
    #[error("the file name is longer than 255 octets")]
    FilenameTooLong,
    /// The data is larger than the limits allow.
    #[error("the data is larger than the {allowed} octets that are allowed")]
    TooLarge {
        /// The limit, in octets.
        allowed: u64,
    },
    /// Signing failed; nothing was encrypted.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The machine has not enough memory left for this message.
    #[error("out of memory")]
    OutOfMemory,
    /// The engine or a key refused to encrypt.
    #[error("the message could not be encrypted")]
    EncryptionFailed,
    /// The caller's progress function asked to stop.
    #[error("cancelled")]
    Cancelled,
}

impl EncryptError {
    /// Every code of this error's own variants; `Sign` passes on the codes of [`SignError`].
    pub const CODES: &'static [&'static str] = &[
        "no-recipient",
        "unusable-recipient",
        "too-many-passwords",
        "password-not-text",
        "empty-password",
        "filename-too-long",
        "too-large",
        "out-of-memory",
        "encryption-failed",
        "cancelled",
    ];

    /// Stable kebab-case name for other languages.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoRecipient => "no-recipient",
            Self::UnusableRecipient { .. } => "unusable-recipient",
            Self::TooManyRecipients { .. } => "too-large",
            Self::TooManyPasswords { .. } => "too-many-passwords",
            Self::PasswordNotText => "password-not-text",
            Self::EmptyPassword => "empty-password",
            Self::FilenameTooLong => "filename-too-long",
            Self::TooLarge { .. } => "too-large",
            Self::Sign(source) => source.code(),
            Self::OutOfMemory => "out-of-memory",
            Self::EncryptionFailed => "encryption-failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Why signed input could not be read at all. A signature that is merely wrong is a
/// [`Verdict`](crate::message::Verdict), not an error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The input is not one signed message or signature (RFC 9580 §7, §10.3): `what` says which rule it breaks.
    /// Nothing of it must be shown as signed.
    #[error("not a well-formed signed message: {what}{}", at(*.place))]
    Malformed {
        /// The rule that is broken.
        what: &'static str,
        /// Where, if it is one place.
        place: Option<Place>,
    },
    /// Input, armor or decompressed data exceeds the limit of this many octets.
    #[error("the message is larger than the {allowed} octets that are allowed")]
    TooLarge {
        /// The limit that was exceeded.
        allowed: u64,
    },
    /// The message holds more of something than the limit, so that reading it could cost too much.
    #[error("the message holds more than {allowed} {unit}")]
    TooMany {
        /// Signatures, packets or layers.
        unit: &'static str,
        /// How many are allowed.
        allowed: usize,
    },
    /// The message uses something this library does not implement.
    #[error("the message uses {feature}, which is not supported")]
    Unsupported {
        /// What is not implemented.
        feature: &'static str,
    },
    /// The message is encrypted: [`decrypt`](crate::message::decrypt()) reads it and checks its signatures.
    #[error("the message is encrypted")]
    Encrypted,
    /// No memory for the message.
    #[error("out of memory")]
    OutOfMemory,
    /// The caller's progress function asked to stop.
    #[error("cancelled")]
    Cancelled,
}

impl VerifyError {
    /// Every code this error can have.
    pub const CODES: &'static [&'static str] =
        &["malformed", "too-large", "unsupported", "encrypted", "out-of-memory", "cancelled"];

    /// Stable kebab-case name for other languages.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "malformed",
            Self::TooLarge { .. } | Self::TooMany { .. } => "too-large",
            Self::Unsupported { .. } => "unsupported",
            Self::Encrypted => "encrypted",
            Self::OutOfMemory => "out-of-memory",
            Self::Cancelled => "cancelled",
        }
    }

    /// Where the input is malformed, if it is and in one place.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Malformed { place, .. } => *place,
            _ => None,
        }
    }
}
