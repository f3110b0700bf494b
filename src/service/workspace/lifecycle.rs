//! Archiving workspaces (W-04, W-12), and what it has in common with deleting and restoring them.

use serde_json::{Value as Json, json};

use super::{Workspaces, lock_living};
use crate::clock::now;
use crate::context::Context;
use crate::entity::Workspace;
use crate::error::{Error, Noun, OnUnique, Reason, Result};
use crate::id::WorkspaceId;
use crate::repository::workspace::Detail;
use crate::repository::{Answer, Change, Touches, Tx};
use crate::service::access::{self, Over};
use crate::service::refuse;

impl Workspaces {
    /// Archives a workspace, or takes it out of the archive; one that is so already stays as it is.
    pub async fn archive(
        &self,
        ctx: &Context,
        id: WorkspaceId,
        etag: &str,
        archived: bool,
    ) -> Result<Answer<Detail>> {
        self.store
            .write(ctx, |tx| async move {
                let over = Over::workspaces(std::slice::from_ref(&id));
                access::demand_over(&tx, ctx, over).await?;
                archive(&tx, id, etag, archived).await
            })
            .await
    }
}

async fn archive(tx: &Tx, id: WorkspaceId, etag: &str, archived: bool) -> Result<Detail> {
    let before = lock_living(tx, id).await?;
    refuse::stale_etag(etag, before.workspace.version, Noun::Workspace, id)?;
    if archived {
        refuse_default(&before.workspace)?;
    }
    if before.workspace.archive_time.is_some() == archived {
        return Ok(before);
    }
    let mut after = before.clone();
    after.workspace.archive_time = archived.then(now);
    let kind = if archived { "workspace.archived" } else { "workspace.unarchived" };
    save(tx, kind, &before, after, json!({})).await
}

/// Writes the next version of a workspace, and records it.
pub(super) async fn save(
    tx: &Tx,
    kind: &'static str,
    before: &Detail,
    mut after: Detail,
    detail: Json,
) -> Result<Detail> {
    after.workspace.version += 1;
    after.workspace.update_time = now();
    tx.update(&after.workspace).await.on_unique("workspace_name", || {
        refuse::name_taken(Noun::Workspace, &after.workspace.display_name)
    })?;
    let id = after.workspace.id;
    tx.record(Change {
        kind,
        resource_id: Some(id.0),
        workspace_id: Some(id),
        detail,
        before: json!(before),
        after: json!(after),
        touches: Touches::Access,
    });
    Ok(after)
}

/// DEFAULT_WORKSPACE.
pub(super) fn refuse_default(workspace: &Workspace) -> Result<()> {
    if !workspace.is_default {
        return Ok(());
    }
    let message =
        "the Default workspace cannot be deleted or archived; use another one for what should go";
    Err(Error::new(Reason::DefaultWorkspace, message)
        .with("workspace_id", workspace.id)
        .resource(Noun::Workspace, workspace.id.to_string()))
}
