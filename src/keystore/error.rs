//! What can go wrong with a keystore, its backup, and the paper that opens it.

/// Why a keystore, an entry, a backup or a piece of paper could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeystoreError {
    /// The passphrase is wrong, or the header is damaged; the two cannot be told apart.
    #[error("wrong passphrase or damaged keystore")]
    WrongPassphrase,
    /// The entry was changed, belongs to another keystore, or was moved from where it was stored.
    #[error("the entry is damaged or not of this keystore")]
    EntryDamaged,
    /// The header is not one this library writes.
    #[error("malformed keystore header: {what}")]
    Malformed {
        /// What is wrong with it.
        what: &'static str,
    },
    /// The name of an entry is longer than 255 octets, the length of a file name in a literal data packet.
    #[error("the name of the entry is longer than 255 octets")]
    NameTooLong,
    /// The new passphrase is empty.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// The keystore does not open with this passkey.
    #[error("no such passkey is enrolled")]
    UnknownPasskey,
    /// What the passkey gave does not open the keystore, or the header is damaged.
    #[error("the passkey does not open this keystore")]
    WrongPasskey,
    /// The account's password is another one than when the code was sealed, or what was sealed is damaged.
    #[error("the account's password does not open this")]
    WrongAccountKey,
    /// A keystore opens with at most [`MAX_PASSKEYS`](super::MAX_PASSKEYS) passkeys.
    #[error("too many passkeys, at most {allowed}")]
    TooManyPasskeys {
        /// How many are allowed.
        allowed: usize,
    },
    /// The text has not the length of a recovery code.
    #[error("a recovery code has {wanted} groups of five characters, {found} characters were typed")]
    RecoveryCodeLength {
        /// How many characters there are, separators not counted.
        found: usize,
        /// How many groups there should be.
        wanted: usize,
    },
    /// The check character of a group does not fit.
    #[error("group {group} of the recovery code is mistyped")]
    RecoveryCodeMistyped {
        /// Which group, counted from 1.
        group: usize,
    },
    /// The text has not the length of a paper share.
    #[error("share {share}: a share has {wanted} groups of five characters, {found} characters were typed")]
    ShareLength {
        /// Which of the given shares, counted from 1.
        share: usize,
        /// How many characters there are, separators not counted.
        found: usize,
        /// How many groups there should be.
        wanted: usize,
    },
    /// The check character of a group of a share does not fit.
    #[error("share {share}: group {group} is mistyped")]
    ShareMistyped {
        /// Which of the given shares, counted from 1.
        share: usize,
        /// Which group, counted from 1.
        group: usize,
    },
    /// Fewer different shares than it takes.
    #[error("{needed} different shares are needed, {given} were given")]
    SharesMissing {
        /// How many it takes.
        needed: usize,
        /// How many different ones there are.
        given: usize,
    },
    /// The shares were not made together.
    #[error("the shares do not belong together")]
    SharesMixed,
    /// Not 2 to 16 shares, or a threshold that is not between 2 and their number.
    #[error("a code is split in 2 to 16 shares, of which at least 2 join")]
    BadShareCount,
    /// The backup does not open with this recovery code.
    #[error("the recovery code does not open this backup")]
    WrongRecoveryCode,
    /// The file is no backup, was cut or changed.
    #[error("the backup is damaged: {what}")]
    BackupDamaged {
        /// What is wrong with it.
        what: &'static str,
    },
    /// The codec refused: too expensive, too large, out of memory.
    #[error(transparent)]
    Codec(envelock_seipd::Error),
}

impl KeystoreError {
    /// Every code of this error's own variants; `Codec` passes on the codes of the codec.
    pub const CODES: [&'static str; 16] = [
        "wrong-passphrase",
        "entry-damaged",
        "malformed",
        "name-too-long",
        "empty-password",
        "unknown-passkey",
        "wrong-passkey",
        "wrong-account-key",
        "too-many-passkeys",
        "recovery-code-mistyped",
        "share-mistyped",
        "shares-missing",
        "shares-mixed",
        "bad-share-count",
        "wrong-recovery-code",
        "backup-damaged",
    ];

    /// The stable, machine-readable name of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongPassphrase => "wrong-passphrase",
            Self::EntryDamaged => "entry-damaged",
            Self::Malformed { .. } => "malformed",
            Self::NameTooLong => "name-too-long",
            Self::EmptyPassphrase => "empty-password",
            Self::UnknownPasskey => "unknown-passkey",
            Self::WrongPasskey => "wrong-passkey",
            Self::WrongAccountKey => "wrong-account-key",
            Self::TooManyPasskeys { .. } => "too-many-passkeys",
            Self::RecoveryCodeLength { .. } | Self::RecoveryCodeMistyped { .. } => "recovery-code-mistyped",
            Self::ShareLength { .. } | Self::ShareMistyped { .. } => "share-mistyped",
            Self::SharesMissing { .. } => "shares-missing",
            Self::SharesMixed => "shares-mixed",
            Self::BadShareCount => "bad-share-count",
            Self::WrongRecoveryCode => "wrong-recovery-code",
            Self::BackupDamaged { .. } => "backup-damaged",
            Self::Codec(error) => error.code(),
        }
    }

    /// What of typed paper the error is about, by name: which `share` and `group` of it, counted from 1; how many characters were
    /// `found` and how many groups are `wanted`; how many shares are `needed` and were `given`. Nothing for other errors.
    pub fn facts(&self) -> Vec<(&'static str, usize)> {
        match *self {
            Self::RecoveryCodeLength { found, wanted } => vec![("found", found), ("wanted", wanted)],
            Self::RecoveryCodeMistyped { group } => vec![("group", group)],
            Self::ShareLength { share, found, wanted } => vec![("share", share), ("found", found), ("wanted", wanted)],
            Self::ShareMistyped { share, group } => vec![("share", share), ("group", group)],
            Self::SharesMissing { needed, given } => vec![("needed", needed), ("given", given)],
            _ => Vec::new(),
        }
    }

    /// What a failure of the codec says about an entry.
    pub(super) fn of_entry(error: envelock_seipd::Error) -> Self {
        match error {
            envelock_seipd::Error::TooLarge { .. } | envelock_seipd::Error::OutOfMemory => Self::Codec(error),
            _ => Self::EntryDamaged,
        }
    }
}
