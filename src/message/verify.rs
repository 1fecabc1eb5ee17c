//! Verifies signed messages: detached (RFC 9580 §10.4), inline (§10.3) and cleartext (§7) signatures.
//!
//! What is returned is exactly what the signatures cover, and a verdict for each of them. Input that is not exactly one
//! signed message is an error, so that nothing unsigned can stand beside something signed.

use super::{
    check::{Checker, Context},
    cleartext,
    error::VerifyError,
    input,
    unfold::{read_detached, unfold},
    verdict::{CertificateSource, Verdict},
};
use crate::{Certificate, Limits, Policy};
use pgp::types::Timestamp;
use zeroize::Zeroizing;

/// What to verify, and whose signatures to expect.
#[derive(Debug, Clone, Copy)]
pub struct VerifyOptions<'a> {
    /// The signed input.
    pub input: SignedInput<'a>,
    /// Certificates of possible signers.
    pub verify_with: &'a [Certificate],
    /// The bare address the data claims to come from, to be compared with each signer's certificate ([`Verdict::from`]).
    pub from: Option<&'a str>,
}

impl Default for VerifyOptions<'_> {
    /// An empty message, which is malformed.
    fn default() -> Self {
        Self { input: SignedInput::Message(&[]), verify_with: &[], from: None }
    }
}

/// The forms signed input comes in.
#[derive(Debug, Clone, Copy)]
pub enum SignedInput<'a> {
    /// Data, and signatures over it that came beside it.
    Detached {
        /// The octets that were signed.
        data: &'a [u8],
        /// The signatures, armored or binary.
        signature: &'a [u8],
    },
    /// A signed message, armored or binary, or text in the cleartext framework; which one is seen from its first line.
    Message(&'a [u8]),
}

/// Verified input.
#[derive(Debug, Clone)]
pub struct Verified {
    /// What the signatures cover. For cleartext: without trailing blanks, lines ending in LF. `None` for detached
    /// signatures: the caller has the data.
    pub data: Option<Zeroizing<Vec<u8>>>,
    /// File name of an inline signed message: its last path component, not covered by the signature.
    pub filename: Option<String>,
    /// One verdict for each signature; empty for an unsigned message. [`overall`](super::overall) sums them up.
    pub signatures: Vec<Verdict>,
}

/// Checks every signature of the input at the reference time `at`.
///
/// # Errors
/// See [`VerifyError`]. A wrong or unknown signature is no error but a verdict.
pub fn verify(
    options: VerifyOptions<'_>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
) -> Result<Verified, VerifyError> {
    let checker = Checker {
        certificates: options.verify_with,
        source: CertificateSource::Known,
        policy,
        at,
        context: Context::Clear,
        from: options.from,
    };
    match options.input {
        SignedInput::Detached { data, signature } => {
            let packets = input::read_signature(signature, limits)?;
            let signatures = checker.check_all(&read_detached(&packets, limits)?, data);
            Ok(Verified { data: None, filename: None, signatures })
        }
        SignedInput::Message(message) if cleartext::is_cleartext(message) => {
            verify_cleartext(message, &checker, limits)
        }
        SignedInput::Message(message) => {
            let unfolded = unfold(&input::read_message(message, limits)?, limits)?;
            let signatures = checker.check_all(&unfolded.signatures, &unfolded.literal.data);
            Ok(Verified { data: Some(unfolded.literal.data), filename: unfolded.literal.filename, signatures })
        }
    }
}

fn verify_cleartext(message: &[u8], checker: &Checker<'_>, limits: &Limits) -> Result<Verified, VerifyError> {
    input::check_size(message, limits)?;
    let parsed = cleartext::parse(message)?;
    let packets = input::read_signature(parsed.signature, limits)?;
    let signatures = checker.check_all(&read_detached(&packets, limits)?, &cleartext::to_crlf(&parsed.text));
    Ok(Verified { data: Some(Zeroizing::new(parsed.text)), filename: None, signatures })
}
