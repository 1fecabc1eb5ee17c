//! Takes a signed message apart into its data and its signatures, as they are: nothing is verified here.
//!
//! For programs that keep the two apart. What came out is only as good as what [`verify`](super::verify()) says of it.

use super::{
    cleartext,
    error::{ReadError, VerifyError},
    grammar, input,
    unfold::unfold,
};
use crate::Limits;
use envelock_seipd::{
    SecretOctets,
    engine::{RustCrypto, ready},
};

/// A signed message in two parts.
#[derive(Debug, Clone)]
pub struct Detached {
    /// What the signatures are over. For cleartext: without trailing blanks, lines ending in LF.
    pub data: SecretOctets,
    /// The signature packets, binary, in the order of the message; empty for an unsigned one.
    pub signatures: Vec<u8>,
}

/// Takes an inline signed or cleartext signed message apart.
///
/// # Errors
/// See [`VerifyError`]: input that is not exactly one message is refused.
pub fn detach(message: &[u8], limits: &Limits) -> Result<Detached, VerifyError> {
    if cleartext::is_cleartext(message) {
        input::check_size(message.len(), limits)?;
        let parsed = cleartext::parse(message)?;
        let signatures = input::read_signature(parsed.signature, limits)?.into_owned();
        return Ok(Detached { data: SecretOctets::from(parsed.text), signatures });
    }
    let message = input::read_message(message, limits)?;
    let unfolded = ready(unfold(message.as_ref(), limits, &RustCrypto))?;
    Ok(Detached {
        data: ready(unfolded.data.copy(message.as_ref(), &RustCrypto))?,
        signatures: unfolded.signature_packets,
    })
}

/// The hash algorithms of detached signatures (RFC 9580 §9.5), each once, for the `micalg` parameter of RFC 3156 §5.
///
/// # Errors
/// See [`VerifyError`]: anything but signatures is refused.
pub fn hash_algorithms(signatures: &[u8], limits: &Limits) -> Result<Vec<u8>, VerifyError> {
    let packets = input::read_signature(signatures, limits)?;
    let mut found = Vec::new();
    for packet in grammar::parse_detached(&packets, limits.message_packets)? {
        // §5.2.2, §5.2.3: the octet at this place in v3 (16) and in v4 and v6 (3).
        let place = if packet.body.first() == Some(&3) { 16 } else { 3 };
        match packet.body.get(place) {
            Some(hash) if !found.contains(hash) => found.push(*hash),
            Some(_) => {}
            None => return Err(ReadError::in_packet("a signature packet is cut", &packet).into()),
        }
    }
    Ok(found)
}
