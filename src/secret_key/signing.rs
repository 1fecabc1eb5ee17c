//! Makes self-signatures with every subpacket given by the caller: rPGP's own conveniences would read the clock.

use pgp::{
    crypto::hash::HashAlgorithm,
    errors::Result as PgpResult,
    packet::{Signature, SignatureConfig, SignatureType, Subpacket, SubpacketData},
    ser::Serialize,
    types::{KeyDetails, KeyVersion, Password, Tag, Timestamp},
};

use super::unlock::UnlockedComponent;
use crate::error::KeyError;

/// The hash of our self-signatures; v6 salts are as long as it asks for.
const HASH: HashAlgorithm = HashAlgorithm::Sha512;

/// A signature being put together: who signs, and what is said in the hashed area.
pub(super) struct Draft<'k> {
    signer: &'k UnlockedComponent,
    statements: Vec<PgpResult<Subpacket>>,
}

impl<'k> Draft<'k> {
    pub(super) fn new(signer: &'k UnlockedComponent, created: Timestamp) -> Self {
        // §5.2.3.11, §5.2.3.35: date and issuer are always there.
        let statements = vec![
            Subpacket::critical(SubpacketData::SignatureCreationTime(created)),
            Subpacket::regular(SubpacketData::IssuerFingerprint(signer.fingerprint())),
        ];
        Self { signer, statements }
    }

    /// States something that software may ignore if it does not know it.
    pub(super) fn say(mut self, data: SubpacketData) -> Self {
        self.statements.push(Subpacket::regular(data));
        self
    }

    /// States something without which the signature must not be used.
    pub(super) fn insist(mut self, data: SubpacketData) -> Self {
        self.statements.push(Subpacket::critical(data));
        self
    }

    /// States what an older signature stated, as far as `keep` wants it; not what each signature states for itself (§5.2.3.11,
    /// §5.2.3.18, §5.2.3.12, §5.2.3.35). Statements nobody here knows are kept, too.
    pub(super) fn restate(mut self, older: &SignatureConfig, keep: impl Fn(&SubpacketData) -> bool) -> Self {
        for subpacket in &older.hashed_subpackets {
            let data = &subpacket.data;
            let is_its_own = matches!(
                data,
                SubpacketData::SignatureCreationTime(_)
                    | SubpacketData::SignatureExpirationTime(_)
                    | SubpacketData::IssuerKeyId(_)
                    | SubpacketData::IssuerFingerprint(_)
            );
            if !is_its_own && keep(data) {
                self = if subpacket.is_critical { self.insist(data.clone()) } else { self.say(data.clone()) };
            }
        }
        self
    }

    /// Signs `key` alone: direct-key signatures and key revocations.
    pub(super) fn over_key<R: rand::CryptoRng + rand::Rng>(
        self,
        typ: SignatureType,
        key: &(impl KeyDetails + Serialize),
        rng: &mut R,
    ) -> Result<Signature, KeyError> {
        let signer = self.signer;
        let signed = self.config(typ, rng)?.sign_key(signer, &Password::empty(), key);
        signed.map_err(failed)
    }

    /// Certifies a user ID of `key`.
    pub(super) fn over_user_id<R: rand::CryptoRng + rand::Rng>(
        self,
        typ: SignatureType,
        key: &(impl KeyDetails + Serialize),
        user_id: &pgp::packet::UserId,
        rng: &mut R,
    ) -> Result<Signature, KeyError> {
        let signer = self.signer;
        let signed = self.config(typ, rng)?.sign_certification(signer, key, &Password::empty(), Tag::UserId, user_id);
        signed.map_err(failed)
    }

    /// Binds or revokes `subkey` under the primary key.
    pub(super) fn over_subkey<R: rand::CryptoRng + rand::Rng>(
        self,
        typ: SignatureType,
        primary: &(impl KeyDetails + Serialize),
        subkey: &(impl KeyDetails + Serialize),
        rng: &mut R,
    ) -> Result<Signature, KeyError> {
        let signer = self.signer;
        let signed = self.config(typ, rng)?.sign_subkey_binding(signer, primary, &Password::empty(), subkey);
        signed.map_err(failed)
    }

    /// A subkey's consent to be one of `primary`'s (§5.2.1.9). The signer is the subkey, whose public half is `subkey`.
    pub(super) fn over_primary_key<R: rand::CryptoRng + rand::Rng>(
        self,
        subkey: &(impl KeyDetails + Serialize),
        primary: &(impl KeyDetails + Serialize),
        rng: &mut R,
    ) -> Result<Signature, KeyError> {
        let signer = self.signer;
        let config = self.config(SignatureType::KeyBinding, rng)?;
        config.sign_primary_key_binding(signer, subkey, &Password::empty(), primary).map_err(failed)
    }

    fn config<R: rand::CryptoRng + rand::Rng>(
        self,
        typ: SignatureType,
        rng: &mut R,
    ) -> Result<SignatureConfig, KeyError> {
        let mut config = if self.signer.version() == KeyVersion::V6 {
            SignatureConfig::v6(rng, typ, self.signer.algorithm(), HASH).map_err(failed)?
        } else {
            let mut config = SignatureConfig::v4(typ, self.signer.algorithm(), HASH);
            // §5.2.3.12: older programs find the issuer by its key ID; v6 signatures must not have it.
            let hint = Subpacket::regular(SubpacketData::IssuerKeyId(self.signer.legacy_key_id()));
            config.unhashed_subpackets.push(hint.map_err(failed)?);
            config
        };
        config.hashed_subpackets = self.statements.into_iter().collect::<PgpResult<_>>().map_err(failed)?;
        Ok(config)
    }
}

fn failed(_: pgp::errors::Error) -> KeyError {
    KeyError::Internal { what: "sign" }
}
