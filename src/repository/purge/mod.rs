//! What is purged: what is due of it over all tenants, who claims it, and the rows that go.
//!
//! What is left to do is read from the rows themselves, so a claim only keeps two replicas from the same work: whoever
//! comes second finds less to do, or nothing.

pub mod partition;
pub mod people;
pub mod tenant;
pub mod workspace;

use std::time::Duration;

use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::scope::Scope;
use super::sql::Arg;
use super::store::{Access, Store};
use super::write::Tx;
use crate::clock::{Micros, after, now};
use crate::context::Context;
use crate::error::{Error, Reason, Result};
use crate::id::{PartitionId, TenantId, WorkspaceId};
use crate::{args, sql};

/// How long finding or claiming work may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// When to look again after a tenant that may not change now.
const CLOSED: Duration = Duration::from_secs(60 * 60);

/// What is purged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purge {
    /// The deleted people of a tenant, each when the time has come.
    People,
    /// A partition.
    Partition(PartitionId),
    /// A workspace.
    Workspace(WorkspaceId),
    /// The tenant itself.
    Tenant,
}

/// A purge that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// In which tenant.
    pub tenant: TenantId,
    /// Of what.
    pub what: Purge,
}

/// What is left of a purge after a slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Nothing.
    Nothing,
    /// More, at once.
    More,
    /// Something that is not due before this time.
    Until(Micros),
}

// === impl Purge ===

impl Purge {
    fn kind(self) -> &'static str {
        match self {
            Self::People => "PURGE_PEOPLE",
            Self::Partition(_) => "PURGE_PARTITION",
            Self::Workspace(_) => "PURGE_WORKSPACE",
            Self::Tenant => "PURGE_TENANT",
        }
    }

    fn id(self, tenant: TenantId) -> Uuid {
        match self {
            Self::People | Self::Tenant => tenant.0,
            Self::Partition(id) => id.0,
            Self::Workspace(id) => id.0,
        }
    }

    fn named(kind: &str, id: Uuid) -> Option<Self> {
        match kind {
            "PURGE_PEOPLE" => Some(Self::People),
            "PURGE_PARTITION" => Some(Self::Partition(PartitionId(id))),
            "PURGE_WORKSPACE" => Some(Self::Workspace(WorkspaceId(id))),
            "PURGE_TENANT" => Some(Self::Tenant),
            _ => None,
        }
    }
}

// === impl Store ===

impl Store {
    /// Purges that are due, over all tenants: those first that have waited longest.
    pub async fn purges_due(&self, limit: i64) -> Result<Vec<Due>> {
        #[derive(FromQueryResult)]
        struct Row {
            tenant_id: TenantId,
            kind: String,
            id: Uuid,
        }
        let mut connection = self.begin(&context(), Access::Read, "").await?;
        connection.simple("SELECT 1".into()).await?;
        let sql = "SELECT tenant_id, kind, id FROM due WHERE kind <> 'OPERATION' AND at <= $1 ORDER BY at LIMIT $2";
        let args = vec![Arg::from(now()), Arg::from(limit)];
        let rows = connection.fetch(super::connection::text(sql.into()), args, true).await?;
        let mut due = Vec::with_capacity(rows.len());
        for row in &rows {
            let row = Row::from_query_result(row, "").map_err(Error::internal)?;
            let what = Purge::named(&row.kind, row.id);
            due.extend(what.map(|what| Due { tenant: row.tenant_id, what }));
        }
        Ok(due)
    }

    /// Claims a purge for a time; false if somebody else has, or if the tenant may not change now: what a tenant holds
    /// that is suspended or deleted comes back with it as it was.
    pub async fn claim_purge(&self, due: Due, lease: Duration) -> Result<bool> {
        let scope = match self.open(&context(), due.tenant, Access::Write).await {
            Ok(scope) => scope,
            // It was purged meanwhile.
            Err(error) if error.reason() == Some(Reason::TenantNotFound) => return Ok(false),
            Err(error) => return Err(error),
        };
        let head = scope.head();
        let closed = head.suspend_time.is_some() || head.delete_time.is_some();
        let claims = due.what == Purge::Tenant || !closed;
        let time = now();
        let until = after(time, if claims { lease } else { CLOSED });
        let free = scope
            .execute(
                sql!("UPDATE due SET at = $4 WHERE tenant_id = $1 AND kind = $2 AND id = $3 AND at <= $5"),
                args![due.what.kind(), due.what.id(due.tenant), until, time],
            )
            .await?;
        scope.connection.into_inner().commit().await?;
        Ok(claims && free == 1)
    }
}

/// Has something purged at a time, or at the earlier one that was known before. The row is held until the commit:
/// whoever finds that nothing is left looks after this.
pub async fn schedule(tx: &Tx, what: Purge, at: Micros) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO due (tenant_id, kind, id, at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (tenant_id, kind, id) DO UPDATE SET at = excluded.at WHERE excluded.at < due.at"
        ),
        args![what.kind(), what.id(tx.tenant()), at],
    )
    .await
    .map(drop)
}

/// Says that something is not purged, or has been.
pub async fn forget(tx: &Tx, what: Purge) -> Result<()> {
    tx.execute(
        sql!("DELETE FROM due WHERE tenant_id = $1 AND kind = $2 AND id = $3"),
        args![what.kind(), what.id(tx.tenant())],
    )
    .await
    .map(drop)
}

/// Says what is left after a slice.
pub async fn settle(tx: &Tx, what: Purge, left: Left) -> Result<()> {
    let at = match left {
        Left::Nothing => return forget(tx, what).await,
        Left::More => now(),
        // Behind others that wait, if it has passed already.
        Left::Until(time) => time.max(now()),
    };
    tx.execute(
        sql!("UPDATE due SET at = $4 WHERE tenant_id = $1 AND kind = $2 AND id = $3"),
        args![what.kind(), what.id(tx.tenant()), at],
    )
    .await
    .map(drop)
}

/// Holds what is due of a purge: whoever schedules it waits, and what was scheduled before is seen from here on.
pub async fn hold(scope: &Scope, what: Purge) -> Result<()> {
    scope
        .execute(
            sql!("SELECT at FROM due WHERE tenant_id = $1 AND kind = $2 AND id = $3 FOR UPDATE"),
            args![what.kind(), what.id(scope.tenant())],
        )
        .await
        .map(drop)
}

/// The service itself.
fn context() -> Context {
    Context::internal("purge", PATIENCE)
}
