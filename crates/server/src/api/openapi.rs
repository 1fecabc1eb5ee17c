//! The description of the API (OpenAPI 3.1), made from the handlers themselves.

use crate::request::SCHEME;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use std::sync::LazyLock;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Envelock",
        description = "Stores sealed envelopes: ciphertext the server cannot read. Times are RFC 3339 in UTC, octets in JSON \
                       are base64url without padding. Every refusal is a JSON body with `code` and `message`. Requests that \
                       change something must come from the same origin (`Origin` or `Sec-Fetch-Site`), or carry a token. Programs send \
                       a token as `Authorization: Bearer` (RFC 6750) where an operation names a scope; everywhere else a token is \
                       refused with `insufficient-scope`, and one that is not valid with `invalid-token`."
    ),
    tags(
        (name = "server", description = "What this server is and accepts"),
        (name = "registration", description = "Making an account oneself, where the operator lets people: needs no session"),
        (name = "session", description = "Logging in and out, and where else one is logged in"),
        (name = "account", description = "The account's password, what it opens, second factors, and tokens for programs: needs a session, and for most of it a proof of who holds it within the last five minutes"),
        (name = "envelopes", description = "For senders: needs a session, or a token with the scope"),
        (name = "links", description = "For holders of a link: needs no session"),
        (name = "keyring", description = "For the devices of an account, which meet in one sealed file: needs a session, or a token with the scope"),
        (name = "drafts", description = "What somebody is writing, encrypted by their devices to themselves: needs a session, or a token with the scope"),
        (name = "mailbox", description = "Mail that arrived, and copies of what was sent, encrypted by their owner's devices: needs a session, or a token with the scope"),
        (name = "outgoing", description = "Mail that is sent, where the server sends any: needs a session, or a token with the scope"),
        (name = "lookup", description = "Finding certificates of others: needs a session"),
    ),
    components(schemas(envelock_wire::ErrorBody, envelock_wire::ErrorCode, envelock_wire::MailFolder, envelock_wire::PageLimit)),
    modifiers(&Schemes)
)]
struct Base;

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        // The same cookie, of a session that is logged in, that waits for a second factor, that waits for a first one to be set up.
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("__Host-envelock")));
        let components = document.components.get_or_insert_default();
        for session in ["session", "pending", "enrolment"] {
            components.add_security_scheme(session, cookie.clone());
        }
        let token = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("envelock_ and 48 characters of base64url")
            .description(Some("What an account's owner made for a program, at POST /api/v1/account/tokens"))
            .build();
        components.add_security_scheme(SCHEME, SecurityScheme::Http(token));
    }
}

pub(super) fn base() -> utoipa::openapi::OpenApi {
    Base::openapi()
}

/// The document, as JSON with a newline at its end.
pub fn document() -> Result<String, serde_json::Error> {
    super::described().into_openapi().to_pretty_json().map(|json| json + "\n")
}

pub(super) async fn serve() -> Response {
    static DOCUMENT: LazyLock<Result<String, String>> = LazyLock::new(|| document().map_err(|error| error.to_string()));
    match &*DOCUMENT {
        Ok(json) => ([(header::CONTENT_TYPE, "application/json")], json.as_str()).into_response(),
        Err(error) => crate::problem::Problem::internal(error).into_response(),
    }
}
