//! Deleting workspaces, softly (W-04, W-07, W-08).

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::lifecycle::{refuse_default, save};
use super::{Workspaces, lock_living};
use crate::clock::{after, now};
use crate::config::RETENTION;
use crate::context::Context;
use crate::domain::asset::Type;
use crate::error::{Error, Noun, Reason, Result};
use crate::id::{PartitionId, WorkspaceId};
use crate::repository::purge::{self, Purge};
use crate::repository::quota::{self, Quota};
use crate::repository::workspace::{self, Detail};
use crate::repository::{Answer, Tx, effect, folder, visibility};
use crate::service::access::{self, At, Over, Permission};
use crate::service::plan::{self, Planned};
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
}

/// A deleted workspace.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deleted {
    /// The workspace.
    pub detail: Detail,
    /// The partitions that nobody sees any more.
    pub orphans: Vec<PartitionId>,
}

impl Workspaces {
    /// Deletes a workspace, softly.
    pub async fn delete(&self, ctx: &Context, how: &Deletion) -> Result<Answer<Planned<Deleted>>> {
        plan::write(&self.store, ctx, |tx| async move {
            let tx = &*tx;
            let over = Over::workspaces(std::slice::from_ref(&how.id));
            access::demand_over(tx, ctx, over).await?;
            let mut deleted = delete(tx, how).await?;
            if !access::held(tx, ctx, At::Tenant).await?.has(Permission::PartitionsRead) {
                deleted.orphans.clear();
            }
            Ok(deleted)
        })
        .await
    }
}

async fn delete(tx: &Tx, how: &Deletion) -> Result<Deleted> {
    let before = lock_living(tx, how.id).await?;
    refuse::stale_etag(&how.etag, before.workspace.version, Noun::Workspace, how.id)?;
    refuse_default(&before.workspace)?;
    folder::lock(tx).await?;
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
    let left = json!({ "left": visibility::partitions_of(tx, how.id).await? });
    let detail = save(tx, "workspace.deleted", &before, detail, left).await?;
    Ok(Deleted { detail, orphans })
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
