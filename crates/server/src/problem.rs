//! Refusals as HTTP answers: a status, a stable code, and a sentence that says what to do.

use crate::ciphertext::Interrupted;
use crate::envelope::Refusal;
use crate::factor::FactorRefusal;
use crate::registration::RegistrationRefusal;
use crate::revision::KeyringRefusal;
use crate::session::LoginRefusal;
use crate::storage::{Lapse, StorageError};
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use envelock_wire::{ErrorBody, ErrorCode, Pending, Scope, TooMany};
use std::borrow::Cow;
use std::time::Duration;

/// How soon it is worth to try a disk again that could not be written.
const DISK: Duration = Duration::from_secs(59);

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
}

impl Problem {
    /// With this code, in these words.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), tries_left: None, too_many: None, retry_after: None, challenge: None }
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
        let seconds = retry_after.as_secs() + 1;
        let message = match what {
            TooMany::Changes => format!("Too many changes a minute. Go on in {seconds} seconds."),
            TooMany::Lookups => format!("Too many lookups a minute. Go on in {seconds} seconds."),
            TooMany::Uploads => format!("Too many uploads at a time. Go on when one is done, or in {seconds} seconds."),
            _ => format!("Too many attempts. Try again in {seconds} seconds."),
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

    fn status(&self) -> StatusCode {
        match self.code {
            ErrorCode::InvalidRequest | ErrorCode::SizeMismatch | ErrorCode::AddressNotAllowed => {
                StatusCode::BAD_REQUEST
            }
            ErrorCode::LoginRequired
            | ErrorCode::WrongLogin
            | ErrorCode::WrongCode
            | ErrorCode::WrongPasskey
            | ErrorCode::InvalidToken => StatusCode::UNAUTHORIZED,
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
        let mut response = (status, Json(body)).into_response();
        if let Some(retry_after) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after.as_secs() + 1));
        }
        if let Some(challenge) = self.challenge.and_then(|challenge| HeaderValue::try_from(challenge.as_ref()).ok()) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (code, message) = match refusal {
            Refusal::Gone => return Self::gone(),
            Refusal::NotFound => return Self::not_found(),
            Refusal::WrongToken { tries_left } => {
                let message = match tries_left {
                    0 => {
                        "That password does not fit, and there are no tries left. Ask the sender to unlock the message."
                            .into()
                    }
                    1 => "That password does not fit. 1 try left.".into(),
                    more => format!("That password does not fit. {more} tries left."),
                };
                return Self { tries_left: Some(tries_left), ..Self::new(ErrorCode::WrongToken, message) };
            }
            Refusal::Locked => {
                (ErrorCode::Locked, "Too many tries. Ask the sender to unlock the message.".into())
            }
            Refusal::InUse => (
                ErrorCode::InUse,
                "The message is being opened somewhere else. Try again in ten minutes if that was not you.".into(),
            ),
            Refusal::LeaseExpired => {
                (ErrorCode::LeaseExpired, "This opening took longer than ten minutes. Open the message again.".into())
            }
            Refusal::AlreadySealed => (
                ErrorCode::AlreadySealed,
                "The ciphertext is already stored. Make a new envelope for another one.".into(),
            ),
            Refusal::Ended => (ErrorCode::Ended, "This envelope has ended. Seal the message again.".into()),
            Refusal::ReplyLimit => {
                (ErrorCode::ReplyLimit, "This message takes no more replies. Ask the sender for a new link.".into())
            }
            Refusal::TooLarge { allowed } => {
                (ErrorCode::TooLarge, format!("Too large. At most {allowed} octets are accepted.").into())
            }
            Refusal::SizeMismatch { announced: 0 } => {
                (ErrorCode::SizeMismatch, "The body is empty. Send the ciphertext.".into())
            }
            Refusal::SizeMismatch { announced } => (
                ErrorCode::SizeMismatch,
                format!("The body is not the announced {announced} octets long. Nothing was stored; send it again.")
                    .into(),
            ),
            Refusal::StorageFull => (
                ErrorCode::StorageFull,
                "Your envelopes, the replies to them, your drafts and your keyring use all the room this server gives you. Withdraw or delete some first."
                    .into(),
            ),
            Refusal::SenderFull => (
                ErrorCode::StorageFull,
                "The sender has no room left for replies on this server. Nothing was stored; tell them another way."
                    .into(),
            ),
            Refusal::TooManyEnvelopes { allowed } => (
                ErrorCode::TooManyEnvelopes,
                format!("You have {allowed} envelopes, the most this server keeps. Ended ones are forgotten in time.")
                    .into(),
            ),
            Refusal::Interrupted(Interrupted::TooSlow) => {
                (ErrorCode::TooSlow, "The body came too slowly. Nothing was stored; send it again.".into())
            }
            Refusal::Interrupted(Interrupted::Broken) => {
                (ErrorCode::SizeMismatch, Cow::Borrowed("The body broke off. Nothing was stored; send it again."))
            }
            Refusal::Storage(cause) => return cause.into(),
        };
        Self::new(code, message)
    }
}

impl From<KeyringRefusal> for Problem {
    fn from(refusal: KeyringRefusal) -> Self {
        match refusal {
            KeyringRefusal::Changed => Self::new(
                ErrorCode::KeyringChanged,
                "Another device was faster. Nothing was changed; read what is stored, put both together and send it again.",
            ),
            KeyringRefusal::Refused(refusal) => refusal.into(),
        }
    }
}

impl From<LoginRefusal> for Problem {
    fn from(refusal: LoginRefusal) -> Self {
        match refusal {
            LoginRefusal::WrongLogin => {
                Self::new(ErrorCode::WrongLogin, "Address or password is wrong. Check both and try again.")
            }
            LoginRefusal::CodeLeftBehind => Self::new(
                ErrorCode::PreconditionRequired,
                "The old password opens the code of your keystore. Send it sealed anew with the new password, or remove it first.",
            ),
            LoginRefusal::CodeChanged => KeyringRefusal::Changed.into(),
            LoginRefusal::Malformed(_) => Self::new(
                ErrorCode::InvalidRequest,
                "This is no message of a login. The password never goes over the network: see RFC 9807.",
            ),
            LoginRefusal::Storage(cause) => cause.into(),
        }
    }
}

impl From<RegistrationRefusal> for Problem {
    fn from(refusal: RegistrationRefusal) -> Self {
        match refusal {
            RegistrationRefusal::Closed => {
                Self::new(ErrorCode::RegistrationClosed, "Accounts are made by whoever runs this server. Ask them.")
            }
            RegistrationRefusal::NoInvitation => Self::new(
                ErrorCode::InvitationEnded,
                "This invitation has been used, or is over. Log in if you have used it, or ask for another one.",
            ),
            RegistrationRefusal::Address => Self::new(
                ErrorCode::AddressNotAllowed,
                "This is not an address to register with here. Take one of this server's domains, or the one that was invited.",
            ),
            RegistrationRefusal::Name => Self::new(ErrorCode::InvalidRequest, "A name is one line of text."),
            RegistrationRefusal::Taken => Self::new(
                ErrorCode::AddressTaken,
                "There is an account with this address. Log in with it, or take another address.",
            ),
            RegistrationRefusal::SecretReplaced => Self::busy(
                "The server's secret of passwords was made anew meanwhile. Nothing was changed; begin again.",
            ),
            RegistrationRefusal::Malformed(cause) => LoginRefusal::Malformed(cause).into(),
            RegistrationRefusal::Storage(cause) => cause.into(),
        }
    }
}

impl From<FactorRefusal> for Problem {
    fn from(refusal: FactorRefusal) -> Self {
        let (code, message) = match refusal {
            FactorRefusal::WrongCode => (
                ErrorCode::WrongCode,
                "The code does not fit, or was used before. Wait for the next one of your app, or take another recovery code.",
            ),
            FactorRefusal::WrongPasskey => {
                (ErrorCode::WrongPasskey, "This passkey does not fit, or its answer came too late. Try again.")
            }
            FactorRefusal::WrongLogin => return LoginRefusal::WrongLogin.into(),
            FactorRefusal::LastFactor => (
                ErrorCode::LastFactor,
                "This server requires a second factor, and this is your last one. Set up another one first.",
            ),
            FactorRefusal::TooManyPasskeys => {
                (ErrorCode::TooManyPasskeys, "You have as many passkeys as this server keeps. Remove one first.")
            }
            FactorRefusal::NotThere => return Self::not_found(),
            FactorRefusal::NoPasskeys => {
                (ErrorCode::NotFound, "There are no passkeys here: this server's name is an address, or you have none.")
            }
            FactorRefusal::SessionOver => return Self::login_required(),
            FactorRefusal::Storage(cause) => return cause.into(),
        };
        Self::new(code, message)
    }
}

impl From<StorageError> for Problem {
    fn from(cause: StorageError) -> Self {
        let unsure = "The server's disk or database failed, and it is not known whether this was done: look before you try again, and tell whoever runs the server.";
        match cause {
            StorageError::Bucket(_) => {
                tracing::error!(%cause, "a request failed");
                let message =
                    "The server cannot reach where it stores envelopes. Nothing was changed; try again later.";
                Self { retry_after: Some(DISK), ..Self::new(ErrorCode::Unavailable, message) }
            }
            StorageError::Unwritable(_) => {
                tracing::error!(%cause, "a request failed");
                let full = "The server's disk is full or cannot be written. Nothing was stored; try again later, and tell whoever runs the server.";
                let message = if cause.leaves_unsure() { unsure } else { full };
                Self { retry_after: Some(DISK), ..Self::new(ErrorCode::Unavailable, message) }
            }
            StorageError::UnprovenLoginSecret => {
                tracing::error!(%cause, "a request failed");
                let message =
                    "This server takes no new passwords and apps yet. Try again later, and tell whoever runs it.";
                Self::new(ErrorCode::Unavailable, message)
            }
            StorageError::ReplacedLoginSecret | StorageError::OtherLoginSecret => {
                tracing::error!(%cause, "a request failed");
                let message = "Nobody can log in at this server until it is restarted. Try again later, and tell whoever runs it.";
                Self::new(ErrorCode::Unavailable, message)
            }
            StorageError::Lapsed(Lapse::Session) => Self::login_required(),
            StorageError::Lapsed(Lapse::Confirmation) => Self::confirmation_required(),
            StorageError::Lapsed(Lapse::Program) => Self::invalid_token(),
            StorageError::Busy(_) => {
                tracing::warn!(%cause, "a request failed");
                Self::busy("The server has too much to do. Nothing was changed; try again in a few seconds.")
            }
            cause if cause.leaves_unsure() => Self { message: unsure.into(), ..Self::internal(&cause) },
            cause => Self::internal(&cause),
        }
    }
}
