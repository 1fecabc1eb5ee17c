//! What can go wrong with keys: one enum per operation family, each variant with a stable code.
//!
//! All causes inside a locked secret key (wrong passphrase, damaged ciphertext) look alike on purpose. Errors of messages
//! live with `message`, those of the codec in `envelock_seipd`.

use crate::{certificate::Status, message::Place};

/// Why a key could not be read, made, unlocked or used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The input holds no OpenPGP key or certificate at all.
    #[error("the input holds no OpenPGP key")]
    NoKey,
    /// The octets break the packet format (RFC 9580 §4, §5.5, §10.1).
    #[error("malformed key: {reason}{}", at_octet(*.offset))]
    Malformed {
        /// What was wrong, in English, for logs.
        reason: &'static str,
        /// Where in the input (decoded, if it was armored), if it is one place.
        offset: Option<usize>,
    },
    /// The armor around the key is broken (RFC 9580 §6).
    #[error("malformed armor: {reason}")]
    BadArmor {
        /// What was wrong, in English, for logs.
        reason: &'static str,
    },
    /// The format is sound, but an algorithm or version in it is one we refuse or do not know.
    #[error("unsupported key: {what}")]
    Unsupported {
        /// The algorithm or version, named as in RFC 9580.
        what: String,
    },
    /// More octets, packets or components than [`Limits`](crate::Limits) allows.
    #[error("key too large: {found} {unit}, at most {allowed} are accepted")]
    TooLarge {
        /// What was counted.
        unit: &'static str,
        /// How many there are (at least).
        found: u64,
        /// How many are allowed.
        allowed: u64,
    },
    /// One certificate or key was asked for, and the input holds several.
    #[error("the input holds several keys")]
    SeveralKeys,
    /// A certificate was given where a secret key is needed.
    #[error("a certificate, not a secret key")]
    NotASecretKey,
    /// The passphrase is wrong, or the locked octets are damaged; the two cannot be told apart.
    #[error("wrong passphrase or damaged secret key")]
    WrongPassphrase,
    /// The key is locked and no passphrase was given.
    #[error("the secret key is locked: a passphrase is needed")]
    PassphraseRequired,
    /// The packet names a secret key that is kept elsewhere (GnuPG's "dummy" and smart card forms).
    #[error("the secret part of this key is not in the file")]
    SecretAbsent,
    /// The secret part does not belong to the public part (key overwriting, KOpenPGP).
    #[error("the secret part does not match the public part")]
    SecretMismatch,
    /// Deriving the unlocking key would cost more than [`Limits`](crate::Limits) allows; nothing was derived.
    #[error("unlocking would cost {required_kib} KiB in {passes} passes, at most {allowed_kib} KiB are allowed")]
    S2kTooExpensive {
        /// Memory that would be needed, in KiB.
        required_kib: u64,
        /// Passes over that memory.
        passes: u8,
        /// Memory that is allowed, in KiB.
        allowed_kib: u32,
    },
    /// There was no memory to derive the unlocking key with; nothing is known of the passphrase.
    #[error("out of memory")]
    OutOfMemory,
    /// The string-to-key specifier breaks RFC 9580 §3.7.1 or uses one we refuse.
    #[error("unusable string-to-key specifier: {reason}")]
    BadS2k {
        /// What was wrong, in English, for logs.
        reason: &'static str,
    },
    /// The key as a whole may not be used at the time asked about.
    #[error("the key is not usable: {status}")]
    NotUsable {
        /// Its status at that time.
        status: Status,
    },
    /// The key is valid, but no component of it may sign at the time asked about.
    #[error("no component of this key may sign")]
    NoSigningKey,
    /// The key is valid, but no component of it may be encrypted to at the time asked about.
    #[error("no component of this key may be encrypted to")]
    NoEncryptionKey,
    /// The primary key may not certify other people's certificates.
    #[error("the primary key of the signer may not certify")]
    NoCertifyingKey,
    /// The two belong to different keys, or a revocation does not verify against the key.
    #[error("this belongs to another key")]
    KeyMismatch,
    /// The input holds no revocation of a key (signature type 0x20, RFC 9580 §5.2.1.11).
    #[error("the input holds no revocation of a key")]
    NoRevocation,
    /// The certificate has no such user ID.
    #[error("the certificate has no such user ID")]
    UnknownUserId,
    /// The certificate has that user ID already, and it is valid.
    #[error("the certificate has this user ID already")]
    UserIdExists,
    /// A version 4 key needs a user ID: its last valid one is not revoked.
    #[error("this is the last valid user ID of a version 4 key")]
    LastUserId,
    /// The certificate has no such subkey.
    #[error("the certificate has no such subkey")]
    UnknownSubkey,
    /// There is no certification by this key on the user ID.
    #[error("the user ID has no certification by this key")]
    NotCertified,
    /// The options asked for a key that cannot be made, or for an empty passphrase.
    #[error("unusable options for a key: {reason}")]
    BadOptions {
        /// Which option, and why.
        reason: &'static str,
    },
    /// Signing or locking failed inside the OpenPGP library; not a matter of the input.
    #[error("internal: {what}")]
    Internal {
        /// The step that failed.
        what: &'static str,
    },
}

fn at_octet(offset: Option<usize>) -> String {
    offset.map_or_else(String::new, |offset| format!(" at octet {offset}"))
}

impl KeyError {
    /// Every code [`KeyError::code`] can return.
    pub const CODES: &'static [&'static str] = &[
        "no-key",
        "malformed",
        "bad-armor",
        "unsupported",
        "too-large",
        "several-keys",
        "not-a-secret-key",
        "wrong-passphrase",
        "passphrase-required",
        "secret-absent",
        "secret-mismatch",
        "too-expensive",
        "out-of-memory",
        "bad-s2k",
        "key-not-usable",
        "no-signing-key",
        "no-encryption-key",
        "no-certifying-key",
        "key-mismatch",
        "no-revocation",
        "unknown-user-id",
        "user-id-exists",
        "last-user-id",
        "unknown-subkey",
        "not-certified",
        "bad-options",
        "internal",
    ];

    /// The stable, machine-readable name of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoKey => "no-key",
            Self::Malformed { .. } => "malformed",
            Self::BadArmor { .. } => "bad-armor",
            Self::Unsupported { .. } => "unsupported",
            Self::TooLarge { .. } => "too-large",
            Self::SeveralKeys => "several-keys",
            Self::NotASecretKey => "not-a-secret-key",
            Self::WrongPassphrase => "wrong-passphrase",
            Self::PassphraseRequired => "passphrase-required",
            Self::SecretAbsent => "secret-absent",
            Self::SecretMismatch => "secret-mismatch",
            Self::S2kTooExpensive { .. } => "too-expensive",
            Self::OutOfMemory => "out-of-memory",
            Self::BadS2k { .. } => "bad-s2k",
            Self::NotUsable { .. } => "key-not-usable",
            Self::NoSigningKey => "no-signing-key",
            Self::NoEncryptionKey => "no-encryption-key",
            Self::NoCertifyingKey => "no-certifying-key",
            Self::KeyMismatch => "key-mismatch",
            Self::NoRevocation => "no-revocation",
            Self::UnknownUserId => "unknown-user-id",
            Self::UserIdExists => "user-id-exists",
            Self::LastUserId => "last-user-id",
            Self::UnknownSubkey => "unknown-subkey",
            Self::NotCertified => "not-certified",
            Self::BadOptions { .. } => "bad-options",
            Self::Internal { .. } => "internal",
        }
    }

    /// Where the input is malformed, if it is and in one place.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Malformed { offset, .. } => offset.map(Place::octet),
            _ => None,
        }
    }
}
