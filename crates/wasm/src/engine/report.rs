//! Between two pieces of work.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use envelock_seipd::{Error, Progress};

/// Says how far the work is, and lets whoever drives the job decide whether others have a turn before it goes on.
pub fn report(progress: &mut dyn Progress, done: usize, total: usize) -> Report {
    let stopped = progress.report(done as u64, total as u64).is_break();
    Report { stopped, rested: stopped || done >= total }
}

/// Waits once. A type of its own, so that its code is not repeated wherever it is waited for.
pub struct Report {
    stopped: bool,
    rested: bool,
}

impl Future for Report {
    type Output = Result<(), Error>;

    #[inline(never)]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.rested {
            return Poll::Ready(if self.stopped { Err(Error::Cancelled) } else { Ok(()) });
        }
        self.rested = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
