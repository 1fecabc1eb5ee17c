//! Ids in paths. A malformed one is answered as an unknown one: it tells nothing and touches nothing.

use crate::problem::Problem;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use envelock_wire::{AppTokenId, DraftId, EnvelopeId, MailId, OutgoingId, PasskeyId, SessionId};

/// `{id}` of an envelope in a link.
pub(crate) struct LinkId(pub(crate) EnvelopeId);

/// `{id}` of an envelope of the caller's.
pub(crate) struct OwnEnvelope(pub(crate) EnvelopeId);

/// `{id}` and `{number}` of a reply to an envelope of the caller's.
pub(crate) struct OwnReply(pub(crate) EnvelopeId, pub(crate) u32);

/// `{id}` of a session of the caller's.
pub(crate) struct OwnSession(pub(crate) SessionId);

/// `{id}` of a passkey of the caller's.
pub(crate) struct OwnPasskey(pub(crate) PasskeyId);

/// `{id}` of an app token of the caller's.
pub(crate) struct OwnAppToken(pub(crate) AppTokenId);

/// `{id}` of a message of the caller's on its way out.
pub(crate) struct OwnOutgoing(pub(crate) OutgoingId);

/// `{id}` of a draft of the caller's.
pub(crate) struct OwnDraft(pub(crate) DraftId);

/// `{id}` of a message in the caller's mailbox.
pub(crate) struct OwnMail(pub(crate) MailId);

impl<S: Send + Sync> FromRequestParts<S> for LinkId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| Problem::gone())?;
        id.parse().map(Self).map_err(|_| Problem::gone())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for OwnEnvelope {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
        id.parse().map(Self).map_err(|_| Problem::not_found())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for OwnSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
        id.parse().map(Self).map_err(|_| Problem::not_found())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for OwnOutgoing {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
        id.parse().map(Self).map_err(|_| Problem::not_found())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for OwnPasskey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
        id.parse().map(Self).map_err(|_| Problem::not_found())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for OwnAppToken {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
        id.parse().map(Self).map_err(|_| Problem::not_found())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for OwnDraft {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
        id.parse().map(Self).map_err(|_| Problem::not_found())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for OwnMail {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
        id.parse().map(Self).map_err(|_| Problem::not_found())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for OwnReply {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path((id, number)) =
            Path::<(String, String)>::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
        let number = plain_number(&number).ok_or_else(Problem::not_found)?;
        id.parse().map(|id| Self(id, number)).map_err(|_| Problem::not_found())
    }
}

/// One text for each number: no sign, no zero in front.
fn plain_number(text: &str) -> Option<u32> {
    let number: u32 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}
