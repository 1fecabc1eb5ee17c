//! Routes of the code with which the account's password brings a keystore to another device.
//!
//! Whoever has found a page that is logged in neither gets it nor puts another in its place: its owner has to have proved
//! themselves a moment ago, but for knowing whether there is one.

use crate::app::App;
use crate::problem::Problem;
use crate::request::{ConfirmedSession, ConfirmedUser, CurrentUser, JsonBody, OnlyRevision, Replaces};
use crate::revision::etag;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use envelock_wire::{ErrorBody, KeystoreBackup, KeystoreBackupVersion};

/// The code of the caller's keystore, as one of their devices sealed it under what the account's password gives.
#[utoipa::path(
    get, path = "/api/v1/account/keystore-backup", tag = "account", security(("session" = [])),
    responses(
        (status = 200, description = "The code, sealed", body = KeystoreBackup, headers(("ETag" = String, description = "Its version"))),
        (status = 401, description = "login-required", body = ErrorBody),
        (status = 403, description = "confirmation-required", body = ErrorBody),
        (status = 404, description = "not-found: there is none", body = ErrorBody),
    )
)]
pub(super) async fn read(State(app): State<App>, ConfirmedUser(user): ConfirmedUser) -> Result<Response, Problem> {
    let (version, backup) = app.keystore_backups().read(user.id).await?;
    Ok((etag(version), Json(backup)).into_response())
}

/// Which code is stored, so that a device sees that another one has changed or removed it. Opens nothing.
#[utoipa::path(
    get, path = "/api/v1/account/keystore-backup/version", tag = "account", security(("session" = [])),
    responses(
        (status = 200, description = "Its version, or `null`", body = KeystoreBackupVersion),
        (status = 401, description = "login-required", body = ErrorBody),
    )
)]
pub(super) async fn version(
    State(app): State<App>,
    CurrentUser(user): CurrentUser,
) -> Result<Json<KeystoreBackupVersion>, Problem> {
    Ok(Json(KeystoreBackupVersion { version: app.keystore_backups().version(user.id).await? }))
}

/// Stores the code in place of the version it was made from.
#[utoipa::path(
    put, path = "/api/v1/account/keystore-backup", tag = "account", security(("session" = [])),
    params(
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the code that this one replaces"),
        ("If-None-Match" = Option<String>, Header, description = "`*`: there is none yet. One of the two is required"),
    ),
    request_body = KeystoreBackup,
    responses(
        (status = 201, description = "Stored, the first", headers(("ETag" = String, description = "Its version"))),
        (status = 204, description = "Stored", headers(("ETag" = String, description = "Its version"))),
        (status = 401, description = "login-required", body = ErrorBody),
        (status = 403, description = "confirmation-required", body = ErrorBody),
        (status = 412, description = "keyring-changed: another device was faster", body = ErrorBody),
        (status = 428, description = "precondition-required", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn write(
    State(app): State<App>,
    caller: ConfirmedSession,
    Replaces(seen): Replaces,
    JsonBody(backup): JsonBody<KeystoreBackup>,
) -> Result<Response, Problem> {
    let written = app.keystore_backups().write(&caller.writer(), seen, &backup.sealed).await?;
    let status = if written.created { StatusCode::CREATED } else { StatusCode::NO_CONTENT };
    Ok((status, etag(written.version)).into_response())
}

/// Removes the code. Saying it twice does no harm.
#[utoipa::path(
    delete, path = "/api/v1/account/keystore-backup", tag = "account", security(("session" = [])),
    params(("If-Match" = Option<String>, Header, description = "Removes it only if this is its `ETag`")),
    responses(
        (status = 204, description = "There is none now"),
        (status = 403, description = "confirmation-required", body = ErrorBody),
        (status = 412, description = "keyring-changed: another one is stored, or none", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn remove(
    State(app): State<App>,
    caller: ConfirmedSession,
    OnlyRevision(version): OnlyRevision,
) -> Result<StatusCode, Problem> {
    app.keystore_backups().remove(&caller.writer(), version).await?;
    Ok(StatusCode::NO_CONTENT)
}
