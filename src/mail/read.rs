//! Reads mails: takes the layers of PGP/MIME and inline OpenPGP off, and says of every part how it was protected.
//!
//! The layers that enclose the whole mail, one directly in the other, are its protection as a whole (RFC 9787 §4.4). Encrypted
//! or signed parts further inside are read as well, and speak for themselves only. A signature around encryption says nothing
//! about what is inside. Parts stand apart in the result: to join them, or to put them into one HTML document, is to let the
//! writer of one read the other (EFAIL).

use super::{
    autocrypt::{AutocryptHeader, Ignored, of_entity},
    error::MailError,
    inline::{Piece, pieces, plain_name},
    protected::{
        FieldProtection, Inside, Mismatch, ShownField, all_unprotected, is_legacy_display, without_legacy_display,
    },
};
use crate::{
    Certificate, Limits, Password, Policy,
    message::{
        Checker, Context, DecryptError, DecryptOptions, Decryptor, FromMatch, MessageKind, SignedInput, Verdict,
        VerdictStatus, VerifyOptions, compare_from, decrypt, detached_signatures, inspect, to_crlf, verify,
    },
};
use envelock_mime::{
    Mailbox,
    mail::{Entity, MailLimits, mailboxes},
};
use envelock_seipd::{
    Engine, Progress,
    engine::{RustCrypto, ready},
};
use pgp::types::{Fingerprint, Timestamp};
use std::{future::Future, pin::Pin};
use zeroize::Zeroizing;

/// Encrypted or signed pieces that are opened in one mail: each may cost a key derivation.
const MOST_OPENED: usize = 32;

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
    /// As [`DecryptError::code`] and `VerifyError::code`.
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
    let own = options.keys.iter().map(|decryptor| decryptor.key.fingerprint()).collect();
    let mut reader = Reader {
        options,
        policy,
        limits,
        at,
        engine,
        progress,
        own,
        opened: 0,
        parts: Vec::new(),
        whole: Layer::default(),
        inside: None,
    };
    let root = Place { path: String::new(), group: None, encloses: true, depth: 0 };
    reader.walk(options.mail, root, Layer::default()).await?;
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
struct Layer {
    encrypted: bool,
    signatures: Vec<Verdict>,
}

impl Layer {
    fn protection(&self) -> FieldProtection {
        FieldProtection::new(self.encrypted, self.is_signed())
    }

    fn is_signed(&self) -> bool {
        self.signatures.iter().any(|verdict| verdict.status == VerdictStatus::Valid)
    }

    /// A signature around encryption says nothing about what is inside.
    fn decrypted(signatures: Vec<Verdict>) -> Self {
        Self { encrypted: true, signatures }
    }

    fn signed(&self, signatures: Vec<Verdict>) -> Self {
        Self { encrypted: self.encrypted, signatures: [self.signatures.clone(), signatures].concat() }
    }
}

/// Where a part stands.
#[derive(Debug, Clone)]
struct Place {
    path: String,
    group: Option<(String, String)>,
    /// So far only layers of cryptography stand around it.
    encloses: bool,
    depth: usize,
}

impl Place {
    fn child(&self, number: usize) -> Self {
        let path = if self.path.is_empty() { number.to_string() } else { format!("{}.{number}", self.path) };
        Self { path, group: self.group.clone(), encloses: self.encloses, depth: self.depth + 1 }
    }

    fn name(&self) -> String {
        if self.path.is_empty() { "1".into() } else { self.path.clone() }
    }
}

struct Reader<'a, E> {
    options: ReadOptions<'a>,
    policy: &'a Policy,
    limits: &'a Limits,
    at: Timestamp,
    engine: &'a E,
    progress: &'a mut dyn Progress,
    own: Vec<Fingerprint>,
    opened: usize,
    parts: Vec<MailPart>,
    whole: Layer,
    inside: Option<Inside>,
}

impl<E: Engine> Reader<'_, E> {
    fn walk<'s>(
        &'s mut self,
        octets: &'s [u8],
        place: Place,
        layer: Layer,
    ) -> Pin<Box<dyn Future<Output = Result<(), MailError>> + 's>> {
        Box::pin(async move {
            if place.depth > self.limits.nesting {
                return Err(MailError::TooLarge { what: "nested parts" });
            }
            let mime_limits = MailLimits::default();
            let entity = Entity::parse(octets, &mime_limits)?;
            let protocol = entity.content_type.parameter("protocol").unwrap_or_default().to_ascii_lowercase();
            match entity.content_type.mime_type.as_str() {
                "multipart/encrypted" if protocol == "application/pgp-encrypted" => {
                    let parts = entity.parts(&mime_limits).unwrap_or_default();
                    let message = parts.get(1).and_then(|part| Entity::parse(part, &mime_limits).ok());
                    match (message, parts.len()) {
                        (Some(message), 2) => self.encrypted(&message.data(), place, layer).await,
                        _ => Ok(self.broken(&entity, &place, &layer, "multipart/encrypted has two parts")),
                    }
                }
                "multipart/signed" if protocol == "application/pgp-signature" => {
                    match entity.parts(&mime_limits).unwrap_or_default().as_slice() {
                        [content, signature] => {
                            let signature = Entity::parse(signature, &mime_limits)?.data();
                            let layer = layer.signed(self.signatures(content, &signature, layer.encrypted)?);
                            self.walk(content, place.child(1), layer).await
                        }
                        _ => Ok(self.broken(&entity, &place, &layer, "multipart/signed has two parts")),
                    }
                }
                _ => self.payload(&entity, place, layer).await,
            }
        })
    }

    /// Everything that is no layer of cryptography.
    async fn payload(&mut self, entity: &Entity<'_>, mut place: Place, layer: Layer) -> Result<(), MailError> {
        if place.encloses {
            self.whole = layer.clone();
            if layer.encrypted || !layer.signatures.is_empty() {
                self.inside = Inside::of(entity, layer.encrypted);
            }
            place.encloses = false;
        }
        if is_legacy_display(entity, layer.encrypted) && !place.path.is_empty() && place.group.is_some() {
            return Ok(());
        }
        if !entity.content_type.is("multipart") {
            return self.leaf(entity, place, layer).await;
        }
        let Ok(parts) = entity.parts(&MailLimits::default()) else {
            self.broken(entity, &place, &layer, "a multipart without parts");
            return Ok(());
        };
        let subtype = entity.content_type.mime_type.strip_prefix("multipart/").unwrap_or_default().to_owned();
        place.group = Some((subtype, place.name()));
        for (index, part) in parts.into_iter().enumerate() {
            self.walk(part, place.child(index + 1), layer.clone()).await?;
        }
        Ok(())
    }

    async fn leaf(&mut self, entity: &Entity<'_>, place: Place, layer: Layer) -> Result<(), MailError> {
        let data = Zeroizing::new(entity.data());
        let mut part = describe(entity, &place, &layer);
        if part.mime_type.starts_with("text/") && !part.attachment {
            let text = entity.text(&data).map(|text| without_legacy_display(entity, text));
            if let Some(text) = text.as_ref().filter(|_| part.mime_type == "text/plain") {
                let found = pieces(text);
                if found.iter().any(|piece| !matches!(piece, Piece::Text(_))) {
                    return self.inline(part, &found, layer).await;
                }
            }
            part.text = text;
        }
        let name = part.name.clone();
        if let Some(plain) = name.as_deref().and_then(plain_name)
            && inspect(&data, self.limits).is_ok_and(|seen| matches!(seen.kind, MessageKind::Encrypted(_)))
        {
            part.name = Some(plain.to_owned());
            part.mime_type = "application/octet-stream".into();
            self.open_into(part, &data).await?;
            return Ok(());
        }
        part.data = data;
        self.parts.push(part);
        Ok(())
    }

    /// The pieces of a text with OpenPGP in it, each a part of its own.
    async fn inline(&mut self, whole: MailPart, found: &[Piece<'_>], layer: Layer) -> Result<(), MailError> {
        for (index, piece) in found.iter().enumerate() {
            let path = format!("{}#{}", whole.path, index + 1);
            let mut part = MailPart { path, ..whole.clone() };
            match piece {
                Piece::Text(text) => {
                    part.data = Zeroizing::new(text.as_bytes().to_vec());
                    part.text = Some((*text).to_owned());
                    self.parts.push(part);
                }
                Piece::Message(block) => self.open_into(part, block.as_bytes()).await?,
                Piece::Cleartext(block) => self.verify_into(part, block.as_bytes(), &layer)?,
            }
        }
        Ok(())
    }

    /// The encrypted layer of PGP/MIME.
    async fn encrypted(&mut self, message: &[u8], place: Place, layer: Layer) -> Result<(), MailError> {
        match self.open(message).await? {
            Ok((plaintext, signatures, _)) => self.walk(&plaintext, place.child(1), Layer::decrypted(signatures)).await,
            Err(problem) => {
                if place.encloses {
                    self.whole = Layer::default();
                }
                let mut part = blank(&place, &layer, "multipart/encrypted");
                part.problem = Some(problem);
                self.parts.push(part);
                Ok(())
            }
        }
    }

    /// Decrypts a piece of inline OpenPGP; one that is only signed is verified.
    async fn open_into(&mut self, mut part: MailPart, message: &[u8]) -> Result<(), MailError> {
        match self.open(message).await? {
            Ok((plaintext, signatures, filename)) => {
                let layer = Layer::decrypted(signatures);
                part.protection = layer.protection();
                part.signatures = layer.signatures;
                part.name = filename.filter(|_| part.attachment).or(part.name);
                part.text =
                    part.mime_type.starts_with("text/").then(|| String::from_utf8_lossy(&plaintext).into_owned());
                part.data = plaintext;
                self.parts.push(part);
                Ok(())
            }
            Err(problem) if problem.code == DecryptError::NotEncrypted.code() => {
                self.verify_into(part, message, &Layer::default())
            }
            Err(problem) => {
                part.problem = Some(problem);
                self.parts.push(part);
                Ok(())
            }
        }
    }

    fn verify_into(&mut self, mut part: MailPart, message: &[u8], layer: &Layer) -> Result<(), MailError> {
        self.count()?;
        let input = SignedInput::Message(message);
        let options = VerifyOptions { input, verify_with: self.options.verify_with, from: None };
        match verify(options, self.policy, self.limits, self.at) {
            Ok(verified) => {
                let layer = layer.signed(verified.signatures);
                part.protection = layer.protection();
                part.signatures = layer.signatures;
                part.data = verified.data.unwrap_or_default();
                part.text = Some(String::from_utf8_lossy(&part.data).into_owned());
            }
            Err(error) => part.problem = Some(MailProblem { code: error.code(), message: error.to_string() }),
        }
        self.parts.push(part);
        Ok(())
    }

    async fn open(&mut self, message: &[u8]) -> Result<Result<Plain, MailProblem>, MailError> {
        self.count()?;
        let options = DecryptOptions {
            message,
            passwords: self.options.passwords,
            keys: self.options.keys,
            verify_with: self.options.verify_with,
            ..DecryptOptions::default()
        };
        match decrypt(options, self.policy, self.limits, self.at, self.engine, self.progress).await {
            Ok(opened) => Ok(Ok((opened.data, opened.signatures, opened.filename))),
            Err(DecryptError::Cancelled) => Err(MailError::Cancelled),
            Err(error) => Ok(Err(MailProblem { code: error.code(), message: error.to_string() })),
        }
    }

    /// RFC 3156 §5: signed is the part as it stands, its line ends being CRLF.
    fn signatures(&mut self, content: &[u8], signature: &[u8], encrypted: bool) -> Result<Vec<Verdict>, MailError> {
        self.count()?;
        let Ok(found) = detached_signatures(signature, self.limits) else {
            // A signature that cannot be read is no signature; the part then says that it is not signed.
            return Ok(Vec::new());
        };
        let context = if encrypted { Context::Encrypted { own: &self.own } } else { Context::Clear };
        let checker = Checker {
            certificates: self.options.verify_with,
            source: crate::message::CertificateSource::Known,
            policy: self.policy,
            at: self.at,
            context,
            from: None,
        };
        Ok(checker.check_all(&found, &to_crlf(content)))
    }

    fn count(&mut self) -> Result<(), MailError> {
        self.opened += 1;
        if self.opened > MOST_OPENED { Err(MailError::TooLarge { what: "encrypted or signed parts" }) } else { Ok(()) }
    }

    /// A layer that cannot be taken off: nothing of it is shown.
    fn broken(&mut self, entity: &Entity<'_>, place: &Place, layer: &Layer, what: &'static str) {
        let mut part = blank(place, layer, &entity.content_type.mime_type);
        part.problem = Some(MailProblem { code: "malformed", message: what.into() });
        self.parts.push(part);
    }

    fn finish(mut self, outside: &Entity<'_>) -> Mail {
        let outer_from = outside.fields.only("From").map(|field| field.unfolded());
        let inner_from = self.inside.as_ref().and_then(|inside| inside.from.clone());
        let author = |value: &Option<String>| {
            let mut found = value.as_deref().map(mailboxes).unwrap_or_default();
            if found.len() == 1 { found.pop() } else { None }
        };
        let (outer, inner) = (author(&outer_from), author(&inner_from));
        let compare = |verdict: &Verdict, from: Option<&Mailbox>| {
            let from = from.map(|mailbox| mailbox.address.as_str()).unwrap_or_default();
            compare_from(verdict, self.options.verify_with, self.policy, self.at, from)
        };
        let is_proven = |verdict: &Verdict| {
            verdict.status == VerdictStatus::Valid && compare(verdict, inner.as_ref()) == FromMatch::Match
        };
        let same_author = outer.as_ref().zip(inner.as_ref()).is_some_and(|(outer, inner)| outer == inner);
        let trusts_from = same_author || self.whole.signatures.iter().any(is_proven);
        let from = if inner.is_some() && trusts_from { inner.clone() } else { outer };
        for verdict in
            self.whole.signatures.iter_mut().chain(self.parts.iter_mut().flat_map(|part| &mut part.signatures))
        {
            let from = from.as_ref().map(|mailbox| mailbox.address.as_str()).unwrap_or_default();
            verdict.from = Some(compare_from(verdict, self.options.verify_with, self.policy, self.at, from));
        }
        let (fields, mismatches) = match &self.inside {
            Some(inside) => inside.merge(&outside.fields, self.whole.is_signed(), trusts_from),
            None => (all_unprotected(&outside.fields).collect(), Vec::new()),
        };
        let gossip = self.inside.as_ref().filter(|_| self.whole.encrypted).map(|inside| inside.gossip.as_slice());
        let gossip = gossip.unwrap_or_default().iter().filter_map(|value| AutocryptHeader::parse(value, self.limits));
        Mail {
            fields,
            from,
            protection: self.whole.protection(),
            gossip: gossip.collect(),
            signatures: self.whole.signatures,
            mismatches,
            parts: self.parts,
            autocrypt: of_entity(outside, self.limits),
        }
    }
}

type Plain = (Zeroizing<Vec<u8>>, Vec<Verdict>, Option<String>);

fn describe(entity: &Entity<'_>, place: &Place, layer: &Layer) -> MailPart {
    let name = entity.name();
    let shown = entity.content_type.is("text");
    MailPart {
        charset: entity.content_type.parameter("charset").map(str::to_owned),
        attachment: entity.is_attachment() || (!shown && name.is_some() && entity.content_id().is_none()),
        name,
        content_id: entity.content_id(),
        ..blank(place, layer, &entity.content_type.mime_type)
    }
}

fn blank(place: &Place, layer: &Layer, mime_type: &str) -> MailPart {
    MailPart {
        path: place.name(),
        group: place.group.clone(),
        mime_type: mime_type.to_owned(),
        charset: None,
        name: None,
        attachment: false,
        content_id: None,
        protection: layer.protection(),
        signatures: layer.signatures.clone(),
        data: Zeroizing::new(Vec::new()),
        text: None,
        problem: None,
    }
}
