//! Secret keys: transferable secret keys (RFC 9580 §10.2), kept as locked as they came.
//!
//! Unlocking gives one component at a time, checked to belong to its public part, and wiped when dropped. Not here: which
//! component may sign when (`certificate`), finding keys in mixed input (`keyring`).

mod algorithm;
pub(crate) mod derive;
pub(crate) mod derived;
mod drawn;
mod ecdsa;
mod ed25519;
mod edit;
mod generate;
mod lock;
mod matching;
mod merge;
mod open;
mod profile;
mod rare;
mod revoke;
mod sealed;
mod signing;
mod unlock;

use std::{borrow::Cow, fmt};

use envelock_seipd::engine::{Engine, RustCrypto, at_once};
use pgp::{
    composed::{SignedPublicKey, SignedPublicSubKey, SignedSecretKey},
    packet::PacketTrait,
    ser::Serialize,
    types::{Fingerprint, KeyDetails, S2kParams, SecretParams, StringToKey, Timestamp},
};

pub use self::{
    algorithm::{Algorithm, Curve, KeyUse},
    drawn::KeyPair,
    edit::{Certification, EditOptions, NewSubkey, Update, apply_revocation},
    generate::{GenerateOptions, Generated, generate, generate_for_signing, generate_on, user_id},
    merge::merge,
    profile::Profile,
    unlock::{SecretComponent, UnlockedComponent},
};
pub(crate) use self::{
    merge::merge_all,
    open::{OpenSecret, read_numbers, unread_numbers, without_sum},
};
use crate::{
    armor,
    certificate::{Certificate, Unread, write_all},
    error::KeyError,
    keyring::{SecretNumbers, read_secret},
    limits::Limits,
    policy::Policy,
    secret::Passphrase,
};

/// A transferable secret key. `Debug` shows its fingerprint only.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey {
    inner: SignedSecretKey,
    unread: Unread,
}

impl SecretKey {
    /// Reads exactly one secret key, armored or binary, locked or not. Unlocks and verifies nothing.
    pub fn parse(input: &[u8], limits: &Limits) -> Result<Self, KeyError> {
        read_secret(input, limits, SecretNumbers::Now)
    }

    /// As [`parse`](Self::parse), for one signature or message: secret numbers that lie open are read when their component is used, as reading
    /// them takes as long as many a use. So a component whose numbers cannot be read is there until then: who signs with it is told
    /// ([`KeyError::Malformed`], [`KeyError::SecretMismatch`]), who decrypts goes on to the next.
    pub fn parse_for_use(input: &[u8], limits: &Limits) -> Result<Self, KeyError> {
        read_secret(input, limits, SecretNumbers::AtUse)
    }

    pub(crate) fn from_pgp(inner: SignedSecretKey, unread: Unread) -> Self {
        Self { inner, unread }
    }

    /// The packets, binary, as locked as the key is: every packet that was read, those included that are not understood.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.write().unwrap_or_default()
    }

    // Writing to a Vec fails only for packets over 4 GiB, which no limit lets in.
    fn write(&self) -> pgp::errors::Result<Vec<u8>> {
        let (mut attributes, mut subkeys) = (Vec::new(), Vec::new());
        write_all(&self.unread.attributes, &mut attributes);
        write_all(&self.unread.subkeys, &mut subkeys);
        // Room for all at once: octets that grow leave copies of the secrets behind. rPGP counts an octet less for some secrets.
        let spare = 8 * (1 + self.inner.secret_subkeys.len());
        let mut octets = Vec::with_capacity(self.inner.write_len() + spare + attributes.len() + subkeys.len());
        self.inner.primary_key.to_writer_with_header(&mut octets)?;
        self.inner.details.to_writer(&mut octets)?;
        octets.extend_from_slice(&attributes);
        for subkey in &self.inner.public_subkeys {
            subkey.to_writer(&mut octets)?;
        }
        for subkey in &self.inner.secret_subkeys {
            subkey.to_writer(&mut octets)?;
        }
        octets.extend_from_slice(&subkeys);
        Ok(octets)
    }

    /// The packets in ASCII armor, as locked as the key is.
    pub fn to_armored(&self) -> String {
        armor::write(armor::ArmorKind::PrivateKey, &self.to_bytes())
    }

    /// The primary key's fingerprint, which names key and certificate.
    pub fn fingerprint(&self) -> Fingerprint {
        self.inner.primary_key.fingerprint()
    }

    /// The public half with all signatures; a copy.
    pub fn certificate(&self) -> Certificate {
        let secret = self.inner.secret_subkeys.iter().map(|subkey| SignedPublicSubKey {
            key: subkey.key.public_key().clone(),
            signatures: subkey.signatures.clone(),
        });
        let inner = SignedPublicKey {
            primary_key: self.inner.primary_key.public_key().clone(),
            details: self.inner.details.clone(),
            public_subkeys: self.inner.public_subkeys.iter().cloned().chain(secret).collect(),
        };
        Certificate::from_pgp(inner, self.unread.clone())
    }

    /// Whether any component needs a passphrase.
    pub fn is_locked(&self) -> bool {
        self.components().any(|component| component.is_locked())
    }

    /// The components with a secret part, primary first. Components whose secret part is kept elsewhere are left out.
    pub fn components(&self) -> impl Iterator<Item = SecretComponent<'_>> {
        std::iter::once(SecretComponent::primary(&self.inner.primary_key))
            .chain(self.inner.secret_subkeys.iter().map(|subkey| SecretComponent::subkey(&subkey.key)))
            .filter(SecretComponent::is_present)
    }

    /// The components that can decrypt, whatever became of them since: old messages stay readable.
    pub fn decryption_keys(&self) -> Vec<SecretComponent<'_>> {
        self.components().filter(SecretComponent::can_decrypt).collect()
    }

    /// The component that signs data at a moment: the most recently bound one that may and whose secret part is here.
    pub fn signing_key_at(&self, policy: &Policy, at: Timestamp) -> Result<SecretComponent<'_>, KeyError> {
        self.signing_key_and_date(policy, at).map(|(component, _)| component)
    }

    /// That component, and the date of a signature that it makes at a moment: not before it was entitled to sign, whatever a slow
    /// clock says, since nobody would believe it.
    pub(crate) fn signing_key_and_date(
        &self,
        policy: &Policy,
        at: Timestamp,
    ) -> Result<(SecretComponent<'_>, Timestamp), KeyError> {
        let certificate = self.certificate();
        let checked = certificate.at(policy, at);
        if !checked.status().is_valid() {
            return Err(KeyError::NotUsable { status: checked.status() });
        }
        let allowed = checked.signing_keys();
        let mut present = allowed.into_iter().filter_map(|key| {
            let component = self.components().find(|component| component.fingerprint() == key.fingerprint())?;
            Some((component, checked.entitled_since(key).max(at)))
        });
        present.next().ok_or(KeyError::NoSigningKey)
    }

    /// Tries a passphrase on every component. Fails when one does not open, or does not belong to its public part.
    /// An unlocked key is checked likewise, whatever the passphrase. Costs one S2K derivation per component.
    pub fn unlock_check(&self, passphrase: Option<&Passphrase>, limits: &Limits) -> Result<(), KeyError> {
        here(self.unlock_check_on(passphrase, limits, &RustCrypto))
    }

    /// [`unlock_check`](Self::unlock_check) with an engine, and with rests.
    pub async fn unlock_check_on(
        &self,
        passphrase: Option<&Passphrase>,
        limits: &Limits,
        engine: &impl Engine,
    ) -> Result<(), KeyError> {
        let mut any = false;
        for component in self.components() {
            component.unlock_on(passphrase, limits, engine).await?;
            any = true;
        }
        if any { Ok(()) } else { Err(KeyError::SecretAbsent) }
    }

    /// Derives the key that opens the primary key, with rests, for the passphrase to remember: an edit with that passphrase then needs no
    /// more than a moment. What cannot be derived is told by the edit.
    pub async fn derive_for_edit(&self, passphrase: Option<&Passphrase>, limits: &Limits, engine: &impl Engine) {
        SecretComponent::primary(&self.inner.primary_key).derive_on(passphrase, limits, engine).await;
    }

    /// Locks every component with a passphrase, by the S2K that fits the key's version. Fails on a locked key, and
    /// with an empty passphrase, which would only look like a lock.
    pub fn lock<R: rand::CryptoRng + rand::Rng>(
        &mut self,
        passphrase: &Passphrase,
        rng: &mut R,
    ) -> Result<(), KeyError> {
        here(self.lock_on(passphrase, rng, &RustCrypto))
    }

    /// [`lock`](Self::lock) with an engine, and with rests.
    pub async fn lock_on<R: rand::CryptoRng + rand::Rng>(
        &mut self,
        passphrase: &Passphrase,
        rng: &mut R,
        engine: &impl Engine,
    ) -> Result<(), KeyError> {
        lock::lock(&mut self.inner, passphrase, rng, engine).await
    }

    /// Removes the lock: the secret parts then lie open in [`SecretKey::to_bytes`].
    pub fn unlock(&mut self, passphrase: &Passphrase, limits: &Limits) -> Result<(), KeyError> {
        self.unlock_with_any(std::slice::from_ref(passphrase), limits)
    }

    /// [`unlock`](Self::unlock) with an engine, and with rests.
    pub async fn unlock_on(
        &mut self,
        passphrase: &Passphrase,
        limits: &Limits,
        engine: &impl Engine,
    ) -> Result<(), KeyError> {
        self.open_on(std::slice::from_ref(passphrase), limits, engine).await
    }

    /// As [`unlock`](Self::unlock), each component with the first of the passphrases that fits it: keys that other programs made
    /// may have several. The key stays as it was when one component does not open.
    pub fn unlock_with_any(&mut self, passphrases: &[Passphrase], limits: &Limits) -> Result<(), KeyError> {
        here(self.open_on(passphrases, limits, &RustCrypto))
    }

    async fn open_on(
        &mut self,
        passphrases: &[Passphrase],
        limits: &Limits,
        engine: &impl Engine,
    ) -> Result<(), KeyError> {
        let mut copy = self.inner.clone();
        lock::unlock(&mut copy, passphrases, limits, engine).await?;
        self.inner = copy;
        Ok(())
    }

    /// Locks every component anew; the key stays as it was when the old passphrase does not open it. An unlocked key needs no
    /// old passphrase; the new one must not be empty.
    pub fn change_passphrase<R: rand::CryptoRng + rand::Rng>(
        &mut self,
        old: Option<&Passphrase>,
        new: &Passphrase,
        limits: &Limits,
        rng: &mut R,
    ) -> Result<(), KeyError> {
        here(self.change_passphrase_on(old, new, limits, rng, &RustCrypto))
    }

    /// [`change_passphrase`](Self::change_passphrase) with an engine, and with rests.
    pub async fn change_passphrase_on<R: rand::CryptoRng + rand::Rng>(
        &mut self,
        old: Option<&Passphrase>,
        new: &Passphrase,
        limits: &Limits,
        rng: &mut R,
        engine: &impl Engine,
    ) -> Result<(), KeyError> {
        let mut copy = self.inner.clone();
        lock::relock(&mut copy, old, new, limits, rng, engine).await?;
        *self = Self { inner: copy, unread: self.unread.clone() }.checked_size(limits)?;
        Ok(())
    }

    /// As [`change_passphrase_on`](Self::change_passphrase_on) for the components that `old` opens, or that lie open; components with
    /// another passphrase keep it. Gives whether any was locked anew.
    pub(crate) async fn change_passphrase_where_it_fits<R: rand::CryptoRng + rand::Rng>(
        &mut self,
        old: &Passphrase,
        new: &Passphrase,
        limits: &Limits,
        rng: &mut R,
        engine: &impl Engine,
    ) -> Result<bool, KeyError> {
        let mut copy = self.inner.clone();
        let any = lock::relock_what_opens(&mut copy, old, new, limits, rng, engine).await?;
        *self = Self { inner: copy, unread: self.unread.clone() }.checked_size(limits)?;
        Ok(any)
    }

    /// The rPGP object; a copy of a key that was [parsed for use](Self::parse_for_use), without secret numbers that cannot be read.
    pub fn as_pgp(&self) -> Cow<'_, SignedSecretKey> {
        open::all_read(&self.inner)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.fingerprint())
    }
}

/// What comes of an engine that never waits.
fn here<T>(work: impl Future<Output = Result<T, KeyError>>) -> Result<T, KeyError> {
    at_once(work).unwrap_or(Err(KeyError::Internal { what: "waiting" }))
}

/// Whether the packet only says that the secret part is kept elsewhere.
pub(crate) fn is_absent(params: &SecretParams) -> bool {
    match params {
        SecretParams::Encrypted(locked) => {
            matches!(
                locked.string_to_key_params(),
                S2kParams::Cfb { s2k: StringToKey::Private { typ: 101, .. }, .. }
                    | S2kParams::MalleableCfb { s2k: StringToKey::Private { typ: 101, .. }, .. }
            )
        }
        SecretParams::Plain(_) => false,
    }
}
