//! Purging workspaces: all that they hold and share goes, people stay (W-07, W-08, S-10).

use serde_json::{Value as Json, json};

use super::{Size, Stage};
use crate::entity::Workspace;
use crate::error::Result;
use crate::id::WorkspaceId;
use crate::repository::purge::{Left, workspace as rows};
use crate::repository::quota::{self, Quota};
use crate::repository::{Change, Touches, Tx, access, import, workspace};

/// One slice of a workspace's purge.
struct Slice<'a> {
    tx: &'a Tx,
    id: WorkspaceId,
    size: Size,
}

/// Some of what is in a workspace, and in the end itself. It is locked: who restores it comes before or after.
pub(super) async fn slice(tx: &Tx, id: WorkspaceId, size: Size) -> Result<Left> {
    let Some(found) = workspace::lock(tx, id).await? else { return Ok(Left::Nothing) };
    let row = &found.workspace;
    match Stage::now(row.delete_time, row.purge_time) {
        Stage::Living => return Ok(Left::Nothing),
        Stage::Restorable(until) => return Ok(Left::Until(until)),
        Stage::Past => begin(tx, row).await?,
        Stage::Begun => {}
    }
    let slice = Slice { tx, id, size };
    if slice.assets().await?
        || slice.imports().await?
        || slice.grants().await?
        || slice.shares().await?
        || slice.folders().await?
    {
        return Ok(Left::More);
    }
    rows::remove(tx, id).await?;
    slice.record("workspace.purged", Some(id.0), json!({}), json!(found), Touches::Access);
    Ok(Left::Nothing)
}

async fn begin(tx: &Tx, found: &Workspace) -> Result<()> {
    let begun =
        Workspace { purge_time: found.delete_time, version: found.version + 1, ..found.clone() };
    tx.update(&begun).await
}

// === impl Slice ===

/// Each does a part, if there is something left of it to do.
impl Slice<'_> {
    /// Assets: who is in them first. Their names and numbers were given back when the workspace was deleted.
    async fn assets(&self) -> Result<bool> {
        let assets = rows::assets(self.tx, self.id, self.size.things).await?;
        if assets.is_empty() {
            return Ok(false);
        }
        let full = |removed| i64::try_from(removed).is_ok_and(|it: i64| it >= self.size.rows);
        if full(rows::remove_members(self.tx, &assets, self.size.rows).await?)
            || full(rows::remove_results(self.tx, &assets, self.size.rows).await?)
        {
            return Ok(true);
        }
        rows::remove_assets(self.tx, &assets).await?;
        let detail = json!({ "asset_ids": assets });
        self.record("assets.purged", None, detail, Json::Null, Touches::Nothing);
        Ok(true)
    }

    /// How far imports through it were.
    async fn imports(&self) -> Result<bool> {
        let imports = rows::imports(self.tx, self.id, self.size.things).await?;
        if imports.is_empty() {
            return Ok(false);
        }
        import::remove(self.tx, &imports, self.size.rows).await?;
        Ok(true)
    }

    /// Grants in it.
    async fn grants(&self) -> Result<bool> {
        access::lock(self.tx).await?;
        let grants = rows::remove_grants(self.tx, self.id, self.size.things).await?;
        quota::give_back_some(self.tx, Quota::Grants, grants.len()).await?;
        for one in &grants {
            let detail = json!({ "role_id": one.role_id });
            self.record("grant.deleted", Some(one.id.0), detail, json!(one), Touches::Access);
        }
        Ok(!grants.is_empty())
    }

    /// What others share to it.
    async fn shares(&self) -> Result<bool> {
        let shares = rows::remove_shares(self.tx, self.id, self.size.things).await?;
        for (one, owner) in &shares {
            // It concerns whose the folder is, as whenever a share ends.
            self.tx.record(Change {
                kind: "folder.unshared",
                resource_id: Some(one.folder_id.0),
                workspace_id: Some(*owner),
                detail: json!({ "target_workspace_ids": [self.id] }),
                before: json!({ "target_workspace_ids": [self.id] }),
                touches: Touches::Access,
                ..Change::default()
            });
        }
        Ok(!shares.is_empty())
    }

    /// Its folders, with what it shares to others.
    async fn folders(&self) -> Result<bool> {
        let folders = rows::remove_folders(self.tx, self.id, self.size.things).await?;
        // A root goes with its workspace.
        for one in folders.iter().filter(|one| one.parent_id.is_some()) {
            let id = Some(one.id.0);
            self.record("folder.deleted", id, json!({}), json!(one), Touches::Access);
        }
        Ok(!folders.is_empty())
    }

    fn record(
        &self,
        kind: &'static str,
        resource_id: Option<uuid::Uuid>,
        detail: Json,
        before: Json,
        touches: Touches,
    ) {
        self.tx.record(Change {
            kind,
            resource_id,
            workspace_id: Some(self.id),
            detail,
            before,
            after: Json::Null,
            touches,
        });
    }
}
