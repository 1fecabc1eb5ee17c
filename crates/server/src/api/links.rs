//! Routes of link holders: no session, but a token for everything beyond the head.

use crate::app::App;
use crate::limits::Peer;
use crate::problem::Problem;
use crate::request::{JsonBody, LinkId, OctetBody};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use envelock_wire::{
    ConfirmOpening, ErrorBody, ErrorCode, Head, LEASE_HEADER, OpenEnvelope, OpeningConfirmed, ReplyAccepted,
    TOKEN_HEADER, Token,
};
use std::convert::Infallible;

/// What is known before the password. Looking changes nothing.
#[utoipa::path(
    get, path = "/api/v1/d/{id}", tag = "links", params(("id" = envelock_wire::EnvelopeId, Path)),
    responses(
        (status = 200, description = "The head", body = Head),
        (status = 404, description = "gone: unknown, expired, withdrawn, used up or not there yet", body = ErrorBody),
    )
)]
pub(super) async fn head(State(app): State<App>, LinkId(id): LinkId) -> Result<Json<Head>, Problem> {
    Ok(Json(app.envelopes().head(&id).await?))
}

/// Hands out the ciphertext for the right token and leases one opening for ten minutes.
#[utoipa::path(
    post, path = "/api/v1/d/{id}/open", tag = "links", params(("id" = envelock_wire::EnvelopeId, Path)), request_body = OpenEnvelope,
    responses(
        (status = 200, description = "The ciphertext", body = Vec<u8>, content_type = "application/octet-stream",
            headers(("Envelock-Lease" = String, description = "To be confirmed"))),
        (status = 403, description = "wrong-token, with triesLeft", body = ErrorBody),
        (status = 404, description = "gone", body = ErrorBody),
        (status = 409, description = "in-use: all openings left are leased", body = ErrorBody),
        (status = 423, description = "locked", body = ErrorBody),
        (status = 429, description = "too-many-requests", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn open(
    State(app): State<App>,
    Ok(peer): Result<Peer, Infallible>,
    LinkId(id): LinkId,
    JsonBody(request): JsonBody<OpenEnvelope>,
) -> Result<Response, Problem> {
    app.open_limit().take(&peer).await?;
    let opening = app.envelopes().open(&id, &request).await?;
    Ok(([(LEASE_HEADER, opening.lease.to_string())], opening.ciphertext).into_response())
}

/// Says that the ciphertext arrived and opened. At the last opening the server removes it.
#[utoipa::path(
    post, path = "/api/v1/d/{id}/confirm", tag = "links", params(("id" = envelock_wire::EnvelopeId, Path)), request_body = ConfirmOpening,
    responses(
        (status = 200, description = "It counts", body = OpeningConfirmed),
        (status = 403, description = "wrong-token, with triesLeft", body = ErrorBody),
        (status = 404, description = "gone", body = ErrorBody),
        (status = 409, description = "lease-expired: the opening was given back", body = ErrorBody),
        (status = 423, description = "locked", body = ErrorBody),
        (status = 429, description = "too-many-requests", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn confirm(
    State(app): State<App>,
    Ok(peer): Result<Peer, Infallible>,
    LinkId(id): LinkId,
    JsonBody(request): JsonBody<ConfirmOpening>,
) -> Result<Json<OpeningConfirmed>, Problem> {
    app.open_limit().take(&peer).await?;
    Ok(Json(app.envelopes().confirm(&id, &request).await?))
}

/// Stores a reply, itself ciphertext. Works until the end of the envelope, also after its last opening.
#[utoipa::path(
    post, path = "/api/v1/d/{id}/replies", tag = "links",
    params(("id" = envelock_wire::EnvelopeId, Path), ("Envelock-Token" = Token, Header)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "Stored", body = ReplyAccepted),
        (status = 403, description = "wrong-token, with triesLeft", body = ErrorBody),
        (status = 404, description = "gone", body = ErrorBody),
        (status = 409, description = "reply-limit", body = ErrorBody),
        (status = 411, description = "length-required", body = ErrorBody),
        (status = 413, description = "too-large", body = ErrorBody),
        (status = 423, description = "locked", body = ErrorBody),
        (status = 429, description = "too-many-requests: too many attempts a minute, or uploads at a time", body = ErrorBody),
        (status = 507, description = "storage-full: the sender's share is used up", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn reply(
    State(app): State<App>,
    Ok(peer): Result<Peer, Infallible>,
    LinkId(id): LinkId,
    headers: HeaderMap,
    body: OctetBody,
) -> Result<(StatusCode, Json<ReplyAccepted>), Problem> {
    app.open_limit().take(&peer).await?;
    let token: Token = headers
        .get(TOKEN_HEADER)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse().ok())
        .ok_or_else(|| {
            Problem::new(ErrorCode::InvalidRequest, "Send the token as Envelock-Token: 43 characters of base64url.")
        })?;
    let _upload = app.uploads().begin_reply(&id, peer)?;
    Ok((StatusCode::CREATED, Json(app.envelopes().reply(&id, &token, body.length, body.octets).await?)))
}
