//! From the core's errors to the failures that the specification names. The cause goes to standard error.

use envelock::message::{DecryptError, EncryptError, SignError, VerifyError};
use envelock::{KeyError, Status};
use sop::errors::Error;
use std::fmt::Display;

/// Tells the cause, which the exit code does not carry, and gives the failure.
pub fn because(cause: impl Display, failure: Error) -> Error {
    eprintln!("{cause}");
    failure
}

/// Reading or using key material.
pub fn of_key(error: KeyError) -> Error {
    let failure = match &error {
        KeyError::WrongPassphrase | KeyError::PassphraseRequired | KeyError::S2kTooExpensive { .. } => {
            Error::KeyIsProtected
        }
        KeyError::Unsupported { .. } => Error::UnsupportedAsymmetricAlgo,
        KeyError::NoSigningKey => Error::KeyCannotSign,
        KeyError::NoEncryptionKey => Error::CertCannotEncrypt,
        KeyError::NotUsable { status: Status::Revoked { .. } | Status::Invalid { .. } } => Error::PrimaryKeyBad,
        KeyError::NotUsable { .. } => Error::KeyCannotSign,
        KeyError::BadOptions { .. } => Error::MissingArg,
        KeyError::Internal { .. } => Error::UnspecifiedFailure,
        _ => Error::BadData,
    };
    because(error, failure)
}

/// Signing data.
pub fn of_signing(error: SignError) -> Error {
    let failure = match &error {
        SignError::NoSigner => Error::MissingArg,
        SignError::NotText => Error::ExpectedText,
        SignError::Key { source: KeyError::WrongPassphrase | KeyError::PassphraseRequired, .. } => {
            Error::KeyIsProtected
        }
        SignError::Key { .. } => Error::KeyCannotSign,
        _ => Error::UnspecifiedFailure,
    };
    because(error, failure)
}

/// Encrypting.
pub fn of_encrypting(error: EncryptError) -> Error {
    let failure = match error {
        EncryptError::Sign(source) => return of_signing(source),
        EncryptError::NoRecipient => Error::MissingArg,
        EncryptError::UnusableRecipient { .. } => Error::CertCannotEncrypt,
        EncryptError::PasswordNotText | EncryptError::EmptyPassword => Error::PasswordNotHumanReadable,
        _ => Error::UnspecifiedFailure,
    };
    because(error, failure)
}

/// Decrypting.
pub fn of_decrypting(error: DecryptError) -> Error {
    let failure = match &error {
        DecryptError::PassphraseRequired | DecryptError::WrongPassphrase => Error::KeyIsProtected,
        DecryptError::Malformed { .. } | DecryptError::NotEncrypted => Error::BadData,
        _ => Error::CannotDecrypt,
    };
    because(error, failure)
}

/// Reading signed input.
pub fn of_verifying(error: VerifyError) -> Error {
    because(error, Error::BadData)
}
