//! Everything about a key as data, for people who want to look closely.
//!
//! Says what is there and what it is worth; decides nothing that [`Certificate::at`] does not.

mod user_id;
mod weakness;

use pgp::{
    crypto::{aead::AeadAlgorithm, sym::SymmetricKeyAlgorithm},
    types::{Fingerprint, KeyDetails, KeyId, Timestamp},
};

pub use self::{
    user_id::{UserIdParts, UserIdWarning, user_id_parts, user_id_warnings},
    weakness::{CertificateWeakness, WeaknessKind, weaknesses},
};
use crate::{
    certificate::{Capabilities, Certificate, Current, Makers, Status, ThirdParty, third_party},
    error::KeyError,
    keyring::KeyringItem,
    policy::Policy,
    secret_key::SecretKey,
};

/// A key, looked at closely.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Inspection {
    /// Its user IDs in the order of the packets.
    pub user_ids: Vec<InspectedUserId>,
    /// Its keys, primary first.
    pub components: Vec<InspectedComponent>,
    /// What its owner prefers to be sent.
    pub preferences: Preferences,
    /// What is weak about it.
    pub weaknesses: Vec<CertificateWeakness>,
}

/// A user ID, looked at closely.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct InspectedUserId {
    /// The text; octets that are no UTF-8 are replaced.
    pub text: String,
    /// Name and address.
    pub parts: UserIdParts,
    /// Whether its owner certifies it.
    pub status: Status,
    /// Whether it stands for the key.
    pub primary: bool,
    /// When its owner certified it last.
    pub certified: Option<Timestamp>,
    /// What other people certified.
    pub certifications: Vec<ThirdParty>,
    /// What in it may deceive.
    pub warnings: Vec<UserIdWarning>,
}

/// A component key, looked at closely.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct InspectedComponent {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// Its key ID; others can share it.
    pub key_id: KeyId,
    /// Whether it is the primary key.
    pub primary: bool,
    /// For people.
    pub algorithm: &'static str,
    /// The size, where the algorithm leaves it open.
    pub bits: Option<usize>,
    /// When it says it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// What it is worth.
    pub status: Status,
    /// What its owner wrote when revoking it.
    pub revocation_text: Option<String>,
    /// What it may do when it is valid.
    pub capabilities: Capabilities,
    /// What is there of its secret part; `None` in certificates.
    pub secret: Option<SecretPart>,
}

/// What is there of a secret part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretPart {
    /// Locked with a passphrase.
    Locked,
    /// In the clear.
    Open,
    /// Kept elsewhere.
    Absent,
}

impl SecretPart {
    /// Lower case.
    pub fn code(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::Open => "open",
            Self::Absent => "absent",
        }
    }
}

/// What a key's owner prefers to be sent, best first; empty if not stated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preferences {
    /// Ciphers for SEIPD v1, named as in RFC 9580 §9.3.
    pub ciphers: Vec<String>,
    /// Cipher and mode for SEIPD v2, as `AES256-OCB`.
    pub aead: Vec<String>,
    /// Whether SEIPD v2 is read.
    pub seipd_v2: bool,
}

/// Looks at a key. `known` are certificates that may have certified its user IDs.
pub fn inspect(
    key: &KeyringItem,
    known: &[Certificate],
    policy: &Policy,
    at: Timestamp,
) -> Result<Inspection, KeyError> {
    match key {
        KeyringItem::Certificate(certificate) => Ok(look(certificate, None, known, policy, at)),
        KeyringItem::SecretKey(key) => Ok(look(&key.certificate(), Some(key), known, policy, at)),
        KeyringItem::Unsupported { reason, .. } => Err(KeyError::Unsupported { what: reason.clone() }),
    }
}

fn look(
    certificate: &Certificate,
    secret: Option<&SecretKey>,
    known: &[Certificate],
    policy: &Policy,
    at: Timestamp,
) -> Inspection {
    let checked = certificate.at(policy, at);
    let current = Current::new(certificate.as_pgp(), policy, at);
    let users = certificate.as_pgp().details.users.iter().zip(checked.user_ids());
    let mut primary = checked.primary_user_id();
    let mut makers = Makers::new(known, policy, at);
    let user_ids = users.map(|(user, judged)| {
        let text = String::from_utf8_lossy(user.id.id()).into_owned();
        InspectedUserId {
            parts: user_id_parts(&text),
            status: judged.status(),
            primary: judged.status().is_valid() && primary.take_if(|primary| *primary == text).is_some(),
            certified: judged.certified(),
            certifications: third_party(certificate, user, &mut makers),
            warnings: user_id_warnings(user.id.id()),
            text,
        }
    });
    let components = checked.components().iter().map(|component| {
        let key = component.key();
        InspectedComponent {
            fingerprint: key.fingerprint(),
            key_id: key.key_id(),
            primary: key.is_primary(),
            algorithm: key.algorithm_name(),
            bits: weakness::bits(&key),
            created: key.created_at(),
            expires: component.expires(),
            status: component.status(),
            revocation_text: current.revocation_text(key, component.status()),
            capabilities: component.capabilities(),
            secret: secret.map(|secret| secret_part(secret, &key.fingerprint())),
        }
    });
    let aead =
        checked.preferred_aead().iter().map(|(cipher, mode)| format!("{}-{}", cipher_name(*cipher), mode_name(*mode)));
    Inspection {
        user_ids: user_ids.collect(),
        components: components.collect(),
        preferences: Preferences {
            ciphers: checked.preferred_ciphers().iter().map(|it| cipher_name(*it)).collect(),
            aead: aead.collect(),
            seipd_v2: checked.prefers_seipd_v2(),
        },
        weaknesses: weaknesses(certificate, policy, at),
    }
}

/// RFC 9580 §9.3. Not rPGP's `Debug`: the wasm module is built without.
fn cipher_name(cipher: SymmetricKeyAlgorithm) -> String {
    let name = match cipher {
        SymmetricKeyAlgorithm::Plaintext => "PLAINTEXT",
        SymmetricKeyAlgorithm::IDEA => "IDEA",
        SymmetricKeyAlgorithm::TripleDES => "TRIPLEDES",
        SymmetricKeyAlgorithm::CAST5 => "CAST5",
        SymmetricKeyAlgorithm::Blowfish => "BLOWFISH",
        SymmetricKeyAlgorithm::AES128 => "AES128",
        SymmetricKeyAlgorithm::AES192 => "AES192",
        SymmetricKeyAlgorithm::AES256 => "AES256",
        SymmetricKeyAlgorithm::Twofish => "TWOFISH",
        SymmetricKeyAlgorithm::Camellia128 => "CAMELLIA128",
        SymmetricKeyAlgorithm::Camellia192 => "CAMELLIA192",
        SymmetricKeyAlgorithm::Camellia256 => "CAMELLIA256",
        other => return format!("OTHER({})", u8::from(other)),
    };
    name.to_owned()
}

/// RFC 9580 §9.6.
fn mode_name(mode: AeadAlgorithm) -> String {
    match mode {
        AeadAlgorithm::Eax => "EAX".to_owned(),
        AeadAlgorithm::Ocb => "OCB".to_owned(),
        AeadAlgorithm::Gcm => "GCM".to_owned(),
        other => format!("OTHER({})", u8::from(other)),
    }
}

fn secret_part(key: &SecretKey, fingerprint: &Fingerprint) -> SecretPart {
    match key.components().find(|component| component.fingerprint() == *fingerprint) {
        Some(component) if component.is_locked() => SecretPart::Locked,
        Some(_) => SecretPart::Open,
        None => SecretPart::Absent,
    }
}
