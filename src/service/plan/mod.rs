//! Plans: what a call that changes the topology would do, and that it is still that when it is done.
//!
//! A call is planned by doing it: within its transaction, the index before is compared with the one after, and the
//! transaction of a call that only asks is rolled back. So no call has to say what it changes, and what is planned is
//! what comes.

mod effects;
mod facts;
mod known;
mod rehearsal;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use self::rehearsal::Rehearsal;
use crate::context::Context;
use crate::domain::plan::{Effect, Segmentation};
use crate::domain::visibility::Standing;
use crate::error::Result;
use crate::id::{AssetId, FolderId, PartitionId, WorkspaceId};
use crate::repository::quota::Quota;
use crate::repository::{Answer, Store, Tx};

pub(super) use self::effects::Effects;

/// What a call answers, and what it would do, if that was asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Planned<T> {
    /// The answer.
    pub value: T,
    /// The plan; nothing for a call that was done.
    pub plan: Option<Plan>,
}

/// What a change does, as far as its caller may know.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Plan {
    /// Stands for the facts.
    pub token: String,
    /// What changes in the workspaces that the caller sees; nothing: in the one that is made.
    pub effects: Vec<(Option<WorkspaceId>, Effect)>,
    /// What changes elsewhere, summed up.
    pub hidden: Effect,
    /// The references that break in workspaces that the caller sees: where, from what, to what.
    pub broken: Vec<(WorkspaceId, AssetId, AssetId)>,
    /// The shares that begin.
    pub begun: Vec<(FolderId, WorkspaceId)>,
    /// The shares that end.
    pub ended: Vec<(FolderId, WorkspaceId)>,
    /// The partitions that workspaces see otherwise.
    pub sights: Vec<SightChange>,
    /// The workspaces whose new people land elsewhere.
    pub primaries: Vec<PrimaryChange>,
    /// Who gains and loses permissions.
    pub rights: Vec<RightsChange>,
    /// The segmentations that are computed anew, or lose results.
    pub segmentations: Vec<Segmentation>,
    /// The quotas of which more or less is used: before and after.
    pub quotas: Vec<QuotaChange>,
}

/// A partition that a workspace sees otherwise.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct SightChange {
    /// Where; nothing: in the workspace that is made.
    pub workspace: Option<WorkspaceId>,
    /// Which; nothing: the one that is made.
    pub partition: Option<PartitionId>,
    /// How far it reached.
    pub before: Option<Standing>,
    /// How far it will reach.
    pub after: Option<Standing>,
    /// How many people are in it, if the caller may know.
    pub people: Option<i64>,
}

/// A workspace whose new people land elsewhere.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct PrimaryChange {
    /// Which; nothing: the one that is made.
    pub workspace: Option<WorkspaceId>,
    /// Where they land now.
    pub before: Option<PartitionId>,
    /// Where they will.
    pub after: Option<PartitionId>,
}

/// What somebody gains and loses.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RightsChange {
    /// A user or service account.
    pub principal: String,
    /// Where.
    pub place: RightsPlace,
    /// The names of the permissions that it gains.
    pub gained: Vec<String>,
    /// The names of those that it loses.
    pub lost: Vec<String>,
}

/// Where somebody gains and loses.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum RightsPlace {
    /// Tenant-wide.
    Tenant,
    /// In a workspace; nothing: in the one that is made.
    Workspace(Option<WorkspaceId>),
}

/// A quota of which more or less is used.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct QuotaChange {
    /// Its name.
    pub name: String,
    /// How much is used now.
    pub before: i64,
    /// How much will be.
    pub after: i64,
    /// How much may be.
    pub limit: i64,
}

/// As [`Store::write`], for a call that changes the topology: it is done as planned, or refused with PLAN_STALE; asked
/// only to validate, it answers with a plan.
pub(super) async fn write<T, F, W>(
    store: &Store,
    ctx: &Context,
    work: F,
) -> Result<Answer<Planned<T>>>
where
    T: Serialize + for<'de> Deserialize<'de>,
    F: Fn(Arc<Tx>) -> W,
    W: Future<Output = Result<T>>,
{
    write_about(store, ctx, None, work).await
}

/// As [`write()`], for a call that moves or deletes an asset.
pub(super) async fn write_about<T, F, W>(
    store: &Store,
    ctx: &Context,
    asset: Option<AssetId>,
    work: F,
) -> Result<Answer<Planned<T>>>
where
    T: Serialize + for<'de> Deserialize<'de>,
    F: Fn(Arc<Tx>) -> W,
    W: Future<Output = Result<T>>,
{
    let work = &work;
    store
        .write(ctx, |tx| async move {
            let Some(rehearsal) = Rehearsal::begin(&tx, ctx, asset).await? else {
                return Ok(Planned { value: work(tx).await?, plan: None });
            };
            let value = work(tx.clone()).await.map_err(|error| rehearsal.refused(error))?;
            let plan = rehearsal.end(&tx).await?;
            Ok(Planned { value, plan })
        })
        .await
}

// === impl QuotaChange ===

impl QuotaChange {
    fn new(quota: Quota, before: i64, after: i64) -> Self {
        Self { name: quota.name().into(), before, after, limit: quota.limit() }
    }
}
