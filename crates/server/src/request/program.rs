//! Programs, which say who they are in `Authorization: Bearer` (RFC 6750 §2.1). The cookie of a request that has `Authorization` is not
//! looked at (`session::SessionToken::from_headers`): there is one answer to who is calling.
//!
//! A route takes tokens if its description names a scope, and a token that has this scope. Whatever names none refuses every
//! token, whether it knows its caller or not; so does a route that is added without a thought of tokens.
//!
//! Not here: tokens themselves (`app_token`).

use crate::app::App;
use crate::app_token::Program;
use crate::limits::Peer;
use crate::problem::Problem;
use axum::extract::{MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use envelock_wire::{AppToken, Pending, Scope};
use serde_json::Value;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

/// What the description of the API calls tokens.
pub(crate) const SCHEME: &str = "token";

/// The scope that each operation asks of tokens: what the API's own description says, so that no list beside it can be forgotten.
#[derive(Clone)]
pub(crate) struct RouteScopes(Arc<HashMap<(String, String), Scope>>);

impl RouteScopes {
    /// As this document says.
    pub(crate) fn of(document: &utoipa::openapi::OpenApi) -> Self {
        // What could not be read names no scope, and no token is taken.
        let document = serde_json::to_value(document).unwrap_or_default();
        let mut scopes = HashMap::new();
        for (path, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                if let Some(scope) = scope_of(operation) {
                    scopes.insert((method.to_uppercase(), path.clone()), scope);
                }
            }
        }
        Self(Arc::new(scopes))
    }

    fn of_route(&self, method: &Method, path: &str) -> Option<Scope> {
        // Whatever answers GET answers HEAD.
        let method = if method == Method::HEAD { Method::GET } else { method.clone() };
        self.0.get(&(method.as_str().to_owned(), path.to_owned())).copied()
    }
}

/// The one scope that an operation names.
fn scope_of(operation: &Value) -> Option<Scope> {
    let requirements = operation.get("security")?.as_array()?;
    let mut named = requirements.iter().filter_map(|one| one.get(SCHEME)?.as_array()).flatten();
    let scope = named.next()?.as_str()?.parse().ok()?;
    named.next().is_none().then_some(scope)
}

/// Lets a request with a token through to the routes that take it, and refuses all others that say who they are in `Authorization`.
pub(crate) async fn admit_program(
    State((app, scopes)): State<(App, RouteScopes)>,
    Ok(peer): Result<Peer, Infallible>,
    request: Request,
    next: Next,
) -> Response {
    if !request.headers().contains_key(header::AUTHORIZATION) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    match program(&app, &scopes, peer, &parts).await {
        Ok(program) => {
            parts.extensions.insert(program);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(refusal) => refusal.into_response(),
    }
}

async fn program(app: &App, scopes: &RouteScopes, peer: Peer, parts: &Parts) -> Result<Program, Problem> {
    let token = bearer(&parts.headers).and_then(|credentials| credentials.parse::<AppToken>().ok());
    let program = match token {
        Some(token) => app.app_tokens().who(&token).await?,
        None => None,
    };
    let Some(program) = program else {
        app.wrong_token_limit().take(&peer).await?;
        return Err(Problem::invalid_token());
    };
    let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    match scopes.of_route(&parts.method, path) {
        Some(_) if program.needs_factor => Err(Problem::second_factor_required(Pending::Enrolment)),
        Some(scope) if program.may(scope) => {
            if !parts.method.is_safe() {
                app.write_limits().take(&program.writer().key()).await?;
                app.write_limits().take_of_account(program.account).await?;
            }
            Ok(program)
        }
        wanted => Err(Problem::insufficient_scope(wanted)),
    }
}

/// What stands behind `Bearer` (RFC 6750 §2.1), if that is the one thing that is said.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut said = headers.get_all(header::AUTHORIZATION).iter();
    let (scheme, credentials) = said.next()?.to_str().ok()?.split_once(' ')?;
    // RFC 9110 §11.1: in capitals or not.
    (said.next().is_none() && scheme.eq_ignore_ascii_case("bearer")).then(|| credentials.trim())
}

/// Whether a program wrote this request: a browser never adds such a header by itself, and pages of other origins are not allowed to.
pub(super) fn is_of_program(headers: &HeaderMap) -> bool {
    bearer(headers).is_some()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use serde_json::json;

    fn said(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, value.parse().unwrap());
        }
        bearer(&headers).map(str::to_owned)
    }

    #[test]
    fn one_bearer_is_read_and_nothing_else() {
        for good in ["Bearer abc", "bearer abc", "BEARER  abc "] {
            assert_eq!(said(&[good]).as_deref(), Some("abc"), "{good}");
        }
        for bad in [&[][..], &["Bearer"], &["Basic YTpi"], &["abc"], &["Bearerabc"], &["Bearer a", "Bearer a"]] {
            assert_eq!(said(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn an_operation_that_names_no_scope_or_two_takes_no_token() {
        let of = |security: Value| scope_of(&json!({ "security": security }));
        assert_eq!(of(json!([{"session": []}, {"token": ["envelopes:read"]}])), Some(Scope::EnvelopesRead));
        for none in [
            json!(null),
            json!([]),
            json!([{"session": []}]),
            json!([{"token": []}]),
            json!([{"token": ["everything"]}]),
            json!([{"session": ["envelopes:read"]}]),
            json!([{"token": ["envelopes:read", "envelopes:write"]}]),
            json!([{"token": ["envelopes:read"]}, {"token": ["envelopes:write"]}]),
        ] {
            assert_eq!(of(none.clone()), None, "{none}");
        }
        assert_eq!(scope_of(&json!({})), None);
    }
}
