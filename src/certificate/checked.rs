//! A certificate judged at a moment: which user IDs and keys are bound, alive, and allowed to do what.
//!
//! Decisions, where RFC 9580 leaves them open:
//! - The primary key needs a current self-signature: a direct-key signature (v6: only that, §10.1), or in v4 a
//!   certification of an unrevoked user ID. Its life ends at the earlier of the ends the two name.
//! - A hard revocation counts for all time. A soft one counts from its date on, until a newer self-signature on the same
//!   component takes it back, as Sequoia reads it.
//! - Key flags come from the newest self-signature's hashed area; without flags there is no capability.
//! - A subkey is never worth more than its primary key.

use pgp::{
    composed::SignedPublicKey,
    crypto::{aead::AeadAlgorithm, public_key::PublicKeyAlgorithm, sym::SymmetricKeyAlgorithm},
    packet::{KeyFlags, Signature, SignatureConfig, SignatureType, SubpacketData},
    types::{Fingerprint, KeyDetails, KeyVersion, SignedUser, Timestamp},
};

use super::{
    component::ComponentKey,
    rules::{key_end, key_flags, last, marks_primary},
    self_signatures::{Issuer, SelfSignature, Target},
    status::Status,
};
use crate::policy::Policy;

/// The signature types that certify a user ID (RFC 9580 §5.2.1.4 to §5.2.1.7).
pub(crate) const CERTIFICATIONS: &[SignatureType] =
    &[SignatureType::CertGeneric, SignatureType::CertPersona, SignatureType::CertCasual, SignatureType::CertPositive];

/// What a key's owner lets it do (RFC 9580 §5.2.3.29).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Capabilities {
    /// Certify other keys. A primary key always certifies its own components.
    pub certify: bool,
    /// Sign data. For subkeys only with a primary-key binding signature.
    pub sign: bool,
    /// Be encrypted to, for communications or storage.
    pub encrypt: bool,
    /// Authenticate, as for SSH.
    pub authenticate: bool,
}

/// A component key, judged.
#[derive(Debug, Clone)]
pub struct CheckedComponent<'a> {
    key: ComponentKey<'a>,
    status: Status,
    capabilities: Capabilities,
    expires: Option<Timestamp>,
    bound: Option<Timestamp>,
}

impl<'a> CheckedComponent<'a> {
    /// The key.
    pub fn key(&self) -> ComponentKey<'a> {
        self.key
    }

    /// Its status, the primary key's included.
    pub fn status(&self) -> Status {
        self.status
    }

    /// What it may do when it is valid.
    pub fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    /// When its validity ends, the primary key's end included.
    pub fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    /// Valid and allowed to sign data.
    pub fn may_sign(&self) -> bool {
        self.status.is_valid() && self.capabilities.sign
    }

    /// Valid and allowed to be encrypted to.
    pub fn may_encrypt(&self) -> bool {
        self.status.is_valid() && self.capabilities.encrypt
    }
}

/// A user ID, judged.
#[derive(Debug, Clone)]
pub struct CheckedUserId<'a> {
    user: &'a SignedUser,
    status: Status,
    primary: bool,
    certified: Option<Timestamp>,
}

impl<'a> CheckedUserId<'a> {
    /// The text, if it is UTF-8.
    pub fn text(&self) -> Option<&'a str> {
        self.user.id.as_str()
    }

    /// The octets.
    pub(crate) fn octets(&self) -> &'a [u8] {
        self.user.id.id()
    }

    /// When its owner certified it last.
    pub fn certified(&self) -> Option<Timestamp> {
        self.certified
    }

    /// Whether its owner certifies it now.
    pub fn status(&self) -> Status {
        self.status
    }
}

/// A certificate judged at a moment. Borrowed from the [`Certificate`](super::Certificate) it came from.
#[derive(Debug, Clone)]
pub struct Checked<'a> {
    inner: &'a SignedPublicKey,
    at: Timestamp,
    status: Status,
    user_ids: Vec<CheckedUserId<'a>>,
    components: Vec<CheckedComponent<'a>>,
    /// The signatures that preferences are read from, most telling first.
    preferences: Vec<&'a SignatureConfig>,
}

impl<'a> Checked<'a> {
    pub(super) fn new(inner: &'a SignedPublicKey, policy: &Policy, at: Timestamp) -> Self {
        let issuer = Issuer::new(ComponentKey::Primary(&inner.primary_key), policy, at);
        let users = judge_users(inner, &issuer);
        let direct = issuer.newest(&inner.details.direct_signatures, &[SignatureType::Key], Target::Primary);
        let primary_user = primary_user(&users).and_then(|(_, signature)| *signature);
        let primary = judge_primary(inner, &issuer, direct, primary_user);
        let mut components = vec![primary.component];
        for subkey in &inner.public_subkeys {
            let judged = judge_subkey(&issuer, ComponentKey::Subkey(&subkey.key), &subkey.signatures, &components);
            components.push(judged);
        }
        Self {
            inner,
            at,
            status: primary.status,
            user_ids: users.into_iter().map(|(user, _)| user).collect(),
            components,
            preferences: primary.preferences,
        }
    }

    /// The reference time.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The status of the primary key, and so of the whole.
    pub fn status(&self) -> Status {
        self.status
    }

    /// When the primary key's validity ends.
    pub fn expires(&self) -> Option<Timestamp> {
        self.components.first().and_then(|primary| primary.expires)
    }

    /// The primary key's fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        self.inner.primary_key.fingerprint()
    }

    /// All keys, primary first, valid or not.
    pub fn components(&self) -> &[CheckedComponent<'a>] {
        &self.components
    }

    /// All user IDs in the order of the packets, valid or not.
    pub fn user_ids(&self) -> &[CheckedUserId<'a>] {
        &self.user_ids
    }

    /// The keys that may be encrypted to, the most recently bound first. Empty unless the certificate is valid.
    pub fn encryption_keys(&self) -> Vec<ComponentKey<'a>> {
        self.newest_first(CheckedComponent::may_encrypt)
    }

    /// The keys that may sign data, the most recently bound first. Empty unless the certificate is valid.
    pub fn signing_keys(&self) -> Vec<ComponentKey<'a>> {
        self.newest_first(CheckedComponent::may_sign)
    }

    /// The user ID that stands for the certificate: the one its owner marks, else the most recently certified.
    pub fn primary_user_id(&self) -> Option<&'a str> {
        // Of equals the first, as GnuPG takes it.
        self.user_ids
            .iter()
            .rev()
            .filter(|user| user.status.is_valid())
            .max_by_key(|user| (user.primary, user.certified))
            .and_then(CheckedUserId::text)
    }

    /// Whether the owner's software reads SEIPD v2 (RFC 9580 §5.2.3.32).
    pub fn prefers_seipd_v2(&self) -> bool {
        self.preference(|data| match data {
            SubpacketData::Features(features) => Some(features.seipd_v2()),
            _ => None,
        })
        .unwrap_or(false)
    }

    /// The ciphers the owner prefers for SEIPD v1, best first; empty if not stated.
    pub fn preferred_ciphers(&self) -> &'a [SymmetricKeyAlgorithm] {
        self.preference(|data| match data {
            SubpacketData::PreferredSymmetricAlgorithms(list) => Some(&list[..]),
            _ => None,
        })
        .unwrap_or(&[])
    }

    /// The cipher suites the owner prefers for SEIPD v2, best first; empty if not stated.
    pub fn preferred_aead(&self) -> &'a [(SymmetricKeyAlgorithm, AeadAlgorithm)] {
        self.preference(|data| match data {
            SubpacketData::PreferredAeadAlgorithms(list) => Some(&list[..]),
            _ => None,
        })
        .unwrap_or(&[])
    }

    /// The newest of the dates that a component of it rests on: of both keys, and of what binds them.
    pub(crate) fn entitled_since(&self, key: ComponentKey<'_>) -> Timestamp {
        let rests_on =
            self.components.iter().filter(|it| it.key.is_primary() || it.key.fingerprint() == key.fingerprint());
        let dates = rests_on.flat_map(|it| it.bound.into_iter().chain([it.key.created_at()]));
        dates.max().unwrap_or_else(|| key.created_at())
    }

    fn preference<T>(&self, mut select: impl FnMut(&'a SubpacketData) -> Option<T>) -> Option<T> {
        self.preferences.iter().find_map(|config| last(config, &mut select))
    }

    fn newest_first(&self, may: impl Fn(&CheckedComponent<'a>) -> bool) -> Vec<ComponentKey<'a>> {
        let mut fitting: Vec<&CheckedComponent<'a>> =
            self.components.iter().filter(|component| may(component)).collect();
        fitting.sort_by_key(|component| std::cmp::Reverse((component.bound, component.key.created_at())));
        fitting.into_iter().map(|component| component.key).collect()
    }
}

type JudgedUser<'a> = (CheckedUserId<'a>, Option<SelfSignature<'a>>);

fn judge_users<'a>(inner: &'a SignedPublicKey, issuer: &Issuer<'_>) -> Vec<JudgedUser<'a>> {
    inner.details.users.iter().map(|user| judge_user(user, issuer)).collect()
}

/// A user ID is valid when its newest self-signature certifies it; a later certification takes a revocation back.
fn judge_user<'a>(user: &'a SignedUser, issuer: &Issuer<'_>) -> JudgedUser<'a> {
    let target = Target::UserId(&user.id);
    let certification = issuer.newest(&user.signatures, CERTIFICATIONS, target);
    let revocation = issuer.revocation(&user.signatures, SignatureType::CertRevocation, target);
    let status = match (&certification, revocation) {
        (None, _) => Status::Invalid { reason: "no current certification by the primary key" },
        (Some(certification), Some(revocation)) if revocation.created >= certification.created => revocation.status(),
        _ => Status::Valid,
    };
    let primary = certification.is_some_and(|certification| marks_primary(certification.config));
    let certified = certification.map(|certification| certification.created);
    (CheckedUserId { user, status, primary, certified }, certification)
}

fn primary_user<'u, 'a>(users: &'u [JudgedUser<'a>]) -> Option<&'u JudgedUser<'a>> {
    let valid = users.iter().rev().filter(|(user, _)| user.status.is_valid());
    valid.max_by_key(|(user, _)| (user.primary, user.certified))
}

struct JudgedPrimary<'a> {
    status: Status,
    component: CheckedComponent<'a>,
    preferences: Vec<&'a SignatureConfig>,
}

fn judge_primary<'a>(
    inner: &'a SignedPublicKey,
    issuer: &Issuer<'_>,
    direct: Option<SelfSignature<'a>>,
    user: Option<SelfSignature<'a>>,
) -> JudgedPrimary<'a> {
    let key = ComponentKey::Primary(&inner.primary_key);
    let is_v6 = key.version() == KeyVersion::V6;
    // §5.2.3.10: v6 keys say everything in the direct-key signature; v4 keys first in the primary user ID's certification.
    let speaking: Vec<SelfSignature<'a>> =
        if is_v6 { direct.into_iter().collect() } else { user.into_iter().chain(direct).collect() };
    let expires = speaking.iter().filter_map(|signature| key_end(signature.config, key.created_at())).min();
    let newest = speaking.iter().map(|signature| signature.created).max();
    let revocation =
        issuer.revocation(&inner.details.revocation_signatures, SignatureType::KeyRevocation, Target::Primary);
    let flags = speaking.iter().find_map(|signature| key_flags(signature.config));

    let status = if let Some(revocation) =
        revocation.filter(|it| it.reason.is_hard() || newest.is_none_or(|newest| newest <= it.created))
    {
        revocation.status()
    } else if let Err(weakness) = issuer.policy.check_signing_key(key.public_params(), key.created_at()) {
        Status::Invalid { reason: weakness.algorithm() }
    } else if key.created_at() > issuer.policy.latest(issuer.at) {
        Status::Invalid { reason: "made after the reference time" }
    } else if speaking.is_empty() {
        Status::Invalid { reason: "no current self-signature" }
    } else {
        alive(expires, issuer.at)
    };
    let capabilities = capabilities(flags, key, issuer, true);
    JudgedPrimary {
        status,
        component: CheckedComponent { key, status, capabilities, expires, bound: newest },
        preferences: speaking.iter().map(|signature| signature.config).collect(),
    }
}

fn judge_subkey<'a>(
    issuer: &Issuer<'_>,
    key: ComponentKey<'a>,
    signatures: &'a [Signature],
    judged: &[CheckedComponent<'a>],
) -> CheckedComponent<'a> {
    let target = Target::Subkey(key);
    let binding = issuer.newest(signatures, &[SignatureType::SubkeyBinding], target);
    let revocation = issuer.revocation(signatures, SignatureType::SubkeyRevocation, target);
    let (primary_status, primary_expires) = judged
        .first()
        .map_or((Status::Invalid { reason: "no primary key" }, None), |primary| (primary.status, primary.expires));
    let own_end = binding.and_then(|binding| key_end(binding.config, key.created_at()));
    let bound = binding.map(|binding| binding.created);

    let status = if !primary_status.is_valid() {
        primary_status
    } else if key.version() != issuer.primary.version() {
        // §10.1.1: subkeys are of the primary key's version.
        Status::Invalid { reason: "version differs from the primary key's" }
    } else if let Some(revocation) =
        revocation.filter(|it| it.reason.is_hard() || bound.is_none_or(|bound| bound <= it.created))
    {
        revocation.status()
    } else if key.created_at() > issuer.policy.latest(issuer.at) {
        Status::Invalid { reason: "made after the reference time" }
    } else if binding.is_none() {
        Status::Invalid { reason: "no current binding signature" }
    } else {
        alive(own_end, issuer.at)
    };
    let flags = binding.and_then(|binding| key_flags(binding.config));
    let consents =
        flags.is_some_and(KeyFlags::sign) && binding.is_some_and(|it| issuer.consent(&it, signatures, key).is_some());
    CheckedComponent {
        key,
        status,
        capabilities: capabilities(flags, key, issuer, consents),
        expires: own_end.into_iter().chain(primary_expires).min(),
        bound,
    }
}

fn alive(end: Option<Timestamp>, at: Timestamp) -> Status {
    match end {
        Some(end) if end <= at => Status::Expired { at: end },
        _ => Status::Valid,
    }
}

fn capabilities(
    flags: Option<&KeyFlags>,
    key: ComponentKey<'_>,
    issuer: &Issuer<'_>,
    consents_to_sign: bool,
) -> Capabilities {
    let Some(flags) = flags else {
        return Capabilities::default();
    };
    // §9.1: RSA keys of old that are for one of the two only.
    let signs = key.algorithm() != PublicKeyAlgorithm::RSAEncrypt
        && issuer.policy.check_signing_key(key.public_params(), issuer.at).is_ok();
    let encrypts = key.algorithm() != PublicKeyAlgorithm::RSASign
        && issuer.policy.check_encryption_key(key.public_params()).is_ok();
    Capabilities {
        certify: key.is_primary() && flags.certify() && signs,
        sign: flags.sign() && signs && consents_to_sign,
        encrypt: (flags.encrypt_comms() || flags.encrypt_storage()) && encrypts,
        authenticate: flags.authentication(),
    }
}
