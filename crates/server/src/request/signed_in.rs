//! The account behind a request.

use crate::app::App;
use crate::problem::Problem;
use crate::session::{SessionToken, SignedIn};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

/// Whoever is logged in; nobody is answered with 401.
pub(crate) struct CurrentUser(pub(crate) SignedIn);

impl FromRequestParts<App> for CurrentUser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token = SessionToken::from_headers(&parts.headers).ok_or_else(Problem::login_required)?;
        app.sessions().who(&token).await?.map(Self).ok_or_else(Problem::login_required)
    }
}
