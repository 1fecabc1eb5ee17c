//! How soon the head of a request has to come, and how large it may be. Whoever listens sees to that; HTTP/1.1 reads no more than
//! so much. Of HTTP/2 more is read and refused here, as what its library refuses by itself looks to some clients like a connection
//! that broke, and they send it again.

use axum::extract::Request;
use axum::http::{StatusCode, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Duration;

/// A client must have sent its first request this long after connecting.
pub(crate) const FIRST_REQUEST: Duration = Duration::from_secs(20);

/// Handshake and header of a request may take this long.
pub(crate) const HEADER: Duration = Duration::from_secs(10);

/// Most header fields of a request.
pub(crate) const HEADER_FIELDS: usize = 64;

/// Largest header of a request, in octets.
pub(crate) const HEADER_BYTES: usize = 32 * 1024;

/// What each field counts besides its octets (RFC 9113 §6.5.2).
const FIELD: usize = 32;

/// Refuses what is larger (RFC 6585 §5).
pub(crate) async fn require_short_head(request: Request, next: Next) -> Response {
    if request.version() == Version::HTTP_2 && length(&request) > HEADER_BYTES {
        return StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response();
    }
    next.run(request).await
}

fn length(request: &Request) -> usize {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    request.headers().iter().fold(target, |length, (name, value)| length + name.as_str().len() + value.len() + FIELD)
}
