//! Routes of the certificate to which an account's mail is encrypted.
//!
//! Whoever has found a page that is logged in puts no other in its place, nor takes it away: its owner has to have proved themselves a moment ago.

use crate::app::App;
use crate::mail::{CertificateRefusal, NotSealed};
use crate::problem::Problem;
use crate::request::{ConfirmedSession, CurrentUser, JsonBody};
use crate::storage::StorageError;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use envelock_wire::{ErrorBody, ErrorCode, MailboxCertificate, MailboxCertificateState};

/// To what the caller's mail is encrypted, and whether it still can be.
#[utoipa::path(
    get, path = "/api/v1/account/mailbox-certificate", tag = "account", security(("session" = [])),
    responses(
        (status = 200, description = "The certificate", body = MailboxCertificateState),
        (status = 401, description = "login-required", body = ErrorBody),
        (status = 404, description = "not-found: mail stays as it came", body = ErrorBody),
    )
)]
pub(super) async fn read(
    State(app): State<App>,
    CurrentUser(user): CurrentUser,
) -> Result<Json<MailboxCertificateState>, Problem> {
    Ok(Json(app.mailboxes().certificate(user.id).await?))
}

/// Has mail encrypted to this certificate, once it was validated: what arrives, and what lies there. Nothing decrypts it but its owner's key.
#[utoipa::path(
    put, path = "/api/v1/account/mailbox-certificate", tag = "account", security(("session" = [])),
    request_body = MailboxCertificate,
    responses(
        (status = 204, description = "Mail is encrypted to it"),
        (status = 400, description = "invalid-request: nothing can be encrypted to it; secret-key-given: it is a secret key, of which nothing was kept", body = ErrorBody),
        (status = 401, description = "login-required", body = ErrorBody),
        (status = 403, description = "confirmation-required", body = ErrorBody),
        (status = 404, description = "not-found: this server encrypts no mail", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn write(
    State(app): State<App>,
    caller: ConfirmedSession,
    JsonBody(given): JsonBody<MailboxCertificate>,
) -> Result<StatusCode, Problem> {
    match app.mailboxes().set_certificate(&caller.writer(), &given.certificate).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(CertificateRefusal::NoSealer) => {
            Err(Problem::new(ErrorCode::NotFound, "This server encrypts no mail: envelock-seal is not installed."))
        }
        Err(CertificateRefusal::NotSealed(NotSealed::Unusable)) => Err(Problem::new(
            ErrorCode::InvalidRequest,
            "Nothing can be encrypted to this certificate: it is none, or expired, or revoked, or has no key for it.",
        )),
        Err(CertificateRefusal::NotSealed(NotSealed::SecretKey)) => Err(Problem::new(
            ErrorCode::SecretKeyGiven,
            "This is a secret key, which no server may have: nothing of it was kept. Give the certificate (public key) alone.",
        )),
        Err(CertificateRefusal::NotSealed(NotSealed::Program(error))) => Err(StorageError::from(error).into()),
        Err(CertificateRefusal::Storage(cause)) => Err(cause.into()),
    }
}

/// Leaves what arrives from now on as it came. What was encrypted stays so. Saying it twice does no harm.
#[utoipa::path(
    delete, path = "/api/v1/account/mailbox-certificate", tag = "account", security(("session" = [])),
    responses(
        (status = 204, description = "Mail stays as it comes"),
        (status = 401, description = "login-required", body = ErrorBody),
        (status = 403, description = "confirmation-required", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn remove(State(app): State<App>, caller: ConfirmedSession) -> Result<StatusCode, Problem> {
    app.mailboxes().remove_certificate(&caller.writer()).await?;
    Ok(StatusCode::NO_CONTENT)
}
