//! A key as signatures of another version see it.

use pgp::{
    crypto::public_key::PublicKeyAlgorithm,
    errors::Result as PgpResult,
    packet::PublicKey,
    ser::Serialize,
    types::{Fingerprint, KeyDetails, KeyId, KeyVersion, PublicParams, Timestamp},
};

/// A key that is signed by somebody else. What precedes its octets in the hash depends on the version of the signature, not of
/// the key (RFC 9580 §5.2.4: 0x99 and two octets of length for version 4, 0x9B and four for version 6); rPGP goes by the key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Framed<'a> {
    key: &'a PublicKey,
    version: KeyVersion,
}

impl<'a> Framed<'a> {
    /// `key` as signatures by keys of `version` see it.
    pub(crate) fn new(key: &'a PublicKey, version: KeyVersion) -> Self {
        Self { key, version }
    }
}

impl KeyDetails for Framed<'_> {
    fn version(&self) -> KeyVersion {
        self.version
    }
    fn legacy_key_id(&self) -> KeyId {
        self.key.legacy_key_id()
    }
    fn fingerprint(&self) -> Fingerprint {
        self.key.fingerprint()
    }
    fn algorithm(&self) -> PublicKeyAlgorithm {
        self.key.algorithm()
    }
    fn created_at(&self) -> Timestamp {
        self.key.created_at()
    }
    fn legacy_v3_expiration_days(&self) -> Option<u16> {
        self.key.legacy_v3_expiration_days()
    }
    fn public_params(&self) -> &PublicParams {
        self.key.public_params()
    }
}

impl Serialize for Framed<'_> {
    fn to_writer<W: std::io::Write>(&self, writer: &mut W) -> PgpResult<()> {
        self.key.to_writer(writer)
    }
    fn write_len(&self) -> usize {
        self.key.write_len()
    }
}
