//! A deleted workspace, from its assets down to its own row.

use crate::entity::{Folder, Grant, Share};
use crate::error::Result;
use crate::id::{AssetId, FolderId, GrantId, ImportId, WorkspaceId};
use crate::repository::write::Tx;
use crate::repository::{asset, folder, segmentation};
use crate::{args, sql};

/// Some of the workspace's assets, with all that is local to them.
pub async fn assets(tx: &Tx, id: WorkspaceId, limit: i64) -> Result<Vec<AssetId>> {
    let some: Vec<AssetId> = tx
        .column(
            sql!("SELECT id FROM asset WHERE tenant_id = $1 AND workspace_id = $2 LIMIT $3"),
            args![id, limit],
        )
        .await?;
    tx.column(
        sql!(
            "SELECT id FROM asset WHERE tenant_id = $1 AND (id = ANY($2::uuid[]) OR program_id = ANY($2::uuid[])) \
             ORDER BY id"
        ),
        args![some.as_slice()],
    )
    .await
}

/// Takes people out of assets, at most so many; how many.
pub async fn remove_members(tx: &Tx, assets: &[AssetId], limit: i64) -> Result<u64> {
    tx.execute(
        sql!(
            "DELETE FROM asset_member WHERE tenant_id = $1 AND asset_id = ANY($2::uuid[]) \
             AND (asset_id, person_id) IN (SELECT m.asset_id, m.person_id FROM asset_member m \
                 WHERE m.tenant_id = $1 AND m.asset_id = ANY($2::uuid[]) LIMIT $3)"
        ),
        args![assets, limit],
    )
    .await
}

/// Removes results of segmentations among assets, at most so many; how many.
pub async fn remove_results(tx: &Tx, assets: &[AssetId], limit: i64) -> Result<u64> {
    let segmentations: Vec<AssetId> = tx
        .column(
            sql!(
                "SELECT id FROM asset WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND type = 'SEGMENTATION'"
            ),
            args![assets],
        )
        .await?;
    let mut removed = 0;
    for id in segmentations {
        let left = limit - i64::try_from(removed).unwrap_or(limit);
        let sql = sql!(
            "DELETE FROM segment_member WHERE tenant_id = $1 AND segmentation_id = $2 \
             AND (person_id, from_generation) IN (SELECT m.person_id, m.from_generation FROM segment_member m \
                 WHERE m.tenant_id = $1 AND m.segmentation_id = $2 ORDER BY m.person_id LIMIT $3)"
        );
        removed += tx.execute(sql, args![id, left]).await?;
    }
    Ok(removed)
}

/// Removes assets without members and results. What of other workspaces refers to them does so in vain from now on,
/// and is broken (L-07).
pub async fn remove_assets(tx: &Tx, assets: &[AssetId]) -> Result<()> {
    segmentation::hold(tx).await?;
    tx.segments_changed();
    for sql in [
        sql!(
            "DELETE FROM segment_coverage WHERE tenant_id = $1 AND segmentation_id = ANY($2::uuid[])"
        ),
        sql!("DELETE FROM segmentation WHERE tenant_id = $1 AND id = ANY($2::uuid[])"),
        sql!(
            "UPDATE asset_reference SET lost = true WHERE tenant_id = $1 AND target_id = ANY($2::uuid[])"
        ),
    ] {
        tx.execute(sql, args![assets]).await?;
    }
    asset::delete(tx, assets).await
}

/// Imports through the workspace: some, locked until the commit.
pub async fn imports(tx: &Tx, id: WorkspaceId, limit: i64) -> Result<Vec<ImportId>> {
    tx.column(
        sql!(
            "SELECT id FROM import WHERE tenant_id = $1 AND workspace_id = $2 LIMIT $3 FOR UPDATE"
        ),
        args![id, limit],
    )
    .await
}

/// Removes grants in the workspace, at most so many, and returns them.
pub async fn remove_grants(tx: &Tx, id: WorkspaceId, limit: i64) -> Result<Vec<Grant>> {
    let grants: Vec<Grant> = tx
        .all(
            sql!(
                "SELECT * FROM access_grant WHERE tenant_id = $1 AND workspace_id = $2 ORDER BY id LIMIT $3"
            ),
            args![id, limit],
        )
        .await?;
    let ids: Vec<GrantId> = grants.iter().map(|one| one.id).collect();
    tx.execute(
        sql!("DELETE FROM access_grant WHERE tenant_id = $1 AND id = ANY($2::uuid[])"),
        args![ids.as_slice()],
    )
    .await?;
    Ok(grants)
}

/// Ends shares to the workspace, at most so many, and returns them, each with the workspace that its folder belongs to.
pub async fn remove_shares(
    tx: &Tx,
    id: WorkspaceId,
    limit: i64,
) -> Result<Vec<(Share, WorkspaceId)>> {
    let shares: Vec<Share> = tx
        .all(
            sql!(
                "SELECT * FROM share WHERE tenant_id = $1 AND workspace_id = $2 ORDER BY folder_id LIMIT $3"
            ),
            args![id, limit],
        )
        .await?;
    let ids: Vec<FolderId> = shares.iter().map(|one| one.folder_id).collect();
    tx.execute(
        sql!(
            "DELETE FROM share WHERE tenant_id = $1 AND workspace_id = $2 AND folder_id = ANY($3::uuid[])"
        ),
        args![id, ids.as_slice()],
    )
    .await?;
    let folders = folder::by_ids(tx, &ids).await?;
    let owner = |one: &Share| {
        let folder = folders.iter().find(|folder| folder.id == one.folder_id);
        folder.map(|folder| folder.workspace_id)
    };
    // The foreign key of a share holds its folder.
    Ok(shares.into_iter().filter_map(|one| owner(&one).map(|owner| (one, owner))).collect())
}

/// Removes folders of the workspace, at most so many, the deepest first and with the shares of them, and returns them.
pub async fn remove_folders(tx: &Tx, id: WorkspaceId, limit: i64) -> Result<Vec<Folder>> {
    let folders: Vec<Folder> = tx
        .all(
            sql!(
                "SELECT * FROM folder WHERE tenant_id = $1 AND workspace_id = $2 ORDER BY depth DESC, id LIMIT $3"
            ),
            args![id, limit],
        )
        .await?;
    let ids: Vec<FolderId> = folders.iter().map(|one| one.id).collect();
    for sql in [
        sql!("DELETE FROM share WHERE tenant_id = $1 AND folder_id = ANY($2::uuid[])"),
        sql!("DELETE FROM folder_path WHERE tenant_id = $1 AND folder_id = ANY($2::uuid[])"),
        sql!("DELETE FROM folder WHERE tenant_id = $1 AND id = ANY($2::uuid[])"),
    ] {
        tx.execute(sql, args![ids.as_slice()]).await?;
    }
    Ok(folders)
}

/// Removes the workspace, which holds nothing any more.
pub async fn remove(tx: &Tx, id: WorkspaceId) -> Result<()> {
    for sql in [
        sql!("DELETE FROM asset_origin WHERE tenant_id = $1 AND workspace_id = $2"),
        sql!("DELETE FROM last_use WHERE tenant_id = $1 AND workspace_id = $2"),
        sql!("DELETE FROM binding WHERE tenant_id = $1 AND workspace_id = $2"),
        sql!("DELETE FROM workspace WHERE tenant_id = $1 AND id = $2"),
    ] {
        tx.execute(sql, args![id]).await?;
    }
    Ok(())
}
