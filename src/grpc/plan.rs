//! Plans on the wire.

use crate::domain::plan::Effect;
use crate::id::{AssetId, FolderId, WorkspaceId};
use crate::pb;
use crate::service::plan::Plan;

impl From<Plan> for pb::Plan {
    fn from(plan: Plan) -> Self {
        let broken =
            |(workspace, asset, target): (WorkspaceId, AssetId, AssetId)| pb::BrokenReference {
                workspace_id: workspace.to_string(),
                asset_id: asset.to_string(),
                target_asset_id: target.to_string(),
            };
        Self {
            plan_token: plan.token,
            effects: plan.effects.iter().map(|(id, one)| effect(id.to_string(), one)).collect(),
            hidden: Some(effect(String::new(), &plan.hidden)),
            broken_references: plan.broken.into_iter().map(broken).collect(),
            shares_begun: plan.begun.into_iter().map(share).collect(),
            shares_ended: plan.ended.into_iter().map(share).collect(),
            segmentation_ids: plan.segmentations.iter().map(ToString::to_string).collect(),
        }
    }
}

fn effect(workspace_id: String, effect: &Effect) -> pb::WorkspaceEffect {
    pb::WorkspaceEffect {
        workspace_id,
        assets_gained: effect.assets_gained,
        assets_lost: effect.assets_lost,
        references_gained: effect.references_gained,
        references_lost: effect.references_lost,
        references_broken: effect.references_broken,
        references_mended: effect.references_mended,
    }
}

fn share((folder, target): (FolderId, WorkspaceId)) -> pb::PlannedShare {
    pb::PlannedShare { folder_id: folder.to_string(), target_workspace_id: target.to_string() }
}
