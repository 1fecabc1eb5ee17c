//! Reads mails: takes the layers of PGP/MIME and inline OpenPGP off, and says of every part how it was protected.
//!
//! The layers that enclose the whole mail, one directly in the other, are its protection as a whole (RFC 9787 §4.4). Encrypted
//! or signed parts further inside are read as well, and speak for themselves only. A signature around encryption says nothing
//! about what is inside. Parts stand apart in the result: to join those of different layers, or to put them into one HTML
//! document, is to let the writer of one read the other (EFAIL), or to lend one the signature of the other.
//!
//! "Signed" is said of the author's signature only. Of several signatures around something, one must be valid and made by a
//! certificate with the author's address, and none may be invalid ([`overall`](crate::message::overall)); all of them are
//! listed with what each says.

use super::{
    autocrypt::{AutocryptHeader, Ignored},
    error::MailError,
    layers::Reader,
    parts::Place,
    protected::{FieldProtection, Mismatch, ShownField},
};
use crate::{
    Certificate, Limits, Password, Policy,
    message::{Decryptor, Verdict, Whole},
};
use envelock_mime::{
    Mailbox,
    mail::{Entity, MailLimits},
};
use envelock_seipd::{
    Engine, Progress, SecretOctets,
    engine::{RustCrypto, ready},
};
use pgp::types::Timestamp;

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
    /// The author to show; `None` if the mail names none, or several. Show the address: the name is whatever its writer wished,
    /// and empty where that was another address.
    pub from: Option<Mailbox>,
    /// Whether the whole mail is encrypted, signed by its author, both, or neither.
    pub protection: FieldProtection,
    /// The signatures over the whole mail, each compared with `from`.
    pub signatures: Vec<Verdict>,
    /// Header fields that say one thing inside and another outside.
    pub mismatches: Vec<Mismatch>,
    /// What the parts are protected by; the first of them is nothing at all.
    pub layers: Vec<MailLayer>,
    /// The leaves of the mail, in order. What is left out of a mail with too many has a part with a `problem` in its place.
    pub parts: Vec<MailPart>,
    /// The sender's certificate from the Autocrypt header, or why there is none.
    pub autocrypt: Result<AutocryptHeader, Ignored>,
    /// Certificates of other recipients, told inside of encryption: of addresses in To and Cc only (Autocrypt 1.1, key gossip).
    pub gossip: Vec<AutocryptHeader>,
}

impl Mail {
    /// The signatures over a part, each compared with `from`.
    pub fn signatures_of(&self, part: &MailPart) -> &[Verdict] {
        self.layers.get(part.layer).map(|layer| layer.signatures.as_slice()).unwrap_or_default()
    }
}

/// What surrounds a part, from the outermost signature or encryption that counts for it to the innermost.
#[derive(Debug, Clone)]
pub struct MailLayer {
    /// Where the innermost stands, as [`MailPart::path`]; empty for none.
    pub path: String,
    /// As [`MailPart::protection`].
    pub protection: FieldProtection,
    /// The signatures, each compared with the author.
    pub signatures: Vec<Verdict>,
}

/// A part with content.
#[derive(Debug, Clone)]
pub struct MailPart {
    /// Its place: numbers of parts from the outside in, as `2.1`; `1#2` is the second piece of inline OpenPGP in part 1.
    pub path: String,
    /// The multipart it belongs to, as `alternative`, and that one's path. A multipart outside of the part's layer is none: an
    /// alternative in the clear does not replace what was encrypted.
    pub group: Option<(String, String)>,
    /// Its place in [`Mail::layers`]. Only parts of the same layer may be put together: alternatives, `cid:` links.
    pub layer: usize,
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
    /// Whether this part is encrypted, signed by the author of the mail, both, or neither.
    pub protection: FieldProtection,
    /// Its octets without transfer encoding. Empty if there is a `problem`.
    pub data: SecretOctets,
    /// The same as text, for text in a charset that is known here.
    pub text: Option<String>,
    /// Why there is nothing to show: its encryption did not open, its layer is broken, or it is one too many.
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
    let mut whole = Whole::of(progress);
    let mut reader = Reader::new(options, policy, limits, at, engine, &mut whole);
    reader.walk(options.mail, Place::root()).await?;
    let mail = reader.finish(&outside);
    whole.end(options.mail.len())?;
    Ok(mail)
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
