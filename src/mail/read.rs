//! Reads mails: takes the layers of PGP/MIME and inline OpenPGP off, and says of every part how it was protected.
//!
//! The layers that enclose the whole mail, one directly in the other, are its protection as a whole (RFC 9787 §4.4). Encrypted
//! or signed parts further inside are read as well, and speak for themselves only. A signature around encryption says nothing
//! about what is inside. Parts stand apart in the result: to join them, or to put them into one HTML document, is to let the
//! writer of one read the other (EFAIL).

use super::{
    autocrypt::{AutocryptHeader, Ignored},
    error::MailError,
    layers::{Place, Reader},
    protected::{FieldProtection, Mismatch, ShownField},
};
use crate::{
    Certificate, Limits, Password, Policy,
    message::{Decryptor, Verdict, VerdictStatus},
};
use envelock_mime::{
    Mailbox,
    mail::{Entity, MailLimits},
};
use envelock_seipd::{
    Engine, Progress,
    engine::{RustCrypto, ready},
};
use pgp::types::Timestamp;
use zeroize::Zeroizing;

/// A mail, and what to open and check it with.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadOptions<'a> {
    /// The mail as it came.
    pub mail: &'a [u8],
    /// Secret keys to try.
    pub keys: &'a [Decryptor<'a>],
    /// Passwords to try.
    pub passwords: &'a [Password],
    /// Certificates of possible signers.
    pub verify_with: &'a [Certificate],
}

/// A mail that was read.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The header fields to show, protected ones first.
    pub fields: Vec<ShownField>,
    /// The author to show; `None` if the mail names none, or several.
    pub from: Option<Mailbox>,
    /// Whether the whole mail is encrypted, signed validly, both, or neither.
    pub protection: FieldProtection,
    /// The signatures over the whole mail, each compared with `from`.
    pub signatures: Vec<Verdict>,
    /// Header fields that say one thing inside and another outside.
    pub mismatches: Vec<Mismatch>,
    /// The leaves of the mail, in order.
    pub parts: Vec<MailPart>,
    /// The sender's certificate from the Autocrypt header, or why there is none.
    pub autocrypt: Result<AutocryptHeader, Ignored>,
    /// Certificates of other recipients, told inside of encryption.
    pub gossip: Vec<AutocryptHeader>,
}

/// A part with content.
#[derive(Debug, Clone)]
pub struct MailPart {
    /// Its place: numbers of parts from the outside in, as `2.1`; `1#2` is the second piece of inline OpenPGP in part 1.
    pub path: String,
    /// The multipart it belongs to, as `alternative`, and that one's path.
    pub group: Option<(String, String)>,
    /// `type/subtype` in lower case.
    pub mime_type: String,
    /// The charset it states.
    pub charset: Option<String>,
    /// Its file name.
    pub name: Option<String>,
    /// It is a file, not something to be shown in place.
    pub attachment: bool,
    /// For images of an HTML part beside it.
    pub content_id: Option<String>,
    /// Whether this part is encrypted, signed validly, both, or neither.
    pub protection: FieldProtection,
    /// The signatures over this part.
    pub signatures: Vec<Verdict>,
    /// Its octets without transfer encoding. Empty if there is a `problem`.
    pub data: Zeroizing<Vec<u8>>,
    /// The same as text, for text in a charset that is known here.
    pub text: Option<String>,
    /// Why there is nothing to show: its encryption did not open, or its layer is broken.
    pub problem: Option<MailProblem>,
}

/// What was wrong with one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailProblem {
    /// As the codes of `DecryptError` and `VerifyError`.
    pub code: &'static str,
    /// For developers.
    pub message: String,
}

/// Reads a mail and checks its signatures at the reference time `at`.
///
/// # Errors
/// See [`MailError`]. Encryption that does not open, and signatures that are wrong, are no errors: they stand at their parts.
pub async fn read<E: Engine>(
    options: ReadOptions<'_>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    engine: &E,
    progress: &mut dyn Progress,
) -> Result<Mail, MailError> {
    if options.mail.len() as u64 > limits.plaintext_bytes.saturating_mul(2) {
        return Err(MailError::TooLarge { what: "octets" });
    }
    let outside = Entity::parse(options.mail, &MailLimits::default())?;
    if outside.fields.iter().next().is_none() {
        return Err(MailError::Malformed { what: "it has no header fields" });
    }
    let mut reader = Reader::new(options, policy, limits, at, engine, progress);
    reader.walk(options.mail, Place::root(), Layer::default()).await?;
    Ok(reader.finish(&outside))
}

/// [`read`] for callers without an async runtime, with ciphers in software.
///
/// # Errors
/// As [`read`].
pub fn read_blocking(
    options: ReadOptions<'_>,
    policy: &Policy,
    limits: &Limits,
    at: Timestamp,
    progress: &mut dyn Progress,
) -> Result<Mail, MailError> {
    ready(read(options, policy, limits, at, &RustCrypto, progress))
}

/// What surrounds a part.
#[derive(Debug, Clone, Default)]
pub(super) struct Layer {
    pub(super) encrypted: bool,
    pub(super) signatures: Vec<Verdict>,
}

impl Layer {
    pub(super) fn protection(&self) -> FieldProtection {
        FieldProtection::new(self.encrypted, self.is_signed())
    }

    pub(super) fn is_signed(&self) -> bool {
        self.signatures.iter().any(|verdict| verdict.status == VerdictStatus::Valid)
    }

    /// A signature around encryption says nothing about what is inside.
    pub(super) fn decrypted(signatures: Vec<Verdict>) -> Self {
        Self { encrypted: true, signatures }
    }

    pub(super) fn signed(&self, signatures: Vec<Verdict>) -> Self {
        Self { encrypted: self.encrypted, signatures: [self.signatures.clone(), signatures].concat() }
    }
}
