//! Takes the layers of a mail off, one part after the other.
//!
//! A mail that asks for too much is not refused: what the bounds leave out is told in its place. The only error is being
//! cancelled.

use super::{
    error::MailError,
    inline::{Piece, pieces, plain_name},
    parts::{Layer, Place, blank, describe, failed, remade},
    protected::Inside,
    read::{MailPart, MailProblem, ReadOptions},
};
use crate::{
    Limits, Policy,
    certificate::Judgements,
    message::{
        CertificateSource, Checker, Context, DecryptError, DecryptOptions, FoundSignature, Hashed, MessageKind, Reason,
        SignedInput, Verdict, decrypt_with, detached_signatures, inspect, to_crlf, verify_with,
    },
};
use envelock_mime::mail::{Entity, MailLimits};
use envelock_seipd::{Engine, Progress, SecretOctets};
use pgp::types::{Fingerprint, Timestamp};
use std::{future::Future, pin::Pin};

/// Encrypted or signed pieces that are opened in one mail: each may cost a key derivation.
const MOST_OPENED: usize = 32;
/// Parts of one mail. Mails with a thousand files are not seen.
const MOST_PARTS: usize = 1000;

const TOO_MANY_PIECES: &str = "more than 32 encrypted or signed pieces: this one was not opened";
const TOO_MANY_SIGNATURES: &str = "more signatures than are checked in one mail: these were not";
const TOO_MANY_PARTS: &str = "more than 1000 parts: those from here on are left out";
const TOO_DEEP: &str = "parts nested too deeply: this one was not looked into";

pub(super) struct Reader<'a, E> {
    pub(super) options: ReadOptions<'a>,
    pub(super) limits: &'a Limits,
    /// What the signers' certificates are worth, for all signatures of the mail.
    pub(super) judgements: Judgements<'a>,
    engine: &'a E,
    progress: &'a mut dyn Progress,
    own: Vec<Fingerprint>,
    opened: usize,
    signatures: usize,
    /// Octets that may still be decrypted.
    plaintext: u64,
    pub(super) parts: Vec<MailPart>,
    pub(super) layers: Vec<Layer>,
    /// The layer of the whole mail.
    pub(super) whole: usize,
    pub(super) inside: Option<Inside>,
    /// The `Autocrypt-Gossip` fields of the encrypted payload, unfolded.
    pub(super) gossip: Vec<String>,
}

impl<'a, E: Engine> Reader<'a, E> {
    pub(super) fn new(
        options: ReadOptions<'a>,
        policy: &'a Policy,
        limits: &'a Limits,
        at: Timestamp,
        engine: &'a E,
        progress: &'a mut dyn Progress,
    ) -> Self {
        let own = options.keys.iter().map(|decryptor| decryptor.key.fingerprint()).collect();
        // Digests of lists hold mails by many people.
        let allowed = limits.verifications.saturating_mul(4);
        let judgements = Judgements::new(options.verify_with, policy, at, allowed);
        Self {
            options,
            limits,
            judgements,
            engine,
            progress,
            own,
            opened: 0,
            signatures: 0,
            plaintext: limits.plaintext_bytes,
            parts: Vec::new(),
            layers: vec![Layer::default()],
            whole: 0,
            inside: None,
            gossip: Vec::new(),
        }
    }

    pub(super) fn walk<'s>(
        &'s mut self,
        octets: &'s [u8],
        place: Place,
    ) -> Pin<Box<dyn Future<Output = Result<(), MailError>> + 's>> {
        Box::pin(async move {
            if place.depth > self.limits.nesting {
                self.problem(&place, "multipart", "too-large", TOO_DEEP);
                return Ok(());
            }
            let mime_limits = MailLimits::default();
            let Ok(entity) = Entity::parse(octets, &mime_limits) else {
                self.problem(&place, "application/octet-stream", "too-large", "a header section is too large");
                return Ok(());
            };
            let protocol = entity.content_type.parameter("protocol").unwrap_or_default().to_ascii_lowercase();
            match entity.content_type.mime_type.as_str() {
                "multipart/encrypted" if protocol == "application/pgp-encrypted" => {
                    let parts: Vec<_> = entity.parts().take(3).collect();
                    match parts.as_slice() {
                        [_, message] => match Entity::parse(message, &mime_limits) {
                            Ok(message) => self.encrypted(&message, place).await?,
                            Err(_) => self.malformed(&entity, &place, "multipart/encrypted without a message"),
                        },
                        _ => self.malformed(&entity, &place, "multipart/encrypted has two parts"),
                    }
                    Ok(())
                }
                "multipart/signed" if protocol == "application/pgp-signature" => {
                    match entity.parts().take(3).collect::<Vec<_>>().as_slice() {
                        [content, signature] => {
                            let place = self.signed(content, signature, &place).await?;
                            self.walk(content, place).await
                        }
                        _ => {
                            self.malformed(&entity, &place, "multipart/signed has two parts");
                            Ok(())
                        }
                    }
                }
                _ => match remade(&entity) {
                    Some(message) => self.encrypted(&message, place).await,
                    None => self.payload(&entity, place).await,
                },
            }
        })
    }

    /// Everything that is no layer of cryptography.
    async fn payload(&mut self, entity: &Entity<'_>, mut place: Place) -> Result<(), MailError> {
        let is_whole = std::mem::take(&mut place.encloses);
        if is_whole && place.layer != 0 {
            let encrypted = self.layer(place.layer).encrypted;
            self.whole = place.layer;
            self.inside = Inside::of(entity, encrypted);
            if encrypted {
                self.gossip = entity.fields.all("Autocrypt-Gossip").map(|field| field.unfolded()).collect();
            }
        }
        if !entity.content_type.is("multipart") {
            return self.leaf(entity, place).await;
        }
        let mut parts = entity.parts().enumerate().peekable();
        if parts.peek().is_none() {
            self.malformed(entity, &place, "a multipart without parts");
            return Ok(());
        }
        let subtype = entity.content_type.mime_type.strip_prefix("multipart/").unwrap_or_default().to_owned();
        place.group = Some((subtype, place.name()));
        while let Some((index, part)) = parts.next() {
            if self.parts.len() >= MOST_PARTS {
                self.left_out(&place.child(index + 1));
                break;
            }
            if is_whole && index == 0 && parts.peek().is_some() && self.is_legacy_display(part) {
                continue;
            }
            self.walk(part, place.child(index + 1)).await?;
        }
        Ok(())
    }

    fn is_legacy_display(&self, part: &[u8]) -> bool {
        let part = Entity::parse(part, &MailLimits::default());
        self.inside.as_ref().zip(part.ok()).is_some_and(|(inside, part)| inside.is_legacy_display(&part))
    }

    async fn leaf(&mut self, entity: &Entity<'_>, place: Place) -> Result<(), MailError> {
        let engine = self.engine;
        let data = SecretOctets::from(entity.data_resting(&async || engine.rest().await).await);
        let mut part = describe(entity, &place);
        if part.mime_type.starts_with("text/") && !part.attachment {
            let mut text = entity.text(&data);
            if place.layer == self.whole
                && let Some(inside) = &self.inside
            {
                text = text.map(|text| inside.without_legacy_display(entity, text));
            }
            if let Some(text) = text.as_ref().filter(|_| part.mime_type == "text/plain") {
                let found = pieces(text, MOST_OPENED.saturating_sub(self.opened));
                if found.iter().any(|piece| !matches!(piece, Piece::Text(_))) {
                    return self.inline(part, &found).await;
                }
            }
            part.text = text;
        }
        let name = part.name.clone();
        if let Some(plain) = name.as_deref().and_then(plain_name)
            && self.is_encrypted(&data)
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

    /// Seen from outside: nothing is unpacked, of which a mail may hold a thousand.
    fn is_encrypted(&self, data: &[u8]) -> bool {
        let limits = Limits { decompression_floor: 0, decompression_ratio: 1, ..self.limits.clone() };
        inspect(data, &limits).is_ok_and(|seen| matches!(seen.kind, MessageKind::Encrypted(_)))
    }

    /// The pieces of a text with OpenPGP in it, each a part of its own.
    async fn inline(&mut self, whole: MailPart, found: &[Piece<'_>]) -> Result<(), MailError> {
        for (index, piece) in found.iter().enumerate() {
            let numbered = |number: usize| MailPart { path: format!("{}#{number}", whole.path), ..whole.clone() };
            let mut part = numbered(index + 1);
            match piece {
                Piece::Message(block) => self.open_into(part, block.as_bytes()).await?,
                Piece::Cleartext(block) if self.may_open() => self.verify_into(part, block.as_bytes()).await,
                Piece::Cleartext(_) => self.parts.push(failed(part, "too-large", TOO_MANY_PIECES)),
                Piece::Text(text) | Piece::Rest(text) => {
                    part.data = SecretOctets::from(text.as_bytes().to_vec());
                    part.text = Some((*text).to_owned());
                    self.parts.push(part);
                }
            }
            if matches!(piece, Piece::Rest(_)) {
                self.parts.push(failed(numbered(index + 2), "too-large", TOO_MANY_PIECES));
            }
        }
        Ok(())
    }

    /// The encrypted layer of PGP/MIME.
    async fn encrypted(&mut self, message: &Entity<'_>, place: Place) -> Result<(), MailError> {
        let engine = self.engine;
        let message = message.data_resting(&async || engine.rest().await).await;
        match self.open(&message).await? {
            Ok((plaintext, signatures, _)) => {
                drop(message);
                engine.rest().await;
                let layer = self.decrypted(place.name(), signatures);
                self.walk(&plaintext, place.inside(layer)).await
            }
            Err(MailProblem { code, message }) => {
                self.problem(&place, "multipart/encrypted", code, &message);
                Ok(())
            }
        }
    }

    /// The signed layer of PGP/MIME (RFC 3156 §5): where what it holds stands. Signed is the part as it is, its line ends
    /// being CRLF. A signature that cannot be read is an invalid one.
    async fn signed(&mut self, content: &[u8], signature: &[u8], place: &Place) -> Result<Place, MailError> {
        let beside = Place { encloses: false, ..place.child(2) };
        if !self.may_open() {
            self.problem(&beside, "application/pgp-signature", "too-large", TOO_MANY_PIECES);
            return Ok(place.child(1));
        }
        let signature = Entity::parse(signature, &MailLimits::default()).map(|part| part.data()).unwrap_or_default();
        let found = detached_signatures(&signature, self.limits)
            .unwrap_or_else(|_| vec![FoundSignature::Unusable(Reason::Malformed)]);
        self.signatures += found.len();
        if self.signatures > self.limits.message_signatures {
            self.problem(&beside, "application/pgp-signature", "too-large", TOO_MANY_SIGNATURES);
            return Ok(place.child(1));
        }
        let is_encrypted = self.layer(place.layer).encrypted;
        let context = if is_encrypted { Context::Encrypted { own: &self.own } } else { Context::Clear };
        let content = to_crlf(content);
        self.engine.rest().await;
        let hashed = &mut Hashed::new(content.as_ref());
        let mut checker = known(&mut self.judgements, context);
        let checked = checker.check_all_on(&found, self.engine, hashed, &mut ()).await;
        // Nothing else goes wrong with octets at hand.
        let signatures = checked.map_err(|_| MailError::Cancelled)?;
        Ok(place.inside(self.signed_too(place.name(), place.layer, signatures)))
    }

    /// Decrypts a piece of inline OpenPGP; one that is only signed is verified.
    async fn open_into(&mut self, mut part: MailPart, message: &[u8]) -> Result<(), MailError> {
        match self.open(message).await? {
            Ok((plaintext, signatures, filename)) => {
                part.layer = self.decrypted(part.path.clone(), signatures);
                part.group = None;
                part.name = filename.filter(|_| part.attachment).or(part.name);
                part.text =
                    part.mime_type.starts_with("text/").then(|| String::from_utf8_lossy(&plaintext).into_owned());
                part.data = plaintext;
                self.parts.push(part);
            }
            Err(problem) if problem.code == DecryptError::NotEncrypted.code() => self.verify_into(part, message).await,
            Err(MailProblem { code, message }) => self.parts.push(failed(part, code, &message)),
        }
        Ok(())
    }

    async fn verify_into(&mut self, mut part: MailPart, message: &[u8]) {
        let limits = self.limits_left();
        let mut checker = known(&mut self.judgements, Context::Clear);
        match verify_with(SignedInput::Message(message), &mut checker, &limits, self.engine, &mut ()).await {
            Ok(verified) => {
                part.layer = self.signed_too(part.path.clone(), part.layer, verified.signatures);
                part.group = None;
                part.data = verified.data.unwrap_or_default();
                part.text = Some(String::from_utf8_lossy(&part.data).into_owned());
                self.plaintext = self.plaintext.saturating_sub(part.data.len() as u64);
                self.parts.push(part);
            }
            Err(error) => {
                self.spend_on_failure(error.code());
                self.parts.push(failed(part, error.code(), &error.to_string()));
            }
        }
    }

    async fn open(&mut self, message: &[u8]) -> Result<Result<Plain, MailProblem>, MailError> {
        if !self.may_open() {
            return Ok(Err(MailProblem { code: "too-large", message: TOO_MANY_PIECES.into() }));
        }
        let options = DecryptOptions {
            message,
            passwords: self.options.passwords,
            keys: self.options.keys,
            verify_with: self.options.verify_with,
            ..DecryptOptions::default()
        };
        let limits = self.limits_left();
        match decrypt_with(options, &mut self.judgements, &limits, self.engine, self.progress).await {
            Ok(opened) => {
                self.plaintext = self.plaintext.saturating_sub(opened.data.len() as u64);
                Ok(Ok((opened.data, opened.signatures, opened.filename)))
            }
            Err(DecryptError::Cancelled) => Err(MailError::Cancelled),
            Err(error) => {
                self.spend_on_failure(error.code());
                Ok(Err(MailProblem { code: error.code(), message: error.to_string() }))
            }
        }
    }

    /// One mail holds no more plaintext than one message may.
    fn limits_left(&self) -> Limits {
        Limits { plaintext_bytes: self.plaintext, ..self.limits.clone() }
    }

    /// What turned out to be too large was unpacked up to the limit. Halved, all such pieces together cost twice as much as one.
    fn spend_on_failure(&mut self, code: &str) {
        self.plaintext /= if code == "too-large" { 2 } else { 1 };
    }

    fn may_open(&mut self) -> bool {
        self.opened += 1;
        self.opened <= MOST_OPENED
    }

    fn layer(&self, index: usize) -> &Layer {
        static NONE: Layer = Layer { path: String::new(), encrypted: false, signatures: Vec::new() };
        self.layers.get(index).unwrap_or(&NONE)
    }

    /// A signature around encryption says nothing about what is inside.
    fn decrypted(&mut self, path: String, signatures: Vec<Verdict>) -> usize {
        self.layers.push(Layer { path, encrypted: true, signatures });
        self.layers.len() - 1
    }

    /// Signatures around others add to them.
    fn signed_too(&mut self, path: String, around: usize, signatures: Vec<Verdict>) -> usize {
        let Layer { encrypted, signatures: outer, .. } = self.layer(around);
        let (encrypted, signatures) = (*encrypted, [outer.clone(), signatures].concat());
        self.layers.push(Layer { path, encrypted, signatures });
        self.layers.len() - 1
    }

    /// A layer that cannot be taken off: nothing of it is shown.
    fn malformed(&mut self, entity: &Entity<'_>, place: &Place, what: &str) {
        self.problem(place, &entity.content_type.mime_type, "malformed", what);
    }

    /// Told once, where the first of those parts would stand.
    fn left_out(&mut self, place: &Place) {
        if self.parts.last().and_then(|part| part.problem.as_ref()).is_none_or(|last| last.message != TOO_MANY_PARTS) {
            self.problem(place, "application/octet-stream", "too-large", TOO_MANY_PARTS);
        }
    }

    fn problem(&mut self, place: &Place, mime_type: &str, code: &'static str, message: &str) {
        self.parts.push(failed(blank(place, mime_type), code, message));
    }
}

/// Checks signatures by certificates that the caller gave; whose address it is, is asked once the author is known.
fn known<'c, 'a>(judgements: &'c mut Judgements<'a>, context: Context<'c>) -> Checker<'c, 'a> {
    Checker { judgements, source: CertificateSource::Known, context, from: None }
}

type Plain = (SecretOctets, Vec<Verdict>, Option<String>);
