//! The route of mail that another program hands over: a provider's webhook, or a script behind a mail server elsewhere.

use crate::app::App;
use crate::limits::Peer;
use crate::mail::HandoverRefusal;
use crate::problem::Problem;
use crate::request::{INBOUND, SignedBody};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use envelock_mail::receive::Signed;
use envelock_wire::{ErrorBody, ErrorCode, InboundMail, InboundTaken};
use std::convert::Infallible;

/// Takes a message for accounts of this server from a program that shares a secret with it (`--webhook-secret-file`; without one there
/// is nothing here). The request is signed as Standard Webhooks have it: HMAC-SHA-256 over id, timestamp and body. What is
/// answered with 200 is on the disk, for those whose outcome is `kept`. Any other answer than 400, 401, 404, 413 and 415 asks for the same message
/// again, later, under the same `webhook-id`: whoever has it by then gets it no second time, within five days.
#[utoipa::path(
    post, path = INBOUND, tag = "mailbox",
    params(
        ("webhook-id" = String, Header, description = "Name of the message, the same when it is sent again"),
        ("webhook-timestamp" = i64, Header, description = "When this request was signed, in seconds since 1970; at most five minutes ago"),
        ("webhook-signature" = String, Header, description = "`v1,` and the HMAC-SHA-256 of `id.timestamp.body` in base64; several with spaces between"),
    ),
    request_body = InboundMail<'static>,
    responses(
        (status = 200, description = "What became of it for each recipient", body = InboundTaken),
        (status = 400, description = "invalid-request, size-mismatch", body = ErrorBody),
        (status = 401, description = "wrong-signature", body = ErrorBody),
        (status = 404, description = "not-found: nobody hands mail over here", body = ErrorBody),
        (status = 413, description = "too-large: the message is larger than this server takes", body = ErrorBody),
        (status = 429, description = "too-many-requests", body = ErrorBody),
        (status = 503, description = "unavailable: it could not be stored for everybody; hand it over once more", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn take(
    State(app): State<App>,
    Ok(peer): Result<Peer, Infallible>,
    headers: HeaderMap,
    body: Result<SignedBody, Problem>,
) -> Result<Json<InboundTaken>, Problem> {
    let secrets = app.settings().mail.webhook_secrets.clone().ok_or_else(Problem::not_found)?;
    let field = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let signed = Signed {
        id: field("webhook-id"),
        timestamp: field("webhook-timestamp"),
        signature: field("webhook-signature"),
    };
    let SignedBody { length, octets } = body?;
    let _upload = app.uploads().begin_inbound(peer)?;
    let recipients = app.mailboxes().hand_over(&secrets, signed, length, octets).await?;
    Ok(Json(InboundTaken { recipients }))
}

impl From<HandoverRefusal> for Problem {
    fn from(refusal: HandoverRefusal) -> Self {
        match refusal {
            HandoverRefusal::WrongSignature => Problem::new(
                ErrorCode::WrongSignature,
                "The signature does not fit this request, or its timestamp is more than five minutes off. Sign it with the secret of this server.",
            ),
            HandoverRefusal::Invalid(what) => Problem::new(ErrorCode::InvalidRequest, what),
            HandoverRefusal::Later => Problem::busy(
                "The message could not be stored for all of its recipients. Hand it over once more under the same webhook-id: whoever has it gets it no second time.",
            ),
            HandoverRefusal::NotReceived(refusal) => refusal.into(),
        }
    }
}
