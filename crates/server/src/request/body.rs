//! Bodies: JSON of at most 64 KiB, or ciphertext as a stream. Both must say what they are and keep coming.

use crate::app::App;
use crate::ciphertext::{Interrupted, Octets};
use crate::envelope::Refusal;
use crate::problem::Problem;
use axum::body::{Body, BodyDataStream};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use envelock_wire::ErrorCode;
use envelock_wire::limits::JSON_BYTES;
use futures_util::{StreamExt, stream};
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use zeroize::Zeroizing;

/// A JSON body may take this long as a whole.
const JSON_TIME: Duration = Duration::from_secs(10);

/// Slowest acceptable upload: a bad mobile line, in octets per second.
const SLOWEST: u64 = 16 * 1024;

/// Longer bodies are not waited for any longer: a gibibyte.
const LONGEST: u64 = 1024 * 1024 * 1024;

/// A JSON body of `application/json`.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        require_type(request.headers(), "application/json")?;
        let length = announced(request.headers())?;
        let json = read_json(request.into_body(), length).await?;
        // Derived deserializers also take an array as the fields in order; no route does.
        if json.iter().find(|octet| !octet.is_ascii_whitespace()) != Some(&b'{') {
            return Err(Problem::new(ErrorCode::InvalidRequest, "The request must be a JSON object."));
        }
        serde_json::from_slice(&json).map(JsonBody).map_err(|error| {
            Problem::new(ErrorCode::InvalidRequest, format!("The request is not what this route expects: {error}."))
        })
    }
}

/// A whole JSON body. It may hold a password or a token, so its room is taken at once: a buffer that grew would leave
/// copies of its beginning behind.
async fn read_json(body: Body, length: Option<u64>) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let too_large = || {
        Problem::new(
            ErrorCode::TooLarge,
            format!("The JSON body is too large. At most {JSON_BYTES} octets are accepted."),
        )
    };
    let room = length.map_or(Ok(JSON_BYTES), usize::try_from).map_err(|_| too_large())?;
    if room > JSON_BYTES {
        return Err(too_large());
    }
    let deadline = Instant::now() + JSON_TIME;
    let mut chunks = body.into_data_stream();
    let mut json = Zeroizing::new(Vec::with_capacity(room));
    while let Some(chunk) = next(&mut chunks, deadline).await {
        let chunk = chunk.map_err(Refusal::from)?;
        if json.len() + chunk.len() > room {
            return Err(length.map_or_else(too_large, |announced| Refusal::SizeMismatch { announced }.into()));
        }
        json.extend_from_slice(&chunk);
    }
    Ok(json)
}

/// A body of `application/octet-stream`.
pub(crate) struct OctetBody {
    /// What `Content-Length` said.
    pub(crate) length: u64,
    /// The body.
    pub(crate) octets: Octets,
}

impl FromRequest<App> for OctetBody {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (length, octets) = streamed(request, app, "application/octet-stream")?;
        Ok(Self { length, octets })
    }
}

/// A body of `application/json` that is signed as a whole, and too large to be held before it is.
pub(crate) struct SignedBody {
    /// What `Content-Length` said.
    pub(crate) length: u64,
    /// The body.
    pub(crate) octets: Octets,
}

impl FromRequest<App> for SignedBody {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (length, octets) = streamed(request, app, "application/json")?;
        Ok(Self { length, octets })
    }
}

fn streamed(request: Request, app: &App, media_type: &'static str) -> Result<(u64, Octets), Problem> {
    require_type(request.headers(), media_type)?;
    // What is not announced could neither be refused before it comes nor be waited for as long as its size asks.
    let length = announced(request.headers())?
        .ok_or_else(|| Problem::new(ErrorCode::LengthRequired, "Send the length of the body as Content-Length."))?;
    Ok((length, stream_body(request.into_body(), app.settings().stall, length)))
}

/// Chunks, each within `stall` of the last and all of them at `SLOWEST` or faster. After a fault there is no more.
fn stream_body(body: Body, stall: Duration, length: u64) -> Octets {
    // Routes refuse what is longer than they take before they read; the bound keeps absurd lengths from being times.
    let end = Instant::now() + Duration::from_secs(60 + length.min(LONGEST) / SLOWEST);
    let chunks = body.into_data_stream();
    Box::pin(stream::unfold(Some(chunks), move |chunks| async move {
        let mut chunks = chunks?;
        let deadline = end.min(Instant::now() + stall);
        match next(&mut chunks, deadline).await? {
            Ok(chunk) => Some((Ok(chunk), Some(chunks))),
            Err(interrupted) => Some((Err(interrupted), None)),
        }
    }))
}

async fn next(chunks: &mut BodyDataStream, deadline: Instant) -> Option<Result<bytes::Bytes, Interrupted>> {
    match timeout_at(deadline, chunks.next()).await {
        Err(_) => Some(Err(Interrupted::TooSlow)),
        Ok(None) => None,
        Ok(Some(Ok(chunk))) => Some(Ok(chunk)),
        Ok(Some(Err(_))) => Some(Err(Interrupted::Broken)),
    }
}

fn require_type(headers: &HeaderMap, expected: &'static str) -> Result<(), Problem> {
    let essence = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim();
    let coding = headers.get(header::CONTENT_ENCODING);
    if coding.is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Problem::new(ErrorCode::UnsupportedMediaType, "Send the body as it is, without Content-Encoding."));
    }
    if essence.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::UnsupportedMediaType, format!("Send this as Content-Type: {expected}.")))
}

fn announced(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get(header::CONTENT_LENGTH) else { return Ok(None) };
    let length = value.to_str().ok().and_then(|value| value.parse().ok());
    length
        .map(Some)
        .ok_or_else(|| Problem::new(ErrorCode::InvalidRequest, "Content-Length must be a number of octets."))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    fn body(chunks: usize) -> Body {
        Body::from_stream(stream::iter(
            (0..chunks).map(|_| Ok::<_, std::io::Error>(bytes::Bytes::from_static(b"12345678"))),
        ))
    }

    #[tokio::test]
    async fn the_buffer_of_a_secret_never_grows() {
        // A buffer that grew by doubling would have another capacity.
        let known = read_json(body(125), Some(1000)).await.unwrap();
        assert_eq!((known.len(), known.capacity()), (1000, 1000));
        let unknown = read_json(body(125), None).await.unwrap();
        assert_eq!((unknown.len(), unknown.capacity()), (1000, JSON_BYTES));
        assert!(read_json(body(126), Some(1000)).await.is_err(), "more than announced");
        assert!(read_json(body(JSON_BYTES / 8 + 1), None).await.is_err());
    }
}
