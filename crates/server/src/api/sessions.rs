//! Logging in and out, here and elsewhere.

use super::second_factor::end_older;
use crate::app::App;
use crate::limits::Peer;
use crate::problem::Problem;
use crate::request::{AnySession, CurrentSession, CurrentUser, EndingSession, JsonBody, OwnSession};
use crate::session::{SessionToken, clear_cookie, device_of, set_cookie};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use envelock_wire::{Account, ErrorBody, FinishLogin, LoginList, LoginStarted, SessionList, StartLogin};

/// Begins to log in (OPAQUE, RFC 9807), or to prove once more who is logged in. The answer is the same whether there is such an
/// account or not.
#[utoipa::path(
    post, path = "/api/v1/session/start", tag = "session", request_body = StartLogin,
    responses(
        (status = 200, description = "What the client finishes with, within two minutes", body = LoginStarted),
        (status = 429, description = "too-many-requests", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn start(
    State(app): State<App>,
    Ok(peer): Result<Peer, std::convert::Infallible>,
    caller: Option<AnySession>,
    JsonBody(start): JsonBody<StartLogin>,
) -> Result<Json<LoginStarted>, Problem> {
    match caller {
        Some(AnySession { user, token }) if user.is_logged_in_as(&start.address) => {
            app.login_limits().take_own(&token).await?;
        }
        _ => app.login_limits().take(peer, &start.address).await?,
    }
    Ok(Json(app.sessions().start_login(&start).await?))
}

/// Logs in, once for each beginning. The session is a cookie; an older one that came with the request ends. If the account has a second
/// factor, or needs one, the answer says that it is `pending`: for ten minutes it is good for what is missing, and for nothing else.
/// An account has fifty sessions at most: the one used longest ago makes room.
#[utoipa::path(
    post, path = "/api/v1/session", tag = "session", request_body = FinishLogin,
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
    JsonBody(finish): JsonBody<FinishLogin>,
) -> Result<Response, Problem> {
    app.login_limits().take_end(peer).await?;
    let (token, account) = app.sessions().finish_login(&finish, device_of(&headers)).await?;
    end_older(&app, &headers).await;
    Ok(([(header::SET_COOKIE, set_cookie(&token))], Json(account)).into_response())
}

/// Says who is logged in, or about to be. Nobody is an answer, not an error: a page asks this before anybody has logged in.
#[utoipa::path(
    get, path = "/api/v1/session", tag = "session",
    responses((status = 200, description = "Who is logged in", body = Account), (status = 204, description = "Nobody is"))
)]
pub(super) async fn who(caller: Option<AnySession>) -> Response {
    match caller {
        Some(AnySession { user, .. }) => Json(user.account).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

/// Logs out. Does no harm without a session. The cookie goes also where the session cannot be ended, and then this browser is logged out.
#[utoipa::path(
    delete, path = "/api/v1/session", tag = "session",
    responses((status = 204, description = "Logged out"), (status = 403, description = "cross-origin", body = ErrorBody))
)]
pub(super) async fn logout(State(app): State<App>, headers: HeaderMap) -> Response {
    let ended = match SessionToken::from_headers(&headers) {
        Some(token) => app.sessions().logout(&token).await.map_err(Problem::from),
        None => Ok(()),
    };
    ([(header::SET_COOKIE, clear_cookie())], ended.map(|()| StatusCode::NO_CONTENT)).into_response()
}

/// Lists the caller's sessions that have not ended, the one used last first.
#[utoipa::path(
    get, path = "/api/v1/sessions", tag = "session", security(("session" = [])),
    responses((status = 200, description = "The list", body = SessionList), (status = 401, description = "login-required", body = ErrorBody))
)]
pub(super) async fn list(
    State(app): State<App>,
    CurrentSession { user, token }: CurrentSession,
) -> Result<Json<SessionList>, Problem> {
    Ok(Json(SessionList { sessions: app.sessions().list(user.id, &token).await? }))
}

/// Ends one of the caller's sessions. To end the calling one is to log out.
#[utoipa::path(
    delete, path = "/api/v1/sessions/{id}", tag = "session", security(("session" = [])),
    params(("id" = envelock_wire::SessionId, Path)),
    responses((status = 204, description = "Ended"), (status = "4XX", description = "login-required, not-found", body = ErrorBody))
)]
pub(super) async fn end(
    State(app): State<App>,
    EndingSession { user, token }: EndingSession,
    OwnSession(id): OwnSession,
) -> Result<Response, Problem> {
    if !app.sessions().end(user.id, &id).await? {
        return Err(Problem::not_found());
    }
    let cookie = (token.id() == id).then(|| [(header::SET_COOKIE, clear_cookie())]);
    Ok((cookie, StatusCode::NO_CONTENT).into_response())
}

/// Ends all of the caller's sessions but the calling one.
#[utoipa::path(
    delete, path = "/api/v1/sessions", tag = "session", security(("session" = [])),
    responses((status = 204, description = "Ended"), (status = "4XX", description = "The request was refused", body = ErrorBody))
)]
pub(super) async fn end_others(
    State(app): State<App>,
    EndingSession { user, token }: EndingSession,
) -> Result<StatusCode, Problem> {
    app.sessions().end_others(user.id, &token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the logins to the caller's account of the last 90 days, by day and device, the latest first; also those of whoever knew the
/// password and has not gone on from there.
#[utoipa::path(
    get, path = "/api/v1/logins", tag = "session", security(("session" = [])),
    responses((status = 200, description = "The list", body = LoginList), (status = 401, description = "login-required", body = ErrorBody))
)]
pub(super) async fn history(
    State(app): State<App>,
    CurrentUser(user): CurrentUser,
) -> Result<Json<LoginList>, Problem> {
    Ok(Json(LoginList { logins: app.sessions().history(user.id).await? }))
}
