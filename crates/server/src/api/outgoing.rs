//! Routes of mail that is sent.

use crate::app::App;
use crate::envelope::Refusal;
use crate::mail_address::mail_address;
use crate::outgoing::{Outgoing, OutgoingRefusal};
use crate::problem::Problem;
use crate::request::{Author, Caller, OctetBody, OwnOutgoing, Recipients};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use envelock_wire::limits::OUTGOING_BYTES;
use envelock_wire::{ErrorBody, ErrorCode, LookUp, OutgoingAccepted, OutgoingList, TransportProtection};
use futures_util::StreamExt;
use std::sync::Arc;

/// Takes a message (RFC 5322) of the caller's, to be sent to these recipients whatever stands in its header; Bcc is taken out. It must have one
/// From, with the account's own address. The server signs it (DKIM), and sends it under TLS to servers that prove who they are, or not at all.
/// Answered when it is on the disk: how far it gets is told by the list.
#[utoipa::path(
    post, path = "/api/v1/outgoing", tag = "outgoing", security(("session" = []), ("token" = ["mail:send"])),
    params(
        ("Envelock-Recipients" = String, Header, description = "Addresses, each percent-encoded, with commas between them; 100 at most"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 202, description = "Taken", body = OutgoingAccepted),
        (status = 400, description = "invalid-request, size-mismatch", body = ErrorBody),
        (status = 404, description = "not-found: this server sends no mail, or none for the domain of the account's address", body = ErrorBody),
        (status = 411, description = "length-required", body = ErrorBody),
        (status = 413, description = "too-large", body = ErrorBody),
        (status = 429, description = "too-many-requests: too many messages a minute, or uploads at a time", body = ErrorBody),
        (status = 507, description = "storage-full: fifty messages are waiting", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn send(
    State(app): State<App>,
    Author(writer): Author,
    Recipients(recipients): Recipients,
    body: OctetBody,
) -> Result<(StatusCode, Json<OutgoingAccepted>), Problem> {
    let outgoing = outgoing(&app)?;
    app.outgoing_limit().take(&writer.account()).await?;
    let _upload = app.uploads().begin(&writer)?;
    let message = whole(body).await?;
    let id = outgoing.take(&writer, &recipients, message).await?;
    Ok((StatusCode::ACCEPTED, Json(OutgoingAccepted { id })))
}

/// The latest hundred messages that the caller sent, newest first, and how far each got to each recipient. Those that are over stay for 30 days.
#[utoipa::path(
    get, path = "/api/v1/outgoing", tag = "outgoing", security(("session" = []), ("token" = ["mail:send"])),
    responses(
        (status = 200, description = "The list", body = OutgoingList),
        (status = 401, description = "login-required", body = ErrorBody),
        (status = 404, description = "not-found: this server sends no mail", body = ErrorBody),
    )
)]
pub(super) async fn list(State(app): State<App>, Caller(account): Caller) -> Result<Json<OutgoingList>, Problem> {
    Ok(Json(outgoing(&app)?.list(account).await?))
}

/// Takes a message back: to whomever it was not sent yet it is not sent.
#[utoipa::path(
    delete, path = "/api/v1/outgoing/{id}", tag = "outgoing", security(("session" = []), ("token" = ["mail:send"])),
    params(("id" = envelock_wire::OutgoingId, Path)),
    responses(
        (status = 204, description = "Not sent to anybody any more"),
        (status = 404, description = "not-found", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn withdraw(
    State(app): State<App>,
    Author(writer): Author,
    OwnOutgoing(id): OwnOutgoing,
) -> Result<StatusCode, Problem> {
    app.outgoing().ok_or_else(Problem::not_found)?.withdraw(&writer, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says how mail to an address would be protected on its way, as far as DNS and the domain's policy tell. Whatever it is, none is sent in clear.
#[utoipa::path(
    get, path = "/api/v1/outgoing/protection", tag = "outgoing", security(("session" = []), ("token" = ["mail:send"])),
    params(("address" = String, Query, description = "The mail address")),
    responses(
        (status = 200, description = "How", body = TransportProtection),
        (status = 400, description = "invalid-request", body = ErrorBody),
        (status = 401, description = "login-required", body = ErrorBody),
        (status = 404, description = "not-found: this server sends no mail", body = ErrorBody),
        (status = 429, description = "too-many-requests", body = ErrorBody),
    )
)]
pub(super) async fn protection(
    State(app): State<App>,
    Caller(account): Caller,
    query: Result<Query<LookUp>, QueryRejection>,
) -> Result<Json<TransportProtection>, Problem> {
    let refused = |why: String| Problem::new(ErrorCode::InvalidRequest, why);
    let outgoing = outgoing(&app)?;
    let Query(LookUp { address }) = query.map_err(|_| refused("Send the mail address as address.".into()))?;
    let address = mail_address(&address).map_err(|cause| refused(format!("Nothing can be sent there: {cause}.")))?;
    app.lookup_limit().take(&account).await?;
    Ok(Json(TransportProtection { transport: outgoing.protection(&address).await }))
}

fn outgoing(app: &App) -> Result<&Arc<Outgoing>, Problem> {
    app.outgoing().ok_or_else(|| Problem::new(ErrorCode::NotFound, "This server sends no mail."))
}

/// A body of at most so much as a message may have.
async fn whole(mut body: OctetBody) -> Result<Vec<u8>, Problem> {
    let announced = body.length;
    if announced > OUTGOING_BYTES {
        return Err(Refusal::TooLarge { allowed: OUTGOING_BYTES }.into());
    }
    let mut message = Vec::new();
    while let Some(chunk) = body.octets.next().await {
        message.extend_from_slice(&chunk.map_err(Refusal::from)?);
        if message.len() as u64 > announced {
            break;
        }
    }
    if message.is_empty() || message.len() as u64 != announced {
        return Err(Refusal::SizeMismatch { announced }.into());
    }
    Ok(message)
}

impl From<OutgoingRefusal> for Problem {
    fn from(refusal: OutgoingRefusal) -> Self {
        match refusal {
            OutgoingRefusal::NotSentFor => {
                Self::new(ErrorCode::NotFound, "This server sends no mail for the domain of your address.")
            }
            OutgoingRefusal::Message(cause) => {
                Self::new(ErrorCode::InvalidRequest, format!("Nothing was sent: {cause}."))
            }
            OutgoingRefusal::TooManyWaiting => Self::new(
                ErrorCode::StorageFull,
                "Fifty of your messages are waiting to be sent. Wait until some have arrived, or take some back.",
            ),
            OutgoingRefusal::NotFound => Self::not_found(),
            OutgoingRefusal::Storage(cause) => Refusal::from(cause).into(),
        }
    }
}
