//! Which revision of a keyring, its code or a draft a request is about (RFC 9110 §13.1): one entity tag that this server gave, or none.

use crate::problem::Problem;
use crate::revision::Seen;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use envelock_wire::{ErrorCode, Revision};

/// A revision of nothing: they are drawn at random.
const NONE: Revision = Revision::from_octets([0; Revision::LENGTH]);

/// For a write: `If-Match` with the revision it replaces, or `If-None-Match: *` for the first. One of them must be there.
pub(crate) struct Replaces(pub(crate) Seen);

/// For a removal: `If-Match`, if the caller wants only this revision removed.
pub(crate) struct OnlyRevision(pub(crate) Option<Revision>);

/// For a removal of what its caller has read: `If-Match`, which must be there.
pub(crate) struct SeenRevision(pub(crate) Revision);

impl<S: Send + Sync> FromRequestParts<S> for Replaces {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match (if_match(&parts.headers)?, only(&parts.headers, header::IF_NONE_MATCH)?) {
            (Some(revision), None) => Ok(Self(Seen::Revision(revision))),
            (None, Some("*")) => Ok(Self(Seen::Nothing)),
            (None, None) => Err(required(
                "Send If-Match with the ETag of what you have read, or If-None-Match: * if there was nothing.",
            )),
            (None, Some(_)) => Err(invalid("If-None-Match can be * here, nothing else.")),
            (Some(_), Some(_)) => Err(invalid("Send either If-Match or If-None-Match.")),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for OnlyRevision {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(if_match(&parts.headers)?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SeenRevision {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match if_match(&parts.headers)? {
            Some(revision) => Ok(Self(revision)),
            None => Err(required("Send If-Match with the ETag of what you have read.")),
        }
    }
}

/// What is not one tag in quotes is refused. A tag that this server never gave is a revision that is not stored; so is a
/// weak one, which does not match any (§8.8.3.2): such are taken for one that is never drawn.
fn if_match(headers: &HeaderMap) -> Result<Option<Revision>, Problem> {
    let Some(value) = only(headers, header::IF_MATCH)? else { return Ok(None) };
    let tag = value
        .strip_prefix("W/")
        .unwrap_or(value)
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .filter(|tag| !tag.contains('"'))
        .ok_or_else(|| invalid("If-Match must be the one ETag that came with what you have read, in its quotes."))?;
    let revision = if value.starts_with("W/") { None } else { tag.parse().ok() };
    Ok(Some(revision.unwrap_or(NONE)))
}

fn only(headers: &HeaderMap, name: HeaderName) -> Result<Option<&str>, Problem> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    match (value.to_str(), values.next()) {
        (Ok(value), None) => Ok(Some(value)),
        _ => Err(invalid("Send each condition once.")),
    }
}

/// RFC 6585 §3.
fn required(message: &'static str) -> Problem {
    Problem::new(ErrorCode::PreconditionRequired, message)
}

fn invalid(message: &'static str) -> Problem {
    Problem::new(ErrorCode::InvalidRequest, message)
}
