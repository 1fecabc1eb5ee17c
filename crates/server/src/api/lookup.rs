//! Finding certificates for those who are logged in.

use crate::app::App;
use crate::lookup::NotFound;
use crate::problem::Problem;
use crate::request::CurrentUser;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use envelock_wire::{ErrorBody, ErrorCode, FoundCertificates, LookUp};

/// Asks where the certificate for a mail address is published: the Web Key Directory of its domain (advanced, then direct
/// method), then the keyservers of this server. What is found is handed on unread; nothing says that it is a certificate for
/// this address.
#[utoipa::path(
    get, path = "/api/v1/lookup", tag = "lookup", security(("session" = [])),
    params(("address" = String, Query, description = "The mail address")),
    responses(
        (status = 200, description = "What was found", body = FoundCertificates),
        (status = 400, description = "invalid-request", body = ErrorBody),
        (status = 401, description = "login-required", body = ErrorBody),
        (status = 404, description = "no-certificate, lookup-off", body = ErrorBody),
        (status = 429, description = "too-many-requests", body = ErrorBody),
        (status = 502, description = "lookup-failed", body = ErrorBody),
        (status = 503, description = "unavailable", body = ErrorBody),
    )
)]
pub(super) async fn lookup(
    State(app): State<App>,
    CurrentUser(user): CurrentUser,
    query: Result<Query<LookUp>, QueryRejection>,
) -> Result<Json<FoundCertificates>, Problem> {
    let Query(LookUp { address }) =
        query.map_err(|_| Problem::new(ErrorCode::InvalidRequest, "Send the mail address as address."))?;
    app.lookup_limit().take(&user.id).await?;
    Ok(Json(app.lookup().find(user.id, &address).await?))
}

impl From<NotFound> for Problem {
    fn from(cause: NotFound) -> Self {
        match cause {
            NotFound::Off => {
                Self::new(ErrorCode::LookupOff, "This server looks no certificates up. Ask for the certificate itself.")
            }
            NotFound::Address(invalid) => {
                Self::new(ErrorCode::InvalidRequest, format!("Nothing can be looked up for this address: {invalid}."))
            }
            NotFound::NotPublished => Self::new(
                ErrorCode::NoCertificate,
                "No certificate is published for this address. Ask for it, or send with a password.",
            ),
            NotFound::Failed => Self::new(
                ErrorCode::LookupFailed,
                "The address's domain did not answer as it should. Try again later, or ask for the certificate itself.",
            ),
            NotFound::Busy => Self::busy("Too many lookups are under way. Try again in a few seconds."),
        }
    }
}
