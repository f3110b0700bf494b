//! What is to be done, and from when on: found over all tenants, then claimed in one.
//!
//! A claim is a lease with a fence. The lease keeps others away for a time and is nothing to rely on, since clocks
//! differ and processes stall; the fence rises with each claim, and whoever writes names theirs: who was overtaken
//! writes nothing.

use std::time::Duration;

use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::scope::Scope;
use super::sql::Arg;
use super::store::{Access, Store};
use super::write::Tx;
use crate::clock::{Micros, after, now};
use crate::context::Context;
use crate::entity::Operation;
use crate::entity::operation::Kind;
use crate::error::{Error, Result};
use crate::id::TenantId;
use crate::{args, sql};

/// The work of operations.
pub(super) const OPERATION: &str = "OPERATION";

/// How long finding or claiming work may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// When to look again after a tenant that may not change now; whoever lets it sees to it that it goes on at once.
const CLOSED: Duration = Duration::from_secs(30);

/// Who claims.
#[derive(Clone, Copy, Debug)]
pub struct Claimant {
    /// A replica.
    pub holder: Uuid,
    /// For how long it keeps others away; longer from operations of a kind that needs more time.
    pub lease: Duration,
}

// === impl Store ===

impl Store {
    /// Tenants that have operations to work on: in order from after one on, then from the first.
    pub async fn tenants_with_work(&self, after: TenantId, limit: i64) -> Result<Vec<TenantId>> {
        let mut connection = self.begin(&context(), Access::Read, "").await?;
        connection.simple("SELECT 1".into()).await?;
        let sql = "SELECT tenant_id FROM due WHERE kind = $1 AND at <= $3 GROUP BY tenant_id \
                   ORDER BY tenant_id <= $2, tenant_id LIMIT $4";
        let args = vec![Arg::from(OPERATION), Arg::from(after), Arg::from(now()), Arg::from(limit)];
        let rows = connection.fetch(super::connection::text(sql.into()), args, true).await?;
        rows.iter().map(|row| row.try_get_by_index(0).map_err(Error::internal)).collect()
    }

    /// Claims the operation of a tenant that has waited longest, if one is due and nobody has it.
    pub async fn claim(&self, tenant: TenantId, who: Claimant) -> Result<Option<Operation>> {
        let scope = self.open(&context(), tenant, Access::Write).await?;
        let time = now();
        let head = scope.head();
        let claimed = if head.suspend_time.is_some() || head.delete_time.is_some() {
            wait(&scope, time).await?;
            None
        } else {
            claim(&scope, who, time).await?
        };
        scope.connection.into_inner().commit().await?;
        Ok(claimed)
    }

    /// Lets go of an operation without having got further, until a time; false if somebody else has claimed it since.
    pub async fn put_back(&self, operation: &Operation, attempts: i64, at: Micros) -> Result<bool> {
        let scope = self.open(&context(), operation.tenant_id, Access::Write).await?;
        let mine = scope
            .execute(
                sql!(
                    "UPDATE operation SET lease_holder = NULL, lease_until = NULL, attempts = $4 \
                     WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND end_time IS NULL"
                ),
                args![operation.id, operation.fence, attempts],
            )
            .await?
            == 1;
        if mine {
            set(&scope, OPERATION, operation.id.0, at).await?;
        }
        scope.connection.into_inner().commit().await?;
        Ok(mine)
    }
}

async fn claim(scope: &Scope, who: Claimant, time: Micros) -> Result<Option<Operation>> {
    #[derive(FromQueryResult)]
    struct First {
        id: Uuid,
        kind: Kind,
    }
    let first: Option<First> = scope
        .one(
            sql!(
                "SELECT o.id, o.kind FROM due d JOIN operation o ON o.tenant_id = $1 AND o.id = d.id \
                 WHERE d.tenant_id = $1 AND d.kind = $2 AND d.at <= $3 ORDER BY d.at, d.id LIMIT 1"
            ),
            args![OPERATION, time],
        )
        .await?;
    let Some(First { id, kind }) = first else { return Ok(None) };
    let until = after(time, who.lease + kind.more_time());
    let claimed = scope
        .one(
            sql!(
                "UPDATE operation SET lease_holder = $3, lease_until = $4, fence = fence + 1, state = 'RUNNING', \
                     start_time = coalesce(start_time, $5) \
                 WHERE tenant_id = $1 AND id = $2 AND end_time IS NULL \
                 AND (lease_until IS NULL OR lease_until <= $5) RETURNING *"
            ),
            args![id, who.holder, until, time],
        )
        .await?;
    if claimed.is_some() {
        set(scope, OPERATION, id, until).await?;
    }
    Ok(claimed)
}

/// Puts off the operations of a tenant that may not change now.
async fn wait(scope: &Scope, time: Micros) -> Result<()> {
    scope
        .execute(
            sql!("UPDATE due SET at = $2 WHERE tenant_id = $1 AND kind = $3 AND at <= $4"),
            args![after(time, CLOSED), OPERATION, time],
        )
        .await
        .map(drop)
}

/// Says that all operations that wait are due now: the tenant may change again.
pub async fn wake(tx: &Tx) -> Result<()> {
    let sql = sql!("UPDATE due SET at = $2 WHERE tenant_id = $1 AND kind = $3 AND at > $2");
    tx.execute(sql, args![now(), OPERATION]).await?;
    tx.work_is_due();
    Ok(())
}

pub(super) async fn add(tx: &Tx, kind: &str, id: Uuid, at: Micros) -> Result<()> {
    let sql = sql!("INSERT INTO due (tenant_id, kind, id, at) VALUES ($1, $2, $3, $4)");
    tx.execute(sql, args![kind, id, at]).await.map(drop)
}

pub(super) async fn at(tx: &Tx, kind: &str, id: Uuid, at: Micros) -> Result<()> {
    set(tx, kind, id, at).await
}

pub(super) async fn remove(tx: &Tx, kind: &str, id: Uuid) -> Result<()> {
    let sql = sql!("DELETE FROM due WHERE tenant_id = $1 AND kind = $2 AND id = $3");
    tx.execute(sql, args![kind, id]).await.map(drop)
}

async fn set(scope: &Scope, kind: &str, id: Uuid, at: Micros) -> Result<()> {
    let sql = sql!("UPDATE due SET at = $4 WHERE tenant_id = $1 AND kind = $2 AND id = $3");
    scope.execute(sql, args![kind, id, at]).await.map(drop)
}

/// The service itself.
fn context() -> Context {
    Context::internal("operations", PATIENCE)
}
