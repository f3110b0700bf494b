//! Promotion: from one workspace to another of the tenant (K-02).

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::apply::Run;
use super::gather::{chosen, gather};
use super::plan::{Asked, Plan, plan};
use super::{Change, Diff, Options, Transfers};
use crate::context::Context;
use crate::entity::Operation;
use crate::entity::operation::Kind;
use crate::error::{Error, Result};
use crate::id::{AssetId, WorkspaceId};
use crate::repository::{Answer, Tx};
use crate::service::access::{self, At, Permission};
use crate::service::content;
use crate::service::operation::{self, New, Progress, Step};

/// What a caller promotes, and where to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Promotion {
    /// The workspace to promote from.
    pub source: WorkspaceId,
    /// The workspace to promote to.
    pub target: WorkspaceId,
    /// Which assets.
    pub assets: Vec<AssetId>,
    /// How.
    pub options: Options,
}

/// A promotion that is looked at, or has begun.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Promoted {
    /// What it changes.
    pub diff: Diff,
    /// What does it; nothing: there is nothing to do.
    pub operation: Option<Operation>,
}

/// How much a promotion did.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Assets that were added.
    pub added: i64,
    /// Assets that were changed.
    pub changed: i64,
    /// Assets that were there as they are.
    pub unchanged: i64,
    /// Folders that were made.
    pub folders: i64,
}

// === impl Transfers ===

impl Transfers {
    /// Begins to promote assets. What is in the way is refused at once: it is done and undone first, and so it is to look
    /// at it.
    pub async fn promote(&self, ctx: &Context, how: &Promotion) -> Result<Answer<Promoted>> {
        self.store
            .write(ctx, |tx| async move {
                let tx = &*tx;
                access::demand(tx, ctx, At::Workspace(how.source)).await?;
                let plan = self.prepare(tx, ctx, how).await?;
                if !plan.diff.writes() {
                    return Ok(Promoted { diff: plan.diff, operation: None });
                }
                tx.rehearse(async || self.run(tx, ctx, how).apply(&plan).await).await?;
                let new = New {
                    kind: Kind::Promote,
                    workspace: Some(how.source),
                    resource: Some(how.target.0),
                    total: count(plan.diff.changes.iter()),
                    request: serde_json::to_value(how).map_err(Error::internal)?,
                };
                let operation = operation::start(tx, ctx, new).await?;
                Ok(Promoted { diff: plan.diff, operation: Some(operation) })
            })
            .await
    }

    /// Promotes: all in one slice, so that nobody ever sees a part of it.
    pub(in crate::service) async fn promote_slice(
        &self,
        tx: &Tx,
        ctx: &Context,
        operation: &Operation,
    ) -> Result<Step> {
        let how: Promotion =
            serde_json::from_value(operation.request.clone()).map_err(Error::internal)?;
        let plan = self.prepare(tx, ctx, &how).await?;
        self.run(tx, ctx, &how).apply(&plan).await?;
        let counts = Counts::of(&plan.diff);
        let done = counts.added + counts.changed + counts.unchanged;
        Step::done(Progress { done, total: done, failed: 0 }, &counts)
    }

    fn run<'a>(&'a self, tx: &'a Tx, ctx: &'a Context, how: &Promotion) -> Run<'a> {
        Run { transfers: self, tx, ctx, target: how.target, source: Some(how.source) }
    }

    /// Who may promote what, and what that would do.
    async fn prepare(&self, tx: &Tx, ctx: &Context, how: &Promotion) -> Result<Plan> {
        access::demand_in(tx, ctx, Permission::AssetsWrite, how.target).await?;
        if how.options.approve {
            access::demand_in(tx, ctx, Permission::AssetsApprove, how.target).await?;
        }
        content::hold(tx, &[how.target]).await?;
        content::refuse_other_region(tx, how.source, how.target).await?;
        let start = chosen(tx, how.source, &how.assets).await?;
        let gathered = gather(tx, how.source, Some(how.target), start).await?;
        let asked = Asked {
            target: how.target,
            package: &gathered.package,
            options: &how.options,
            chosen: how.assets.iter().copied().collect::<HashSet<_>>(),
            missing: gathered.missing,
        };
        plan(tx, asked).await
    }
}

// === impl Counts ===

impl Counts {
    /// How much a difference is.
    pub fn of(diff: &Diff) -> Self {
        let all = || diff.changes.iter();
        Self {
            added: count(all().filter(|one| one.asset.is_none())),
            changed: count(all().filter(|one| one.asset.is_some() && one.writes())),
            unchanged: count(all().filter(|one| !one.writes())),
            folders: i64::try_from(diff.folders.len()).unwrap_or(i64::MAX),
        }
    }
}

fn count<'a>(changes: impl Iterator<Item = &'a Change>) -> i64 {
    i64::try_from(changes.count()).unwrap_or(i64::MAX)
}
