//! Deleting what has outlived its retention: answers to request ids (H-03), the change feed, and operations
//! that have ended (H-09).

use std::time::Duration;

use sqlx::Executor;

use super::sql::Arg;
use super::store::{Access, Pools, Store};
use super::{failure, request};
use crate::clock::{DAY, Micros, now};
use crate::context::Context;
use crate::domain::usage::Day;
use crate::error::{Error, Reason, Result};
use crate::id::TenantId;
use crate::{args, sql};

/// How long the change feed reaches back.
const FEED: Micros = 7 * DAY;
/// Tenants looked up at once.
const TENANTS: i64 = 1_000;
/// What one tenant's share of a sweep may take.
const PATIENCE: Duration = Duration::from_secs(30);

// === impl Store ===

impl Store {
    /// One sweep over all tenants, one small transaction each; replicas that sweep at once find less to do.
    pub async fn sweep(&self) -> Result<()> {
        let mut after = TenantId(uuid::Uuid::nil());
        loop {
            let tenants = self.tenants_after(after).await?;
            let Some(last) = tenants.last() else { return self.forget_pages().await };
            after = *last;
            for tenant in tenants {
                match self.sweep_tenant(tenant).await {
                    // It was purged meanwhile.
                    Err(error) if error.reason() == Some(Reason::TenantNotFound) => {}
                    // Nor would it be there for the others.
                    Err(error) if error.reason() == Some(Reason::DatabaseUnavailable) => {
                        return Err(error);
                    }
                    // The others are not to wait for it.
                    Err(error) => {
                        tracing::warn!(%error, %tenant, "a tenant waits for the next sweep");
                    }
                    Ok(()) => {}
                }
            }
        }
    }

    /// What was deleted is overwritten in SQLite's file, and gone from its log once that is emptied (K-08).
    async fn forget_pages(&self) -> Result<()> {
        match self.pools() {
            Pools::Postgres(_) => Ok(()),
            Pools::Sqlite { writer, .. } => {
                let emptied = writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
                emptied.map(drop).map_err(failure::classify)
            }
        }
    }

    /// The next tenants by id, at most 1,000. The heads are the one table of tenants that is read over all of them.
    pub async fn tenants_after(&self, after: TenantId) -> Result<Vec<TenantId>> {
        let mut connection = self.begin(&context(), Access::Read, "").await?;
        connection.simple("SELECT 1".into()).await?;
        let sql =
            "SELECT tenant_id FROM tenant_head WHERE tenant_id > $1 ORDER BY tenant_id LIMIT $2";
        let args = vec![Arg::from(after), Arg::from(TENANTS)];
        let rows = connection.fetch(super::connection::text(sql.into()), args, true).await?;
        rows.iter().map(|row| row.try_get_by_index(0).map_err(Error::internal)).collect()
    }

    async fn sweep_tenant(&self, tenant: TenantId) -> Result<()> {
        // What the feed tells is counted before it goes.
        self.settle_usage(tenant, Day::of(now())).await?;
        let scope = self.open(&context(), tenant, Access::Write).await?;
        let requests = now() - request::RETENTION;
        scope
            .execute(
                sql!("DELETE FROM request WHERE tenant_id = $1 AND create_time < $2"),
                args![requests],
            )
            .await?;
        scope
            .execute(
                // From the oldest on and whole revisions, whatever the clocks said that wrote them, and never the last one
                // before what is young: who was told up to there finds its place.
                sql!(
                    "DELETE FROM change WHERE tenant_id = $1 AND revision < coalesce( \
                         (SELECT revision FROM change WHERE tenant_id = $1 AND create_time >= $2 \
                             ORDER BY create_time, revision LIMIT 1), \
                         (SELECT max(revision) + 1 FROM change WHERE tenant_id = $1)) - 1"
                ),
                args![now() - FEED],
            )
            .await?;
        scope
            .execute(
                sql!("DELETE FROM access_change WHERE tenant_id = $1 AND create_time < $2"),
                args![now() - FEED],
            )
            .await?;
        scope
            .execute(
                sql!("DELETE FROM operation WHERE tenant_id = $1 AND expire_time < $2"),
                args![now()],
            )
            .await?;
        scope.connection.into_inner().commit().await
    }
}

/// The service itself.
fn context() -> Context {
    Context::internal("sweep", PATIENCE)
}
