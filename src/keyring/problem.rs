//! What is unusual about an imported key, told without failing the import.

use std::fmt;

/// Something left out of a key, or unusual about it, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// What is unusual.
    pub kind: ProblemKind,
    /// The packet type ID (RFC 9580 §5) of the packet in question.
    pub tag: Option<u8>,
    /// Where that packet starts: octets from the start of the input, or of the decoded block if it is armored.
    pub offset: usize,
    /// Which block of armor, counted from 1; 0 in binary input.
    pub block: usize,
}

/// What is unusual about a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The input ends inside this packet, or what stands there is no packet.
    #[error("the input is cut or damaged here; what follows was left out")]
    Truncated,
    /// A packet that could not be read was left out.
    #[error("malformed and left out")]
    MalformedPacket,
    /// A packet that does not belong in a key was left out.
    #[error("does not belong here and was left out")]
    MisplacedPacket,
    /// A signature of a kind that says nothing about the component before it. Kept, never considered.
    #[error("a signature that has no meaning here; kept unread")]
    MisplacedSignature,
    /// A signature of a version that is not read here, or malformed. Kept, never considered.
    #[error("a signature of version {version} that cannot be read; kept unread")]
    UnsupportedSignature {
        /// The version it claims.
        version: u8,
    },
    /// A user attribute that cannot be read. Kept, never considered.
    #[error("a user attribute that cannot be read; kept unread")]
    UnsupportedAttribute,
    /// A subkey whose version or algorithm is not supported. Its public part is kept, never used.
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
    /// A block of armor that could not be decoded.
    #[error("a block of armor was left out: {reason}")]
    DamagedArmor {
        /// What was wrong.
        reason: &'static str,
    },
    /// A packet, or a block of armor, that belongs to no key.
    #[error("not part of a key; left out")]
    NotAKey,
}

impl Problem {
    /// Every code [`Problem::code`] can return.
    pub const CODES: &'static [&'static str] = &[
        "truncated",
        "malformed-packet",
        "misplaced-packet",
        "misplaced-signature",
        "unsupported-signature",
        "unsupported-attribute",
        "unsupported-subkey",
        "unusable-secret",
        "secret-absent",
        "too-many",
        "damaged-armor",
        "not-a-key",
    ];

    /// The stable, machine-readable name of this problem.
    pub fn code(&self) -> &'static str {
        match self.kind {
            ProblemKind::Truncated => "truncated",
            ProblemKind::MalformedPacket => "malformed-packet",
            ProblemKind::MisplacedPacket => "misplaced-packet",
            ProblemKind::MisplacedSignature => "misplaced-signature",
            ProblemKind::UnsupportedSignature { .. } => "unsupported-signature",
            ProblemKind::UnsupportedAttribute => "unsupported-attribute",
            ProblemKind::UnsupportedSubkey { .. } => "unsupported-subkey",
            ProblemKind::UnusableSecret { .. } => "unusable-secret",
            ProblemKind::SecretAbsent => "secret-absent",
            ProblemKind::TooMany { .. } => "too-many",
            ProblemKind::DamagedArmor { .. } => "damaged-armor",
            ProblemKind::NotAKey => "not-a-key",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(tag) = self.tag {
            write!(f, "packet {tag} at octet {}", self.offset)?;
        } else {
            write!(f, "at octet {}", self.offset)?;
        }
        if self.block > 0 {
            write!(f, " of block {}", self.block)?;
        }
        write!(f, ": {}", self.kind)
    }
}

/// Where a packet stands in the input.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) tag: Option<u8>,
    pub(super) offset: usize,
    pub(super) block: usize,
}

impl Place {
    pub(super) fn problem(self, kind: ProblemKind) -> Problem {
        Problem { kind, tag: self.tag, offset: self.offset, block: self.block }
    }
}

/// A list of problems that a flooded key cannot make endless: of each code the first [`TOLD_EACH`] are told.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Problem>);

const TOLD_EACH: usize = 20;

impl Problems {
    pub(super) fn note(&mut self, place: Place, kind: ProblemKind) {
        let problem = place.problem(kind);
        let alike = self.0.iter().filter(|known| known.code() == problem.code());
        // What was left out from here on is told once.
        let most = if matches!(problem.kind, ProblemKind::TooMany { .. }) { usize::MAX } else { TOLD_EACH };
        if alike.clone().count() < most && !alike.into_iter().any(|known| known.is_same_limit(&problem)) {
            self.0.push(problem);
        }
    }

    pub(super) fn into_vec(self) -> Vec<Problem> {
        self.0
    }
}

impl Problem {
    fn is_same_limit(&self, other: &Self) -> bool {
        matches!(self.kind, ProblemKind::TooMany { .. }) && self.kind == other.kind
    }
}
