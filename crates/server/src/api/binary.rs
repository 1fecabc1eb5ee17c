//! Ciphertext as an answer.

use crate::ciphertext::Ciphertext;
use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};

impl IntoResponse for Ciphertext {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
            (header::CONTENT_LENGTH, self.size.to_string()),
            // Never shown, should somebody open the address itself.
            (header::CONTENT_DISPOSITION, "attachment".to_owned()),
        ];
        (headers, Body::from_stream(self.octets)).into_response()
    }
}
