//! What can go wrong in this crate; one enum, because a caller opens a whole message at once.

use crate::packet::FramingError;

/// Why a packet or an envelope could not be read or written.
///
/// Everything that depends on a secret (a wrong password, a damaged chunk, a missing final tag) is
/// [`Error::DecryptionFailed`]; nothing tells these apart (RFC 9580 §13.5).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Wrong password or session key, or the bytes were changed. These look the same on purpose.
    #[error("wrong password or damaged message")]
    DecryptionFailed,
    /// The packet framing is broken (RFC 9580 §4.2).
    #[error("malformed packet framing: {0}")]
    Framing(#[from] FramingError),
    /// A packet, or the order of packets, is not what the standard or the profile allows.
    #[error("malformed message: {0}")]
    Malformed(&'static str),
    /// An algorithm or version that this build cannot do.
    #[error("unsupported: {0}")]
    Unsupported(&'static str),
    /// The envelope's parameters are not those of its profile; a server may have changed them.
    #[error("the envelope does not follow its profile: {0}")]
    ProfileMismatch(&'static str),
    /// The S2K asks for more than [`Limits`](crate::Limits) allow; nothing was derived.
    #[error(
        "password derivation too expensive: {required_kib} KiB and {required_passes} passes, allowed are {allowed_kib} and {allowed_passes}"
    )]
    S2kTooExpensive {
        /// Memory asked for, KiB.
        required_kib: u64,
        /// Memory allowed, KiB.
        allowed_kib: u64,
        /// Passes asked for.
        required_passes: u8,
        /// Passes allowed.
        allowed_passes: u8,
    },
    /// The content is larger than the limit; nothing was decrypted or encrypted.
    #[error("too large: {size} octets, allowed are {allowed}")]
    TooLarge {
        /// Size of the content, octets.
        size: u64,
        /// Size allowed, octets.
        allowed: u64,
    },
    /// The machine has not enough memory left for this message.
    #[error("out of memory")]
    OutOfMemory,
    /// [`Progress::report`](crate::Progress::report) asked to stop.
    #[error("cancelled")]
    Cancelled,
}

impl Error {
    /// The caller took its octets away while they were worked on.
    pub const GONE: Error = Error::Malformed("the input changed while it was read");

    /// Every value of [`Error::code`].
    pub const CODES: &'static [&'static str] = &[
        "decryption-failed",
        "malformed",
        "unsupported",
        "profile-mismatch",
        "too-expensive",
        "too-large",
        "out-of-memory",
        "cancelled",
    ];

    /// A stable name for this kind of error, kebab-case; the same as in TypeScript.
    pub const fn code(&self) -> &'static str {
        match self {
            Error::DecryptionFailed => "decryption-failed",
            Error::Framing(_) | Error::Malformed(_) => "malformed",
            Error::Unsupported(_) => "unsupported",
            Error::ProfileMismatch(_) => "profile-mismatch",
            Error::S2kTooExpensive { .. } => "too-expensive",
            Error::TooLarge { .. } => "too-large",
            Error::OutOfMemory => "out-of-memory",
            Error::Cancelled => "cancelled",
        }
    }
}
