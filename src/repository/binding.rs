//! Which workspace uses which partition.
//!
//! The bindings of deleted workspaces and partitions stay, for when these come back; everything here shows
//! and counts only those whose both ends live.

use sea_orm::{ActiveEnum, FromQueryResult};
use serde::{Deserialize, Serialize};

use super::keyset::among;
use super::scope::Scope;
use super::write::Tx;
use crate::clock::Micros;
use crate::domain::visibility::Seen;
use crate::entity::binding::Access;
use crate::error::Result;
use crate::id::{PartitionId, WorkspaceId};
use crate::{args, sql};

/// A binding between a living workspace and a living partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromQueryResult)]
pub struct Binding {
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// The partition.
    pub partition_id: PartitionId,
    /// How far it reaches.
    pub access: Access,
    /// New people of the workspace go here.
    pub is_primary: bool,
    /// It stands by `all_partitions` of the workspace, without a row.
    pub implicit: bool,
    /// When its row was made.
    pub create_time: Option<Micros>,
}

/// A place in a list of bindings.
pub type Place = (WorkspaceId, PartitionId);

/// Of which workspace, of which partition, or both.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// The workspace.
    pub workspace: Option<WorkspaceId>,
    /// The partition.
    pub partition: Option<PartitionId>,
}

/// A page of bindings of the workspaces that somebody sees, by workspace and partition, implicit ones included.
pub async fn list(
    scope: &Scope,
    seen: &Seen<WorkspaceId>,
    ends: Ends,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Binding>> {
    let (all, these) = among(seen, |id| id.0);
    let after = after.unwrap_or((WorkspaceId(uuid::Uuid::nil()), PartitionId(uuid::Uuid::nil())));
    scope
        .all(
            sql!(
                "SELECT b.workspace_id, b.partition_id, b.access, b.is_primary, false AS implicit, \
                     b.create_time FROM binding b \
                 JOIN workspace w ON w.tenant_id = $1 AND w.id = b.workspace_id \
                 JOIN person_partition p ON p.tenant_id = $1 AND p.id = b.partition_id \
                 WHERE b.tenant_id = $1 AND w.delete_time IS NULL AND p.delete_time IS NULL \
                 AND ($2 IS NULL OR b.workspace_id = $2) AND ($3 IS NULL OR b.partition_id = $3) \
                 AND (b.workspace_id, b.partition_id) > ($4, $5) \
                 AND ($7 OR b.workspace_id = ANY($8::uuid[])) \
                 UNION ALL \
                 SELECT w.id, p.id, 'READ_WRITE', false, true, NULL FROM workspace w \
                 JOIN person_partition p ON p.tenant_id = $1 \
                 WHERE w.tenant_id = $1 AND w.all_partitions \
                 AND w.delete_time IS NULL AND p.delete_time IS NULL \
                 AND ($2 IS NULL OR w.id = $2) AND ($3 IS NULL OR p.id = $3) \
                 AND (w.id, p.id) > ($4, $5) AND ($7 OR w.id = ANY($8::uuid[])) \
                 AND NOT EXISTS (SELECT 1 FROM binding b WHERE b.tenant_id = $1 \
                     AND b.workspace_id = w.id AND b.partition_id = p.id) \
                 ORDER BY 1, 2 LIMIT $6"
            ),
            args![ends.workspace, ends.partition, after.0, after.1, limit, all, these],
        )
        .await
}

/// The bindings of a workspace or partition that have a row.
pub async fn explicit(scope: &Scope, ends: Ends) -> Result<Vec<Binding>> {
    scope
        .all(
            sql!(
                "SELECT b.workspace_id, b.partition_id, b.access, b.is_primary, false AS implicit, \
                     b.create_time FROM binding b \
                 JOIN workspace w ON w.tenant_id = $1 AND w.id = b.workspace_id \
                 JOIN person_partition p ON p.tenant_id = $1 AND p.id = b.partition_id \
                 WHERE b.tenant_id = $1 AND w.delete_time IS NULL AND p.delete_time IS NULL \
                 AND ($2 IS NULL OR b.workspace_id = $2) AND ($3 IS NULL OR b.partition_id = $3) \
                 ORDER BY b.workspace_id, b.partition_id"
            ),
            args![ends.workspace, ends.partition],
        )
        .await
}

/// Makes a binding, or sets what an existing one allows; its flag as primary stays.
pub async fn put(tx: &Tx, binding: &Binding) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO binding (tenant_id, workspace_id, partition_id, access, is_primary, create_time) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant_id, workspace_id, partition_id) \
             DO UPDATE SET access = excluded.access"
        ),
        args![
            binding.workspace_id,
            binding.partition_id,
            binding.access.to_value(),
            binding.is_primary,
            binding.create_time,
        ],
    )
    .await
    .map(drop)
}

/// Makes READ_WRITE bindings of one workspace to many partitions; one of them is the primary.
pub async fn put_partitions(
    tx: &Tx,
    workspace: WorkspaceId,
    partitions: &[PartitionId],
    primary: PartitionId,
    time: Micros,
) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO binding (tenant_id, workspace_id, partition_id, access, is_primary, create_time) \
             SELECT $1, $2, p.id, 'READ_WRITE', p.id = $4, $5 FROM person_partition p \
             WHERE p.tenant_id = $1 AND p.id = ANY($3::uuid[])"
        ),
        args![workspace, partitions, primary, time],
    )
    .await
    .map(drop)
}

/// Makes READ_WRITE bindings of many workspaces to one partition; none is a primary.
pub async fn put_workspaces(
    tx: &Tx,
    partition: PartitionId,
    workspaces: &[WorkspaceId],
    time: Micros,
) -> Result<()> {
    tx.execute(
        sql!(
            "INSERT INTO binding (tenant_id, workspace_id, partition_id, access, is_primary, create_time) \
             SELECT $1, w.id, $2, 'READ_WRITE', false, $4 FROM workspace w \
             WHERE w.tenant_id = $1 AND w.id = ANY($3::uuid[])"
        ),
        args![partition, workspaces, time],
    )
    .await
    .map(drop)
}

/// Makes a partition the primary of a workspace, in place of the one before. The caller holds the lock of
/// the workspace, and the partition.
pub async fn set_primary(
    tx: &Tx,
    workspace: WorkspaceId,
    partition: PartitionId,
    time: Micros,
) -> Result<()> {
    // First none and then one: the unique index is checked row by row.
    tx.execute(
        sql!(
            "UPDATE binding SET is_primary = false \
             WHERE tenant_id = $1 AND workspace_id = $2 AND is_primary"
        ),
        args![workspace],
    )
    .await?;
    tx.execute(
        sql!(
            "INSERT INTO binding (tenant_id, workspace_id, partition_id, access, is_primary, create_time) \
             VALUES ($1, $2, $3, 'READ_WRITE', true, $4) \
             ON CONFLICT (tenant_id, workspace_id, partition_id) DO UPDATE SET is_primary = true"
        ),
        args![workspace, partition, time],
    )
    .await?;
    super::workspace::touch(tx, workspace, time).await
}

/// Takes a binding away.
pub async fn remove(tx: &Tx, workspace: WorkspaceId, partition: PartitionId) -> Result<()> {
    tx.execute(
        sql!(
            "DELETE FROM binding \
             WHERE tenant_id = $1 AND workspace_id = $2 AND partition_id = $3"
        ),
        args![workspace, partition],
    )
    .await
    .map(drop)
}

// === impl Ends ===

impl Ends {
    /// Of a workspace.
    pub fn workspace(id: WorkspaceId) -> Self {
        Self { workspace: Some(id), partition: None }
    }

    /// Of a partition.
    pub fn partition(id: PartitionId) -> Self {
        Self { workspace: None, partition: Some(id) }
    }

    /// Between two.
    pub fn between(workspace: WorkspaceId, partition: PartitionId) -> Self {
        Self { workspace: Some(workspace), partition: Some(partition) }
    }
}
