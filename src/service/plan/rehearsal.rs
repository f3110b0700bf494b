//! A call that is done to see what it does.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::known::Known;
use super::{Plan, QuotaChange, effects, facts};
use crate::context::{Context, PlanKey};
use crate::domain::asset::Type;
use crate::domain::plan::{Counts, Difference, Placed, Segmentation, Use, compare};
use crate::domain::visibility::{Changes, Index};
use crate::error::{Error, Reason, Result, code_name};
use crate::id::{AssetId, FolderId, PartitionId, TenantId, WorkspaceId};
use crate::repository::effect::Matter;
use crate::repository::index::Snapshot;
use crate::repository::plan::{self, Done};
use crate::repository::quota::{self, Usage};
use crate::repository::{Tx, person};
use crate::secret::{Secrets, Use as Secret};

/// A call that is done to see what it does, or to see that it does what was planned.
pub(super) struct Rehearsal<'a> {
    ctx: &'a Context,
    key: &'a PlanKey,
    tenant: TenantId,
    secrets: Secrets,
    before: Arc<Snapshot>,
    quotas: Vec<Usage>,
    /// The asset that the call is about, with what belongs to it, as it was.
    about: Matter,
}

/// What a call has done.
pub(super) struct Outcome {
    pub(super) done: Done,
    pub(super) after: Index,
    pub(super) changes: Changes,
    pub(super) assets: Vec<Placed>,
    pub(super) uses: Vec<Use>,
    pub(super) difference: Difference,
    /// Segmentations with the workspaces that they belong to before and after, where those see other people.
    pub(super) segmentations: Vec<(AssetId, WorkspaceId, WorkspaceId)>,
}

// === impl Rehearsal ===

impl<'a> Rehearsal<'a> {
    /// Looks at what there is before the call; nothing, if it neither asks for a plan nor follows one.
    pub(super) async fn begin(
        tx: &Tx,
        ctx: &'a Context,
        asset: Option<AssetId>,
    ) -> Result<Option<Self>> {
        let Some(key) = &ctx.mutation.plan else { return Ok(None) };
        let before = tx.index().await?;
        let quotas = if ctx.mutation.validate_only { quota::list(tx).await? } else { Vec::new() };
        let about = plan::matter(tx, &[], asset.as_slice()).await?;
        let secrets = tx.secrets().clone();
        Ok(Some(Self { ctx, key, tenant: tx.tenant(), secrets, before, quotas, about }))
    }

    /// What the first half of a token stands for: the call. The second stands for the facts too.
    fn call(&self) -> [&[u8]; 3] {
        [self.tenant.0.as_bytes(), self.ctx.method.as_bytes(), &self.key.call]
    }

    fn token(&self, facts: &[u8]) -> String {
        let call = self.call();
        let all = [&call[..], &[facts]].concat();
        let halves = [&call[..], &all].map(|parts| self.secrets.mac(Secret::Plans, parts));
        URL_SAFE_NO_PAD.encode(halves.concat())
    }

    /// Whether the call brings the token of a plan of the same call, and of these facts, if some are given.
    fn follows(&self, facts: Option<&[u8]>) -> bool {
        let given = URL_SAFE_NO_PAD.decode(&self.key.token).unwrap_or_default();
        let (of_call, of_all) = given.split_at(given.len() / 2);
        let call = self.call();
        let verify = |parts: &[&[u8]], half| self.secrets.verify(Secret::Plans, parts, half);
        let all = |facts| [&call[..], &[facts]].concat();
        verify(&call, of_call) && facts.is_none_or(|facts| verify(&all(facts), of_all))
    }

    /// A call that was planned passed then: that it is refused now, for what is there and not for people or time, is
    /// because what was planned from has changed.
    pub(super) fn refused(&self, error: Error) -> Error {
        let Some(reason) = error.reason() else { return error };
        let of_topology = match reason {
            Reason::PartitionNotEmpty
            | Reason::PersonNotFound
            | Reason::ProgramHasMembers
            | Reason::TenantSuspended => false,
            Reason::AssetCountMismatch | Reason::GrantExists | Reason::NoPartition => true,
            other => matches!(code_name(other), "FAILED_PRECONDITION" | "NOT_FOUND"),
        };
        if of_topology && self.follows(None) {
            stale().with("refused", reason.as_str_name().trim_start_matches("ERROR_REASON_"))
        } else {
            error
        }
    }

    /// Looks at what there is after the call: PLAN_STALE if that is not what was planned, the plan if it is asked for.
    pub(super) async fn end(&self, tx: &Tx) -> Result<Option<Plan>> {
        if !self.key.token.is_empty() && !tx.stands(&self.before).await? {
            // Others committed between: done again, what they did counts as before.
            return Err(Error::Contended);
        }
        let mut outcome = self.outcome(tx).await?;
        let facts = facts::digest(&self.before.index, &outcome);
        if !self.key.token.is_empty() && !self.follows(Some(&facts)) {
            return Err(stale());
        }
        if !self.ctx.mutation.validate_only {
            return Ok(None);
        }
        let counts = self.count(tx, &outcome).await?;
        let Outcome { changes, after, done, difference, .. } = &mut outcome;
        difference.follow_people(changes, after, &done.transfers, &counts);
        let segmentations = outcome.segmentations.iter().map(|(id, owner, heir)| {
            let indexes = (&self.before.index, &outcome.after);
            Segmentation::follow(*id, (*owner, *heir), indexes, &outcome.difference, &counts)
        });
        let segmentations = segmentations.collect();
        let now = quota::list(tx).await?;
        let quotas = self.quotas.iter().zip(&now).filter(|(old, new)| old.used != new.used);
        let quotas = quotas.map(|(old, new)| QuotaChange::new(new.quota, old.used, new.used));
        let known = Known::new(self.ctx, &self.before.index, &outcome);
        let mut plan = known.plan(&counts, segmentations, quotas.collect());
        plan.token = self.token(&facts);
        Ok(Some(plan))
    }

    async fn outcome(&self, tx: &Tx) -> Result<Outcome> {
        let before = &self.before.index;
        let (done, after) = (tx.done(), tx.index_after(&self.before).await?);
        let changes = before.until(&after);
        let mut touched: BTreeSet<AssetId> = self.about.assets.iter().map(|one| one.id).collect();
        touched.extend(&done.assets);
        let touched: Vec<AssetId> = touched.into_iter().collect();
        let matter = plan::matter(tx, &changes.folders, &touched).await?;
        let (assets, uses) = self.placements(&matter, &touched);
        let mut difference = compare(before, &after, &assets, &uses);
        difference.follow_topology(&changes, &after);
        let mut owners: BTreeSet<WorkspaceId> =
            changes.sights.iter().filter(|one| one.is_turned()).map(|one| one.workspace).collect();
        for one in done.transfers.iter().filter(|one| one.people > 0) {
            owners.extend(after.seers_of(one.from));
            owners.extend(one.to.map(|to| after.seers_of(to)).unwrap_or_default());
        }
        let owners: Vec<WorkspaceId> = owners.into_iter().collect();
        let found = plan::segmentations(tx, &owners).await?.into_iter();
        let mut segmentations: Vec<_> = found.map(|(id, owner)| (id, owner, owner)).collect();
        for one in matter.assets.iter().filter(|one| one.kind == Type::Segmentation) {
            let ends = (before.owner_of(one.folder_id), after.owner_of(one.folder_id));
            if let (Some(owner), Some(heir)) = ends
                && owner != heir
            {
                segmentations.push((one.id, owner, heir));
            }
        }
        Ok(Outcome { done, after, changes, assets, uses, difference, segmentations })
    }

    /// Where the assets were and are, and the ends of the references.
    fn placements(&self, now: &Matter, touched: &[AssetId]) -> (Vec<Placed>, Vec<Use>) {
        let folders = |matter: &Matter| -> HashMap<AssetId, FolderId> {
            matter.assets.iter().map(|one| (one.id, one.folder_id)).collect()
        };
        let (old, new) = (folders(&self.about), folders(now));
        let of_call: BTreeSet<AssetId> = touched.iter().copied().collect();
        let place = |id: AssetId, folder: FolderId| match of_call.contains(&id) {
            true => (old.get(&id).copied(), new.get(&id).copied()),
            false => (Some(folder), Some(folder)),
        };
        let mut all = now.clone();
        let gone = self.about.assets.iter().filter(|one| !new.contains_key(&one.id));
        all.assets.extend(gone.cloned());
        let there: BTreeSet<_> =
            now.references.iter().map(|one| (one.asset_id, one.target_id)).collect();
        let gone = self.about.references.iter();
        let gone = gone.filter(|one| !there.contains(&(one.asset_id, one.target_id)));
        all.references.extend(gone.cloned());
        (effects::assets(&all, place), effects::uses(&all, place))
    }

    /// How many people are in the partitions that matter.
    async fn count(&self, tx: &Tx, outcome: &Outcome) -> Result<Counts> {
        let mut partitions: BTreeSet<PartitionId> =
            outcome.changes.sights.iter().map(|one| one.partition).collect();
        for (_, owner, heir) in outcome.segmentations.iter().filter(|one| one.1 != one.2) {
            partitions.extend(self.before.index.partitions_seen_by(*owner));
            partitions.extend(outcome.after.partitions_seen_by(*heir));
        }
        if partitions.is_empty() {
            return Ok(Counts::new());
        }
        let partitions: Vec<PartitionId> = partitions.into_iter().collect();
        Ok(person::count(tx, &partitions, None).await?.into_iter().collect())
    }
}

/// PLAN_STALE.
fn stale() -> Error {
    let message = "what the plan was made from has changed, or the plan is of another call; ask for a new one with \
                   validate_only";
    Error::new(Reason::PlanStale, message)
}
