//! Revocation certificates: a key's own word that it is not to be used any more (RFC 9580 §5.2.1.11).

use pgp::{
    bytes::Bytes,
    packet::{PublicKey, Signature, SignatureType, SubpacketData},
    types::Timestamp,
};

use super::{
    signing::{Draft, Statement},
    unlock::UnlockedComponent,
};
use crate::{armor, certificate::RevocationReason, error::KeyError};

/// Revokes the primary key. Merged into the certificate, or published, it ends the key.
pub(super) fn revoke_key<'k, R: rand::CryptoRng + rand::Rng>(
    signer: &'k UnlockedComponent,
    primary: &PublicKey,
    reason: RevocationReason,
    text: &str,
    at: Timestamp,
    rng: &mut R,
) -> Result<Statement<'k>, KeyError> {
    Draft::new(signer, at).say(said(reason, text)).over_key(SignatureType::KeyRevocation, primary, rng)
}

/// Reason and text as a subpacket (§5.2.3.31).
pub(super) fn said(reason: RevocationReason, text: &str) -> SubpacketData {
    SubpacketData::RevocationReason(reason.to_wire(), Bytes::copy_from_slice(text.as_bytes()))
}

/// The revocation as a file of its own, in the form GnuPG and others import.
pub(super) fn to_armored(revocation: &Signature) -> Result<String, KeyError> {
    let mut octets = Vec::new();
    pgp::packet::PacketTrait::to_writer_with_header(revocation, &mut octets)
        .map_err(|_| KeyError::Internal { what: "write" })?;
    Ok(armor::write_with(armor::ArmorKind::PublicKey, &[("Comment", "This is a revocation certificate")], &octets))
}
