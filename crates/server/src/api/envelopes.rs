//! Routes of senders.

use crate::app::App;
use crate::ciphertext::Ciphertext;
use crate::problem::Problem;
use crate::request::{Author, Caller, ConfirmedUser, JsonBody, OctetBody, OwnEnvelope, OwnReply};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use envelock_wire::{
    ChangeEnvelope, CreateEnvelope, EnvelopeList, EnvelopeRecord, ErrorBody, ErrorCode, ListEnvelopes, ReplyList,
    Withdrawn,
};

/// Announces an envelope. Its ciphertext must follow within an hour.
#[utoipa::path(
    post, path = "/api/v1/envelopes", tag = "envelopes", security(("session" = []), ("token" = ["envelopes:write"])), request_body = CreateEnvelope,
    responses(
        (status = 201, description = "Announced", body = EnvelopeRecord),
        (status = 413, description = "too-large", body = ErrorBody),
        (status = 507, description = "storage-full, too-many-envelopes", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn create(
    State(app): State<App>,
    Author(writer): Author,
    JsonBody(new): JsonBody<CreateEnvelope>,
) -> Result<(StatusCode, Json<EnvelopeRecord>), Problem> {
    Ok((StatusCode::CREATED, Json(app.envelopes().create(&writer, &new).await?)))
}

/// Stores the ciphertext of an announced envelope. Answered when it is on the disk.
#[utoipa::path(
    put, path = "/api/v1/envelopes/{id}/ciphertext", tag = "envelopes", security(("session" = []), ("token" = ["envelopes:write"])),
    params(("id" = envelock_wire::EnvelopeId, Path)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "Exactly as long as announced"),
    responses(
        (status = 204, description = "Sealed"),
        (status = 400, description = "size-mismatch", body = ErrorBody),
        (status = 404, description = "not-found", body = ErrorBody),
        (status = 409, description = "already-sealed, ended", body = ErrorBody),
        (status = 411, description = "length-required", body = ErrorBody),
        (status = 429, description = "too-many-requests: too many changes a minute, or uploads at a time", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn seal(
    State(app): State<App>,
    Author(writer): Author,
    OwnEnvelope(id): OwnEnvelope,
    body: OctetBody,
) -> Result<StatusCode, Problem> {
    let _upload = app.uploads().begin(&writer)?;
    app.envelopes().seal(&writer, &id, body.length, body.octets).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the caller's envelopes, newest first, a page at a time. Ended ones stay for 90 days after their last opening,
/// their withdrawal or their end by time; those that were opened at least as long as they take replies, those with
/// replies for 90 days after the last one.
#[utoipa::path(
    get, path = "/api/v1/envelopes", tag = "envelopes", security(("session" = []), ("token" = ["envelopes:read"])),
    params(
        ("before" = Option<envelock_wire::EnvelopeId>, Query, description = "`next` of the page before"),
        ("limit" = Option<envelock_wire::PageLimit>, Query, description = "Most envelopes of a page; 100 if absent"),
    ),
    responses(
        (status = 200, description = "The page", body = EnvelopeList),
        (status = 400, description = "invalid-request", body = ErrorBody),
        (status = 401, description = "login-required", body = ErrorBody),
        (status = 404, description = "not-found: the envelope this page shall follow is forgotten", body = ErrorBody),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    Caller(account): Caller,
    page: Result<Query<ListEnvelopes>, QueryRejection>,
) -> Result<Json<EnvelopeList>, Problem> {
    let Query(page) = page.map_err(|_| {
        Problem::new(ErrorCode::InvalidRequest, "Send before as an envelope's id and limit as a number from 1 to 500.")
    })?;
    Ok(Json(app.envelopes().list(account, &page).await?))
}

/// Says where one of the caller's envelopes is in its life.
#[utoipa::path(
    get, path = "/api/v1/envelopes/{id}", tag = "envelopes", security(("session" = []), ("token" = ["envelopes:read"])),
    params(("id" = envelock_wire::EnvelopeId, Path)),
    responses((status = 200, description = "The envelope", body = EnvelopeRecord), (status = "4XX", description = "login-required, not-found", body = ErrorBody))
)]
pub(super) async fn record(
    State(app): State<App>,
    Caller(account): Caller,
    OwnEnvelope(id): OwnEnvelope,
) -> Result<Json<EnvelopeRecord>, Problem> {
    Ok(Json(app.envelopes().record(account, &id).await?))
}

/// Changes the end of an envelope, or unlocks it.
#[utoipa::path(
    patch, path = "/api/v1/envelopes/{id}", tag = "envelopes", security(("session" = []), ("token" = ["envelopes:write"])),
    params(("id" = envelock_wire::EnvelopeId, Path)), request_body = ChangeEnvelope,
    responses(
        (status = 200, description = "As it is now", body = EnvelopeRecord),
        (status = 404, description = "not-found", body = ErrorBody),
        (status = 409, description = "ended", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn change(
    State(app): State<App>,
    Author(writer): Author,
    OwnEnvelope(id): OwnEnvelope,
    JsonBody(change): JsonBody<ChangeEnvelope>,
) -> Result<Json<EnvelopeRecord>, Problem> {
    Ok(Json(app.envelopes().change(&writer, &id, &change).await?))
}

/// Withdraws an envelope: its bytes are removed. Saying it twice does no harm.
#[utoipa::path(
    delete, path = "/api/v1/envelopes/{id}", tag = "envelopes", security(("session" = []), ("token" = ["envelopes:write"])),
    params(("id" = envelock_wire::EnvelopeId, Path)),
    responses((status = 204, description = "Withdrawn"), (status = "4XX", description = "login-required, not-found", body = ErrorBody))
)]
pub(super) async fn withdraw(
    State(app): State<App>,
    Caller(account): Caller,
    OwnEnvelope(id): OwnEnvelope,
) -> Result<StatusCode, Problem> {
    app.envelopes().withdraw(account, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Withdraws all of the caller's envelopes that can be opened or replied to: their bytes are removed. Needs a proof of who is calling
/// within the last five minutes.
#[utoipa::path(
    delete, path = "/api/v1/envelopes", tag = "envelopes", security(("session" = [])),
    responses(
        (status = 200, description = "Withdrawn", body = Withdrawn),
        (status = 403, description = "confirmation-required, second-factor-required", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn withdraw_all(
    State(app): State<App>,
    ConfirmedUser(user): ConfirmedUser,
) -> Result<Json<Withdrawn>, Problem> {
    Ok(Json(Withdrawn { withdrawn: app.envelopes().withdraw_all(user.id).await? }))
}

/// Lists the replies to an envelope, oldest first.
#[utoipa::path(
    get, path = "/api/v1/envelopes/{id}/replies", tag = "envelopes", security(("session" = []), ("token" = ["envelopes:read"])),
    params(("id" = envelock_wire::EnvelopeId, Path)),
    responses((status = 200, description = "The list", body = ReplyList), (status = "4XX", description = "login-required, not-found", body = ErrorBody))
)]
pub(super) async fn replies(
    State(app): State<App>,
    Caller(account): Caller,
    OwnEnvelope(id): OwnEnvelope,
) -> Result<Json<ReplyList>, Problem> {
    Ok(Json(ReplyList { replies: app.envelopes().replies(account, &id).await? }))
}

/// The ciphertext of one reply.
#[utoipa::path(
    get, path = "/api/v1/envelopes/{id}/replies/{number}", tag = "envelopes", security(("session" = []), ("token" = ["envelopes:read"])),
    params(("id" = envelock_wire::EnvelopeId, Path), ("number" = u32, Path, description = "1 for the first")),
    responses(
        (status = 200, description = "The ciphertext", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = "4XX", description = "login-required, not-found", body = ErrorBody),
    )
)]
pub(super) async fn read_reply(
    State(app): State<App>,
    Caller(account): Caller,
    OwnReply(id, number): OwnReply,
) -> Result<Ciphertext, Problem> {
    Ok(app.envelopes().read_reply(account, &id, number).await?)
}
