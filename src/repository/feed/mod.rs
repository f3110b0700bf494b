//! The change feed, as it is watched: one reader for each tenant and process, however many watch (K-07).
//!
//! Watchers ask for the page after their position. Pages are chained: who starts where another did gets the same ones from
//! memory, so that all who are up to date are served by one statement. Nothing is pushed, so nothing piles up for who is
//! slow. Writers of this process wake watchers at once, those of others by notification; for the rest they ask again.

mod page;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use self::page::load;
use super::index::Current;
use super::store::Store;
use crate::context::Context;
use crate::domain::feed::Cursor;
use crate::error::Result;
use crate::id::TenantId;

pub use self::page::{Dated, Page, Start, start};

/// How long what the database said of the newest revision is good for, unless somebody heard of a newer one.
pub const POLL: Duration = Duration::from_secs(1);
/// How many pages are kept for those who are a little behind.
const PAGES: usize = 4;
/// What reading a page may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The feeds that somebody watches.
#[derive(Clone, Default)]
pub struct Feeds(Arc<Mutex<HashMap<TenantId, Weak<Feed>>>>);

/// The feed of a tenant, for all who watch it here.
pub struct Feed {
    tenant: TenantId,
    /// The newest revision that was heard of.
    news: watch::Sender<i64>,
    /// The last pages, oldest first.
    kept: Mutex<VecDeque<Arc<Page>>>,
    /// One asks the database, the others wait for it.
    asked: tokio::sync::Mutex<Asked>,
}

/// What the database last said.
struct Asked {
    /// The place behind which there was nothing: the revision, and the ordinal in it.
    end: (i64, i32),
    /// When.
    at: Option<Instant>,
}

// === impl Feeds ===

impl Feeds {
    /// The feed of a tenant; it is there as long as somebody holds it.
    fn of(&self, tenant: TenantId) -> Arc<Feed> {
        let mut feeds = self.lock();
        if let Some(feed) = feeds.get(&tenant).and_then(Weak::upgrade) {
            return feed;
        }
        feeds.retain(|_, feed| feed.strong_count() > 0);
        let feed = Arc::new(Feed::new(tenant));
        feeds.insert(tenant, Arc::downgrade(&feed));
        feed
    }

    /// Takes note of a revision that was committed somewhere.
    pub(super) fn tell(&self, tenant: TenantId, revision: i64) {
        let feed = self.lock().get(&tenant).and_then(Weak::upgrade);
        if let Some(feed) = feed {
            feed.hear(revision);
        }
    }

    /// How many watch.
    fn watchers(&self) -> usize {
        self.lock().values().map(Weak::strong_count).sum()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TenantId, Weak<Feed>>> {
        // A map of who watches is as good after a panic as before.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Feed ===

impl Feed {
    fn new(tenant: TenantId) -> Self {
        Self {
            tenant,
            news: watch::Sender::new(0),
            kept: Mutex::default(),
            asked: tokio::sync::Mutex::new(Asked { end: (0, 0), at: None }),
        }
    }

    /// Tells of revisions as they are heard of.
    pub fn news(&self) -> watch::Receiver<i64> {
        self.news.subscribe()
    }

    /// Takes note of a revision that is there.
    pub fn hear(&self, revision: i64) {
        self.news.send_if_modified(|newest| {
            let newer = revision > *newest;
            *newest = revision.max(*newest);
            newer
        });
    }

    /// The page after a position, if it is in memory.
    fn kept(&self, after: Cursor) -> Option<Arc<Page>> {
        self.lock().iter().find(|page| page.after == after).cloned()
    }

    fn keep(&self, page: Arc<Page>) {
        let mut kept = self.lock();
        kept.push_back(page);
        let many = kept.len().saturating_sub(PAGES);
        kept.drain(..many);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<Page>>> {
        // Pages are complete when they are put in.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the database was asked a moment ago, and nobody heard of anything newer since.
    fn is_at_head(&self, asked: &Asked, after: Cursor) -> bool {
        let heard = *self.news.borrow();
        let fresh = asked.at.is_some_and(|at| at.elapsed() < POLL);
        fresh && (after.revision, after.ordinal) >= asked.end && asked.end.0 >= heard
    }
}

// === impl Store ===

impl Store {
    /// The feed of the context's tenant.
    pub fn feed(&self, ctx: &Context) -> Result<Arc<Feed>> {
        Ok(self.feeds.of(ctx.tenant()?))
    }

    /// How many watch a feed here.
    pub fn watchers(&self) -> usize {
        self.feeds.watchers()
    }

    /// The index of the context's tenant, at most 2 seconds old: one who watches asks the database for it, the others wait.
    pub async fn index_of(&self, feed: &Feed, ctx: &Context) -> Result<Current> {
        if let Some(current) = self.index_in_memory(ctx)? {
            return Ok(current);
        }
        let _one = feed.asked.lock().await;
        self.index(ctx).await
    }

    /// The changes after a position, `rows` at most; nothing if there are none.
    pub async fn changes(
        &self,
        feed: &Feed,
        after: Cursor,
        rows: i64,
    ) -> Result<Option<Arc<Page>>> {
        if let Some(page) = feed.kept(after) {
            return Ok(Some(page));
        }
        let mut asked = feed.asked.lock().await;
        if let Some(page) = feed.kept(after) {
            return Ok(Some(page));
        }
        if feed.is_at_head(&asked, after) {
            return Ok(None);
        }
        let at = Instant::now();
        let ctx = Context::internal("feed", PATIENCE).acting_on(feed.tenant);
        let scope = self.read(&ctx).await?;
        let head = scope.head().revision;
        feed.hear(head);
        let page = load(&scope, after, rows).await?.map(Arc::new);
        let end = match &page {
            None => (after.revision, after.ordinal),
            Some(page) if page.whole && page.end.revision >= head => {
                (page.end.revision, page.end.ordinal)
            }
            Some(_) => (head, i32::MAX),
        };
        *asked = Asked { end, at: Some(at) };
        if let Some(page) = &page {
            feed.keep(page.clone());
        }
        Ok(page)
    }
}
