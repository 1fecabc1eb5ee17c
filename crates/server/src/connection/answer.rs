//! The answers under way on one connection, and since when each has been waiting for its reader.

use super::Allowed;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use tokio::time::Instant;

/// What is under way on one connection; all clones are one.
#[derive(Clone)]
pub(crate) struct Answers {
    allowed: Allowed,
    under_way: Arc<Mutex<UnderWay>>,
}

struct UnderWay {
    quiet_since: Instant,
    requests: u64,
    last: u64,
    /// When each answer that waits for its reader must go on.
    due: HashMap<u64, Instant>,
}

impl Answers {
    pub(super) fn new(allowed: Allowed) -> Self {
        let under_way = UnderWay { quiet_since: Instant::now(), requests: 0, last: 0, due: HashMap::new() };
        Self { allowed, under_way: Arc::new(Mutex::new(under_way)) }
    }

    /// Whether the connection has waited long enough for its client.
    pub(super) fn are_overdue(&self) -> bool {
        let now = Instant::now();
        self.with(|under_way| {
            let idle = under_way.requests == 0 && now.duration_since(under_way.quiet_since) > self.allowed.idle;
            idle || under_way.due.values().any(|due| now > *due)
        })
    }

    fn begin(&self) -> Running {
        let number = self.with(|under_way| {
            under_way.requests += 1;
            under_way.last += 1;
            under_way.last
        });
        Running { answers: self.clone(), number }
    }

    fn with<T>(&self, change: impl FnOnce(&mut UnderWay) -> T) -> T {
        change(&mut self.under_way.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One request, until the last octet of its answer is handed over.
struct Running {
    answers: Answers,
    number: u64,
}

impl Running {
    /// The client's turn: it has this many octets to take.
    fn wait_for_reader(&self, octets: usize) {
        let allowed = &self.answers.allowed;
        let due = Instant::now() + allowed.stall + allowed.time_to_take(octets);
        self.answers.with(|under_way| under_way.due.insert(self.number, due));
    }

    /// Our turn.
    fn work(&self) {
        self.answers.with(|under_way| under_way.due.remove(&self.number));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.answers.with(|under_way| {
            under_way.due.remove(&self.number);
            under_way.requests = under_way.requests.saturating_sub(1);
            under_way.quiet_since = Instant::now();
        });
    }
}

/// Watches every answer of a connection that came through the gate.
pub(crate) async fn watch_answers(request: Request, next: Next) -> Response {
    let Some(running) = request.extensions().get::<Answers>().map(Answers::begin) else {
        return next.run(request).await;
    };
    let response = next.run(request).await;
    running.wait_for_reader(0);
    response.map(|body| Body::new(Watched { body, running }))
}

/// A body that tells whose turn it is.
struct Watched {
    body: Body,
    running: Running,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.running.work();
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame {
            self.running.wait_for_reader(frame.data_ref().map_or(0, Bytes::len));
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
