//! Why somebody may or may not do something.

use super::check::{self, Check, admit, homes};
use super::{Access, At, Permission, Sight};
use crate::context::Context;
use crate::domain::visibility::{Change, Explanation, Link};
use crate::entity::tenant::Settings;
use crate::error::Result;
use crate::id::{PartitionId, WorkspaceId};
use crate::repository::{Answer, Scope, partition, workspace};
use crate::service::binding;

impl Access {
    /// Answers a question with its reasons; the answer is always that of a check.
    pub async fn explain(&self, ctx: &Context, check: &Check) -> Result<Answer<Explanation>> {
        check.workspace.into_iter().for_each(|id| ctx.through.note(id));
        let scope = self.store.read(ctx).await?;
        let sight = Sight::of(&scope, ctx).await?;
        admit(&sight, check)?;
        let homes = homes(&scope, std::slice::from_ref(check)).await?;
        let question = check::question(&sight, check, &homes)?;
        let explained = sight.snapshot().index.explain(&question);
        let mut explained = explained.ok_or_else(|| check::not_there(check))?;
        if !sees_grants(&sight, check) {
            explained.links.iter_mut().for_each(redact);
        }
        if let Some(Change::BindReadOnly(w, p) | Change::BindReadWrite(w, p)) = explained.change
            && !may_be_bound(&scope, w, p).await?
        {
            explained.change = None;
        }
        Ok(scope.answer(explained))
    }
}

/// Everybody sees what they hold themselves; what others hold needs `access.read`.
fn sees_grants(sight: &Sight, check: &Check) -> bool {
    let at = check.workspace.map_or(At::Tenant, At::Workspace);
    sight.principal() == check.principal.as_str() || sight.holds(Permission::AccessRead, at)
}

/// Leaves of a fact that it holds, and not through what.
fn redact(link: &mut Link) {
    if let Link::Membership(_) | Link::Grant { .. } = link {
        *link = Link::Hidden;
    }
}

/// Whether the regions let a workspace bind a partition (K-01).
async fn may_be_bound(
    scope: &Scope,
    workspace: WorkspaceId,
    partition: PartitionId,
) -> Result<bool> {
    let settings = Settings::from_json(&scope.head().settings);
    let workspaces = workspace::by_ids(scope, &[workspace]).await?;
    let partitions = partition::by_ids(scope, &[partition]).await?;
    Ok(workspaces.iter().zip(&partitions).all(|(detail, partition)| {
        binding::check_region(partition, &detail.workspace.region, &settings).is_ok()
    }))
}
