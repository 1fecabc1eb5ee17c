//! Ciphertext as an answer.

use crate::ciphertext::Ciphertext;
use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use tokio_util::io::ReaderStream;

/// Pieces in which it is sent.
const CHUNK: usize = 64 * 1024;

impl IntoResponse for Ciphertext {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
            (header::CONTENT_LENGTH, self.size.to_string()),
            // Never shown, should somebody open the address itself.
            (header::CONTENT_DISPOSITION, "attachment".to_owned()),
        ];
        (headers, Body::from_stream(ReaderStream::with_capacity(self.file, CHUNK))).into_response()
    }
}
