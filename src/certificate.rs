//! Certificates: transferable public keys (RFC 9580 §10.1), read, written, and judged at a moment.
//!
//! A [`Certificate`] is what the octets say; nothing in it is believed. [`Certificate::at`] checks its signatures against a
//! policy and a reference time and gives a [`Checked`], the only place that answers "may this be encrypted to".
//! Not here: secret parts (`secret_key`), finding keys in mixed input (`keyring`).

mod certifications;
mod certified;
mod checked;
mod component;
mod current;
mod framed;
mod judgements;
mod merge;
mod minimize;
mod parts;
mod proven;
mod room;
mod rules;
mod self_signatures;
mod status;
mod unread;

use pgp::{
    composed::{SignedKeyDetails, SignedPublicKey},
    packet::PacketTrait,
    ser::Serialize,
    types::{Fingerprint, KeyDetails, KeyId, KeyVersion, Timestamp},
};

pub use self::{
    certifications::{Issuer as CertificationIssuer, ThirdParty, ThirdPartyStatus},
    checked::{Capabilities, Checked, CheckedComponent, CheckedUserId},
    component::ComponentKey,
    rules::{SignatureFlaw, check_signature},
    status::{RevocationReason, Status},
};
pub(crate) use self::{
    certifications::{Makers, third_party},
    checked::CERTIFICATIONS,
    current::Current,
    framed::Framed,
    judgements::{Candidate, Judgements, Moment},
    merge::merge_copies,
    proven::{Name, PacketBody, Proven},
    room::{Held, check_size, fit, make_room},
    rules::{Names, key_flags, last, marks_primary, may_be_from, signature_end},
    self_signatures::{SelfSignature, Target},
    unread::{Unread, UnreadComponent, write_all},
};
use crate::{
    armor,
    error::KeyError,
    keyring::{KeyringItem, read_one},
    limits::Limits,
    policy::Policy,
};

/// A transferable public key: primary key, user IDs, subkeys and the signatures that hold them together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    inner: SignedPublicKey,
    unread: Unread,
}

impl Certificate {
    /// Reads exactly one certificate, armored or binary. A secret key gives its certificate.
    pub fn parse(input: &[u8], limits: &Limits) -> Result<Self, KeyError> {
        match read_one(input, limits)? {
            KeyringItem::Certificate(certificate) => Ok(certificate),
            KeyringItem::SecretKey(key) => Ok(key.certificate()),
            KeyringItem::Unsupported { reason, .. } => Err(KeyError::Unsupported { what: reason }),
        }
    }

    pub(crate) fn from_pgp(inner: SignedPublicKey, unread: Unread) -> Self {
        Self { inner, unread }
    }

    fn primary(&self) -> ComponentKey<'_> {
        ComponentKey::Primary(&self.inner.primary_key)
    }

    /// The primary key alone.
    fn bare(&self) -> Self {
        let details = SignedKeyDetails {
            revocation_signatures: Vec::new(),
            direct_signatures: Vec::new(),
            users: Vec::new(),
            user_attributes: Vec::new(),
        };
        let primary_key = self.inner.primary_key.clone();
        let inner = SignedPublicKey { primary_key, details, public_subkeys: Vec::new() };
        Self { inner, unread: Unread::default() }
    }

    /// The parts of it, for a secret key that is put together anew.
    pub(crate) fn into_parts(self) -> (SignedPublicKey, Unread) {
        (self.inner, self.unread)
    }

    /// The packets, binary: every packet that was read, those included that are not understood.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.write().unwrap_or_default()
    }

    // Writing to a Vec fails only for packets over 4 GiB, which no limit lets in.
    fn write(&self) -> pgp::errors::Result<Vec<u8>> {
        let mut octets = Vec::new();
        self.inner.primary_key.to_writer_with_header(&mut octets)?;
        self.inner.details.to_writer(&mut octets)?;
        write_all(&self.unread.attributes, &mut octets);
        for subkey in &self.inner.public_subkeys {
            subkey.to_writer(&mut octets)?;
        }
        write_all(&self.unread.subkeys, &mut octets);
        Ok(octets)
    }

    /// The packets in ASCII armor (RFC 9580 §6).
    pub fn to_armored(&self) -> String {
        armor::write(armor::ArmorKind::PublicKey, &self.to_bytes())
    }

    /// The primary key's fingerprint, which names the certificate.
    pub fn fingerprint(&self) -> Fingerprint {
        self.inner.primary_key.fingerprint()
    }

    /// The key ID of the primary key. Different certificates can share one: compare fingerprints.
    pub fn key_id(&self) -> KeyId {
        self.inner.primary_key.legacy_key_id()
    }

    /// The version of the primary key: V4 or V6.
    pub fn version(&self) -> KeyVersion {
        self.inner.primary_key.version()
    }

    /// When the primary key says it was made.
    pub fn created(&self) -> Timestamp {
        self.inner.primary_key.created_at()
    }

    /// All user IDs in the order of the packets, checked or not; octets that are no UTF-8 are replaced.
    pub fn user_ids(&self) -> impl Iterator<Item = std::borrow::Cow<'_, str>> {
        self.inner.details.users.iter().map(|user| String::from_utf8_lossy(user.id.id()))
    }

    /// Every component key, primary first, whether valid or not. For finding candidates, never for deciding.
    pub fn component_keys(&self) -> impl Iterator<Item = ComponentKey<'_>> {
        std::iter::once(ComponentKey::Primary(&self.inner.primary_key))
            .chain(self.inner.public_subkeys.iter().map(|subkey| ComponentKey::Subkey(&subkey.key)))
    }

    /// The subkey whose fingerprint this is, in hex of either case.
    pub fn subkey_fingerprint(&self, hex: &str) -> Result<Fingerprint, KeyError> {
        let subkeys = self.inner.public_subkeys.iter().map(|subkey| subkey.key.fingerprint());
        subkeys.into_iter().find(|it| format!("{it:x}").eq_ignore_ascii_case(hex)).ok_or(KeyError::UnknownSubkey)
    }

    /// The algorithms of primary key and subkeys, as `Ed25519 + X25519`.
    pub fn algorithms(&self) -> String {
        let mut names: Vec<&'static str> = Vec::new();
        for key in self.component_keys() {
            let name = key.algorithm_name();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(" + ")
    }

    /// The rPGP object. Its own convenience methods check less than [`Certificate::at`].
    pub fn as_pgp(&self) -> &SignedPublicKey {
        &self.inner
    }

    /// The rPGP object, to be added to.
    pub(crate) fn pgp_mut(&mut self) -> &mut SignedPublicKey {
        &mut self.inner
    }

    /// Judges the certificate at a moment. Verifies its self-signatures: costs a signature check for each.
    pub fn at<'a>(&'a self, policy: &Policy, at: Timestamp) -> Checked<'a> {
        Checked::new(&self.inner, policy, at)
    }

    /// As [`at`](Self::at), at the moment a signature was made, as it says: no clock, so that there is nothing to be tolerant of.
    /// What became of a key a second later is no matter of that signature.
    pub(crate) fn when_signed<'a>(&'a self, policy: &Policy, created: Timestamp) -> Checked<'a> {
        self.at(&policy.to_the_second(), created)
    }
}
