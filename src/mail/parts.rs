//! Where a part stands, and what it says of itself.

use super::{
    protected::FieldProtection,
    read::{MailPart, MailProblem},
};
use crate::message::Verdict;
use envelock_mime::mail::{Entity, MailLimits};
use envelock_seipd::SecretOctets;

/// What surrounds a part.
#[derive(Default)]
pub(super) struct Layer {
    pub(super) path: String,
    pub(super) encrypted: bool,
    pub(super) signatures: Vec<Verdict>,
}

/// Where a part stands.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) path: String,
    pub(super) group: Option<(String, String)>,
    /// In the reader's layers.
    pub(super) layer: usize,
    /// So far only layers of cryptography stand around it.
    pub(super) encloses: bool,
    pub(super) depth: usize,
}

impl Place {
    pub(super) fn root() -> Self {
        Self { path: String::new(), group: None, layer: 0, encloses: true, depth: 0 }
    }

    pub(super) fn child(&self, number: usize) -> Self {
        let path = if self.path.is_empty() { number.to_string() } else { format!("{}.{number}", self.path) };
        Self { path, depth: self.depth + 1, ..self.clone() }
    }

    /// What a layer holds belongs to no multipart outside of it.
    pub(super) fn inside(&self, layer: usize) -> Self {
        Self { layer, group: None, ..self.child(1) }
    }

    pub(super) fn name(&self) -> String {
        if self.path.is_empty() { "1".into() } else { self.path.clone() }
    }
}

/// A part without its data.
pub(super) fn describe(entity: &Entity<'_>, place: &Place) -> MailPart {
    let name = entity.name();
    let shown = entity.content_type.is("text");
    MailPart {
        charset: entity.content_type.parameter("charset").map(str::to_owned),
        attachment: entity.is_attachment() || (!shown && name.is_some() && entity.content_id().is_none()),
        name,
        content_id: entity.content_id(),
        ..blank(place, &entity.content_type.mime_type)
    }
}

/// A part of which nothing but its place and type is known. How it is protected is known at the end only.
pub(super) fn blank(place: &Place, mime_type: &str) -> MailPart {
    MailPart {
        path: place.name(),
        group: place.group.clone(),
        layer: place.layer,
        mime_type: mime_type.to_owned(),
        charset: None,
        name: None,
        attachment: false,
        content_id: None,
        protection: FieldProtection::Unprotected,
        data: SecretOctets::new(),
        text: None,
        problem: None,
    }
}

/// A part of which nothing is shown.
pub(super) fn failed(part: MailPart, code: &'static str, message: &str) -> MailPart {
    MailPart { problem: Some(MailProblem { code, message: message.into() }), ..part }
}

/// The encrypted part of a `multipart/encrypted` that Microsoft Exchange made a `multipart/mixed` of: an empty text in front of
/// the two parts of RFC 3156 §4, and nothing else, so that it encloses the whole as before.
pub(super) fn remade<'a>(entity: &Entity<'a>) -> Option<Entity<'a>> {
    let parts: Vec<_> = entity.parts().take(4).collect();
    let [text, version, message] = parts.as_slice() else { return None };
    let [text, version, message] =
        [text, version, message].map(|part| Entity::parse(part, &MailLimits::default()).ok());
    let is_remade = entity.content_type.mime_type == "multipart/mixed"
        && text.is_some_and(|text| text.content_type.mime_type == "text/plain" && text.data().trim_ascii().is_empty())
        && version.is_some_and(|version| version.content_type.mime_type == "application/pgp-encrypted");
    message.filter(|message| is_remade && message.content_type.mime_type == "application/octet-stream")
}
