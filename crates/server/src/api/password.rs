//! Changing the password of the account: by whoever proved themselves a moment ago, second factor included, and proves the old one.

use crate::app::App;
use crate::problem::Problem;
use crate::request::{ConfirmedSession, JsonBody};
use crate::session::{device_of, set_cookie};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use envelock_wire::{Account, ChangePassword, ErrorBody, PasswordChangeStarted, StartPasswordChange};

/// Begins to choose another password (OPAQUE, RFC 9807).
#[utoipa::path(
    post, path = "/api/v1/account/password/start", tag = "account", security(("session" = [])),
    request_body = StartPasswordChange,
    responses(
        (status = 200, description = "What the client makes the record with", body = PasswordChangeStarted),
        (status = 401, description = "login-required", body = ErrorBody),
        (status = 403, description = "confirmation-required, second-factor-required", body = ErrorBody),
        (status = 429, description = "too-many-requests", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn start(
    State(app): State<App>,
    ConfirmedSession { user, token }: ConfirmedSession,
    JsonBody(start): JsonBody<StartPasswordChange>,
) -> Result<Json<PasswordChangeStarted>, Problem> {
    app.login_limits().take_own(&token).await?;
    Ok(Json(app.sessions().start_change(&user, &start.request).await?))
}

/// Changes the password. A login that was begun for the caller's own address proves the old one. All sessions of the account end;
/// the caller gets a new one. Second factors stay. A keystore's code that is stored comes along, sealed anew: both are changed, or
/// neither.
#[utoipa::path(
    put, path = "/api/v1/account/password", tag = "account", security(("session" = [])), request_body = ChangePassword,
    responses(
        (status = 200, description = "Changed", body = Account, headers(("Set-Cookie" = String, description = "__Host-envelock"))),
        (status = 401, description = "login-required; wrong-login: not the old password, or the login was not begun for this account", body = ErrorBody),
        (status = 403, description = "confirmation-required, second-factor-required", body = ErrorBody),
        (status = 412, description = "keyring-changed: the keystore's code is not the one that was sealed anew", body = ErrorBody),
        (status = 428, description = "precondition-required: the keystore's code would be left behind", body = ErrorBody),
        (status = 503, description = "unavailable: the server's secret of passwords was made anew or replaced meanwhile, begin again", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn change(
    State(app): State<App>,
    caller: ConfirmedSession,
    headers: HeaderMap,
    JsonBody(change): JsonBody<ChangePassword>,
) -> Result<Response, Problem> {
    let token = app.sessions().change_password(&caller.user, &caller.writer(), &change, device_of(&headers)).await?;
    Ok(([(header::SET_COOKIE, set_cookie(&token))], Json(caller.user.account)).into_response())
}
