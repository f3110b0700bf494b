//! `AssetService`: copying.

use tonic::{Request, Response, Status};

use crate::config::NAME_MAX;
use crate::domain::text;
use crate::grpc::decode::Fields;
use crate::grpc::{plan, planned};
use crate::pb;
use crate::service::asset::{Assets, CloneOf, Cloned};

pub(super) async fn clone_asset(
    assets: &Assets,
    request: Request<pb::CloneAssetRequest>,
) -> Result<Response<pb::CloneAssetResponse>, Status> {
    let (ctx, request) = plan(request)?;
    let mut fields = Fields::default();
    let workspace = fields.id("workspace_id", &request.workspace_id);
    let target = fields.optional_id("target_workspace_id", &request.target_workspace_id);
    let name = &request.display_name;
    let how = CloneOf {
        workspace,
        id: fields.id("asset_id", &request.asset_id),
        target: target.unwrap_or(workspace),
        folder: fields.optional_id("target_folder_id", &request.target_folder_id),
        program: fields.optional_id("target_program_id", &request.target_program_id),
        display_name: (!name.is_empty())
            .then(|| fields.take("display_name", text::name(name, NAME_MAX))),
        include_dependencies: request.include_dependencies,
    };
    fields.check()?;
    let cloned = assets.clone_asset(&ctx, &how).await?;
    Ok(planned(cloned, encode))
}

fn encode(cloned: Cloned, plan: Option<pb::Plan>, revision: i64) -> pb::CloneAssetResponse {
    let clones = cloned.clones.into_iter().map(|(source, copy)| pb::ClonedAsset {
        source_asset_id: source.to_string(),
        asset_id: copy.to_string(),
    });
    let left_out = cloned.left_out.into_iter().map(|(source, copy, count)| pb::LeftOutMembers {
        source_asset_id: source.to_string(),
        asset_id: copy.to_string(),
        count,
    });
    pb::CloneAssetResponse {
        plan,
        asset: Some(cloned.view.into()),
        revision,
        clones: clones.collect(),
        left_out_members: left_out.collect(),
    }
}
