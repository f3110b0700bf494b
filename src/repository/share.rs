//! Shares of folders. They stay while an end is in a deleted workspace; everything here shows only those whose both
//! ends live.

use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};

use super::keyset::among;
use super::scope::Scope;
use super::write::Tx;
use crate::clock::Micros;
use crate::domain::visibility::Seen;
use crate::error::Result;
use crate::id::{FolderId, WorkspaceId};
use crate::{args, sql};

/// A share between living workspaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromQueryResult)]
pub struct Share {
    /// The folder.
    pub folder_id: FolderId,
    /// The workspace that it belongs to.
    pub owner_id: WorkspaceId,
    /// The workspace that it is shared to.
    pub workspace_id: WorkspaceId,
    /// Who shared it.
    pub shared_by: String,
    /// When.
    pub create_time: Micros,
}

/// A place in a list of shares.
pub type Place = (FolderId, WorkspaceId);

/// A page of the shares from a workspace and to it, or those of one folder, whose other end is among those that the
/// caller sees.
pub async fn list(
    scope: &Scope,
    workspace: WorkspaceId,
    folder: Option<FolderId>,
    seen: &Seen<WorkspaceId>,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Share>> {
    let (all, these) = among(seen, |id| id.0);
    let nil = uuid::Uuid::nil();
    let after = after.unwrap_or((FolderId(nil), WorkspaceId(nil)));
    scope
        .all(
            sql!(
                "SELECT s.folder_id, f.workspace_id AS owner_id, s.workspace_id, s.shared_by, s.create_time \
                 FROM share s JOIN folder f ON f.tenant_id = $1 AND f.id = s.folder_id \
                 JOIN workspace o ON o.tenant_id = $1 AND o.id = f.workspace_id AND o.delete_time IS NULL \
                 JOIN workspace w ON w.tenant_id = $1 AND w.id = s.workspace_id AND w.delete_time IS NULL \
                 WHERE s.tenant_id = $1 AND (f.workspace_id = $2 OR s.workspace_id = $2) \
                 AND ($3 OR s.folder_id = $4) \
                 AND ($5 OR (f.workspace_id = ANY($6::uuid[]) AND s.workspace_id = ANY($6::uuid[]))) \
                 AND (s.folder_id, s.workspace_id) > ($7, $8) ORDER BY s.folder_id, s.workspace_id LIMIT $9"
            ),
            args![
                workspace,
                folder.is_none(),
                folder.unwrap_or(FolderId(nil)),
                all,
                these,
                after.0,
                after.1,
                limit
            ],
        )
        .await
}

/// All shares from a workspace and to it.
pub async fn of_workspace(scope: &Scope, workspace: WorkspaceId) -> Result<Vec<Share>> {
    list(scope, workspace, None, &Seen::All, None, i64::MAX).await
}

/// The shares of a workspace whose other end is deleted.
pub async fn suspended(scope: &Scope, workspace: WorkspaceId) -> Result<Vec<Share>> {
    scope
        .all(
            sql!(
                "SELECT s.folder_id, f.workspace_id AS owner_id, s.workspace_id, s.shared_by, s.create_time \
                 FROM share s JOIN folder f ON f.tenant_id = $1 AND f.id = s.folder_id \
                 JOIN workspace o ON o.tenant_id = $1 AND o.id = f.workspace_id \
                 JOIN workspace w ON w.tenant_id = $1 AND w.id = s.workspace_id \
                 WHERE s.tenant_id = $1 AND ((f.workspace_id = $2 AND w.delete_time IS NOT NULL) \
                     OR (s.workspace_id = $2 AND o.delete_time IS NOT NULL)) \
                 ORDER BY s.folder_id, s.workspace_id"
            ),
            args![workspace],
        )
        .await
}

/// Shares a folder with more workspaces.
pub async fn insert(
    tx: &Tx,
    folder: FolderId,
    targets: &[WorkspaceId],
    shared_by: &str,
    time: Micros,
) -> Result<()> {
    if targets.is_empty() {
        return Ok(());
    }
    tx.execute(
        sql!(
            "INSERT INTO share (tenant_id, folder_id, workspace_id, shared_by, create_time) \
             SELECT $1, f.id, w.id, $4, $5 FROM workspace w \
             JOIN folder f ON f.tenant_id = $1 AND f.id = $2 \
             WHERE w.tenant_id = $1 AND w.id = ANY($3::uuid[])"
        ),
        args![folder, targets, shared_by, time],
    )
    .await
    .map(drop)
}

/// Ends shares of a folder.
pub async fn delete(tx: &Tx, folder: FolderId, targets: &[WorkspaceId]) -> Result<()> {
    if targets.is_empty() {
        return Ok(());
    }
    tx.execute(
        sql!(
            "DELETE FROM share WHERE tenant_id = $1 AND folder_id = $2 AND workspace_id = ANY($3::uuid[])"
        ),
        args![folder, targets],
    )
    .await
    .map(drop)
}
