//! The host a request is for (RFC 9112 §3.2): exactly one, and a valid one. Two would be read differently by a proxy and by
//! this server.

use crate::problem::Problem;
use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use envelock_wire::ErrorCode;

/// Refuses HTTP/1.1 requests without one valid `Host`. HTTP/2 has it in the target.
pub(crate) async fn require_host(request: Request, next: Next) -> Response {
    if request.version() != Version::HTTP_11 || has_one_host(request.headers()) {
        return next.run(request).await;
    }
    Problem::new(ErrorCode::InvalidRequest, "Send one Host: the name of this server, with its port.").into_response()
}

/// The host a request is for, with its port if it was named. HTTP/2 has it in the target.
pub(crate) fn requested_host(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    uri.authority().cloned().or_else(|| headers.get(header::HOST)?.to_str().ok()?.parse().ok())
}

fn has_one_host(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok()).and_then(|host| host.parse::<Authority>().ok());
    hosts.next().is_none() && host.is_some_and(|host| !host.host().is_empty() && !host.as_str().contains('@'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    fn accepts(hosts: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, host.parse().unwrap());
        }
        has_one_host(&headers)
    }

    #[test]
    fn one_valid_host_and_no_other() {
        for good in ["localhost", "mail.example.org:8443", "127.0.0.1:8443", "[::1]:8443"] {
            assert!(accepts(&[good]), "{good}");
        }
        for bad in [
            &[][..],
            &[""],
            &["a b"],
            &["user@example.org"],
            &["example.org/x"],
            &["a.example", "a.example"],
            &[":8443"],
        ] {
            assert!(!accepts(bad), "{bad:?}");
        }
    }
}
