//! Subkeys: add and revoke (RFC 9580 §5.2.1.8, §5.2.1.9, §5.2.1.12, §10.1.5).

use envelock_seipd::engine::{Engine, RustCrypto};
use pgp::{
    composed::{SignedPublicSubKey, SignedSecretSubKey},
    packet::{KeyFlags, PublicSubkey, SecretSubkey, SignatureType, SubpacketData},
    types::{Fingerprint, KeyDetails, PublicParams, SecretParams, Timestamp},
};

use super::{
    Desk, EditOptions, add_to_subkey, check_room,
    expiration::check_end,
    revocations::{check_reason, check_text},
};
use crate::{
    certificate::{ComponentKey, RevocationReason, SelfSignature, Status},
    error::KeyError,
    post_quantum,
    secret_key::{
        SecretKey,
        algorithm::{Algorithm, Curve, KeyUse, halves},
        drawn::KeyPair,
        generate::{encryption_flags, lifetime},
        here, lock,
        revoke::said,
        signing::Draft,
        unlock::UnlockedComponent,
    },
};

/// A subkey to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewSubkey {
    /// What it is for.
    pub key_use: KeyUse,
    /// Its mathematics; unless given, the primary key's (RSA: with 3072 bits), and post-quantum where a key is encrypted to so.
    pub algorithm: Option<Algorithm>,
    /// When it ends; `None` for as long as the primary key.
    pub expires: Option<Timestamp>,
}

impl SecretKey {
    /// Adds a subkey, locked if the key is. One that signs consents to it by a primary-key binding signature. Among several
    /// encryption subkeys the newest is encrypted to; the older ones still decrypt.
    pub fn add_subkey<R: rand::CryptoRng + rand::Rng>(
        &self,
        new: &NewSubkey,
        options: &EditOptions<'_>,
        rng: &mut R,
    ) -> Result<SecretKey, KeyError> {
        here(self.add_subkey_on(new, options, async |_, _| None, rng, &RustCrypto))
    }

    /// [`add_subkey`](Self::add_subkey) with an engine, and with rests; of a pair that `pair` has drawn elsewhere, if it gives one of
    /// this kind for this use.
    pub async fn add_subkey_on<R: rand::CryptoRng + rand::Rng>(
        &self,
        new: &NewSubkey,
        options: &EditOptions<'_>,
        pair: impl AsyncFnOnce(Algorithm, KeyUse) -> Option<KeyPair>,
        rng: &mut R,
        engine: &impl Engine,
    ) -> Result<SecretKey, KeyError> {
        check_end(new.expires, options)?;
        let certificate = self.certificate();
        let desk = Desk::open(self, &certificate, options)?;
        let count = desk.certificate.public_subkeys.len() + self.unread.subkeys.len();
        check_room("subkeys", count, options.limits.subkeys)?;
        let primary_key = &desk.certificate.primary_key;
        let version = primary_key.version();
        let created = options.at.max(primary_key.created_at());
        let lifetime = lifetime(created, new.expires)?;
        let algorithm = new.algorithm.unwrap_or_else(|| desk.usual_algorithm(new.key_use));

        let pair = pair(algorithm, new.key_use).await;
        let (secret, public) = halves(version, created, algorithm, new.key_use, pair, rng)?;
        let public = PublicSubkey::from_inner(public).map_err(failed)?;
        let mut subkey = SecretSubkey::new(public.clone(), SecretParams::Plain(secret.clone())).map_err(failed)?;
        let mut draft = desk.draft(created);
        draft = match new.key_use {
            KeyUse::Encrypt => draft.insist(SubpacketData::KeyFlags(encryption_flags())),
            KeyUse::Sign => {
                let signer = UnlockedComponent::subkey(public.clone(), secret)?;
                let consent = Draft::new(&signer, created)
                    .over_subkey(SignatureType::KeyBinding, primary_key, &public, rng)?
                    .sign()?;
                let mut flags = KeyFlags::default();
                flags.set_sign(true);
                draft.insist(SubpacketData::KeyFlags(flags)).say(SubpacketData::EmbeddedSignature(Box::new(consent)))
            }
        };
        if let Some(lifetime) = lifetime {
            draft = draft.insist(SubpacketData::KeyExpirationTime(lifetime));
        }
        let binding = draft.over_subkey(SignatureType::SubkeyBinding, primary_key, &public, rng)?.sign()?;

        // Locked as the rest. The primary key may lie open while others are locked: the passphrase must be theirs.
        if let Some(locked) = self.components().find(|component| component.is_locked()) {
            locked.unlock_on(options.passphrase, options.limits, engine).await?;
            let passphrase = options.passphrase.ok_or(KeyError::PassphraseRequired)?;
            lock::lock_subkey(&mut subkey, passphrase, rng, engine).await?;
        }
        let mut edited = self.clone();
        edited.inner.secret_subkeys.push(SignedSecretSubKey { key: subkey, signatures: vec![binding] });
        edited.checked_size(options.limits)
    }

    /// Revokes a subkey. Without a reason, or when it is compromised, everything it ever signed becomes void. A soft
    /// revocation can be made hard.
    pub fn revoke_subkey<R: rand::CryptoRng + rand::Rng>(
        &self,
        subkey: &Fingerprint,
        reason: RevocationReason,
        text: &str,
        options: &EditOptions<'_>,
        rng: &mut R,
    ) -> Result<SecretKey, KeyError> {
        check_reason(reason)?;
        check_text(text, options)?;
        let certificate = self.certificate();
        let desk = Desk::open(self, &certificate, options)?;
        let bound = desk.subkey(subkey)?;
        if let Some(status @ Status::Revoked { hard, .. }) = desk.current.subkey_revocation(bound)
            && (hard || !reason.is_hard())
        {
            return Err(KeyError::NotUsable { status });
        }
        let draft = desk.draft(desk.current.date_on_subkey(bound)).say(said(reason, text));
        let primary_key = &desk.certificate.primary_key;
        let signature = draft.over_subkey(SignatureType::SubkeyRevocation, primary_key, &bound.key, rng)?.sign()?;
        let mut edited = self.clone();
        add_to_subkey(&mut edited, subkey, signature);
        edited.with_room(&certificate, options.limits)
    }
}

impl<'a> Desk<'a> {
    /// What fits the keys there are, and is no step back from them.
    fn usual_algorithm(&self, key_use: KeyUse) -> Algorithm {
        let is_post_quantum = |key: &ComponentKey<'_>| post_quantum::encrypts(key.public_params());
        if key_use == KeyUse::Encrypt && self.checked.encryption_keys().iter().any(is_post_quantum) {
            return Algorithm::PostQuantum;
        }
        algorithm_of(self.certificate.primary_key.public_params())
    }

    /// The binding of a subkey that may be made anew: not of a revoked one, which would come back.
    pub(super) fn usable_binding(&self, subkey: &'a SignedPublicSubKey) -> Result<SelfSignature<'a>, KeyError> {
        if let Some(status) = self.current.subkey_revocation(subkey) {
            return Err(KeyError::NotUsable { status });
        }
        let unbound = KeyError::NotUsable { status: Status::Invalid { reason: "no current binding signature" } };
        self.current.binding(subkey).ok_or(unbound)
    }
}

/// What fits a primary key with these parameters.
fn algorithm_of(params: &PublicParams) -> Algorithm {
    use pgp::types::EcdsaPublicParams as Ecdsa;
    match params {
        PublicParams::RSA(_) => Algorithm::Rsa { bits: Algorithm::RSA_BITS },
        PublicParams::ECDSA(Ecdsa::P256 { .. }) => Algorithm::Nist { curve: Curve::P256 },
        PublicParams::ECDSA(Ecdsa::P384 { .. }) => Algorithm::Nist { curve: Curve::P384 },
        PublicParams::ECDSA(Ecdsa::P521 { .. }) => Algorithm::Nist { curve: Curve::P521 },
        params if post_quantum::signs(params) => Algorithm::PostQuantum,
        _ => Algorithm::Curve25519,
    }
}

fn failed(_: pgp::errors::Error) -> KeyError {
    KeyError::Internal { what: "generate" }
}
