//! The rest of a body that nobody read.
//!
//! Whoever is refused early is still sending. A server that answers and hangs up on them (HTTP/1.1), or ends the stream with
//! a reset (HTTP/2), loses its answer in clients that read it only after they have sent everything. So a little of what
//! is still coming is taken and thrown away before the answer goes out.

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::StreamExt;
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::timeout;

/// Octets that are thrown away at most.
const MOST: usize = 4 * 1024 * 1024;

/// Time that is spent on it at most.
const PATIENCE: Duration = Duration::from_secs(2);

/// Takes the rest of the body before the answer goes out.
pub(crate) async fn take_rest_of_body(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    // They wait for a word before they send: reading would be that word.
    let waits = request.headers().contains_key(header::EXPECT);
    let left = Left::default();
    let keep = left.clone();
    let request = request.map(|body| Body::new(Lent { body: Some(body), polled: false, left: keep }));
    let response = next.run(request).await;
    if let Some((body, polled)) = left.take()
        && (polled || !waits)
    {
        // Whether they finish or not, they get their answer.
        let _ = timeout(PATIENCE, throw_away(body)).await;
    }
    response
}

async fn throw_away(body: Body) {
    let mut chunks = body.into_data_stream();
    let mut taken = 0;
    while let Some(Ok(chunk)) = chunks.next().await {
        taken += chunk.len();
        if taken > MOST {
            return;
        }
    }
}

/// A body comes back here, with whether anybody read from it.
#[derive(Clone, Default)]
struct Left(Arc<Mutex<Option<(Body, bool)>>>);

impl Left {
    fn take(&self) -> Option<(Body, bool)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A body that comes back when it is dropped before its end.
struct Lent {
    body: Option<Body>,
    polled: bool,
    left: Left,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.polled = true;
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = Pin::new(body).poll_frame(context);
        if matches!(frame, Poll::Ready(None | Some(Err(_)))) {
            self.body = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, HttpBody::size_hint)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(body) = self.body.take()
            && !body.is_end_stream()
        {
            *self.left.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((body, self.polled));
        }
    }
}
