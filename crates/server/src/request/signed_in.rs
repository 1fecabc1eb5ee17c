//! The account behind a request, and the session.

use crate::app::App;
use crate::problem::Problem;
use crate::session::{SessionToken, SignedIn};
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;

/// Whoever is logged in; nobody is answered with 401, unless the route takes an `Option`.
pub(crate) struct CurrentUser(pub(crate) SignedIn);

impl FromRequestParts<App> for CurrentUser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let user = <Self as OptionalFromRequestParts<App>>::from_request_parts(parts, app).await?;
        user.ok_or_else(Problem::login_required)
    }
}

/// Whoever is logged in, with the session they call from; nobody is answered with 401.
pub(crate) struct CurrentSession {
    pub(crate) user: SignedIn,
    pub(crate) token: SessionToken,
}

impl FromRequestParts<App> for CurrentSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token = SessionToken::from_headers(&parts.headers).ok_or_else(Problem::login_required)?;
        let user = app.sessions().who(&token).await?.ok_or_else(Problem::login_required)?;
        Ok(Self { user, token })
    }
}

impl OptionalFromRequestParts<App> for CurrentUser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Problem> {
        let Some(token) = SessionToken::from_headers(&parts.headers) else { return Ok(None) };
        Ok(app.sessions().who(&token).await?.map(Self))
    }
}
