//! Headers that every answer carries, errors included.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// One policy for pages, worker scripts and everything else: a worker is governed by the policy on its own script.
///
/// Nothing is loaded from elsewhere, no inline script or style, WebAssembly but no `eval`, and scripts can be made from
/// text only by the two named Trusted Types policies.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; frame-src 'self'; \
    manifest-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types lit-html envelock-worker";

/// The policies of the pages in which the webmail shows HTML of strangers, without pictures from elsewhere and, when its reader asks for
/// them, with them. Scripts run in neither: no source of any is allowed, and they are in a sandbox that allows none.
const MAIL_FRAMES: [(&str, HeaderValue); 2] = [
    (
        "/mail-frame.html",
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox",
        ),
    ),
    (
        "/mail-frame-pictures.html",
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; img-src data: blob: https:; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox",
        ),
    ),
];

const ALWAYS: [(HeaderName, HeaderValue); 8] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY)),
    // Two years (RFC 6797).
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000; includeSubDomains")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    // With the one above: pages may share memory between threads. What comes from elsewhere, pictures of mail, comes without cookies.
    (HeaderName::from_static("cross-origin-embedder-policy"), HeaderValue::from_static("credentialless")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), microphone=(), geolocation=()"),
    ),
];

/// Adds them. What did not say how it may be cached may not be.
pub(crate) async fn with_security_headers(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let frame = MAIL_FRAMES.into_iter().find_map(|(frame, policy)| (frame == path).then_some(policy));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    if let Some(policy) = frame {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        headers.insert(header::X_DNS_PREFETCH_CONTROL, HeaderValue::from_static("off"));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
