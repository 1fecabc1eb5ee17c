//! What is unusual about an imported key, told without failing the import.

/// Something left out of a key, or unusual about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The input ends inside this key, or what follows it is no packet.
    #[error("the input is cut or damaged after this key's last whole packet")]
    Truncated,
    /// A packet that could not be read was left out.
    #[error("packet {tag} is malformed and was left out")]
    MalformedPacket {
        /// Its packet type ID (RFC 9580 §5).
        tag: u8,
    },
    /// A packet that does not belong in a key was left out.
    #[error("packet {tag} does not belong here and was left out")]
    MisplacedPacket {
        /// Its packet type ID.
        tag: u8,
    },
    /// A signature of a kind that says nothing about its component was left out.
    #[error("a signature stands where it has no meaning and was left out")]
    MisplacedSignature,
    /// A signature of a version that is not read here was left out.
    #[error("a signature of an unsupported version was left out")]
    UnsupportedSignature,
    /// A subkey whose version or algorithm is not supported.
    #[error("unsupported subkey: {what}")]
    UnsupportedSubkey {
        /// Version or algorithm.
        what: String,
    },
    /// The secret part could not be read; only the public part was kept.
    #[error("the secret part of a component is unusable: {what}")]
    UnusableSecret {
        /// What was wrong.
        what: &'static str,
    },
    /// The secret part is kept elsewhere (GnuPG's "dummy" and smart card forms).
    #[error("the secret part of a component is not in the file")]
    SecretAbsent,
    /// More components or signatures than allowed; the rest was left out.
    #[error("more {unit} than the {allowed} allowed; the rest was left out")]
    TooMany {
        /// What was counted.
        unit: &'static str,
        /// How many are allowed.
        allowed: usize,
    },
}

impl Problem {
    /// Every code [`Problem::code`] can return.
    pub const CODES: &'static [&'static str] = &[
        "truncated",
        "malformed-packet",
        "misplaced-packet",
        "misplaced-signature",
        "unsupported-signature",
        "unsupported-subkey",
        "unusable-secret",
        "secret-absent",
        "too-many",
    ];

    /// The stable, machine-readable name of this problem.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::MalformedPacket { .. } => "malformed-packet",
            Self::MisplacedPacket { .. } => "misplaced-packet",
            Self::MisplacedSignature => "misplaced-signature",
            Self::UnsupportedSignature => "unsupported-signature",
            Self::UnsupportedSubkey { .. } => "unsupported-subkey",
            Self::UnusableSecret { .. } => "unusable-secret",
            Self::SecretAbsent => "secret-absent",
            Self::TooMany { .. } => "too-many",
        }
    }
}
