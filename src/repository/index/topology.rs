//! The facts of an index that come from workspaces, partitions and folders.

use std::collections::HashMap;

use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::load::{Which, gone};
use crate::clock::Micros;
use crate::domain::visibility::fact::{Binding, Fact, Folder, Workspace};
use crate::entity::binding::Access;
use crate::error::Result;
use crate::id::{FolderId, PartitionId, WorkspaceId};
use crate::repository::scope::Scope;
use crate::{args, sql};

/// Workspaces, with their bindings.
pub(super) async fn workspaces(scope: &Scope, which: &Which, facts: &mut Vec<Fact>) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Row {
        id: WorkspaceId,
        all_partitions: bool,
        archive_time: Option<Micros>,
    }
    #[derive(FromQueryResult)]
    struct Bound {
        workspace_id: WorkspaceId,
        partition_id: PartitionId,
        access: Access,
        is_primary: bool,
    }
    let (all, ids) = which.args();
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT id, all_partitions, archive_time FROM workspace WHERE tenant_id = $1 \
                 AND delete_time IS NULL AND ($2 OR id = ANY($3::uuid[]))"
            ),
            args![all, ids.clone()],
        )
        .await?;
    let bound: Vec<Bound> = scope
        .all(
            sql!(
                "SELECT workspace_id, partition_id, access, is_primary FROM binding WHERE tenant_id = $1 \
                 AND ($2 OR workspace_id = ANY($3::uuid[]))"
            ),
            args![all, ids],
        )
        .await?;
    let mut bindings: HashMap<WorkspaceId, Vec<Binding>> = HashMap::new();
    let mut primaries: HashMap<WorkspaceId, PartitionId> = HashMap::new();
    for one in bound {
        if one.is_primary {
            primaries.insert(one.workspace_id, one.partition_id);
        }
        let read_only = one.access == Access::ReadOnly;
        let binding = Binding { partition: one.partition_id, read_only };
        bindings.entry(one.workspace_id).or_default().push(binding);
    }
    let there = |id: &Uuid| rows.iter().any(|row| row.id.0 == *id);
    facts.extend(gone(which, there, |id| Fact::Workspace(WorkspaceId(id), None)));
    facts.extend(rows.into_iter().map(|row| {
        let workspace = Workspace {
            all_partitions: row.all_partitions,
            archived: row.archive_time.is_some(),
            bindings: bindings.remove(&row.id).unwrap_or_default(),
            primary: primaries.remove(&row.id),
        };
        Fact::Workspace(row.id, Some(workspace))
    }));
    Ok(())
}

/// Partitions.
pub(super) async fn partitions(scope: &Scope, which: &Which, facts: &mut Vec<Fact>) -> Result<()> {
    let (all, ids) = which.args();
    let rows: Vec<PartitionId> = scope
        .column(
            sql!(
                "SELECT id FROM person_partition WHERE tenant_id = $1 \
                 AND delete_time IS NULL AND ($2 OR id = ANY($3::uuid[]))"
            ),
            args![all, ids],
        )
        .await?;
    let there = |id: &Uuid| rows.contains(&PartitionId(*id));
    facts.extend(gone(which, there, |id| Fact::Partition(PartitionId(id), None)));
    facts.extend(rows.into_iter().map(|id| Fact::Partition(id, Some(()))));
    Ok(())
}

/// The roots of workspaces, of deleted ones too: what they share out is suspended, not gone (W-08).
pub(super) async fn roots(scope: &Scope, which: &Which, facts: &mut Vec<Fact>) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Row {
        id: FolderId,
        workspace_id: WorkspaceId,
    }
    let (all, ids) = which.args();
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT id, workspace_id FROM folder WHERE tenant_id = $1 AND parent_id IS NULL \
                 AND ($2 OR workspace_id = ANY($3::uuid[]))"
            ),
            args![all, ids],
        )
        .await?;
    facts.extend(rows.into_iter().map(|row| Fact::Root(row.id, row.workspace_id)));
    Ok(())
}

/// Folders that are no roots.
pub(super) async fn folders(scope: &Scope, which: &Which, facts: &mut Vec<Fact>) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Row {
        id: FolderId,
        parent_id: FolderId,
    }
    #[derive(FromQueryResult)]
    struct Shared {
        folder_id: FolderId,
        workspace_id: WorkspaceId,
    }
    let (all, ids) = which.args();
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT id, parent_id FROM folder WHERE tenant_id = $1 AND parent_id IS NOT NULL \
                 AND ($2 OR id = ANY($3::uuid[]))"
            ),
            args![all, ids.clone()],
        )
        .await?;
    let shares: Vec<Shared> = scope
        .all(
            sql!(
                "SELECT folder_id, workspace_id FROM share WHERE tenant_id = $1 \
                 AND ($2 OR folder_id = ANY($3::uuid[])) ORDER BY folder_id, workspace_id"
            ),
            args![all, ids],
        )
        .await?;
    let mut targets: HashMap<FolderId, Vec<WorkspaceId>> = HashMap::new();
    for one in shares {
        targets.entry(one.folder_id).or_default().push(one.workspace_id);
    }
    let there = |id: &Uuid| rows.iter().any(|row| row.id.0 == *id);
    facts.extend(gone(which, there, |id| Fact::Folder(FolderId(id), None)));
    facts.extend(rows.into_iter().map(|row| {
        let targets = targets.remove(&row.id).unwrap_or_default();
        Fact::Folder(row.id, Some(Folder { parent: row.parent_id, targets }))
    }));
    Ok(())
}
