//! Routes of drafts, which their owner's devices encrypt.

use crate::app::App;
use crate::draft::DraftRefusal;
use crate::problem::Problem;
use crate::request::{Author, Caller, OctetBody, OwnDraft, Replaces, SeenRevision};
use crate::revision::etag;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use envelock_wire::{DraftList, ErrorBody, ErrorCode};

/// The caller's drafts without what is in them, the one written last first.
#[utoipa::path(
    get, path = "/api/v1/account/drafts", tag = "drafts", security(("session" = []), ("token" = ["drafts:read"])),
    responses(
        (status = 200, description = "The list", body = DraftList),
        (status = 401, description = "login-required", body = ErrorBody),
    )
)]
pub(super) async fn list(State(app): State<App>, Caller(account): Caller) -> Result<Json<DraftList>, Problem> {
    Ok(Json(app.drafts().list(account).await?))
}

/// One of the caller's drafts, as one of their devices encrypted it.
#[utoipa::path(
    get, path = "/api/v1/account/drafts/{id}", tag = "drafts", security(("session" = []), ("token" = ["drafts:read"])),
    params(("id" = envelock_wire::DraftId, Path)),
    responses(
        (status = 200, description = "The ciphertext", body = Vec<u8>, content_type = "application/octet-stream",
            headers(("ETag" = String, description = "Its revision"))),
        (status = 401, description = "login-required", body = ErrorBody),
        (status = 404, description = "not-found: there is none, or it was deleted", body = ErrorBody),
    )
)]
pub(super) async fn read(
    State(app): State<App>,
    Caller(account): Caller,
    OwnDraft(id): OwnDraft,
) -> Result<Response, Problem> {
    let (version, ciphertext) = app.drafts().read(account, &id).await?;
    Ok((etag(version), ciphertext).into_response())
}

/// Stores a draft in place of the revision it was made from. Its id is chosen by whoever begins it, at random, and is not used
/// again once the draft was deleted. Answered when it is on the disk.
#[utoipa::path(
    put, path = "/api/v1/account/drafts/{id}", tag = "drafts", security(("session" = []), ("token" = ["drafts:write"])),
    params(
        ("id" = envelock_wire::DraftId, Path),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the revision that this one replaces"),
        ("If-None-Match" = Option<String>, Header, description = "`*`: it is a new draft. One of the two is required"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "Stored, the first revision", headers(("ETag" = String, description = "Its revision"))),
        (status = 204, description = "Stored", headers(("ETag" = String, description = "Its revision"))),
        (status = 400, description = "size-mismatch, invalid-request", body = ErrorBody),
        (status = 411, description = "length-required", body = ErrorBody),
        (status = 412, description = "draft-changed: another device was faster. Without an `ETag` it was deleted", body = ErrorBody,
            headers(("ETag" = String, description = "What is stored, if anything is"))),
        (status = 413, description = "too-large", body = ErrorBody),
        (status = 428, description = "precondition-required", body = ErrorBody),
        (status = 429, description = "too-many-requests: too many changes a minute, or uploads at a time", body = ErrorBody),
        (status = 507, description = "storage-full, too-many-drafts", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn write(
    State(app): State<App>,
    Author(writer): Author,
    OwnDraft(id): OwnDraft,
    Replaces(seen): Replaces,
    body: OctetBody,
) -> Result<Response, Problem> {
    let _upload = app.uploads().begin(&writer)?;
    let written = app.drafts().write(&writer, &id, seen, body.length, body.octets).await?;
    let status = if written.created { StatusCode::CREATED } else { StatusCode::NO_CONTENT };
    Ok((status, etag(written.version)).into_response())
}

/// Deletes one revision of a draft, if it is the one that is stored.
#[utoipa::path(
    delete, path = "/api/v1/account/drafts/{id}", tag = "drafts", security(("session" = []), ("token" = ["drafts:write"])),
    params(
        ("id" = envelock_wire::DraftId, Path),
        ("If-Match" = String, Header, description = "The `ETag` of the revision that was read"),
    ),
    responses(
        (status = 204, description = "Deleted"),
        (status = 412, description = "draft-changed: another device was faster. Without an `ETag` it is deleted already", body = ErrorBody,
            headers(("ETag" = String, description = "What is stored, if anything is"))),
        (status = 428, description = "precondition-required", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn remove(
    State(app): State<App>,
    Author(writer): Author,
    OwnDraft(id): OwnDraft,
    SeenRevision(seen): SeenRevision,
) -> Result<StatusCode, Problem> {
    app.drafts().remove(&writer, &id, &seen).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<DraftRefusal> for Problem {
    fn from(refusal: DraftRefusal) -> Self {
        match refusal {
            DraftRefusal::Changed { present } => {
                let message = match present {
                    Some(_) => {
                        "Another device changed this draft. Nothing was changed; read what is stored, and keep both."
                    }
                    None => "This draft was deleted. Nothing was changed; keep what you have as a new one.",
                };
                Self::new(ErrorCode::DraftChanged, message).with_present(present)
            }
            DraftRefusal::TooMany { allowed } => {
                let message = format!("You have {allowed} drafts, the most this server keeps. Delete some first.");
                Self::new(ErrorCode::TooManyDrafts, message)
            }
            DraftRefusal::Refused(refusal) => refusal.into(),
        }
    }
}
