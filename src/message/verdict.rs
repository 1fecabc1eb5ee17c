//! What checking one signature said, as data: never a bool, never an exception.
//!
//! A verdict names who is *proven* to have signed, or why nothing is proven. Not here: how it is found (`verify`).

use super::notation::Notation;
use pgp::types::{Fingerprint, KeyId, Timestamp};

/// The result of checking one signature packet of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// The outcome; only [`VerdictStatus::Valid`] proves anything.
    pub status: VerdictStatus,
    /// Fingerprint of the signer's certificate (its primary key). Set as soon as the certificate is known and the
    /// signature really was made by one of its keys, also when the status is not valid.
    pub signer: Option<Fingerprint>,
    /// A user ID of that certificate, for showing beside the fingerprint: the one the signature names (§5.2.3.30) if its owner
    /// certified it then, else the primary one.
    pub signer_user_id: Option<String>,
    /// Fingerprint of the component key that signed; for an unknown signer what the signature claims.
    pub key: Option<Fingerprint>,
    /// Key ID the signature names, when it names no fingerprint. Never proof of anything: key IDs collide.
    pub key_id: Option<KeyId>,
    /// When the signer says the signature was made.
    pub created: Option<Timestamp>,
    /// Made over text, whatever its line ends (signature type 0x01, RFC 9580 §5.2.1.2), not over the very octets.
    pub text: bool,
    /// Why the status is what it is; `None` when valid.
    pub reason: Option<Reason>,
    /// Where the certificate came from that verified the signature.
    pub certificate: CertificateSource,
    /// What the signer added to the signature. Empty unless the signature really was made by `signer`.
    pub notations: Vec<Notation>,
    /// Certificates the signer encrypted the message to, as far as the signature names them (§5.2.3.36). As `notations`.
    pub intended_recipients: Vec<Fingerprint>,
    /// How the signer's certificate compares with the sender's address, when the caller gave one.
    pub from: Option<FromMatch>,
}

/// How a signature compares with the address a message claims to come from. Says nothing about whether the signature is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FromMatch {
    /// The signer's certificate has a user ID with that address which its owner certifies.
    Match,
    /// It has none: whoever signed, it was not shown to be the owner of that address.
    Mismatch,
    /// Nobody is proven to have signed, so there is nothing to compare.
    Unknown,
}

impl FromMatch {
    /// Every value, for lists that must be complete.
    pub const ALL: [FromMatch; 3] = [Self::Match, Self::Mismatch, Self::Unknown];

    /// Stable name for other languages: `match`, `mismatch`, `unknown`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Mismatch => "mismatch",
            Self::Unknown => "unknown",
        }
    }
}

/// Outcome of checking one signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VerdictStatus {
    /// The data is exactly what `signer` signed, with a key that was entitled to sign at that time.
    Valid,
    /// None of the certificates given made this signature.
    UnknownSigner,
    /// The signature is broken, or not one over this data.
    Invalid,
    /// The key had expired when the signature was made.
    ExpiredKey,
    /// The key was revoked before the signature was made, or is revoked as compromised.
    RevokedKey,
    /// The signature itself has expired.
    Expired,
    /// Made with an algorithm that proves nothing any more (SHA-1, MD5, short RSA …): correct if `signer` is set.
    Weak,
}

impl VerdictStatus {
    /// Every status, for lists that must be complete.
    pub const ALL: [VerdictStatus; 7] = [
        Self::Valid,
        Self::UnknownSigner,
        Self::Invalid,
        Self::ExpiredKey,
        Self::RevokedKey,
        Self::Expired,
        Self::Weak,
    ];

    /// Stable name for other languages: `valid`, `unknown-signer`, `invalid`, `expired-key`, `revoked-key`, `expired`, `weak`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::UnknownSigner => "unknown-signer",
            Self::Invalid => "invalid",
            Self::ExpiredKey => "expired-key",
            Self::RevokedKey => "revoked-key",
            Self::Expired => "expired",
            Self::Weak => "weak",
        }
    }
}

/// Why a signature is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The signature does not match the data.
    #[error("the signature does not match the data")]
    BadSignature,
    /// No certificate with this key was given.
    #[error("no certificate with the signing key is known")]
    NoCertificate,
    /// Another signature type than 0x00 or 0x01 (RFC 9580 §5.2.1) stands over a document.
    #[error("the signature is not a document signature")]
    NotADocumentSignature,
    /// The signature packet cannot be read, or its one-pass packet names other parameters.
    #[error("the signature packet is malformed")]
    Malformed,
    /// A signature version or algorithm this library does not implement.
    #[error("the signature uses an unsupported version or algorithm")]
    Unsupported,
    /// No creation time in the hashed area (RFC 9580 §5.2.3.11).
    #[error("the signature has no creation time")]
    NoCreationTime,
    /// Created after the reference time.
    #[error("the signature is dated in the future")]
    FutureDated,
    /// Its own expiration time has passed.
    #[error("the signature has expired")]
    SignatureExpired,
    /// A critical subpacket or notation is unknown (RFC 9580 §5.2.3.7).
    #[error("the signature has an unknown critical subpacket or notation")]
    UnknownCritical,
    /// A hash algorithm that is no longer collision resistant.
    #[error("the signature uses a weak hash algorithm")]
    WeakHash,
    /// The signing key's algorithm or size is too weak.
    #[error("the signing key is too weak")]
    WeakKey,
    /// The key was expired at signing time.
    #[error("the signing key had expired when the signature was made")]
    KeyExpired,
    /// The signature is dated before its key was made.
    #[error("the signature is older than the signing key")]
    KeyNotYetMade,
    /// The key is revoked.
    #[error("the signing key is revoked")]
    KeyRevoked,
    /// The certificate does not entitle the key to sign: no flag, no binding, no back signature (RFC 9580 §5.2.1.7).
    #[error("the certificate does not entitle this key to sign")]
    KeyNotEntitled,
    /// The signer encrypted the message to somebody else, or it was taken out of its encryption (RFC 9580 §5.2.3.36, §13.12).
    #[error("the signed message was meant for other recipients")]
    NotIntendedRecipient,
    /// So many signatures would have to be verified to judge the signer that it was not done; see
    /// [`Limits::verifications`](crate::Limits::verifications).
    #[error("the signer's certificate has more signatures than are verified for one message")]
    TooExpensive,
    /// A signature over other signatures, which this library does not check.
    #[error("the signature covers other signatures, not the data alone")]
    Notarization,
}

impl Reason {
    /// Every reason, for lists that must be complete.
    pub const ALL: [Reason; 18] = [
        Self::BadSignature,
        Self::NoCertificate,
        Self::NotADocumentSignature,
        Self::Malformed,
        Self::Unsupported,
        Self::NoCreationTime,
        Self::FutureDated,
        Self::SignatureExpired,
        Self::UnknownCritical,
        Self::WeakHash,
        Self::WeakKey,
        Self::KeyExpired,
        Self::KeyNotYetMade,
        Self::KeyRevoked,
        Self::KeyNotEntitled,
        Self::NotIntendedRecipient,
        Self::TooExpensive,
        Self::Notarization,
    ];

    /// Stable kebab-case name for other languages.
    pub fn code(self) -> &'static str {
        match self {
            Self::BadSignature => "bad-signature",
            Self::NoCertificate => "no-certificate",
            Self::NotADocumentSignature => "not-a-document-signature",
            Self::Malformed => "malformed-signature",
            Self::Unsupported => "unsupported-signature",
            Self::NoCreationTime => "no-creation-time",
            Self::FutureDated => "future-dated",
            Self::SignatureExpired => "signature-expired",
            Self::UnknownCritical => "unknown-critical",
            Self::WeakHash => "weak-hash",
            Self::WeakKey => "weak-key",
            Self::KeyExpired => "key-expired",
            Self::KeyNotYetMade => "key-not-yet-made",
            Self::KeyRevoked => "key-revoked",
            Self::KeyNotEntitled => "key-not-entitled",
            Self::NotIntendedRecipient => "not-intended-recipient",
            Self::TooExpensive => "too-expensive",
            Self::Notarization => "notarization",
        }
    }
}

/// Where the verifying certificate came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CertificateSource {
    /// The caller gave it: it is somebody the user knows.
    #[default]
    Known,
    /// It came inside the same message. A valid verdict then says only that the message and its certificate belong
    /// together; whose they are must be checked otherwise.
    Enclosed,
}

/// One state for a whole message, for a badge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Overall {
    /// There is no signature.
    Unsigned,
    /// The state of the signatures together, as [`overall`] puts it.
    Signed(VerdictStatus),
}

/// Sums up the verdicts of a message in one word: invalid if any signature is, else valid if any is, else what is said of
/// the first.
///
/// An invalid signature is a sign of tampering, which a valid one beside it must not hide. One of a version or algorithm that
/// is unknown here is no such sign (RFC 9580 §5.2.5: it is ignored, so that signers can add new ones beside old ones). The
/// other states take nothing away from a valid signature either: that a second signer is unknown, or that a second key had
/// expired, does not change who the first one is. "Valid" says that the data is as signed, not by whom: name
/// [`signer`](Verdict::signer) of the valid verdicts, and mind [`certificate`](Verdict::certificate).
pub fn overall(verdicts: &[Verdict]) -> Overall {
    let Some(first) = verdicts.first() else { return Overall::Unsigned };
    let mut read = verdicts.iter().filter(|verdict| verdict.reason != Some(Reason::Unsupported)).peekable();
    let first = read.peek().copied().unwrap_or(first);
    let read: Vec<_> = read.collect();
    let any = |status| read.iter().any(|verdict| verdict.status == status);
    let telling = [VerdictStatus::Invalid, VerdictStatus::Valid].into_iter().find(|status| any(*status));
    Overall::Signed(telling.unwrap_or(first.status))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(status: VerdictStatus) -> Verdict {
        Verdict {
            status,
            signer: None,
            signer_user_id: None,
            key: None,
            key_id: None,
            created: None,
            text: false,
            reason: None,
            certificate: CertificateSource::Known,
            notations: Vec::new(),
            intended_recipients: Vec::new(),
            from: None,
        }
    }

    #[test]
    fn one_word_for_several_signatures() {
        use VerdictStatus::*;
        let sum = |states: &[VerdictStatus]| overall(&states.iter().copied().map(verdict).collect::<Vec<_>>());
        assert_eq!(sum(&[]), Overall::Unsigned);
        for (states, together) in [
            (&[Valid][..], Valid),
            (&[UnknownSigner, Valid], Valid),
            (&[ExpiredKey, Valid], Valid),
            (&[Valid, Invalid], Invalid),
            (&[UnknownSigner, Invalid], Invalid),
            (&[RevokedKey, UnknownSigner], RevokedKey),
        ] {
            assert_eq!(sum(states), Overall::Signed(together), "{states:?}");
        }
        let new = Verdict { reason: Some(Reason::Unsupported), ..verdict(Invalid) };
        for (beside, together) in [(Valid, Valid), (UnknownSigner, UnknownSigner), (Invalid, Invalid)] {
            let both = [new.clone(), verdict(beside)];
            assert_eq!(overall(&both), Overall::Signed(together), "of a new algorithm, beside {beside:?}");
        }
        assert_eq!(overall(&[new]), Overall::Signed(Invalid), "alone it is what it says");
    }
}
