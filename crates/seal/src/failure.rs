//! Why nothing was encrypted, and the exit status that says so (`sysexits.h`).

use envelock::KeyError;
use envelock::message::EncryptError;
use std::fmt;
use std::io;
use std::process::ExitCode;

/// Why nothing was encrypted.
pub enum Failure {
    /// The arguments are none that it knows.
    Usage,
    /// The certificate is longer than any may be.
    TooLarge,
    /// It is, or has in it, a secret key.
    SecretKey,
    /// It is no certificate.
    Certificate(KeyError),
    /// It cannot be encrypted to.
    Unusable(EncryptError),
    /// Encrypting ended half way.
    Encrypting(EncryptError),
    /// Reading or writing failed.
    Pipe(io::Error),
    /// The system does not let it give up what it does not need.
    Confinement(io::Error),
}

impl Failure {
    /// The exit status.
    pub fn status(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Usage => 64,
            Self::TooLarge | Self::Certificate(_) | Self::Unusable(_) => 65,
            Self::Encrypting(_) => 70,
            Self::Confinement(_) => 71,
            Self::Pipe(_) => 74,
            Self::SecretKey => 77,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage => f.write_str("it takes no argument but --check"),
            Self::TooLarge => f.write_str("the certificate is too long"),
            Self::SecretKey => f.write_str("this is a secret key, and not for anybody but its owner"),
            Self::Certificate(cause) => cause.fmt(f),
            Self::Unusable(cause) | Self::Encrypting(cause) => cause.fmt(f),
            Self::Pipe(cause) | Self::Confinement(cause) => cause.fmt(f),
        }
    }
}

impl From<KeyError> for Failure {
    fn from(cause: KeyError) -> Self {
        Self::Certificate(cause)
    }
}

impl From<io::Error> for Failure {
    fn from(cause: io::Error) -> Self {
        Self::Pipe(cause)
    }
}
