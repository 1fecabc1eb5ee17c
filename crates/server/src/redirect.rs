//! What listens where browsers knock first, on port 80, in clear: it sends everybody to the same path over HTTPS.
//!
//! Whatever a request says of hosts is not read: there is one place to be sent to. Nothing is served, nothing is set,
//! nothing is logged. Not here: connections, which go through the same gate as those over TLS.

use crate::connection::{Gate, watch_answers};
use crate::public_name::PublicName;
use crate::request::{FIRST_REQUEST, HEADER, HEADER_BYTES, HEADER_FIELDS, take_rest_of_body};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use percent_encoding::{CONTROLS, utf8_percent_encode};
use std::io;
use std::net::TcpListener;
use std::sync::Arc;

/// Where to listen in clear, and where to send everybody.
pub struct Redirecting {
    /// Bound already.
    pub listener: TcpListener,
    /// The only host that anybody is sent to.
    pub to: PublicName,
}

/// Redirects to this port of the name's, for ever.
pub(crate) async fn redirect_always(redirecting: Redirecting, port: u16, gate: Gate) -> io::Result<()> {
    let mut server =
        axum_server::from_tcp(redirecting.listener)?.acceptor(gate).first_request_timeout(FIRST_REQUEST).http1_only();
    server
        .http_builder()
        .http1()
        // Nobody has a second request here: the answer says `Connection: close`.
        .keep_alive(false)
        .header_read_timeout(HEADER)
        .max_buf_size(HEADER_BYTES)
        .max_headers(HEADER_FIELDS);
    let origin = redirecting.to.origin(port);
    server.serve(router(&origin).into_make_service()).await
}

fn router(origin: &str) -> Router {
    Router::new()
        .fallback(redirect)
        .layer(from_fn(take_rest_of_body))
        .layer(from_fn(watch_answers))
        .with_state(Arc::from(origin))
}

/// Method and body stay as they are (RFC 9110 §15.4.9). No HSTS: it means nothing in clear (RFC 6797 §7.2).
async fn redirect(State(origin): State<Arc<str>>, uri: Uri) -> Response {
    // `*` and what CONNECT asks for are no paths; an absolute target has one, after a host that does not count.
    let target = uri.path_and_query().map(|target| target.as_str()).filter(|target| target.starts_with('/'));
    let location = format!("{origin}{}", utf8_percent_encode(target.unwrap_or("/"), CONTROLS));
    let Ok(location) = HeaderValue::try_from(location) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let headers = [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::PERMANENT_REDIRECT, headers).into_response()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use axum::body::Body;
    use axum::http::{Method, Request};
    use tower::ServiceExt;

    async fn location(method: Method, target: &str) -> String {
        let request = Request::builder().method(method).uri(target).header("host", "evil.example").body(Body::empty());
        let response = router("https://mail.example.org").oneshot(request.unwrap()).await.unwrap();
        assert_eq!(response.status(), 308);
        response.headers()["location"].to_str().unwrap().to_owned()
    }

    #[tokio::test]
    async fn the_host_is_ours_whatever_is_asked_for() {
        for (target, sent_to) in [
            ("/", "/"),
            ("/d/AAECAwQFBgcICQoLDA0ODw", "/d/AAECAwQFBgcICQoLDA0ODw"),
            ("/a?b=c&d=%0d%0aSet-Cookie:%20a=b", "/a?b=c&d=%0d%0aSet-Cookie:%20a=b"),
            ("//evil.example/", "//evil.example/"),
            ("/@evil.example", "/@evil.example"),
            ("http://evil.example/x?y", "/x?y"),
            ("http://evil.example", "/"),
            ("https://a:b@evil.example:1/x", "/x"),
            ("/é", "/%C3%A9"),
            ("*", "/"),
        ] {
            assert_eq!(location(Method::GET, target).await, format!("https://mail.example.org{sent_to}"), "{target}");
        }
        assert_eq!(location(Method::CONNECT, "evil.example:443").await, "https://mail.example.org/");
    }
}
