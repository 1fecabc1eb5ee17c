//! Refusals as HTTP answers: a status, a stable code, and a sentence that says what to do.

mod envelopes;
mod keyrings;
mod logins;
mod storage;

use crate::revision::etag;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use envelock_wire::{ErrorBody, ErrorCode, Pending, Revision, Scope, TooMany};
use std::borrow::Cow;
use std::time::Duration;

/// How soon it is worth to ask a database again that is busy.
const BUSY: Duration = Duration::from_secs(4);

/// An answer with a status of 400 or above.
#[derive(Debug)]
pub struct Problem {
    code: ErrorCode,
    message: Cow<'static, str>,
    tries_left: Option<u32>,
    too_many: Option<TooMany>,
    retry_after: Option<Duration>,
    challenge: Option<Cow<'static, str>>,
    present: Option<Revision>,
}

impl Problem {
    /// With this code, in these words.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            tries_left: None,
            too_many: None,
            retry_after: None,
            challenge: None,
            present: None,
        }
    }

    /// This revision is stored, and not what the caller expected.
    pub(crate) fn with_present(self, present: Option<Revision>) -> Self {
        Self { present, ..self }
    }

    /// Nothing for a link holder: the one answer to an unknown, malformed, expired, withdrawn or used-up id.
    pub fn gone() -> Self {
        Self::new(ErrorCode::Gone, "This message is no longer here. Ask the sender for a new link.")
    }

    /// A route asked with another method than it takes.
    pub(crate) fn wrong_method() -> Self {
        let message = "This route does not take this method. The routes are listed at /api/v1/openapi.json.";
        Self::new(ErrorCode::MethodNotAllowed, message)
    }

    /// Nothing of the caller's under this name.
    pub fn not_found() -> Self {
        Self::new(ErrorCode::NotFound, "There is nothing here under this name.")
    }

    /// Not logged in.
    pub fn login_required() -> Self {
        Self::new(ErrorCode::LoginRequired, "Log in first.")
    }

    /// The password alone is not enough.
    pub fn second_factor_required(pending: Pending) -> Self {
        let message = match pending {
            Pending::SecondFactor => "The password was right. Now prove yourself with your second factor.",
            Pending::Enrolment => "This server requires a second factor. Set one up first.",
        };
        Self::new(ErrorCode::SecondFactorRequired, message)
    }

    /// Logged in for too long for what is asked.
    pub fn confirmation_required() -> Self {
        Self::new(ErrorCode::ConfirmationRequired, "Prove once more that it is you, then try again.")
    }

    /// Not a token of anybody's, and which of all reasons it is, is not told (RFC 6750 §3.1).
    pub fn invalid_token() -> Self {
        let message =
            "This token is not valid: it is unknown, expired, revoked or mistyped. Its owner can make another one.";
        let challenge = Some(r#"Bearer error="invalid_token""#.into());
        Self { challenge, ..Self::new(ErrorCode::InvalidToken, message) }
    }

    /// A token that may not do what needs this scope, or what no token may do (RFC 6750 §3.1).
    pub fn insufficient_scope(wanted: Option<Scope>) -> Self {
        let error = r#"Bearer error="insufficient_scope""#;
        let (message, challenge) = match wanted {
            Some(scope) => {
                let scope = scope.as_str();
                (
                    format!("This needs a token with the scope {scope}.").into(),
                    format!("{error}, scope=\"{scope}\"").into(),
                )
            }
            None => (Cow::Borrowed("This cannot be done with a token."), Cow::Borrowed(error)),
        };
        Self { challenge: Some(challenge), ..Self::new(ErrorCode::InsufficientScope, message) }
    }

    /// A second factor that nobody waits for.
    pub fn nothing_pending() -> Self {
        Self::new(ErrorCode::InvalidRequest, "You are logged in already. Nothing has to follow.")
    }

    /// Too many of these.
    pub(crate) fn too_many_requests(what: TooMany, retry_after: Duration) -> Self {
        let time = match retry_after.as_secs() {
            0 => "1 second".to_owned(),
            more => format!("{} seconds", more + 1),
        };
        let message = match what {
            TooMany::Changes => format!("Too many changes a minute. Go on in {time}."),
            TooMany::Lookups => format!("Too many lookups a minute. Go on in {time}."),
            TooMany::Messages => format!("Too many messages a minute. Go on in {time}."),
            TooMany::Uploads => format!("Too many uploads at a time. Go on when one is done, or in {time}."),
            _ => format!("Too many attempts. Try again in {time}."),
        };
        let too_many = Some(what);
        Self { too_many, retry_after: Some(retry_after), ..Self::new(ErrorCode::TooManyRequests, message) }
    }

    /// Too much is under way; what was asked for has not been done.
    pub fn busy(message: impl Into<Cow<'static, str>>) -> Self {
        Self { retry_after: Some(BUSY), ..Self::new(ErrorCode::Unavailable, message) }
    }

    /// A fault of ours; the cause goes to the log, not to the caller.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self::new(ErrorCode::Internal, "The server could not do this. Nothing was changed; try again later.")
    }

    /// The same in the middle of something: whoever were told that nothing was changed would do it once more.
    pub(crate) fn unsure(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        let message = "The server, its disk or its database failed, and it is not known whether this was done: look before you try again, and tell whoever runs the server.";
        Self::new(ErrorCode::OutcomeUnknown, message)
    }

    fn status(&self) -> StatusCode {
        match self.code {
            // The disk or the database may be well again.
            ErrorCode::OutcomeUnknown if self.retry_after.is_some() => StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::InvalidRequest
            | ErrorCode::SizeMismatch
            | ErrorCode::AddressNotAllowed
            | ErrorCode::SecretKeyGiven => StatusCode::BAD_REQUEST,
            ErrorCode::LoginRequired
            | ErrorCode::WrongLogin
            | ErrorCode::WrongCode
            | ErrorCode::WrongPasskey
            | ErrorCode::InvalidToken
            | ErrorCode::WrongSignature => StatusCode::UNAUTHORIZED,
            ErrorCode::CrossOrigin
            | ErrorCode::InsufficientScope
            | ErrorCode::WrongToken
            | ErrorCode::SecondFactorRequired
            | ErrorCode::ConfirmationRequired
            | ErrorCode::RegistrationClosed
            | ErrorCode::InvitationEnded => StatusCode::FORBIDDEN,
            ErrorCode::Gone | ErrorCode::NotFound | ErrorCode::NoCertificate | ErrorCode::LookupOff => {
                StatusCode::NOT_FOUND
            }
            ErrorCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            ErrorCode::TooSlow => StatusCode::REQUEST_TIMEOUT,
            ErrorCode::InUse
            | ErrorCode::AddressTaken
            | ErrorCode::LeaseExpired
            | ErrorCode::AlreadySealed
            | ErrorCode::Ended
            | ErrorCode::LastFactor
            | ErrorCode::TooManyPasskeys
            | ErrorCode::TooManyTokens
            | ErrorCode::ReplyLimit => StatusCode::CONFLICT,
            ErrorCode::LengthRequired => StatusCode::LENGTH_REQUIRED,
            ErrorCode::KeyringChanged | ErrorCode::DraftChanged => StatusCode::PRECONDITION_FAILED,
            ErrorCode::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorCode::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorCode::Locked => StatusCode::LOCKED,
            ErrorCode::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            ErrorCode::LookupFailed => StatusCode::BAD_GATEWAY,
            ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::StorageFull | ErrorCode::TooManyEnvelopes | ErrorCode::TooManyDrafts => {
                StatusCode::INSUFFICIENT_STORAGE
            }
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let (tries_left, too_many) = (self.tries_left, self.too_many);
        let body = ErrorBody { code: self.code, message: self.message.into_owned(), tries_left, too_many };
        let mut response = (status, self.present.map(etag), Json(body)).into_response();
        if let Some(retry_after) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after.as_secs() + 1));
        }
        if let Some(challenge) = self.challenge.and_then(|challenge| HeaderValue::try_from(challenge.as_ref()).ok()) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_second_is_no_seconds() {
        for (wait, end) in [(Duration::ZERO, " 1 second."), (Duration::from_secs(1), " 2 seconds.")] {
            let message = Problem::too_many_requests(TooMany::Changes, wait).message;
            assert!(message.ends_with(end), "{message}");
        }
    }
}
