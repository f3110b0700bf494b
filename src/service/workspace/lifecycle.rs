//! Archiving, deleting and restoring workspaces (W-04, W-07, W-08, W-12, W-13).

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Workspaces, lock_living, not_found};
use crate::clock::{after, now};
use crate::config::RETENTION;
use crate::context::Context;
use crate::domain::text;
use crate::entity::Workspace;
use crate::error::{Error, Noun, OnUnique, Reason, Result};
use crate::id::{PartitionId, WorkspaceId};
use crate::repository::quota::{self, Quota};
use crate::repository::workspace::{self, Detail};
use crate::repository::{Answer, Change, Touches, Tx, partition};
use crate::service::access::{self, At, Over, Permission};
use crate::service::binding::{self as bindings, Bind};
use crate::service::refuse;

/// A deleted workspace.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deleted {
    /// The workspace.
    pub detail: Detail,
    /// The partitions that nobody sees any more.
    pub orphans: Vec<PartitionId>,
}

/// How to restore a workspace.
#[derive(Clone, Debug)]
pub struct Restore {
    /// Which one.
    pub id: WorkspaceId,
    /// A new name, for when the old one is taken.
    pub display_name: Option<String>,
    /// A new primary, for when the old one is gone.
    pub primary: Option<PartitionId>,
}

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

    /// Deletes a workspace, softly. `expected_assets` is how many assets the caller expects to go with it,
    /// if it forces that.
    pub async fn delete(
        &self,
        ctx: &Context,
        id: WorkspaceId,
        etag: &str,
        expected_assets: Option<i64>,
    ) -> Result<Answer<Deleted>> {
        self.store
            .write(ctx, |tx| async move {
                let over = Over::workspaces(std::slice::from_ref(&id));
                access::demand_over(&tx, ctx, over).await?;
                let mut deleted = delete(&tx, id, etag, expected_assets).await?;
                if !access::held(&tx, ctx, At::Tenant).await?.has(Permission::PartitionsRead) {
                    deleted.orphans.clear();
                }
                Ok(deleted)
            })
            .await
    }

    /// Brings a deleted workspace back.
    pub async fn undelete(&self, ctx: &Context, how: &Restore) -> Result<Answer<Detail>> {
        self.store
            .write(ctx, |tx| async move {
                access::demand(&tx, ctx, At::Tenant).await?;
                let over = Over::partitions(how.primary.as_slice());
                if how.primary.is_some() {
                    access::demand_also(&tx, ctx, Permission::PartitionsManage, over).await?;
                }
                undelete(&tx, how).await
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
    save(tx, kind, &before, after).await
}

async fn delete(
    tx: &Tx,
    id: WorkspaceId,
    etag: &str,
    expected_assets: Option<i64>,
) -> Result<Deleted> {
    let before = lock_living(tx, id).await?;
    refuse::stale_etag(etag, before.workspace.version, Noun::Workspace, id)?;
    refuse_default(&before.workspace)?;
    if let Some(expected) = expected_assets.filter(|expected| *expected != 0) {
        return Err(asset_count_mismatch(id, expected));
    }
    let orphans = workspace::seen_by_it_alone(tx, id).await?;
    let mut detail = before.clone();
    let time = now();
    detail.workspace.delete_time = Some(time);
    detail.workspace.purge_time = Some(after(time, RETENTION));
    quota::give_back(tx, Quota::Workspaces).await?;
    let detail = save(tx, "workspace.deleted", &before, detail).await?;
    Ok(Deleted { detail, orphans })
}

async fn undelete(tx: &Tx, how: &Restore) -> Result<Detail> {
    let before = workspace::lock(tx, how.id).await?.ok_or_else(|| not_found(how.id))?;
    let deleted = &before.workspace;
    refuse::restore(deleted.delete_time, deleted.purge_time, Noun::Workspace, how.id)?;
    if how.primary.is_none() {
        hold_primary(tx, &before).await?;
    }
    quota::take(tx, Quota::Workspaces).await?;
    let mut detail = before.clone();
    detail.workspace.delete_time = None;
    detail.workspace.purge_time = None;
    if let Some(name) = &how.display_name {
        detail.workspace.display_name.clone_from(name);
        detail.workspace.name_key = text::key(name);
    }
    let detail = save(tx, "workspace.undeleted", &before, detail).await?;
    let Some(partition) = how.primary else { return Ok(detail) };
    let bind = Bind { workspace: how.id, partition, access: None, primary: true };
    bindings::put(tx, &detail, bind).await?;
    lock_living(tx, how.id).await
}

/// The primary that a deleted workspace had must still stand, or another be named.
async fn hold_primary(tx: &Tx, deleted: &Detail) -> Result<()> {
    let primary: Vec<PartitionId> = deleted.primary_partition_id.into_iter().collect();
    if partition::hold(tx, &primary).await?.is_empty() {
        return Err(bindings::primary_required(Some(deleted.workspace.id)));
    }
    Ok(())
}

/// Writes the next version of a workspace, and records it.
async fn save(tx: &Tx, kind: &'static str, before: &Detail, mut after: Detail) -> Result<Detail> {
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
        detail: json!({}),
        before: json!(before),
        after: json!(after),
        touches: Touches::Access,
    });
    Ok(after)
}

/// DEFAULT_WORKSPACE.
fn refuse_default(workspace: &Workspace) -> Result<()> {
    if !workspace.is_default {
        return Ok(());
    }
    let message =
        "the Default workspace cannot be deleted or archived; use another one for what should go";
    Err(Error::new(Reason::DefaultWorkspace, message)
        .with("workspace_id", workspace.id)
        .resource(Noun::Workspace, workspace.id.to_string()))
}

/// ASSET_COUNT_MISMATCH.
fn asset_count_mismatch(id: WorkspaceId, expected: i64) -> Error {
    let message = format!(
        "the workspace holds 0 assets and not {expected}; check what it holds and send that count"
    );
    Error::new(Reason::AssetCountMismatch, message)
        .with("workspace_id", id)
        .with("expected", expected)
        .with("actual", 0)
        .resource(Noun::Workspace, id.to_string())
}
