//! What a signature is over, as octets before and behind the data (RFC 9580 §5.2.4): so an engine can hash the data where it
//! lies, and the signature be made or checked from the hash alone.
//!
//! For the hashes that engines know. Everything else is hashed by `message`, or by rPGP.

use envelock_seipd::engine::Hash;
use pgp::{
    crypto::hash::HashAlgorithm,
    packet::{Signature, SignatureConfig, SignatureVersionSpecific, SubpacketData},
    ser::Serialize,
    types::{KeyVersion, Password, SigningKey, VerifyingKey},
};

/// What is hashed before and behind the data, and how.
pub(crate) struct Around<'c> {
    pub(crate) hash: Hash,
    pub(crate) before: &'c [u8],
    pub(crate) after: Vec<u8>,
}

/// `None` for what no engine hashes. Data is to be in the form that is signed: text with CRLF, keys and user IDs behind their
/// lengths.
pub(crate) fn around(config: &SignatureConfig) -> Option<Around<'_>> {
    let hash = match config.hash_alg {
        HashAlgorithm::Sha256 => Hash::Sha256,
        HashAlgorithm::Sha384 => Hash::Sha384,
        HashAlgorithm::Sha512 => Hash::Sha512,
        _ => return None,
    };
    let before = match &config.version_specific {
        SignatureVersionSpecific::V4 => &[][..],
        SignatureVersionSpecific::V6 { salt } => salt,
        _ => return None,
    };
    Some(Around { hash, before, after: trailer(config)? })
}

/// §5.2.4: the fields of the signature up to the hashed subpackets, then version, 0xFF and how many octets that was.
pub(crate) fn trailer(config: &SignatureConfig) -> Option<Vec<u8>> {
    let version = u8::from(config.version());
    let mut subpackets = Vec::new();
    for subpacket in &config.hashed_subpackets {
        // rPGP refuses a fingerprint of another version's key; let it.
        if let SubpacketData::IssuerFingerprint(issuer) = &subpacket.data
            && issuer.version().map(u8::from) != Some(version)
        {
            return None;
        }
        subpacket.to_writer(&mut subpackets).ok()?;
    }
    let mut trailer = vec![version, config.typ.into(), config.pub_alg.into(), config.hash_alg.into()];
    match config.version_specific {
        SignatureVersionSpecific::V4 => trailer.extend(u16::try_from(subpackets.len()).ok()?.to_be_bytes()),
        SignatureVersionSpecific::V6 { .. } => trailer.extend(u32::try_from(subpackets.len()).ok()?.to_be_bytes()),
        _ => return None,
    }
    trailer.extend(subpackets);
    let length = u32::try_from(trailer.len()).ok()?;
    trailer.extend([version, 0xFF]);
    trailer.extend(length.to_be_bytes());
    Some(trailer)
}

/// Makes the signature from the hash.
pub(crate) fn sign(config: SignatureConfig, key: &impl SigningKey, digest: &[u8]) -> Option<Signature> {
    let signed_hash_value = *digest.first_chunk()?;
    let signature = key.sign(&Password::empty(), config.hash_alg, digest).ok()?;
    Signature::from_config(config, signed_hash_value, signature).ok()
}

/// Whether the key made the signature, whose hash is `digest`. The same rules as rPGP's `Signature::verify`; that the key is the
/// one the signature names, and the salt's length (§5.2.3), the caller has seen to. `proven`: an engine has done the mathematics.
pub(crate) fn verify(signature: &Signature, key: &impl VerifyingKey, digest: &[u8], proven: bool) -> bool {
    let (Some(config), Some(claimed), Some(value)) =
        (signature.config(), signature.signed_hash_value(), signature.signature())
    else {
        return false;
    };
    // §5.2.1: keys of version 6 make signatures of version 6 and no others do.
    let is_v6 = matches!(config.version_specific, SignatureVersionSpecific::V6 { .. });
    is_v6 == (key.version() == KeyVersion::V6)
        && digest.starts_with(&claimed)
        && !(config.pub_alg.is_pqc() && digest.len() < 32)
        && (proven || key.verify(config.hash_alg, digest, value).is_ok())
}
