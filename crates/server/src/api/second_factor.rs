//! Proving oneself with a second factor, to be logged in or for what needs more than a session.

use crate::app::App;
use crate::factor::Factors;
use crate::limits::Peer;
use crate::problem::Problem;
use crate::request::{AnySession, CurrentSession, JsonBody, PendingSession};
use crate::session::{SessionToken, device_of, set_cookie};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use envelock_wire::{Account, CeremonyStarted, ConfirmSession, EnterCode, ErrorBody, Pending, UsePasskey};

fn logged_in((token, account): (SessionToken, Account)) -> Response {
    ([(header::SET_COOKIE, set_cookie(&token))], Json(account)).into_response()
}

/// Completes a login with a code of an app (TOTP, RFC 6238), each of which is good once. Another cookie takes the place of the first.
#[utoipa::path(
    post, path = "/api/v1/session/totp", tag = "session", security(("pending" = [])), request_body = EnterCode,
    responses(
        (status = 200, description = "Logged in", body = Account, headers(("Set-Cookie" = String, description = "__Host-envelock"))),
        (status = 401, description = "login-required, wrong-code", body = ErrorBody),
        (status = 429, description = "too-many-requests", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn totp(
    State(app): State<App>,
    Ok(peer): Result<Peer, std::convert::Infallible>,
    PendingSession { user, token }: PendingSession,
    headers: HeaderMap,
    JsonBody(entered): JsonBody<EnterCode>,
) -> Result<Response, Problem> {
    app.login_limits().take_code(peer, user.id).await?;
    Ok(logged_in(app.factors().complete_with_totp(&user, &token, &entered.code, device_of(&headers)).await?))
}

/// Completes a login with a recovery code, which is over with that. Another cookie takes the place of the first.
#[utoipa::path(
    post, path = "/api/v1/session/recovery-code", tag = "session", security(("pending" = [])), request_body = EnterCode,
    responses(
        (status = 200, description = "Logged in", body = Account, headers(("Set-Cookie" = String, description = "__Host-envelock"))),
        (status = 401, description = "login-required, wrong-code", body = ErrorBody),
        (status = 429, description = "too-many-requests", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn recovery_code(
    State(app): State<App>,
    Ok(peer): Result<Peer, std::convert::Infallible>,
    PendingSession { user, token }: PendingSession,
    headers: HeaderMap,
    JsonBody(entered): JsonBody<EnterCode>,
) -> Result<Response, Problem> {
    app.login_limits().take_factor(peer).await?;
    Ok(logged_in(app.factors().complete_with_recovery_code(&user, &token, &entered.code, device_of(&headers)).await?))
}

/// Begins to use a passkey (WebAuthn): with a session, one of the account's, to complete the login or to confirm it; without one, any
/// that the browser finds, to log in with it alone.
#[utoipa::path(
    post, path = "/api/v1/session/passkey/start", tag = "session",
    responses(
        (status = 200, description = "What the browser takes, within five minutes", body = CeremonyStarted),
        (status = 404, description = "not-found: the server's name is an address, or the account has no passkey", body = ErrorBody),
        (status = 429, description = "too-many-requests", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn start_passkey(
    State(app): State<App>,
    Ok(peer): Result<Peer, std::convert::Infallible>,
    caller: Option<AnySession>,
) -> Result<Json<CeremonyStarted>, Problem> {
    match &caller {
        Some(AnySession { user, token }) if user.account.pending.is_none() => {
            app.login_limits().take_own(token).await?
        }
        _ => app.login_limits().take_anonymous(peer).await?,
    }
    let caller = caller.as_ref().map(|AnySession { user, token }| (user, token));
    Ok(Json(app.factors().start_passkey(caller).await?))
}

/// Logs in with a passkey alone, or completes a login with one. An older session that came with the request ends.
#[utoipa::path(
    post, path = "/api/v1/session/passkey", tag = "session", request_body = UsePasskey,
    responses(
        (status = 200, description = "Logged in", body = Account, headers(("Set-Cookie" = String, description = "__Host-envelock"))),
        (status = 401, description = "wrong-passkey", body = ErrorBody),
        (status = 429, description = "too-many-requests", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn passkey(
    State(app): State<App>,
    Ok(peer): Result<Peer, std::convert::Infallible>,
    caller: Option<AnySession>,
    headers: HeaderMap,
    JsonBody(used): JsonBody<UsePasskey>,
) -> Result<Response, Problem> {
    app.login_limits().take_factor(peer).await?;
    let device = device_of(&headers);
    Ok(logged_in(match caller {
        Some(AnySession { user, token }) if user.account.pending == Some(Pending::SecondFactor) => {
            app.factors().complete_with_passkey(&token, &used, device).await?
        }
        _ => {
            let login = app.factors().log_in_with_passkey(&used, device).await?;
            end_older(&app, &headers).await;
            login
        }
    }))
}

/// Ends the session that came with a login. The new one is there, and its cookie must arrive.
pub(super) async fn end_older(app: &App, headers: &HeaderMap) {
    if let Some(old) = SessionToken::from_headers(headers)
        && let Err(cause) = app.sessions().logout(&old).await
    {
        tracing::warn!(%cause, "the session before a login goes on");
    }
}

/// Proves once more that it is the owner who is logged in: with a login that was begun for the caller's own address, and a code if the
/// account has a second factor. Good for five minutes, as a login is.
#[utoipa::path(
    post, path = "/api/v1/session/confirm", tag = "session", security(("session" = [])), request_body = ConfirmSession,
    responses(
        (status = 200, description = "Confirmed", body = Account),
        (status = 401, description = "login-required, wrong-login, wrong-code", body = ErrorBody),
        (status = 429, description = "too-many-requests", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn confirm(
    State(app): State<App>,
    CurrentSession { user, token }: CurrentSession,
    JsonBody(confirm): JsonBody<ConfirmSession>,
) -> Result<Json<Account>, Problem> {
    if confirm.code.as_ref().is_some_and(Factors::is_of_app) {
        app.login_limits().take_own_code(&token).await?;
    }
    app.factors().confirm(&user, &token, &confirm).await?;
    Ok(Json(user.account))
}

/// The same with a passkey, and nothing else. The ceremony is one that was begun in this session.
#[utoipa::path(
    post, path = "/api/v1/session/confirm/passkey", tag = "session", security(("session" = [])), request_body = UsePasskey,
    responses(
        (status = 200, description = "Confirmed", body = Account),
        (status = 401, description = "login-required, wrong-passkey", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn confirm_with_passkey(
    State(app): State<App>,
    CurrentSession { user, token }: CurrentSession,
    JsonBody(used): JsonBody<UsePasskey>,
) -> Result<Json<Account>, Problem> {
    app.factors().confirm_with_passkey(&token, &used).await?;
    Ok(Json(user.account))
}
