//! Workspaces.

use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};

use super::keyset::{among, bounds, ordered};
use super::scope::Scope;
use super::write::Tx;
use crate::clock::Micros;
use crate::domain::order::{By, Order, Place};
use crate::domain::visibility::Seen;
use crate::entity::Workspace;
use crate::error::Result;
use crate::id::{PartitionId, WorkspaceId};
use crate::{args, sql};

/// A workspace, and where its new people land.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromQueryResult)]
pub struct Detail {
    /// The workspace.
    #[sea_orm(nested)]
    pub workspace: Workspace,
    /// Its primary partition.
    pub primary_partition_id: Option<PartitionId>,
}

/// Which workspaces a list shows beside the living, unarchived ones.
#[derive(Clone, Copy, Debug, Default)]
pub struct Show {
    /// The deleted ones.
    pub deleted: bool,
    /// The archived ones.
    pub archived: bool,
    /// All but this one.
    pub except: Option<WorkspaceId>,
}

/// Living workspaces by id, in no order; those that are missing are left out.
pub async fn by_ids(scope: &Scope, ids: &[WorkspaceId]) -> Result<Vec<Detail>> {
    scope
        .all(
            sql!(
                "SELECT w.*, b.partition_id AS primary_partition_id FROM workspace w \
                 LEFT JOIN binding b ON b.tenant_id = $1 AND b.workspace_id = w.id AND b.is_primary \
                 WHERE w.tenant_id = $1 AND w.id = ANY($2::uuid[]) AND w.delete_time IS NULL"
            ),
            args![ids],
        )
        .await
}

/// Workspaces by id, deleted or not, in no order; those that are gone for good are left out.
pub async fn any_by_ids(scope: &Scope, ids: &[WorkspaceId]) -> Result<Vec<Workspace>> {
    let sql = sql!("SELECT * FROM workspace WHERE tenant_id = $1 AND id = ANY($2::uuid[])");
    scope.all(sql, args![ids]).await
}

/// A workspace, deleted or not, locked until the commit: what is decided on it, and on its bindings, holds.
pub async fn lock(tx: &Tx, id: WorkspaceId) -> Result<Option<Detail>> {
    Ok(lock_all(tx, &[id]).await?.into_iter().next())
}

/// Workspaces, deleted or not, locked one after the other by id.
pub async fn lock_all(tx: &Tx, ids: &[WorkspaceId]) -> Result<Vec<Detail>> {
    let locked: Vec<WorkspaceId> = tx
        .column(
            sql!(
                "SELECT id FROM workspace WHERE tenant_id = $1 AND id = ANY($2::uuid[]) \
                 ORDER BY id FOR UPDATE"
            ),
            args![ids],
        )
        .await?;
    // Read only now: whoever held the lock before may have moved the primary.
    tx.all(
        sql!(
            "SELECT w.*, b.partition_id AS primary_partition_id FROM workspace w \
             LEFT JOIN binding b ON b.tenant_id = $1 AND b.workspace_id = w.id AND b.is_primary \
             WHERE w.tenant_id = $1 AND w.id = ANY($2::uuid[]) ORDER BY w.id"
        ),
        args![locked.as_slice()],
    )
    .await
}

/// Holds living workspaces against archiving and deletion until the commit, by id; those that are missing are left
/// out.
pub async fn hold(tx: &Tx, ids: &[WorkspaceId]) -> Result<Vec<Workspace>> {
    tx.all(
        sql!(
            "SELECT * FROM workspace WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND delete_time IS NULL \
             ORDER BY id FOR KEY SHARE"
        ),
        args![ids],
    )
    .await
}

/// A page of the workspaces that somebody sees; of deleted ones, for those who see all.
pub async fn list(
    scope: &Scope,
    seen: &Seen<WorkspaceId>,
    show: Show,
    order: Order,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Detail>> {
    let sql = ordered!(
        order,
        "SELECT w.*, b.partition_id AS primary_partition_id FROM workspace w \
         LEFT JOIN (SELECT workspace_id, partition_id FROM binding \
             WHERE tenant_id = $1 AND is_primary) b ON b.workspace_id = w.id \
         WHERE w.tenant_id = $1 AND ($5 OR w.delete_time IS NULL) AND ($6 OR w.archive_time IS NULL) \
         AND ($7 OR w.id = ANY($8::uuid[])) AND ($9 OR w.id <> $10)"
    );
    let mut args = bounds(order, after, limit);
    let (all, these) = among(seen, |id| id.0);
    args.extend(args![show.deleted, show.archived, all, these]);
    args.extend(args![
        show.except.is_none(),
        show.except.unwrap_or(WorkspaceId(uuid::Uuid::nil()))
    ]);
    scope.all(sql, args).await
}

/// The partitions that the workspace sees and no other living workspace does (W-08).
pub async fn seen_by_it_alone(scope: &Scope, id: WorkspaceId) -> Result<Vec<PartitionId>> {
    scope
        .column(
            sql!(
                "SELECT p.id FROM person_partition p \
                 JOIN workspace w ON w.tenant_id = $1 AND w.id = $2 \
                 WHERE p.tenant_id = $1 AND p.delete_time IS NULL \
                 AND (w.all_partitions OR EXISTS (SELECT 1 FROM binding b WHERE b.tenant_id = $1 \
                     AND b.workspace_id = w.id AND b.partition_id = p.id)) \
                 AND NOT EXISTS (SELECT 1 FROM workspace o WHERE o.tenant_id = $1 AND o.id <> $2 \
                     AND o.delete_time IS NULL AND (o.all_partitions OR EXISTS (SELECT 1 FROM binding b \
                         WHERE b.tenant_id = $1 AND b.workspace_id = o.id AND b.partition_id = p.id))) \
                 ORDER BY p.id"
            ),
            args![id],
        )
        .await
}

/// Notes that what a workspace shows of itself has changed, beside its own row.
pub async fn touch(tx: &Tx, id: WorkspaceId, time: Micros) -> Result<()> {
    tx.execute(
        sql!(
            "UPDATE workspace SET version = version + 1, update_time = $3 \
             WHERE tenant_id = $1 AND id = $2"
        ),
        args![id, time],
    )
    .await
    .map(drop)
}
