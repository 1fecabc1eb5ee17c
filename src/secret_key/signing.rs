//! Makes signatures over keys and user IDs with every subpacket given by the caller: rPGP's own conveniences would read the clock,
//! and sign in here alone.

use envelock_seipd::{
    Octets,
    engine::{Engine, Signatures},
};
use pgp::{
    crypto::hash::HashAlgorithm,
    errors::Result as PgpResult,
    packet::{PublicKey, PublicSubkey, Signature, SignatureConfig, SignatureType, Subpacket, SubpacketData, UserId},
    types::{KeyDetails, KeyVersion, Timestamp},
};

use super::unlock::UnlockedComponent;
use crate::{
    certificate::PacketBody,
    error::KeyError,
    signature::{
        digest::{self, Around},
        platform,
    },
};

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

    /// About `key` alone: direct-key signatures and key revocations.
    pub(super) fn over_key<R: rand::CryptoRng + rand::Rng>(
        self,
        typ: SignatureType,
        key: &PublicKey,
        rng: &mut R,
    ) -> Result<Statement<'k>, KeyError> {
        self.over(typ, &[Part::Key(key)], rng)
    }

    /// About a user ID of `key`.
    pub(super) fn over_user_id<R: rand::CryptoRng + rand::Rng>(
        self,
        typ: SignatureType,
        key: &PublicKey,
        user_id: &UserId,
        rng: &mut R,
    ) -> Result<Statement<'k>, KeyError> {
        self.over(typ, &[Part::Key(key), Part::UserId(user_id)], rng)
    }

    /// About `subkey` and its primary key: one of them binds or revokes it, or it consents (§5.2.1.9).
    pub(super) fn over_subkey<R: rand::CryptoRng + rand::Rng>(
        self,
        typ: SignatureType,
        primary: &PublicKey,
        subkey: &PublicSubkey,
        rng: &mut R,
    ) -> Result<Statement<'k>, KeyError> {
        self.over(typ, &[Part::Key(primary), Part::Key(subkey)], rng)
    }

    fn over<R: rand::CryptoRng + rand::Rng>(
        self,
        typ: SignatureType,
        parts: &[Part<'_>],
        rng: &mut R,
    ) -> Result<Statement<'k>, KeyError> {
        let signer = self.signer;
        let about = framed(parts, signer.version()).ok_or(FAILED)?;
        Ok(Statement { signer, config: self.config(typ, rng)?, about })
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

/// A signature that lacks the mathematics alone.
pub(super) struct Statement<'k> {
    signer: &'k UnlockedComponent,
    config: SignatureConfig,
    /// What it is about, in the form that is hashed.
    about: Vec<u8>,
}

impl Statement<'_> {
    /// Signs it in here.
    pub(super) fn sign(self) -> Result<Signature, KeyError> {
        let digest = self.digest().ok_or(FAILED)?;
        digest::sign(self.config, self.signer, &digest).ok_or(FAILED)
    }

    /// Signs it by an engine that can, and finds it right; else in here. A key is published, and kept: one that nobody else
    /// believes would be noticed late.
    pub(super) async fn sign_on<D: Octets + ?Sized, E: Engine + Signatures<D>>(
        self,
        engine: &E,
    ) -> Result<Signature, KeyError> {
        if E::SIGNS
            && platform::is_asked(self.signer.public_params())
            && let Some(digest) = self.digest()
        {
            let (signer, about) = (self.signer, D::made(self.about.clone().into()));
            let about = D::of(&about);
            if let Some(signature) = platform::sign(&self.config, signer, engine, about, &digest).await
                && platform::is_by(&signature, &signer.key(), engine, about, &digest).await
            {
                return Ok(signature);
            }
        }
        self.sign()
    }

    fn digest(&self) -> Option<Box<[u8]>> {
        let Around { before, after, .. } = digest::around(&self.config)?;
        let mut hasher = self.config.hash_alg.new_hasher().ok()?;
        [before, &self.about, &after].into_iter().for_each(|part| hasher.update(part));
        Some(hasher.finalize())
    }
}

/// What a signature can be about.
enum Part<'a> {
    Key(&'a dyn PacketBody),
    UserId(&'a UserId),
}

/// What is hashed of them (§5.2.4). The length of a key has two octets in signatures of version 4.
fn framed(parts: &[Part<'_>], version: KeyVersion) -> Option<Vec<u8>> {
    let (mut framed, mut body) = (Vec::new(), Vec::new());
    for part in parts {
        body.clear();
        let (prefix, part): (u8, &dyn PacketBody) = match part {
            Part::Key(key) if version == KeyVersion::V6 => (0x9B, *key),
            Part::Key(key) => (0x99, *key),
            Part::UserId(user_id) => (0xB4, *user_id),
        };
        part.append(&mut body)?;
        framed.push(prefix);
        match prefix {
            0x99 => framed.extend(u16::try_from(body.len()).ok()?.to_be_bytes()),
            _ => framed.extend(u32::try_from(body.len()).ok()?.to_be_bytes()),
        }
        framed.extend_from_slice(&body);
    }
    Some(framed)
}

const FAILED: KeyError = KeyError::Internal { what: "sign" };

fn failed(_: pgp::errors::Error) -> KeyError {
    FAILED
}
