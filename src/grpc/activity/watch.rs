//! The stream of changes. It holds no more than a few messages for who is slow, and whatever ends it says where to resume.

use std::time::{Duration, Instant};

use prost::Message;
use tokio::sync::mpsc;
use tokio::time::{sleep, sleep_until, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Response, Status};
use tracing::Instrument;

use super::change::encode;
use crate::config::{FEED_KINDS_MAX, FEED_MESSAGE_BYTES, WatchConfig};
use crate::context::Context;
use crate::domain::feed::{Cursor, is_known};
use crate::error::{Error, Reason, Result};
use crate::grpc::REVISION;
use crate::grpc::decode::Fields;
use crate::grpc::person::stream::{Replies, WINDOW, shutting_down, step};
use crate::pb;
use crate::service::activity::{Batch, POLL, Start, Watch, Watching};

type Reply = Result<pb::WatchChangesResponse, Status>;

/// Reads what a caller wants to watch.
pub(super) fn parse(request: pb::WatchChangesRequest) -> Result<Watch> {
    let mut fields = Fields::default();
    let view = fields.optional_id("workspace_id", &request.workspace_id);
    let start = match (request.since_revision, request.cursor.as_str()) {
        (Some(_), cursor) if !cursor.is_empty() => {
            fields.violate("since_revision", "must not be set beside cursor");
            Start::Now
        }
        (Some(..0), _) => {
            fields.violate("since_revision", "must not be negative");
            Start::Now
        }
        (Some(revision), _) => Start::After(revision),
        (None, "") => Start::Now,
        (None, text) => Start::At(fields.take("cursor", text.parse())),
    };
    if request.kinds.len() > FEED_KINDS_MAX {
        fields.violate("kinds", format!("must have at most {FEED_KINDS_MAX} items"));
    }
    for (at, kind) in request.kinds.iter().enumerate().filter(|(_, kind)| !is_known(kind)) {
        let text =
            format!("{kind:?} is no kind of change, nor a noun of one; docs/changes.md lists them");
        fields.violate(format!("kinds[{at}]"), text);
    }
    fields.check()?;
    Ok(Watch { start, view, kinds: request.kinds, stop_at_head: request.stop_at_head })
}

/// Streams to a watcher, in a task of its own.
pub(super) fn stream(
    ctx: Context,
    watching: Watching,
    config: WatchConfig,
    shutdown: CancellationToken,
) -> Response<Replies<pb::WatchChangesResponse>> {
    let (replies, stream) = mpsc::channel(WINDOW + 1);
    // Room for the status, so that a stream can be ended however slow its watcher is.
    let last = replies.clone().try_reserve_owned();
    let mut response = Response::new(ReceiverStream::new(stream));
    response.metadata_mut().insert(REVISION, watching.head().into());
    let cursor = watching.cursor();
    let streaming = Streaming {
        ctx,
        watching,
        config,
        replies,
        shutdown,
        sent: Sent { cursor, at: Instant::now() },
    };
    let work = tokio::spawn(streaming.run().in_current_span());
    let end = async move {
        let status = match work.await {
            Ok(None) => return,
            Ok(Some(status)) => status,
            Err(panic) => Error::internal(panic).into(),
        };
        if let Ok(last) = last {
            last.send(Err(status));
        }
    };
    tokio::spawn(end.in_current_span());
    response
}

/// A stream to a watcher.
struct Streaming {
    ctx: Context,
    watching: Watching,
    config: WatchConfig,
    replies: mpsc::Sender<Reply>,
    shutdown: CancellationToken,
    sent: Sent,
}

/// The last message that was sent.
struct Sent {
    /// Where to resume after it.
    cursor: Cursor,
    at: Instant,
}

// === impl Streaming ===

impl Streaming {
    /// Streams to the end; what it ended with, if not well or because the watcher left.
    async fn run(mut self) -> Option<Status> {
        match self.all().await {
            Ok(()) => None,
            Err(error) => Some(error.with("cursor", self.sent.cursor).into()),
        }
    }

    async fn all(&mut self) -> Result<()> {
        // At once, so that the watcher knows a place to resume from.
        self.send(Vec::new(), self.watching.cursor()).await?;
        while !self.replies.is_closed() {
            if self.shutdown.is_cancelled() {
                return Err(shutting_down());
            }
            let batch = self.watching.next(&step(&self.ctx), self.config.page).await?;
            if let Some(batch) = &batch {
                self.batch(batch).await?;
            } else if self.watching.is_done() {
                // What was left out last moved the place on.
                return match self.sent.cursor == self.watching.cursor() {
                    true => Ok(()),
                    false => self.beat(Duration::ZERO).await,
                };
            }
            self.beat(self.config.heartbeat).await?;
            if batch.is_none() {
                self.wait().await;
            }
        }
        Ok(())
    }

    /// Gives a sign of life, with the place, if the last message is so old.
    async fn beat(&mut self, age: Duration) -> Result<()> {
        if self.sent.at.elapsed() < age {
            return Ok(());
        }
        self.send(Vec::new(), self.watching.cursor()).await
    }

    /// Waits until there may be something to do: changes, a sign of life, or the end.
    async fn wait(&mut self) {
        let beat = self.sent.at + self.config.heartbeat;
        tokio::select! {
            () = self.watching.news() => {}
            () = sleep(POLL) => {}
            () = sleep_until(beat.into()) => {}
            () = sleep_until(self.ctx.deadline.into()) => {}
            () = self.shutdown.cancelled() => {}
            () = self.replies.closed() => {}
        }
    }

    /// Sends what is told of a page, in messages that are not too large.
    async fn batch(&mut self, batch: &Batch) -> Result<()> {
        let (mut changes, mut bytes) = (Vec::new(), 0);
        for (dated, told) in batch.changes() {
            let change = encode(dated, told);
            bytes += change.encoded_len();
            changes.push(change);
            if bytes >= FEED_MESSAGE_BYTES {
                self.send(std::mem::take(&mut changes), dated.position).await?;
                bytes = 0;
            }
        }
        if changes.is_empty() {
            return Ok(());
        }
        self.send(changes, self.watching.cursor()).await
    }

    /// Sends a message, or refuses a watcher who does not take it.
    async fn send(&mut self, changes: Vec<pb::Change>, cursor: Cursor) -> Result<()> {
        let head_revision = self.watching.head();
        let message =
            pb::WatchChangesResponse { changes, cursor: cursor.to_string(), head_revision };
        let taken = timeout(self.config.patience, self.replies.send(Ok(message)));
        tokio::select! {
            taken = taken => match taken {
                // Who left is nobody to tell.
                Ok(_) => self.sent = Sent { cursor, at: Instant::now() },
                Err(_) => return Err(slow()),
            },
            () = self.shutdown.cancelled() => return Err(shutting_down()),
        }
        Ok(())
    }
}

/// SLOW_CONSUMER.
fn slow() -> Error {
    let message =
        "messages are taken too slowly; take them as they come, and resume from the cursor";
    Error::new(Reason::SlowConsumer, message)
}
