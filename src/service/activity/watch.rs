//! Watching changes (K-07, K-10): page by page, each told by what the watcher may see at that moment.

use std::sync::Arc;

use tokio::sync::watch::Receiver;

use super::Activities;
use crate::clock::now;
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
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, how.place()).await?;
        let at = start(&scope, how.start).await?;
        let head = scope.head().revision;
        feed.hear(head);
        let until = how.stop_at_head.then_some(head);
        Ok(Watching { store: self.store.clone(), feed, news, how, at, head, until, done: false })
    }
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
    pub async fn next(&mut self, ctx: &Context, rows: i64) -> Result<Option<Batch>> {
        self.news.mark_unchanged();
        // By an index that is at most 2 seconds old.
        let admitted = self.store.index_of(&self.feed, ctx).await?.snapshot;
        self.demand(ctx, &admitted).await?;
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
        self.demand(ctx, &snapshot).await?;
        let principal = ctx.caller.to_string();
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

    /// Whether all is told that was asked for.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// Asks for the right to watch again.
    async fn demand(&self, ctx: &Context, snapshot: &Snapshot) -> Result<()> {
        if let Source::ApiKey { id } = ctx.source
            && !snapshot.is_good(id, now())
        {
            let message = "the key that the stream was opened with has ended; call with another";
            return Err(Error::new(Reason::CredentialsRequired, message));
        }
        let (who, at) = (ctx.caller.to_string(), self.how.place());
        if snapshot.index.holds(&who, Permission::WorkspacesRead, at) {
            return Ok(());
        }
        // Refused as a call would be that began now.
        let scope = self.store.read(ctx).await?;
        access::demand(&scope, ctx, at).await
    }
}

// === impl Batch ===

impl Batch {
    /// The changes that are told, in order, and what of each.
    pub fn changes(&self) -> impl Iterator<Item = (&Dated, &Told)> {
        self.told.iter().map(|(place, told)| (&self.page.changes[*place], told))
    }
}
