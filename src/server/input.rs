//! The body of a request, which ends when the time is up or the server stops.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use hyper::body::{Bytes, Frame, SizeHint};
use tokio::time::Sleep;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::Status;
use tonic::body::Body;

use super::shutting_down;
use crate::context::deadline_exceeded;

/// Refuses to wait for a caller who sends slowly, or nothing: a handler that awaits its next message gets
/// DEADLINE or SHUTTING_DOWN from it, at a point where it holds no transaction.
pub(super) struct Input {
    body: Body,
    deadline: Instant,
    /// Made when the body first has to wait, which most never do.
    sleep: Option<Pin<Box<Sleep>>>,
    stop: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
}

// === impl Input ===

impl Input {
    /// Ends `body` at the deadline and, if a token is given, when it is cancelled.
    pub(super) fn new(body: Body, deadline: Instant, stop: Option<CancellationToken>) -> Self {
        let stop = stop.map(|stop| Box::pin(stop.cancelled_owned()));
        Self { body, deadline, sleep: None, stop }
    }
}

impl hyper::body::Body for Input {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            return Poll::Ready(frame);
        }
        if let Some(stop) = &mut self.stop
            && stop.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Some(Err(shutting_down().into())));
        }
        let deadline = self.deadline.into();
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        match sleep.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Some(Err(deadline_exceeded().into()))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
