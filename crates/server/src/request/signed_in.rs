//! The account behind a request, and the session. A route says which kind of session it takes, and gets no other: whoever still
//! owes a second factor is logged in for [`PendingSession`] and the few like it, and for nobody else.

use crate::app::App;
use crate::app_token::Program;
use crate::problem::Problem;
use crate::session::{SessionToken, SignedIn};
use crate::storage::Writer;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use envelock_wire::Pending;

/// The account of whoever is logged in, or of a program that was let through to this route (`program`); nobody is answered with 401.
pub(crate) struct Caller(pub(crate) i64);

/// The same, to write: what they write by is asked for again where it is written.
pub(crate) struct Author(pub(crate) Writer);

/// Whoever is logged in; nobody is answered with 401.
pub(crate) struct CurrentUser(pub(crate) SignedIn);

/// Whoever is logged in, with the session they call from; nobody is answered with 401.
pub(crate) struct CurrentSession {
    pub(crate) user: SignedIn,
    pub(crate) token: SessionToken,
}

/// The same, to end sessions or tokens: the account's changes may be used up by these.
pub(crate) struct EndingSession {
    pub(crate) user: SignedIn,
    pub(crate) token: SessionToken,
}

/// Whoever is logged in and proved themselves a moment ago.
pub(crate) struct ConfirmedUser(pub(crate) SignedIn);

/// The same, with the session they call from.
pub(crate) struct ConfirmedSession {
    pub(crate) user: SignedIn,
    pub(crate) token: SessionToken,
}

impl ConfirmedSession {
    /// What they write by.
    pub(crate) fn writer(&self) -> Writer {
        Writer::confirmed(self.user.id, self.token.hash())
    }
}

/// Whoever has to prove themselves with a second factor yet.
pub(crate) struct PendingSession {
    pub(crate) user: SignedIn,
    pub(crate) token: SessionToken,
}

/// Whoever is logged in, or has to set up a first factor yet.
pub(crate) struct FactorOwner(pub(crate) SignedIn);

/// Whoever may add a factor: as for [`ConfirmedUser`], or with a password that was right a moment ago and no factor yet.
pub(crate) struct EnrollingSession {
    pub(crate) user: SignedIn,
    pub(crate) token: SessionToken,
}

/// Whoever is logged in or about to be, if anybody is.
pub(crate) struct AnySession {
    pub(crate) user: SignedIn,
    pub(crate) token: SessionToken,
}

async fn session(headers: &HeaderMap, app: &App) -> Result<Option<(SignedIn, SessionToken)>, Problem> {
    let Some(token) = SessionToken::from_headers(headers) else { return Ok(None) };
    Ok(app.sessions().who(&token).await?.map(|user| (user, token)))
}

async fn some_session(parts: &Parts, app: &App) -> Result<(SignedIn, SessionToken), Problem> {
    let session = session(&parts.headers, app).await?.ok_or_else(Problem::login_required)?;
    // Counted by their session, as proofs are: what one of them uses up is not missing to another, which may want to end it.
    if !parts.method.is_safe() {
        app.write_limits().take(&session.1.hash()).await?;
    }
    Ok(session)
}

/// All of `EndingSession`: nothing is pending.
async fn ending_session(parts: &Parts, app: &App) -> Result<(SignedIn, SessionToken), Problem> {
    let (user, token) = some_session(parts, app).await?;
    match user.account.pending {
        None => Ok((user, token)),
        Some(pending) => Err(Problem::second_factor_required(pending)),
    }
}

/// All of `CurrentUser` and the like.
async fn full_session(parts: &Parts, app: &App) -> Result<(SignedIn, SessionToken), Problem> {
    let (user, token) = ending_session(parts, app).await?;
    count_of_account(parts, app, &user).await?;
    Ok((user, token))
}

async fn count_of_account(parts: &Parts, app: &App, user: &SignedIn) -> Result<(), Problem> {
    if parts.method.is_safe() { Ok(()) } else { app.write_limits().take_of_account(user.id).await }
}

/// All of `ConfirmedUser` and the like.
async fn confirmed_session(parts: &Parts, app: &App) -> Result<(SignedIn, SessionToken), Problem> {
    let (user, token) = full_session(parts, app).await?;
    if user.is_confirmed { Ok((user, token)) } else { Err(Problem::confirmation_required()) }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match parts.extensions.get::<Program>() {
            Some(program) => Ok(Self(program.account)),
            None => full_session(parts, app).await.map(|(user, _)| Self(user.id)),
        }
    }
}

impl FromRequestParts<App> for Author {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match parts.extensions.get::<Program>() {
            Some(program) => Ok(Self(program.writer())),
            None => {
                let (user, token) = full_session(parts, app).await?;
                Ok(Self(Writer::session(user.id, token.hash())))
            }
        }
    }
}

impl FromRequestParts<App> for CurrentUser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        full_session(parts, app).await.map(|(user, _)| Self(user))
    }
}

impl FromRequestParts<App> for CurrentSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        full_session(parts, app).await.map(|(user, token)| Self { user, token })
    }
}

impl FromRequestParts<App> for EndingSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        ending_session(parts, app).await.map(|(user, token)| Self { user, token })
    }
}

impl FromRequestParts<App> for ConfirmedUser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        confirmed_session(parts, app).await.map(|(user, _)| Self(user))
    }
}

impl FromRequestParts<App> for ConfirmedSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        confirmed_session(parts, app).await.map(|(user, token)| Self { user, token })
    }
}

impl FromRequestParts<App> for PendingSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (user, token) = some_session(parts, app).await?;
        match user.account.pending {
            Some(Pending::SecondFactor) => Ok(Self { user, token }),
            Some(pending) => Err(Problem::second_factor_required(pending)),
            None => Err(Problem::nothing_pending()),
        }
    }
}

impl FromRequestParts<App> for FactorOwner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (user, _) = some_session(parts, app).await?;
        match user.account.pending {
            None | Some(Pending::Enrolment) => Ok(Self(user)),
            Some(pending) => Err(Problem::second_factor_required(pending)),
        }
    }
}

impl FromRequestParts<App> for EnrollingSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (user, token) = some_session(parts, app).await?;
        match user.account.pending {
            None if !user.is_confirmed => Err(Problem::confirmation_required()),
            None | Some(Pending::Enrolment) => {
                count_of_account(parts, app, &user).await?;
                Ok(Self { user, token })
            }
            Some(pending) => Err(Problem::second_factor_required(pending)),
        }
    }
}

impl OptionalFromRequestParts<App> for AnySession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Problem> {
        Ok(session(&parts.headers, app).await?.map(|(user, token)| Self { user, token }))
    }
}
