//! Verifies signed messages: detached (RFC 9580 §10.4), inline (§10.3) and cleartext (§7) signatures.
//!
//! What is returned is exactly what the signatures cover, and a verdict for each of them. Input that is not exactly one
//! signed message is an error, so that nothing unsigned can stand beside something signed.

use super::{
    check::{Checker, Context},
    cleartext::{self, Unframed},
    error::{ReadError, VerifyError},
    hashing::Hashed,
    input,
    share::{Share, Whole},
    unfold::{Unfolded, read_detached, unfold},
    verdict::{CertificateSource, Verdict},
};
use crate::{Certificate, Limits, Policy, certificate::Judgements};
use envelock_seipd::{
    Octets, Progress, SecretOctets,
    engine::{Bulk, RustCrypto, at_once},
};
use pgp::types::Timestamp;

/// What to verify; input in Rust's memory.
pub type VerifyOptions<'a> = VerifyOptionsOn<'a, [u8]>;

/// What to verify, and whose signatures to expect.
#[derive(Debug)]
pub struct VerifyOptionsOn<'a, D: ?Sized> {
    /// The signed input.
    pub input: SignedInputOn<'a, D>,
    /// Certificates of possible signers.
    pub verify_with: &'a [Certificate],
    /// The bare address the data claims to come from, to be compared with each signer's certificate ([`Verdict::from`]).
    pub from: Option<&'a str>,
}

impl<D: ?Sized> Clone for VerifyOptionsOn<'_, D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: ?Sized> Copy for VerifyOptionsOn<'_, D> {}

impl Default for VerifyOptions<'_> {
    /// An empty message, which is malformed.
    fn default() -> Self {
        Self { input: SignedInput::Message(&[]), verify_with: &[], from: None }
    }
}

/// Signed input in Rust's memory.
pub type SignedInput<'a> = SignedInputOn<'a, [u8]>;

/// The forms signed input comes in.
#[derive(Debug)]
pub enum SignedInputOn<'a, D: ?Sized> {
    /// Data, and signatures over it that came beside it.
    Detached {
        /// The octets that were signed.
        data: &'a D,
        /// The signatures, armored or binary.
        signature: &'a [u8],
    },
    /// A signed message, armored or binary, or text in the cleartext framework; which one is seen from its first line.
    Message(&'a D),
}

impl<D: ?Sized> Clone for SignedInputOn<'_, D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: ?Sized> Copy for SignedInputOn<'_, D> {}

impl<D: Octets + ?Sized> SignedInputOn<'_, D> {
    fn len(&self) -> usize {
        match self {
            Self::Detached { data, .. } => data.len(),
            Self::Message(message) => message.len(),
        }
    }
}

/// Verified input.
#[derive(Debug, Clone)]
pub struct Verified<M = SecretOctets> {
    /// What the signatures cover. For cleartext: without trailing blanks, lines ending in LF. `None` for detached
    /// signatures: the caller has the data.
    pub data: Option<M>,
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
    // This engine never waits.
    let verified = at_once(verify_on(options, policy, limits, at, &RustCrypto, &mut ()));
    verified.unwrap_or(Err(VerifyError::Unsupported { feature: "waiting" }))
}

/// [`verify`] with data that lies where an engine hashes it; `progress` hears octets of what is signed, or of the signed message.
///
/// # Errors
/// As [`verify`], and [`VerifyError::Cancelled`].
pub async fn verify_on<D: Octets + ?Sized, E: Bulk<D>>(
    options: VerifyOptionsOn<'_, D>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<Verified<D::Made>, VerifyError> {
    let mut judgements = Judgements::new(options.verify_with, policy, at, limits.verifications);
    let source = CertificateSource::Known;
    let mut checker = Checker { judgements: &mut judgements, source, context: Context::Clear, from: options.from };
    let mut whole = Whole::of(progress);
    let verified = verify_with(options.input, &mut checker, limits, engine, &mut whole).await?;
    whole.end(options.input.len()).map_err(ReadError::from)?;
    Ok(verified)
}

/// [`verify_on`] with a checker that is shared with others.
pub(crate) async fn verify_with<D: Octets + ?Sized, E: Bulk<D>>(
    input: SignedInputOn<'_, D>,
    checker: &mut Checker<'_, '_>,
    limits: &Limits,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<Verified<D::Made>, VerifyError> {
    let message = match input {
        SignedInputOn::Detached { data, signature } => {
            let packets = input::read_signature(signature, limits)?;
            let found = read_detached(&packets, limits)?;
            let signatures = checker.check_all_on(&found, engine, &mut Hashed::new(data), progress).await?;
            return Ok(Verified { data: None, filename: None, signatures });
        }
        SignedInputOn::Message(message) => message,
    };
    let length = message.len();
    input::check_size(length, limits)?;
    if input::is_binary(message) {
        let Unfolded { filename, data, signatures, .. } = unfold(message, limits, engine).await?;
        // What is returned is what is checked, whatever becomes of the caller's octets meanwhile.
        let data = data.copy(message, engine).await?;
        let hashed = &mut Hashed::new(D::of(&data));
        let share = &mut Share::of(progress, 0, 1, length);
        let signatures = checker.check_all_on(&signatures, engine, hashed, share).await?;
        return Ok(Verified { data: Some(data), filename, signatures });
    }
    // Reading is half of the work.
    if let Some(begin) = cleartext::is_cleartext_on(message) {
        let share = &mut Share::of(progress, 0, 2, length);
        let Unframed { text, hashed, signature } = cleartext::unframe(message, begin, engine, share).await?;
        let packets = input::read_signature(&signature, limits)?;
        let found = read_detached(&packets, limits)?;
        let hashed = &mut Hashed::canonical(D::of(&hashed));
        let share = &mut Share::of(progress, 1, 2, length);
        let signatures = checker.check_all_on(&found, engine, hashed, share).await?;
        return Ok(Verified { data: Some(text), filename: None, signatures });
    }
    let packets = input::dearmor(engine, message, limits, &mut Share::of(progress, 0, 2, length)).await?;
    let Unfolded { filename, data, signatures, .. } = unfold(D::of(&packets), limits, engine).await?;
    let data = data.cut::<D>(packets)?;
    let hashed = &mut Hashed::new(D::of(&data));
    let share = &mut Share::of(progress, 1, 2, length);
    let signatures = checker.check_all_on(&signatures, engine, hashed, share).await?;
    Ok(Verified { data: Some(data), filename, signatures })
}
