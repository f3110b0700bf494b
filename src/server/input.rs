//! The body of a request, which ends when the time is up or the server stops.

use std::future::Future;
use std::mem;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Limited};

use hyper::body::{Bytes, Frame, SizeHint};
use tokio::runtime::Handle;
use tokio::time::{Sleep, timeout};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::Status;
use tonic::body::Body;

use super::shutting_down;
use crate::context::deadline_exceeded;

/// How much of a message that nobody reads is thrown away; a longer one is cut.
const LEFTOVER_BYTES: usize = 64 * 1024;
/// How long that may take.
const LEFTOVER_TIME: Duration = Duration::from_secs(5);

/// Refuses to wait for a caller who sends slowly, or nothing: a handler that awaits its next message gets
/// DEADLINE or SHUTTING_DOWN from it, at a point where it holds no transaction.
///
/// What nobody read when it is dropped, since the call was refused, is read and thrown away, as far as it is
/// short: a stream that is cut while its message is under way counts as the peer's misdeed, and a proxy would lose
/// the connection that it shares between callers.
pub(super) struct Input {
    body: Body,
    ended: bool,
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
        Self { body, ended: false, deadline, sleep: None, stop }
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
            self.ended = !matches!(frame, Some(Ok(_)));
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

impl Drop for Input {
    fn drop(&mut self) {
        if self.ended || hyper::body::Body::is_end_stream(&self.body) {
            return;
        }
        // Outside the runtime nothing is under way any more.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(timeout(LEFTOVER_TIME, throw_away(mem::take(&mut self.body))));
        }
    }
}

async fn throw_away(body: Body) {
    let mut rest = pin!(Limited::new(body, LEFTOVER_BYTES));
    while let Some(Ok(_)) = rest.frame().await {}
}
