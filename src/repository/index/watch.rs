//! Hearing of what other replicas changed: of access, by notification, and by asking, since a notification may be
//! lost; of anything (K-07), by notification, for those who watch the feed, who ask for themselves.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use sea_orm::FromQueryResult;
use sqlx::postgres::PgListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::id::TenantId;
use crate::repository::connection::text;
use crate::repository::sql::Arg;
use crate::repository::store::{Access, Pools, Store};

/// What the notifications of changes of access are called; each names the tenant.
const ACCESS: &str = "precinct_access";
/// What those of all changes are called; each names the tenant and its newest revision.
const CHANGE: &str = "precinct_change";
/// How long to gather notifications before sending them: one statement for all.
const GATHER: Duration = Duration::from_millis(20);
/// How often to ask.
const EVERY: Duration = Duration::from_millis(500);
/// Which tenants to ask about: those whose index somebody used in this time. The others are asked about when
/// somebody uses them again.
const USED: Duration = Duration::from_secs(10);
/// How long to wait before listening anew.
const AGAIN: Duration = Duration::from_secs(1);
/// What following one change may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was committed here, on its way to the other replicas.
#[derive(Clone)]
pub(in crate::repository) struct Outbox(Option<UnboundedSender<News>>);

/// Something that was committed.
#[derive(Clone, Copy, Debug)]
pub(in crate::repository) enum News {
    /// Who may do what in a tenant was changed.
    Access(TenantId),
    /// A tenant has a new revision.
    Change(TenantId, i64),
}

/// What was told, gathered.
#[derive(Default)]
struct Gathered {
    access: BTreeSet<TenantId>,
    changes: BTreeMap<TenantId, i64>,
}

#[derive(FromQueryResult)]
struct Seen {
    tenant_id: TenantId,
    revision: i64,
    access_revision: i64,
}

// === impl Outbox ===

impl Outbox {
    /// One that tells nobody, until somebody watches.
    pub(in crate::repository) fn closed() -> Self {
        Self(None)
    }

    /// Tells the other replicas, soon.
    pub(in crate::repository) fn tell(&self, news: News) {
        if let Some(sender) = &self.0 {
            // Nobody receives once the server stops; the others ask within the second.
            let _ = sender.send(news);
        }
    }
}

// === impl Gathered ===

impl Gathered {
    fn add(&mut self, news: News) {
        match news {
            News::Access(tenant) => drop(self.access.insert(tenant)),
            News::Change(tenant, revision) => {
                let newest = self.changes.entry(tenant).or_default();
                *newest = revision.max(*newest);
            }
        }
    }

    /// The notifications: what each is called, and what it says.
    fn notifications(&self) -> (Vec<&'static str>, Vec<String>) {
        let access = self.access.iter().map(|tenant| (ACCESS, tenant.to_string()));
        let change = |(tenant, revision)| (CHANGE, format!("{tenant} {revision}"));
        access.chain(self.changes.iter().map(change)).unzip()
    }
}

// === impl Store ===

impl Store {
    /// The same store, whose changes other replicas hear of; and what has to run for that.
    pub fn watched(mut self) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (sender, outbox) = unbounded_channel();
        // The watcher holds no sender: it ends when nobody is left who could tell something.
        let quiet = self.clone();
        self.outbox = Outbox(Some(sender));
        let work = async move {
            tokio::select! {
                () = quiet.send(outbox) => {}
                () = quiet.listen() => {}
                () = quiet.ask() => {}
            }
        };
        (self, work)
    }

    /// Sends what was told, gathered.
    async fn send(&self, mut outbox: UnboundedReceiver<News>) {
        while let Some(first) = outbox.recv().await {
            sleep(GATHER).await;
            let mut gathered = Gathered::default();
            gathered.add(first);
            while let Ok(more) = outbox.try_recv() {
                gathered.add(more);
            }
            let Pools::Postgres(pool) = self.pools() else { continue };
            let (channels, texts) = gathered.notifications();
            let sql = "SELECT pg_notify(t.channel, t.text) FROM unnest($1::text[], $2::text[]) AS t(channel, text)";
            let sent = sqlx::query(sql).bind(channels).bind(texts).execute(pool).await;
            if let Err(error) = sent {
                tracing::warn!(%error, "other replicas were not told of changes");
            }
        }
    }

    /// Follows the changes that others tell of.
    async fn listen(&self) {
        let Pools::Postgres(pool) = self.pools() else { return std::future::pending().await };
        loop {
            let heard = async {
                let mut listener = PgListener::connect_with(pool).await?;
                listener.listen_all([ACCESS, CHANGE]).await?;
                loop {
                    let told = listener.recv().await?;
                    self.hear(told.channel(), told.payload()).await;
                }
            };
            let ended: Result<(), sqlx::Error> = heard.await;
            if let Err(error) = ended {
                tracing::debug!(%error, "listening anew for changes");
            }
            sleep(AGAIN).await;
        }
    }

    /// Follows what a notification says.
    async fn hear(&self, channel: &str, text: &str) {
        let (tenant, revision) = text.split_once(' ').unwrap_or((text, ""));
        let Ok(tenant) = tenant.parse::<TenantId>() else { return };
        if channel == CHANGE {
            self.feeds.tell(tenant, revision.parse().unwrap_or_default());
        } else if self.memory.indexes.keeps(tenant) {
            self.memory.indexes.doubt(tenant);
            self.follow(tenant).await;
        }
    }

    /// Asks again and again.
    async fn ask(&self) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.ask_once().await {
                tracing::debug!(%error, "the access revisions could not be asked for");
            }
        }
    }

    /// Asks for the revisions of the tenants in use, and follows those that moved.
    pub(super) async fn ask_once(&self) -> Result<()> {
        let tenants = self.memory.indexes.used_within(USED);
        if tenants.is_empty() {
            return Ok(());
        }
        let asked = Instant::now();
        let mut found: HashMap<TenantId, Seen> =
            self.heads(&tenants).await?.into_iter().map(|seen| (seen.tenant_id, seen)).collect();
        for tenant in tenants {
            let Some(seen) = found.remove(&tenant) else { continue };
            if !self.memory.indexes.confirm(tenant, seen.access_revision, seen.revision, asked) {
                self.follow(tenant).await;
            }
        }
        Ok(())
    }

    /// The heads are the one table of tenants that is read over all of them.
    async fn heads(&self, tenants: &[TenantId]) -> Result<Vec<Seen>> {
        let context = context(None);
        let mut connection = self.begin(&context, Access::Read, "").await?;
        connection.simple("SELECT 1".into()).await?;
        let sql = match self.pools() {
            Pools::Postgres(_) => {
                "SELECT tenant_id, revision, access_revision FROM tenant_head \
                 WHERE tenant_id = ANY($1::uuid[])"
            }
            Pools::Sqlite { .. } => {
                "SELECT tenant_id, revision, access_revision FROM tenant_head \
                 WHERE tenant_id IN (SELECT unhex(value) FROM json_each($1))"
            }
        };
        let args = vec![Arg::from(tenants.iter().map(|id| id.0).collect::<Vec<_>>())];
        let rows = connection.fetch(text(sql.into()), args, true).await?;
        rows.iter().map(|row| Seen::from_query_result(row, "").map_err(Error::internal)).collect()
    }

    async fn follow(&self, tenant: TenantId) {
        if let Err(error) = self.confirm(&context(Some(tenant))).await {
            // Whoever asks next tries again, and refuses if that fails too.
            tracing::debug!(%error, "a change of access could not be followed");
        }
    }
}

/// The service itself, in no principal's name.
fn context(tenant: Option<TenantId>) -> Context {
    let ctx = Context::internal("index", PATIENCE);
    match tenant {
        Some(tenant) => ctx.acting_on(tenant),
        None => ctx,
    }
}
