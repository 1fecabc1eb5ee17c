//! The routes over the server's state, with the checks and headers every one of them has.

use crate::api;
use crate::app::App;
use crate::connection::watch_answers;
use crate::problem::Problem;
use crate::request::{requested_host, require_host, require_same_origin, require_short_head, take_rest_of_body};
use crate::web::{self, with_security_headers};
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{MatchedPath, OriginalUri, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use envelock_wire::EnvelopeId;
use std::any::Any;
use std::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;

/// All routes, with the checks and headers every one of them has.
pub fn router(app: App) -> Router {
    Router::new()
        .merge(api::router(&app))
        // The decrypt page is the same for every link: whoever looks, a mail scanner for instance, changes nothing.
        .route("/d", get(decrypt_page))
        .route("/d/", get(decrypt_page))
        .route("/d/{*link}", get(decrypt_page))
        .route("/.well-known/mta-sts.txt", get(policy_of_mail))
        // Where the link of an invitation leads; what stands behind `#` in it comes to no server.
        .route("/register", get(application))
        .fallback(file_or_nothing)
        .method_not_allowed_fallback(async || Problem::wrong_method())
        .layer(from_fn(require_same_origin))
        .layer(from_fn(require_host))
        .layer(from_fn(require_short_head))
        .layer(from_fn(take_rest_of_body))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(with_security_headers))
        .layer(from_fn_with_state(app.clone(), log))
        .layer(from_fn(watch_answers))
        .with_state(app)
}

/// It may have been done before that.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    Problem::unsure(&"a handler panicked").into_response()
}

/// With the page goes a hint to ask for the link's head at once: on a slow line, waiting for the script first is a round trip more.
async fn decrypt_page(
    State(app): State<App>,
    link: Result<Path<EnvelopeId>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let Some(root) = app.web_root() else { return web::not_here() };
    let mut response = root.serve("/decrypt.html", &headers).await;
    if let Ok(Path(id)) = link
        && let Ok(hint) = HeaderValue::try_from(format!("</api/v1/d/{id}>; rel=preload; as=fetch; crossorigin"))
    {
        response.headers_mut().insert(header::LINK, hint);
    }
    response
}

async fn application(State(app): State<App>, headers: HeaderMap) -> Response {
    match app.web_root() {
        Some(root) => root.serve("/", &headers).await,
        None => web::not_here(),
    }
}

/// What the server's domains want of whoever sends to them (MTA-STS, RFC 8461 §3.3), each at a host of its own.
async fn policy_of_mail(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Response {
    let settings = app.settings();
    let server = settings.public_name.as_ref().map(|name| name.host().to_string()).unwrap_or_default();
    let is_host = |asked: &str| settings.mail.policy_hosts().iter().any(|host| host.eq_ignore_ascii_case(asked));
    match (settings.mail.policy_for(&server), requested_host(&uri, &headers)) {
        (Some(policy), Some(asked)) if is_host(asked.host()) => {
            ([(header::CONTENT_TYPE, "text/plain")], policy.serialize()).into_response()
        }
        _ => web::not_here(),
    }
}

async fn file_or_nothing(
    State(app): State<App>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let path = uri.path();
    if path == "/api" || path.starts_with("/api/") {
        return api::no_such_route();
    }
    if !matches!(method, Method::GET | Method::HEAD) {
        return Problem::wrong_method().into_response();
    }
    match app.web_root() {
        Some(root) => root.serve(path, &headers).await,
        None => web::not_here(),
    }
}

/// One line per request: the route, never the path, whose ids open something; no address, no header.
async fn log(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("(file)", MatchedPath::as_str);
    let (status, time) = (response.status(), started.elapsed());
    app.metrics().answered(&method, route, status, time);
    tracing::info!(%method, route, status = status.as_u16(), milliseconds = time.as_millis() as u64, "request");
    response
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, missing_docs)]
    use super::*;
    use axum::body::{Body, to_bytes};
    use axum::http::StatusCode;
    use tower::ServiceExt;

    /// Whoever was told that nothing was changed did it once more.
    #[tokio::test]
    async fn a_handler_that_panics_may_have_done_it() {
        let routes = Router::<()>::new().route("/", get(async || -> StatusCode { panic!() }));
        let routes = routes.layer(CatchPanicLayer::custom(panicked));
        let response = routes.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let said = to_bytes(response.into_body(), 1000).await.unwrap();
        assert!(String::from_utf8_lossy(&said).contains("not known whether this was done"));
    }
}
