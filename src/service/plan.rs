//! Plans: what a change of folders, shares or workspaces would do, and that it is still that when it is done.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::access::{At, Permission, Sight};
use crate::config::PLAN_REFERENCES_MAX;
use crate::context::Context;
use crate::domain::asset::Type;
use crate::domain::plan::{Broken, Difference, Effect, Placed, Use, compare};
use crate::domain::visibility::Index;
use crate::error::{Error, Reason, Result};
use crate::id::{AssetId, FolderId, WorkspaceId};
use crate::repository::Tx;
use crate::repository::effect::{Matter, Touched};
use crate::secret::{self, Secrets, digest};

/// What a change does, all of it.
#[derive(Clone, Debug)]
pub struct Effects {
    /// What is seen by whom.
    pub difference: Difference,
    /// What it touches.
    pub matter: Matter,
    /// The shares that begin.
    pub begun: Vec<(FolderId, WorkspaceId)>,
    /// The shares that end, or are suspended.
    pub ended: Vec<(FolderId, WorkspaceId)>,
    /// The segmentations that are computed anew.
    pub segmentations: Vec<AssetId>,
    /// Stands for the facts that all this follows from.
    facts: [u8; 32],
}

/// What a change does, as far as its caller may know.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Plan {
    /// Stands for the facts.
    pub token: String,
    /// What changes in the workspaces that the caller sees.
    pub effects: Vec<(WorkspaceId, Effect)>,
    /// What changes in the others, summed up.
    pub hidden: Effect,
    /// The references that break in workspaces that the caller sees: where, from what, to what.
    pub broken: Vec<(WorkspaceId, AssetId, AssetId)>,
    /// The shares that begin.
    pub begun: Vec<(FolderId, WorkspaceId)>,
    /// The shares that end.
    pub ended: Vec<(FolderId, WorkspaceId)>,
    /// The segmentations that are computed anew.
    pub segmentations: Vec<AssetId>,
}

/// A call that can be planned.
pub(super) struct Planned<'a> {
    secrets: &'a Secrets,
    /// What is asked for: everything in the request that decides what the call does.
    call: [u8; 32],
    token: &'a str,
}

// === impl Effects ===

impl Effects {
    /// What follows from a change: the index before and after, and what it touches. `to` says where an asset will
    /// be that now is in a folder.
    pub(super) fn new(
        before: &Index,
        after: &Index,
        matter: Matter,
        to: impl Fn(AssetId, FolderId) -> FolderId,
    ) -> Self {
        let place = |id, folder, kind: Type, approved| Placed {
            from: folder,
            to: to(id, folder),
            live: approved || !kind.traits().approvable,
        };
        let assets: Vec<Placed> = matter
            .assets
            .iter()
            .map(|one| place(one.id, one.folder_id, one.kind, one.approved))
            .collect();
        let uses: Vec<Use> = matter
            .references
            .iter()
            .map(|one| Use {
                asset: one.asset_id,
                // Whether the one that refers is live does not matter: its own workspace sees it.
                source: place(one.asset_id, one.source_folder, Type::Program, true),
                target: one.target_id,
                end: place(one.target_id, one.target_folder, one.target_type, one.target_approved),
            })
            .collect();
        let facts = facts(before, &matter);
        let difference = compare(before, after, &assets, &uses);
        let (begun, ended, segmentations) = Default::default();
        Self { difference, matter, begun, ended, segmentations, facts }
    }

    /// The references that break, of one workspace or of all.
    pub(super) fn broken(&self, workspace: Option<WorkspaceId>) -> Vec<&Broken> {
        let broken = self.difference.broken.iter();
        broken.filter(|one| workspace.is_none_or(|at| one.workspace == at)).collect()
    }

    /// The touched assets of types that cannot be shared (S-03).
    pub(super) fn unshareable(&self) -> Vec<&Touched> {
        self.matter.assets.iter().filter(|one| !one.kind.traits().shareable).collect()
    }
}

/// A digest of what a plan reads: the assets and references that the change touches, and who sees them.
fn facts(index: &Index, matter: &Matter) -> [u8; 32] {
    let mut folders: Vec<FolderId> = matter.assets.iter().map(|one| one.folder_id).collect();
    let ends = matter.references.iter().flat_map(|one| [one.source_folder, one.target_folder]);
    folders.extend(ends);
    folders.sort_unstable();
    folders.dedup();
    let folders: Vec<_> = folders
        .into_iter()
        .map(|id| json!([id, index.owner_of(id), index.viewers_of(id)]))
        .collect();
    let assets = matter.assets.iter().map(|one| json!([one.id, one.folder_id, one.approved]));
    let references = matter.references.iter();
    let references =
        references.map(|one| json!([one.asset_id, one.target_id, one.target_approved]));
    let all = json!([folders, assets.collect::<Vec<_>>(), references.collect::<Vec<_>>()]);
    digest(&[all.to_string().as_bytes()])
}

// === impl Planned ===

impl<'a> Planned<'a> {
    /// A call; `parts` are everything in the request that decides what it does.
    pub(super) fn new(secrets: &'a Secrets, ctx: &Context, parts: &[&str], token: &'a str) -> Self {
        let mut all: Vec<&[u8]> = vec![ctx.method.as_bytes()];
        all.extend(parts.iter().map(|part| part.as_bytes()));
        Self { secrets, call: digest(&all), token }
    }

    /// Refuses a plan that is not the one that was made (PLAN_STALE), and answers with the plan if the call only
    /// asks for it. Before anything is written. `shared` are the folders whose own shares the plan read, beside those
    /// that begin or end.
    pub(super) async fn settle(
        &self,
        tx: &Tx,
        ctx: &Context,
        effects: &Effects,
        shared: &[FolderId],
    ) -> Result<Option<Plan>> {
        let sight = Sight::of(tx, ctx).await?;
        let index = &sight.snapshot().index;
        let shares: Vec<_> = shared
            .iter()
            .map(|id| {
                json!([id, index.shared_above(*id), index.targets_of(*id), index.viewers_of(*id)])
            })
            .collect();
        let shares = json!([shares, effects.begun, effects.ended]).to_string();
        let tenant = tx.tenant().0;
        let parts: [&[u8]; 4] = [tenant.as_bytes(), &self.call, &effects.facts, shares.as_bytes()];
        if !self.token.is_empty() {
            let given = URL_SAFE_NO_PAD.decode(self.token).unwrap_or_default();
            if !self.secrets.verify(secret::Use::Plans, &parts, &given) {
                return Err(stale());
            }
        }
        if !ctx.mutation.validate_only {
            return Ok(None);
        }
        let token = URL_SAFE_NO_PAD.encode(self.secrets.mac(secret::Use::Plans, &parts));
        Ok(Some(Plan::new(&sight, effects, token)))
    }
}

/// PLAN_STALE.
fn stale() -> Error {
    let message = "what the plan was made from has changed, or the plan is of another call; ask for a new one with \
                   validate_only";
    Error::new(Reason::PlanStale, message)
}

// === impl Plan ===

impl Plan {
    /// What a caller may know of what a change does.
    fn new(sight: &Sight, effects: &Effects, token: String) -> Self {
        let sees = |id: &WorkspaceId| sight.sees_workspace(*id);
        let mut plan =
            Self { token, segmentations: effects.segmentations.clone(), ..Self::default() };
        for (workspace, effect) in &effects.difference.effects {
            match sees(workspace) {
                true => plan.effects.push((*workspace, *effect)),
                false => plan.hidden.add(*effect),
            }
        }
        let reads =
            |one: &&Broken| sight.holds(Permission::AssetsRead, At::Workspace(one.workspace));
        let broken = effects.difference.broken.iter().filter(reads);
        let broken = broken.take(PLAN_REFERENCES_MAX);
        plan.broken = broken.map(|one| (one.workspace, one.asset, one.target)).collect();
        plan.begun = effects.begun.iter().copied().filter(|(_, to)| sees(to)).collect();
        plan.ended = effects.ended.iter().copied().filter(|(_, to)| sees(to)).collect();
        plan
    }
}
