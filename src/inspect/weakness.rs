//! What is weak about a certificate, though it may still be accepted: since when, and who says so.

use pgp::{
    crypto::hash::HashAlgorithm,
    types::{Fingerprint, KeyDetails, PublicParams, Timestamp},
};

use crate::{
    certificate::{Certificate, ComponentKey, Current},
    policy::{Policy, Weakness, rsa_size},
};

/// Something weak about a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CertificateWeakness {
    /// What.
    pub kind: WeaknessKind,
    /// Which component, if it is one.
    pub component: Option<Fingerprint>,
    /// In English, for developers and advanced users.
    pub message: String,
    /// From when on it is not accepted any more, where there is such a date.
    pub since: Option<Timestamp>,
    /// Who says so.
    pub source: &'static str,
}

/// Kinds of weakness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WeaknessKind {
    /// A key that is too short or of an outdated algorithm; not accepted.
    WeakKey,
    /// A key of an algorithm that is not implemented; not used.
    UnsupportedKey,
    /// An RSA key below the 3072 bits asked for from 2031 on.
    ShortRsa,
    /// A self-signature that counts only because it is old: its hash is SHA-1.
    Sha1SelfSignature,
}

impl WeaknessKind {
    /// Every code.
    pub const CODES: &'static [&'static str] = &["weak-key", "unsupported-key", "short-rsa", "sha1-self-signature"];

    /// Kebab-case.
    pub fn code(self) -> &'static str {
        match self {
            Self::WeakKey => "weak-key",
            Self::UnsupportedKey => "unsupported-key",
            Self::ShortRsa => "short-rsa",
            Self::Sha1SelfSignature => "sha1-self-signature",
        }
    }
}

/// 2031-01-01: NIST SP 800-131A Rev. 2 and SP 800-57 Part 1 Rev. 5 accept 112 bits of strength through 2030.
const END_OF_112_BITS: u32 = 1_924_992_000;
const NIST: &str = "NIST SP 800-57 Part 1 Rev. 5, SP 800-131A Rev. 2";

/// Everything weak about a certificate at a moment.
pub fn weaknesses(certificate: &Certificate, policy: &Policy, at: Timestamp) -> Vec<CertificateWeakness> {
    let mut found: Vec<_> = certificate.component_keys().filter_map(|key| of_key(&key, policy)).collect();
    found.extend(of_signatures(certificate, policy, at));
    found
}

/// The size of a key where it varies: RSA and DSA.
pub(crate) fn bits(key: &ComponentKey<'_>) -> Option<usize> {
    match key.public_params() {
        PublicParams::RSA(rsa) => Some(rsa_size(rsa)),
        PublicParams::DSA(dsa) => Some(dsa.key.components().p().bits()),
        _ => None,
    }
}

fn of_key(key: &ComponentKey<'_>, policy: &Policy) -> Option<CertificateWeakness> {
    // Whether it signs or is encrypted to is not asked: an algorithm good for neither is what is looked for. Signatures of old
    // dates may count with algorithms that are bad today.
    let today = Timestamp::from_secs(u32::MAX);
    let judged = policy.check_signing_key(key.public_params(), today).or_else(|as_signer| {
        policy.check_encryption_key(key.public_params()).map_err(|as_recipient| match (as_signer, as_recipient) {
            (weak @ Weakness::Weak(_), _) => weak,
            (_, weak) => weak,
        })
    });
    let weakness = |kind, message: String, since, source| {
        Some(CertificateWeakness { kind, component: Some(key.fingerprint()), message, since, source })
    };
    match (judged, key.public_params()) {
        (Err(Weakness::Weak(name)), PublicParams::DSA(_)) => {
            let since = Some(policy.dsa_signatures_before);
            weakness(WeaknessKind::WeakKey, name.to_owned(), since, "FIPS 186-5, 2023-02-03")
        }
        (Err(Weakness::Weak(name)), PublicParams::RSA(_)) => weakness(
            WeaknessKind::WeakKey,
            name.to_owned(),
            None,
            "RFC 9580 §12.4; NIST SP 800-131A, 2014; CVE-2017-15361",
        ),
        (Err(Weakness::Weak(name)), _) => {
            weakness(WeaknessKind::WeakKey, name.to_owned(), None, "RFC 9580 §11.5, RFC 7748 §6")
        }
        (Err(Weakness::Unsupported(_)), _) => {
            let message = format!("{} is not supported", key.algorithm_name());
            weakness(WeaknessKind::UnsupportedKey, message, None, "RFC 9580 §9.1")
        }
        (Ok(()), _) => bits(key).filter(|bits| *bits < 3072).and_then(|bits| {
            let since = Some(Timestamp::from_secs(END_OF_112_BITS));
            weakness(WeaknessKind::ShortRsa, format!("RSA of {bits} bits"), since, NIST)
        }),
    }
}

/// SHA-1 under the self-signatures that count.
fn of_signatures(certificate: &Certificate, policy: &Policy, at: Timestamp) -> Vec<CertificateWeakness> {
    let inner = certificate.as_pgp();
    let current = Current::new(inner, policy, at);
    let primary = std::iter::once(current.direct())
        .chain(inner.details.users.iter().map(|user| current.certification(user)))
        .map(|signature| (inner.primary_key.fingerprint(), signature));
    let subkeys = inner.public_subkeys.iter().map(|subkey| (subkey.key.fingerprint(), current.binding(subkey)));
    let weak = primary.chain(subkeys).filter(|(_, signature)| {
        signature.as_ref().is_some_and(|signature| signature.config.hash_alg == HashAlgorithm::Sha1)
    });
    let mut found: Vec<CertificateWeakness> = Vec::new();
    for (fingerprint, _) in weak {
        if !found.iter().any(|known| known.component.as_ref() == Some(&fingerprint)) {
            found.push(CertificateWeakness {
                kind: WeaknessKind::Sha1SelfSignature,
                component: Some(fingerprint),
                message: "held together by SHA-1".to_owned(),
                since: Some(policy.sha1_self_signatures_before),
                source: "RFC 9580 §9.5; Sequoia's StandardPolicy, 2023-02-01",
            });
        }
    }
    found
}
