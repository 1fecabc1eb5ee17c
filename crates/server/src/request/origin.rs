//! Cross-site request forgery: whatever changes something must come from a page of this very origin.
//!
//! Browsers send `Origin` with every such request, and `Sec-Fetch-Site` where they know it; no page can forge either.
//! One of them must be there, and what is there must fit; not of programs with a token (`program`), which no page can send for
//! somebody else, nor where a signature of the request is asked for and no cookie looked at. Together with `SameSite=Strict` and the refused form content
//! types this is three locks on one door.

use super::program::is_of_program;
use crate::problem::Problem;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use envelock_wire::ErrorCode;

/// What is signed as a whole by the program that sends it.
pub(crate) const INBOUND: &str = "/api/v1/inbound";

/// Refuses requests that may change something unless they come from the same origin.
pub(crate) async fn require_same_origin(request: Request, next: Next) -> Response {
    // What no route takes changes nothing, wherever it comes from.
    let known = [Method::GET, Method::HEAD, Method::OPTIONS, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    if !known.contains(request.method()) {
        return Problem::wrong_method().into_response();
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let is_signed = request.uri().path() == INBOUND;
    if reads || is_signed || is_of_program(request.headers()) || is_same_origin(request.uri(), request.headers()) {
        return next.run(request).await;
    }
    Problem::new(
        ErrorCode::CrossOrigin,
        "This can only be done from a page of this server. Programs send a token, or its address as Origin.",
    )
    .into_response()
}

fn is_same_origin(uri: &Uri, headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site");
    let origin = headers.get(header::ORIGIN);
    if headers.get_all(header::ORIGIN).iter().count() > 1 || (site.is_none() && origin.is_none()) {
        return false;
    }
    let site_fits = site.is_none_or(|site| site == "same-origin");
    // HTTP/2 has the host in the target, HTTP/1.1 in a header.
    let host = uri.authority().map(|authority| authority.as_str()).or_else(|| headers.get(header::HOST)?.to_str().ok());
    let origin_fits = origin.is_none_or(|origin| {
        let authority = origin.to_str().ok().and_then(|origin| origin.strip_prefix("https://"));
        matches!((authority, host), (Some(authority), Some(host)) if authority.eq_ignore_ascii_case(host))
    });
    site_fits && origin_fits
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    fn same_origin(headers: &[(&'static str, &str)]) -> bool {
        let map = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        is_same_origin(&Uri::from_static("/api"), &map)
    }

    #[test]
    fn only_our_own_pages_pass() {
        let host = ("host", "localhost:8443");
        assert!(same_origin(&[host, ("origin", "https://localhost:8443")]));
        assert!(same_origin(&[host, ("origin", "https://localhost:8443"), ("sec-fetch-site", "same-origin")]));
        assert!(same_origin(&[host, ("sec-fetch-site", "same-origin")]));
        for bad in [
            &[host][..],
            &[host, ("origin", "null")],
            &[host, ("origin", "https://localhost")],
            &[host, ("origin", "http://localhost:8443")],
            &[host, ("origin", "https://localhost:8443.evil.example")],
            &[host, ("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")],
            &[host, ("origin", "https://localhost:8443"), ("sec-fetch-site", "cross-site")],
            &[host, ("sec-fetch-site", "same-site")],
            &[host, ("sec-fetch-site", "none")],
            &[host, ("referer", "https://localhost:8443/")],
            &[("origin", "https://localhost:8443")],
        ] {
            assert!(!same_origin(bad), "{bad:?}");
        }
    }

    #[test]
    fn http_2_names_the_host_in_the_target() {
        let headers: HeaderMap = [(header::ORIGIN, "https://a.example".parse().unwrap())].into_iter().collect();
        assert!(is_same_origin(&Uri::from_static("https://a.example/api"), &headers));
        assert!(!is_same_origin(&Uri::from_static("https://b.example/api"), &headers));
    }
}
