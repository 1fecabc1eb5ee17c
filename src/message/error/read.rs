//! What the readers of packets, compression and armor report, and what it is called by the operation that read.

use super::{super::place::Place, DecryptError, VerifyError};
use envelock_seipd::{self as seipd, packet::RawPacket};

/// What is wrong with what was read; each operation translates it into its own error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadError {
    Malformed {
        what: &'static str,
        place: Option<Place>,
    },
    TooLarge(u64),
    TooMany {
        unit: &'static str,
        allowed: usize,
    },
    Unsupported(&'static str),
    Encrypted,
    /// Signed, or a signature, and not encrypted.
    Signed(&'static str),
    OutOfMemory,
    /// The caller's progress function asked to stop.
    Cancelled,
}

impl ReadError {
    /// The caller took its octets away while they were worked on.
    pub(crate) const GONE: Self = Self::malformed("the input changed while it was read");

    /// Malformed, where no single place is to blame.
    pub(crate) const fn malformed(what: &'static str) -> Self {
        Self::Malformed { what, place: None }
    }

    /// Malformed in this packet.
    pub(crate) fn in_packet(what: &'static str, packet: &RawPacket<'_>) -> Self {
        Self::Malformed { what, place: Some(Place::of(packet)) }
    }

    /// At this place, unless one is known already.
    pub(crate) fn at(self, place: Place) -> Self {
        match self {
            Self::Malformed { what, place: None } => Self::Malformed { what, place: Some(place) },
            other => other,
        }
    }

    /// The same, seen from outside of `packets` packets.
    pub(crate) fn inside(self, packets: usize) -> Self {
        match self {
            Self::Malformed { what, place } => {
                Self::Malformed { what, place: place.map(|place| place.inside(packets)) }
            }
            Self::Signed(what) if packets > 0 => Self::malformed(what),
            other => other,
        }
    }
}

impl From<ReadError> for DecryptError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Malformed { what, place } => Self::Malformed { what, place },
            ReadError::TooLarge(allowed) => Self::TooLarge { allowed },
            ReadError::TooMany { unit, allowed } => Self::TooMany { unit, allowed },
            ReadError::Unsupported(feature) => Self::Unsupported { feature },
            ReadError::Encrypted => Self::Unsupported { feature: "encryption inside encryption" },
            ReadError::Signed(_) => Self::NotEncrypted,
            ReadError::OutOfMemory => Self::OutOfMemory,
            ReadError::Cancelled => Self::Cancelled,
        }
    }
}

impl From<ReadError> for VerifyError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Malformed { what, place } => Self::Malformed { what, place },
            ReadError::TooLarge(allowed) => Self::TooLarge { allowed },
            ReadError::TooMany { unit, allowed } => Self::TooMany { unit, allowed },
            ReadError::Unsupported(feature) => Self::Unsupported { feature },
            ReadError::Encrypted => Self::Encrypted,
            ReadError::Signed(what) => Self::Malformed { what, place: None },
            ReadError::OutOfMemory => Self::OutOfMemory,
            ReadError::Cancelled => Self::Cancelled,
        }
    }
}

impl From<seipd::Error> for ReadError {
    fn from(error: seipd::Error) -> Self {
        match error {
            seipd::Error::OutOfMemory => Self::OutOfMemory,
            seipd::Error::Cancelled => Self::Cancelled,
            _ => Self::GONE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_keeps_its_name() {
        for (error, code) in [
            (seipd::Error::OutOfMemory, "out-of-memory"),
            (seipd::Error::GONE, "malformed"),
            (seipd::Error::Cancelled, "cancelled"),
        ] {
            let error = ReadError::from(error);
            assert_eq!((DecryptError::from(error).code(), VerifyError::from(error).code()), (code, code));
        }
    }
}
