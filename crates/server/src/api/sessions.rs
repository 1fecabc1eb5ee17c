//! Logging in and out.

use crate::app::App;
use crate::problem::Problem;
use crate::request::{CurrentUser, JsonBody, Peer};
use crate::session::{SessionToken, clear_cookie, set_cookie};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use envelock_wire::{Account, ErrorBody, Login};

/// Logs in. The session is a cookie; an older one that came with the request ends.
#[utoipa::path(
    post, path = "/api/v1/session", tag = "session", request_body = Login,
    responses(
        (status = 200, description = "Logged in", body = Account, headers(("Set-Cookie" = String, description = "__Host-envelock"))),
        (status = 401, description = "wrong-login", body = ErrorBody),
        (status = 429, description = "too-many-requests", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn login(
    State(app): State<App>,
    Ok(peer): Result<Peer, std::convert::Infallible>,
    headers: HeaderMap,
    JsonBody(login): JsonBody<Login>,
) -> Result<Response, Problem> {
    app.login_limits().take(peer, &login.address).await?;
    let (token, account) = app.sessions().login(login).await?;
    if let Some(old) = SessionToken::from_headers(&headers) {
        app.sessions().logout(&old).await?;
    }
    Ok(([(header::SET_COOKIE, set_cookie(&token))], Json(account)).into_response())
}

/// Says who is logged in. Nobody is an answer, not an error: a page asks this before anybody has logged in.
#[utoipa::path(
    get, path = "/api/v1/session", tag = "session",
    responses((status = 200, description = "Who is logged in", body = Account), (status = 204, description = "Nobody is"))
)]
pub(super) async fn who(user: Option<CurrentUser>) -> Response {
    match user {
        Some(CurrentUser(user)) => Json(user.account).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

/// Logs out. Does no harm without a session.
#[utoipa::path(
    delete, path = "/api/v1/session", tag = "session",
    responses((status = 204, description = "Logged out"), (status = 403, description = "cross-origin", body = ErrorBody))
)]
pub(super) async fn logout(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(token) = SessionToken::from_headers(&headers) {
        app.sessions().logout(&token).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, clear_cookie())]).into_response())
}
