//! Routes of the devices of an account, which meet in one file.

use crate::app::App;
use crate::problem::Problem;
use crate::request::{Author, Caller, OctetBody, OnlyRevision, Replaces};
use crate::revision::etag;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use envelock_wire::ErrorBody;

/// The caller's keyring, as one of their devices sealed it.
#[utoipa::path(
    get, path = "/api/v1/keyring", tag = "keyring", security(("session" = []), ("token" = ["keyring:read"])),
    responses(
        (status = 200, description = "The ciphertext", body = Vec<u8>, content_type = "application/octet-stream",
            headers(("ETag" = String, description = "Its version"))),
        (status = 401, description = "login-required", body = ErrorBody),
        (status = 404, description = "not-found: there is none", body = ErrorBody),
    )
)]
pub(super) async fn read(State(app): State<App>, Caller(account): Caller) -> Result<Response, Problem> {
    let (version, ciphertext) = app.keyrings().read(account).await?;
    Ok((etag(version), ciphertext).into_response())
}

/// Stores the caller's keyring in place of the version it was made from. Answered when it is on the disk.
#[utoipa::path(
    put, path = "/api/v1/keyring", tag = "keyring", security(("session" = []), ("token" = ["keyring:write"])),
    params(
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the keyring that this one replaces"),
        ("If-None-Match" = Option<String>, Header, description = "`*`: there is none yet. One of the two is required"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "Stored, the first", headers(("ETag" = String, description = "Its version"))),
        (status = 204, description = "Stored", headers(("ETag" = String, description = "Its version"))),
        (status = 400, description = "size-mismatch, invalid-request", body = ErrorBody),
        (status = 411, description = "length-required", body = ErrorBody),
        (status = 412, description = "keyring-changed: another device was faster", body = ErrorBody),
        (status = 413, description = "too-large", body = ErrorBody),
        (status = 428, description = "precondition-required", body = ErrorBody),
        (status = 429, description = "too-many-requests: too many changes a minute, or uploads at a time", body = ErrorBody),
        (status = 507, description = "storage-full", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn write(
    State(app): State<App>,
    Author(writer): Author,
    Replaces(seen): Replaces,
    body: OctetBody,
) -> Result<Response, Problem> {
    let _upload = app.uploads().begin(&writer)?;
    let written = app.keyrings().write(&writer, seen, body.length, body.octets).await?;
    let status = if written.created { StatusCode::CREATED } else { StatusCode::NO_CONTENT };
    Ok((status, etag(written.version)).into_response())
}

/// Removes the caller's keyring from the server. Saying it twice does no harm.
#[utoipa::path(
    delete, path = "/api/v1/keyring", tag = "keyring", security(("session" = []), ("token" = ["keyring:write"])),
    params(("If-Match" = Option<String>, Header, description = "Removes it only if this is its `ETag`")),
    responses(
        (status = 204, description = "There is none now"),
        (status = 412, description = "keyring-changed: another one is stored, or none", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn remove(
    State(app): State<App>,
    Author(writer): Author,
    OnlyRevision(version): OnlyRevision,
) -> Result<StatusCode, Problem> {
    app.keyrings().remove(&writer, version).await?;
    Ok(StatusCode::NO_CONTENT)
}
