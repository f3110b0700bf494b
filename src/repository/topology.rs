//! The topology of a tenant, as far as somebody sees it, and what findings follow from beside.

use sea_orm::FromQueryResult;

use super::keyset::among;
use super::scope::Scope;
use crate::domain::environment::Environment;
use crate::domain::topology::{Binding, Partition, Share, Workspace};
use crate::domain::visibility::Seen;
use crate::entity::binding::Access;
use crate::error::Result;
use crate::id::{AssetId, FolderId, PartitionId, WorkspaceId};
use crate::{args, sql};

/// A segmentation in or below a shared folder.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Segmentation {
    /// The segmentation.
    pub id: AssetId,
    /// Its name.
    pub display_name: String,
    /// The shared folder.
    pub shared_folder_id: FolderId,
    /// Something of it is live.
    pub approved: bool,
}

/// How often the assets of a workspace refer to what is in a folder.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct References {
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// A folder of another workspace; nothing: all its own.
    pub folder_id: Option<FolderId>,
    /// How many references there are, draft and live ones to the same asset counted once.
    pub count: i64,
}

/// The living workspaces among those that are seen, Default first, then by name.
pub async fn workspaces(scope: &Scope, seen: &Seen<WorkspaceId>) -> Result<Vec<Workspace>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: WorkspaceId,
        display_name: String,
        environment: Environment,
        region: String,
        brand: String,
        all_partitions: bool,
        archived: bool,
    }
    let (all, these) = among(seen, |id| id.0);
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT id, display_name, environment, region, brand, all_partitions, \
                     archive_time IS NOT NULL AS archived FROM workspace \
                 WHERE tenant_id = $1 AND delete_time IS NULL AND ($2 OR id = ANY($3::uuid[])) \
                 ORDER BY is_default DESC, display_name, id"
            ),
            args![all, these],
        )
        .await?;
    let workspace = |row: Row| Workspace {
        id: row.id,
        display_name: row.display_name,
        environment: row.environment,
        region: row.region,
        brand: row.brand,
        all_partitions: row.all_partitions,
        archived: row.archived,
        bindings_known: false,
    };
    Ok(rows.into_iter().map(workspace).collect())
}

/// The living partitions among those that are seen, by name.
pub async fn partitions(scope: &Scope, seen: &Seen<PartitionId>) -> Result<Vec<Partition>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: PartitionId,
        display_name: String,
        region: String,
    }
    let (all, these) = among(seen, |id| id.0);
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT id, display_name, region FROM person_partition \
                 WHERE tenant_id = $1 AND delete_time IS NULL AND ($2 OR id = ANY($3::uuid[])) \
                 ORDER BY display_name, id"
            ),
            args![all, these],
        )
        .await?;
    let partition = |row: Row| Partition {
        id: row.id,
        display_name: row.display_name,
        region: row.region,
        people: None,
    };
    Ok(rows.into_iter().map(partition).collect())
}

/// The bindings of the workspaces that are seen, those with a row, by workspace and partition.
pub async fn bindings(scope: &Scope, seen: &Seen<WorkspaceId>) -> Result<Vec<Binding>> {
    #[derive(FromQueryResult)]
    struct Row {
        workspace_id: WorkspaceId,
        partition_id: PartitionId,
        access: Access,
        is_primary: bool,
    }
    let (all, these) = among(seen, |id| id.0);
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT b.workspace_id, b.partition_id, b.access, b.is_primary FROM binding b \
                 JOIN workspace w ON w.tenant_id = $1 AND w.id = b.workspace_id AND w.delete_time IS NULL \
                 JOIN person_partition p ON p.tenant_id = $1 AND p.id = b.partition_id \
                 AND p.delete_time IS NULL \
                 WHERE b.tenant_id = $1 AND ($2 OR b.workspace_id = ANY($3::uuid[])) \
                 ORDER BY b.workspace_id, b.is_primary DESC, b.partition_id"
            ),
            args![all, these],
        )
        .await?;
    let binding = |row: Row| Binding {
        workspace: row.workspace_id,
        partition: row.partition_id,
        read_only: row.access == Access::ReadOnly,
        primary: row.is_primary,
    };
    Ok(rows.into_iter().map(binding).collect())
}

/// The shares whose ends are both among the workspaces that are seen, by folder and target.
pub async fn shares(scope: &Scope, seen: &Seen<WorkspaceId>) -> Result<Vec<Share>> {
    #[derive(FromQueryResult)]
    struct Row {
        folder_id: FolderId,
        display_name: String,
        owner_id: WorkspaceId,
        workspace_id: WorkspaceId,
    }
    let (all, these) = among(seen, |id| id.0);
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT s.folder_id, f.display_name, f.workspace_id AS owner_id, s.workspace_id FROM share s \
                 JOIN folder f ON f.tenant_id = $1 AND f.id = s.folder_id \
                 JOIN workspace o ON o.tenant_id = $1 AND o.id = f.workspace_id AND o.delete_time IS NULL \
                 JOIN workspace w ON w.tenant_id = $1 AND w.id = s.workspace_id AND w.delete_time IS NULL \
                 WHERE s.tenant_id = $1 \
                 AND ($2 OR (f.workspace_id = ANY($3::uuid[]) AND s.workspace_id = ANY($3::uuid[]))) \
                 ORDER BY s.folder_id, s.workspace_id"
            ),
            args![all, these],
        )
        .await?;
    let share = |row: Row| Share {
        folder: row.folder_id,
        folder_name: row.display_name,
        owner: row.owner_id,
        target: row.workspace_id,
    };
    Ok(rows.into_iter().map(share).collect())
}

/// The segmentations in and below shared folders, by folder.
pub async fn segmentations(scope: &Scope, shared: &[FolderId]) -> Result<Vec<Segmentation>> {
    scope
        .all(
            sql!(
                "SELECT a.id, a.display_name, p.ancestor_id AS shared_folder_id, \
                     a.approved_version IS NOT NULL AS approved FROM folder_path p \
                 JOIN asset a ON a.tenant_id = $1 AND a.folder_id = p.folder_id AND a.type = 'SEGMENTATION' \
                 WHERE p.tenant_id = $1 AND p.ancestor_id = ANY($2::uuid[]) ORDER BY p.ancestor_id, a.id"
            ),
            args![shared],
        )
        .await
}

/// What the assets of the workspaces that are seen refer to.
pub async fn references(scope: &Scope, seen: &Seen<WorkspaceId>) -> Result<Vec<References>> {
    let (all, these) = among(seen, |id| id.0);
    scope
        .all(
            sql!(
                "SELECT r.workspace_id, r.folder_id, count(*) AS count FROM (\
                     SELECT DISTINCT x.asset_id, x.target_id, s.workspace_id, \
                         CASE WHEN t.workspace_id <> s.workspace_id THEN t.folder_id END AS folder_id \
                     FROM asset_reference x \
                     JOIN asset s ON s.tenant_id = $1 AND s.id = x.asset_id \
                     JOIN asset t ON t.tenant_id = $1 AND t.id = x.target_id \
                     WHERE x.tenant_id = $1 AND ($2 OR s.workspace_id = ANY($3::uuid[]))) r \
                 GROUP BY r.workspace_id, r.folder_id ORDER BY r.workspace_id"
            ),
            args![all, these],
        )
        .await
}
