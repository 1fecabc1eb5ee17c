//! Making an account oneself. Whoever has made one logs in as everybody does.

use crate::app::App;
use crate::limits::Peer;
use crate::problem::Problem;
use crate::registration::RegistrationRefusal;
use crate::request::JsonBody;
use crate::session::LoginRefusal;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use envelock_wire::{
    ErrorBody, ErrorCode, FinishRegistration, Invitation, RegistrationStarted, ShowInvitation, StartRegistration,
};
use std::convert::Infallible;

/// Says what an invitation is good for.
#[utoipa::path(
    post, path = "/api/v1/registration/invitation", tag = "registration", request_body = ShowInvitation,
    responses(
        (status = 200, description = "The invitation", body = Invitation),
        (status = 403, description = "registration-closed, invitation-ended", body = ErrorBody),
        (status = 429, description = "too-many-requests", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn invitation(
    State(app): State<App>,
    Ok(peer): Result<Peer, Infallible>,
    JsonBody(show): JsonBody<ShowInvitation>,
) -> Result<Json<Invitation>, Problem> {
    app.login_limits().take_end(peer).await?;
    Ok(Json(app.registrations().invitation(&show.invitation).await?))
}

/// Begins to register (OPAQUE, RFC 9807). The answer is the same whether there is such an account or not.
#[utoipa::path(
    post, path = "/api/v1/registration/start", tag = "registration", request_body = StartRegistration,
    responses(
        (status = 200, description = "What the client makes the record with", body = RegistrationStarted),
        (status = 400, description = "invalid-request, address-not-allowed", body = ErrorBody),
        (status = 403, description = "registration-closed, invitation-ended", body = ErrorBody),
        (status = 429, description = "too-many-requests", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn start(
    State(app): State<App>,
    Ok(peer): Result<Peer, Infallible>,
    JsonBody(start): JsonBody<StartRegistration>,
) -> Result<Json<RegistrationStarted>, Problem> {
    // The answer is good for one guess at the password of an account of that name, so it counts as a login does.
    app.login_limits().take(peer, &start.address).await?;
    Ok(Json(app.registrations().start(&start).await?))
}

/// Makes the account, and uses the invitation up. Nobody is logged in by it.
#[utoipa::path(
    post, path = "/api/v1/registration", tag = "registration", request_body = FinishRegistration,
    responses(
        (status = 201, description = "The account is made"),
        (status = 400, description = "invalid-request, address-not-allowed", body = ErrorBody),
        (status = 403, description = "registration-closed, invitation-ended", body = ErrorBody),
        (status = 409, description = "address-taken: nothing was changed, the invitation is still good", body = ErrorBody),
        (status = 429, description = "too-many-requests", body = ErrorBody),
        (status = 503, description = "unavailable: the server's secret of passwords was made anew meanwhile, begin again", body = ErrorBody),
        (status = "4XX", description = "The request was refused", body = ErrorBody),
    )
)]
pub(super) async fn finish(
    State(app): State<App>,
    Ok(peer): Result<Peer, Infallible>,
    JsonBody(finish): JsonBody<FinishRegistration>,
) -> Result<StatusCode, Problem> {
    app.registration_limit().take(&peer).await?;
    app.registrations().finish(&finish).await?;
    Ok(StatusCode::CREATED)
}

impl From<RegistrationRefusal> for Problem {
    fn from(refusal: RegistrationRefusal) -> Self {
        match refusal {
            RegistrationRefusal::Closed => {
                Self::new(ErrorCode::RegistrationClosed, "Accounts are made by whoever runs this server. Ask them.")
            }
            RegistrationRefusal::NoInvitation => Self::new(
                ErrorCode::InvitationEnded,
                "This invitation has been used, or is over. Log in if you have used it, or ask for another one.",
            ),
            RegistrationRefusal::Address => Self::new(
                ErrorCode::AddressNotAllowed,
                "This is not an address to register with here. Take one of this server's domains, or the one that was invited.",
            ),
            RegistrationRefusal::Name => Self::new(ErrorCode::InvalidRequest, "A name is one line of text."),
            RegistrationRefusal::Taken => Self::new(
                ErrorCode::AddressTaken,
                "There is an account with this address. Log in with it, or take another address.",
            ),
            RegistrationRefusal::SecretReplaced => LoginRefusal::SecretReplaced.into(),
            RegistrationRefusal::Malformed(cause) => LoginRefusal::Malformed(cause).into(),
            RegistrationRefusal::Storage(cause) => cause.into(),
        }
    }
}
