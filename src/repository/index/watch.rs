//! Hearing of changes of access that other replicas made: by notification, and by asking, since a
//! notification may be lost.

use std::collections::{BTreeSet, HashMap};
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

/// What the notifications are called.
const CHANNEL: &str = "precinct_access";
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

/// Changes of access that were committed here, on their way to the other replicas.
#[derive(Clone)]
pub(in crate::repository) struct Outbox(Option<UnboundedSender<TenantId>>);

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
    pub(super) fn tell(&self, tenant: TenantId) {
        if let Some(sender) = &self.0 {
            // Nobody receives once the server stops; the others ask within the second.
            let _ = sender.send(tenant);
        }
    }
}

// === impl Store ===

impl Store {
    /// The same store, whose changes of access other replicas hear of; and what has to run for that.
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
    async fn send(&self, mut outbox: UnboundedReceiver<TenantId>) {
        while let Some(first) = outbox.recv().await {
            sleep(GATHER).await;
            let mut tenants = BTreeSet::from([first]);
            while let Ok(more) = outbox.try_recv() {
                tenants.insert(more);
            }
            let Pools::Postgres(pool) = self.pools() else { continue };
            let names: Vec<String> = tenants.iter().map(TenantId::to_string).collect();
            let sql = "SELECT pg_notify($1, t.name) FROM unnest($2::text[]) AS t(name)";
            let sent = sqlx::query(sql).bind(CHANNEL).bind(names).execute(pool).await;
            if let Err(error) = sent {
                tracing::warn!(%error, "other replicas were not told of a change of access");
            }
        }
    }

    /// Follows the changes that others tell of.
    async fn listen(&self) {
        let Pools::Postgres(pool) = self.pools() else { return std::future::pending().await };
        loop {
            let heard = async {
                let mut listener = PgListener::connect_with(pool).await?;
                listener.listen(CHANNEL).await?;
                loop {
                    let told = listener.recv().await?;
                    if let Ok(tenant) = told.payload().parse::<TenantId>()
                        && self.memory.indexes.keeps(tenant)
                    {
                        self.memory.indexes.doubt(tenant);
                        self.follow(tenant).await;
                    }
                }
            };
            let ended: Result<(), sqlx::Error> = heard.await;
            if let Err(error) = ended {
                tracing::debug!(%error, "listening anew for changes of access");
            }
            sleep(AGAIN).await;
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
