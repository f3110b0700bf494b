//! Runs each handler that has to wait for something in a task of its own. A caller who resets, disconnects or
//! runs out of time drops only what waits for that task; dropped in the middle of a transaction, the handler
//! itself would leave its connection to the next caller with the transaction still open.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;
use std::time::Instant;

use http::Response;
use tokio_util::task::TaskTracker;
use tonic::body::Body;
use tracing::Instrument;

use crate::context::deadline_exceeded;
use crate::error::{Error, Result};

/// Runs a handler and waits for the head of its reply until the deadline; a panic is INTERNAL, for this call
/// only. The tracker knows of the task until it is done, however long somebody waited for it. A handler that
/// waits for nothing, since it answers from memory, is done before a task would have begun.
pub(super) async fn run<F>(
    tasks: &TaskTracker,
    deadline: Instant,
    handler: F,
) -> Result<Response<Body>>
where
    F: Future<Output = Response<Body>> + Send + 'static,
{
    if Instant::now() >= deadline {
        return Err(deadline_exceeded());
    }
    // Who calls again and again in one task lets others have their turn.
    tokio::task::coop::consume_budget().await;
    let mut handler = Box::pin(handler);
    if let Poll::Ready(done) = begin(handler.as_mut()).await {
        return done;
    }
    let task = tasks.spawn(handler.in_current_span());
    match tokio::time::timeout_at(deadline.into(), task).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(panic)) => Err(Error::internal(panic)),
        Err(_) => Err(deadline_exceeded()),
    }
}

/// Polls a handler once. Nobody can leave in the middle of that.
async fn begin<F>(mut handler: Pin<&mut F>) -> Poll<Result<Response<Body>>>
where
    F: Future<Output = Response<Body>>,
{
    poll_fn(|cx| {
        // After a panic it is dropped, and never looked at again.
        let polled = catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(cx)));
        Poll::Ready(match polled {
            Ok(polled) => polled.map(Ok),
            Err(_) => Poll::Ready(Err(Error::internal("a handler panicked"))),
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::sync::Notify;

    use super::*;
    use crate::error::Reason;

    fn far() -> Instant {
        Instant::now() + Duration::from_secs(3_600)
    }

    #[tokio::test]
    async fn h_06_a_panic_is_internal_for_its_own_call() {
        let tasks = TaskTracker::new();
        let refused = run(&tasks, far(), async { panic!("a bug, with a secret") }).await;
        let status = tonic::Status::from(refused.map(drop).unwrap_err());
        assert_eq!(status.code(), tonic::Code::Internal);
        assert!(!status.message().contains("secret"), "{status}");
        let later = async {
            tokio::task::yield_now().await;
            panic!("a bug after a while, with a secret")
        };
        let refused = run(&tasks, far(), later).await;
        let status = tonic::Status::from(refused.map(drop).unwrap_err());
        assert_eq!(status.code(), tonic::Code::Internal);
        assert!(!status.message().contains("secret"), "{status}");
        run(&tasks, far(), async { Response::default() }).await.unwrap();
    }

    #[tokio::test]
    async fn a_handler_that_waits_for_nothing_takes_no_task() {
        let handler = async {
            assert_eq!(tokio::task::try_id(), None, "a test is no task");
            Response::default()
        };
        run(&TaskTracker::new(), far(), handler).await.unwrap();
    }

    #[tokio::test]
    async fn h_10_a_handler_that_takes_too_long_is_not_waited_for() {
        let soon = Instant::now() + Duration::from_millis(1);
        let refused = run(&TaskTracker::new(), soon, pending()).await;
        assert_eq!(refused.map(drop).unwrap_err().reason(), Some(Reason::Deadline));
    }

    #[tokio::test]
    async fn a_caller_who_leaves_does_not_cut_the_handler() {
        let (tasks, go) = (TaskTracker::new(), Arc::new(Notify::new()));
        let (done, mut finished) = tokio::sync::mpsc::channel(1);
        let handler = {
            let go = go.clone();
            async move {
                go.notified().await;
                let _ = done.send(()).await;
                Response::default()
            }
        };
        let mut call = Box::pin(run(&tasks, far(), handler));
        assert!(futures_util::poll!(call.as_mut()).is_pending());
        drop(call);
        go.notify_one();
        assert_eq!(finished.recv().await, Some(()));
    }
}
