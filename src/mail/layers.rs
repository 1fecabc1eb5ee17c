//! Takes the layers of a mail off, one part after the other.

use super::{
    autocrypt::{AutocryptHeader, of_entity},
    error::MailError,
    inline::{Piece, pieces, plain_name},
    protected::{Inside, all_unprotected, is_legacy_display, without_legacy_display},
    read::{Layer, Mail, MailPart, MailProblem, ReadOptions},
};
use crate::{
    Limits, Policy,
    message::{
        CertificateSource, Checker, Context, DecryptError, DecryptOptions, FromMatch, MessageKind, SignedInput,
        Verdict, VerdictStatus, VerifyOptions, compare_from, decrypt, detached_signatures, inspect, to_crlf, verify,
    },
};
use envelock_mime::{
    Mailbox,
    mail::{Entity, MailLimits, mailboxes},
};
use envelock_seipd::{Engine, Progress};
use pgp::types::{Fingerprint, Timestamp};
use std::{future::Future, pin::Pin};
use zeroize::Zeroizing;

/// Encrypted or signed pieces that are opened in one mail: each may cost a key derivation.
const MOST_OPENED: usize = 32;

/// Where a part stands.
#[derive(Debug, Clone)]
pub(super) struct Place {
    path: String,
    group: Option<(String, String)>,
    /// So far only layers of cryptography stand around it.
    encloses: bool,
    depth: usize,
}

impl Place {
    pub(super) fn root() -> Self {
        Self { path: String::new(), group: None, encloses: true, depth: 0 }
    }

    fn child(&self, number: usize) -> Self {
        let path = if self.path.is_empty() { number.to_string() } else { format!("{}.{number}", self.path) };
        Self { path, group: self.group.clone(), encloses: self.encloses, depth: self.depth + 1 }
    }

    fn name(&self) -> String {
        if self.path.is_empty() { "1".into() } else { self.path.clone() }
    }
}

pub(super) struct Reader<'a, E> {
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
        let (parts, whole) = (Vec::new(), Layer::default());
        Self { options, policy, limits, at, engine, progress, own, opened: 0, parts, whole, inside: None }
    }

    pub(super) fn walk<'s>(
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
                        _ => self.broken(&entity, &place, &layer, "multipart/encrypted has two parts"),
                    }
                }
                "multipart/signed" if protocol == "application/pgp-signature" => {
                    match entity.parts(&mime_limits).unwrap_or_default().as_slice() {
                        [content, signature] => {
                            let signature = Entity::parse(signature, &mime_limits)?.data();
                            let layer = layer.signed(self.signatures(content, &signature, layer.encrypted)?);
                            self.walk(content, place.child(1), layer).await
                        }
                        _ => self.broken(&entity, &place, &layer, "multipart/signed has two parts"),
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
            return self.broken(entity, &place, &layer, "a multipart without parts");
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
            source: CertificateSource::Known,
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
    fn broken(
        &mut self,
        entity: &Entity<'_>,
        place: &Place,
        layer: &Layer,
        what: &'static str,
    ) -> Result<(), MailError> {
        let mut part = blank(place, layer, &entity.content_type.mime_type);
        part.problem = Some(MailProblem { code: "malformed", message: what.into() });
        self.parts.push(part);
        Ok(())
    }

    /// What was found, with the header fields chosen.
    pub(super) fn finish(mut self, outside: &Entity<'_>) -> Mail {
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
