//! Routes of mail that arrived.

use crate::app::App;
use crate::ciphertext::Ciphertext;
use crate::problem::Problem;
use crate::request::{Author, Caller, OwnMail};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use envelock_wire::{ErrorBody, ErrorCode, ListMail, MailList};

/// Lists the caller's mail, what arrived last first, a page at a time, with how far each message can be relied on.
#[utoipa::path(
    get, path = "/api/v1/mailbox", tag = "mailbox", security(("session" = []), ("token" = ["mail:read"])),
    params(
        ("before" = Option<envelock_wire::MailId>, Query, description = "`next` of the page before"),
        ("limit" = Option<envelock_wire::PageLimit>, Query, description = "Most messages of a page; 100 if absent"),
    ),
    responses(
        (status = 200, description = "The page", body = MailList),
        (status = 400, description = "invalid-request", body = ErrorBody),
        (status = 401, description = "login-required", body = ErrorBody),
        (status = 404, description = "not-found: the message this page shall follow was deleted", body = ErrorBody),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    Caller(account): Caller,
    page: Result<Query<ListMail>, QueryRejection>,
) -> Result<Json<MailList>, Problem> {
    let Query(page) = page.map_err(|_| {
        Problem::new(ErrorCode::InvalidRequest, "Send before as a message's id and limit as a number from 1 to 500.")
    })?;
    Ok(Json(app.mailboxes().list(account, &page).await?))
}

/// One message as it arrived (RFC 5322), under the fields that this server writes on top: `Return-Path`, `Authentication-Results` once
/// it was validated, `Received`. Fields that claimed to be the second of these were taken out.
#[utoipa::path(
    get, path = "/api/v1/mailbox/{id}", tag = "mailbox", security(("session" = []), ("token" = ["mail:read"])),
    params(("id" = envelock_wire::MailId, Path)),
    responses(
        (status = 200, description = "The message", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 401, description = "login-required", body = ErrorBody),
        (status = 404, description = "not-found", body = ErrorBody),
    )
)]
pub(super) async fn read(
    State(app): State<App>,
    Caller(account): Caller,
    OwnMail(id): OwnMail,
) -> Result<Ciphertext, Problem> {
    Ok(app.mailboxes().read(account, &id).await?)
}

/// Notes that the caller has seen a message.
#[utoipa::path(
    put, path = "/api/v1/mailbox/{id}/seen", tag = "mailbox", security(("session" = [])),
    params(("id" = envelock_wire::MailId, Path)),
    responses(
        (status = 204, description = "Noted"),
        (status = 404, description = "not-found", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn see(
    State(app): State<App>,
    Author(writer): Author,
    OwnMail(id): OwnMail,
) -> Result<StatusCode, Problem> {
    app.mailboxes().see(&writer, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a message.
#[utoipa::path(
    delete, path = "/api/v1/mailbox/{id}", tag = "mailbox", security(("session" = [])),
    params(("id" = envelock_wire::MailId, Path)),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "not-found", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn remove(
    State(app): State<App>,
    Author(writer): Author,
    OwnMail(id): OwnMail,
) -> Result<StatusCode, Problem> {
    app.mailboxes().remove(&writer, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
