//! Signs data: detached, inline, or in the cleartext framework.

use super::{
    cleartext::{self, Framed},
    error::{ReadError, SignError},
    gathering::wrapped,
    grammar,
    hashing::Hashed,
    input, literal,
    notation::Notation,
    share::{Share, Whole},
    signer::{Pending, Signer, Terms, check_number, prepare},
};
use crate::{
    Limits, Policy,
    armor::{self, ArmorKind, ArmorWriter},
};
use envelock_seipd::{
    Engine, Error, Growing, Octets, Progress, Rope, SecretOctets,
    engine::{Bulk, RustCrypto, at_once},
    padding,
};
use pgp::{packet::SignatureType, types::Timestamp};
use rand::{CryptoRng, Rng};

/// What to sign, and how; data in Rust's memory.
pub type SignOptions<'a> = SignOptionsOn<'a, [u8]>;

/// What to sign, with whom, and how the result looks.
#[derive(Debug)]
pub struct SignOptionsOn<'a, D: ?Sized> {
    /// The octets to sign.
    pub data: &'a D,
    /// The signing keys; one signature each, [`Limits::message_signatures`] at most.
    pub signers: &'a [Signer<'a>],
    /// The form of the result.
    pub form: SignatureForm,
    /// ASCII armor around a detached signature or inline message. Cleartext is always armored.
    pub armor: bool,
    /// Sign as text: line ends count as CRLF whatever they are (§5.2.1.2). Cleartext is always text.
    pub text: bool,
    /// What the signatures say beside the data (§5.2.3.24).
    pub notations: &'a [Notation],
    /// The sender's bare address: each signer's user ID with it is named in the signature (§5.2.3.30).
    pub from: Option<&'a str>,
    /// A detached signature over the same data, armored or binary: the new ones are added behind it. Only for
    /// [`SignatureForm::Detached`]; nobody checks it here.
    pub beside: Option<&'a [u8]>,
}

impl<D: ?Sized> Clone for SignOptionsOn<'_, D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: ?Sized> Copy for SignOptionsOn<'_, D> {}

impl Default for SignOptions<'_> {
    /// Nothing, by nobody: a detached signature, binary.
    fn default() -> Self {
        Self {
            data: &[],
            signers: &[],
            form: SignatureForm::Detached,
            armor: false,
            text: false,
            notations: &[],
            from: None,
            beside: None,
        }
    }
}

/// The forms a signature can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SignatureForm {
    /// Signature packets alone, to travel beside the data (RFC 9580 §10.4).
    #[default]
    Detached,
    /// One message with data and signatures (§10.3).
    Inline,
    /// Readable text with the signature below (§7). Trailing blanks of lines are dropped, line ends become LF.
    Cleartext,
}

impl SignatureForm {
    /// `detached`, `inline` or `cleartext`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Detached => "detached",
            Self::Inline => "inline",
            Self::Cleartext => "cleartext",
        }
    }

    /// The form with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Detached, Self::Inline, Self::Cleartext].into_iter().find(|form| form.code() == code)
    }
}

/// Signs the data, dated `at`.
///
/// # Errors
/// [`SignError::TooLarge`] if the message would hold more data than `limits` let anybody read again; a detached signature
/// may be over any number of octets. [`SignError::Key`] if a signer has no key that may sign at that time, or its passphrase is missing or wrong.
pub fn sign<R: CryptoRng + Rng>(
    options: SignOptions<'_>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    rng: &mut R,
) -> Result<Vec<u8>, SignError> {
    // This engine never waits.
    at_once(sign_on(options, policy, limits, at, rng, &RustCrypto, &mut ())).unwrap_or(Err(TOO_LARGE))
}

/// [`sign`] with data that lies where an engine hashes it; `progress` hears octets of it.
///
/// # Errors
/// As [`sign`], and [`SignError::Cancelled`].
pub async fn sign_on<D: Octets + ?Sized, E: Bulk<D>, R: CryptoRng + Rng>(
    options: SignOptionsOn<'_, D>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    rng: &mut R,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<D::Sealed, SignError> {
    let mut whole = Whole::of(progress);
    let signed = sign_with(options, policy, limits, at, rng, engine, &mut whole).await?;
    whole.end(options.data.len())?;
    Ok(signed)
}

async fn sign_with<D: Octets + ?Sized, E: Bulk<D>, R: CryptoRng + Rng>(
    options: SignOptionsOn<'_, D>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    rng: &mut R,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<D::Sealed, SignError> {
    let (data, length) = (options.data, options.data.len());
    if options.form != SignatureForm::Detached && length as u64 > limits.plaintext_bytes {
        return Err(SignError::TooLarge { allowed: limits.plaintext_bytes });
    }
    let pending = pending(&options, policy, limits, at, rng, engine).await?;
    match options.form {
        SignatureForm::Detached => {
            let mut packets = beside(&options, pending.len(), limits)?;
            packets.extend(sign_each_on(pending, engine, &mut Hashed::new(data), progress).await?);
            Ok(D::sealed(finish(packets, ArmorKind::Signature, options.armor)))
        }
        SignatureForm::Inline => {
            let before = front(&pending, "", length)?;
            let steps = if options.armor { 2 } else { 1 };
            let share = &mut Share::of(progress, 0, steps, length);
            let after = sign_each_on(pending.into_iter().rev(), engine, &mut Hashed::new(data), share).await?;
            let rope = Rope { before: &before, data, after: &after };
            let message = wrapped(rope, engine).await.ok_or(SignError::OutOfMemory)?;
            if !options.armor {
                return Ok(message);
            }
            // Signatures are of the version of their one-pass packets, which stand in front.
            let checksum = armor::wants_checksum(before.as_slice());
            Ok(armored::<D, E>(message, checksum, engine, &mut Share::of(progress, 1, 2, length)).await?)
        }
        SignatureForm::Cleartext => {
            let mut hashes: Vec<&'static str> = pending.iter().filter_map(Pending::announced_hash).collect();
            hashes.dedup();
            let Framed { text, hashed } =
                cleartext::frame(data, &hashes, engine, &mut Share::of(progress, 0, 2, length)).await?;
            let share = &mut Share::of(progress, 1, 2, length);
            let packets = sign_each_on(pending, engine, &mut Hashed::canonical(D::of(&hashed)), share).await?;
            let signature = armor::write(ArmorKind::Signature, &packets);
            let signed = text.with(signature.as_bytes()).and_then(Growing::finish);
            signed.map(D::published).ok_or(SignError::OutOfMemory)
        }
    }
}

/// The signatures that are to be made.
pub(super) async fn pending<D: ?Sized, R: CryptoRng + Rng>(
    options: &SignOptionsOn<'_, D>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    rng: &mut R,
    engine: &impl Engine,
) -> Result<Vec<Pending>, SignError> {
    if options.signers.is_empty() {
        return Err(SignError::NoSigner);
    }
    let as_text = options.text || options.form == SignatureForm::Cleartext;
    let signature_type = if as_text { SignatureType::Text } else { SignatureType::Binary };
    let terms = Terms { signature_type, at, intended: &[], notations: options.notations, from: options.from };
    prepare(options.signers, terms, policy, limits, rng, engine).await
}

/// The packets of the detached signature that these are added to, if `more` have room beside them.
pub(super) fn beside<D: ?Sized>(
    options: &SignOptionsOn<'_, D>,
    more: usize,
    limits: &Limits,
) -> Result<Vec<u8>, SignError> {
    options.beside.map_or(Ok(Vec::new()), |signature| read_packets(signature, more, limits))
}

/// One-pass packets, the literal packet, and the signatures in reverse order (§10.3). Without signers the literal alone.
/// There is room for padding, so that the plaintext is copied once and lies nowhere else.
pub(crate) async fn sign_inline<E: Engine>(
    pending: Vec<Pending>,
    filename: &str,
    data: &[u8],
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<SecretOctets, SignError> {
    let front = front(&pending, filename, data.len())?;
    let signatures = sign_each_on(pending.into_iter().rev(), engine, &mut Hashed::new(data), progress).await?;
    let length = front.len() + data.len() + signatures.len();
    let mut message = SecretOctets::from(Vec::with_capacity(padding::padded_len(length)));
    for part in [&front, data, &signatures] {
        message.extend_from_slice(part);
    }
    Ok(message)
}

const TOO_LARGE: SignError = SignError::TooLarge { allowed: u32::MAX as u64 };

/// What stands before the data of an inline signed message.
pub(super) fn front(pending: &[Pending], filename: &str, length: usize) -> Result<Vec<u8>, SignError> {
    let mut front = Vec::new();
    for (index, signature) in pending.iter().enumerate() {
        front.extend(signature.one_pass(index + 1 < pending.len())?);
    }
    front.extend(literal::head(filename, length).ok_or(TOO_LARGE)?);
    Ok(front)
}

/// The packets of a detached signature as they are, padding included, if `more` have room beside them.
fn read_packets(signature: &[u8], more: usize, limits: &Limits) -> Result<Vec<u8>, SignError> {
    let refused = |error| match error {
        ReadError::TooLarge(allowed) => SignError::TooLarge { allowed },
        ReadError::TooMany { .. } => SignError::NotASignature { what: "it holds too many packets" },
        ReadError::Malformed { what, .. } | ReadError::Unsupported(what) | ReadError::Signed(what) => {
            SignError::NotASignature { what }
        }
        ReadError::Encrypted => SignError::NotASignature { what: "it is encrypted" },
        ReadError::OutOfMemory => SignError::OutOfMemory,
        ReadError::Cancelled => SignError::Cancelled,
    };
    let packets = input::read_signature(signature, limits).map_err(refused)?;
    let found = grammar::parse_detached(&packets, limits.message_packets).map_err(refused)?.len();
    check_number(found + more, limits)?;
    Ok(packets.into_owned())
}

/// One signature after the other, over data where it lies.
pub(super) async fn sign_each_on<D: Octets + ?Sized, E: Bulk<D>>(
    pending: impl IntoIterator<Item = Pending, IntoIter: ExactSizeIterator>,
    engine: &E,
    hashed: &mut Hashed<'_, D>,
    progress: &mut dyn Progress,
) -> Result<Vec<u8>, SignError> {
    let mut packets = Vec::new();
    let pending = pending.into_iter();
    let steps = pending.len();
    for (index, signature) in pending.enumerate() {
        if index > 0 {
            engine.rest().await;
        }
        let mut share = Share::of(progress, index, steps, hashed.len());
        packets.extend(signature.sign_on(engine, hashed, &mut share).await?);
        share.end()?;
    }
    Ok(packets)
}

/// Armors octets if asked to.
pub(crate) fn finish(octets: Vec<u8>, kind: ArmorKind, armored: bool) -> Vec<u8> {
    if armored { armor::write(kind, &octets).into_bytes() } else { octets }
}

/// A message in armor, where it lies, with rests between.
pub(super) async fn armored<D: Octets + ?Sized, E: Engine>(
    message: D::Sealed,
    checksum: bool,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<D::Sealed, Error> {
    let begun = ArmorWriter::begin(ArmorKind::Message, &[], checksum);
    armor::write_on(begun, D::of_sealed(&message), engine, progress).await.map(D::published)
}

impl From<Error> for SignError {
    fn from(error: Error) -> Self {
        match error {
            Error::Cancelled => Self::Cancelled,
            Error::OutOfMemory => Self::OutOfMemory,
            Error::TooLarge { .. } => TOO_LARGE,
            _ => Self::Gone,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn each_cause_keeps_its_name() {
        let codes = |error| SignError::from(error).code();
        assert_eq!(codes(Error::OutOfMemory), "out-of-memory");
        assert_eq!(codes(Error::GONE), "malformed");
        assert_eq!(codes(Error::Cancelled), "cancelled");
    }

    #[test]
    fn padding_finds_room_and_leaves_no_copy_behind() {
        for length in [0, 5000, 100_001, 1_048_577] {
            let data = vec![7; length];
            let mut message = at_once(sign_inline(Vec::new(), "a.txt", &data, &RustCrypto, &mut ())).unwrap().unwrap();
            let (place, capacity) = (message.as_ptr(), message.capacity());
            padding::pad(&mut message, &mut rand_chacha::ChaCha20Rng::seed_from_u64(1));
            assert_eq!((message.as_ptr(), message.capacity()), (place, capacity), "{length} octets");
        }
    }
}
