//! Watching changes (K-07, K-10): page by page, each told by what the watcher may see at that moment.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::watch::Receiver;

use super::Activities;
use crate::clock::now;
use crate::config::BULK_DEADLINE;
use crate::context::{Context, Source};
use crate::domain::feed::{Cursor, Told, Watcher, tell};
use crate::error::{Error, Reason, Result};
use crate::id::WorkspaceId;
use crate::repository::Store;
use crate::repository::feed::{Dated, Feed, Page, Start, start};
use crate::repository::index::Snapshot;
use crate::service::access::{self, At, Permission};

/// What a caller watches.
#[derive(Clone, Debug)]
pub struct Watch {
    /// From where.
    pub start: Start,
    /// Only what this workspace sees.
    pub view: Option<WorkspaceId>,
    /// Only these kinds, or all of these nouns; none: all.
    pub kinds: Vec<String>,
    /// Only what was there when the call began.
    pub stop_at_head: bool,
}

/// Somebody who watches.
pub struct Watching {
    store: Store,
    feed: Arc<Feed>,
    news: Receiver<i64>,
    ctx: Context,
    how: Watch,
    /// Everything up to here has been told.
    at: Cursor,
    /// The newest revision that is known.
    head: i64,
    /// Where to stop.
    until: Option<i64>,
    /// All is told that was asked for.
    done: bool,
}

/// What a watcher is told of a page.
pub struct Batch {
    page: Arc<Page>,
    /// The places of the changes that are told, with what of them.
    told: Vec<(usize, Told)>,
}

// === impl Activities ===

impl Activities {
    /// Begins to watch.
    pub async fn watch(&self, ctx: &Context, how: Watch) -> Result<Watching> {
        let feed = self.store.feed(ctx)?;
        // From here on nothing that is heard is missed.
        let news = feed.news();
        let scope = self.store.read(&step(ctx)).await?;
        access::demand(&scope, ctx, how.place()).await?;
        let at = start(&scope, how.start).await?;
        let head = scope.head().revision;
        feed.hear(head);
        let until = how.stop_at_head.then_some(head);
        let (store, ctx) = (self.store.clone(), ctx.reading());
        Ok(Watching { store, feed, news, ctx, how, at, head, until, done: false })
    }
}

/// The context of one step: within the caller's deadline, but never longer than one bulk call.
fn step(ctx: &Context) -> Context {
    Context { deadline: ctx.deadline.min(Instant::now() + BULK_DEADLINE), ..ctx.clone() }
}

// === impl Watch ===

impl Watch {
    fn place(&self) -> At {
        self.view.map_or(At::Anywhere, At::Workspace)
    }
}

// === impl Watching ===

impl Watching {
    /// What is told of the next page; nothing if there is none, or all is told that was asked for. Refuses who may watch no
    /// longer.
    pub async fn next(&mut self, rows: i64) -> Result<Option<Batch>> {
        self.news.mark_unchanged();
        let admitted = self.admit().await?;
        if self.done {
            return Ok(None);
        }
        let Some(page) = self.store.changes(&self.feed, self.at, rows).await? else {
            self.done = self.until.is_some();
            return Ok(None);
        };
        // A page from memory may be older than what is known of rights, and a new one younger.
        let snapshot = match admitted.revision > page.snapshot.revision {
            true => admitted,
            false => page.snapshot.clone(),
        };
        self.demand(&snapshot).await?;
        let principal = self.ctx.caller.to_string();
        let view = self.how.view;
        let watcher = Watcher { index: &snapshot.index, principal: &principal, view };
        let tell = |(place, dated): (usize, &Dated)| {
            Some((place, tell(&dated.change, &watcher, &self.how.kinds)?))
        };
        let told = page.changes.iter().enumerate().filter_map(tell).collect();
        self.at = page.end;
        let (last, whole) = (page.end.revision, page.whole);
        self.done = self.until.is_some_and(|until| last > until || (last == until && whole));
        self.head = self.head.max(page.head);
        Ok(Some(Batch { page, told }))
    }

    /// Waits until something new is heard of.
    pub async fn news(&mut self) {
        // The feed is held here, so that there is always somebody who could tell.
        let _ = self.news.changed().await;
    }

    /// Where to resume: everything up to there has been told.
    pub fn cursor(&self) -> Cursor {
        self.at
    }

    /// The newest revision that is known.
    pub fn head(&self) -> i64 {
        self.head.max(*self.news.borrow())
    }

    /// Until when the caller waits.
    pub fn deadline(&self) -> Instant {
        self.ctx.deadline
    }

    /// Whether all is told that was asked for.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// Asks for the right to watch again, by an index that is at most 2 seconds old.
    async fn admit(&self) -> Result<Arc<Snapshot>> {
        let current = self.store.index_of(&self.feed, &step(&self.ctx)).await?;
        self.demand(&current.snapshot).await?;
        Ok(current.snapshot)
    }

    async fn demand(&self, snapshot: &Snapshot) -> Result<()> {
        if let Source::ApiKey { id } = self.ctx.source
            && !snapshot.is_good(id, now())
        {
            let message = "the key that the stream was opened with has ended; call with another";
            return Err(Error::new(Reason::CredentialsRequired, message));
        }
        let (who, at) = (self.ctx.caller.to_string(), self.how.place());
        if snapshot.index.holds(&who, Permission::WorkspacesRead, at) {
            return Ok(());
        }
        // Refused as a call would be that began now.
        let scope = self.store.read(&step(&self.ctx)).await?;
        access::demand(&scope, &self.ctx, at).await
    }
}

// === impl Batch ===

impl Batch {
    /// The changes that are told, in order, and what of each.
    pub fn changes(&self) -> impl Iterator<Item = (&Dated, &Told)> {
        self.told.iter().map(|(place, told)| (&self.page.changes[*place], told))
    }
}
