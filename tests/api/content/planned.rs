//! Steps that can be planned: the plan is asked for first, then applied, and its numbers are those of what came.

use std::collections::{BTreeMap, BTreeSet};

use precinct::pb;
use precinct::pb::BrokenReason;
use rand::RngExt;
use rand::seq::IndexedRandom;
use tonic::{Response, Status};

use super::model::Model;
use super::property::Run;
use crate::support::actor::ok;
use crate::support::folders::{moving, sharing};
use crate::support::status::reason;

/// What every workspace sees, and which references hold where.
struct Sights {
    visible: BTreeMap<String, BTreeSet<String>>,
    /// The workspace of each living asset that is made from a template, and whether it sees that.
    holds: BTreeMap<String, (String, bool)>,
}

/// Assets gained, assets lost and references broken, of the workspaces where that is something.
type Effects = BTreeMap<String, (i64, i64, i64)>;

// === impl Sights ===

impl Sights {
    fn of(model: &Model) -> Self {
        let visible = model.workspaces.keys().map(|id| (id.clone(), model.visible(id))).collect();
        let mut holds = BTreeMap::new();
        for (id, asset) in &model.assets {
            let owner = &model.folders[&asset.folder].workspace;
            if let (Some(template), true) = (&asset.template, model.workspaces[owner]) {
                let held = model.broken(template, owner) == BrokenReason::Unspecified;
                holds.insert(id.clone(), (owner.clone(), held));
            }
        }
        Self { visible, holds }
    }

    /// What has changed since.
    fn until(&self, after: &Self) -> Effects {
        let count = |set: &BTreeSet<String>, other: &BTreeSet<String>| {
            i64::try_from(set.difference(other).count()).expect("few")
        };
        let mut effects = Effects::new();
        for (id, old) in &self.visible {
            let new = &after.visible[id];
            effects.insert(id.clone(), (count(new, old), count(old, new), 0));
        }
        for (id, (workspace, holds)) in &after.holds {
            let held = self.holds.get(id).is_some_and(|(_, held)| *held);
            if held && !holds {
                effects.get_mut(workspace).expect("each has one").2 += 1;
            }
        }
        effects.retain(|_, one| *one != (0, 0, 0));
        effects
    }
}

fn effects(plan: &pb::Plan) -> Effects {
    let numbers =
        |one: &pb::WorkspaceEffect| (one.assets_gained, one.assets_lost, one.references_broken);
    let all = plan.effects.iter().map(|one| (one.workspace_id.clone(), numbers(one)));
    all.filter(|(_, one)| *one != (0, 0, 0)).collect()
}

/// A plan, and what the call that follows it did: both are refused for one reason, or none is.
fn both<T, U>(
    planned: Result<Response<T>, Status>,
    applied: Result<Response<U>, Status>,
    plan: impl FnOnce(T) -> Option<pb::Plan>,
) -> Result<pb::Plan, Status> {
    match (planned, applied) {
        (Ok(planned), Ok(_)) => Ok(plan(planned.into_inner()).expect("a plan")),
        (Err(planned), Err(applied)) => {
            assert_eq!(reason(&planned), reason(&applied));
            Err(applied)
        }
        (planned, applied) => panic!("{:?} {:?}", planned.map(drop), applied.map(drop)),
    }
}

// === impl Run ===

impl Run {
    pub(super) async fn move_folder(&mut self) -> Option<()> {
        let (id, found) = self.inner()?;
        let (parent, place) = self.folder()?;
        let request = moving(&found.workspace, &id, &place.workspace, &parent);
        let ask = pb::MoveFolderRequest { validate_only: true, ..request.clone() };
        let planned = self.ada.folders().move_folder(ask).await;
        let token = planned.as_ref().ok().and_then(|one| one.get_ref().plan.clone());
        let plan_token = token.map(|plan| plan.plan_token).unwrap_or_default();
        let apply = pb::MoveFolderRequest { plan_token, ..request };
        let applied = self.ada.folders().move_folder(apply).await;
        let plan = self.ended(both(planned, applied, |one| one.plan))?;
        let before = Sights::of(&self.model);
        self.model.move_folder(&id, &parent);
        assert_eq!(effects(&plan), before.until(&Sights::of(&self.model)));
        Some(())
    }

    /// Shares with a random set, which may be nobody; targets that are deleted keep what they have.
    pub(super) async fn share(&mut self) -> Option<()> {
        let (id, found) = self.inner()?;
        let others = self.model.workspaces.iter().filter(|one| *one.1 && *one.0 != found.workspace);
        let others: Vec<String> = others.map(|one| one.0.clone()).collect();
        let targets: BTreeSet<String> =
            others.into_iter().filter(|_| self.rng.random_bool(0.5)).collect();
        let named: Vec<&str> = targets.iter().map(String::as_str).collect();
        let request =
            pb::ShareFolderRequest { force: true, ..sharing(&found.workspace, &id, &named) };
        let ask = pb::ShareFolderRequest { validate_only: true, ..request.clone() };
        let planned = self.ada.sharing().share_folder(ask).await;
        let token = planned.as_ref().ok().and_then(|one| one.get_ref().plan.clone());
        let plan_token = token.map(|plan| plan.plan_token).unwrap_or_default();
        let apply = pb::ShareFolderRequest { plan_token, ..request };
        let applied = self.ada.sharing().share_folder(apply).await;
        let plan = self.ended(both(planned, applied, |one| one.plan))?;
        let before = Sights::of(&self.model);
        let living = self.model.workspaces.clone();
        let folder = self.model.folders.get_mut(&id)?;
        folder.targets.retain(|one| !living[one]);
        folder.targets.extend(targets);
        assert_eq!(effects(&plan), before.until(&Sights::of(&self.model)));
        Some(())
    }

    /// A workspace goes with all that it holds, or one that is gone comes back.
    pub(super) async fn come_and_go(&mut self) -> Option<()> {
        let all: Vec<(String, bool)> =
            self.model.workspaces.iter().map(|(id, lives)| (id.clone(), *lives)).collect();
        let (workspace_id, lives) = all.choose(&mut self.rng)?.clone();
        let before = Sights::of(&self.model);
        if !lives {
            let request = pb::UndeleteWorkspaceRequest {
                workspace_id: workspace_id.clone(),
                ..pb::UndeleteWorkspaceRequest::default()
            };
            ok(self.ada.workspaces().undelete_workspace(request).await);
            self.model.workspaces.insert(workspace_id, true);
            return Some(());
        }
        let held = self.model.held_by(&workspace_id);
        let request = pb::DeleteWorkspaceRequest {
            workspace_id: workspace_id.clone(),
            force: true,
            expected_asset_count: i64::try_from(held).expect("few"),
            ..pb::DeleteWorkspaceRequest::default()
        };
        let ask = pb::DeleteWorkspaceRequest { validate_only: true, ..request.clone() };
        let plan = ok(self.ada.workspaces().delete_workspace(ask).await).plan?;
        let plan_token = plan.plan_token.clone();
        let apply = pb::DeleteWorkspaceRequest { plan_token, ..request };
        ok(self.ada.workspaces().delete_workspace(apply).await);
        self.model.workspaces.insert(workspace_id, false);
        assert_eq!(effects(&plan), before.until(&Sights::of(&self.model)));
        Some(())
    }
}
