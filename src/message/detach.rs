//! Takes a signed message apart into its data and its signatures, as they are: nothing is verified here.
//!
//! For programs that keep the two apart. What came out is only as good as what [`verify`](super::verify()) says of it.

use super::{cleartext, error::VerifyError, input, unfold::unfold};
use crate::Limits;
use zeroize::Zeroizing;

/// A signed message in two parts.
#[derive(Debug, Clone)]
pub struct Detached {
    /// What the signatures are over. For cleartext: without trailing blanks, lines ending in LF.
    pub data: Zeroizing<Vec<u8>>,
    /// The signature packets, binary, in the order of the message; empty for an unsigned one.
    pub signatures: Vec<u8>,
}

/// Takes an inline signed or cleartext signed message apart.
///
/// # Errors
/// See [`VerifyError`]: input that is not exactly one message is refused.
pub fn detach(message: &[u8], limits: &Limits) -> Result<Detached, VerifyError> {
    if cleartext::is_cleartext(message) {
        input::check_size(message, limits)?;
        let parsed = cleartext::parse(message)?;
        let signatures = input::read_signature(parsed.signature, limits)?.into_owned();
        return Ok(Detached { data: Zeroizing::new(parsed.text), signatures });
    }
    let unfolded = unfold(&input::read_message(message, limits)?, limits)?;
    Ok(Detached { data: unfolded.literal.data, signatures: unfolded.signature_packets })
}
