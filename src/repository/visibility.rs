//! visible(W): the partitions whose people a workspace sees, and what it may do there.

use sea_orm::FromQueryResult;

use super::scope::Scope;
use crate::clock::Micros;
use crate::entity::binding::Access;
use crate::error::{Error, Result};
use crate::id::{PartitionId, WorkspaceId};
use crate::{args, sql};

/// What a living workspace sees.
#[derive(Clone, Debug)]
pub struct Sight {
    /// The workspace is archived: it refuses writes (W-12).
    pub workspace_archived: bool,
    /// The region of the workspace; empty: none.
    pub workspace_region: String,
    /// Its living partitions, by id; those that it sees by `all_partitions` too.
    pub partitions: Vec<Seen>,
    /// Where its new people land: one of the partitions, writable.
    pub primary: PartitionId,
}

/// A partition, as a workspace sees it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Seen {
    /// The partition.
    pub id: PartitionId,
    /// Its region; empty: none.
    pub region: String,
    /// What the workspace may do there.
    pub access: Access,
    is_primary: bool,
    archive_time: Option<Micros>,
    workspace_region: String,
}

/// What a workspace sees; nothing if the workspace is missing or deleted. One statement, so that all of it
/// is of one moment.
pub async fn sight(scope: &Scope, workspace: WorkspaceId) -> Result<Option<Sight>> {
    let partitions: Vec<Seen> = scope
        .all(
            // Two halves, so that a workspace with few bindings never reads all partitions of its tenant.
            sql!(
                "SELECT p.id, p.region, b.access, b.is_primary, w.archive_time, \
                 w.region AS workspace_region FROM workspace w \
                 JOIN binding b ON b.tenant_id = $1 AND b.workspace_id = w.id \
                 JOIN person_partition p ON p.tenant_id = $1 AND p.id = b.partition_id \
                 WHERE w.tenant_id = $1 AND w.id = $2 AND w.delete_time IS NULL AND p.delete_time IS NULL \
                 UNION ALL \
                 SELECT p.id, p.region, 'READ_WRITE', false, w.archive_time, w.region FROM workspace w \
                 JOIN person_partition p ON p.tenant_id = $1 \
                 WHERE w.tenant_id = $1 AND w.id = $2 AND w.delete_time IS NULL AND p.delete_time IS NULL \
                 AND w.all_partitions AND NOT EXISTS (SELECT 1 FROM binding b WHERE b.tenant_id = $1 \
                 AND b.workspace_id = w.id AND b.partition_id = p.id) ORDER BY 1"
            ),
            args![workspace],
        )
        .await?;
    let Some(first) = partitions.first() else { return Ok(None) };
    let primary = partitions.iter().find(|seen| seen.is_primary).map(|seen| seen.id);
    Ok(Some(Sight {
        workspace_archived: first.archive_time.is_some(),
        workspace_region: first.workspace_region.clone(),
        primary: primary.ok_or_else(|| Error::internal("a living workspace without a primary"))?,
        partitions,
    }))
}

/// The living partitions that a workspace sees as it is at this point of the transaction; of a deleted one, those that it
/// would see.
pub async fn partitions_of(scope: &Scope, workspace: WorkspaceId) -> Result<Vec<PartitionId>> {
    scope
        .column(
            sql!(
                "SELECT p.id FROM person_partition p \
                 JOIN workspace w ON w.tenant_id = $1 AND w.id = $2 \
                 WHERE p.tenant_id = $1 AND p.delete_time IS NULL \
                 AND (w.all_partitions OR EXISTS (SELECT 1 FROM binding b WHERE b.tenant_id = $1 \
                     AND b.workspace_id = w.id AND b.partition_id = p.id)) ORDER BY p.id"
            ),
            args![workspace],
        )
        .await
}

// === impl Sight ===

impl Sight {
    /// What the workspace may do in a partition; nothing if it does not see it.
    pub fn access(&self, partition: PartitionId) -> Option<Access> {
        self.seen(partition).map(|seen| seen.access)
    }

    /// A partition, if the workspace sees it.
    pub fn seen(&self, partition: PartitionId) -> Option<&Seen> {
        self.partitions.iter().find(|seen| seen.id == partition)
    }

    /// The ids of all that it sees.
    pub fn ids(&self) -> Vec<PartitionId> {
        self.partitions.iter().map(|seen| seen.id).collect()
    }
}
