//! Locks that nobody makes any more, or that are made with other ciphers than AES: opened by rPGP, and read by nobody but us.

use pgp::{
    bytes::Bytes,
    crypto::public_key::PublicKeyAlgorithm,
    errors::Result as PgpResult,
    ser::Serialize,
    types::{
        EncryptedSecretParams, Fingerprint, KeyDetails, KeyId, KeyVersion, PlainSecretParams, PublicParams, S2kParams,
        Tag, Timestamp, VerifyingKey,
    },
};
use zeroize::Zeroizing;

use super::open::without_sum;
use crate::secret::Passphrase;

/// The secret numbers of what has no [`derivation`](super::sealed::derivation), as octets. `None` for a wrong passphrase and damaged octets alike.
#[inline(never)] // the module of the npm package loads it when it is needed
pub(super) fn open<K: VerifyingKey + Serialize>(
    locked: &EncryptedSecretParams,
    public: &K,
    tag: Tag,
    passphrase: &Passphrase,
) -> Option<Zeroizing<Vec<u8>>> {
    let is_summed =
        matches!(locked.string_to_key_params(), S2kParams::LegacyCfb { .. } | S2kParams::MalleableCfb { .. });
    let key = Unknown {
        key: public,
        params: PublicParams::Unknown { data: Bytes::new() },
        // rPGP reads numbers of unknown algorithms to the end, and then looks for the sum of version 4 behind it.
        version: if is_summed && public.version() == KeyVersion::V4 { KeyVersion::V5 } else { public.version() },
    };
    let PlainSecretParams::Unknown { data, .. } = &locked.unlock(&passphrase.to_pgp(), &key, Some(tag)).ok()? else {
        return None;
    };
    let octets = if is_summed { without_sum(data)? } else { data };
    Some(Zeroizing::new(octets.to_vec()))
}

/// A key whose algorithm rPGP is not told, so that it leaves the secret numbers as they are.
#[derive(Debug)]
struct Unknown<'k, K> {
    key: &'k K,
    params: PublicParams,
    version: KeyVersion,
}

impl<K: KeyDetails> KeyDetails for Unknown<'_, K> {
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
        &self.params
    }
}

/// What AEAD authenticates: the key as it is.
impl<K: Serialize> Serialize for Unknown<'_, K> {
    fn to_writer<W: std::io::Write>(&self, writer: &mut W) -> PgpResult<()> {
        self.key.to_writer(writer)
    }
    fn write_len(&self) -> usize {
        self.key.write_len()
    }
}
