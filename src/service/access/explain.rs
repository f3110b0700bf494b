//! Why somebody may or may not do something.

use super::check::{self, Check, admit, find};
use super::{Access, At, Permission, Sight};
use crate::context::Context;
use crate::domain::visibility::{Change, Explanation, Link};
use crate::entity::tenant::Settings;
use crate::error::Result;
use crate::id::{FolderId, PartitionId, WorkspaceId};
use crate::repository::{Answer, Scope, effect, folder, partition, workspace};
use crate::service::binding;

impl Access {
    /// Answers a question with its reasons; the answer is always that of a check.
    pub async fn explain(&self, ctx: &Context, check: &Check) -> Result<Answer<Explanation>> {
        check.workspace.into_iter().for_each(|id| ctx.through.note(id));
        let scope = self.store.read(ctx).await?;
        let sight = Sight::of(&scope, ctx).await?;
        admit(&sight, check)?;
        let found = find(&scope, std::slice::from_ref(check)).await?;
        let question = check::question(&sight, check, &found)?;
        let explained = sight.snapshot().index.explain(&question);
        let mut explained = explained.ok_or_else(|| check::not_there(check))?;
        if !sees_grants(&sight, check) {
            explained.links.iter_mut().for_each(redact);
        }
        explained.change = match explained.change {
            Some(Change::BindReadOnly(w, p) | Change::BindReadWrite(w, p)) => {
                let possible = may_be_bound(&scope, w, p).await?;
                explained.change.filter(|_| possible)
            }
            Some(Change::Share { owner, folder, target }) => {
                let shared = to_share(&scope, &sight, folder).await?;
                let named = shared.filter(|_| sight.sees_workspace(owner));
                named.map(|folder| Change::Share { owner, folder, target })
            }
            other => other,
        };
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
pub(super) async fn may_be_bound(
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

/// The nearest of a folder and those above it that may be shared: not too deep (S-02), and without what cannot be
/// shared (S-03). Who sees the folder sees that one too: no share is of a folder that lies deeper.
pub(super) async fn to_share(
    scope: &Scope,
    sight: &Sight,
    id: FolderId,
) -> Result<Option<FolderId>> {
    let Some(found) = folder::get(scope, id).await? else { return Ok(None) };
    let limit = Settings::from_json(&scope.head().settings).share_depth(found.area);
    let steps = usize::try_from(found.depth - limit).unwrap_or_default();
    let Some(high) = sight.snapshot().index.above(id, steps) else { return Ok(None) };
    let kinds = effect::types_below(scope, high).await?;
    Ok(kinds.iter().all(|kind| kind.traits().shareable).then_some(high))
}
