//! Whether what a smart list refers to is whole (L-07).

use crate::error::Result;
use crate::id::AssetId;
use crate::repository::Scope;
use crate::{args, sql};

/// Something that a smart list uses, by whatever way through other smart lists, and that its owner, or that of the list
/// on the way, no longer sees, or that is not approved; nothing: all is whole.
pub async fn broken(scope: &Scope, list: AssetId) -> Result<Option<AssetId>> {
    let broken: Vec<AssetId> = scope
        .column(
            sql!(
                "SELECT u.target_id FROM (WITH RECURSIVE used(workspace_id, target_id) AS (\
                         SELECT a.workspace_id, r.target_id FROM asset a \
                         JOIN asset_reference r ON r.tenant_id = $1 AND r.asset_id = a.id AND r.live \
                         WHERE a.tenant_id = $1 AND a.id = $2 \
                         UNION SELECT t.workspace_id, r.target_id FROM used u \
                         JOIN asset t ON t.tenant_id = $1 AND t.id = u.target_id AND t.type = 'SMART_LIST' \
                         JOIN asset_reference r ON r.tenant_id = $1 AND r.asset_id = t.id AND r.live) \
                     SELECT workspace_id, target_id FROM used) u \
                 JOIN asset t ON t.tenant_id = $1 AND t.id = u.target_id \
                 JOIN workspace w ON w.tenant_id = $1 AND w.id = t.workspace_id \
                 WHERE w.delete_time IS NOT NULL OR (t.type = 'SEGMENTATION' AND t.approved_version IS NULL) \
                 OR (t.workspace_id <> u.workspace_id AND NOT EXISTS (\
                     SELECT 1 FROM folder_path p JOIN share h ON h.tenant_id = $1 AND h.folder_id = p.ancestor_id \
                         AND h.workspace_id = u.workspace_id \
                     WHERE p.tenant_id = $1 AND p.folder_id = t.folder_id)) ORDER BY u.target_id LIMIT 1"
            ),
            args![list],
        )
        .await?;
    Ok(broken.into_iter().next())
}
