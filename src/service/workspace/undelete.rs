//! Restoring workspaces (W-13).

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::lifecycle::save;
use super::{Workspaces, lock_living, not_found};
use crate::context::Context;
use crate::domain::asset::Type;
use crate::domain::text;
use crate::entity::tenant::Settings;
use crate::error::{Noun, Result};
use crate::id::{PartitionId, WorkspaceId};
use crate::repository::purge::{self, Purge};
use crate::repository::quota::{self, Quota};
use crate::repository::share::{self, Share};
use crate::repository::workspace::{self, Detail};
use crate::repository::{Answer, Tx, effect, folder, partition, visibility};
use crate::service::access::{self, At, Over, Permission};
use crate::service::binding::{self as bindings, Bind};
use crate::service::plan::{self, Planned};
use crate::service::{asset, refuse};

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

/// A workspace that is back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Restored {
    /// The workspace.
    pub detail: Detail,
    /// The shares from and to it whose other end is still deleted.
    pub suspended: Vec<Share>,
}

impl Workspaces {
    /// Brings a deleted workspace back.
    pub async fn undelete(
        &self,
        ctx: &Context,
        how: &Restore,
    ) -> Result<Answer<Planned<Restored>>> {
        plan::write(&self.store, ctx, |tx| async move {
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

async fn undelete(tx: &Tx, how: &Restore) -> Result<Restored> {
    let before = workspace::lock(tx, how.id).await?.ok_or_else(|| not_found(how.id))?;
    let deleted = &before.workspace;
    refuse::restore(deleted.delete_time, deleted.purge_time, Noun::Workspace, how.id)?;
    if how.primary.is_none() {
        hold_primary(tx, &before).await?;
    }
    quota::take(tx, Quota::Workspaces).await?;
    restore_content(tx, how.id).await?;
    let mut detail = before.clone();
    detail.workspace.delete_time = None;
    detail.workspace.purge_time = None;
    purge::forget(tx, Purge::Workspace(how.id)).await?;
    if let Some(name) = &how.display_name {
        detail.workspace.display_name.clone_from(name);
        detail.workspace.name_key = text::key(name);
    }
    let entered = json!({ "entered": visibility::partitions_of(tx, how.id).await? });
    let mut detail = save(tx, "workspace.undeleted", &before, detail, entered).await?;
    if let Some(partition) = how.primary {
        let bind = Bind { workspace: how.id, partition, access: None, primary: true };
        bindings::put(tx, &detail, bind).await?;
        detail = lock_living(tx, how.id).await?;
    }
    let suspended = share::suspended(tx, how.id).await?;
    Ok(Restored { detail, suspended })
}

/// What the workspace holds counts again, against the limits as they are now.
async fn restore_content(tx: &Tx, id: WorkspaceId) -> Result<()> {
    folder::lock(tx).await?;
    let held = effect::count_by_type(tx, id).await?;
    quota::take_all(tx, Quota::Folders, folder::count(tx, id).await?).await?;
    quota::take_all(tx, Quota::Assets, held.iter().map(|(_, count)| count).sum()).await?;
    let segmentations = held.iter().find(|(kind, _)| *kind == Type::Segmentation);
    match segmentations {
        Some((_, more)) => {
            let settings = Settings::from_json(&tx.head().settings);
            asset::refuse_segmentations(tx, &settings, *more).await
        }
        None => Ok(()),
    }
}

/// The primary that a deleted workspace had must still stand, or another be named.
async fn hold_primary(tx: &Tx, deleted: &Detail) -> Result<()> {
    let primary: Vec<PartitionId> = deleted.primary_partition_id.into_iter().collect();
    if partition::hold(tx, &primary).await?.is_empty() {
        return Err(bindings::primary_required(Some(deleted.workspace.id)));
    }
    Ok(())
}
