//! Plans on the wire.

use crate::domain::plan::{Effect, Segmentation};
use crate::domain::visibility::{Standing, State};
use crate::id::{AssetId, FolderId, WorkspaceId};
use crate::pb;
use crate::service::plan::{
    Plan, PrimaryChange, QuotaChange, RightsChange, RightsPlace, SightChange,
};

impl From<Plan> for pb::Plan {
    fn from(plan: Plan) -> Self {
        let segmentations = plan.segmentations.iter();
        Self {
            plan_token: plan.token,
            effects: plan.effects.iter().map(|(id, one)| effect(text(*id), one)).collect(),
            hidden: Some(effect(String::new(), &plan.hidden)),
            broken_references: plan.broken.into_iter().map(broken).collect(),
            shares_begun: plan.begun.into_iter().map(share).collect(),
            shares_ended: plan.ended.into_iter().map(share).collect(),
            segmentation_ids: segmentations.map(|one| one.id.to_string()).collect(),
            sights: plan.sights.into_iter().map(Into::into).collect(),
            primaries: plan.primaries.into_iter().map(Into::into).collect(),
            access: plan.rights.into_iter().map(Into::into).collect(),
            segmentations: plan.segmentations.into_iter().map(Into::into).collect(),
            quotas: plan.quotas.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<SightChange> for pb::PlannedSight {
    fn from(one: SightChange) -> Self {
        Self {
            workspace_id: text(one.workspace),
            partition_id: text(one.partition),
            access_before: access(one.before).into(),
            access_after: access(one.after).into(),
            people: one.people,
        }
    }
}

impl From<PrimaryChange> for pb::PlannedPrimary {
    fn from(one: PrimaryChange) -> Self {
        Self {
            workspace_id: text(one.workspace),
            partition_id_before: text(one.before),
            partition_id_after: text(one.after),
        }
    }
}

impl From<RightsChange> for pb::PlannedAccess {
    fn from(one: RightsChange) -> Self {
        let (tenant_wide, workspace) = match one.place {
            RightsPlace::Tenant => (true, None),
            RightsPlace::Workspace(id) => (false, id),
        };
        Self {
            principal: one.principal,
            workspace_id: text(workspace),
            tenant_wide,
            permissions_gained: one.gained,
            permissions_lost: one.lost,
        }
    }
}

impl From<Segmentation> for pb::PlannedSegmentation {
    fn from(one: Segmentation) -> Self {
        Self {
            segmentation_id: one.id.to_string(),
            workspace_id: one.workspace.to_string(),
            people_to_evaluate: one.people.map(|people| people.evaluated),
            results_dropped: one.people.map(|people| people.dropped),
        }
    }
}

impl From<QuotaChange> for pb::PlannedQuota {
    fn from(one: QuotaChange) -> Self {
        let QuotaChange { name, before: used_before, after: used_after, limit } = one;
        Self { name, used_before, used_after, limit }
    }
}

fn effect(workspace_id: String, effect: &Effect) -> pb::WorkspaceEffect {
    let state = match effect.state {
        None => pb::PlannedState::Unspecified,
        Some((State::Gone, _)) => pb::PlannedState::Begins,
        Some((_, State::Gone)) => pb::PlannedState::Ends,
        Some((_, State::Archived)) => pb::PlannedState::Archived,
        Some((_, State::Active)) => pb::PlannedState::Unarchived,
    };
    pb::WorkspaceEffect {
        workspace_id,
        assets_gained: effect.assets_gained,
        assets_lost: effect.assets_lost,
        references_gained: effect.references_gained,
        references_lost: effect.references_lost,
        references_broken: effect.references_broken,
        references_mended: effect.references_mended,
        state: state.into(),
        people_gained: effect.people_gained,
        people_lost: effect.people_lost,
        partitions_gained: effect.partitions_gained,
        partitions_lost: effect.partitions_lost,
        principals_gained: effect.principals_gained,
        principals_lost: effect.principals_lost,
    }
}

fn access(standing: Option<Standing>) -> pb::BindingAccess {
    match standing {
        None => pb::BindingAccess::Unspecified,
        Some(Standing::ReadOnly) => pb::BindingAccess::ReadOnly,
        Some(Standing::ReadWrite) => pb::BindingAccess::ReadWrite,
    }
}

fn broken((workspace, asset, target): (WorkspaceId, AssetId, AssetId)) -> pb::BrokenReference {
    pb::BrokenReference {
        workspace_id: workspace.to_string(),
        asset_id: asset.to_string(),
        target_asset_id: target.to_string(),
    }
}

fn share((folder, target): (FolderId, WorkspaceId)) -> pb::PlannedShare {
    pb::PlannedShare { folder_id: folder.to_string(), target_workspace_id: target.to_string() }
}

fn text(id: Option<impl ToString>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}
