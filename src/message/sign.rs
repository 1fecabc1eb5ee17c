//! Signs data: detached, inline, or in the cleartext framework.

use super::{
    cleartext,
    error::{ReadError, SignError},
    grammar, input, literal,
    notation::Notation,
    signer::{Pending, Signer, Terms, check_number, prepare},
};
use crate::{
    Limits, Policy,
    armor::{self, ArmorKind},
};
use envelock_seipd::{
    Octets, Rope,
    engine::{Bulk, RustCrypto, at_once},
    padding,
};
use pgp::{packet::SignatureType, types::Timestamp};
use rand::{CryptoRng, Rng};
use zeroize::Zeroizing;

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
    at_once(sign_on(options, policy, limits, at, rng, &RustCrypto)).unwrap_or(Err(TOO_LARGE))
}

/// [`sign`] with data that lies where an engine hashes it.
///
/// # Errors
/// As [`sign`].
pub async fn sign_on<D: Octets + ?Sized, E: Bulk<D>, R: CryptoRng + Rng>(
    options: SignOptionsOn<'_, D>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    rng: &mut R,
    engine: &E,
) -> Result<D::Sealed, SignError> {
    if options.signers.is_empty() {
        return Err(SignError::NoSigner);
    }
    if options.form != SignatureForm::Detached && options.data.len() as u64 > limits.plaintext_bytes {
        return Err(SignError::TooLarge { allowed: limits.plaintext_bytes });
    }
    let as_text = options.text || options.form == SignatureForm::Cleartext;
    let signature_type = if as_text { SignatureType::Text } else { SignatureType::Binary };
    let terms = Terms { signature_type, at, intended: &[], notations: options.notations, from: options.from };
    let pending = prepare(options.signers, terms, policy, limits, rng)?;
    match options.form {
        SignatureForm::Detached => {
            let mut packets = match options.beside {
                Some(signature) => read_packets(signature, pending.len(), limits)?,
                None => Vec::new(),
            };
            packets.extend(sign_each_on(pending, engine, options.data).await?);
            Ok(D::sealed(finish(packets, ArmorKind::Signature, options.armor)))
        }
        SignatureForm::Inline => {
            let before = front(&pending, "", options.data.len())?;
            let after = sign_each_on(pending.into_iter().rev(), engine, options.data).await?;
            let rope = Rope { before: &before, data: options.data, after: &after };
            let message = D::wrapped(rope).ok_or(TOO_LARGE)?;
            Ok(finish_on::<D>(message, ArmorKind::Message, options.armor))
        }
        SignatureForm::Cleartext => {
            let text = options.data.read(0..options.data.len()).ok_or(TOO_LARGE)?;
            sign_cleartext(pending, &text).map(D::sealed)
        }
    }
}

/// One-pass packets, the literal packet, and the signatures in reverse order (§10.3). Without signers the literal alone.
/// There is room for padding, so that the plaintext is copied once and lies nowhere else.
pub(crate) fn sign_inline(pending: Vec<Pending>, filename: &str, data: &[u8]) -> Result<Zeroizing<Vec<u8>>, SignError> {
    let front = front(&pending, filename, data.len())?;
    let signatures = sign_each(pending.into_iter().rev(), data)?;
    let length = front.len() + data.len() + signatures.len();
    let mut message = Zeroizing::new(Vec::with_capacity(padding::padded_len(length)));
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
    };
    let packets = input::read_signature(signature, limits).map_err(refused)?;
    let found = grammar::parse_detached(&packets, limits.message_packets).map_err(refused)?.len();
    check_number(found + more, limits)?;
    Ok(packets.into_owned())
}

fn sign_each(pending: impl IntoIterator<Item = Pending>, data: &[u8]) -> Result<Vec<u8>, SignError> {
    let mut packets = Vec::new();
    for signature in pending {
        packets.extend(signature.sign(data)?);
    }
    Ok(packets)
}

/// One signature after the other, over data where it lies.
pub(super) async fn sign_each_on<D: Octets + ?Sized, E: Bulk<D>>(
    pending: impl IntoIterator<Item = Pending>,
    engine: &E,
    data: &D,
) -> Result<Vec<u8>, SignError> {
    let mut packets = Vec::new();
    for signature in pending {
        packets.extend(signature.sign_on(engine, data).await?);
    }
    Ok(packets)
}

fn sign_cleartext(pending: Vec<Pending>, data: &[u8]) -> Result<Vec<u8>, SignError> {
    let text = std::str::from_utf8(data).map_err(|_| SignError::NotText)?;
    let canonical = cleartext::canonical(text);
    let mut hashes: Vec<&'static str> = pending.iter().filter_map(Pending::announced_hash).collect();
    hashes.dedup();
    let packets = sign_each(pending, &cleartext::to_crlf(canonical.as_bytes()))?;
    Ok(cleartext::write(&canonical, &hashes, &armor::write(ArmorKind::Signature, &packets)).into_bytes())
}

/// Armors octets if asked to.
pub(crate) fn finish(octets: Vec<u8>, kind: ArmorKind, armored: bool) -> Vec<u8> {
    if armored { armor::write(kind, &octets).into_bytes() } else { octets }
}

/// [`finish`] for octets that may lie elsewhere.
pub(super) fn finish_on<D: Octets + ?Sized>(octets: D::Sealed, kind: ArmorKind, armored: bool) -> D::Sealed {
    if armored { D::through(octets, |octets| finish(octets, kind, true)) } else { octets }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn padding_finds_room_and_leaves_no_copy_behind() {
        for length in [0, 5000, 100_001, 1_048_577] {
            let mut message = sign_inline(Vec::new(), "a.txt", &vec![7; length]).unwrap();
            let (place, capacity) = (message.as_ptr(), message.capacity());
            padding::pad(&mut message, &mut rand_chacha::ChaCha20Rng::seed_from_u64(1));
            assert_eq!((message.as_ptr(), message.capacity()), (place, capacity), "{length} octets");
        }
    }
}
