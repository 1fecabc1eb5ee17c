//! What is encrypted to a key of RSA or ECDH.

use pgp::{
    composed::{PlainSessionKey, RawSessionKey},
    crypto::{checksum, sym::SymmetricKeyAlgorithm},
    types::EskType,
};

/// Cipher (version 3 only), session key, two octets of checksum (RFC 9580 §5.1.3).
pub(crate) fn checked(plain: &[u8], typ: EskType) -> Option<PlainSessionKey> {
    let (rest, sum) = plain.split_last_chunk::<2>()?;
    match typ {
        EskType::V3_4 => {
            let (cipher, key) = rest.split_first()?;
            let sym_alg = SymmetricKeyAlgorithm::from(*cipher);
            if key.is_empty() || key.len() != sym_alg.key_size() || checksum::simple(*sum, key).is_err() {
                return None;
            }
            Some(PlainSessionKey::V3_4 { sym_alg, key: RawSessionKey::from(key) })
        }
        EskType::V6 if rest.is_empty() || checksum::simple(*sum, rest).is_err() => None,
        EskType::V6 => Some(PlainSessionKey::V6 { key: RawSessionKey::from(rest) }),
    }
}
