//! Whole trees of folders: what is shared in them, and moving them, each in one statement however large they are.

use sea_orm::FromQueryResult;

use super::scope::Scope;
use super::write::Tx;
use crate::clock::Micros;
use crate::error::Result;
use crate::id::{FolderId, WorkspaceId};
use crate::{args, sql};

/// A share of a folder of a tree.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Shared {
    /// The folder.
    pub folder_id: FolderId,
    /// The folder that it is in.
    pub parent_id: FolderId,
    /// How deep it lies.
    pub depth: i32,
    /// The workspace that it is shared to.
    pub workspace_id: WorkspaceId,
}

/// The shares of a folder and of those below it.
pub async fn shares_below(scope: &Scope, id: FolderId) -> Result<Vec<Shared>> {
    scope
        .all(
            sql!(
                "SELECT s.folder_id, f.parent_id, f.depth, s.workspace_id FROM folder_path p \
                 JOIN share s ON s.tenant_id = $1 AND s.folder_id = p.folder_id \
                 JOIN folder f ON f.tenant_id = $1 AND f.id = p.folder_id \
                 WHERE p.tenant_id = $1 AND p.ancestor_id = $2 ORDER BY s.folder_id, s.workspace_id"
            ),
            args![id],
        )
        .await
}

/// The depth of the deepest folder at or below one.
pub async fn deepest_below(scope: &Scope, id: FolderId) -> Result<i32> {
    let depth: Vec<i32> = scope
        .column(
            sql!(
                "SELECT max(f.depth) FROM folder_path p JOIN folder f ON f.tenant_id = $1 AND f.id = p.folder_id \
                 WHERE p.tenant_id = $1 AND p.ancestor_id = $2"
            ),
            args![id],
        )
        .await?;
    Ok(depth.into_iter().next().unwrap_or_default())
}

/// The names of programs at or below a folder that programs of a workspace have.
pub async fn program_names_taken(
    scope: &Scope,
    id: FolderId,
    workspace: WorkspaceId,
) -> Result<Vec<String>> {
    scope
        .column(
            sql!(
                "SELECT a.display_name FROM folder_path p \
                 JOIN asset a ON a.tenant_id = $1 AND a.folder_id = p.folder_id AND a.type = 'PROGRAM' \
                 JOIN asset o ON o.tenant_id = $1 AND o.workspace_id = $3 AND o.name_key = a.name_key \
                     AND o.type = 'PROGRAM' \
                 WHERE p.tenant_id = $1 AND p.ancestor_id = $2 ORDER BY a.display_name"
            ),
            args![id, workspace],
        )
        .await
}

/// Puts a folder, with all below it, under another parent, so much deeper than before; its own row is written
/// already.
pub async fn transplant(tx: &Tx, id: FolderId, parent: FolderId, deeper: i32) -> Result<()> {
    tx.execute(
        sql!(
            "UPDATE folder SET depth = depth + $3 WHERE tenant_id = $1 AND id <> $2 AND id IN (\
                 SELECT p.folder_id FROM folder_path p WHERE p.tenant_id = $1 AND p.ancestor_id = $2)"
        ),
        args![id, deeper],
    )
    .await?;
    tx.execute(
        sql!(
            "DELETE FROM folder_path WHERE tenant_id = $1 AND folder_id IN (\
                 SELECT p.folder_id FROM folder_path p WHERE p.tenant_id = $1 AND p.ancestor_id = $2) \
             AND ancestor_id NOT IN (\
                 SELECT p.folder_id FROM folder_path p WHERE p.tenant_id = $1 AND p.ancestor_id = $2)"
        ),
        args![id],
    )
    .await?;
    tx.execute(
        sql!(
            "INSERT INTO folder_path (tenant_id, folder_id, ancestor_id) \
             SELECT $1, b.folder_id, a.ancestor_id FROM folder_path b \
             JOIN folder_path a ON a.tenant_id = $1 AND a.folder_id = $3 \
             WHERE b.tenant_id = $1 AND b.ancestor_id = $2"
        ),
        args![id, parent],
    )
    .await
    .map(drop)
}

/// Gives a folder, with all that is in and below it, to another workspace.
pub async fn hand_over(tx: &Tx, id: FolderId, workspace: WorkspaceId, time: Micros) -> Result<()> {
    tx.execute(
        sql!(
            "UPDATE folder SET workspace_id = $3, version = version + 1, update_time = $4 \
             WHERE tenant_id = $1 AND id <> $2 AND id IN (\
                 SELECT p.folder_id FROM folder_path p WHERE p.tenant_id = $1 AND p.ancestor_id = $2)"
        ),
        args![id, workspace, time],
    )
    .await?;
    tx.execute(
        sql!(
            "UPDATE asset SET workspace_id = $3, version = version + 1, update_time = $4 \
             WHERE tenant_id = $1 AND folder_id IN (\
                 SELECT p.folder_id FROM folder_path p WHERE p.tenant_id = $1 AND p.ancestor_id = $2)"
        ),
        args![id, workspace, time],
    )
    .await
    .map(drop)
}

/// Ends the shares of a folder, and of those below it, to a workspace.
pub async fn end_shares_below(tx: &Tx, id: FolderId, workspace: WorkspaceId) -> Result<()> {
    tx.execute(
        sql!(
            "DELETE FROM share WHERE tenant_id = $1 AND workspace_id = $3 AND folder_id IN (\
                 SELECT p.folder_id FROM folder_path p WHERE p.tenant_id = $1 AND p.ancestor_id = $2)"
        ),
        args![id, workspace],
    )
    .await
    .map(drop)
}
