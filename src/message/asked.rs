//! A recipient's key for which an engine was asked before rPGP puts the packet together.

use super::{agreement, rsa};
use crate::certificate::ComponentKey;
use envelock_seipd::Engine;
use pgp::{
    composed::RawSessionKey,
    crypto::{checksum, public_key::PublicKeyAlgorithm, sym::SymmetricKeyAlgorithm},
    errors::Result as PgpResult,
    types::{EncryptionKey, EskType, Fingerprint, KeyDetails, KeyId, KeyVersion, PkeskBytes, PublicParams, Timestamp},
};
use rand::{CryptoRng, Rng};
use zeroize::Zeroizing;

/// The key, and the session key encrypted to it, if the engine did that.
#[derive(Debug)]
pub(super) struct Asked<'k> {
    key: &'k ComponentKey<'k>,
    encrypted: Option<PkeskBytes>,
}

impl<'k> Asked<'k> {
    /// Asks; `cipher` stands before the session key in PKESK v3 (§5.1.3).
    pub(super) async fn new<R: CryptoRng + Rng>(
        engine: &impl Engine,
        key: &'k ComponentKey<'k>,
        cipher: Option<SymmetricKeyAlgorithm>,
        session_key: &RawSessionKey,
        rng: &mut R,
    ) -> Self {
        let mut plain = Zeroizing::new(Vec::with_capacity(1 + session_key.len() + 2));
        plain.extend(cipher.map(u8::from));
        plain.extend_from_slice(session_key.as_ref());
        plain.extend(checksum::calculate_simple(session_key.as_ref()).to_be_bytes());
        let encrypted = match key.public_params() {
            PublicParams::RSA(params) => rsa::encrypt(engine, params, &plain, rng),
            PublicParams::ECDH(_) => agreement::encrypt(engine, key, &plain).await,
            _ => None,
        };
        Self { key, encrypted }
    }
}

impl EncryptionKey for Asked<'_> {
    fn encrypt<R: CryptoRng + Rng>(&self, rng: R, plain: &[u8], typ: EskType) -> PgpResult<PkeskBytes> {
        self.encrypted.clone().map_or_else(|| self.key.encrypt(rng, plain, typ), Ok)
    }
}

impl KeyDetails for Asked<'_> {
    fn version(&self) -> KeyVersion {
        self.key.version()
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
