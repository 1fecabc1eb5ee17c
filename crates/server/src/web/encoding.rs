//! Which precompressed sibling a browser can read (RFC 9110 §12.5.3).

use axum::http::{HeaderMap, header};

/// A content coding with a file extension of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Brotli,
    Gzip,
}

impl Coding {
    pub(super) const fn token(self) -> &'static str {
        match self {
            Coding::Brotli => "br",
            Coding::Gzip => "gzip",
        }
    }

    pub(super) const fn extension(self) -> &'static str {
        match self {
            Coding::Brotli => "br",
            Coding::Gzip => "gz",
        }
    }
}

/// The codings the request accepts, best first.
pub(super) fn accepted(headers: &HeaderMap) -> impl Iterator<Item = Coding> + '_ {
    [Coding::Brotli, Coding::Gzip].into_iter().filter(|coding| {
        headers
            .get_all(header::ACCEPT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|offer| {
                let mut parts = offer.split(';').map(str::trim);
                let named = parts.next().is_some_and(|token| token.eq_ignore_ascii_case(coding.token()));
                let refused = parts.any(|parameter| {
                    parameter
                        .strip_prefix("q=")
                        .is_some_and(|weight| weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0))
                });
                named && !refused
            })
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    fn accepts(value: &str) -> Vec<Coding> {
        let headers = [(header::ACCEPT_ENCODING, value.parse().unwrap())].into_iter().collect();
        accepted(&headers).collect()
    }

    #[test]
    fn prefers_brotli_and_honours_a_refusal() {
        assert_eq!(accepts("gzip, deflate, br, zstd"), [Coding::Brotli, Coding::Gzip]);
        assert_eq!(accepts("br;q=0, gzip;q=0.5"), [Coding::Gzip]);
        assert_eq!(accepts("identity"), []);
    }
}
