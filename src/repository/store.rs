//! The store: the pools of one database, and the only ways to a scope.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sea_orm::FromQueryResult;
use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Executor, PgPool, SqlitePool};
use tokio::sync::Notify;

use super::audit;
use super::connection::{Connection, Link};
use super::failure::{self, database_unavailable};
use super::feed::Feeds;
use super::index::Outbox;
use super::last_use::Uses;
use super::memory::Memory;
use super::scope::{Head, Scope, tenant_not_found};
use super::usage::Counts;
use crate::config::DatabaseConfig;
use crate::context::Context;
use crate::error::{Error, Reason, Result};
use crate::id::TenantId;
use crate::secret::Secrets;

/// How long a read waits for the revision that it asks for.
const REVISION_WAIT: Duration = Duration::from_secs(2);
/// How often it looks meanwhile.
const REVISION_POLL: Duration = Duration::from_millis(20);

/// The database.
#[derive(Clone)]
pub struct Store {
    pools: Pools,
    /// On PostgreSQL, what makes a session of an owner act as the restricted role.
    role: &'static str,
    statements: Arc<AtomicU64>,
    /// The secrets that keyed hashes in the database are made with.
    pub(super) secrets: Secrets,
    /// What is kept of tenants.
    pub(super) memory: Memory,
    /// Tells other replicas of changes.
    pub(super) outbox: Outbox,
    /// The feeds that somebody watches here.
    pub(super) feeds: Feeds,
    /// Who used what since it was last written.
    pub(super) uses: Uses,
    /// What was counted since it was last written.
    pub(super) counts: Counts,
    /// Tells workers of this replica that there may be something to do, and those who wait that it may be done.
    pub(super) work: Arc<Notify>,
    /// Refusals that were recorded a moment ago.
    pub(super) refusals: audit::Refusals,
}

/// Connections, by database.
#[derive(Clone)]
pub(super) enum Pools {
    /// One pool for all.
    Postgres(PgPool),
    /// SQLite has one writer at a time; readers do not wait for it.
    Sqlite { writer: SqlitePool, readers: SqlitePool },
}

/// What a transaction is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

// === impl Store ===

impl Store {
    /// Opens the pools; does not migrate.
    pub async fn connect(config: &DatabaseConfig, secrets: Secrets) -> Result<Self> {
        let pools = if config.url.starts_with("sqlite:") {
            sqlite(config).await?
        } else {
            Pools::Postgres(postgres(config)?)
        };
        Ok(Self {
            pools,
            role: "",
            statements: Arc::default(),
            secrets,
            memory: Memory::default(),
            outbox: Outbox::closed(),
            feeds: Feeds::default(),
            uses: Uses::default(),
            counts: Counts::default(),
            work: Arc::default(),
            refusals: audit::Refusals::default(),
        })
    }

    /// A read of the tenant's rows, all from one snapshot.
    pub async fn read(&self, ctx: &Context) -> Result<Scope> {
        let tenant = ctx.tenant()?;
        let patience = ctx.deadline.min(Instant::now() + REVISION_WAIT);
        loop {
            let scope = self.open(ctx, tenant, Access::Read).await?;
            if scope.head().delete_time.is_some() && !ctx.is_operator() {
                return Err(tenant_not_found(tenant));
            }
            match ctx.at_least_revision {
                Some(wanted) if scope.head().revision < wanted => {
                    let reached = scope.head().revision;
                    drop(scope);
                    if Instant::now() + REVISION_POLL >= patience {
                        return Err(revision_not_reached(wanted, reached));
                    }
                    tokio::time::sleep(REVISION_POLL).await;
                }
                _ => return Ok(scope),
            }
        }
    }

    /// How many statements this store has run; for budgets and metrics.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Notified when an operation was started here, got further, or shall be looked at.
    pub fn work(&self) -> &Notify {
        &self.work
    }

    /// The name of the database for people.
    pub fn kind(&self) -> &'static str {
        match self.pools {
            Pools::Postgres(_) => "postgresql",
            Pools::Sqlite { .. } => "sqlite",
        }
    }

    /// Asks the database for a sign of life.
    pub async fn ping(&self) -> Result<()> {
        let done = match &self.pools {
            Pools::Postgres(pool) => pool.execute("SELECT 1").await.map(drop),
            Pools::Sqlite { readers, .. } => readers.execute("SELECT 1").await.map(drop),
        };
        done.map_err(failure::classify)
    }

    /// Closes the pools, once their connections are back.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Postgres(pool) => pool.close().await,
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
        }
    }

    pub(super) fn pools(&self) -> &Pools {
        &self.pools
    }

    pub(super) fn act_as(&mut self, role: &'static str) {
        self.role = role;
    }

    /// Opens a transaction bound to a tenant. One message begins it, names the tenant, bounds its time and
    /// reads the tenant's head; on PostgreSQL a write holds the tenant's row against a policy switch.
    pub(super) async fn open(
        &self,
        ctx: &Context,
        tenant: TenantId,
        access: Access,
    ) -> Result<Scope> {
        let mut connection =
            self.begin(ctx, access, &format!("SET LOCAL app.tenant_id = '{tenant}';")).await?;
        let rows = connection.simple(self.head_query(tenant, access)).await?;
        let row = rows.first().ok_or_else(|| tenant_not_found(tenant))?;
        let head = Head::from_query_result(row, "").map_err(Error::internal)?;
        Ok(Scope::new(tenant, head, connection, self.memory.clone()))
    }

    #[expect(clippy::disallowed_methods, reason = "this is where scopes begin")]
    /// Begins a transaction; `local` are PostgreSQL settings for it.
    pub(super) async fn begin(
        &self,
        ctx: &Context,
        access: Access,
        local: &str,
    ) -> Result<Connection> {
        let left = ctx.time_left()?;
        let link = match &self.pools {
            Pools::Postgres(pool) => {
                Link::Postgres(pool.acquire().await.map_err(failure::classify)?)
            }
            Pools::Sqlite { writer, readers } => {
                let (pool, begin) = match access {
                    Access::Read => (readers, "BEGIN DEFERRED"),
                    Access::Write => (writer, "BEGIN IMMEDIATE"),
                };
                let mut transaction = pool.begin_with(begin).await.map_err(failure::classify)?;
                interrupt_at(&mut transaction, ctx.deadline).await?;
                Link::Sqlite(transaction)
            }
        };
        let postgres = matches!(link, Link::Postgres(_));
        let mut connection = Connection::new(link, ctx.deadline, self.statements.clone());
        if postgres {
            let mode = match access {
                Access::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                Access::Write => "BEGIN; SET LOCAL plan_cache_mode = auto",
            };
            let timeout = left.as_millis().max(1);
            let role = self.role;
            connection.prepare(format!(
                "{mode}; {role} {local} SET LOCAL statement_timeout = {timeout};"
            ));
        }
        Ok(connection)
    }

    fn head_query(&self, tenant: TenantId, access: Access) -> String {
        let (id, lock) = match (&self.pools, access) {
            (Pools::Postgres(_), Access::Read) => (format!("'{tenant}'"), ""),
            (Pools::Postgres(_), Access::Write) => (format!("'{tenant}'"), " FOR KEY SHARE OF t"),
            (Pools::Sqlite { .. }, _) => (format!("x'{}'", tenant.0.simple()), ""),
        };
        format!(
            "SELECT h.revision, h.access_revision, h.field_revision, h.consent_revision, h.segment_revision, \
             h.routing_revision, h.hold_time, t.delete_time, t.suspend_time, t.settings \
             FROM tenant_head h JOIN tenant t ON t.tenant_id = h.tenant_id WHERE h.tenant_id = {id} AND t.tenant_id = {id}{lock}"
        )
    }
}

fn revision_not_reached(wanted: i64, reached: i64) -> Error {
    Error::new(
        Reason::RevisionNotReached,
        format!("revision {wanted} is not there yet; the newest is {reached}; try again"),
    )
    .with("at_least_revision", wanted)
    .with("revision", reached)
}

/// Ends a statement of SQLite when the caller's time is up, as `statement_timeout` does on PostgreSQL.
async fn interrupt_at(
    transaction: &mut sqlx::Transaction<'static, sqlx::Sqlite>,
    deadline: Instant,
) -> Result<()> {
    let mut handle = transaction.lock_handle().await.map_err(failure::classify)?;
    handle.set_progress_handler(10_000, move || Instant::now() < deadline);
    Ok(())
}

fn postgres(config: &DatabaseConfig) -> Result<PgPool> {
    let options = PgConnectOptions::from_str(&config.url)
        .map_err(|error| Error::invalid("PRECINCT_DATABASE_URL", error.to_string()))?
        .application_name("precinct")
        // Set at connect, since settings of a role do not survive SET LOCAL ROLE. The notices that the
        // clean-up below provokes are silenced.
        .options([
            ("client_min_messages", "error"),
            ("idle_in_transaction_session_timeout", "10s"),
            ("statement_timeout", "60s"),
            ("lock_timeout", "5s"),
            // Reads that bind arrays would be planned anew each time, which costs more than most take, and now and then
            // for the worse. The tests look at their generic plans. Writes bind arrays of thousands: those are planned.
            ("plan_cache_mode", "force_generic_plan"),
        ]);
    let pool = PgPoolOptions::new()
        .max_connections(config.max_connections)
        .min_connections(config.min_connections.min(config.max_connections))
        .acquire_timeout(Duration::from_secs(3))
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                // A ping at every use costs a third of a small read; after a while of idleness it is worth it.
                if meta.idle_for > Duration::from_secs(30) {
                    sqlx::Connection::ping(connection).await?;
                }
                Ok(true)
            })
        })
        // Whatever a cancelled or failed call left open ends here, before anybody else gets the connection.
        .after_release(|connection, _| {
            Box::pin(async move { connection.execute("ROLLBACK").await.map(|_| true) })
        })
        .connect_lazy_with(options);
    Ok(pool)
}

async fn sqlite(config: &DatabaseConfig) -> Result<Pools> {
    let options = SqliteConnectOptions::from_str(&config.url)
        .map_err(|error| Error::invalid("PRECINCT_DATABASE_URL", error.to_string()))?
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5))
        .pragma("secure_delete", "on")
        .pragma("cache_size", "-32000");
    let writer = PoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(30))
        // A write that is interrupted takes its transaction with it, and the connection goes on to believe in one: it is
        // given up, or nobody could write any more.
        .after_release(|connection, _| {
            Box::pin(async move {
                sqlx::Connection::ping(connection).await?;
                Ok(!sqlx::Connection::is_in_transaction(connection))
            })
        })
        .connect_with(options.clone())
        .await
        .map_err(|error| unreadable(&options, error))?;
    let readers = PoolOptions::new()
        .max_connections(config.max_connections)
        .acquire_timeout(Duration::from_secs(3))
        .connect_with(options.create_if_missing(false))
        .await
        .map_err(failure::classify)?;
    Ok(Pools::Sqlite { writer, readers })
}

fn unreadable(options: &SqliteConnectOptions, error: sqlx::Error) -> Error {
    tracing::error!(file = %options.get_filename().display(), %error, "cannot open the database file");
    database_unavailable()
}

/// The file behind an SQLite URL.
pub fn sqlite_file(url: &str) -> Option<PathBuf> {
    let options =
        SqliteConnectOptions::from_str(url).ok().filter(|_| url.starts_with("sqlite:"))?;
    Some(Path::new(options.get_filename()).to_owned())
}
