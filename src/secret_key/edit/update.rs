//! Keeping a key up to date: what it says of its owner's software, the hashes it is held together with, and a subkey to
//! encrypt to.

use pgp::{
    crypto::{
        aead::AeadAlgorithm::{Eax, Gcm, Ocb},
        hash::HashAlgorithm::{self, Sha1},
        sym::SymmetricKeyAlgorithm::{self, AES128, AES192, AES256},
    },
    packet::{Features, KeyFlags, SignatureConfig, SignatureType, SubpacketData},
    types::CompressionAlgorithm,
};

use super::{Desk, EditOptions, NewSubkey, add_to_subkey, add_to_user};
use crate::{
    certificate::key_flags,
    error::KeyError,
    secret_key::{SecretKey, algorithm::KeyUse, generate::preferences, signing::Draft},
};

/// What an update may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Update {
    /// Do not add a subkey to encrypt to.
    pub signing_only: bool,
    /// Do not say that the owner's software reads what the key has not said so far; only take back what is weak or unknown.
    pub no_added_capabilities: bool,
}

impl SecretKey {
    /// Brings a key up to date. Self-signatures with SHA-1, or with preferences that are weak or unknown here, are made anew
    /// with those left out; without any good one they get those of a new key. A key that nobody can encrypt to gets a subkey
    /// for that. What is in order is not touched: an update of an updated key changes nothing.
    ///
    /// # Errors
    /// [`KeyError::NotUsable`] for a revoked key or one with too weak a primary key; [`KeyError::WrongPassphrase`] and others as
    /// every edit.
    pub fn update<R: rand::CryptoRng + rand::Rng>(
        &self,
        update: Update,
        options: &EditOptions<'_>,
        rng: &mut R,
    ) -> Result<SecretKey, KeyError> {
        let certificate = self.certificate();
        let desk = Desk::open(self, &certificate, options)?;
        let mut edited = self.clone();
        desk.renew_direct(&mut edited, update, rng)?;
        desk.renew_users(&mut edited, update, rng)?;
        desk.renew_bindings(&mut edited, rng)?;
        if update.signing_only || !desk.checked.status().is_valid() || !desk.checked.encryption_keys().is_empty() {
            return edited.checked_size(options.limits);
        }
        let subkey = NewSubkey { key_use: KeyUse::Encrypt, algorithm: None, expires: None };
        edited.add_subkey(&subkey, options, rng)
    }
}

impl Desk<'_> {
    fn renew_direct<R: rand::CryptoRng + rand::Rng>(
        &self,
        edited: &mut SecretKey,
        update: Update,
        rng: &mut R,
    ) -> Result<(), KeyError> {
        let Some(direct) = self.current.direct() else { return Ok(()) };
        let renewed = Preferences::renewed(direct.config, self.is_v6(), update);
        if !renewed.differ && direct.config.hash_alg != Sha1 {
            return Ok(());
        }
        self.check_room(&self.certificate.details.direct_signatures)?;
        let draft = self.redraft(&direct, self.current.date_on_key(), |data| !is_preference(data));
        let signature = renewed.say(draft).over_key(SignatureType::Key, &self.certificate.primary_key, rng)?.sign()?;
        edited.inner.details.direct_signatures.push(signature);
        Ok(())
    }

    /// In version 6 a user ID's certification says nothing about preferences.
    fn renew_users<R: rand::CryptoRng + rand::Rng>(
        &self,
        edited: &mut SecretKey,
        update: Update,
        rng: &mut R,
    ) -> Result<(), KeyError> {
        let stale = |config: &SignatureConfig| {
            config.hash_alg == Sha1 || !self.is_v6() && Preferences::renewed(config, false, update).differ
        };
        if !self.valid_users().any(|(_, _, certification)| stale(certification.config)) {
            return Ok(());
        }
        // All of one date: which one is the primary user ID must not come to depend on it.
        let created = self.current.date_on_key();
        let unmarked = self.unmarked_primary();
        for (index, user, certification) in self.valid_users() {
            self.check_room(&user.signatures)?;
            let to_mark = unmarked.is_some() && user.id.as_str() == unmarked;
            let keep = |data: &SubpacketData| !(is_preference(data) || to_mark && super::is_primary_mark(data));
            let mut draft = self.redraft(&certification, created, keep);
            if !self.is_v6() {
                draft = Preferences::renewed(certification.config, false, update).say(draft);
            }
            if to_mark {
                draft = draft.say(SubpacketData::IsPrimary(true));
            }
            let primary = &self.certificate.primary_key;
            let signature = draft.over_user_id(certification.config.typ, primary, &user.id, rng)?.sign()?;
            add_to_user(edited, index, signature);
        }
        Ok(())
    }

    /// Bindings with SHA-1. Those of signing subkeys stay: their back signature may have been made with SHA-1, too, and only
    /// the subkey can make a new one.
    fn renew_bindings<R: rand::CryptoRng + rand::Rng>(
        &self,
        edited: &mut SecretKey,
        rng: &mut R,
    ) -> Result<(), KeyError> {
        for subkey in &self.certificate.public_subkeys {
            let Ok(binding) = self.usable_binding(subkey) else { continue };
            let signs = key_flags(binding.config).is_some_and(KeyFlags::sign);
            if binding.config.hash_alg != Sha1 || signs {
                continue;
            }
            self.check_room(&subkey.signatures)?;
            let draft = self.redraft(&binding, self.current.date_on_subkey(subkey), |_| true);
            let primary = &self.certificate.primary_key;
            let signature = draft.over_subkey(SignatureType::SubkeyBinding, primary, &subkey.key, rng)?.sign()?;
            add_to_subkey(edited, &pgp::types::KeyDetails::fingerprint(&subkey.key), signature);
        }
        Ok(())
    }
}

fn is_preference(data: &SubpacketData) -> bool {
    matches!(
        data,
        SubpacketData::PreferredSymmetricAlgorithms(_)
            | SubpacketData::PreferredHashAlgorithms(_)
            | SubpacketData::PreferredCompressionAlgorithms(_)
            | SubpacketData::PreferredAeadAlgorithms(_)
            | SubpacketData::PreferredEncryptionModes(_)
            | SubpacketData::Features(_)
    )
}

/// What a self-signature is to say about its owner's software.
struct Preferences {
    statements: Vec<SubpacketData>,
    /// Whether that is something else than it says now.
    differ: bool,
}

impl Preferences {
    fn renewed(config: &SignatureConfig, is_v6: bool, update: Update) -> Self {
        let said: Vec<&SubpacketData> =
            config.hashed_subpackets.iter().map(|it| &it.data).filter(|data| is_preference(data)).collect();
        let mut statements: Vec<SubpacketData> = said.iter().filter_map(|data| without_weak(data)).collect();
        if !update.no_added_capabilities {
            for wanted in preferences(is_v6) {
                let same = |data: &SubpacketData| std::mem::discriminant(data) == std::mem::discriminant(&wanted);
                match statements.iter_mut().find(|data| same(data)) {
                    None => statements.push(wanted),
                    Some(SubpacketData::Features(features)) => add_features(features, &wanted),
                    Some(_) => {}
                }
            }
        }
        let differ = said.len() != statements.len() || said.iter().zip(&statements).any(|(old, new)| *old != new);
        Self { statements, differ }
    }

    fn say<'k>(self, draft: Draft<'k>) -> Draft<'k> {
        self.statements.into_iter().fold(draft, Draft::say)
    }
}

/// A preference without what is weak or unknown here; `None` if nothing is left of it.
fn without_weak(data: &SubpacketData) -> Option<SubpacketData> {
    let is_aes = |cipher: &SymmetricKeyAlgorithm| matches!(cipher, AES128 | AES192 | AES256);
    match data {
        SubpacketData::PreferredSymmetricAlgorithms(list) => {
            let good: Vec<_> = list.iter().copied().filter(is_aes).collect();
            (!good.is_empty()).then(|| SubpacketData::PreferredSymmetricAlgorithms(good.into_iter().collect()))
        }
        SubpacketData::PreferredHashAlgorithms(list) => {
            let good: Vec<_> = list.iter().copied().filter(is_strong).collect();
            (!good.is_empty()).then(|| SubpacketData::PreferredHashAlgorithms(good.into_iter().collect()))
        }
        SubpacketData::PreferredAeadAlgorithms(list) => {
            let good: Vec<_> = list
                .iter()
                .copied()
                .filter(|(cipher, mode)| is_aes(cipher) && matches!(mode, Eax | Ocb | Gcm))
                .collect();
            (!good.is_empty()).then(|| SubpacketData::PreferredAeadAlgorithms(good.into_iter().collect()))
        }
        SubpacketData::PreferredCompressionAlgorithms(list) => {
            let known = |it: &CompressionAlgorithm| !matches!(it, CompressionAlgorithm::Other(_));
            let good: Vec<_> = list.iter().copied().filter(known).collect();
            (!good.is_empty()).then(|| SubpacketData::PreferredCompressionAlgorithms(good.into_iter().collect()))
        }
        SubpacketData::Features(features) => {
            let mut known = Features::new();
            known.set_seipd_v1(features.seipd_v1());
            known.set_seipd_v2(features.seipd_v2());
            Some(SubpacketData::Features(known))
        }
        // GnuPG's own list for its own packet, which is read but not asked for (§5.2.3.15 took its place).
        SubpacketData::PreferredEncryptionModes(_) => None,
        other => Some(other.clone()),
    }
}

fn is_strong(hash: &HashAlgorithm) -> bool {
    use HashAlgorithm::{Sha3_256, Sha3_512, Sha256, Sha384, Sha512};
    matches!(hash, Sha256 | Sha384 | Sha512 | Sha3_256 | Sha3_512)
}

fn add_features(features: &mut Features, wanted: &SubpacketData) {
    if let SubpacketData::Features(wanted) = wanted {
        features.set_seipd_v1(features.seipd_v1() || wanted.seipd_v1());
        features.set_seipd_v2(features.seipd_v2() || wanted.seipd_v2());
    }
}
