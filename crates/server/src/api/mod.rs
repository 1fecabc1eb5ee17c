//! The HTTP API under `/api/v1`: each handler converts in, makes one call, converts out.

mod app_tokens;
mod binary;
mod drafts;
mod envelopes;
mod factors;
mod inbound;
mod keyring;
mod keystore_backup;
mod links;
mod lookup;
mod mailbox;
mod mailbox_certificate;
mod openapi;
mod outgoing;
mod password;
mod registration;
mod second_factor;
mod server_info;
mod sessions;

pub use openapi::document;

use crate::app::App;
use crate::problem::Problem;
use crate::request::{RouteScopes, admit_program};
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use envelock_wire::ErrorCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

fn described() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::base())
        .routes(routes!(server_info::server_info))
        .routes(routes!(registration::invitation))
        .routes(routes!(registration::start))
        .routes(routes!(registration::finish))
        .routes(routes!(sessions::start))
        .routes(routes!(sessions::login, sessions::who, sessions::logout))
        .routes(routes!(second_factor::totp))
        .routes(routes!(second_factor::recovery_code))
        .routes(routes!(second_factor::start_passkey))
        .routes(routes!(second_factor::passkey))
        .routes(routes!(second_factor::confirm))
        .routes(routes!(second_factor::confirm_with_passkey))
        .routes(routes!(sessions::list, sessions::end_others))
        .routes(routes!(sessions::end))
        .routes(routes!(sessions::history))
        .routes(routes!(password::start))
        .routes(routes!(password::change))
        .routes(routes!(factors::list))
        .routes(routes!(factors::start_totp))
        .routes(routes!(factors::put_totp, factors::remove_totp))
        .routes(routes!(factors::start_passkey))
        .routes(routes!(factors::add_passkey))
        .routes(routes!(factors::remove_passkey))
        .routes(routes!(factors::renew_recovery_codes))
        .routes(routes!(app_tokens::list, app_tokens::create, app_tokens::revoke_all))
        .routes(routes!(app_tokens::revoke))
        .routes(routes!(envelopes::create, envelopes::list, envelopes::withdraw_all))
        .routes(routes!(envelopes::record, envelopes::change, envelopes::withdraw))
        .routes(routes!(envelopes::seal))
        .routes(routes!(envelopes::replies))
        .routes(routes!(envelopes::read_reply))
        .routes(routes!(links::head))
        .routes(routes!(links::open))
        .routes(routes!(links::confirm))
        .routes(routes!(links::reply))
        .routes(routes!(keyring::read, keyring::write, keyring::remove))
        .routes(routes!(keystore_backup::read, keystore_backup::write, keystore_backup::remove))
        .routes(routes!(keystore_backup::version))
        .routes(routes!(drafts::list))
        .routes(routes!(drafts::read, drafts::write, drafts::remove))
        .routes(routes!(mailbox::list))
        .routes(routes!(mailbox::read, mailbox::remove))
        .routes(routes!(mailbox::see))
        .routes(routes!(mailbox::keep_sent))
        .routes(routes!(inbound::take))
        .routes(routes!(mailbox_certificate::read, mailbox_certificate::write, mailbox_certificate::remove))
        .routes(routes!(outgoing::send, outgoing::list))
        .routes(routes!(outgoing::withdraw))
        .routes(routes!(outgoing::protection))
        .routes(routes!(lookup::lookup))
}

/// All routes of the API. Tokens of programs reach those that name a scope.
pub(crate) fn router(app: &App) -> Router<App> {
    let (routes, document) = described().split_for_parts();
    let scopes = RouteScopes::of(&document);
    routes
        .route("/api/v1/openapi.json", get(openapi::serve))
        .layer(from_fn_with_state((app.clone(), scopes), admit_program))
}

/// The answer to a path under `/api` that is no route.
pub(crate) fn no_such_route() -> Response {
    Problem::new(ErrorCode::NotFound, "There is no such route. The routes are listed at /api/v1/openapi.json.")
        .into_response()
}
