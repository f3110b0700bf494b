//! What plans are made from: what a transaction has changed so far, and the rows that this concerns.

use sea_orm::FromQueryResult;

use super::audit;
use super::change::Touches;
use super::effect::Matter;
use super::index::{self, Snapshot};
use super::scope::Scope;
use super::write::Tx;
use crate::domain::plan::Transfer;
use crate::domain::visibility::Index;
use crate::error::Result;
use crate::id::{AssetId, FolderId, PartitionId, WorkspaceId};
use crate::secret::Secrets;
use crate::{args, sql};

/// What a transaction has done so far, as far as plans tell of it.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// Workspaces that it made.
    pub workspaces: Vec<WorkspaceId>,
    /// Partitions that it made.
    pub partitions: Vec<PartitionId>,
    /// Folders that it moved, shared or unshared.
    pub folders: Vec<FolderId>,
    /// Assets that it made, moved or deleted.
    pub assets: Vec<AssetId>,
    /// Where people went or will go.
    pub transfers: Vec<Transfer>,
}

// === impl Tx ===

impl Tx {
    /// Notes where people went in this transaction, or will go by what it starts.
    pub fn people_transferred(&self, transfers: impl IntoIterator<Item = Transfer>) {
        self.log().transfers.extend(transfers);
    }

    /// What was done so far.
    pub fn done(&self) -> Done {
        let log = self.log();
        let mut done = Done { transfers: log.transfers.clone(), ..Done::default() };
        for change in &log.changes {
            let Some(id) = change.resource_id else { continue };
            match change.kind {
                "workspace.created" => done.workspaces.push(WorkspaceId(id)),
                "partition.created" => done.partitions.push(PartitionId(id)),
                kind if kind.starts_with("folder.") => done.folders.push(FolderId(id)),
                kind if kind.starts_with("asset.") => done.assets.push(AssetId(id)),
                _ => {}
            }
        }
        done
    }

    /// Who may do what once this is committed, made from what was so before.
    pub async fn index_after(&self, before: &Snapshot) -> Result<Index> {
        let things: Vec<_> = {
            let log = self.log();
            let access = log.changes.iter().filter(|one| one.touches == Touches::Access);
            access.map(|one| one.thing()).collect()
        };
        index::after(self, before, things).await
    }

    /// Whether nobody else has changed who may do what since a snapshot, nor can until the commit.
    pub async fn stands(&self, before: &Snapshot) -> Result<bool> {
        Ok(audit::lock_head(self).await?.access_revision == before.revision)
    }

    /// The secrets that tokens are made with.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }
}

/// What is in some folders, some assets with what is local to them, and the references from and to all these.
pub async fn matter(scope: &Scope, folders: &[FolderId], assets: &[AssetId]) -> Result<Matter> {
    if folders.is_empty() && assets.is_empty() {
        return Ok(Matter::default());
    }
    let found = scope
        .all(
            sql!(
                "SELECT a.id, a.folder_id, a.type, a.display_name, a.approved_version IS NOT NULL AS approved \
                 FROM asset a WHERE a.tenant_id = $1 AND (a.folder_id = ANY($2::uuid[]) \
                     OR a.id = ANY($3::uuid[]) OR a.program_id = ANY($3::uuid[])) ORDER BY a.id"
            ),
            args![folders, assets],
        )
        .await?;
    let mut matter = Matter { assets: found, references: Vec::new() };
    let ids: Vec<AssetId> = matter.assets.iter().map(|one| one.id).collect();
    matter.references = scope
        .all(
            sql!(
                "SELECT r.asset_id, s.folder_id AS source_folder, r.target_id, t.folder_id AS target_folder, \
                     t.type AS target_type, t.approved_version IS NOT NULL AS target_approved \
                 FROM (SELECT x.asset_id, x.target_id FROM asset_reference x \
                         WHERE x.tenant_id = $1 AND x.asset_id = ANY($2::uuid[]) \
                     UNION SELECT x.asset_id, x.target_id FROM asset_reference x \
                         WHERE x.tenant_id = $1 AND x.target_id = ANY($2::uuid[])) r \
                 JOIN asset s ON s.tenant_id = $1 AND s.id = r.asset_id \
                 JOIN asset t ON t.tenant_id = $1 AND t.id = r.target_id ORDER BY r.asset_id, r.target_id"
            ),
            args![&ids[..]],
        )
        .await?;
    Ok(matter)
}

/// The segmentations of some workspaces that have results or are about to, deleted workspaces' too, and whose they are.
pub async fn segmentations(
    scope: &Scope,
    workspaces: &[WorkspaceId],
) -> Result<Vec<(AssetId, WorkspaceId)>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: AssetId,
        workspace_id: WorkspaceId,
    }
    if workspaces.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = scope
        .all(
            sql!(
                "SELECT s.id, a.workspace_id FROM segmentation s JOIN asset a ON a.tenant_id = $1 AND a.id = s.id \
                 WHERE s.tenant_id = $1 AND a.workspace_id = ANY($2::uuid[]) \
                 AND (s.live_generation IS NOT NULL OR s.next_generation IS NOT NULL) ORDER BY s.id"
            ),
            args![workspaces],
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.workspace_id)).collect())
}
