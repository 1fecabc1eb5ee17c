//! How much of a body is the summary of the message that follows, by a header field.

use crate::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use envelock_wire::limits::SUMMARY_BYTES;
use envelock_wire::{ErrorCode, SUMMARY_HEADER};

/// From 1 to `SUMMARY_BYTES` octets.
pub(crate) struct SummaryLength(pub(crate) usize);

impl<S: Send + Sync> FromRequestParts<S> for SummaryLength {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let field = parts.headers.get(SUMMARY_HEADER).and_then(|field| field.to_str().ok());
        let length = field.and_then(|field| field.parse().ok()).filter(|length| (1..=SUMMARY_BYTES).contains(length));
        length.map(Self).ok_or_else(|| {
            let message = format!(
                "Send the summary before the message, and its length in the header Envelock-Summary: from 1 to {SUMMARY_BYTES} octets."
            );
            Problem::new(ErrorCode::InvalidRequest, message)
        })
    }
}
