//! Routes of mail that arrived, and of copies of what was sent.

use crate::app::App;
use crate::ciphertext::Ciphertext;
use crate::mail::{SentMail, SentRefusal};
use crate::problem::Problem;
use crate::request::{Author, Caller, OctetBody, OwnMail, SummaryLength};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use envelock_wire::{ErrorBody, ErrorCode, ListMail, MailList};

/// Lists the caller's mail, the latest first, a page at a time: what arrived, with how far each message can be relied on, or copies of what
/// was sent.
#[utoipa::path(
    get, path = "/api/v1/mailbox", tag = "mailbox", security(("session" = []), ("token" = ["mail:read"])),
    params(
        ("folder" = Option<envelock_wire::MailFolder>, Query, description = "What arrived if absent"),
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
        Problem::new(
            ErrorCode::InvalidRequest,
            "Send folder as inbox or sent, before as a message's id, and limit as a number from 1 to 500.",
        )
    })?;
    Ok(Json(app.mailboxes().list(account, &page).await?))
}

/// One message as it arrived (RFC 5322), under the fields that this server writes on top: `Return-Path`, `Authentication-Results` once
/// it was validated, `Received`. Fields that claimed to be the second of these were taken out. What
/// is sealed is an OpenPGP message.
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

/// Keeps a copy of what the caller sent, under an id that whoever stores it chooses at random: a summary for the list, and the message, both of
/// them OpenPGP messages that are encrypted to the caller's key. Answered when it is on the disk. If there is a message of this id, nothing is
/// changed.
#[utoipa::path(
    put, path = "/api/v1/mailbox/sent/{id}", tag = "mailbox", security(("session" = [])),
    params(
        ("id" = envelock_wire::MailId, Path),
        ("Envelock-Summary" = u32, Header, description = "How many octets of the body are the summary, which comes first: from 1 to 8192"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "Kept"),
        (status = 204, description = "There is a message of this id"),
        (status = 400, description = "size-mismatch, invalid-request: not encrypted, say", body = ErrorBody),
        (status = 411, description = "length-required", body = ErrorBody),
        (status = 413, description = "too-large", body = ErrorBody),
        (status = 429, description = "too-many-requests: too many changes a minute, or uploads at a time", body = ErrorBody),
        (status = 507, description = "storage-full: the caller's mail takes all the room that it may", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn keep_sent(
    State(app): State<App>,
    Author(writer): Author,
    OwnMail(id): OwnMail,
    SummaryLength(summary_length): SummaryLength,
    body: OctetBody,
) -> Result<StatusCode, Problem> {
    let _upload = app.uploads().begin(&writer)?;
    let sent = SentMail { length: body.length, summary_length, octets: body.octets };
    let is_new = app.mailboxes().keep_sent(&writer, &id, sent).await?;
    Ok(if is_new { StatusCode::CREATED } else { StatusCode::NO_CONTENT })
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

impl From<SentRefusal> for Problem {
    fn from(refusal: SentRefusal) -> Self {
        match refusal {
            SentRefusal::Clear => Self::new(
                ErrorCode::InvalidRequest,
                "Nothing was stored: the summary, or the message, is not encrypted to a key (RFC 9580 §5.1).",
            ),
            SentRefusal::Full => Self::new(
                ErrorCode::StorageFull,
                "Your mail takes all the room that this server gives it. Delete some first.",
            ),
            SentRefusal::Refused(refusal) => refusal.into(),
        }
    }
}
