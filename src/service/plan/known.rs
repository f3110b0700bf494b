//! What the caller of a plan may know of it: by what they may read before the call, or would after it.

use std::collections::HashMap;

use super::rehearsal::Outcome;
use super::{Plan, PrimaryChange, QuotaChange, RightsChange, RightsPlace, SightChange};
use crate::config::PLAN_ITEMS_MAX;
use crate::context::Context;
use crate::domain::access::{Permission, Permissions};
use crate::domain::plan::{Counts, Segmentation};
use crate::domain::visibility::{At, Index, Primary, Rights, Sight};
use crate::id::{FolderId, PartitionId, WorkspaceId};

/// What somebody may know of an outcome.
pub(super) struct Known<'a> {
    principal: String,
    before: &'a Index,
    outcome: &'a Outcome,
}

// === impl Known ===

impl<'a> Known<'a> {
    pub(super) fn new(ctx: &Context, before: &'a Index, outcome: &'a Outcome) -> Self {
        Self { principal: ctx.caller.to_string(), before, outcome }
    }

    /// The plan, without its token.
    pub(super) fn plan(
        &self,
        counts: &Counts,
        segmentations: Vec<Segmentation>,
        quotas: Vec<QuotaChange>,
    ) -> Plan {
        let Outcome { changes, difference, .. } = self.outcome;
        let mut plan = Plan::default();
        for (workspace, effect) in &difference.effects {
            let (known, mut rest) = effect.split(|permission| self.reads(permission, *workspace));
            if self.sees(*workspace) {
                // A sum over one workspace whose people one may not count would count them.
                (rest.people_gained, rest.people_lost) = (0, 0);
            }
            plan.hidden += rest;
            if !known.is_nothing() {
                plan.effects.push((self.named(*workspace), known));
            }
        }
        let broken = difference.broken.iter();
        let broken = broken.filter(|one| self.reads(Permission::AssetsRead, one.workspace));
        let broken = broken.map(|one| (one.workspace, one.asset, one.target));
        plan.broken = broken.take(PLAN_ITEMS_MAX).collect();
        let shares = |all: &[(FolderId, WorkspaceId)]| {
            let known = all.iter().copied().filter(|one| self.sees_share(*one));
            known.take(PLAN_ITEMS_MAX).collect()
        };
        (plan.begun, plan.ended) = (shares(&changes.begun), shares(&changes.ended));
        let sights = changes.sights.iter().filter_map(|one| self.sight(one, counts));
        plan.sights = sights.take(PLAN_ITEMS_MAX).collect();
        let primaries = changes.primaries.iter().filter_map(|one| self.primary(one));
        plan.primaries = primaries.take(PLAN_ITEMS_MAX).collect();
        plan.rights = self.rights();
        let owners = self.outcome.segmentations.iter().map(|(_, owner, _)| *owner);
        let computed = segmentations.into_iter().zip(owners);
        let computed =
            computed.filter(|(one, _)| self.reads(Permission::AssetsRead, one.workspace));
        let computed = computed.map(|(one, owner)| {
            let ends = [owner, one.workspace];
            match ends.into_iter().all(|end| self.reads(Permission::PeopleRead, end)) {
                true => one,
                false => Segmentation { people: None, ..one },
            }
        });
        plan.segmentations = computed.take(PLAN_ITEMS_MAX).collect();
        if self.holds(Permission::TenantRead, At::Tenant) {
            plan.quotas = quotas;
        }
        plan
    }

    fn holds(&self, permission: Permission, at: At) -> bool {
        let holds = |index: &Index| index.holds(&self.principal, permission, at);
        holds(self.before) || holds(&self.outcome.after)
    }

    fn reads(&self, permission: Permission, workspace: WorkspaceId) -> bool {
        self.holds(permission, At::Workspace(workspace))
    }

    fn sees(&self, workspace: WorkspaceId) -> bool {
        self.reads(Permission::WorkspacesRead, workspace)
    }

    /// A workspace by its id; one that is made has none yet.
    fn named(&self, id: WorkspaceId) -> Option<WorkspaceId> {
        (!self.outcome.done.workspaces.contains(&id)).then_some(id)
    }

    fn sees_partition(&self, id: PartitionId) -> bool {
        let sees = |index: &Index| index.sees_partition(&self.principal, id);
        sees(self.before) || sees(&self.outcome.after)
    }

    fn sees_share(&self, (folder, target): (FolderId, WorkspaceId)) -> bool {
        let owner = self.before.owner_of(folder).or_else(|| self.outcome.after.owner_of(folder));
        // As topologies tell of it: to those who see both ends, and folders at one of them.
        owner.is_some_and(|owner| {
            let reads = |id| self.reads(Permission::AssetsRead, id);
            self.sees(owner) && self.sees(target) && (reads(owner) || reads(target))
        })
    }

    fn sight(&self, one: &Sight, counts: &Counts) -> Option<SightChange> {
        let workspace = one.workspace;
        if !self.reads(Permission::PartitionsRead, workspace) || !self.sees_partition(one.partition)
        {
            return None;
        }
        let people = counts.get(&one.partition).copied().unwrap_or_default();
        let made = self.outcome.done.partitions.contains(&one.partition);
        Some(SightChange {
            workspace: self.named(workspace),
            partition: (!made).then_some(one.partition),
            before: one.before,
            after: one.after,
            people: self.reads(Permission::PeopleRead, workspace).then_some(people),
        })
    }

    fn primary(&self, one: &Primary) -> Option<PrimaryChange> {
        let Primary { workspace, before, after } = *one;
        let seen = [before, after].into_iter().flatten().all(|id| self.sees_partition(id));
        let known = seen && self.reads(Permission::PartitionsRead, workspace);
        known.then(|| PrimaryChange { workspace: self.named(workspace), before, after })
    }

    /// Who gains and loses permissions: tenant-wide, and in workspaces where that is not the same.
    fn rights(&self) -> Vec<RightsChange> {
        let all = &self.outcome.changes.rights;
        let wide = all.iter().filter(|one| one.workspace.is_none());
        let wide: HashMap<&str, &Rights> = wide.map(|one| (&*one.principal, one)).collect();
        let follows = |one: &Rights| {
            let here = |all: Permissions| all & Permissions::of_workspaces();
            let wide = wide.get(&*one.principal).map(|one| (here(one.gained), here(one.lost)));
            one.workspace.is_some() && wide == Some((one.gained, one.lost))
        };
        let known = all.iter().filter(|one| {
            let at = one.workspace.map_or(At::Tenant, At::Workspace);
            self.holds(Permission::AccessRead, at) && !follows(one)
        });
        let names = |all: Permissions| all.iter().map(|one| one.name().to_owned()).collect();
        let mut known: Vec<&Rights> = known.collect();
        known.sort_by_key(|one| (one.principal.clone(), one.workspace));
        let change = |one: &Rights| RightsChange {
            principal: one.principal.to_string(),
            place: match one.workspace {
                None => RightsPlace::Tenant,
                Some(id) => RightsPlace::Workspace(self.named(id)),
            },
            gained: names(one.gained),
            lost: names(one.lost),
        };
        known.into_iter().take(PLAN_ITEMS_MAX).map(change).collect()
    }
}
