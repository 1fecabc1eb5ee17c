//! The second factors of the account: set up and removed by whoever proved themselves a moment ago.

use crate::app::App;
use crate::factor::Added;
use crate::problem::Problem;
use crate::request::{ConfirmedSession, EnrollingSession, FactorOwner, JsonBody, OwnPasskey};
use crate::session::{device_of, set_cookie};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use envelock_wire::{
    AddPasskey, CeremonyStarted, EnterCode, ErrorBody, FactorAdded, Factors, RecoveryCodes, TotpStarted,
};

/// Lists the second factors of the account, and how many recovery codes are left.
#[utoipa::path(
    get, path = "/api/v1/account/factors", tag = "account", security(("session" = []), ("enrolment" = [])),
    responses(
        (status = 200, description = "The factors", body = Factors),
        (status = 401, description = "login-required", body = ErrorBody),
        (status = 403, description = "second-factor-required", body = ErrorBody),
    )
)]
pub(super) async fn list(State(app): State<App>, FactorOwner(user): FactorOwner) -> Result<Json<Factors>, Problem> {
    Ok(Json(app.factors().list(user.id).await?))
}

/// Draws the secret of an app that makes codes (TOTP, RFC 6238: SHA-1, six digits, 30 seconds). It holds when a code of it was seen.
#[utoipa::path(
    post, path = "/api/v1/account/totp/start", tag = "account", security(("session" = []), ("enrolment" = [])),
    responses(
        (status = 200, description = "The secret, for a quarter of an hour", body = TotpStarted),
        (status = 401, description = "login-required", body = ErrorBody),
        (status = 403, description = "confirmation-required, second-factor-required", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn start_totp(
    State(app): State<App>,
    EnrollingSession { user, token }: EnrollingSession,
) -> Result<Json<TotpStarted>, Problem> {
    Ok(Json(app.factors().start_totp(&user, &token).await?))
}

/// Gives the account the app that this code is of, in the place of one before. If it is the first factor of a login that waits for one,
/// the login is complete.
#[utoipa::path(
    put, path = "/api/v1/account/totp", tag = "account", security(("session" = []), ("enrolment" = [])), request_body = EnterCode,
    responses(
        (status = 200, description = "Set up", body = FactorAdded, headers(("Set-Cookie" = String, description = "__Host-envelock, if that completes the login"))),
        (status = 401, description = "login-required, wrong-code", body = ErrorBody),
        (status = 403, description = "confirmation-required, second-factor-required", body = ErrorBody),
        (status = 429, description = "too-many-requests", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn put_totp(
    State(app): State<App>,
    EnrollingSession { user, token }: EnrollingSession,
    headers: HeaderMap,
    JsonBody(entered): JsonBody<EnterCode>,
) -> Result<Response, Problem> {
    app.login_limits().take_own_code(&token).await?;
    Ok(added(app.factors().add_totp(&user, &token, &entered.code, device_of(&headers)).await?))
}

/// Removes the app that makes codes. With the last factor go the recovery codes.
#[utoipa::path(
    delete, path = "/api/v1/account/totp", tag = "account", security(("session" = [])),
    responses(
        (status = 204, description = "Removed"),
        (status = 403, description = "confirmation-required, second-factor-required", body = ErrorBody),
        (status = 404, description = "not-found: there is none", body = ErrorBody),
        (status = 409, description = "last-factor", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn remove_totp(State(app): State<App>, caller: ConfirmedSession) -> Result<StatusCode, Problem> {
    app.factors().remove_totp(&caller.writer()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begins to add a passkey (WebAuthn).
#[utoipa::path(
    post, path = "/api/v1/account/passkeys/start", tag = "account", security(("session" = []), ("enrolment" = [])),
    responses(
        (status = 200, description = "What the browser takes, within five minutes", body = CeremonyStarted),
        (status = 403, description = "confirmation-required, second-factor-required", body = ErrorBody),
        (status = 404, description = "not-found: the server's name is an address", body = ErrorBody),
        (status = 409, description = "too-many-passkeys", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn start_passkey(
    State(app): State<App>,
    EnrollingSession { user, token }: EnrollingSession,
) -> Result<Json<CeremonyStarted>, Problem> {
    Ok(Json(app.factors().start_adding_passkey(&user, &token).await?))
}

/// Adds a passkey. If it is the first factor of a login that waits for one, the login is complete.
#[utoipa::path(
    post, path = "/api/v1/account/passkeys", tag = "account", security(("session" = []), ("enrolment" = [])), request_body = AddPasskey,
    responses(
        (status = 200, description = "Added", body = FactorAdded, headers(("Set-Cookie" = String, description = "__Host-envelock, if that completes the login"))),
        (status = 401, description = "login-required, wrong-passkey", body = ErrorBody),
        (status = 403, description = "confirmation-required, second-factor-required", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn add_passkey(
    State(app): State<App>,
    EnrollingSession { user, token }: EnrollingSession,
    headers: HeaderMap,
    JsonBody(add): JsonBody<AddPasskey>,
) -> Result<Response, Problem> {
    Ok(added(app.factors().add_passkey(&user, &token, &add, device_of(&headers)).await?))
}

/// Removes a passkey. With the last factor go the recovery codes.
#[utoipa::path(
    delete, path = "/api/v1/account/passkeys/{id}", tag = "account", security(("session" = [])),
    params(("id" = envelock_wire::PasskeyId, Path)),
    responses(
        (status = 204, description = "Removed"),
        (status = 403, description = "confirmation-required, second-factor-required", body = ErrorBody),
        (status = 404, description = "not-found", body = ErrorBody),
        (status = 409, description = "last-factor", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn remove_passkey(
    State(app): State<App>,
    caller: ConfirmedSession,
    OwnPasskey(id): OwnPasskey,
) -> Result<StatusCode, Problem> {
    app.factors().remove_passkey(&caller.writer(), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes ten recovery codes in the place of those before, which are good for nothing any more.
#[utoipa::path(
    post, path = "/api/v1/account/recovery-codes", tag = "account", security(("session" = [])),
    responses(
        (status = 200, description = "The codes, shown this once", body = RecoveryCodes),
        (status = 403, description = "confirmation-required, second-factor-required", body = ErrorBody),
        (status = 404, description = "not-found: there is no factor that they could stand in for", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn renew_recovery_codes(
    State(app): State<App>,
    caller: ConfirmedSession,
) -> Result<Json<RecoveryCodes>, Problem> {
    Ok(Json(app.factors().renew_recovery_codes(&caller.writer()).await?))
}

fn added((added, token): Added) -> Response {
    let cookie = token.map(|token| [(header::SET_COOKIE, set_cookie(&token))]);
    (cookie, Json(added)).into_response()
}
