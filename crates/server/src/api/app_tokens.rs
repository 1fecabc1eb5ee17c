//! The tokens of the account's programs. No token reaches these routes: whoever makes one proved themselves a moment ago.

use crate::app::App;
use crate::app_token::AppTokenRefusal;
use crate::problem::Problem;
use crate::request::{ConfirmedSession, CurrentUser, EndingSession, JsonBody, OwnAppToken};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use envelock_wire::{AppTokenCreated, AppTokenList, CreateAppToken, ErrorBody, ErrorCode};

/// Lists the tokens of the account's programs that have not ended, the oldest first.
#[utoipa::path(
    get, path = "/api/v1/account/tokens", tag = "account", security(("session" = [])),
    responses(
        (status = 200, description = "The list", body = AppTokenList),
        (status = 401, description = "login-required", body = ErrorBody),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    CurrentUser(user): CurrentUser,
) -> Result<Json<AppTokenList>, Problem> {
    Ok(Json(AppTokenList { tokens: app.app_tokens().list(user.id).await? }))
}

/// Makes a token, with which a program may do what its scopes say until it ends. Needs a proof of who is calling within the last five
/// minutes.
#[utoipa::path(
    post, path = "/api/v1/account/tokens", tag = "account", security(("session" = [])), request_body = CreateAppToken,
    responses(
        (status = 201, description = "The token, told this once", body = AppTokenCreated),
        (status = 401, description = "login-required", body = ErrorBody),
        (status = 403, description = "confirmation-required, second-factor-required", body = ErrorBody),
        (status = 409, description = "too-many-tokens", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn create(
    State(app): State<App>,
    ConfirmedSession { token: session, .. }: ConfirmedSession,
    JsonBody(wanted): JsonBody<CreateAppToken>,
) -> Result<(StatusCode, Json<AppTokenCreated>), Problem> {
    Ok((StatusCode::CREATED, Json(app.app_tokens().create(&session, wanted).await?)))
}

/// Revokes a token. The program that has it is refused from now on.
#[utoipa::path(
    delete, path = "/api/v1/account/tokens/{id}", tag = "account", security(("session" = [])),
    params(("id" = envelock_wire::AppTokenId, Path)),
    responses(
        (status = 204, description = "Revoked"),
        (status = 404, description = "not-found", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn revoke(
    State(app): State<App>,
    EndingSession { user, .. }: EndingSession,
    OwnAppToken(id): OwnAppToken,
) -> Result<StatusCode, Problem> {
    if app.app_tokens().revoke(user.id, &id).await? { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

/// Revokes all tokens of the account. Saying it twice does no harm.
#[utoipa::path(
    delete, path = "/api/v1/account/tokens", tag = "account", security(("session" = [])),
    responses(
        (status = 204, description = "There is none now"),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn revoke_all(
    State(app): State<App>,
    EndingSession { user, .. }: EndingSession,
) -> Result<StatusCode, Problem> {
    app.app_tokens().revoke_all(user.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<AppTokenRefusal> for Problem {
    fn from(refusal: AppTokenRefusal) -> Self {
        match refusal {
            AppTokenRefusal::TooMany => {
                Self::new(ErrorCode::TooManyTokens, "You have as many tokens as this server keeps. Revoke one first.")
            }
            AppTokenRefusal::SessionOver => Self::login_required(),
            AppTokenRefusal::Storage(cause) => cause.into(),
        }
    }
}
