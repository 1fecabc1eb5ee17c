//! Certificates that a directory or keyserver gave for a mail address: which of them are for it, and what of them.
//!
//! Whoever answers may send anything: other people's certificates, user IDs with other addresses that a careless program
//! would list as contacts, secret keys. What is kept is a certificate whose owner certifies a user ID with this very address, and
//! of it only such user IDs (draft-koch-openpgp-webkey-service §3.1, §5). Everything else is told, not kept.
//! Not here: where to ask (`envelock-wire`), whether the certificate is believed (nobody's signature says so).

use pgp::types::{Fingerprint, Timestamp};

use crate::{
    address::Address,
    certificate::{Certificate, Unread},
    keyring::{KeyringItem, read_keys},
    limits::Limits,
    policy::Policy,
};

/// What came for an address, sorted.
#[derive(Debug, Clone, Default)]
pub struct Discovered {
    /// Certificates for the address, reduced to the user IDs with it. They may be expired or revoked: look before using.
    pub certificates: Vec<Certificate>,
    /// What was not kept.
    pub rejected: Vec<Rejected>,
}

/// Something that came and was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Which key it was, if that is known.
    pub fingerprint: Option<Fingerprint>,
    /// Why.
    pub reason: Rejection,
}

/// Why something that came is not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// None of its user IDs that are certified by its owner has the address.
    #[error("no user ID that its owner certifies has this address")]
    OtherAddress,
    /// A secret key: whoever published it made a mistake, and it is not to be kept anywhere.
    #[error("a secret key was published; it is not to be used")]
    SecretKey,
    /// A key this program cannot use.
    #[error("unsupported: {what}")]
    Unsupported {
        /// Its version or algorithm.
        what: String,
    },
    /// No key at all, or too much.
    #[error("{message}")]
    Unreadable {
        /// What is wrong with it.
        message: String,
    },
}

impl Rejection {
    /// Every code [`Rejection::code`] can return.
    pub const CODES: &'static [&'static str] = &["other-address", "secret-key", "unsupported", "unreadable"];

    /// A stable name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherAddress => "other-address",
            Self::SecretKey => "secret-key",
            Self::Unsupported { .. } => "unsupported",
            Self::Unreadable { .. } => "unreadable",
        }
    }
}

/// Sorts what came for an address. `spellings` are the address as it was asked for, in every form: a domain in another
/// script has one in its letters and one in A-labels.
pub fn select_for_address(
    input: &[u8],
    spellings: &[&str],
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
) -> Discovered {
    let mut discovered = Discovered::default();
    let wanted: Vec<Address<'_>> = spellings.iter().filter_map(|spelling| Address::parse(spelling)).collect();
    let entries = match read_keys(input, limits) {
        Ok(keyring) => keyring.entries,
        Err(error) => {
            let reason = Rejection::Unreadable { message: error.to_string() };
            discovered.rejected.push(Rejected { fingerprint: None, reason });
            return discovered;
        }
    };
    for entry in entries {
        let (fingerprint, reason) = match entry.item {
            KeyringItem::Certificate(certificate) => {
                let fingerprint = certificate.fingerprint();
                match reduced(&certificate, &wanted, policy, at) {
                    Some(certificate) => {
                        discovered.certificates.push(certificate);
                        continue;
                    }
                    None => (Some(fingerprint), Rejection::OtherAddress),
                }
            }
            KeyringItem::SecretKey(key) => (Some(key.certificate().fingerprint()), Rejection::SecretKey),
            KeyringItem::Unsupported { reason, fingerprint } => (fingerprint, Rejection::Unsupported { what: reason }),
        };
        discovered.rejected.push(Rejected { fingerprint, reason });
    }
    discovered
}

/// The certificate with the user IDs that have the address and that its owner certifies; `None` if there is none.
fn reduced(certificate: &Certificate, wanted: &[Address<'_>], policy: &Policy, at: Timestamp) -> Option<Certificate> {
    let checked = certificate.at(policy, at);
    let kept: Vec<bool> = certificate
        .user_ids()
        .zip(checked.user_ids())
        .map(|(text, judged)| {
            // An expired or revoked key's user IDs are still its owner's; one that was revoked itself is not any more.
            let named = Address::of_user_id(&text);
            judged.status().is_valid()
                && named.is_some_and(|named| wanted.iter().any(|address| address.is_same(&named)))
        })
        .collect();
    if !kept.contains(&true) {
        return None;
    }
    let mut inner = certificate.as_pgp().clone();
    let mut keep = kept.into_iter();
    inner.details.users.retain(|_| keep.next() == Some(true));
    inner.details.user_attributes.clear();
    // Certifications that must not leave their maker's machine (RFC 9580 §5.2.3.19) should not have come.
    Some(Certificate::from_pgp(inner, Unread::default()).to_publish())
}
