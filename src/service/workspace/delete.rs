//! Deleting workspaces, softly (W-04, W-07, W-08).

use serde::{Deserialize, Serialize};

use super::lifecycle::{refuse_default, save};
use super::{Workspaces, lock_living};
use crate::clock::{after, now};
use crate::config::RETENTION;
use crate::context::Context;
use crate::domain::asset::Type;
use crate::domain::visibility::Fact;
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{FolderId, PartitionId, WorkspaceId};
use crate::repository::purge::{self, Purge};
use crate::repository::quota::{self, Quota};
use crate::repository::workspace::{self, Detail};
use crate::repository::{Answer, Tx, effect, folder, share};
use crate::service::access::{self, At, Over, Permission};
use crate::service::plan::{Effects, Plan, Planned};
use crate::service::refuse;

/// What a caller deletes.
#[derive(Clone, Debug)]
pub struct Deletion {
    /// Which workspace.
    pub id: WorkspaceId,
    /// What the caller read; empty: anything.
    pub etag: String,
    /// How many assets the caller expects to go with it, if it forces that.
    pub expected_assets: Option<i64>,
    /// The plan that it follows; empty: none.
    pub plan_token: String,
}

/// A deleted workspace.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deleted {
    /// The workspace.
    pub detail: Detail,
    /// The partitions that nobody sees any more.
    pub orphans: Vec<PartitionId>,
    /// What the call would do, if that was asked.
    pub plan: Option<Plan>,
}

impl Workspaces {
    /// Deletes a workspace, softly.
    pub async fn delete(&self, ctx: &Context, how: &Deletion) -> Result<Answer<Deleted>> {
        let call = format!("{} {:?}", how.id, how.expected_assets);
        let planned = Planned::new(&self.secrets, ctx, &[&call], &how.plan_token);
        let planned = &planned;
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                let over = Over::workspaces(std::slice::from_ref(&how.id));
                access::demand_over(tx, ctx, over).await?;
                let mut deleted = delete(tx, ctx, how, planned).await?;
                if !access::held(tx, ctx, At::Tenant).await?.has(Permission::PartitionsRead) {
                    deleted.orphans.clear();
                }
                Ok(deleted)
            })
            .await
    }
}

async fn delete(tx: &Tx, ctx: &Context, how: &Deletion, planned: &Planned<'_>) -> Result<Deleted> {
    let before = lock_living(tx, how.id).await?;
    refuse::stale_etag(&how.etag, before.workspace.version, Noun::Workspace, how.id)?;
    refuse_default(&before.workspace)?;
    folder::lock(tx).await?;
    let effects = effects(tx, how.id).await?;
    let plan = planned.settle(tx, ctx, &effects, &[]).await?;
    let held = effect::count_by_type(tx, how.id).await?;
    refuse_content(how, &held)?;
    let orphans = workspace::seen_by_it_alone(tx, how.id).await?;
    let mut detail = before.clone();
    let time = now();
    detail.workspace.delete_time = Some(time);
    let purge_time = after(time, RETENTION);
    detail.workspace.purge_time = Some(purge_time);
    purge::schedule(tx, Purge::Workspace(how.id), purge_time).await?;
    quota::give_back(tx, Quota::Workspaces).await?;
    quota::give_back_all(tx, Quota::Folders, folder::count(tx, how.id).await?).await?;
    quota::give_back_all(tx, Quota::Assets, total(&held)).await?;
    let detail = save(tx, "workspace.deleted", &before, detail).await?;
    Ok(Deleted { detail, orphans, plan })
}

/// What goes with the workspace: what it held, and what it shared.
async fn effects(tx: &Tx, id: WorkspaceId) -> Result<Effects> {
    let before = tx.index().await?;
    let after = before.index.with([Fact::Workspace(id, None)]);
    let roots: Vec<FolderId> = folder::roots(tx, id).await?.iter().map(|root| root.id).collect();
    let matter = effect::below(tx, &roots).await?;
    let mut effects = Effects::new(&before.index, &after, matter, |_, folder| folder);
    let shares = share::of_workspace(tx, id).await?;
    effects.ended = shares.iter().map(|one| (one.folder_id, one.workspace_id)).collect();
    Ok(effects)
}

/// WORKSPACE_NOT_EMPTY, or ASSET_COUNT_MISMATCH if the caller forces it and counts on other than there is.
fn refuse_content(how: &Deletion, held: &[(Type, i64)]) -> Result<()> {
    let total = total(held);
    match how.expected_assets {
        Some(expected) if expected != total => Err(count_mismatch(how.id, expected, total)),
        None if total > 0 => Err(not_empty(how.id, held)),
        _ => Ok(()),
    }
}

fn total(held: &[(Type, i64)]) -> i64 {
    held.iter().map(|(_, count)| count).sum()
}

/// WORKSPACE_NOT_EMPTY.
fn not_empty(id: WorkspaceId, held: &[(Type, i64)]) -> Error {
    let total = total(held);
    let message = format!(
        "the workspace holds {total} assets; delete or move them, or set force with expected_asset_count {total}"
    );
    let error = Error::new(Reason::WorkspaceNotEmpty, message)
        .with("workspace_id", id)
        .with("assets", total)
        .resource(Noun::Workspace, id.to_string());
    held.iter().fold(error, |error, (kind, count)| {
        error.with(&format!("assets.{}", kind.name().to_ascii_lowercase()), count)
    })
}

/// ASSET_COUNT_MISMATCH.
fn count_mismatch(id: WorkspaceId, expected: i64, actual: i64) -> Error {
    let message = format!(
        "the workspace holds {actual} assets and not {expected}; check what it holds and send that count"
    );
    Error::new(Reason::AssetCountMismatch, message)
        .with("workspace_id", id)
        .with("expected", expected)
        .with("actual", actual)
        .resource(Noun::Workspace, id.to_string())
}
