//! A socket that fails when its client is too slow.

use super::answer::Answers;
use super::{Allowed, Place};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

/// How often patience is looked at, at most.
const TICK: Duration = Duration::from_secs(5);

/// The socket of one connection; its place in the gate is free when it is dropped.
pub(crate) struct GuardedStream {
    stream: TcpStream,
    answers: Answers,
    allowed: Allowed,
    tick: Interval,
    /// Since when a write has been waiting.
    blocked: Option<Instant>,
    /// Time that writes have waited and that what was taken since has not paid back.
    waited: Duration,
    overdue: bool,
    _place: Place,
}

impl GuardedStream {
    pub(super) fn new(stream: TcpStream, place: Place, answers: Answers, allowed: Allowed) -> Self {
        let mut tick = interval((allowed.stall / 4).clamp(Duration::from_millis(20), TICK));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { stream, answers, allowed, tick, blocked: None, waited: Duration::ZERO, overdue: false, _place: place }
    }

    /// Fails when patience is at an end; else wakes the task to look again.
    fn check(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        while self.tick.poll_tick(context).is_ready() {
            let blocked = self.blocked.map_or(Duration::ZERO, |since| since.elapsed());
            self.overdue = self.overdue || self.waited + blocked > self.allowed.stall || self.answers.are_overdue();
        }
        if self.overdue { Err(io::Error::new(io::ErrorKind::TimedOut, "the client is too slow")) } else { Ok(()) }
    }

    /// Keeps account of a write.
    fn count(&mut self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Pending => {
                self.blocked.get_or_insert_with(Instant::now);
            }
            Poll::Ready(Ok(octets)) => {
                self.waited += self.blocked.take().map_or(Duration::ZERO, |since| since.elapsed());
                self.waited = self.waited.saturating_sub(self.allowed.time_to_take(*octets));
            }
            Poll::Ready(Err(_)) => {}
        }
        written
    }
}

impl AsyncRead for GuardedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for GuardedStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        self.check(context)?;
        let written = Pin::new(&mut self.stream).poll_write(context, octets);
        self.count(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.count(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
