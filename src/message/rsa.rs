//! RSA decryption by an engine that does it better, in a time that tells nothing about the key.

use crate::{encoded, secret_key::UnlockedComponent};
use envelock_seipd::engine::Engine;
use pgp::types::{KeyDetails, SecretParams};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

/// At least so many octets pad a message (RFC 8017 §7.2.1).
const PADDING: u32 = 8;

/// [`decrypt`] with an engine of any kind, so that what asks for it is compiled once.
pub(super) type Rsa<'e> = dyn Fn(&UnlockedComponent, &[u8]) -> Option<Option<Zeroizing<Vec<u8>>>> + 'e;

/// What was encrypted to the key, if anything was; `None` if the engine cannot tell, and Rust has to.
pub(super) fn decrypt(
    engine: &impl Engine,
    key: &UnlockedComponent,
    ciphertext: &[u8],
) -> Option<Option<Zeroizing<Vec<u8>>>> {
    if !engine.has_rsa() {
        return None;
    }
    let SecretParams::Plain(secret) = key.secret_params() else { return None };
    let encoded = encoded::secret(secret, key.public_params())?;
    // An MPI drops leading zero octets (RFC 9580 §3.2).
    let mut whole = vec![0; encoded.length.checked_sub(ciphertext.len())?];
    whole.extend_from_slice(ciphertext);
    let padded = engine.decrypt_rsa(&encoded.octets, &whole)?;
    (padded.len() == encoded.length).then(|| unpadded(&padded))
}

/// Takes the padding off (RFC 8017 §7.2.2), looking at every octet alike.
fn unpadded(padded: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (start, rest) = padded.split_first_chunk::<2>()?;
    let mut is_right = start.ct_eq(&[0, 2]);
    let (mut is_padding, mut length) = (Choice::from(1), 0u32);
    for (place, octet) in (0u32..).zip(rest) {
        let is_end = is_padding & octet.ct_eq(&0);
        length.conditional_assign(&place, is_end);
        is_padding &= !is_end;
    }
    is_right &= !is_padding;
    let enough = Choice::from(u8::from(length >= PADDING));
    if !bool::from(is_right & enough) {
        return None;
    }
    rest.get(length as usize + 1..).map(|plain| Zeroizing::new(plain.to_vec()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]
    use super::*;

    fn plain(padded: &[u8]) -> Option<Vec<u8>> {
        unpadded(padded).map(|plain| plain.to_vec())
    }

    #[test]
    fn padding() {
        let padded = |length: usize| [&[0, 2][..], &vec![0xAA; length], &[0], b"plain"].concat();
        assert_eq!(plain(&padded(8)).unwrap(), b"plain");
        assert_eq!(plain(&padded(200)).unwrap(), b"plain");
        assert_eq!(plain(&padded(7)), None);
        assert_eq!(plain(&[&[0, 2][..], &[1; 20]].concat()), None, "no end");
        assert_eq!(plain(&[&[0, 2][..], &[1; 20], &[0]].concat()).unwrap(), b"");
        assert_eq!(plain(&[&[0, 2][..], &[1; 20], &[0, 0, 7, 0]].concat()).unwrap(), [0, 7, 0], "the first zero");
        for start in [[0, 1], [1, 2], [0, 0]] {
            assert_eq!(plain(&[&start[..], &[1; 20], &[0, 5]].concat()), None);
        }
        assert_eq!(plain(&[0]), None);
    }
}
