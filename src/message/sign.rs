//! Signs data: detached, inline, or in the cleartext framework.

use super::{
    cleartext,
    error::SignError,
    literal,
    signer::{Pending, Signer, Terms, prepare},
};
use crate::{
    Limits, Policy,
    armor::{self, ArmorKind},
};
use pgp::{packet::SignatureType, types::Timestamp};
use rand::{CryptoRng, Rng};

/// What to sign, with whom, and how the result looks.
#[derive(Debug, Clone, Copy)]
pub struct SignOptions<'a> {
    /// The octets to sign.
    pub data: &'a [u8],
    /// The signing keys; one signature each.
    pub signers: &'a [Signer<'a>],
    /// The form of the result.
    pub form: SignatureForm,
    /// ASCII armor around a detached signature or inline message. Cleartext is always armored.
    pub armor: bool,
    /// Sign as text: line ends count as CRLF whatever they are (§5.2.1.2). Cleartext is always text.
    pub text: bool,
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

/// Signs the data, dated `at`.
///
/// # Errors
/// [`SignError::Key`] if a signer has no key that may sign at that time, or its passphrase is missing or wrong.
pub fn sign<R: CryptoRng + Rng>(
    options: SignOptions<'_>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    rng: &mut R,
) -> Result<Vec<u8>, SignError> {
    if options.signers.is_empty() {
        return Err(SignError::NoSigner);
    }
    let as_text = options.text || options.form == SignatureForm::Cleartext;
    let signature_type = if as_text { SignatureType::Text } else { SignatureType::Binary };
    let terms = Terms { signature_type, at, intended: &[] };
    let pending = prepare(options.signers, terms, policy, limits, rng)?;
    match options.form {
        SignatureForm::Detached => Ok(finish(sign_each(pending, options.data)?, ArmorKind::Signature, options.armor)),
        SignatureForm::Inline => Ok(finish(sign_inline(pending, "", options.data)?, ArmorKind::Message, options.armor)),
        SignatureForm::Cleartext => sign_cleartext(pending, options.data),
    }
}

/// One-pass packets, the literal packet, and the signatures in reverse order (§10.3). Without signers the literal alone.
pub(crate) fn sign_inline(pending: Vec<Pending>, filename: &str, data: &[u8]) -> Result<Vec<u8>, SignError> {
    let mut message = Vec::with_capacity(data.len() + 1024 * (pending.len() + 1));
    for (index, signature) in pending.iter().enumerate() {
        message.extend(signature.one_pass(index + 1 < pending.len())?);
    }
    literal::write(&mut message, filename, data);
    for signature in pending.into_iter().rev() {
        message.extend(signature.sign(data)?);
    }
    Ok(message)
}

fn sign_each(pending: Vec<Pending>, data: &[u8]) -> Result<Vec<u8>, SignError> {
    let mut packets = Vec::new();
    for signature in pending {
        packets.extend(signature.sign(data)?);
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
